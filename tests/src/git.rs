//! [`GitServer`]: git repositories of a test, served as `git://`, or as files by http.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Served;

/// A running git daemon.
pub struct GitServer {
    dir: PathBuf,
    server: Served,
}

impl GitServer {
    /// Serves the repositories below a directory.
    pub fn start(dir: &Path) -> Self {
        fs::create_dir_all(dir).unwrap();
        let exec = Command::new("git").arg("--exec-path").output().unwrap().stdout;
        let daemon = Path::new(String::from_utf8(exec).unwrap().trim()).join("git-daemon");
        let server = Served::start(|port| {
            let mut command = Command::new(daemon);
            command.args(["--export-all", "--reuseaddr", "--listen=127.0.0.1"]).arg(format!("--port={port}"));
            command.arg(format!("--base-path={}", dir.display())).stderr(Stdio::null());
            command
        });
        Self { dir: dir.to_owned(), server }
    }

    /// The URL of a repository.
    pub fn url(&self, name: &str) -> String {
        format!("git://127.0.0.1:{}/{name}", self.server.port())
    }

    /// Commits files to a repository, which is made if need be; gives the commit.
    pub fn commit(&self, name: &str, files: &[(&str, &str)]) -> String {
        let repository = self.dir.join(name);
        fs::create_dir_all(&repository).unwrap();
        if !repository.join(".git").exists() {
            self.git(name, &["init", "--quiet", "--initial-branch=main"]);
        }
        for (path, text) in files {
            let file = repository.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        self.git(name, &["add", "--all"]);
        let author = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org"];
        self.git(name, &[&author[..], &["commit", "--quiet", "--message=Change"]].concat());
        self.git(name, &["rev-parse", "HEAD"])
    }

    /// Runs git in a repository.
    pub fn git(&self, name: &str, words: &[&str]) -> String {
        let output = Command::new("git").current_dir(self.dir.join(name)).args(words).output().unwrap();
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

/// Serves the files of a directory by http to those who log in with `name:password` in base64; gives the port.
pub fn serve_files(dir: &Path, login: &str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (dir, wanted) = (dir.to_owned(), format!("authorization: Basic {login}"));
    // it ends with the process: nothing tells it to stop
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // whoever hangs up on us does so on purpose
            drop(serve_file(stream, &dir, &wanted));
        }
    });
    port
}

fn serve_file(mut stream: TcpStream, dir: &Path, wanted: &str) -> std::io::Result<()> {
    let lines = BufReader::new(stream.try_clone()?).lines();
    let head: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let path = head.first().and_then(|line| line.split([' ', '?']).nth(1)).unwrap_or_default();
    let (status, content) = match fs::read(dir.join(path.trim_start_matches('/'))) {
        _ if !head.iter().any(|line| line.eq_ignore_ascii_case(wanted)) => (401, vec![]),
        Ok(content) => (200, content),
        Err(_) => (404, vec![]),
    };
    let head = "WWW-Authenticate: Basic realm=\"test\"\r\nConnection: close";
    write!(stream, "HTTP/1.1 {status} Told\r\n{head}\r\nContent-Length: {}\r\n\r\n", content.len())?;
    stream.write_all(&content)
}
