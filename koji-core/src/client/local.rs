//! The way straight into a database: the same calls, with no hub running.
//!
//! Whoever may open the database and the top directory may do anything there, so nothing is asked for: a login
//! only says as whom to act. Refuses client certificates, which prove nothing here.

use std::path::Path;

use super::options::Options;
use super::transport::{Failure, Outgoing, Transport, UploadChunk};
use crate::api::Call;
use crate::config::HubConfig;
use crate::db::Db;
use crate::hub::Hub;
use crate::upload;
use crate::wire::{self, Value};
use crate::{Error, Result};

/// Calls run one after the other here; one connection for reading is enough.
const CONNECTIONS: u32 = 1;

/// A hub in this process.
pub(super) struct LocalTransport {
    hub: Hub,
    user: Option<String>,
}

impl LocalTransport {
    /// Whether a URL names a database and not a hub.
    pub(super) fn is_local(url: &str) -> bool {
        ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme))
    }

    /// Opens the database and the top directory.
    pub(super) fn open(url: &str, topdir: &Path) -> Result<Self> {
        let hub = Hub::new(Db::open(url, CONNECTIONS)?, HubConfig::default(), topdir)?;
        Ok(Self { hub, user: None })
    }

    /// Who may say as whom he acts: a user's name, or the first administrator if it is empty.
    fn log_in(&mut self, params: &[Value]) -> Result<Value> {
        let wanted = match params.first() {
            Some(Value::String(name)) if !name.is_empty() => Some(name.as_str()),
            _ => None,
        };
        self.user = Some(self.hub.operator(wanted)?);
        Ok(Value::Struct(vec![
            ("session-id".into(), Value::Int(0)),
            ("session-key".into(), Value::String("local".into())),
        ]))
    }

    fn run(&mut self, call: &Outgoing<'_>) -> Result<Value> {
        match call.method {
            "login" => self.log_in(call.params),
            "logout" => {
                self.user = None;
                Ok(Value::Nil)
            }
            method if call.what_if => {
                let asked = Call::new(method, call.params.to_vec());
                wire::to_value(&self.hub.what_if_as(self.user.as_deref(), asked)?)
            }
            method => {
                self.hub.call_as(self.user.as_deref(), Call::new(method, call.params.to_vec()))?.value()
            }
        }
    }

    fn store(&self, chunk: &UploadChunk<'_>) -> Result<Value> {
        let place = upload::Place {
            dir: chunk.dir.to_owned(),
            name: chunk.name.to_owned(),
            volume: chunk.volume.map(str::to_owned),
        };
        let offset = i64::try_from(chunk.offset).map_err(|_| Error::parameter("the offset is too large"))?;
        let request =
            upload::Request { place, offset, overwrite: chunk.overwrite, verify: "adler32".to_owned() };
        let opened = self.hub.act_as(self.user.as_deref(), |cx| upload::open(cx, request))?;
        wire::to_value(&opened.store(&mut &*chunk.data)?)
    }
}

impl Transport for LocalTransport {
    fn call(&mut self, call: &Outgoing<'_>) -> Result<Value, Failure> {
        self.run(call).map_err(Failure::Fault)
    }

    fn upload(&mut self, chunk: &UploadChunk<'_>) -> Result<Value, Failure> {
        self.store(chunk).map_err(Failure::Fault)
    }

    fn another(&self) -> Box<dyn Transport> {
        Box::new(Self { hub: self.hub.clone(), user: self.user.clone() })
    }

    fn use_client_certificate(&mut self, _cert: &Path) -> Result<()> {
        Err(Error::auth("a certificate proves nothing to a database; leave the login out"))
    }

    /// Timeouts and trust mean nothing here; the top directory stays the one that was opened.
    fn set_options(&mut self, _options: &Options) {}

    fn hub_version(&self) -> Option<&str> {
        Some(crate::KOJI_VERSION)
    }
}
