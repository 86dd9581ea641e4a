//! Buildroots that content generators bring: the hub knows what was in them, and runs none.

use std::collections::BTreeSet;

use super::make::EXTERNAL;
use crate::Result;
use crate::context::Cx;
use crate::db::{Bind, Insert};

/// What is told of such a buildroot.
#[derive(Clone, Debug)]
pub struct NewBuildroot<'a> {
    /// The content generator
    pub cg_id: i32,
    /// Its version
    pub cg_version: &'a str,
    /// The kind of the container
    pub container_type: Option<&'a str>,
    /// The arch of the container
    pub container_arch: Option<&'a str>,
    /// The operating system of the host
    pub host_os: Option<&'a str>,
    /// The arch of the host
    pub host_arch: Option<&'a str>,
    /// What else is known
    pub extra: Option<&'a serde_json::Value>,
    /// The programs that were used, each once, with their versions
    pub tools: Vec<(&'a str, &'a str)>,
}

/// Makes the entries of buildroots; their ids.
pub fn make(cx: &mut Cx<'_>, new: &[NewBuildroot<'_>]) -> Result<Vec<i32>> {
    let columns = &[
        "br_type",
        "cg_id",
        "cg_version",
        "container_type",
        "container_arch",
        "host_os",
        "host_arch",
        "extra",
    ];
    let rows = new.iter().map(|new| -> Vec<Bind> {
        vec![
            EXTERNAL.into(),
            new.cg_id.into(),
            new.cg_version.into(),
            new.container_type.into(),
            new.container_arch.into(),
            new.host_os.into(),
            new.host_arch.into(),
            new.extra.into(),
        ]
    });
    let ids = Insert::many_returning(cx.db, "buildroot", columns, rows.collect())?;
    let tools = ids.iter().zip(new).flat_map(|(id, new)| {
        let row = |(tool, version): &(&str, &str)| -> Vec<Bind> {
            vec![(*id).into(), (*tool).into(), (*version).into()]
        };
        new.tools.iter().map(row)
    });
    let columns = &["buildroot_id", "tool", "version"];
    Insert::many(cx.db, "buildroot_tools_info", columns, tools.collect())?;
    Ok(ids)
}

/// Notes what is in buildroots that have just been made: rpms and archives.
pub fn fill(cx: &mut Cx<'_>, rpms: &[(i32, &[i32])], archives: &[(i32, &[i32])]) -> Result<()> {
    let rows = |lists: &[(i32, &[i32])]| -> Vec<Vec<Bind>> {
        let of_room = |(room, ids): &(i32, &[i32])| {
            let (room, ids) = (*room, BTreeSet::from_iter(ids.iter().copied()));
            ids.into_iter().map(move |id| vec![room.into(), id.into(), false.into()])
        };
        lists.iter().flat_map(of_room).collect()
    };
    let columns = &["buildroot_id", "rpm_id", "is_update"];
    Insert::many(cx.db, "buildroot_listing", columns, rows(rpms))?;
    let columns = &["buildroot_id", "archive_id", "project_dep"];
    Insert::many(cx.db, "buildroot_archives", columns, rows(archives))
}
