//! The watcher of external repositories, as kojira is: reads how new they are, so that tags that use them change.

use std::time::Duration;

use koji_core::client::{Download, Downloaded, Expected, Options, Patience, Wanted};
use koji_core::external_repo::watch;
use koji_core::hub::Hub;
use koji_core::repo::external::newest_timestamp;
use koji_core::{Error, Result};

use super::{Because, Look};

/// How long a server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Servers are asked in whole rounds only, and while no transaction is open.
pub fn look() -> Look {
    Box::new(|hub, because| if because == Because::Idle { round(hub) } else { Ok(()) })
}

fn round(hub: &Hub) -> Result<()> {
    let round = hub.glance(watch::round)?;
    if round.repos.is_empty() {
        return Ok(());
    }
    let dir = tempfile::tempdir()?;
    // the next round is soon enough for another try
    let options = Options { timeout: PATIENCE, ..Options::default() };
    let mut download = Download::new(&options).with_patience(Patience::NONE);
    let mut newest = |url: &str| -> Result<Option<i64>> {
        let text = match url.strip_prefix("file://") {
            Some(path) => std::fs::read_to_string(path)?,
            None => {
                let dest = dir.path().join("repomd.xml");
                // what was fetched last is another file
                let _ = std::fs::remove_file(&dest);
                let (urls, expected) = ([url.to_owned()], Expected::default());
                let wanted = Wanted { urls: &urls, dest: &dest, expected: &expected };
                if download.fetch(&wanted, &mut |_| {})? == Downloaded::Absent {
                    return Ok(None);
                }
                std::fs::read_to_string(&dest).map_err(|source| Error::io(&dest, source))?
            }
        };
        newest_timestamp(&text).map(Some)
    };
    let newer = watch::newer(&round, |url| {
        newest(url).unwrap_or_else(|error| {
            tracing::debug!(url, %error, "no time of an external repo");
            None
        })
    });
    if !newer.is_empty() {
        tracing::info!(?newer, "external repos have new content");
        hub.operate_aside(|cx| watch::note(cx, &newer))?;
        (hub.env().changed)();
    }
    Ok(())
}
