#!/bin/sh
# Builds the example plugins, copies them into the folder plugins of a policy directory, and pins them in its
# consortium.toml: a table with file = "NAME" gets the line sha256 = "..." of the library that was just built.
set -eu
policies=${1:?"usage: sh install.sh POLICIES"}
here=$(dirname "$0")
mkdir -p "$policies/plugins"
cargo build --quiet --release --manifest-path "$here/../../Cargo.toml" -p summer-grace -p keep-column
target=${CARGO_TARGET_DIR:-$here/../../target}
cp "$target/release/libsummer_grace.so" "$target/release/libkeep_column.so" "$policies/plugins/"
make --silent -C "$here/deceased" OUT="$(cd "$policies/plugins" && pwd)"

for name in summer_grace keep_column deceased; do
    pin=$(sha256sum "$policies/plugins/lib$name.so" | cut -d ' ' -f 1)
    awk -v name="$name" -v pin="$pin" '
        after && /^sha256 = / { after = 0; next }
        { after = 0; print }
        $0 == "file = \"" name "\"" { print "sha256 = \"" pin "\""; after = 1 }
    ' "$policies/consortium.toml" > "$policies/consortium.toml.new"
    mv "$policies/consortium.toml.new" "$policies/consortium.toml"
done
