//! What clients may ask of a listing: Koji's `queryOpts`, and its two kinds of answers.

use crate::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize};

/// Koji's `queryOpts`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct QueryOpts {
    /// Answer with the number of rows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub count_only: bool,
    /// Keys of the answer, separated by commas, `-` before those to sort downwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Rows to pass over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// Rows at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Keys to group by; only few listings take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

impl QueryOpts {
    /// Whether nothing is asked for.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// A missing or null `queryOpts` asks for nothing.
    pub fn or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Self>::deserialize(deserializer)?.unwrap_or_default())
    }

    /// Cuts a list that was made in memory to offset and limit. The order is the caller's matter.
    pub fn page<T>(&self, list: Vec<T>) -> Rows<T> {
        let start = self.offset.and_then(|offset| usize::try_from(offset).ok()).unwrap_or(0);
        let limit = self.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let list: Vec<T> = if start == 0 && limit >= list.len() {
            list
        } else {
            list.into_iter().skip(start).take(limit).collect()
        };
        if self.count_only { Rows::Count(list.len() as i64) } else { Rows::List(list) }
    }

    /// Sorts a list that was made in memory and cuts it. `key` gives what a row has under a key of the answer.
    pub fn sorted<T>(
        &self,
        mut list: Vec<T>,
        key: impl for<'t> Fn(&'t T, &str) -> Option<SortKey<'t>>,
    ) -> Result<Rows<T>> {
        if let (Some(order), Some(first)) = (&self.order, list.first()) {
            let (name, descending) =
                order.strip_prefix('-').map_or((order.as_str(), false), |name| (name, true));
            if key(first, name).is_none() {
                return Err(Error::unforeseen(format!("cannot order by {name:?}")));
            }
            list.sort_by(|a, b| {
                let (a, b) = (key(a, name), key(b, name));
                if descending { b.cmp(&a) } else { a.cmp(&b) }
            });
        }
        Ok(self.page(list))
    }
}

/// What a row is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey<'t> {
    /// A number
    Int(i64),
    /// Text, by code point
    Text(&'t str),
}

impl From<i64> for SortKey<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl<'t> From<&'t str> for SortKey<'t> {
    fn from(text: &'t str) -> Self {
        Self::Text(text)
    }
}

/// The answer of a listing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Rows<T> {
    /// `countOnly`
    Count(i64),
    /// The rows
    List(Vec<T>),
}

impl<T> Rows<T> {
    /// The rows; none if only their number was asked for.
    pub fn into_list(self) -> Vec<T> {
        match self {
            Self::List(list) => list,
            Self::Count(_) => Vec::new(),
        }
    }

    /// Changes each row.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Rows<U> {
        match self {
            Self::Count(count) => Rows::Count(count),
            Self::List(list) => Rows::List(list.into_iter().map(change).collect()),
        }
    }
}
