//! [`LocalHub`]: a hub within the test's own process, whose hooks and sessions a test can look at.

use koji_core::api::Call;
use koji_core::config::HubConfig;
use koji_core::db::{Db, migrate};
use koji_core::host::setup::{self as host_setup, NewHost};
use koji_core::hub::{Caller, Hub};
use koji_core::plugin::Hooks;
use koji_core::session::Credentials;
use koji_core::user::setup::{self as user_setup, NewUser};
use koji_core::wire::{Map, Value};
use koji_core::{Result, client};
use tempfile::TempDir;

use crate::Database;

/// A hub that is called without HTTP. The users are those of [`crate::TestHub`].
pub struct LocalHub {
    /// The hub
    pub hub: Hub,
    /// Its top directory
    pub dir: TempDir,
    database: String,
}

impl LocalHub {
    /// Makes one on a new database.
    pub fn new(database: Database, hooks: Hooks) -> Self {
        let dir = TempDir::new().unwrap();
        let database = database.make(dir.path());
        let db = Db::open(&database, 2).unwrap();
        db.plainly(migrate::migrate).unwrap();
        for name in ["packages", "repos", "repos-dist", "work", "scratch", "vol"] {
            std::fs::create_dir_all(dir.path().join("topdir").join(name)).unwrap();
        }
        let hub = Hub::new(db, HubConfig::default(), &dir.path().join("topdir")).unwrap();
        let hub = hub.with_hooks(hooks).unwrap();
        let local = Self { hub, dir, database };
        local.add_user("kojiadmin", &["admin"]);
        local.add_user("alice", &[]);
        local.add_user("bob", &[]);
        let channels = ["default".to_owned(), "createrepo".to_owned()];
        let host = NewHost {
            name: "builder",
            arches: "x86_64 noarch",
            password: Some("pw-builder"),
            channels: &channels,
            capacity: None,
        };
        local.hub.operate(|cx| host_setup::add(cx, &host)).unwrap();
        local
    }

    /// Another hub on the same database and directory, with nothing in memory, takes the place of this one.
    pub fn restart(&mut self) {
        let db = Db::open(&self.database, 2).unwrap();
        self.hub = Hub::new(db, HubConfig::default(), &self.dir.path().join("topdir")).unwrap();
    }

    /// Adds a user with permissions; the password is `pw-NAME`.
    pub fn add_user(&self, name: &str, permissions: &[&str]) {
        let (password, permissions) =
            (format!("pw-{name}"), permissions.iter().map(|perm| (*perm).to_owned()).collect::<Vec<_>>());
        let user = NewUser { name, password: Some(&password), permissions: &permissions };
        self.hub.operate(|cx| user_setup::add(cx, &user)).unwrap();
    }

    /// A caller with a new session of a user.
    pub fn caller(&self, name: &str) -> Caller {
        let mut caller = Caller { address: "127.0.0.1".to_owned(), ..Caller::default() };
        let login = vec![name.into(), format!("pw-{name}").into()];
        let session = self.call(&caller, "login", login, &[]).unwrap();
        caller.credentials = Some(Credentials {
            id: client::field(&session, "session-id").as_int().unwrap() as i32,
            key: client::field(&session, "session-key").as_str().unwrap().to_owned(),
            callnum: None,
        });
        caller
    }

    /// Calls a method.
    pub fn call(
        &self,
        caller: &Caller,
        method: &str,
        positional: Vec<Value>,
        keywords: &[(&str, Value)],
    ) -> Result<Value> {
        let keywords: Map =
            keywords.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.hub.call(caller, Call { method: method.to_owned(), positional, keywords })?.value()
    }
}
