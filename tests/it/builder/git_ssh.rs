//! Builds from git by ssh: with a key, and without anybody who could be asked.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use koji_core::client::field;
use koji_tests::{Served, SourcePackage, TestBuilder};

use super::sources::Scene;

const FOO: SourcePackage<'static> =
    SourcePackage { name: "foo", version: "1", build_arch: "noarch", requires: "" };

const SSHD: &str = "/usr/sbin/sshd";

/// Gives a program a terminal, at which it could ask, and nobody answers.
const TERMINAL: &str = "import pty, sys; pty.spawn(sys.argv[1:])";

/// Serves ssh to the user who runs the test.
fn serve(dir: &Path) -> Served {
    for key in ["host", "user"] {
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-N", "", "-f", key]).current_dir(dir);
        assert!(keygen.status().unwrap().success());
    }
    fs::copy(dir.join("user.pub"), dir.join("authorized")).unwrap();
    drop(fs::create_dir("/run/sshd"));
    let at = |name: &str| dir.join(name).display().to_string();
    Served::start(|port| {
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
             PidFile none\nPermitRootLogin yes\n",
            at("host"),
            at("authorized")
        );
        fs::write(dir.join("sshd.conf"), config).unwrap();
        let mut sshd = Command::new(SSHD);
        sshd.args(["-D", "-q", "-f", &at("sshd.conf")]);
        sshd
    })
}

#[test]
fn builds_from_git_by_ssh_and_asks_nobody() {
    if !Path::new(SSHD).exists() {
        // written past the test harness, which keeps what a test prints that does not fail
        let told = format!("SKIPPED, nothing was built by ssh: there is no {SSHD}\n");
        std::io::stderr().write_all(told.as_bytes()).unwrap();
        return;
    }
    let allowed = "allowed_scms = 127.0.0.1*:*:no:";
    let mut scene = Scene::set(allowed);
    let dir = scene.hub.scratch().join("ssh");
    fs::create_dir(&dir).unwrap();
    let server = serve(&dir);
    let commit = scene.git.commit("foo", &[("foo.spec", &FOO.spec())]);
    let me = Command::new("id").arg("-un").output().unwrap().stdout;
    let me = String::from_utf8(me).unwrap();
    let files = scene.hub.scratch().join("git");
    let url = format!("git+ssh://{}@127.0.0.1:{}{}/foo/.git#main", me.trim(), server.port(), files.display());

    let at = |name: &str| dir.join(name).display().to_string();
    let ssh =
        |more: &str| format!("GIT_SSH_COMMAND=ssh -F none -o UserKnownHostsFile={} {more}", at("known"));
    let config = format!("{allowed}\nscm_retries = 0\nscm_timeout = 100");
    let key = format!("-i {}", at("user"));
    // at a terminal ssh would ask whether the host's key is right, and then for a password
    for (more, told) in [
        (key.clone(), "Host key verification failed"),
        ("-o StrictHostKeyChecking=accept-new".to_owned(), "Permission denied"),
    ] {
        scene.builder.stop();
        let by = ["env", &ssh(&more), "python3", "-c", TERMINAL];
        scene.builder = TestBuilder::start_by(&scene.hub, &config, &by);
        let begun = Instant::now();
        let why = scene.failures(std::slice::from_ref(&url));
        assert!(why[0].contains("Error running GIT+SSH command"), "{why:?}");
        assert!(begun.elapsed() < Duration::from_secs(60), "it took {:?}", begun.elapsed());
        let tasks = scene.hub.topdir().join("work/tasks");
        let found = Command::new("grep").args(["-rl", told]).arg(&tasks).output().unwrap().stdout;
        assert!(String::from_utf8_lossy(&found).contains("checkout.log"), "{told}");
    }
    scene.builder.stop();
    scene.builder = TestBuilder::start_by(&scene.hub, &config, &["env", &ssh(&key)]);
    let (_, ok, text) = scene.build(&["f40", &url]);
    assert!(ok, "{text}\n{}", scene.builder.log());
    let build = scene.ask("getBuild", vec!["foo-1-1".into()]);
    // who fetched it is no part of what it is
    let source = url.replace("main", &commit).replace(&format!("{}@", me.trim()), "");
    assert_eq!(field(&build, "source").as_str(), Some(&*source));
}
