//! The table of access: who may call which method, as the registry has it.

use std::fmt::Write as _;

use super::method::{Access, Mode};
use super::registry;

/// The table as Markdown. `docs/access.md` holds it.
pub fn table() -> String {
    let mut out = String::from(HEAD);
    for entry in registry::all().chain(registry::own()) {
        let mode = match entry.mode {
            Mode::Read => "read",
            Mode::Write => "write",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "| `{}` | {mode} | {} |", entry.name, words(entry.access));
    }
    out
}

const HEAD: &str = "\
# Who may call what

Every method of the hub, whether it may change anything, and who may call it. Access is checked before the
arguments are looked at, except where the last column says otherwise in parentheses. Made from the code:
`KOJI_BLESS=1 cargo test -p koji-core access` writes it anew.

| method | mode | who |
|---|---|---|
";

pub(super) fn words(access: Access) -> String {
    match access {
        Access::Anyone => "anyone".to_owned(),
        Access::User => "whoever is logged in".to_owned(),
        Access::Perm("admin") => "admin".to_owned(),
        Access::Perm(name) => format!("{name}, admin"),
        Access::Host => "a host in its exclusive session".to_owned(),
        Access::Inside(what) => format!("({what})"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    #[test]
    fn the_document_tells_the_access_of_every_method() {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "docs", "access.md"].iter().collect();
        let table = super::table();
        if std::env::var_os("KOJI_BLESS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &table).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == table, "docs/access.md is stale: run the test with KOJI_BLESS=1");
    }

    #[test]
    fn the_contract_lets_nobody_anonymous_write_unasked() {
        // Logins prove who calls; the others keep checksums that they had to compute, as Koji lets anyone ask.
        let open: Vec<&str> = super::registry::all()
            .filter(|entry| entry.access == super::Access::Anyone && entry.mode == super::Mode::Write)
            .map(|entry| entry.name)
            .collect();
        for name in open {
            assert!(
                OPEN.contains(&name),
                "{name} writes and anyone may call it: declare who may, or why not"
            );
        }
    }

    const OPEN: &[&str] = &["checkUpload", "getRPMChecksums", "login", "sslLogin"];
}
