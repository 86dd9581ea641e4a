//! Methods about content generators.

use std::collections::BTreeMap;

use crate::cg::access::{self, Generator};
use crate::db::Lookup;
use crate::methods;
use crate::user::info::UserRef;

methods! {
    /// The content generators and who may act as each.
    read Anyone => ListCgs "listCGs" () -> BTreeMap<String, Generator> = |_m, cx| access::list(cx);

    /// Lets a user act as a content generator. With `create` there need be none of that name yet.
    write Perm("admin") => GrantCgAccess "grantCGAccess" (user: UserRef, cg: Lookup, create: bool = false) -> ()
        = |m, cx| access::grant(cx, &m.user, &m.cg, m.create);

    /// Lets a user no longer act as a content generator.
    write Perm("admin") => RevokeCgAccess "revokeCGAccess" (user: UserRef, cg: Lookup) -> ()
        = |m, cx| access::revoke(cx, &m.user, &m.cg);
}
