//! The register of Evergreen that we ship, as its page says to set it up: by commands, with the address in the environment, and
//! with one role that reads and another that acts.

use super::postgres_server::Server;
use crate::program::{Folder, Ran, program, root};

const POLICIES: [(&str, &str); 2] = [
    (
        "policies/consortium.toml",
        "[consortium]\nname = \"Evergreen\"\n\n[subscription]\nholder = \"person\"\ncategory = \"adult\"\nfee = \"0.00\"\n\
         renewal = \"conditional\"\nterm_months = 12\n\n\
         [activity]\nsources = [\"circ\", \"hold\", \"payment\", \"opac\", \"sip2\", \"login\"]\n\n\
         [guards]\nmax_deregistered_percent = 100\nmax_removed_percent = 100\nmax_source_age_days = 9999\nmax_newest_date_days = 9999\n",
    ),
    ("policies/libraries/BR1.toml", "[library]\ncode = \"BR1\"\n\n[subscriptions.patrons]\nname = \"Patrons\"\n"),
];

#[test]
fn who_plans_by_the_register_of_evergreen_need_not_be_who_acts() {
    let name = Server::get().database();
    let mut owner = Server::get().client(&name);
    owner.batch_execute(include_str!("../../crates/lapse-register/tests/databases/evergreen.sql")).unwrap();
    owner.batch_execute(include_str!("../../registers/evergreen/views.sql")).unwrap();
    owner.batch_execute(include_str!("../../registers/evergreen/roles.sql")).unwrap();
    owner.batch_execute("alter role lapse_read login; alter role lapse_act login").unwrap();
    let folder = Folder::with(&POLICIES);
    let register = root().join("registers/evergreen/register.toml");
    let register = register.to_str().unwrap();
    let lapse = |role: &str, words: &[&str]| {
        let mut command = program();
        command.current_dir(folder.path()).env("LAPSE_DATABASE_URL", Server::get().url_of(role, &name));
        Ran::from(&command.args(words).output().unwrap())
    };
    let told = |role: &str, words: &[&str], code: i32, says: &str| {
        let ran = lapse(role, words);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, code, "{words:?}: {all}");
        assert!(all.contains(says), "{words:?}: {all}");
    };
    told("lapse_act", &["register", "init", register], 0, "");
    told("lapse_act", &["register", "check", register], 0, "15 statements can be done");
    let plan = ["plan", "--data", register, "--date", "2024-07-01", "--out", "july.plan"];
    // Staff have a group that no policy has.
    told("lapse_read", &plan, 3, "staff-others at BR1: 1");
    told(
        "lapse_read",
        &["apply", "july.plan", "--data", register],
        2,
        "cannot execute SELECT FOR UPDATE in a read-only transaction",
    );
    told("lapse_act", &["apply", "july.plan", "--data", register], 0, "5 deleted, 7 deregistered, 1 renewed");
    told("lapse_read", &["log", "verify", "--data", register], 0, "");
    told("lapse_act", &["undo", "1", "--data", register], 0, "5 deleted, 7 deregistered, 1 renewed");
    let states = "select count(*)::int from actor.usr where deleted or not active";
    // Those of whom that was so before.
    assert_eq!(owner.query_one(states, &[]).unwrap().get::<_, i32>(0), 21);
}

#[test]
fn a_register_of_evergreen_without_an_address_is_told() {
    let register = root().join("registers/evergreen/register.toml");
    let mut command = program();
    command.env_remove("LAPSE_DATABASE_URL").args(["register", "check", register.to_str().unwrap()]);
    let ran = Ran::from(&command.output().unwrap());
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("the variable LAPSE_DATABASE_URL is not set"), "{}", ran.stderr);
}
