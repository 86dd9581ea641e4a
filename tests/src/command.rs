//! The command `koji` against a test's hub.

use std::process::{Command, Output};

use crate::{TestHub, binary};

impl TestHub {
    /// Runs a command of `koji` as a user.
    pub fn koji(&self, user: &str, words: &[&str]) -> Output {
        let (url, password) = (self.url(), format!("pw-{user}"));
        let topurl = format!("http://{}/kojifiles", self.address());
        let login = ["--server", &url, "--topurl", &topurl, "--authtype", "password", "--user", user];
        let mut koji = Command::new(binary("koji"));
        koji.env("HOME", self.scratch()).current_dir(self.scratch());
        koji.args(login).args(["--password", &password]).args(words).output().unwrap()
    }

    /// Runs a command of `koji` as kojiadmin; it must succeed. What it wrote.
    pub fn admin(&self, words: &[&str]) -> String {
        let output = self.koji("kojiadmin", words);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "koji {words:?}: {text}{errors}");
        text
    }
}
