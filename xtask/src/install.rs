//! What a command needs from the system: it says what is missing, then installs it; `--no-install` refuses.

use std::path::Path;
use std::process::Command;

use crate::{Result, say};

/// A program, and the package that has it.
pub struct Need {
    /// The program looked for in PATH, a file by its absolute path, or `python3:` and a module of the system's Python
    pub program: &'static str,
    /// Its package in Debian and Ubuntu
    pub debian: &'static str,
    /// Its package in Fedora and CentOS
    pub fedora: &'static str,
}

/// rpmbuild, for building and for making test packages.
pub const RPMBUILD: Need = Need { program: "rpmbuild", debian: "rpm", fedora: "rpm-build" };
/// createrepo_c, the oracle of our repodata.
pub const CREATEREPO: Need = Need { program: "createrepo_c", debian: "createrepo-c", fedora: "createrepo_c" };
/// dnf, which must accept our repositories.
pub const DNF: Need = Need { program: "dnf", debian: "dnf", fedora: "dnf" };
/// psql, whose package brings the server's programs as well.
pub const PSQL: Need = Need { program: "psql", debian: "postgresql", fedora: "postgresql-server" };
/// curl, which waits for hubs.
pub const CURL: Need = Need { program: "curl", debian: "curl", fedora: "curl" };
/// A C compiler for the databases' libraries.
pub const CC: Need = Need { program: "cc", debian: "gcc libc6-dev", fedora: "gcc" };
/// make, which rpm's macros call.
pub const MAKE: Need = Need { program: "make", debian: "make", fedora: "make" };
/// Python.
pub const PYTHON: Need = Need { program: "python3", debian: "python3 python3-venv", fedora: "python3" };
/// The system's Python with librpm's bindings, which only its own interpreter can load.
pub const RPM_OF_PYTHON: Need =
    Need { program: "python3:rpm", debian: "python3 python3-venv python3-rpm", fedora: "python3-rpm" };
/// Cheetah, by which builders render templates of spec files.
pub const CHEETAH: Need =
    Need { program: "python3:Cheetah", debian: "python3 python3-cheetah", fedora: "python3-cheetah" };
/// Subversion and its server, from which builders take sources.
pub const SVN: Need = Need { program: "svnserve", debian: "subversion", fedora: "subversion" };
/// CVS, for the same.
pub const CVS: Need = Need { program: "cvs", debian: "cvs", fedora: "cvs" };
/// An ssh server, from which builders take sources.
pub const SSHD: Need =
    Need { program: "/usr/sbin/sshd", debian: "openssh-server openssh-client", fedora: "openssh-server" };
/// rpmsign, for signed test packages.
pub const RPMSIGN: Need = Need { program: "rpmsign", debian: "rpm", fedora: "rpm-sign" };
/// gpg, for their key.
pub const GPG: Need = Need { program: "gpg", debian: "gnupg", fedora: "gnupg2" };

/// Makes sure that programs are there. `may_install` is false with `--no-install`.
pub fn ensure(needs: &[&Need], may_install: bool) -> Result {
    let missing: Vec<&&Need> = needs.iter().filter(|need| !has(need.program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (manager, before, pick): (&str, &[&str], fn(&Need) -> &'static str) = if has("apt-get") {
        ("apt-get", &["update", "-qq"], |need| need.debian)
    } else if Path::new("/usr/bin/dnf").exists() {
        ("dnf", &[], |need| need.fedora)
    } else {
        let names: Vec<&str> = missing.iter().map(|need| need.program).collect();
        return Err(format!(
            "missing: {}; install them (only apt-get and dnf are known here)",
            names.join(", ")
        ));
    };
    let packages: Vec<&str> = missing.iter().flat_map(|need| pick(need).split(' ')).collect();
    say(&format!("missing: {}", packages.join(" ")));
    if !may_install {
        return Err(format!(
            "--no-install was given; install them with: {manager} install {}",
            packages.join(" ")
        ));
    }
    say(&format!("installing with {manager} ..."));
    if !before.is_empty() {
        run(as_root(manager).args(before))?;
    }
    run(as_root(manager).args(["install", "-y", "-q"]).args(&packages))
}

/// Whether a program is in PATH, or a file is there.
pub fn has(program: &str) -> bool {
    if let Some(module) = program.strip_prefix("python3:") {
        let mut import = Command::new("/usr/bin/python3");
        import.arg("-c").arg(format!("import {module}")).stderr(std::process::Stdio::null());
        return import.status().is_ok_and(|status| status.success());
    }
    if program.starts_with('/') {
        return Path::new(program).exists();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

/// A command that runs as root: by itself if we are, else through sudo.
fn as_root(program: &str) -> Command {
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let mut command = Command::new(if is_root { program } else { "sudo" });
    if !is_root {
        command.arg(program);
    }
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Runs a command whose output the reader sees.
pub fn run(command: &mut Command) -> Result {
    let told = format!("{command:?}");
    let status = command.status().map_err(|error| format!("{told}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{told}: {status}")) }
}
