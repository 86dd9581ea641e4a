//! Downloading a file: into a partial one beside it, resumed if that exists, renamed when whole.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::Agent;
use ureq::http::Response;

use crate::error::{Error, Result};

use super::http;
use super::options::Options;

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
    /// A file of the right size was there already.
    Present,
    /// The server has no such file.
    Absent,
}

/// Downloads by http; keeps its connections between files.
pub struct Download {
    options: Options,
    agent: Option<Agent>,
}

impl Download {
    /// A downloader with the trust of a session's options.
    pub fn new(options: &Options) -> Self {
        Self { options: options.clone(), agent: None }
    }

    /// Fetches a URL into a file. `size_bytes` is the size it must have, if known: then a file that is
    /// there already and has it is kept.
    ///
    /// # Errors
    /// A refusal of the server, a broken transfer (the part is kept for the next try), a wrong size.
    pub fn fetch(
        &mut self,
        url: &str,
        dest: &Path,
        size_bytes: Option<u64>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Downloaded> {
        if let (Some(size), Ok(found)) = (size_bytes, dest.metadata())
            && found.len() == size
        {
            return Ok(Downloaded::Present);
        }
        if let Some(parent) = dest.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(|error| Error::io(parent, error))?;
        }
        let part = part_of(dest);
        let have = part.metadata().map_or(0, |found| found.len());
        let mut response = self.get(url, have)?;
        if response.status() == 416 {
            // the part is longer than the file, so it is a part of something else
            response = self.get(url, 0)?;
        }
        if response.status() == 404 {
            return Ok(Downloaded::Absent);
        }
        let have = if response.status() == 206 { have } else { 0 };
        if !response.status().is_success() {
            return Err(Error::generic(format!("{url}: the server answered {}", response.status())));
        }
        let total = length(&response).map(|rest| have + rest).or(size_bytes);
        let done = save(response, &part, Progress { done: have, total }, progress)?;
        if let Some(expected) = size_bytes.or(total)
            && done != expected
        {
            std::fs::remove_file(&part).map_err(|error| Error::io(&part, error))?;
            return Err(Error::generic(format!("{url}: {done} bytes came instead of {expected}")));
        }
        std::fs::rename(&part, dest).map_err(|error| Error::io(dest, error))?;
        Ok(Downloaded::Fetched)
    }

    fn get(&mut self, url: &str, from: u64) -> Result<Response<ureq::Body>> {
        let agent = match &self.agent {
            Some(agent) => agent.clone(),
            None => {
                // a redirect may lead to https, so the trust is set up in any case
                let agent = http::agent("https://", &self.options, None)?;
                self.agent = Some(agent.clone());
                agent
            }
        };
        let mut request = agent
            .get(url)
            .config()
            .max_redirects(10)
            .timeout_connect(Some(Duration::from_secs(60)))
            .timeout_per_read(Some(Duration::from_secs(300)))
            .build()
            // a compressed answer has neither the file's length nor ranges
            .header("Accept-Encoding", "identity");
        if from > 0 {
            request = request.header("Range", format!("bytes={from}-"));
        }
        request.call().map_err(|error| Error::generic(format!("{url}: {error}")))
    }
}

fn part_of(dest: &Path) -> PathBuf {
    let mut name = dest.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

fn length(response: &Response<ureq::Body>) -> Option<u64> {
    response.headers().get("Content-Length")?.to_str().ok()?.parse().ok()
}

fn save(
    response: Response<ureq::Body>,
    part: &Path,
    mut state: Progress,
    progress: &mut dyn FnMut(Progress),
) -> Result<u64> {
    let mut file = open_part(part, state.done > 0).map_err(|error| Error::io(part, error))?;
    let mut reader = response.into_body().into_reader();
    let mut buffer = vec![0; 256 * 1024];
    progress(state);
    loop {
        let count = reader.read(&mut buffer).map_err(|error| Error::io(part, error))?;
        if count == 0 {
            break;
        }
        file.write_all(&buffer[..count]).map_err(|error| Error::io(part, error))?;
        state.done += count as u64;
        progress(state);
    }
    Ok(state.done)
}

fn open_part(part: &Path, append: bool) -> std::io::Result<File> {
    if append { OpenOptions::new().append(true).open(part) } else { File::create(part) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_right_size_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let dest = dir.path().join("a.rpm");
        std::fs::write(&dest, b"12345").unwrap();
        let done =
            Download::new(&Options::default()).fetch("http://nowhere.invalid/", &dest, Some(5), &mut |_| {});
        assert_eq!(done.unwrap(), Downloaded::Present);
    }

    #[test]
    fn the_part_lies_beside_the_file() {
        assert_eq!(part_of(Path::new("d/a.rpm")), Path::new("d/a.rpm.part"));
    }
}
