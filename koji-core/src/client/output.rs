//! Pieces of the files that tasks left, read through the hub.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::session::Session;
use crate::api::task::DownloadTaskOutput;
use crate::wire::Value;
use crate::{Error, Result};

/// Which file of a task.
#[derive(Clone, Copy, Debug)]
pub struct OutputPlace<'a> {
    /// The task's id.
    pub task_id: i64,
    /// The file's name below the task's directory.
    pub name: &'a str,
    /// The volume's name.
    pub volume: &'a str,
}

impl Session {
    /// A piece of a file of a task; empty at its end.
    ///
    /// # Errors
    /// A fault of the hub, or an answer that is no base64.
    pub fn task_output(&mut self, place: OutputPlace<'_>, offset: i64, size_bytes: i64) -> Result<Vec<u8>> {
        let piece = self.ask(DownloadTaskOutput {
            offset: Some(offset),
            size: size_bytes.into(),
            volume: Some(place.volume.into()),
            ..DownloadTaskOutput::new(place.task_id, place.name)
        })?;
        decode(piece, place.name)
    }
}

/// Koji sends the bytes as base64 in a plain string.
fn decode(piece: Value, name: &str) -> Result<Vec<u8>> {
    match piece {
        Value::Bytes(bytes) => Ok(bytes),
        Value::String(text) => {
            let text: String = text.split_ascii_whitespace().collect();
            STANDARD.decode(text).map_err(|error| {
                Error::generic(format!("{name}: the hub sent no base64: {error}")).caused_by(error)
            })
        }
        _ => Ok(vec![]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_base64_in_a_string() {
        assert_eq!(decode(Value::String("aGVs\nbG8=\n".into()), "build.log").unwrap(), b"hello");
        assert!(decode(Value::String("?".into()), "build.log").unwrap_err().message.contains("build.log"));
        assert!(decode(Value::Nil, "build.log").unwrap().is_empty());
    }
}
