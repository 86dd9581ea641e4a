//! The database's URL from the options that Koji's hub.conf has for it.

use koji_core::config::HubConfig;
use koji_core::{Error, Fault, Result};

/// The URL, if a database is named. A `DBConnectionString` goes before the other options: it is a URL, or a list of
/// `name=value` as libpq has it.
pub(super) fn url(config: &HubConfig) -> Result<Option<String>> {
    if let Some(text) = config.find_text("DBConnectionString") {
        return if text.contains("://") { Ok(Some(text.to_owned())) } else { from_list(text).map(Some) };
    }
    let Some(name) = config.find_text("DBName") else { return Ok(None) };
    let user = config.find_text("DBUser").unwrap_or("koji");
    let password = config.find_text("DBPass").map(|word| format!(":{}", encoded(word))).unwrap_or_default();
    let host = config.find_text("DBHost").unwrap_or_default();
    let port = config.find_int("DBPort").map(|port| format!(":{port}")).unwrap_or_default();
    Ok(Some(format!("postgres://{}{password}@{}{port}/{}", encoded(user), encoded(host), encoded(name))))
}

/// libpq takes all parameters as a query, too.
fn from_list(text: &str) -> Result<String> {
    let parameters = parameters(text).ok_or_else(|| {
        // the text may hold a password: it is not told
        let message = "DBConnectionString must be a URL or a list such as 'dbname=koji user=koji host=db'";
        Error::new(Fault::Configuration, message)
    })?;
    let query: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    Ok(format!("postgresql:///?{}", query.join("&")))
}

/// `name = value` with blanks between; a value may stand in single quotes, a backslash takes the next character as it is.
fn parameters(text: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let (quoted, after) = match after.trim_start().strip_prefix('\'') {
            Some(after) => (true, after),
            None => (false, after.trim_start()),
        };
        let mut value = String::new();
        let mut characters = after.char_indices();
        let mut end = None;
        while let Some((at, c)) = characters.next() {
            match c {
                '\\' => value.push(characters.next()?.1),
                '\'' if quoted => {
                    end = Some(at + 1);
                    break;
                }
                c if !quoted && c.is_whitespace() => {
                    end = Some(at);
                    break;
                }
                c => value.push(c),
            }
        }
        let end = end.or((!quoted).then_some(after.len()))?;
        found.push((name.trim().to_owned(), value));
        rest = after[end..].trim_start();
    }
    (!found.is_empty() && found.iter().all(|(name, _)| !name.is_empty())).then_some(found)
}

/// As libpq decodes it in a URL.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_strings() {
        let url = |text: &str| {
            let mut config = HubConfig::default();
            config.set("DBConnectionString", text).unwrap();
            url(&config).ok().flatten().unwrap_or_else(|| "refused".into())
        };
        assert_eq!(url("postgres://h/koji"), "postgres://h/koji");
        assert_eq!(
            url("dbname=koji user = koji host=/run/pg  password='it''s'"),
            "refused",
            "a quote in quotes wants a backslash"
        );
        assert_eq!(
            url(r"dbname=koji user = koji host=/run/pg password='it\'s a b' port=5433"),
            "postgresql:///?dbname=koji&user=koji&host=%2Frun%2Fpg&password=it%27s%20a%20b&port=5433"
        );
        for text in ["koji", "dbname='koji", "=x", ""] {
            assert_eq!(url(text), "refused", "{text}");
        }
    }
}
