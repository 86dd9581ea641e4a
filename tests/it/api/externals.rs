//! What the keeper of repositories does by itself: it watches external repositories, and takes away directories that
//! belong to no repository.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant, SystemTime};

use koji_core::wire::Value;
use koji_tests::{TestHub, each_database};

/// A server of `repomd.xml`s of x86_64 only; its URL.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let (mut line, mut first) = (String::new(), String::new());
            while reader.read_line(&mut line).unwrap() > 2 {
                if first.is_empty() {
                    first = line.clone();
                }
                line.clear();
            }
            let found = first.starts_with("GET /x86_64/repodata/repomd.xml ");
            let status = if found { "200 OK" } else { "404 Not Found" };
            let body = "<repomd><data><timestamp>1700000001</timestamp></data></repomd>";
            let length = body.len();
            write!(
                reader.get_mut(),
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
            .unwrap();
        }
    });
    format!("http://{address}/$arch")
}

/// Waits for something that the hub does by itself.
fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn new_content_is_noticed_and_stray_directories_go() {
    let url = server();
    each_database(|database| {
        let mut hub = TestHub::start(database);
        let mut admin = hub.user("kojiadmin");
        let mut call = |method: &str, args: Vec<Value>| admin.call_named(method, args, vec![]).unwrap();
        call("createTag", vec!["e".into()]);
        for (name, url) in [("used", url.as_str()), ("unused", url.as_str()), ("gone", "http://127.0.0.1:1/")]
        {
            call("createExternalRepo", vec![name.into(), url.into()]);
        }
        call("addExternalRepoToTag", vec!["e".into(), "used".into(), 1.into()]);
        call("addExternalRepoToTag", vec!["e".into(), "gone".into(), 2.into()]);
        let old = SystemTime::now() - Duration::from_secs(30 * 24 * 3600);
        let stray = |id: u32| hub.topdir().join(format!("repos/e/{id}"));
        for (id, time) in [(901, old), (902, SystemTime::now())] {
            fs::create_dir_all(stray(id).join("x86_64")).unwrap();
            fs::File::open(stray(id)).unwrap().set_modified(time).unwrap();
        }
        let (old, young) = (stray(901), stray(902));
        // a hub that starts looks at everything at once
        hub.kill();
        hub.restart();
        let mut anonymous = hub.anonymous();
        let mut data =
            |name: &str| anonymous.call_named("repo.getExternalRepoData", vec![name.into()], vec![]).unwrap();
        wait("the repo is not looked at", || !data("used").is_nil());
        assert_eq!(data("used").get("max_ts"), Some(&Value::Int(1_700_000_001)));
        assert!(data("unused").is_nil() && data("gone").is_nil());
        wait("the stray directory stays", || !old.exists());
        assert!(young.exists());
    });
}
