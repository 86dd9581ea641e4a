//! The database's URL from the options that Koji's hub.conf has for it.

use koji_core::config::HubConfig;

/// The URL, if a database is named. A `DBConnectionString` is taken as it is.
pub(super) fn url(config: &HubConfig) -> Option<String> {
    if let Some(url) = config.find_text("DBConnectionString") {
        return Some(url.to_owned());
    }
    let name = config.find_text("DBName")?;
    let user = config.find_text("DBUser").unwrap_or("koji");
    let password = config.find_text("DBPass").map(|word| format!(":{}", encoded(word))).unwrap_or_default();
    let host = config.find_text("DBHost").unwrap_or_default();
    let port = config.find_int("DBPort").map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("postgres://{}{password}@{}{port}/{}", encoded(user), encoded(host), encoded(name)))
}

/// As libpq decodes it in a URL.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
