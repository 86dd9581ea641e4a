//! `koji-hubd openapi`

use std::io::Write as _;

use koji_core::Result;
use koji_core::api::openapi;

/// Writes the document for people: with a member on each line. It needs no database.
pub(super) fn run() -> Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &openapi::document())?;
    Ok(writeln!(out)?)
}
