//! The method that searches.

use crate::db::{QueryOpts, Rows};
use crate::methods;
use crate::search::{self, Found, Match};

methods! {
    /// Things of a type (package, build, tag, target, user, host, rpm, maven, win) by name. `matchType` is
    /// `glob` or `regexp`, which ignore case; anything else compares exactly.
    read Anyone => Search "search" (terms: String, r#type: String, matchType: String,
            queryOpts: QueryOpts = QueryOpts::default()) -> Rows<Found>
        = |m, cx| search::search(cx, &m.terms, &m.r#type, Match::from_word(&m.matchType), &m.queryOpts);
}
