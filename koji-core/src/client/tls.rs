//! What vouches for a hub and what the client shows it: PEM files, read when the first call is made.

use std::path::{Path, PathBuf};

use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use crate::error::{Error, Result};

use super::options::Options;

/// Where systems keep the certificates they trust.
const SYSTEM_BUNDLES: [&str; 5] = [
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The TLS settings of a session.
pub(super) fn tls_config(options: &Options, cert: Option<&Path>) -> Result<TlsConfig> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let mut builder = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .disable_verification(options.no_ssl_verify);
    if !options.no_ssl_verify {
        builder = builder.root_certs(RootCerts::from(roots(options)?));
    }
    if let Some(path) = cert {
        builder = builder.client_cert(Some(client_cert(path)?));
    }
    Ok(builder.build())
}

fn roots(options: &Options) -> Result<Vec<Certificate<'static>>> {
    let path = match &options.serverca {
        Some(path) => path.clone(),
        None => system_bundle()?,
    };
    let (certs, _) = read_pem(&path)?;
    if certs.is_empty() {
        return Err(Error::auth(format!("{} holds no certificate", path.display())));
    }
    Ok(certs)
}

/// The file of the certificates that this system trusts.
///
/// # Errors
/// When there is none at the usual places.
pub fn system_bundle() -> Result<PathBuf> {
    SYSTEM_BUNDLES.iter().map(PathBuf::from).find(|path| path.exists()).ok_or_else(|| {
        Error::auth("no certificates of the system were found; name a file with the option serverca")
    })
}

fn client_cert(path: &Path) -> Result<ClientCert> {
    let (certs, key) = read_pem(path)?;
    let key = key.ok_or_else(|| Error::auth(format!("{} holds no private key", path.display())))?;
    if certs.is_empty() {
        return Err(Error::auth(format!("{} holds no certificate", path.display())));
    }
    Ok(ClientCert::new_with_certs(&certs, key))
}

type Pem = (Vec<Certificate<'static>>, Option<PrivateKey<'static>>);

fn read_pem(path: &Path) -> Result<Pem> {
    let text = std::fs::read(path).map_err(|error| {
        Error::auth(format!("certificate {} can't be read: {error}", path.display())).caused_by(error)
    })?;
    let mut certs = vec![];
    let mut key = None;
    for item in parse_pem(&text) {
        match item {
            Ok(PemItem::Certificate(cert)) => certs.push(cert),
            Ok(PemItem::PrivateKey(found)) => key = Some(found),
            Ok(_) => {}
            // the error itself may quote the key
            Err(_) => return Err(Error::auth(format!("{} is not a PEM file", path.display()))),
        }
    }
    Ok((certs, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_certificate_is_named() {
        let error = client_cert(Path::new("/nowhere/client.pem")).unwrap_err();
        assert!(error.message.contains("/nowhere/client.pem"), "{error}");
    }

    #[test]
    fn a_file_without_a_key_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "nothing\n").unwrap();
        assert!(client_cert(file.path()).unwrap_err().message.contains("no private key"));
    }
}
