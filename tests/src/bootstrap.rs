//! [`bootstrap_rpm`]: a package of this machine's own tools, from which a root to build in can be installed
//! without any distribution's mirror.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::rpm_of;

/// Its name.
pub const BOOTSTRAP: &str = "bootstrap-tools";

/// What rpmbuild and the spec files of tests call.
const PROGRAMS: &[&str] = &[
    "awk", "basename", "bash", "cat", "chmod", "cp", "cut", "date", "diff", "dirname", "echo", "env",
    "false", "file", "find", "grep", "gzip", "head", "id", "install", "ln", "ls", "mkdir", "mv", "pwd",
    "readlink", "rm", "rmdir", "rpm", "rpmbuild", "sed", "sleep", "sort", "stat", "tail", "tar", "test",
    "touch", "tr", "true", "uname", "uniq", "wc", "xargs",
];

/// Debian's rpm refuses to unpack packages unless it is told to; its users mean it.
const RPM: &str = "#!/bin/sh\ncase \" $* \" in\n*' -Uvh '*) exec /usr/lib/rpm/rpm.real --force-debian \"$@\" ;;\n\
                   *) exec /usr/lib/rpm/rpm.real \"$@\" ;;\nesac\n";

/// Makes the source rpm and the rpm below a directory.
pub fn bootstrap_rpm(dir: &Path) -> [PathBuf; 2] {
    let stage = dir.join("stage");
    for name in
        ["usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc/rpm", "tmp", "var/tmp", "var/lib/rpm", "root"]
    {
        fs::create_dir_all(stage.join(name)).unwrap();
    }
    for name in ["tmp", "var/tmp"] {
        fs::set_permissions(stage.join(name), fs::Permissions::from_mode(0o1777)).unwrap();
    }
    for name in ["bin", "sbin", "lib", "lib64"] {
        symlink(format!("usr/{name}"), stage.join(name)).unwrap();
    }
    PROGRAMS.iter().for_each(|name| add_program(&stage, name));
    symlink("bash", stage.join("usr/bin/sh")).unwrap();
    run(Command::new("cp").args(["-a", "/usr/lib/rpm"]).arg(stage.join("usr/lib")));
    let magic = fs::canonicalize("/usr/share/misc/magic.mgc").unwrap();
    add_file(&stage, &magic, &magic);
    fs::write(stage.join("etc/rpm/macros"), "%_dbpath /var/lib/rpm\n").unwrap();
    fs::rename(stage.join("usr/bin/rpm"), stage.join("usr/lib/rpm/rpm.real")).unwrap();
    let rpm = stage.join("usr/bin/rpm");
    fs::write(&rpm, RPM).unwrap();
    fs::set_permissions(&rpm, fs::Permissions::from_mode(0o755)).unwrap();
    package(dir, &stage)
}

/// Copies a program and the libraries that it is linked with.
fn add_program(stage: &Path, name: &str) {
    let paths = std::env::split_paths("/usr/bin:/bin:/usr/sbin:/sbin").map(|dir| dir.join(name));
    let found = paths.into_iter().find(|path| path.is_file());
    let program = fs::canonicalize(found.unwrap_or_else(|| panic!("this machine has no {name}"))).unwrap();
    add_file(stage, &program, &Path::new("/usr/bin").join(name));
    let listed = Command::new("ldd").arg(&program).output().unwrap();
    for word in
        String::from_utf8_lossy(&listed.stdout).split_whitespace().filter(|word| word.starts_with('/'))
    {
        let path = Path::new(word);
        // what is linked from /lib lies in /usr/lib
        let place = fs::canonicalize(path.parent().unwrap()).unwrap().join(path.file_name().unwrap());
        add_file(stage, path, &place);
    }
}

fn add_file(stage: &Path, from: &Path, place: &Path) {
    let to = stage.join(place.strip_prefix("/").unwrap());
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
}

fn package(dir: &Path, stage: &Path) -> [PathBuf; 2] {
    let spec = dir.join("bootstrap.spec");
    let text = format!(
        "%global debug_package %{{nil}}\n%global __os_install_post %{{nil}}\n%global _build_id_links none\n\
         Name: {BOOTSTRAP}\nVersion: 1\nRelease: 1\nSummary: Tools to build with\nLicense: GPL\nAutoReqProv: no\n\
         Provides: /bin/sh\n%description\nTools to build with.\n%install\ncp -a {}/. %{{buildroot}}/\n\
         %files\n/usr\n/etc\n/tmp\n/var\n/root\n/bin\n/sbin\n/lib\n/lib64\n",
        stage.display()
    );
    fs::write(&spec, text).unwrap();
    let top = format!("_topdir {}", dir.join("rpm").display());
    let payload = "_binary_payload w1.zstdio";
    run(Command::new("rpmbuild").args(["-ba", "--quiet", "--define", &top, "--define", payload]).arg(&spec));
    let of = |below: &str| rpm_of(&dir.join("rpm").join(below), BOOTSTRAP);
    [of("SRPMS"), of(&format!("RPMS/{}", std::env::consts::ARCH))]
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
