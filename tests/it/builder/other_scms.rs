//! Builds from Subversion and CVS, and from git by https with a certificate of one's own.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use koji_core::client::field;
use koji_tests::{Served, SourcePackage, TestBuilder};

use super::sources::Scene;

const FOO: SourcePackage<'static> =
    SourcePackage { name: "foo", version: "1", build_arch: "noarch", requires: "" };

/// Whether this machine has a program; says what was not tried.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        // written past the test harness, which keeps what a test prints that does not fail
        let told = format!("SKIPPED, nothing was built from a server: there is no {program}\n");
        std::io::stderr().write_all(told.as_bytes()).unwrap();
    }
    found
}

fn run(program: &str, dir: &Path, words: &[&str]) {
    let output = Command::new(program).current_dir(dir).args(words).output().unwrap();
    assert!(output.status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn builds_from_subversion() {
    if !has("svnserve") || !has("svn") {
        return;
    }
    let scene = Scene::set("allowed_scms = 127.0.0.1*:/rpms:no:");
    let dir = scene.hub.scratch().join("svn");
    let tree = scene.hub.scratch().join("tree/foo/devel");
    fs::create_dir_all(&dir).unwrap();
    fs::create_dir_all(&tree).unwrap();
    run("svnadmin", &dir, &["create", "rpms"]);
    fs::write(tree.join("foo.spec"), FOO.spec()).unwrap();
    let url = format!("file://{}/rpms", dir.display());
    run("svn", scene.hub.scratch(), &["import", "-q", "-m", "First", "tree", &url]);
    let served = Served::start(|port| {
        let mut serve = Command::new("svnserve");
        serve.args([
            "-d",
            "--foreground",
            "--listen-host",
            "127.0.0.1",
            "--listen-port",
            &port.to_string(),
            "-r",
        ]);
        serve.arg(&dir);
        serve
    });
    let port = served.port();
    let url = format!("svn://127.0.0.1:{port}/rpms?foo/devel#1");
    let (_, ok, text) = scene.build(&["f40", &url]);
    assert!(ok, "{text}\n{}", scene.builder.log());
    let build = scene.ask("getBuild", vec!["foo-1-1".into()]);
    assert_eq!(field(&build, "source").as_str(), Some(&*url));
    let told = scene.failures(&[url.replace("#1", "#7"), url.replace("devel", "none")]);
    assert!(told.iter().all(|text| text.contains("Error running SVN command")), "{told:?}");
}

#[test]
fn builds_from_cvs() {
    if !has("cvs") {
        return;
    }
    let scene = Scene::set("allowed_scms = 127.0.0.1*:*:no:");
    let root = scene.hub.scratch().join("cvs");
    let tree = scene.hub.scratch().join("tree");
    fs::create_dir_all(&tree).unwrap();
    fs::write(tree.join("foo.spec"), FOO.spec()).unwrap();
    let place = root.to_str().unwrap();
    run("cvs", scene.hub.scratch(), &["-d", place, "init"]);
    run("cvs", &tree, &["-Q", "-d", place, "import", "-m", "First", "rpms/foo", "vendor", "foo-1"]);
    // the server serves as somebody who is not root, and makes files beside what it reads
    let me = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let other = if me.trim() == "root" { "nobody" } else { me.trim() };
    fs::write(root.join("CVSROOT/passwd"), format!("anonymous::{other}\n")).unwrap();
    run("chmod", scene.hub.scratch(), &["-R", "a+rwX", "cvs"]);
    run("chmod", scene.hub.scratch(), &["a+rx", "."]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let allowed = format!("--allow-root={place}");
    // it ends with the process: nothing tells it to stop
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = std::os::fd::OwnedFd::from(stream.try_clone().unwrap());
            let mut cvs = Command::new("cvs");
            cvs.args(["-f", &allowed, "pserver"]).stdin(std::os::fd::OwnedFd::from(stream)).stdout(answers);
            drop(cvs.stderr(Stdio::null()).status());
        }
    });
    let url = format!("cvs://127.0.0.1:{port}{place}?rpms/foo#foo-1");
    let (_, ok, text) = scene.build(&["f40", &url]);
    assert!(ok, "{text}\n{}", scene.builder.log());
    let build = scene.ask("getBuild", vec!["foo-1-1".into()]);
    assert_eq!(field(&build, "source").as_str(), Some(&*url));
    let told = scene.failures(&[url.replace("#foo-1", "#foo-9")]);
    assert!(told[0].contains("Error running CVS command"), "{told:?}");
}

/// Serves the files of a directory by https.
const HTTPS: &str = "
import http.server, ssl, sys
server = http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
";

#[test]
fn builds_from_git_by_https_with_a_certificate_of_ones_own() {
    if !has("openssl") || !has("python3") {
        return;
    }
    let mut scene = Scene::set("allowed_scms = *:/foo/*:no:");
    let files = scene.hub.scratch().join("git");
    scene.git.commit("foo", &[("foo.spec", &FOO.spec())]);
    scene.git.git("foo", &["update-server-info"]);
    let request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout server.key -out server.crt \
                   -addext subjectAltName=DNS:localhost";
    run("openssl", scene.hub.scratch(), &request.split_whitespace().collect::<Vec<_>>());
    let at = |name: &str| scene.hub.scratch().join(name).to_str().unwrap().to_owned();
    let served = Served::start(|port| {
        let mut python = Command::new("python3");
        python.current_dir(&files).args([
            "-c",
            HTTPS,
            &port.to_string(),
            &at("server.crt"),
            &at("server.key"),
        ]);
        python.stderr(Stdio::null());
        python
    });
    let port = served.port();
    let url = format!("git+https://localhost:{port}/foo/.git#main");
    let told = scene.failures(std::slice::from_ref(&url));
    assert!(told[0].contains("Error running GIT command"), "{told:?}");
    // a builder that was told of the certificate
    scene.builder.stop();
    let trust = format!("GIT_SSL_CAINFO={}", at("server.crt"));
    let config = "allowed_scms = *:/foo/*:no:\nscm_retries = 0";
    scene.builder = TestBuilder::start_by(&scene.hub, config, &["env", &trust]);
    let (_, ok, text) = scene.build(&["f40", &url]);
    assert!(ok, "{text}\n{}", scene.builder.log());
    let build = scene.ask("getBuild", vec!["foo-1-1".into()]);
    let source = field(&build, "source").as_str().unwrap().to_owned();
    assert!(
        source.starts_with(&format!("git+https://localhost:{port}/foo/.git#")) && !source.ends_with("main"),
        "{source}"
    );
}
