//! Packages by name or id.

use crate::context::Cx;
use crate::db::lookup::{self, Named};
use crate::db::{Insert, Lookup, Query, QueryOpts, Rows};
use crate::{Error, Result, row};

row! {
    /// A package.
    pub struct PackageRow {
        /// Its id
        pub package_id: i32 = "package.id",
        /// Its name
        pub package_name: String = "package.name",
    }
}

/// A package, if there is one.
pub fn find(cx: &mut Cx<'_>, package: &Lookup) -> Result<Option<Named>> {
    lookup::find(cx, "package", package)
}

/// A package that must be there.
pub fn get(cx: &mut Cx<'_>, package: &Lookup) -> Result<Named> {
    lookup::get(cx, "package", "package", package)
}

/// A package; one that is looked up by a name nobody has is made.
pub fn ensure(cx: &mut Cx<'_>, package: &Lookup) -> Result<Named> {
    if let Some(found) = find(cx, package)? {
        return Ok(found);
    }
    let Lookup::Name(name) = package else {
        return Err(Error::generic(format!("No such package: {package}")));
    };
    // somebody else may make it at the same time
    Insert::into("package").set("name", name).or_ignore(cx.db)?;
    get(cx, package)
}

/// All packages, or those whose name begins with a prefix, whatever its case.
pub fn list(cx: &mut Cx<'_>, prefix: Option<&str>, opts: &QueryOpts) -> Result<Rows<PackageRow>> {
    let mut query = Query::from("package");
    if let Some(prefix) = prefix {
        query = query.filter("lower(package.name) LIKE lower(?) || '%' ESCAPE '\\'", prefix);
    }
    query.rows(cx.db, opts)
}
