//! Setting a hub up: builders that an operator adds on the hub's own machine.

use crate::context::Cx;
use crate::db::{Insert, Query, versioned};
use crate::user::setup::{ensure, usertype};
use crate::{Error, Result};

/// A builder to be there.
pub struct NewHost<'a> {
    /// Its host name
    pub name: &'a str,
    /// Its architectures, separated by spaces
    pub arches: &'a str,
    /// The password of its user
    pub password: Option<&'a str>,
    /// The channels it takes tasks from
    pub channels: &'a [String],
    /// The weight of tasks it takes at once; Koji's default is 2.0
    pub capacity: Option<f64>,
}

/// Makes a builder with its user; one of the same name must not be there.
pub fn add(cx: &mut Cx<'_>, host: &NewHost<'_>) -> Result<i32> {
    if Query::from("host").filter("name = ?", host.name).exists(cx.db)? {
        return Err(Error::generic(format!("there is a host {} already", host.name)));
    }
    let user = ensure(cx, host.name, usertype::HOST, host.password)?;
    if cx.user_id().is_err() {
        cx.act_as(user, host.name);
    }
    let known = Query::from("channels")
        .filter("name IN ?", host.channels)
        .select::<(i32, String)>(cx.db, "id, name")?;
    if let Some(unknown) = host.channels.iter().find(|name| !known.iter().any(|(_, known)| known == *name)) {
        return Err(Error::generic(format!("no such channel: {unknown}")));
    }
    let id =
        Insert::into("host").set("user_id", user).set("name", host.name).returning::<i32>(cx.db, "id")?;
    let mut config = Insert::into("host_config").set("host_id", id).set("arches", host.arches);
    if let Some(capacity) = host.capacity {
        config = config.set("capacity", capacity);
    }
    versioned::create(cx, config)?;
    let rows = known.into_iter().map(|(channel, _)| vec![id.into(), channel.into()]).collect();
    versioned::create_many(cx, "host_channels", &["host_id", "channel_id"], rows)?;
    Ok(id)
}
