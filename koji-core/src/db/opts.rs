//! What clients may ask of a listing: Koji's `queryOpts`, and its two kinds of answers.

use crate::wire::{self, Value};
use crate::{Error, Result};
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
    /// Answer with a list of values instead of each row.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub as_list: bool,
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

    /// The answer of a list that is complete: its rows, or their values in the order of the keys.
    pub fn rows<T>(&self, rows: Vec<T>) -> Rows<T> {
        if self.as_list { Rows::Values(Values { rows, keys: None }) } else { Rows::List(rows) }
    }

    /// Cuts a list that was made in memory to offset and limit, as Python slices: what is negative counts from the end,
    /// and a limit of 0 is none. The order is the caller's matter, and so is `asList`.
    pub fn page<T>(&self, mut list: Vec<T>) -> Rows<T> {
        if let Some(offset) = self.offset {
            list.drain(..slice_index(offset, list.len()));
        }
        if let Some(limit) = self.limit.filter(|limit| *limit != 0) {
            list.truncate(slice_index(limit, list.len()));
        }
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

/// Where a slice begins or ends, as Python reads it: a negative index counts from the end.
pub(crate) fn slice_index(index: i64, len: usize) -> usize {
    let from_end = || len.saturating_sub(usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX));
    if index < 0 { from_end() } else { usize::try_from(index).unwrap_or(usize::MAX).min(len) }
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
    /// `asList`
    #[serde(skip_deserializing)]
    Values(Values<T>),
}

/// Rows that are answered as lists of their values.
#[derive(Clone, Debug)]
pub struct Values<T> {
    rows: Vec<T>,
    /// Which values, and in which order; without it all of them in the order of the keys, as Koji has its columns
    keys: Option<&'static [&'static str]>,
}

impl<T: Serialize> Serialize for Values<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error as _;
        let mut list = serializer.serialize_seq(Some(self.rows.len()))?;
        for row in &self.rows {
            let row = wire::to_value(row).map_err(S::Error::custom)?;
            let values: Vec<Value> = match (self.keys, row) {
                (Some(keys), row) => {
                    keys.iter().map(|key| row.get(key).cloned().unwrap_or_default()).collect()
                }
                (None, Value::Struct(mut members)) => {
                    members.sort_by(|(a, _), (b, _)| a.cmp(b));
                    members.into_iter().map(|(_, value)| value).collect()
                }
                (None, other) => vec![other],
            };
            list.serialize_element(&values)?;
        }
        list.end()
    }
}

impl<T> Rows<T> {
    /// The rows; none if only their number was asked for.
    pub fn into_list(self) -> Vec<T> {
        match self {
            Self::List(list) | Self::Values(Values { rows: list, .. }) => list,
            Self::Count(_) => Vec::new(),
        }
    }

    /// Changes each row.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Rows<U> {
        match self {
            Self::Count(count) => Rows::Count(count),
            Self::List(list) => Rows::List(list.into_iter().map(change).collect()),
            Self::Values(Values { rows, keys }) => {
                Rows::Values(Values { rows: rows.into_iter().map(change).collect(), keys })
            }
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Count(count) => *count == 0,
            Self::List(rows) | Self::Values(Values { rows, .. }) => rows.is_empty(),
        }
    }

    /// The same; with `asList` these values of each row, in this order.
    #[must_use]
    pub fn picked(self, opts: &QueryOpts, keys: &'static [&'static str]) -> Self {
        match self {
            Self::List(rows) if opts.as_list => Self::Values(Values { rows, keys: Some(keys) }),
            other => other,
        }
    }
}
