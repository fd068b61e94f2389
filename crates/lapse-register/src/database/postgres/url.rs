//! What a URL says of how a server is reached: the words about TLS are taken out of it and understood here, since the client
//! library refuses most of them; the rest is the library's.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// How much a connection is secured, as PostgreSQL's own programs call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// Not at all.
    Disable,
    /// By TLS where the server has it, whoever it is.
    Prefer,
    /// By TLS, whoever the server is.
    Require,
    /// By TLS with a certificate of an authority that is trusted, whatever its name.
    VerifyCa,
    /// By TLS with a certificate of an authority that is trusted, in the name of the server.
    VerifyFull,
}

impl Security {
    const ALL: [(&'static str, Security); 5] = [
        ("disable", Security::Disable),
        ("prefer", Security::Prefer),
        ("require", Security::Require),
        ("verify-ca", Security::VerifyCa),
        ("verify-full", Security::VerifyFull),
    ];

    fn named(word: &str) -> Result<Security, String> {
        let known = Security::ALL.into_iter().find(|(name, _)| *name == word);
        known.map(|(_, security)| security).ok_or_else(|| {
            let words = Security::ALL.map(|(name, _)| name).join(", ");
            format!("its sslmode is `{word}`, and it can be {words}")
        })
    }

    /// For a server whose URL says nothing: nobody is between a program and a server on the same machine.
    fn where_nothing_is_said(config: &Config) -> Security {
        let is_near = |host: &Host| match host {
            Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
            #[cfg(unix)]
            Host::Unix(_) => true,
        };
        #[cfg(unix)]
        if !config.get_hosts().is_empty() && config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_))) {
            return Security::Disable;
        }
        if config.get_hosts().iter().all(is_near) && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback) {
            Security::Prefer
        } else {
            Security::VerifyFull
        }
    }
}

/// All that a URL says.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub config: Config,
    pub security: Security,
    /// A file of authorities; those of the system where none is named.
    pub authorities: Option<PathBuf>,
}

/// A server that does not answer is given up after this time, unless the URL has another.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// A connection over which nothing comes is asked after this time whether it is still there.
const QUIET: Duration = Duration::from_secs(30);
/// What was sent and is not acknowledged for this time is lost, and the connection with it.
const UNHEARD: Duration = Duration::from_mins(1);

impl Reached {
    /// Understands a URL.
    pub fn by(url: &str) -> Result<Reached, String> {
        let (url, mut told) = without(url, &["sslmode", "sslrootcert"]);
        let mut config: Config = url.parse().map_err(|error| super::refused::in_words(&error))?;
        let authorities = told.remove("sslrootcert").filter(|path| path != "system" && !path.is_empty());
        let mut security = match told.get("sslmode") {
            Some(word) => Security::named(word)?,
            None => Security::where_nothing_is_said(&config),
        };
        // Whoever names authorities wants them asked; PostgreSQL's own programs do the same.
        if security == Security::Require && authorities.is_some() {
            security = Security::VerifyCa;
        }
        config.ssl_mode(match security {
            Security::Disable => SslMode::Disable,
            Security::Prefer => SslMode::Prefer,
            Security::Require | Security::VerifyCa | Security::VerifyFull => SslMode::Require,
        });
        if config.get_application_name().is_none() {
            config.application_name("lapse");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(ANSWERS_WITHIN);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(UNHEARD);
        }
        config.keepalives_idle(QUIET).keepalives_interval(QUIET / 3).keepalives_retries(3);
        Ok(Reached { config, security, authorities: authorities.map(PathBuf::from) })
    }
}

/// A URL without some of the pairs behind its question mark, and those pairs.
fn without(url: &str, names: &[&str]) -> (String, std::collections::BTreeMap<String, String>) {
    let mut taken = std::collections::BTreeMap::new();
    // A password may have a question mark of its own.
    let server = url.rfind('@').unwrap_or(0);
    let Some(question) = url[server..].find('?').map(|at| server + at) else { return (url.to_owned(), taken) };
    let mut kept = Vec::new();
    for pair in url[question + 1..].split('&') {
        match pair.split_once('=') {
            Some((name, value)) if names.contains(&name) => {
                taken.insert(name.to_owned(), decoded(value));
            }
            _ => kept.push(pair),
        }
    }
    let mark = if kept.is_empty() { "" } else { "?" };
    (format!("{}{mark}{}", &url[..question], kept.join("&")), taken)
}

/// A text of a URL, in which `%2F` stands for a slash.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, more @ ..] = rest {
        let hexadecimal = more.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = hexadecimal.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == b'%');
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &more[2..] } else { more };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_is_full_unless_the_server_is_near_or_the_url_says_otherwise() {
        let security = |url: &str| Reached::by(url).unwrap().security;
        assert_eq!(security("postgres://db.example/koha"), Security::VerifyFull);
        assert_eq!(security("postgres://10.0.0.1/koha"), Security::VerifyFull);
        assert_eq!(security("postgres://localhost,db.example/koha"), Security::VerifyFull);
        assert_eq!(security("postgres://localhost/koha"), Security::Prefer);
        assert_eq!(security("postgres://[::1]/koha"), Security::Prefer);
        assert_eq!(security("postgres://%2Frun%2Fpostgresql/koha"), Security::Disable);
        assert_eq!(security("postgres://db.example/koha?sslmode=disable"), Security::Disable);
        assert_eq!(security("postgres://db.example/koha?sslmode=require"), Security::Require);
        assert_eq!(security("postgres://db.example/koha?sslmode=require&sslrootcert=ca.pem"), Security::VerifyCa);
        assert_eq!(security("postgres://localhost/koha?sslmode=verify-full"), Security::VerifyFull);
        let said = Reached::by("postgres://db.example/koha?sslmode=allow").unwrap_err();
        assert_eq!(said, "its sslmode is `allow`, and it can be disable, prefer, require, verify-ca, verify-full");
    }

    #[test]
    fn what_else_a_url_says_is_kept() {
        let url = "postgres://lapse:a?b@db/koha?sslrootcert=%2Fetc%2Fca.pem&application_name=night&sslmode=verify-ca";
        let reached = Reached::by(url).unwrap();
        assert_eq!(reached.authorities, Some("/etc/ca.pem".into()));
        assert_eq!(reached.config.get_password(), Some(&b"a?b"[..]));
        assert_eq!(reached.config.get_application_name(), Some("night"));
        assert_eq!(Reached::by("postgres://db/koha").unwrap().config.get_application_name(), Some("lapse"));
        assert!(Reached::by("postgres://db/koha?sslmode=disable&nonsense=1").unwrap_err().contains("nonsense"));
    }
}
