//! Whether the directories answer that this builder works with.
//!
//! A network file system that hangs would hang whoever asks, for ever and beyond any signal. So another process asks, and the
//! daemon waits for it only so long.

use std::io::{Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use koji_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::config::Settings;
use super::load;

/// How long the daemon waits for an answer. A probe that takes longer is not ended, for that may not be possible.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a top directory has one of at least, once it is mounted.
const OF_TOPDIR: [&str; 4] = ["packages", "repos", "work", "scratch"];

/// The free space of the directories, in MB.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    /// Where tasks work
    pub workdir_mb: u64,
    /// Where the hub's files are mounted, if they are
    pub topdir_mb: Option<u64>,
}

/// What a probe tells: the space, or what is wrong.
type Answer = std::result::Result<Space, String>;

/// The daemon's side.
pub struct Probe {
    /// What is asked about, for the process
    question: Question,
    asked: Option<(Child, Instant)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Question {
    workdir: PathBuf,
    topdir: Option<PathBuf>,
}

impl Probe {
    /// Will ask about the directories of a builder.
    pub fn new(settings: &Settings) -> Self {
        let topdir = settings.uses_topdir().then(|| settings.topdir());
        Self { question: Question { workdir: settings.workdir(), topdir }, asked: None }
    }

    /// Asks and waits a little; Err in words when something is wrong.
    pub fn look(&mut self, program: &Path) -> Answer {
        let begun = Instant::now();
        if self.asked.is_none() {
            let child = start(program, &self.question).map_err(|error| error.to_string())?;
            self.asked = Some((child, begun));
        }
        loop {
            let Some((child, since)) = &mut self.asked else { return Err("nothing was asked".to_owned()) };
            match child.try_wait() {
                Ok(None) if begun.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(5)),
                Ok(None) => return Err(self.question.silent(since.elapsed())),
                Ok(Some(_)) => {
                    let answer = read(child);
                    self.asked = None;
                    return answer;
                }
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// The process that is asked at the moment.
    pub fn pid(&self) -> Option<u32> {
        self.asked.as_ref().map(|(child, _)| child.id())
    }
}

impl Question {
    fn silent(&self, time: Duration) -> String {
        let topdir = self.topdir.as_ref().map(|dir| format!(" or {}", dir.display())).unwrap_or_default();
        format!("{}{topdir} has not answered for {} s", self.workdir.display(), time.as_secs())
    }
}

fn start(program: &Path, question: &Question) -> Result<Child> {
    let text = serde_json::to_vec(question)?;
    let mut child = Command::new(program)
        .arg0("kojid")
        .arg("--probe")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| Error::unforeseen(format!("cannot start a probe: {error}")).caused_by(error))?;
    if let Some(mut pipe) = child.stdin.take() {
        pipe.write_all(&text)?;
    }
    Ok(child)
}

fn read(child: &mut Child) -> Answer {
    let mut text = String::new();
    let read = child.stdout.as_mut().map(|pipe| pipe.read_to_string(&mut text));
    match read {
        Some(Ok(_)) => serde_json::from_str(&text).unwrap_or_else(|_| Err("the probe broke".to_owned())),
        _ => Err("the probe cannot be heard".to_owned()),
    }
}

/// The process's side: looks at the directories that its input names, and tells.
pub fn run() -> Result<()> {
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text)?;
    let question: Question = serde_json::from_slice(&text)
        .map_err(|_| Error::generic("--probe is for the daemon, which tells the rest on standard input"))?;
    let answer = answer(&question).map_err(|error| error.to_string());
    std::io::stdout().write_all(&serde_json::to_vec(&answer)?).map_err(Error::from)
}

fn answer(question: &Question) -> Result<Space> {
    // a directory that can be read only is of no use to work in
    let file = question.workdir.join(".kojid.probe");
    std::fs::write(&file, b"probe")
        .and_then(|()| std::fs::remove_file(&file))
        .map_err(|error| Error::io(&file, error))?;
    let topdir_mb = question.topdir.as_deref().map(topdir_mb).transpose()?;
    Ok(Space { workdir_mb: load::space_mb(&question.workdir)?, topdir_mb })
}

fn topdir_mb(dir: &Path) -> Result<u64> {
    let names = super::files::names(dir)?;
    if !names.iter().any(|name| OF_TOPDIR.contains(&name.as_str())) {
        return Err(Error::generic(format!("{} is empty: the hub's files are not mounted", dir.display())));
    }
    load::space_mb(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_that_cannot_be_used_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let question = |topdir: &str| Question {
            workdir: dir.path().to_owned(),
            topdir: Some(dir.path().join(topdir)).filter(|_| !topdir.is_empty()),
        };
        assert_eq!(answer(&question("")).unwrap().topdir_mb, None);
        std::fs::create_dir_all(dir.path().join("mnt/packages")).unwrap();
        assert!(answer(&question("mnt")).unwrap().topdir_mb.is_some());
        std::fs::create_dir(dir.path().join("unmounted")).unwrap();
        assert!(answer(&question("unmounted")).unwrap_err().message.contains("not mounted"));
        assert!(answer(&question("gone")).is_err());
    }

    /// A file system that hangs, played by a program that never answers.
    #[test]
    fn a_probe_that_hangs_does_not_hang_the_daemon() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("hangs");
        std::fs::write(&program, "#!/bin/sh\nexec sleep 30\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let question = Question { workdir: "/work".into(), topdir: Some("/mnt/koji".into()) };
        let mut probe = Probe { question, asked: None };
        let begun = Instant::now();
        let wrong = probe.look(&program).unwrap_err();
        assert!(wrong.contains("/mnt/koji has not answered for 3 s"), "{wrong}");
        let pid = probe.pid();
        // the next look asks no other, and tells that the first still hangs
        assert!(probe.look(&program).unwrap_err().contains("has not answered for 6 s"));
        assert_eq!(probe.pid(), pid);
        assert!(begun.elapsed() < PATIENCE * 3);
        let (mut child, _) = probe.asked.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
