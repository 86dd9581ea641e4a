//! The lookaside cache at /lookaside: files by GET, and `upload.cgi` as dist-git's clients know it.

mod form;
mod login;
mod upload;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get_service, post};
use koji_core::hub::Hub;
use koji_core::lookaside::Store;

use crate::files;

/// The directory of the kept files below the top directory.
const DIRECTORY: &str = "lookaside";

/// What answers at /lookaside.
pub fn router(hub: Hub) -> Router {
    let store = Store::new(hub.env().paths.top().join(DIRECTORY));
    let files = get_service(files::service(store.dir()));
    let upload =
        post(upload::handle).layer(DefaultBodyLimit::disable()).with_state(upload::Upload { hub, store });
    Router::new().route("/lookaside/upload.cgi", upload).nest_service("/lookaside", files)
}
