//! The method that searches.

use super::cast::{KeyText, Truthy};
use crate::db::{QueryOpts, Rows};
use crate::methods;
use crate::search::{self, Found, Match};
use crate::wire::Value;

methods! {
    /// Things of a type (package, build, tag, target, user, host, rpm, maven, win) by name. `matchType` is
    /// `glob` or `regexp`, which ignore case; anything else compares exactly.
    read Anyone => Search "search" (terms: Truthy<String>, r#type: KeyText, matchType: Value,
            queryOpts: QueryOpts = QueryOpts::default()) -> Rows<Found>
        = |m, cx| search::search(cx, &m.terms.0.unwrap_or_default(), &m.r#type.0, Match::from_word(m.matchType.as_str().unwrap_or_default()), &m.queryOpts);
}
