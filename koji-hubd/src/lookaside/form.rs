//! [`Form`]: the fields of an upload, in any order; the file goes to disk as it comes.

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use koji_core::lookaside::{Place, Source, Store};
use koji_core::{Error, Result};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt as _;

/// The longest that a field may be which is no file.
const TEXT_BYTES: usize = 4096;

/// What a client sent.
#[derive(Debug, Default)]
pub(super) struct Form {
    name: Option<String>,
    /// The kind of checksum and the checksum.
    sum: Option<(String, String)>,
    filename: Option<String>,
    /// What came as the file.
    pub file: Option<NamedTempFile>,
}

impl Form {
    /// Reads all fields.
    pub async fn read(mut parts: Multipart, store: &Store) -> Result<Self> {
        let mut form = Self::default();
        while let Some(field) = parts.next_field().await.map_err(malformed)? {
            let name = field.name().unwrap_or_default().to_owned();
            match (name.as_str(), name.strip_suffix("sum")) {
                ("file", _) => {
                    let own = field.file_name().map(ToOwned::to_owned);
                    form.filename = own.or(form.filename);
                    form.file = Some(save(field, store).await?);
                }
                ("name", _) => form.name = Some(text(field).await?),
                ("filename", _) => form.filename = Some(text(field).await?),
                // when the file was changed last is not kept: it would change what is kept already
                ("mtime", _) => drop(text(field).await?),
                (_, Some(kind)) if form.sum.is_none() => {
                    form.sum = Some((kind.to_owned(), text(field).await?));
                }
                (_, Some(_)) => return Err(Error::generic("more than one checksum was sent")),
                _ => return Err(Error::generic(format!("there is no field {name}"))),
            }
        }
        Ok(form)
    }

    /// Which file it is.
    pub fn place(&self) -> Result<Place> {
        let missing = |what: &str| Error::generic(format!("the field {what} is missing"));
        let name = self.name.as_deref().ok_or_else(|| missing("name"))?;
        let (kind, hash) = self.sum.as_ref().ok_or_else(|| missing("sha512sum"))?;
        let file = self.filename.as_deref().ok_or_else(|| missing("file"))?;
        if !["sha512", "sha256"].contains(&kind.as_str()) {
            return Err(Error::generic(format!(
                "{kind} checksums are not taken any more: send sha512sum (in rpkg's configuration lookasidehash = sha512)"
            )));
        }
        Place::new(name, Source::new(file, kind, hash)?)
    }
}

fn malformed(error: MultipartError) -> Error {
    Error::generic(error.body_text()).caused_by(error)
}

async fn text(mut field: Field<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(malformed)? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > TEXT_BYTES {
            return Err(Error::generic(format!("a field is longer than {TEXT_BYTES} bytes")));
        }
    }
    String::from_utf8(bytes).map_err(|error| Error::generic("a field is not UTF-8").caused_by(error))
}

async fn save(mut field: Field<'_>, store: &Store) -> Result<NamedTempFile> {
    let incoming = store.incoming()?;
    let at = |error| Error::io(incoming.path(), error);
    let mut file = tokio::fs::File::from_std(incoming.reopen().map_err(at)?);
    while let Some(piece) = field.chunk().await.map_err(malformed)? {
        file.write_all(&piece).await.map_err(at)?;
    }
    file.flush().await.map_err(at)?;
    Ok(incoming)
}
