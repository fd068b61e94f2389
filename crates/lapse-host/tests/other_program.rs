//! The host in a program that is not `lapse`: this test's own. It has isolated plugins run by the helper that the crate builds,
//! and learns in one sentence what is wrong with a program that does not serve.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use lapse_engine::{
    Batch, Codes, ExtraVerdict, LibraryId, Membership, Patron, Rules, Silent, Status, SubscriptionId, Told, Verdict,
    customer_run,
};
use lapse_host::{Ended, LoadError, Loading, Plugins, PluginsError, Server, StartError, check};
use lapse_policy::{Day, Policy};
use lapse_tables::{Extras, PatronFacts};

const HELPER: &str = env!("CARGO_BIN_EXE_lapse-plugin-server");
const DECEASED: &str = "[plugins.deceased]\nfile = \"deceased\"\ngrants = [\"deregister\"]\n\
                        columns = [\"patrons.deceased_on\"]\n";

/// A policy directory whose policy names the example plugin `deceased`, built from its source and pinned.
struct Policies {
    folder: tempfile::TempDir,
    /// The line that pins the plugin.
    pin: String,
}

impl Policies {
    fn new() -> Policies {
        let mut policies = Policies { folder: tempfile::tempdir().unwrap(), pin: String::new() };
        let folder = policies.folder.path();
        fs::create_dir_all(folder.join("libraries")).unwrap();
        fs::create_dir_all(folder.join("plugins")).unwrap();
        fs::write(folder.join("libraries/peer.toml"), "[library]\ncode = \"peer\"\n\n[subscriptions.adult]\n").unwrap();
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let built = Command::new("cc")
            .args(["-std=c11", "-fPIC", "-shared", "-I"])
            .arg(crates.join("lapse-plugin/include"))
            .arg(crates.parent().unwrap().join("examples/plugins/deceased/deceased.c"))
            .arg("-o")
            .arg(policies.library())
            .output()
            .unwrap_or_else(|error| panic!("a C compiler named cc is needed for this test: {error}"));
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        // The error about a plugin without a pin has the pin.
        policies.write("");
        let error = policies.load(&Loading::with_program(HELPER, 1)).unwrap_err();
        let LoadError::NotPinned { found, .. } = error.first.why else { panic!("{error}") };
        policies.pin = format!("sha256 = \"{found}\"\n");
        policies.write("");
        policies
    }

    fn library(&self) -> PathBuf {
        let name = format!("{}deceased{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        self.folder.path().join("plugins").join(name)
    }

    fn write(&self, lines: &str) {
        let text = format!("[consortium]\nname = \"A town\"\n\n{DECEASED}{}{lines}", self.pin);
        fs::write(self.folder.path().join("consortium.toml"), text).unwrap();
    }

    fn policy(&self) -> Policy {
        Policy::load(self.folder.path()).unwrap().policy.expect("the policy has no errors")
    }

    fn load(&self, loading: &Loading) -> Result<Plugins, PluginsError> {
        Plugins::load(&self.policy(), &[], loading)
    }

    /// An executable script.
    fn script(&self, text: &str) -> PathBuf {
        let path = self.folder.path().join("program");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

/// What the plugin gets to know about two patrons: the second has died.
struct Facts;

impl PatronFacts for Facts {
    fn id(&self, patron: usize) -> &str {
        ["alive", "died"][patron]
    }

    fn birth_date(&self, _: usize) -> Option<Day> {
        None
    }

    fn asked(&self, _: usize, patron: usize, _: usize) -> &str {
        ["", "2022-05-03"][patron]
    }
}

#[test]
fn the_helper_runs_an_isolated_plugin_for_a_program_that_is_not_lapse() {
    let policies = Policies::new();
    let policy = policies.policy();
    let plugins = policies.load(&Loading::with_program(HELPER, 2)).unwrap();
    let of_day = policy.on("2022-07-01".parse().unwrap());
    let codes = Codes::of(&of_day);
    let memberships = [Membership {
        library: LibraryId::new(0),
        subscription: SubscriptionId::new(0),
        valid_from: "2022-01-01".parse().unwrap(),
        valid_until: None,
        status: Status::Active,
    }];
    let patron = Patron {
        birth_date: None,
        facts: lapse_engine::Facts::default(),
        told: Told::ALL,
        held: false,
        profile_last_active: None,
        keeps_history: true,
        memberships: &memberships,
        activity: &[],
        accounts: &[],
    };
    let rules = Rules::new(&of_day, &codes);
    let mut decided = Vec::new();
    for _ in 0..2 {
        customer_run::decide(&patron, &rules, &mut decided, &mut Silent);
    }
    let on = plugins.on(&of_day).expect("the policy has a plugin");
    let asked = on.rules(&codes, &Facts);
    let mut verdicts = Vec::new();
    let batch = Batch { first: 0, patrons: &[patron, patron], decided: &decided };
    asked.judge(&batch, &mut verdicts).unwrap();
    let [ExtraVerdict { patron: 1, verdict: Verdict::Deregister(0), reason }] = verdicts[..] else {
        panic!("{verdicts:?}");
    };
    assert_eq!(asked.word(reason), "deceased/deceased");

    let column = ["patrons.deceased_on".to_owned()];
    let helper = Server::Program(HELPER.into());
    let report = check(&policies.library(), "{}", &column, Duration::from_mins(1), &helper).unwrap();
    assert!(report.passed(), "{:?}", report.steps);
}

#[test]
fn a_program_that_does_not_serve_is_told_what_to_do() {
    let policies = Policies::new();
    // The error at the line of the policy that names the plugin's file.
    let start = |server: Server| {
        let error = policies.load(&Loading { server, threads: 1 }).unwrap_err();
        assert_eq!(error.at.as_ref().map(|(_, line)| *line), Some(5));
        let sentence = error.to_string();
        let LoadError::Start(start) = error.first.why else { panic!("{sentence}") };
        (start, sentence)
    };

    // This very program does not call `serve_if_asked`: it takes the words for the names of tests, and ends.
    let (error, sentence) = start(Server::ThisProgram);
    assert!(matches!(error, StartError::NotServing { ended: Ended::Exited(0), .. }), "{error:?}");
    assert!(sentence.contains("does not run plugins: it exited with code 0; let its `main` call"), "{sentence}");

    let other = "#!/usr/bin/env bash\nprintf '\\023\\0\\0\\0{\"version\":\"0.0.1\"}' >&\"$2\"\n";
    let (error, sentence) = start(Server::Program(policies.script(other)));
    assert!(matches!(&error, StartError::OtherVersion { theirs, .. } if theirs == "0.0.1"), "{error:?}");
    assert!(sentence.contains("runs plugins for version 0.0.1 of lapse-host"), "{sentence}");

    let (error, sentence) = start(Server::Program("/nowhere/lapse-plugin-server".into()));
    assert!(matches!(error, StartError::NoServer { .. }), "{error:?}");
    assert!(sentence.contains("/nowhere/lapse-plugin-server cannot be started"), "{sentence}");

    policies.write("timeout_seconds = 1\n");
    let (error, _) = start(Server::Program(policies.script("#!/bin/sh\nexec sleep 60\n")));
    assert!(matches!(error, StartError::NotServing { ended: Ended::Late(1), .. }), "{error:?}");
}
