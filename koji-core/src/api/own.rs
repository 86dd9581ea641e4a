//! Methods that no Koji has. Clients find them by `koji_rs.listMethods`: a hub of Koji refuses that name.

use super::cast::IntLike;
use super::listing::{self, Listed};
use crate::db::Lookup;
use crate::db::lookup as named;
use crate::methods;
use crate::scheduler::why::{self, HostLoad, Why};
use crate::tag::diff::{self, TagDiff, Wanted};

methods! {
    /// Lists the methods that no Koji has, as `_listapi` lists the others.
    read Anyone => ListOwnMethods "koji_rs.listMethods" () -> Vec<Listed> = |_m, _cx| Ok(listing::list_own());

    /// What changed in a tag from an event to another one, or to now: settings, inheritance, external repositories,
    /// packages, builds and groups; with `inherit` as the tag shows them, else its own only.
    read Anyone => DiffTag "koji_rs.tagDiff"
        (tag: Lookup, old: IntLike, new: Option<IntLike> = None, inherit: bool = false) -> TagDiff = |m, cx| {
            let tag = named::get(cx, "tag", "tag", &m.tag)?;
            let wanted = Wanted { old: m.old.0, new: m.new.map(|event| event.0), inherit: m.inherit };
            diff::diff(cx, &tag, &wanted)
        };

    /// Why a task waits, what each host lacks for it, and when it should begin and end.
    read Anyone => WhyTask "koji_rs.whyTask" (task_id: IntLike) -> Why = |m, cx| why::why(cx, m.task_id.0);

    /// What the enabled hosts have to do, as the scheduler sees them.
    read Anyone => HostLoads "koji_rs.hostLoads" () -> Vec<HostLoad> = |_m, cx| why::host_loads(cx);
}
