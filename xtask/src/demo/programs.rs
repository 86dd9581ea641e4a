//! The demo's hub and builder, as processes that end with it unless they are kept.

use std::fs::File;
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::stage::Stage;
use crate::{Result, say};

/// How long the hub may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

/// The running programs.
pub struct Programs {
    running: Vec<Child>,
}

impl Programs {
    /// Starts both; the hub listens when this returns.
    pub fn start(stage: &Stage) -> Result<Self> {
        let listen = format!("127.0.0.1:{}", stage.port);
        let mut programs = Self { running: Vec::new() };
        programs.spawn(stage, "hub.log", stage.hubd_command().args(["serve", "--listen", &listen]))?;
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(&listen).is_err() {
            if Instant::now() > deadline {
                return Err(format!("the hub does not listen; see {}", stage.dir.join("hub.log").display()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut kojid = Command::new(Stage::program("kojid"));
        kojid.arg("-f").arg("-c").arg(stage.dir.join("kojid.conf")).args(["--buildroot", "host"]);
        programs.spawn(stage, "kojid.log", &mut kojid)?;
        say(&format!("hub at {}, logs in {}", stage.url(), stage.dir.display()));
        Ok(programs)
    }

    fn spawn(&mut self, stage: &Stage, log: &str, command: &mut Command) -> Result {
        let path = stage.dir.join(log);
        let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
        let file = File::create(&path).map_err(wrong)?;
        let both = file.try_clone().map_err(wrong)?;
        // A group of their own: Ctrl-C ends the demo, and the demo ends them.
        let child = command.stdin(Stdio::null()).stdout(both).stderr(file).process_group(0).spawn();
        self.running.push(child.map_err(|error| format!("{command:?}: {error}"))?);
        Ok(())
    }

    /// Leaves them running; the command that stops them.
    pub fn keep(mut self) -> String {
        let ids: Vec<String> = self.running.drain(..).map(|child| child.id().to_string()).collect();
        format!("kill {}", ids.join(" "))
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        // The builder first: it says goodbye to the hub.
        for child in self.running.iter_mut().rev() {
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
        }
    }
}
