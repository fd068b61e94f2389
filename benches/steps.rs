//! Micro-benchmarks of the steps of a run, on one thread: `cargo bench -p lapse-benches`. README.md says how to read
//! them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use criterion::{BatchSize, measurement::WallTime};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use lapse::cli::{Cli, Command};
use lapse_engine::{Decisions, Rules, evaluate};
use lapse_policy::{DayPolicy, Policy};
use lapse_tables::{Extract, Folder, Format, Known, Options, OutDir, Progress, Table, trace};
use tempfile::TempDir;

const PATRONS: &str = "20000";
const DATE: &str = "2022-07-01";

/// The sample consortium, with the extract that `lapse sample` makes for it, in its order and shuffled.
struct Sample {
    policy: DayPolicy,
    folder: TempDir,
}

impl Sample {
    fn new() -> Sample {
        let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let policy =
            Policy::load(&policies).expect("the sample policies can be read").policy.expect("they have no errors");
        let policy = policy.on(DATE.parse().expect("the date is one"));
        let sample = Sample { policy, folder };
        let (policies, out) = (policies.into_os_string(), sample.ordered().into_os_string());
        let words: [OsString; 10] = [
            "lapse".into(),
            "sample".into(),
            "--policies".into(),
            policies,
            "--patrons".into(),
            PATRONS.into(),
            "--date".into(),
            DATE.into(),
            "--out".into(),
            out,
        ];
        let Command::Sample(args) = Cli::parse_from(words).command else { unreachable!("the command is `sample`") };
        lapse::commands::sample::run(&args).expect("the sample can be written");
        fs::create_dir(sample.shuffled()).expect("a folder can be made in a temporary folder");
        for table in Table::ALL {
            let name = format!("{}.csv", table.name());
            let text = fs::read_to_string(sample.ordered().join(&name)).expect("the sample was just written");
            fs::write(sample.shuffled().join(name), shuffle_rows(&text)).expect("a copy can be written beside it");
        }
        sample
    }

    fn ordered(&self) -> PathBuf {
        self.folder.path().join("ordered")
    }

    fn shuffled(&self) -> PathBuf {
        self.folder.path().join("shuffled")
    }

    fn read(&self, folder: &Path) -> Extract {
        Extract::read(folder, &Known::by(&self.policy), 1).expect("the sample can be read")
    }

    /// How many bytes all tables have.
    fn bytes(&self) -> u64 {
        let size = |table: Table| {
            fs::metadata(self.ordered().join(format!("{}.csv", table.name()))).map_or(0, |file| file.len())
        };
        Table::ALL.into_iter().map(size).sum()
    }
}

/// The rows below the header in another order, always the same.
fn shuffle_rows(text: &str) -> String {
    let (header, rows) = text.split_once('\n').expect("a table has a header");
    let mut rows: Vec<&str> = rows.lines().collect();
    fastrand::Rng::with_seed(1).shuffle(&mut rows);
    format!("{header}\n{}\n", rows.join("\n"))
}

/// Cuts every row of every table into fields, and looks at the first for somebody who is not there.
fn parse(sample: &Sample, group: &mut BenchmarkGroup<'_, WallTime>) {
    group.throughput(Throughput::Bytes(sample.bytes()));
    group.bench_function("parse", |bencher| {
        bencher.iter(|| trace(&Folder::new(sample.ordered()), |id| id == "nobody", 1).map(|rows| rows.len()).ok());
    });
}

/// Parses, checks and joins: rows in the patrons' order need no hash table, others do.
fn join(sample: &Sample, group: &mut BenchmarkGroup<'_, WallTime>) {
    group.throughput(Throughput::Bytes(sample.bytes()));
    group.bench_function("parse and join, ordered", |bencher| bencher.iter(|| sample.read(&sample.ordered())));
    group.bench_function("parse and join, shuffled", |bencher| bencher.iter(|| sample.read(&sample.shuffled())));
}

/// All three stages for every patron of an extract that is joined already; an element is a membership.
fn decide(sample: &Sample, group: &mut BenchmarkGroup<'_, WallTime>) {
    let extract = sample.read(&sample.ordered());
    let rules = Rules::new(&sample.policy, &extract.codes);
    let memberships: usize = (0..extract.len()).map(|index| extract.patron(index).memberships.len()).sum();
    group.throughput(Throughput::Elements(memberships as u64));
    group.bench_function("decide", |bencher| {
        let mut decisions = Decisions::default();
        bencher.iter(|| {
            for index in 0..extract.len() {
                evaluate(&extract.patron(index), &rules, &mut decisions);
                std::hint::black_box(&decisions);
            }
        });
    });
}

/// The whole run, with every row and with the few that change: between them lies formatting and writing the others.
fn format(sample: &Sample, group: &mut BenchmarkGroup<'_, WallTime>) {
    group.throughput(Throughput::Bytes(sample.bytes()));
    for (name, changes_only) in [("run, every row", false), ("run, changes only", true)] {
        group.bench_function(name, |bencher| {
            let new_folder =
                || tempfile::tempdir_in(sample.folder.path()).expect("a folder can be made in a temporary folder");
            let run = |folder: TempDir| {
                let out = OutDir::claim(folder.path()).expect("an empty folder can be written to");
                let progress = Progress::default();
                let options = Options { changes_only, format: Format::Csv, threads: 1, progress: &progress };
                lapse_tables::run(&Folder::new(sample.ordered()), &sample.policy, None, &out, options)
                    .expect("the sample can be run over");
                folder
            };
            bencher.iter_batched(new_folder, run, BatchSize::PerIteration);
        });
    }
}

fn steps(criterion: &mut Criterion) {
    let sample = Sample::new();
    let mut group = criterion.benchmark_group("steps");
    group.sample_size(20);
    for step in [parse, join, decide, format] {
        step(&sample, &mut group);
    }
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
