//! The stream of what becomes of tasks, and logs that grow.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use koji_core::client::Session;
use koji_core::wire::{Value, json, result_text};
use koji_tests::{TestHub, binary, each_database};

fn call(session: &mut Session, method: &str, args: &[Value]) -> Value {
    session.call_named(method, args.to_vec(), vec![]).unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// A stream of events.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(hub: &TestHub, query: &str) -> Self {
        let mut stream = TcpStream::connect(hub.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "GET /kojihub/events?{query} HTTP/1.1\r\nHost: hub\r\n\r\n").unwrap();
        Self(BufReader::new(stream))
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The next event's kind and data.
    fn next(&mut self) -> (String, Value) {
        let kind = loop {
            if let Some(kind) = self.line().strip_prefix("event: ") {
                break kind.to_owned();
            }
        };
        let data = self.line();
        (kind, json::parse(data.strip_prefix("data: ").unwrap().as_bytes()).unwrap())
    }

    /// The next event, which tells a task's state.
    fn state(&mut self) -> (i64, i64) {
        let (kind, data) = self.next();
        assert_eq!(kind, "task", "{data:?}");
        (int(&data, "id"), int(&data, "state"))
    }
}

fn int(value: &Value, key: &str) -> i64 {
    value.get(key).and_then(Value::as_int).unwrap_or_else(|| panic!("no {key} in {value:?}"))
}

fn sleep(admin: &mut Session) -> i64 {
    call(admin, "makeTask", &["sleep".into(), Value::Array(vec![1.into()])]).as_int().unwrap()
}

fn log_of(hub: &TestHub, task: i64) -> std::path::PathBuf {
    let dir = hub.topdir().join(format!("work/tasks/{}/{task}", task % 10_000));
    std::fs::create_dir_all(&dir).unwrap();
    dir.join("build.log")
}

#[test]
fn followers_hear_of_tasks_and_logs_until_the_end() {
    each_database(|database| {
        let hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let task = sleep(&mut admin);
        let mut stream = Stream::open(&hub, &format!("task={task}&logs=1"));
        assert_eq!(stream.state(), (task, 0));

        let mut host = hub.user("builder");
        host.exclusive_session(false).unwrap();
        call(&mut host, "host.updateHost", &[0.0.into(), true.into()]);
        assert_eq!(stream.state(), (task, 4));
        assert!(!call(&mut host, "host.openTask", &[task.into()]).is_nil());
        assert_eq!(stream.state(), (task, 1));
        let part =
            call(&mut host, "host.subtask", &["sleep".into(), Value::Array(vec![1.into()]), task.into()]);
        let part = part.as_int().unwrap();
        assert_eq!(stream.state().0, part);

        std::fs::write(log_of(&hub, task), "one line\n").unwrap();
        // the part is given to the host meanwhile, if it was not before
        let (kind, data) = std::iter::repeat_with(|| stream.next()).find(|(kind, _)| kind == "log").unwrap();
        assert_eq!((kind.as_str(), int(&data, "task_id"), int(&data, "size")), ("log", task, 9));

        call(&mut admin, "cancelTask", &[part.into()]);
        call(&mut host, "host.closeTask", &[task.into(), result_text(&Value::Nil).unwrap().into()]);
        let rest: Vec<(String, Value)> =
            std::iter::repeat_with(|| stream.next()).take_while(|(kind, _)| kind != "end").collect();
        let last = |id| rest.iter().rev().find(|(_, data)| data.get("id") == Some(&Value::Int(id))).unwrap();
        assert_eq!((int(&last(task).1, "state"), int(&last(part).1, "state")), (2, 3));
    });
}

#[test]
fn another_hubs_changes_are_heard_and_a_hub_that_stops_ends_its_streams() {
    each_database(|database| {
        let hub = TestHub::start_quiet(database);
        let mut other = hub.second();
        let mut admin = other.user("kojiadmin");
        let task = sleep(&mut admin);
        let mut stream = Stream::open(&hub, &format!("task={task}"));
        assert_eq!(stream.state(), (task, 0));
        let mut there = Stream::open(&other, &format!("task={task}"));
        assert_eq!(there.state(), (task, 0));
        // streams keep nobody from stopping
        other.stop();
        assert!(there.line().is_empty());
        let mut admin = hub.user("kojiadmin");
        call(&mut admin, "cancelTask", &[task.into()]);
        assert_eq!(stream.state(), (task, 3));
        assert_eq!(stream.next().0, "end");
    });
}

#[test]
fn what_cannot_be_followed_is_refused() {
    each_database(|database| {
        let hub = TestHub::start_quiet(database);
        for (query, status) in [("", 400), ("task=x", 400), ("task=1&colour=red", 400)] {
            assert_eq!(hub.http(&format!("GET /kojihub/events?{query}"), &[], b"").status, status, "{query}");
        }
        // what is not there will not come
        assert_eq!(Stream::open(&hub, "task=999").next().0, "end");
    });
}

#[test]
fn a_growing_log_is_read_by_range() {
    let hub = TestHub::start(koji_tests::Database::Sqlite);
    let log = log_of(&hub, 17);
    let read = |from: usize| {
        let range = [("Range", format!("bytes={from}-"))];
        let reply = hub.http("GET /kojifiles/work/tasks/17/17/build.log", &range, b"");
        (reply.status, reply.text())
    };
    std::fs::write(&log, "one\n").unwrap();
    assert_eq!(read(0), (206, "one\n".into()));
    assert_eq!(read(4).0, 416);
    std::fs::write(&log, "one\ntwo\n").unwrap();
    assert_eq!(read(4), (206, "two\n".into()));
}

/// With a pause of a minute between looks, only the stream can end the commands so soon.
#[test]
fn the_command_hears_of_the_end_at_once() {
    let hub = TestHub::start(koji_tests::Database::Sqlite);
    let mut admin = hub.user("kojiadmin");
    let task = sleep(&mut admin);
    std::fs::write(log_of(&hub, task), "the only line\n").unwrap();
    let config = hub.scratch().join("koji.conf");
    let profile = format!("[koji]\nserver = {}\nauthtype = noauth\npoll_interval = 60\n", hub.url());
    std::fs::write(&config, profile).unwrap();
    let watch = |command: &str| {
        Command::new(binary("koji"))
            .arg("-c")
            .arg(&config)
            .args([command, &task.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let watchers = [watch("watch-task"), watch("watch-logs")];
    std::thread::sleep(Duration::from_millis(700));
    let begun = Instant::now();
    call(&mut admin, "cancelTask", &[task.into()]);
    let told = watchers.map(|watcher| String::from_utf8(watcher.wait_with_output().unwrap().stdout).unwrap());
    assert!(begun.elapsed() < Duration::from_secs(20), "{told:?}");
    assert!(told[0].contains("free -> canceled") && told[1].contains("the only line"), "{told:?}");
}
