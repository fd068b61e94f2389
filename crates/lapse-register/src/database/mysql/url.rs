//! What a URL says of how a server is reached: `mysql://USER:PASSWORD@SERVER:PORT/DATABASE`, behind which `?ssl-mode=…` and
//! `&ssl-ca=FILE` say how the connection is secured; the rest is the client library's.

use std::path::PathBuf;
use std::time::Duration;

use mysql::{Opts, OptsBuilder, SslOpts};

/// How much a connection is secured, as the programs of MySQL call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// Not at all.
    Disabled,
    /// By TLS, whoever the server is.
    Required,
    /// By TLS with a certificate of an authority that is trusted, whatever its name.
    VerifyCa,
    /// By TLS with a certificate of an authority that is trusted, in the name of the server.
    VerifyIdentity,
}

impl Security {
    const ALL: [(&'static str, Security); 4] = [
        ("disabled", Security::Disabled),
        ("required", Security::Required),
        ("verify-ca", Security::VerifyCa),
        ("verify-identity", Security::VerifyIdentity),
    ];

    fn named(word: &str) -> Result<Security, String> {
        let plain = word.to_lowercase().replace('_', "-");
        let known = Security::ALL.into_iter().find(|(name, _)| *name == plain);
        known.map(|(_, security)| security).ok_or_else(|| {
            let words = Security::ALL.map(|(name, _)| name).join(", ");
            format!("its ssl-mode is `{word}`, and it can be {words}")
        })
    }
}

/// All that a URL says.
pub(super) struct Reached {
    pub options: OptsBuilder,
}

/// A server that does not answer is given up after this time.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// A connection over which nothing comes is asked after this many milliseconds whether it is still there.
const QUIET: u32 = 30_000;
/// What was sent and is not acknowledged for this many milliseconds is lost, and the connection with it.
#[cfg(target_os = "linux")]
const UNHEARD: u32 = 60_000;

impl Reached {
    /// Understands a URL.
    pub fn by(url: &str) -> Result<Reached, String> {
        let (url, mode, authorities) = without_security(url);
        let url = url.strip_prefix("mariadb://").map_or_else(|| url.clone(), |rest| format!("mysql://{rest}"));
        let said = Opts::from_url(&url).map_err(|error| error.to_string())?;
        // Nobody is between a program and a server on the same machine.
        let is_near =
            said.get_socket().is_some() || said.addr_is_loopback() || said.get_ip_or_hostname() == "localhost";
        let mut security = match mode {
            Some(word) => Security::named(&word)?,
            None if is_near => Security::Disabled,
            None => Security::VerifyIdentity,
        };
        // Whoever names authorities wants them asked.
        if security == Security::Required && authorities.is_some() {
            security = Security::VerifyCa;
        }
        let tls = (security != Security::Disabled).then(|| {
            SslOpts::default()
                .with_root_cert_path(authorities)
                .with_danger_accept_invalid_certs(security == Security::Required)
                .with_danger_skip_domain_validation(security != Security::VerifyIdentity)
        });
        if tls.is_some() {
            // Whichever was installed before does as well.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let options = OptsBuilder::from_opts(said)
            .ssl_opts(tls)
            // What the URL names is meant, and not what the server says of itself.
            .prefer_socket(false)
            .tcp_connect_timeout(Some(ANSWERS_WITHIN))
            .tcp_keepalive_time_ms(Some(QUIET));
        #[cfg(target_os = "linux")]
        let options = options.tcp_user_timeout_ms(Some(UNHEARD));
        Ok(Reached { options })
    }
}

/// A URL without what it says of security, its `ssl-mode`, and its `ssl-ca`.
fn without_security(url: &str) -> (String, Option<String>, Option<PathBuf>) {
    // A password may have a question mark of its own.
    let server = url.rfind('@').unwrap_or(0);
    let Some(question) = url[server..].find('?').map(|at| server + at) else { return (url.to_owned(), None, None) };
    let (mut kept, mut mode, mut authorities) = (Vec::new(), None, None);
    for pair in url[question + 1..].split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("ssl-mode", word)) => mode = Some(word.to_owned()),
            Some(("ssl-ca", path)) => authorities = Some(PathBuf::from(path.replace("%2F", "/").replace("%2f", "/"))),
            _ => kept.push(pair),
        }
    }
    let mark = if kept.is_empty() { "" } else { "?" };
    (format!("{}{mark}{}", &url[..question], kept.join("&")), mode, authorities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_is_full_unless_the_server_is_near_or_the_url_says_otherwise() {
        let security = |url: &str| match Opts::from(Reached::by(url).unwrap().options).get_ssl_opts() {
            None => Security::Disabled,
            Some(tls) if tls.accept_invalid_certs() => Security::Required,
            Some(tls) if tls.skip_domain_validation() => Security::VerifyCa,
            Some(_) => Security::VerifyIdentity,
        };
        assert_eq!(security("mysql://lapse@db.example/koha"), Security::VerifyIdentity);
        assert_eq!(security("mariadb://lapse@10.0.0.1:3307/koha"), Security::VerifyIdentity);
        assert_eq!(security("mysql://localhost/koha"), Security::Disabled);
        assert_eq!(security("mysql://127.0.0.1/koha"), Security::Disabled);
        assert_eq!(security("mysql://[::1]/koha"), Security::Disabled);
        assert_eq!(security("mysql://lapse@localhost/koha?socket=%2Frun%2Fmysqld%2Fmysqld.sock"), Security::Disabled);
        assert_eq!(security("mysql://db.example/koha?ssl-mode=DISABLED"), Security::Disabled);
        assert_eq!(security("mysql://db.example/koha?ssl-mode=required"), Security::Required);
        assert_eq!(security("mysql://db.example/koha?ssl-mode=required&ssl-ca=%2Fca.pem"), Security::VerifyCa);
        assert_eq!(security("mysql://localhost/koha?ssl-mode=VERIFY_IDENTITY"), Security::VerifyIdentity);
        let said = Reached::by("mysql://db.example/koha?ssl-mode=preferred").err().unwrap();
        assert_eq!(said, "its ssl-mode is `preferred`, and it can be disabled, required, verify-ca, verify-identity");
    }

    #[test]
    fn what_else_a_url_says_is_kept() {
        let options = Reached::by("mariadb://lapse:a%3Fb@db/koha?ssl-ca=ca.pem&compress=fast").unwrap().options;
        let options = Opts::from(options);
        assert_eq!((options.get_user(), options.get_pass()), (Some("lapse"), Some("a?b")));
        assert_eq!(options.get_db_name(), Some("koha"));
        assert_eq!(options.get_ssl_opts().and_then(SslOpts::root_cert_path), Some("ca.pem".as_ref()));
        assert!(options.get_compress().is_some() && !options.get_prefer_socket());
        assert!(Reached::by("mysql://db/koha?nonsense=1").is_err_and(|said| said.contains("nonsense")));
    }
}
