//! The client of a hub: sessions, calls, uploads, downloads, and following tasks.
//!
//! What it refuses: reading configuration files or the environment (the caller's
//! part), and printing.

mod download;
mod expected;
mod feed;
mod http;
mod label;
mod local;
mod member;
mod multicall;
mod options;
mod output;
mod part;
mod retry;
mod session;
mod tls;
mod transport;
mod typed;
mod upload;
pub mod watch;

pub use download::{Download, Downloaded, Patience, Progress, Wanted, urls_below};
pub use expected::{Content, Expected};
pub use feed::Feed;
pub use label::{build_label, task_label};
pub use member::{field, item};
pub use options::{Options, Secret};
pub use output::OutputPlace;
pub use session::{Credentials, Login, Session};
pub use tls::system_bundle;
pub use transport::{Failure, Outgoing, Transport, Unreached, UploadChunk};
pub use upload::Upload;
