//! A PostgreSQL server for a test run: made in a directory, on a free port of the loopback interface, gone afterwards.
//!
//! Durability is off and everybody on this machine may connect: nothing for data that anyone wants to keep.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;

/// A running server; stops when dropped. The directory stays.
pub struct Server {
    bin: PathBuf,
    data: PathBuf,
    port: u16,
}

/// `postgres COMMAND [ARGUMENT..]`: runs it with the server's address in `KOJI_TEST_POSTGRES`.
pub fn run(arguments: &[String]) -> Result {
    let (program, rest) =
        arguments.split_first().ok_or("postgres wants a command to run beside the server")?;
    let dir = std::env::temp_dir().join(format!("koji-postgres-{}", std::process::id()));
    let outcome = start(&dir).and_then(|server| {
        let status = Command::new(program).args(rest).env("KOJI_TEST_POSTGRES", server.url()).status();
        status.map_err(|error| format!("{program}: {error}"))
    });
    let _ = std::fs::remove_dir_all(&dir);
    let status = outcome?;
    if status.success() { Ok(()) } else { Err(format!("{program}: {status}")) }
}

/// Makes a server in a directory (made if absent, empty otherwise) and waits until it answers.
pub fn start(dir: &Path) -> Result<Server> {
    let bin = find_bin()?;
    std::fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let dir = dir.canonicalize().map_err(|error| format!("{}: {error}", dir.display()))?;
    if let Some(user) = unprivileged()? {
        must(Command::new("chown").arg(user).arg(&dir))?;
    }
    let server = Server { bin, data: dir.join("data"), port: free_port()? };
    let mut initdb = server.command("initdb")?;
    initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
    must(initdb.arg("--pgdata").arg(&server.data))?;
    let settings = format!(
        "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c synchronous_commit=off \
         -c full_page_writes=off -c max_connections=200",
        server.port
    );
    // without a log file of its own the server would hold our output open
    let log = dir.join("log");
    must(
        server
            .command("pg_ctl")?
            .arg("start")
            .arg("-w")
            .arg("-D")
            .arg(&server.data)
            .arg("-l")
            .arg(log)
            .arg("-o")
            .arg(settings),
    )?;
    Ok(server)
}

impl Server {
    /// Where tests connect, with the right to create databases.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// The address of a database on this server.
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// One of the server's programs, run as somebody that it accepts: it refuses to run as root.
    fn command(&self, program: &str) -> Result<Command> {
        let program = self.bin.join(program);
        let mut command = match unprivileged()? {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command
                    .arg(format!("--reuid={user}"))
                    .arg(format!("--regid={}", group_of(user)?))
                    .arg("--clear-groups");
                command.arg("--").arg(program);
                command
            }
        };
        command.current_dir("/");
        Ok(command)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(mut command) = self.command("pg_ctl") {
            let _ = must(command.args(["stop", "-w", "-m", "immediate", "-D"]).arg(&self.data));
        }
    }
}

/// The newest installed server, else what `pg_config` says.
fn find_bin() -> Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = versions.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists());
    let version = |bin: &PathBuf| {
        bin.parent().and_then(Path::file_name).and_then(OsStr::to_str).and_then(|it| it.parse::<u32>().ok())
    };
    if let Some(bin) = installed.max_by_key(version) {
        return Ok(bin);
    }
    let output = Command::new("pg_config").arg("--bindir").output();
    let bin = output.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    match bin {
        Ok(bin) if bin.join("initdb").exists() => Ok(bin),
        _ => Err("no PostgreSQL server found; install the package postgresql (postgresql-server)".to_owned()),
    }
}

/// Who runs the server in place of root: `postgres` if there is such a user, else `nobody`. None if we are not root.
fn unprivileged() -> Result<Option<&'static str>> {
    if must(Command::new("id").arg("-u"))?.trim() != "0" {
        return Ok(None);
    }
    let known =
        ["postgres", "nobody"].into_iter().find(|user| must(Command::new("id").arg("-u").arg(user)).is_ok());
    known
        .map(Some)
        .ok_or_else(|| "root may not run PostgreSQL, and there is no user postgres or nobody".to_owned())
}

fn group_of(user: &str) -> Result<String> {
    must(Command::new("id").arg("-g").arg(user)).map(|id| id.trim().to_owned())
}

/// A port that is free now. Another process may take it before the server does; then the start fails and says so.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| format!("no free port: {error}"))
}

/// Runs a program to its end; the error holds what it printed.
fn must(command: &mut Command) -> Result<String> {
    let name = format!("{command:?}");
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let told = [output.stdout, output.stderr].concat();
    Err(format!("{name}: {}: {}", output.status, String::from_utf8_lossy(&told).trim()))
}
