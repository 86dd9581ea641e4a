//! Which certificates of mail servers are trusted: those of the option `serverca`, else those of the system.

use std::path::PathBuf;
use std::sync::Arc;

use koji_core::client::system_bundle;
use koji_core::{Error, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// What an encrypted connection is checked by.
pub(super) fn trusted(serverca: Option<&str>) -> Result<Arc<ClientConfig>> {
    let file = serverca.map_or_else(system_bundle, |path| Ok(PathBuf::from(path)))?;
    let wrong = |error: rustls::pki_types::pem::Error| {
        Error::auth(format!("{}: {error}", file.display())).caused_by(error)
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&file).map_err(wrong)? {
        // a bundle may hold some that nobody can use
        drop(roots.add(certificate.map_err(wrong)?));
    }
    if roots.is_empty() {
        return Err(Error::auth(format!("{} holds no certificate that can be used", file.display())));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::unforeseen(format!("cannot set up TLS: {error}")).caused_by(error))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "nothing\n").unwrap();
        let path = file.path().to_str().unwrap();
        assert!(trusted(Some(path)).unwrap_err().message.contains(path));
        assert!(trusted(Some("/nowhere/ca.pem")).unwrap_err().message.contains("/nowhere/ca.pem"));
    }
}
