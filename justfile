# The habits of this project. `just` lists them.

_list:
    @just --list

# Everything that must hold before a change lands
ci:
    .ci/run

# Format
fmt:
    cargo fmt

# Lints, with warnings denied
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# All tests
test:
    cargo nextest run
    cargo test --doc

# Faults: a server that stops, a full disk and the like, and an apply that is killed 200 times, in SQLite and on PostgreSQL
faults:
    cargo test -p lapse-register --test databases
    LAPSE_KILLS=200 cargo test -p lapse-tests --test integration databases::killed

# Run the tests, then review each snapshot that moved (needs cargo-insta)
snapshots:
    cargo insta test --test-runner nextest --review

# The monthly run on the sample consortium
run:
    cargo run --release --bin lapse -- run --data examples/data --date 2022-07-01 --out out

# The benchmark against DuckDB and Polars; flags as `just bench --help` says. Writes benches/RESULTS.md
bench *flags:
    cargo build --release --bin lapse --bin floor
    python3 benches/bench.py {{ flags }}

# How time and memory grow from 1 to 30 million patrons: needs about 25 GB of disk. Writes benches/RESULTS.md
bench-growth *flags:
    cargo build --release --bin lapse
    python3 benches/growth.py {{ flags }}

# Micro-benchmarks of the steps of a run
bench-steps *flags:
    cargo bench -p lapse-benches {{ flags }}

# plan and apply on PostgreSQL and SQLite beside what the databases themselves need; needs PostgreSQL and sqlite3
bench-databases *flags:
    cargo build --release --bin lapse
    python3 benches/databases.py {{ flags }}
