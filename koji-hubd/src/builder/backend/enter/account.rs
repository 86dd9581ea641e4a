//! [`Account`]: the user who builds, as a root knows it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use koji_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// A user with a group of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// The name of its group.
    pub group: String,
    /// Its number.
    pub uid: u32,
    /// The number of its group.
    pub gid: u32,
    /// Its home.
    pub home: String,
}

impl Account {
    /// Adds it to the lists of users and groups of the root that this process is in. A root that has lists
    /// keeps what they say.
    pub(super) fn make_known(&self) -> Result<()> {
        let Self { name, group, uid, gid, home } = self;
        add(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/bash",
            &format!("{name}:x:{uid}:{gid}::{home}:/bin/bash"),
        )?;
        add("/etc/group", "root:x:0:", &format!("{group}:x:{gid}:"))
    }
}

fn add(path: &str, first: &str, line: &str) -> Result<()> {
    let at = |error| Error::io(Path::new(path), error);
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        text => text.map_err(at)?,
    };
    if let Some(text) = with_line(&text, first, line) {
        fs::create_dir_all("/etc").map_err(at)?;
        fs::write(path, text).map_err(at)?;
    }
    Ok(())
}

/// A list with another line, unless it has one of that name; an empty list begins with another one.
fn with_line(list: &str, first: &str, line: &str) -> Option<String> {
    let name = line.split_once(':').map_or(line, |(name, _)| name);
    if list.lines().any(|known| known.split(':').next() == Some(name)) {
        return None;
    }
    let mut text = if list.trim().is_empty() { first.to_owned() } else { list.trim_end().to_owned() };
    text.push_str(&format!("\n{line}\n"));
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_added_once() {
        let first = with_line("", "root:x:0:", "mock:x:135:").unwrap();
        assert_eq!(first, "root:x:0:\nmock:x:135:\n");
        assert_eq!(with_line(&first, "root:x:0:", "mock:x:136:"), None);
        assert_eq!(with_line("a:x:1:", "root:x:0:", "mock:x:1:").unwrap(), "a:x:1:\nmock:x:1:\n");
    }
}
