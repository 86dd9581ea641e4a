//! Calls about many things run as many statements as calls about few: no statement stands in a loop over rows.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use koji_core::client::{field, item};
use koji_core::config::HubConfig;
use koji_core::context::Cx;
use koji_core::db::{Bind, Insert, Query, Update};
use koji_core::hub::Caller;
use koji_core::plugin::{Hooks, POINTS};
use koji_core::repo::serve;
use koji_core::upload::Digest;
use koji_core::wire::Value;
use koji_core::{Result, wire};
use koji_tests::{Database, LocalHub, each_database, statements};

const FEW: usize = 2;
const MANY: usize = 40;

/// Does work with few things and with many, each on a hub of its own: it takes as many statements.
fn alike(hooks: fn() -> Hooks, work: impl Fn(&Site, usize) -> Vec<String>) {
    each_database(|database| {
        let [few, many] = [FEW, MANY].map(|count| work(&Site::new(database, hooks()), count));
        assert!(!few.is_empty());
        if few.len() == many.len() {
            return;
        }
        let mut counts: HashMap<&str, i64> = HashMap::new();
        few.iter().for_each(|text| *counts.entry(text).or_default() -= 1);
        many.iter().for_each(|text| *counts.entry(text).or_default() += 1);
        counts.retain(|_, count| *count > 1);
        panic!("{} statements for {FEW}, {} for {MANY}: {counts:#?}", few.len(), many.len());
    });
}

struct Site {
    local: LocalHub,
    admin: Caller,
    host: Caller,
}

impl Site {
    fn new(database: Database, hooks: Hooks) -> Self {
        let local = LocalHub::new(database, hooks);
        let (admin, host) = (local.caller("kojiadmin"), local.caller("builder"));
        local.call(&host, "exclusiveSession", vec![], &[]).unwrap();
        Self { local, admin, host }
    }

    fn call(&self, caller: &Caller, method: &str, args: Vec<Value>) -> Value {
        self.local.call(caller, method, args, &[]).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The statements of a call of the administrator.
    fn heard(&self, method: &str, args: Vec<Value>) -> Vec<String> {
        statements(|| self.call(&self.admin, method, args)).1
    }

    fn operate<T>(&self, work: impl FnOnce(&mut Cx<'_>) -> Result<T>) -> T {
        self.local.hub.operate(work).unwrap()
    }

    fn count(&self, query: &Query) -> i64 {
        self.operate(|cx| query.count(cx.db))
    }

    /// Builds `tool-1-1` and so on, of these tasks or of none, in a state.
    fn builds(&self, tasks: &[Option<i32>], state: i32) -> Vec<i32> {
        self.operate(|cx| {
            Insert::into("package").set("name", "tool").or_ignore(cx.db)?;
            let package: i32 =
                Query::from("package").filter("name = ?", "tool").select_first(cx.db, "id")?.unwrap();
            let (event, owner) = (cx.event()?, cx.user_id()?);
            let end = (state != 0).then(|| cx.now());
            let rows = tasks.iter().enumerate().map(|(at, task)| -> Vec<Bind> {
                let version = (at as i64 + 1).to_string();
                vec![
                    package.into(),
                    version.into(),
                    "1".into(),
                    event.into(),
                    owner.into(),
                    state.into(),
                    (*task).into(),
                    0.into(),
                    end.into(),
                ]
            });
            let columns = &[
                "pkg_id",
                "version",
                "release",
                "create_event",
                "owner",
                "state",
                "task_id",
                "volume_id",
                "completion_time",
            ];
            Insert::many_returning(cx.db, "build", columns, rows.collect())
        })
    }

    fn upload(&self, dir: &str, file: &Path) {
        let place = self.local.dir.path().join("topdir/work").join(dir);
        fs::create_dir_all(&place).unwrap();
        fs::copy(file, place.join(file.file_name().unwrap())).unwrap();
    }
}

/// A source rpm and as many others, all of one build.
fn rpms(dir: &Path, count: usize) -> (String, Vec<String>) {
    let mut spec = "Name: tool\nVersion: 1\nRelease: 1\nSummary: A tool\nLicense: MIT\nBuildArch: noarch\n\
                    %description\nA tool.\n%prep\n%build\n%install\n"
        .to_owned();
    for at in 0..count {
        spec += &format!("%package p{at}\nSummary: A part\n%description p{at}\nA part.\n%files p{at}\n");
    }
    fs::create_dir_all(dir).unwrap();
    fs::write(dir.join("tool.spec"), spec).unwrap();
    let top = format!("_topdir {}", dir.display());
    let built = Command::new("rpmbuild")
        .args(["--quiet", "-ba", "--define", &top])
        .arg(dir.join("tool.spec"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let parts = (0..count).map(|at| format!("tool-p{at}-1-1.noarch.rpm")).collect();
    ("tool-1-1.src.rpm".to_owned(), parts)
}

/// A task of the host's, open, as old builders open them.
fn open_task(site: &Site, method: &str, request: Vec<Value>) -> i32 {
    let task = site.call(&site.admin, "makeTask", vec![method.into(), Value::Array(request)]);
    let id = task.as_int().unwrap() as i32;
    site.call(&site.host, "host.openTask", vec![task]);
    id
}

fn complete(site: &Site, count: usize) -> Vec<String> {
    let task = open_task(site, "build", vec!["tool".into(), Value::Nil]);
    let build = site.builds(&[Some(task)], 0)[0];
    let dir = site.local.dir.path().join("rpms");
    let (source, parts) = rpms(&dir, count);
    site.upload("up", &dir.join("SRPMS").join(&source));
    parts.iter().for_each(|part| site.upload("up", &dir.join("RPMS/noarch").join(part)));
    let path = |name: &String| Value::from(format!("up/{name}"));
    let args = vec![task.into(), build.into(), path(&source), Value::Array(parts.iter().map(path).collect())];
    let heard = statements(|| site.call(&site.host, "host.completeBuild", args)).1;
    let all = count as i64 + 1;
    assert_eq!(site.count(&Query::from("rpminfo").filter("build_id = ?", build)), all);
    assert_eq!(site.count(&Query::from("rpmsigs").filter("sigkey = ''", ())), all);
    for part in parts {
        assert!(site.local.dir.path().join("topdir/packages/tool/1/1/noarch").join(part).is_file());
    }
    heard
}

#[test]
fn the_rpms_of_a_build() {
    alike(Hooks::default, complete);
}

/// A hook at every point that only listens.
fn listening() -> Hooks {
    let mut hooks = Hooks::default();
    for point in POINTS {
        hooks.register(point, Box::new(|_: &mut Cx<'_>, _: &str, _: &wire::Map| Ok(()))).unwrap();
    }
    hooks
}

#[test]
fn the_rpms_of_a_build_with_plugins() {
    alike(listening, complete);
}

/// Calls off a tree of tasks, each with a build under way; all builds have somebody who is told.
fn cancel(site: &Site, count: usize) -> Vec<String> {
    let request: Vec<Value> = vec!["tool".into(), "tool-target".into()];
    let top = open_task(site, "chainbuild", vec![]);
    let tasks = site.operate(|cx| {
        let (owner, now) = (cx.user_id()?, cx.now());
        let rows = (0..count).map(|_| -> Vec<Bind> {
            let request = wire::request_text("build", &request).unwrap();
            let task: [Bind; 4] = [0.into(), now.into(), owner.into(), "build".into()];
            [task.as_slice(), &[request.into(), top.into(), 1.into(), "noarch".into()]].concat()
        });
        let columns = &["state", "create_time", "owner", "method", "request", "parent", "channel_id", "arch"];
        Insert::many_returning(cx.db, "task", columns, rows.collect())
    });
    site.builds(&tasks.iter().map(|task| Some(*task)).collect::<Vec<_>>(), 0);
    let heard = site.heard("cancelTask", vec![top.into()]);
    assert_eq!(site.count(&Query::from("task").filter("state = 3", ())), count as i64 + 1);
    assert_eq!(site.count(&Query::from("build").filter("state = 4", ())), count as i64);
    let mails = Query::from("task").filter("method = 'buildNotification'", ());
    assert_eq!(site.count(&mails), count as i64);
    heard
}

#[test]
fn a_tree_of_tasks_that_is_called_off() {
    alike(Hooks::default, cancel);
}

#[test]
fn a_tree_of_tasks_that_is_called_off_with_plugins() {
    alike(listening, cancel);
}

#[test]
fn the_builds_of_a_package_that_are_moved() {
    alike(listening, |site, count| {
        for tag in ["here", "there"] {
            site.call(&site.admin, "createTag", vec![tag.into()]);
            let args = vec![tag.into(), "tool".into(), "alice".into()];
            site.call(&site.admin, "packageListAdd", args);
        }
        site.builds(&vec![None; count], 1);
        let nvrs = (1..=count).map(|at| Value::from(format!("tool-{at}-1"))).collect();
        site.call(&site.admin, "massTag", vec!["here".into(), Value::Array(nvrs)]);
        let args = vec!["here".into(), "there".into(), "tool".into()];
        let (tasks, heard) = statements(|| site.call(&site.admin, "moveAllBuilds", args));
        let tasks = tasks.as_array().unwrap();
        assert_eq!(tasks.len(), count);
        for (at, task) in tasks.iter().enumerate() {
            let request = site.call(&site.admin, "getTaskRequest", vec![task.clone()]);
            let before = at.checked_sub(1).map(|at| tasks[at].clone());
            assert_eq!(item(&request, 0), &Value::Array(before.into_iter().collect()));
        }
        heard
    });
}

#[test]
fn the_requests_for_repositories() {
    alike(Hooks::default, |site, count| {
        let tag = site.call(&site.admin, "createTag", vec!["here".into()]).as_int().unwrap();
        // each has a task that failed, and may try again or not
        site.operate(|cx| {
            let (owner, now) = (cx.user_id()?, cx.now());
            let rows = (0..count).map(|_| -> Vec<Bind> {
                vec![5.into(), now.into(), owner.into(), 1.into(), "noarch".into()]
            });
            let columns = &["state", "create_time", "owner", "channel_id", "arch"];
            let tasks = Insert::many_returning(cx.db, "task", columns, rows.collect())?;
            let rows = tasks.iter().enumerate().map(|(at, task)| -> Vec<Bind> {
                let tries = if at % 2 == 0 { 1 } else { 9 };
                let opts = Bind::Json("{}".into());
                vec![tag.into(), now.into(), owner.into(), (*task).into(), tries.into(), opts, 20.into()]
            });
            let columns = &["tag_id", "update_time", "owner", "task_id", "tries", "opts", "priority"];
            Insert::many(cx.db, "repo_queue", columns, rows.collect())?;
            Update::table("host").set("ready", true).filter("id > 0", ()).execute(cx.db)
        });
        let (done, heard) = statements(|| site.operate(serve::serve));
        assert!(done);
        let most = HubConfig::default().int("MaxRepoTasks");
        let started = site.count(&Query::from("task").filter("method = 'newRepo'", ()));
        assert_eq!(started, most.min(count as i64 / 2));
        assert_eq!(site.count(&Query::from("repo_queue").filter("active = FALSE", ())), count as i64 / 2);
        heard
    });
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Struct(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

#[test]
fn the_files_of_a_content_generator() {
    alike(listening, |site, count| {
        site.call(&site.admin, "grantCGAccess", vec!["kojiadmin".into(), "forge".into(), true.into()]);
        let (mut rooms, mut outputs) = (Vec::new(), Vec::new());
        for at in 0..count {
            let file = site.local.dir.path().join(format!("disk{at}.qcow2"));
            fs::write(&file, "an image").unwrap();
            site.upload("forge", &file);
            let mut digest = Digest::named("sha256").unwrap().unwrap();
            digest.update(b"an image");
            let id = Value::Int(at as i64);
            outputs.push(members([
                ("buildroot_id", id.clone()),
                ("type", "file".into()),
                ("filename", format!("disk{at}.qcow2").into()),
                ("filesize", 8.into()),
                ("checksum_type", "sha256".into()),
                ("checksum", digest.hex().into()),
                ("extra", members([("image", members([("arch", "x86_64".into())]))])),
                ("components", Value::Array(vec![])),
            ]));
            rooms.push(members([
                ("id", id),
                ("content_generator", members([("name", "forge".into()), ("version", "2".into())])),
                ("container", members([("type", "docker".into()), ("arch", "x86_64".into())])),
                ("host", members([("os", "linux".into()), ("arch", "x86_64".into())])),
                ("components", Value::Array(vec![])),
                ("tools", Value::Array(vec![members([("name", "cc".into()), ("version", "9".into())])])),
            ]));
        }
        let build = members([
            ("name", "tool".into()),
            ("version", "1".into()),
            ("release", "1".into()),
            ("source", Value::Nil),
            ("start_time", 1_700_000_000.into()),
            ("end_time", 1_700_000_060.into()),
            ("extra", members([("typeinfo", members([("image", members([]))]))])),
        ]);
        let metadata = members([
            ("metadata_version", 0.into()),
            ("build", build),
            ("buildroots", Value::Array(rooms)),
            ("output", Value::Array(outputs)),
        ]);
        let args = vec![metadata, "forge".into()];
        let (build, heard) = statements(|| site.call(&site.admin, "CGImport", args));
        let id = field(&build, "id").as_int().unwrap();
        let archives = Query::from("archiveinfo")
            .join("image_archives ON image_archives.archive_id = archiveinfo.id")
            .join("buildroot_tools_info ON buildroot_tools_info.buildroot_id = archiveinfo.buildroot_id")
            .filter("archiveinfo.build_id = ?", id);
        assert_eq!(site.count(&archives), count as i64);
        heard
    });
}
