//! [`Download`]: fetching a file whole, or not at all.
//!
//! It goes into a part beside its place, which a later try resumes, and gets its name when its length and
//! content are what they must be. A file may be at several servers: each is tried, and all of them again after
//! a pause, as long as that can help.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::Agent;
use ureq::http::Response;

use crate::error::{Error, Result};

use super::expected::Expected;
use super::http;
use super::options::Options;
use super::part::{Fetched, Part};

/// How far a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The bytes that are through.
    pub done: u64,
    /// All of them, if known.
    pub total: Option<u64>,
}

/// What a download did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Downloaded {
    /// The file was fetched.
    Fetched,
    /// The right file was there already.
    Present,
    /// No server has such a file.
    Absent,
}

/// A file that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Where it may be had, the best address first.
    pub urls: &'a [String],
    /// Where it is to be.
    pub dest: &'a Path,
    /// What it must be.
    pub expected: &'a Expected,
}

/// How long to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How often every server is tried.
    pub tries: u32,
    /// The pause before the second try. It doubles with every further one, up to [`Patience::LONGEST`].
    pub pause: Duration,
}

impl Patience {
    /// The longest pause.
    pub const LONGEST: Duration = Duration::from_secs(30);

    /// One try.
    pub const NONE: Self = Self { tries: 1, pause: Duration::ZERO };

    /// The pause before a try, the second of which is number 1.
    fn before(self, number: u32) -> Duration {
        self.pause.saturating_mul(1 << (number - 1).min(16)).min(Self::LONGEST)
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self { tries: 5, pause: Duration::from_secs(1) }
    }
}

/// Why a server did not give the file.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It has none.
    Absent,
    /// Another try may help.
    Passing(Error),
    /// It gives something else, or refuses.
    Lasting(Error),
}

/// Downloads by http; keeps its connections between files.
pub struct Download {
    options: Options,
    patience: Patience,
    agent: Option<Agent>,
}

impl Download {
    /// A downloader with the trust of a session's options.
    pub fn new(options: &Options) -> Self {
        Self { options: options.clone(), patience: Patience::default(), agent: None }
    }

    /// The same with another patience.
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Fetches a file. One that is there already is kept if it is known to be the right one.
    ///
    /// # Errors
    /// The refusal of a server, a broken transfer (the part is kept for a later try), another file than expected.
    pub fn fetch(&mut self, wanted: &Wanted<'_>, progress: &mut dyn FnMut(Progress)) -> Result<Downloaded> {
        let Wanted { dest, expected, .. } = *wanted;
        if expected.is_known() && dest.is_file() && expected.compare(dest)?.is_none() {
            return Ok(Downloaded::Present);
        }
        if let Some(parent) = dest.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(|error| Error::io(parent, error))?;
        }
        let mut part = Part::beside(dest, expected)?;
        if part.is_whole()? {
            part.keep_as(dest)?;
            return Ok(Downloaded::Fetched);
        }
        let mut hopeful: Vec<usize> = (0..wanted.urls.len()).collect();
        let mut told: Vec<Option<Error>> = wanted.urls.iter().map(|_| None).collect();
        for number in 0..self.patience.tries.max(1) {
            if number > 0 {
                std::thread::sleep(self.patience.before(number));
            }
            let mut next = vec![];
            for at in hopeful {
                let url = &wanted.urls[at];
                match self.attempt(url, &mut part, progress) {
                    Ok(()) => {
                        part.keep_as(dest)?;
                        return Ok(Downloaded::Fetched);
                    }
                    Err(Trouble::Absent) => told[at] = None,
                    Err(Trouble::Lasting(error)) => told[at] = Some(error),
                    Err(Trouble::Passing(error)) => {
                        tracing::info!(url, %error, number, "a download failed and may be tried again");
                        told[at] = Some(error);
                        next.push(at);
                    }
                }
            }
            hopeful = next;
            if hopeful.is_empty() {
                break;
            }
        }
        failure(wanted, told)
    }

    /// Asks one server for what is missing.
    fn attempt(
        &mut self,
        url: &str,
        part: &mut Part<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Trouble> {
        let mut response = self.get(url, part)?;
        if response.status() == 416 && part.length() > 0 {
            // the part is longer than the file, so it is a part of something else
            part.discard().map_err(Trouble::Lasting)?;
            response = self.get(url, part)?;
        }
        let status = response.status();
        let told = || Error::generic(format!("{url}: the server answered {status}"));
        match status.as_u16() {
            200..=299 => {}
            404 | 410 => return Err(Trouble::Absent),
            408 | 429 | 500..=599 => return Err(Trouble::Passing(told())),
            _ => return Err(Trouble::Lasting(told())),
        }
        match part.take(url, response, progress)? {
            Fetched::Right => Ok(()),
            // what was there before may have been the wrong part
            Fetched::Wrong { resumed, difference } => {
                let error = Error::generic(format!("{url}: {difference}"));
                Err(if resumed { Trouble::Passing(error) } else { Trouble::Lasting(error) })
            }
        }
    }

    fn get(&mut self, url: &str, part: &Part<'_>) -> Result<Response<ureq::Body>, Trouble> {
        let agent = match &self.agent {
            Some(agent) => agent.clone(),
            None => {
                // a redirect may lead to https, so the trust is set up in any case
                let agent = http::agent("https://", &self.options, None).map_err(Trouble::Lasting)?;
                self.agent = Some(agent.clone());
                agent
            }
        };
        let mut request = agent
            .get(url)
            .config()
            .max_redirects(10)
            .timeout_connect(Some(self.options.timeout.min(Duration::from_secs(60))))
            .timeout_per_read(Some(self.options.timeout.min(Duration::from_secs(300))))
            .build()
            // a compressed answer has neither the file's length nor ranges
            .header("Accept-Encoding", "identity");
        if part.length() > 0 {
            request = request.header("Range", format!("bytes={}-", part.length()));
            if let Some(validator) = part.validator() {
                request = request.header("If-Range", validator);
            }
        }
        request.call().map_err(|error| {
            // a broken connection is not worth keeping
            self.agent = None;
            let told = Error::generic(format!("{url}: {error}"));
            match error {
                ureq::Error::BadUri(_) | ureq::Error::TooManyRedirects => Trouble::Lasting(told),
                _ => Trouble::Passing(told),
            }
        })
    }
}

/// What to say when no server gave the file: what each of them said, if they do not all lack it.
fn failure(wanted: &Wanted<'_>, told: Vec<Option<Error>>) -> Result<Downloaded> {
    if wanted.urls.is_empty() {
        return Err(Error::generic(format!("{}: no address to download it from", wanted.dest.display())));
    }
    if told.iter().all(Option::is_none) {
        return Ok(Downloaded::Absent);
    }
    let each = wanted.urls.iter().zip(told).map(|(url, error)| match error {
        Some(error) => error.message,
        None => format!("{url}: there is no such file"),
    });
    Err(Error::generic(each.collect::<Vec<_>>().join("; ")))
}

/// The addresses of a file below several top addresses (a text with spaces between them). What has a meaning
/// in an address is encoded; slashes stay.
pub fn urls_below(tops: &str, relative: &str) -> Vec<String> {
    let path = encode(relative.trim_start_matches('/'));
    tops.split_whitespace().map(|top| format!("{}/{path}", top.trim_end_matches('/'))).collect()
}

fn encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The file in which the bytes of another gather.
pub(super) fn part_of(dest: &Path) -> PathBuf {
    let mut name = dest.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_file_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let dest = dir.path().join("a.rpm");
        std::fs::write(&dest, b"12345").unwrap();
        let urls = ["http://127.0.0.1:1/".to_owned()];
        let fetch = |size| {
            let expected = Expected { size_bytes: Some(size), content: None };
            Download::new(&Options::default())
                .with_patience(Patience::NONE)
                .fetch(&Wanted { urls: &urls, dest: &dest, expected: &expected }, &mut |_| {})
        };
        assert_eq!(fetch(5).unwrap(), Downloaded::Present);
        assert!(fetch(6).unwrap_err().message.starts_with("http://127.0.0.1:1/: "));
    }

    #[test]
    fn pauses_double() {
        let patience = Patience::default();
        let pauses: Vec<u64> = (1..8).map(|number| patience.before(number).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn a_file_may_be_at_several_servers() {
        assert_eq!(
            urls_below("http://a/k/ http://b", "work/a b/g++^1.rpm"),
            ["http://a/k/work/a%20b/g%2B%2B%5E1.rpm", "http://b/work/a%20b/g%2B%2B%5E1.rpm"]
        );
        assert!(urls_below("", "x").is_empty());
    }
}
