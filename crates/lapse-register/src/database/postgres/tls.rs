//! TLS by rustls for the client library, and how much is asked of the certificate of the server: nothing, an authority that is
//! trusted, or the name of the server as well.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;

use super::url::Security;

/// Makes TLS of connections.
#[derive(Clone)]
pub(super) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// TLS that asks so much of the certificate of the server.
    pub fn asking(security: Security, authorities: Option<&Path>) -> Result<Tls, String> {
        let provider = Arc::new(ring::default_provider());
        let asked = match security {
            Security::Disable | Security::Prefer | Security::Require => Asked::Nothing,
            Security::VerifyCa | Security::VerifyFull => Asked::Authority {
                trusted: trusted(authorities)?,
                name_too: security == Security::VerifyFull,
                provider: provider.clone(),
            },
        };
        let verifier = Arc::new(Verifier::new(asked, provider.clone())?);
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(Tls(Arc::new(config)))
    }
}

/// The certificates of the authorities that are trusted.
fn trusted(authorities: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, String> {
    let Some(path) = authorities else { return Ok(rustls_native_certs::load_native_certs().certs) };
    let unreadable = |error| format!("the certificates in {} cannot be read: {error}", path.display());
    let read = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
    read.collect::<Result<_, _>>().map_err(unreadable)
}

/// What is asked of a certificate.
enum Asked {
    Nothing,
    Authority { trusted: Vec<CertificateDer<'static>>, name_too: bool, provider: Arc<CryptoProvider> },
}

/// Asks it.
#[derive(Debug)]
struct Verifier {
    /// None where whoever has the key of the certificate will do.
    authority: Option<Arc<WebPkiServerVerifier>>,
    /// These are trusted as they are. A server that signed its own certificate is its own authority, which rustls by itself
    /// takes for a mistake.
    themselves: Vec<CertificateDer<'static>>,
    name_too: bool,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn new(asked: Asked, provider: Arc<CryptoProvider>) -> Result<Verifier, String> {
        let Asked::Authority { trusted, name_too, provider } = asked else {
            return Ok(Verifier { authority: None, themselves: Vec::new(), name_too: false, provider });
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(trusted.iter().cloned());
        if roots.is_empty() {
            return Err(
                "there is no certificate of an authority that is trusted; name a file as sslrootcert".to_owned()
            );
        }
        let authority = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
        let authority = authority.map_err(|error| error.to_string())?;
        Ok(Verifier { authority: Some(authority), themselves: trusted, name_too, provider })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        if self.themselves.contains(certificate) {
            if self.name_too {
                rustls::client::verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        match authority.verify_server_cert(certificate, between, name, ocsp, now) {
            // The name is looked at once the authority is found to be trusted.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.name_too => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl<S> MakeTlsConnect<S> for Tls
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Secured<S>;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, server: &str) -> io::Result<Handshake> {
        // A socket has no name, and no TLS.
        Ok(Handshake { config: self.0.clone(), name: ServerName::try_from(server.to_owned()).ok() })
    }
}

/// TLS with one server.
pub(super) struct Handshake {
    config: Arc<ClientConfig>,
    name: Option<ServerName<'static>>,
}

impl<S> TlsConnect<S> for Handshake
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Secured<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Secured<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let name =
                self.name.ok_or_else(|| io::Error::other("the server has no name that a certificate can have"))?;
            TlsConnector::from(self.config).connect(name, stream).await.map(Secured)
        })
    }
}

/// A connection within TLS.
pub(super) struct Secured<S>(tokio_rustls::client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Secured<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Secured<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Secured<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
