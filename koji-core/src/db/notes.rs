//! [`Notes`]: what a rehearsed call would do, in order, each with the entry of a call of calls that it belongs to.

use serde::Serialize;

/// Something that is noted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note<T> {
    /// The number of the entry, from 0, if the call is one of many
    pub entry: Option<usize>,
    /// What it is
    #[serde(flatten)]
    pub what: T,
}

/// What has been noted.
#[derive(Debug)]
pub struct Notes<T>(Vec<Note<T>>);

impl<T> Default for Notes<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Notes<T> {
    /// Adds something.
    pub fn add(&mut self, what: T) {
        self.0.push(Note { entry: None, what });
    }

    /// All that is noted.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|note| &note.what)
    }

    /// How much there is; a savepoint that fails goes back to it.
    pub fn mark(&self) -> usize {
        self.0.len()
    }

    /// Forgets what came since a mark.
    pub fn forget(&mut self, mark: usize) {
        self.0.truncate(mark);
    }

    /// Says that what came since a mark belongs to an entry of a call of calls.
    pub fn stamp(&mut self, mark: usize, entry: usize) {
        self.0.iter_mut().skip(mark).for_each(|note| note.entry = Some(entry));
    }

    /// What came since the last time, in order.
    pub fn take(&mut self) -> Vec<Note<T>> {
        std::mem::take(&mut self.0)
    }
}
