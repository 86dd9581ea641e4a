//! The databases that a test runs on: SQLite always, PostgreSQL where `KOJI_TEST_POSTGRES` names a server.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A database that no other test has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of the test's directory
    Sqlite,
    /// A new database of the test server
    Postgres,
}

/// Runs a test on each database.
pub fn each_database(test: impl Fn(Database)) {
    test(Database::Sqlite);
    match server() {
        Some(_) => test(Database::Postgres),
        None => println!("not on PostgreSQL: KOJI_TEST_POSTGRES is not set"),
    }
}

fn server() -> Option<String> {
    std::env::var("KOJI_TEST_POSTGRES").ok()
}

impl Database {
    /// Makes it; its URL.
    pub(crate) fn make(self, dir: &Path) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        match self {
            Self::Sqlite => format!("sqlite://{}", dir.join("hub.db").display()),
            Self::Postgres => {
                let admin = server().unwrap();
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                let name = format!("it_{}_{number}", std::process::id());
                let made = Command::new("psql")
                    .args(["-q", &admin, "-c", &format!("CREATE DATABASE {name}")])
                    .status()
                    .unwrap();
                assert!(made.success(), "cannot create a database on {admin}");
                format!("{}/{name}", admin.rsplit_once('/').unwrap().0)
            }
        }
    }
}
