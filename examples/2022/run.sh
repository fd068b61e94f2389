#!/bin/sh
# The story of 1 July 2022; README.md beside this file tells it.
# Usage: run.sh [DIR], with PATRONS, PAGE_LANG (en or nl) and LAPSE (the program) from the environment.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
out=${1:-$here/out}
patrons=${PATRONS:-20000}
language=${PAGE_LANG:-en}

# Commands run in the folder of the results, so that the pages call the policies `before` and `after`.
case ${LAPSE:-} in
/* | '') ;;
*/*) LAPSE=$PWD/$LAPSE ;;
esac
mkdir -p "$out"
cd "$out"
# Only what an earlier story left may be replaced.
if [ -n "$(ls -A)" ] && [ ! -e sample.log ]; then
    echo "$PWD holds other files; name a new or empty folder" >&2
    exit 2
fi
rm -rf before after made-with extract run

# A command that fails says why, which stands in its log.
failed() {
    code=$?
    [ $code -eq 0 ] || tail -n 5 ./*.log >&2
    exit $code
}
trap failed EXIT

# Exit code 3 is "done, but some rows were rejected": the sample has such rows on purpose, as real extracts have.
lapse() {
    if [ -n "${LAPSE:-}" ]; then
        "$LAPSE" "$@" || { code=$?; [ $code -eq 3 ] || return $code; }
    else
        cargo run --quiet --release --manifest-path "$root/Cargo.toml" --bin lapse -- "$@" || { code=$?; [ $code -eq 3 ] || return $code; }
    fi
}

# The policy with the change, and the same without it: the paragraph with the amendment of 1 July 2022 taken out.
for policy in before after made-with; do
    mkdir "$policy"
    cp -R "$root/policies/consortium.toml" "$root/policies/groups" "$root/policies/libraries" "$policy"
done
awk -v RS= -v ORS='\n\n' '!/\nfrom = 2022-07-01\n/' "$root/policies/consortium.toml" >before/consortium.toml

# An extract of 1 June, a month before. `lapse sample` makes patrons whom the policy of its day is about to end; those whom
# the change will end are wanted, so here it is in force already.
sed 's/^from = 2022-07-01$/from = 2022-06-01/' "$root/policies/consortium.toml" >made-with/consortium.toml
lapse sample --policies made-with --patrons "$patrons" --seed 2022 --date 2022-06-01 --out extract 2>sample.log

echo '== Whom does the change hit on 1 July 2022, and where?'
lapse diff before after --data extract --date 2022-07-01 --moves moves.csv --report diff.html --lang "$language" \
    >diff.txt 2>diff.log
sed -n '/^Whom this hits/,/^Needs attention/p' diff.txt | sed '$d'

echo '== What do the months around it bring, if one patron in ten comes each month?'
lapse forecast --policies after --data extract --from 2022-06-01 --months 26 --assume-activity 10% --seed 2022 \
    --report forecast.html --lang "$language" >forecast.txt 2>forecast.log
sed -n '1,/^Needs attention/p' forecast.txt | sed '$d'

echo '== And the run of the day itself'
lapse run --policies after --data extract --date 2022-07-01 --out run --report run.html --lang "$language" \
    >run.txt 2>run.log
cat run.txt run.log

echo "Pages for people: diff.html, forecast.html and run.html in $PWD; whom it hits: moves.csv"
