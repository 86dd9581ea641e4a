//! A hub with some hosts, and what can be done to it.

use koji_core::db::{Query, Time, Update};
use koji_core::host::setup::{self, NewHost};
use koji_core::hub::{Caller, Hub};
use koji_core::plugin::Hooks;
use koji_core::wire::Value;
use koji_core::{Result, wire};
use koji_tests::{Database, LocalHub};

/// How many hosts there are.
pub const HOSTS: usize = 3;

/// Longer than any patience of the scheduler.
const LONG_AGO_S: f64 = 7200.0;
/// Longer than a host may take to begin with a task, and shorter than that.
const UNBEGUN_S: f64 = 400.0;

/// The hub, its hosts and an admin.
pub struct Farm {
    pub local: LocalHub,
    pub admin: Caller,
    pub hosts: Vec<Caller>,
    /// Their ids
    pub ids: Vec<i64>,
}

impl Farm {
    pub fn new(database: Database) -> Self {
        let local = LocalHub::new(database, Hooks::default());
        let admin = local.caller("kojiadmin");
        let channels = ["default".to_owned()];
        for number in 0..HOSTS {
            let (name, password) = (format!("host{number}"), format!("pw-host{number}"));
            let host = NewHost {
                name: &name,
                arches: "x86_64",
                password: Some(&password),
                channels: &channels,
                capacity: Some(100.0),
            };
            local.hub.operate(|cx| setup::add(cx, &host)).unwrap();
        }
        let hosts: Vec<Caller> = (0..HOSTS).map(|number| local.caller(&format!("host{number}"))).collect();
        let farm = Self { local, admin, ids: vec![], hosts };
        let mut ids = vec![];
        for host in &farm.hosts {
            farm.call(host, "exclusiveSession", vec![]).unwrap();
            ids.push(farm.call(host, "host.getID", vec![]).unwrap().as_int().unwrap());
        }
        // the next whole run that nobody forces is a minute away
        farm.call(&farm.hosts[0], "host.getTasks", vec![]).unwrap();
        Self { ids, ..farm }
    }

    pub fn call(&self, caller: &Caller, method: &str, args: Vec<Value>) -> Result<Value> {
        self.local.call(caller, method, args, &[])
    }

    pub fn as_host(&self, host: usize, method: &str, args: Vec<Value>) -> Result<Value> {
        self.call(&self.hosts[host], method, args)
    }

    pub fn make(&self) -> Result<i64> {
        let made = self.call(&self.admin, "makeTask", vec!["sleep".into(), Value::Array(vec![1.into()])])?;
        Ok(made.as_int().unwrap())
    }

    /// A host says that it is there.
    pub fn revive(&self, host: usize) -> Result<()> {
        self.as_host(host, "host.updateHost", vec![0.0.into(), true.into()]).map(drop)
    }

    /// A host has not been heard of for long.
    pub fn silence(&self, host: usize) -> Result<()> {
        let id = self.ids[host];
        self.local.hub.operate(|cx| {
            let long_ago = Time(cx.now().0 - LONG_AGO_S);
            Update::table("host").set("update_time", long_ago).filter("id = ?", id).execute(cx.db).map(drop)
        })
    }

    /// Time passes in which nobody begins with what it was given, and living hosts report.
    pub fn age(&self) -> Result<()> {
        self.local.hub.operate(|cx| {
            let before = Time(cx.now().0 - UNBEGUN_S);
            let runs = Update::table("scheduler_task_runs").set("create_time", before);
            runs.filter("active = TRUE", ()).execute(cx.db).map(drop)
        })
    }

    /// A whole run of the scheduler.
    pub fn schedule(&self) -> Result<()> {
        self.call(&self.admin, "scheduler.doRun", vec![true.into()]).map(drop)
    }

    /// The states and hosts of tasks.
    pub fn states(&self, ids: &[i64]) -> Vec<(i64, i64, Option<i64>)> {
        let query = Query::from("task").filter("id IN ?", ids.to_vec()).order("id");
        self.local.hub.db.read(|conn| query.select(conn, "id, state, host_id")).unwrap()
    }

    /// How many runs are active of each of these tasks at most.
    pub fn most_active_runs(&self, ids: &[i64]) -> i64 {
        let query = Query::from("scheduler_task_runs")
            .filter("active = TRUE AND task_id IN ?", ids.to_vec())
            .group("task_id");
        let counts: Vec<i64> = self.local.hub.db.read(|conn| query.select(conn, "count(*)")).unwrap();
        counts.into_iter().max().unwrap_or_default()
    }

    pub fn hub(&self) -> Hub {
        self.local.hub.clone()
    }
}

/// The text of a result.
pub fn done() -> Value {
    wire::result_text(&Value::Nil).unwrap().into()
}

/// The text of a fault.
pub fn fault() -> Value {
    wire::fault_text(1000, "broken").unwrap().into()
}
