//! A PostgreSQL server of the tests' own: on a free port of this machine alone, with a folder of its own, started once for a
//! program of tests, and gone with it however that ends.

// Two programs of tests have this file, and one needs more of it than the other.
#![allow(dead_code)]

use std::fs::{self, File};
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// Runs a server until nobody holds its input any more, which is when the tests have ended, by whatever end. Meanwhile a line of
/// its input is a signal that ends the server, or `start`.
const SCRIPT: &str = r#"
set -e
programs=$1 data=$3 port=$4 settings=$5
cp -R "$2" "$data"
start() {
    "$programs/postgres" -D "$data" -c port="$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off \
        -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off -c shared_buffers=32MB $settings \
        2>>"$data.log" </dev/null &
    server=$!
}
end() {
    kill -"$1" $server 2>/dev/null || true
    wait $server || true
}
start
while read -r line; do
    if [ "$line" = start ]; then start; else end "$line"; fi
done
end INT
rm -rf "$data" "$data.log"
"#;

/// How long a server may take to start on a busy machine.
const STARTS_WITHIN: Duration = Duration::from_mins(1);

/// A server that runs.
pub struct Server {
    port: u16,
    log: PathBuf,
    /// Its input is closed when the tests end.
    keeper: Mutex<Child>,
    databases: AtomicU32,
}

impl Server {
    /// The server of this program of tests.
    pub fn get() -> &'static Server {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| Server::start(""))
    }

    /// Another server, with settings.
    pub fn start(settings: &str) -> Server {
        let programs = programs();
        let user = NotRoot::of_this_machine(&["postgres", "nobody"]);
        let folder = folder("lapse-postgres", user.as_ref());
        let template = template(&programs, &folder, user.as_ref());
        // Somebody else may take the port before the server does.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let data = folder.join(format!("server-{}-{port}", std::process::id()));
            let mut command = Command::new("sh");
            command
                .args(["-c", SCRIPT, "sh"])
                .arg(&programs)
                .arg(&template)
                .arg(&data)
                .arg(port.to_string())
                .arg(settings);
            // A group of its own: who ends the tests with their group leaves it to clean up after them.
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
            let keeper = as_user(&mut command, user.as_ref()).spawn().unwrap();
            let log = data.with_extension("log");
            let server = Server { port, log, keeper: Mutex::new(keeper), databases: AtomicU32::new(0) };
            if server.answers() {
                return server;
            }
        }
        panic!("PostgreSQL does not start; its log is in {}", folder.display());
    }

    /// Ends the server at once: `INT` rolls back what sessions are at, `QUIT` leaves even that to the next start.
    pub fn end(&self, signal: &str) {
        self.tell(signal);
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            assert!(began.elapsed() < STARTS_WITHIN, "PostgreSQL does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts a server that was ended.
    pub fn start_again(&self) {
        self.tell("start");
        assert!(self.answers(), "somebody took the port meanwhile");
    }

    fn tell(&self, line: &str) {
        let mut keeper = self.keeper.lock().unwrap();
        writeln!(keeper.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    fn answers(&self) -> bool {
        let began = Instant::now();
        while began.elapsed() < STARTS_WITHIN {
            if postgres::Client::connect(&self.url("postgres"), postgres::NoTls).is_ok() {
                return true;
            }
            if fs::read_to_string(&self.log).is_ok_and(|log| log.contains("could not bind")) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("PostgreSQL does not start: {}", fs::read_to_string(&self.log).unwrap_or_default());
    }

    /// The URL of a database, for whoever may do everything.
    pub fn url(&self, database: &str) -> String {
        self.url_of("lapse_admin", database)
    }

    /// The URL of a database for a role.
    pub fn url_of(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.port)
    }

    /// A new database, by its name.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.client("postgres").batch_execute(&format!("create database {name}")).unwrap();
        name
    }

    /// A client for whoever may do everything.
    pub fn client(&self, database: &str) -> postgres::Client {
        postgres::Client::connect(&self.url(database), postgres::NoTls).unwrap()
    }
}

/// Gives a file to the user as whom servers run.
pub fn give_to_the_server(path: &Path) {
    if let Some(NotRoot { user, group }) = NotRoot::of_this_machine(&["postgres", "nobody"]) {
        chown(path, Some(user), Some(group)).unwrap();
    }
}

/// The folder with the programs of the newest PostgreSQL.
fn programs() -> PathBuf {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = installed
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, path)| path.join("initdb").exists())
        .collect();
    found.sort();
    let on_path = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
    };
    let programs = found.pop().map(|(_, path)| path).or_else(on_path);
    programs.expect("these tests need a PostgreSQL server; install one: apt-get install postgresql")
}

/// Servers of databases refuse to run as root, or advise against it.
pub struct NotRoot {
    user: u32,
    group: u32,
}

impl NotRoot {
    /// The user who stands in for root, by the first of these names that is there; none where the tests do not run as root.
    pub fn of_this_machine(names: &[&str]) -> Option<NotRoot> {
        let own = fs::metadata("/proc/self").ok()?;
        if std::os::unix::fs::MetadataExt::uid(&own) != 0 {
            return None;
        }
        let users = fs::read_to_string("/etc/passwd").unwrap();
        let user = |name: &str| {
            let mut fields = users.lines().find(|line| line.starts_with(&format!("{name}:")))?.split(':').skip(2);
            Some(NotRoot { user: fields.next()?.parse().ok()?, group: fields.next()?.parse().ok()? })
        };
        Some(names.iter().find_map(|name| user(name)).expect("a user who is not root"))
    }
}

/// Has a program run as that user.
pub fn as_user<'c>(command: &'c mut Command, user: Option<&NotRoot>) -> &'c mut Command {
    if let Some(NotRoot { user, group }) = user {
        command.uid(*user).gid(*group).current_dir("/");
    }
    command
}

/// A folder for the files of servers, which the user may enter: beside what is built, or in the folder for such files.
pub fn folder(name: &str, user: Option<&NotRoot>) -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let target = program.ancestors().nth(3).unwrap().join("tmp");
    let open = |path: &Path| fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o001 != 0);
    let base = if target.parent().unwrap().ancestors().all(open) { target } else { std::env::temp_dir() };
    let folder = base.join(name);
    fs::create_dir_all(&folder).unwrap();
    if let Some(NotRoot { user, group }) = user {
        chown(&folder, Some(*user), Some(*group)).unwrap();
    }
    folder
}

/// A folder of a new server, which is made once and copied for each.
fn template(programs: &Path, folder: &Path, user: Option<&NotRoot>) -> PathBuf {
    let version = Command::new(programs.join("postgres")).arg("--version").output().unwrap().stdout;
    let version: String = String::from_utf8(version).unwrap().chars().filter(char::is_ascii_digit).collect();
    let template = folder.join(format!("template-{version}"));
    let lock = File::create(folder.join("template.lock")).unwrap();
    lock.lock().unwrap();
    if !template.exists() {
        let part = folder.join("template.part");
        let _ = fs::remove_dir_all(&part);
        let mut command = Command::new(programs.join("initdb"));
        command.args(["--username=lapse_admin", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"]);
        let made = as_user(command.arg(&part), user).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        fs::rename(&part, &template).unwrap();
    }
    template
}
