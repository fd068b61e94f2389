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

# Run the tests, then review each snapshot that moved (needs cargo-insta)
snapshots:
    cargo insta test --test-runner nextest --review

# The monthly run on the sample consortium
run:
    cargo run --release --bin lapse -- run --data examples/data --date 2022-07-01 --out out
