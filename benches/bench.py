"""The benchmark: `lapse run`, DuckDB and Polars do the same job from the same files, and must decide the same.

`just bench` builds the programs and starts this; README.md beside it says what is measured and how.
"""

import argparse
import os
import shutil
import subprocess
import sys
import venv
from datetime import date
from pathlib import Path

import agree
import data
import programs
import results
import settings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WORK = ROOT / "target" / "bench"
# The day as of which the data is made, and of the run where no other is asked for.
DATE = "2022-07-01"
RIVALS = ("DuckDB", "Polars")


def arguments():
    """What was typed."""
    words = lambda text: text.split(",")  # noqa: E731
    numbers = lambda text: [int(word) for word in words(text)]  # noqa: E731
    parser = argparse.ArgumentParser(prog="just bench", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--patrons", type=numbers, default=[1_000_000], help="how many, or several: 1000000,10000000")
    parser.add_argument("--runs", type=int, default=5, help="medians are of so many [default: 5]")
    parser.add_argument("--formats", type=words, default=["csv", "parquet"], help="csv, parquet or both with a comma")
    parser.add_argument("--orders", type=words, default=["ordered", "shuffled"], help="ordered, shuffled or both")
    parser.add_argument("--date", type=date.fromisoformat, default=date.fromisoformat(DATE),
                        help="another run day over the same data, to see that all agree on it too")
    parser.add_argument("--skip-rivals", action="store_true", help="lapse and the floor only")
    parser.add_argument("--results", type=Path, default=HERE / "RESULTS.md", help="where the results are kept")
    args = parser.parse_args()
    for given, known in ((args.formats, {"csv", "parquet"}), (args.orders, {"ordered", "shuffled"})):
        for word in given:
            if word not in known:
                parser.error(f"there is no `{word}` here; choose among {', '.join(sorted(known))}")
    if min(args.runs, *args.patrons) < 1:
        parser.error("patrons and runs are at least 1")
    return args


def release(name):
    """A program that `just bench` has built."""
    built = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / name
    if not built.exists():
        sys.exit(f"{built} is not there; start the benchmark with `just bench`, which builds it")
    return built


def make_policies():
    """The policy directory of the benchmark."""
    policies = WORK / "policies"
    data.make_policies(ROOT / "policies", policies)
    return policies


def rivals_python():
    """A Python with the latest DuckDB and Polars, in an environment of its own."""
    python = WORK / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(WORK / "venv", with_pip=True)
    packages = [name.lower() for name in RIVALS]
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--upgrade", *packages], check=True)
    return python


def versions(python):
    """What the rivals are."""
    code = "import platform, duckdb, polars; print(f'DuckDB {duckdb.__version__}\\nPolars {polars.__version__}\\n" \
           "Python {platform.python_version()}')"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.splitlines()


def folder_of(work, lapse, policies, python, patrons, order, form):
    """The data in this size, order and format, made where it is not there."""
    stamp = data.stamp_of(lapse, HERE / "data.py", HERE / "duckdb_job.py", *sorted(policies.rglob("*.toml")))
    name = f"{patrons}-{order}"
    ordered = data.made(work / f"{patrons}-ordered-csv", stamp,
                        lambda folder: data.make_sample(lapse, policies, DATE, patrons, folder))
    folder = ordered
    if order == "shuffled":
        folder = data.made(work / f"{name}-csv", stamp, lambda folder: data.make_shuffled(ordered, folder))
    if form == "parquet":
        rows = folder
        folder = data.made(work / f"{name}-parquet", stamp,
                           lambda folder: data.make_parquet(python, HERE / "duckdb_job.py", rows, folder))
    return folder


def keeps(lapse, policies, on, patrons, runs):
    """What keeps cost: the same data without them, with their columns there and not read, and with them."""
    with_keeps = WORK / "policies-keeps"
    shutil.rmtree(with_keeps, ignore_errors=True)
    shutil.copytree(policies, with_keeps)
    with open(with_keeps / "consortium.toml", "a", encoding="utf-8") as consortium:
        consortium.write((HERE / "keeps.toml").read_text(encoding="utf-8"))
    stamp = data.stamp_of(lapse, HERE / "data.py", *sorted(with_keeps.rglob("*.toml")))
    folder = data.made(WORK / "data" / f"{patrons}-keeps-csv", stamp,
                       lambda folder: data.make_sample(lapse, with_keeps, DATE, patrons, folder))
    compared = [programs.lapse(lapse, policies, on),
                programs.lapse(lapse, with_keeps, on, "lapse with keeps")]
    took = programs.medians(compared, folder, WORK / "out", runs)
    without, with_them = (took[program.name]["wall"] for program in compared)
    return f"### {patrons:,} patrons, CSV, ordered, with keeps\n\n{results.table(took)}\n\n" \
           f"Keeps take {with_them / without:.2f} times the time of a run without."


def compare(compared, python, folder, runs):
    """Runs all programs on one folder: the section of the results, and whether they agree."""
    out = WORK / "out"
    ours = out / "lapse"
    notes, taking_part = [], []
    for program in compared:
        try:
            programs.measure(program, folder, out / program.name)
            taking_part.append(program)
        except programs.Refused as refused:
            said = str(refused).splitlines()[-1].replace(f"{ROOT}/", "")
            notes.append(f"{program.name} is left out: {said}")
    names = [program.name for program in taking_part]
    if "lapse" not in names:
        return "\n".join(f"Skipped. {note}" for note in notes), True
    if (ours / "rejects.csv").exists():
        return "Skipped: lapse rejects rows of this data, which the rivals have no code for.", False
    agreed = not [note for note in notes if not note.startswith("lapse")]
    for name in names[1:]:
        different = agree.differences(ours, out / name)
        agreed &= not different
        notes += [f"{name} DISAGREES: {line}" for line in different]
    if agreed and len(names) > 1:
        notes.append(f"{', '.join(names)} wrote the same bytes: memberships, records and profiles.")
    taking_part.append(programs.floor(release("floor"), ours))
    taking_part += [programs.start_of(name, python) for name in names[1:]]
    took = programs.medians(taking_part, folder, out, runs)
    return "\n\n".join([results.table(took), *notes]), agreed


def main():
    """Makes what is missing, runs everything, and keeps the results."""
    args = arguments()
    lapse = release("lapse")
    policies = make_policies()
    settings.write(lapse, policies, args.date, WORK / "settings")
    python = rivals_python() if not args.skip_rivals or "parquet" in args.formats else None
    compared = [programs.lapse(lapse, policies, str(args.date))]
    if not args.skip_rivals:
        jobs = [HERE / f"{name.lower()}_job.py" for name in RIVALS]
        compared += [programs.rival(name, python, job, WORK / "settings") for name, job in zip(RIVALS, jobs)]
    sections, all_agree = [], True
    for patrons in args.patrons:
        for form in args.formats:
            for order in args.orders:
                folder = folder_of(WORK / "data", lapse, policies, python, patrons, order, form)
                rows, size = data.rows_and_bytes(folder)
                counted = f"{rows:,} rows, " if rows else ""
                head = f"### {patrons:,} patrons, {form.upper() if form == 'csv' else 'Parquet'}, {order}\n\n" \
                       f"{counted}{size / 1e6:,.0f} MB."
                section, agreed = compare(compared, python, folder, args.runs)
                all_agree &= agreed
                sections.append(f"{head}\n\n{section}")
                print(f"\n{sections[-1]}", flush=True)
        if "csv" in args.formats and "ordered" in args.orders:
            sections.append(keeps(lapse, policies, str(args.date), patrons, args.runs))
            print(f"\n{sections[-1]}", flush=True)
    about = results.machine([results.lapse_version(lapse), *(versions(python) if python else [])])
    how = f"- Medians of {args.runs}, {programs.THREADS} threads each, {data.LIBRARIES} libraries, run of {args.date}"
    results.keep(args.results, "The monthly run", "\n\n".join([f"{about}\n{how}", *sections]))
    if not all_agree:
        sys.exit("the programs do not agree; the rows that differ are above")


if __name__ == "__main__":
    main()
