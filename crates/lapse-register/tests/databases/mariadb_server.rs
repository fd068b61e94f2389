//! A MariaDB server of the tests' own: on a free port of this machine alone, with a folder of its own, started once for a program
//! of tests, and gone with it however that ends.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use mysql::prelude::Queryable as _;

use crate::postgres_server::{NotRoot, as_user, folder};

/// Runs a server until nobody holds its input any more, which is when the tests have ended, by whatever end. Its socket is in its
/// folder. Nothing of it is kept, so that it need not end in order.
const SCRIPT: &str = r#"
set -e
cp -R "$2" "$3"
"$1" --no-defaults --datadir="$3" --port="$4" --bind-address=127.0.0.1 --socket=mariadb.sock --pid-file=mariadb.pid \
    --skip-name-resolve --skip-log-bin --performance-schema=off --character-set-server=utf8mb4 \
    --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=32M --key-buffer-size=1M --aria-pagecache-buffer-size=4M \
    --innodb-temp-data-file-path=ibtmp1:2M:autoextend $5 $6 2>"$3.log" </dev/null >/dev/null &
server=$!
read -r line || true
kill -KILL $server 2>/dev/null || true
wait $server 2>/dev/null || true
rm -rf "$3" "$3.log"
"#;

/// How small the files of a server begin, in the template and wherever that is copied.
const SMALL: [&str; 3] =
    ["--innodb-log-file-size=8M", "--innodb-data-file-path=ibdata1:4M:autoextend", "--innodb-autoextend-increment=4"];

/// How long a server may take to start on a busy machine.
const STARTS_WITHIN: Duration = Duration::from_mins(1);

/// A server that runs.
pub struct Server {
    port: u16,
    log: PathBuf,
    /// Its input is closed when the tests end.
    _keeper: Child,
    databases: AtomicU32,
}

impl Server {
    /// The server of this program of tests.
    pub fn get() -> &'static Server {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| Server::start(&[]))
    }

    /// Another server, with settings.
    pub fn start(settings: &[String]) -> Server {
        let server = program("mariadbd");
        let user = NotRoot::of_this_machine(&["mysql", "nobody"]);
        let folder = folder("lapse-mariadb", user.as_ref());
        let template = template(&server, &folder, user.as_ref());
        // Somebody else may take the port before the server does.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let data = folder.join(format!("server-{}-{port}", std::process::id()));
            let mut command = Command::new("sh");
            command.args(["-c", SCRIPT, "sh"]).arg(&server).arg(&template).arg(&data).arg(port.to_string());
            command.arg(SMALL.join(" ")).arg(settings.join(" "));
            // A group of its own: who ends the tests with their group leaves it to clean up after them.
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
            let keeper = as_user(&mut command, user.as_ref()).spawn().unwrap();
            let server = Server { port, log: log_of(&data), _keeper: keeper, databases: AtomicU32::new(0) };
            if server.answers() {
                return server;
            }
        }
        panic!("MariaDB does not start; its log is in {}", folder.display());
    }

    fn answers(&self) -> bool {
        let began = Instant::now();
        while began.elapsed() < STARTS_WITHIN {
            if mysql::Conn::new(mysql::Opts::from_url(&self.url("mysql")).unwrap()).is_ok() {
                return true;
            }
            if fs::read_to_string(&self.log).is_ok_and(|log| log.contains("Can't start server: Bind")) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("MariaDB does not start: {}", fs::read_to_string(&self.log).unwrap_or_default());
    }

    /// The URL of a database, for whoever may do everything.
    pub fn url(&self, database: &str) -> String {
        self.url_of("root", database)
    }

    /// The URL of a database for a user.
    pub fn url_of(&self, user: &str, database: &str) -> String {
        // Their own word keeps the client library from asking the server for its socket.
        format!("mysql://{user}@127.0.0.1:{}/{database}?prefer_socket=false", self.port)
    }

    /// A new database, by its name.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let create = format!("create database {name} character set utf8mb4 collate utf8mb4_bin");
        script(&self.url("mysql"), &create);
        name
    }
}

/// Does several statements, in the dialect that lapse sets.
pub fn script(url: &str, sql: &str) {
    let mut connection = connection(url);
    let mut done = connection.query_iter(sql).unwrap();
    while let Some(rows) = done.iter() {
        rows.for_each(|row| drop(row.unwrap()));
    }
}

/// A connection beside those of lapse.
pub fn connection(url: &str) -> mysql::Conn {
    let mut connection = mysql::Conn::new(mysql::Opts::from_url(url).unwrap()).unwrap();
    connection.query_drop("set session sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'").unwrap();
    connection
}

fn log_of(data: &Path) -> PathBuf {
    PathBuf::from(format!("{}.log", data.display()))
}

/// A program of MariaDB, by its name.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/bin".into()]);
    let found = folders.map(|folder| folder.join(name)).find(|path| path.exists());
    found.expect("these tests need a MariaDB server; install one: apt-get install mariadb-server")
}

/// A folder of a new server, which is made once and copied for each.
fn template(server: &Path, folder: &Path, user: Option<&NotRoot>) -> PathBuf {
    let version = Command::new(server).args(["--no-defaults", "--version"]).output().unwrap().stdout;
    let version: String = String::from_utf8(version).unwrap().chars().filter(char::is_ascii_digit).take(8).collect();
    let template = folder.join(format!("template-{version}"));
    let lock = File::create(folder.join("template.lock")).unwrap();
    lock.lock().unwrap();
    if !template.exists() {
        let part = folder.join("template.part");
        let _ = fs::remove_dir_all(&part);
        let mut command = Command::new(program("mariadb-install-db"));
        command.arg("--no-defaults").arg(format!("--datadir={}", part.display()));
        command.args(["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]).args(SMALL);
        let made = as_user(&mut command, user).output().unwrap();
        assert!(made.status.success(), "mariadb-install-db: {}", String::from_utf8_lossy(&made.stderr));
        fs::rename(&part, &template).unwrap();
    }
    template
}
