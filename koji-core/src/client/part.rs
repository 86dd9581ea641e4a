//! [`Part`]: the bytes of a file that have come so far, and what a server's answer adds to them.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use ureq::http::Response;
use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, LAST_MODIFIED, TRANSFER_ENCODING};

use super::download::{Progress, Trouble, part_of};
use super::expected::Expected;
use crate::error::{Error, Result};

/// What a whole answer made of the part.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fetched {
    /// The file.
    Right,
    /// Something else, which is gone again.
    Wrong {
        /// Some of it was there before.
        resumed: bool,
        /// In what it differs.
        difference: String,
    },
}

/// A file that is not whole yet.
pub(super) struct Part<'a> {
    path: PathBuf,
    length: u64,
    /// What the server told to recognise this state of the file by.
    validator: Option<String>,
    expected: &'a Expected,
}

impl<'a> Part<'a> {
    /// The part of a file. One that an earlier program left is used if it can be told whether the whole is right.
    pub fn beside(dest: &Path, expected: &'a Expected) -> Result<Self> {
        let path = part_of(dest);
        let length = path.metadata().map_or(0, |found| found.len());
        let mut part = Self { path, length, validator: None, expected };
        if length > 0 && !expected.is_known() {
            part.discard()?;
        }
        Ok(part)
    }

    /// Whether an earlier program has fetched all and was ended before it gave the file its name.
    pub fn is_whole(&self) -> Result<bool> {
        Ok(self.length > 0 && self.expected.compare(&self.path)?.is_none())
    }

    /// How much is there.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// What makes a server send the rest only if it is a rest of the same.
    pub fn validator(&self) -> Option<&str> {
        self.validator.as_deref()
    }

    /// Starts anew.
    pub fn discard(&mut self) -> Result<()> {
        (self.length, self.validator) = (0, None);
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(&self.path, error)),
            _ => Ok(()),
        }
    }

    /// Gives the whole file its name.
    pub fn keep_as(self, dest: &Path) -> Result<()> {
        fs::rename(&self.path, dest).map_err(|error| Error::io(dest, error))
    }

    /// Takes what a server sends.
    pub fn take(
        &mut self,
        url: &str,
        response: Response<ureq::Body>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Fetched, Trouble> {
        let resumed = response.status() == 206;
        let total = if resumed { self.rest(&response) } else { length(&response) };
        if resumed && total.is_none() {
            self.discard().map_err(Trouble::Lasting)?;
            let text = format!("{url}: the server sends another range than the one asked for");
            return Err(Trouble::Passing(Error::generic(text)));
        }
        if !resumed {
            self.discard().map_err(Trouble::Lasting)?;
            self.validator = validator(&response);
        }
        let known = total.is_some() || response.headers().contains_key(TRANSFER_ENCODING);
        if !known && !self.expected.is_known() {
            let text = "the server tells no length, and nothing else tells whether the file is whole";
            return Err(Trouble::Lasting(Error::generic(format!("{url}: {text}"))));
        }
        self.write(url, response, total, progress)?;
        if let Some(total) = total.filter(|total| self.length < *total) {
            let text = format!("{url}: {} bytes came instead of {total}", self.length);
            return Err(Trouble::Passing(Error::generic(text)));
        }
        match self.expected.compare(&self.path).map_err(Trouble::Lasting)? {
            None => Ok(Fetched::Right),
            // without a length this may be a broken connection as well
            Some(difference) if total.is_none() && self.is_short() => {
                Err(Trouble::Passing(Error::generic(format!("{url}: {difference}"))))
            }
            Some(difference) => {
                self.discard().map_err(Trouble::Lasting)?;
                Ok(Fetched::Wrong { resumed, difference })
            }
        }
    }

    fn is_short(&self) -> bool {
        self.expected.size_bytes.is_some_and(|size| self.length < size)
    }

    /// The length of the whole file, if the range is the one that is missing here.
    fn rest(&self, response: &Response<ureq::Body>) -> Option<u64> {
        let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
        let (range, total) = range.split_once('/')?;
        let (start, end) = range.split_once('-')?;
        let (start, end): (u64, u64) = (start.parse().ok()?, end.parse().ok()?);
        let total = if total == "*" { end + 1 } else { total.parse().ok()? };
        (start == self.length && end + 1 == total).then_some(total)
    }

    fn write(
        &mut self,
        url: &str,
        response: Response<ureq::Body>,
        total: Option<u64>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Trouble> {
        let at = |error| Trouble::Lasting(Error::io(&self.path, error));
        let mut file = open(&self.path, self.length > 0).map_err(at)?;
        let mut reader = response.into_body().into_reader();
        let mut buffer = vec![0; 256 * 1024];
        let total = total.or(self.expected.size_bytes);
        let mut done = self.length;
        progress(Progress { done, total });
        let ended = loop {
            match reader.read(&mut buffer) {
                Ok(0) => break Ok(()),
                Ok(count) => {
                    file.write_all(&buffer[..count]).map_err(at)?;
                    done += count as u64;
                    progress(Progress { done, total });
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break Err(Trouble::Passing(Error::generic(format!("{url}: {error}")))),
            }
        };
        self.length = done;
        ended
    }
}

fn open(path: &Path, append: bool) -> std::io::Result<File> {
    if append { OpenOptions::new().append(true).open(path) } else { File::create(path) }
}

fn length(response: &Response<ureq::Body>) -> Option<u64> {
    response.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A weak tag does not vouch for every byte.
fn validator(response: &Response<ureq::Body>) -> Option<String> {
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    text(ETAG).filter(|tag| !tag.starts_with("W/")).or_else(|| text(LAST_MODIFIED)).map(str::to_owned)
}
