//! The top directory at /kojifiles: ranges and validators are tower-http's; paths that lead out are refused.

use std::path::Path;

use tower_http::services::ServeDir;

/// Serves a directory.
pub fn service(topdir: &Path) -> ServeDir {
    ServeDir::new(topdir).append_index_html_on_directories(false)
}
