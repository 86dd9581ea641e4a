//! Buildroots that content generators bring: the hub knows what was in them, and runs none.

use std::collections::BTreeMap;

use super::make::EXTERNAL;
use crate::Result;
use crate::context::Cx;
use crate::db::Insert;

/// What is told of such a buildroot.
#[derive(Clone, Debug)]
pub struct NewBuildroot<'a> {
    /// The content generator
    pub cg_id: i32,
    /// Its version
    pub cg_version: &'a str,
    /// The kind of the container
    pub container_type: &'a str,
    /// The arch of the container
    pub container_arch: &'a str,
    /// The operating system of the host
    pub host_os: Option<&'a str>,
    /// The arch of the host
    pub host_arch: Option<&'a str>,
    /// What else is known
    pub extra: Option<&'a serde_json::Value>,
    /// The versions of the programs that were used, by name
    pub tools: BTreeMap<&'a str, &'a str>,
}

/// Makes its entry; its id.
pub fn make(cx: &mut Cx<'_>, new: &NewBuildroot<'_>) -> Result<i32> {
    let id: i32 = Insert::into("buildroot")
        .set("br_type", EXTERNAL)
        .set("cg_id", new.cg_id)
        .set("cg_version", new.cg_version)
        .set("container_type", new.container_type)
        .set("container_arch", new.container_arch)
        .set("host_os", new.host_os)
        .set("host_arch", new.host_arch)
        .set("extra", new.extra)
        .returning(cx.db, "id")?;
    let tools = new.tools.iter().map(|(tool, version)| vec![id.into(), (*tool).into(), (*version).into()]);
    let columns = &["buildroot_id", "tool", "version"];
    Insert::many(cx.db, "buildroot_tools_info", columns, tools.collect())?;
    Ok(id)
}
