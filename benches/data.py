"""Makes what the benchmark runs on, from seeds: a policy of 300 libraries, and the tables of an extract in each order
and format. What is there already and made by the same program is left as it is.
"""

import csv
import hashlib
import random
import re
import shutil
import subprocess
from pathlib import Path

LIBRARIES = 300
# Libraries in a group, at the most.
GROUP_SIZE = 8
TABLES = ("patrons", "memberships", "activity", "accounts")
SEED = 1
# About so many bytes of a table are shuffled in memory at a time.
BUCKET = 64 << 20


def make_policies(models, out):
    """A policy directory of 300 libraries, each the copy of one in `models` that the seed picks, and so its groups."""
    if out.exists():
        shutil.rmtree(out)
    chance = random.Random(SEED)
    group_of = {path: re.search(r'^group = "(.*)"', path.read_text(), re.MULTILINE)
                for path in sorted((models / "libraries").glob("*.toml"))}
    for folder in ("groups", "libraries"):
        (out / folder).mkdir(parents=True)
    shutil.copy(models / "consortium.toml", out)
    # For each group of the models, the copy that has room, and how many more it takes.
    open_groups = {}
    for number in range(LIBRARIES):
        model = chance.choice(list(group_of))
        code = f"{model.stem}-{number:03}"
        text = renamed(model, code)
        if group_of[model]:
            group = group_of[model][1]
            copy, room = open_groups.get(group, (None, 0))
            if room == 0:
                copy, room = f"{group}-{number:03}", chance.randint(3, GROUP_SIZE)
                copied = renamed(models / "groups" / f"{group}.toml", copy)
                (out / "groups" / f"{copy}.toml").write_text(copied)
            open_groups[group] = (copy, room - 1)
            text = text.replace(f'group = "{group}"', f'group = "{copy}"')
        (out / "libraries" / f"{code}.toml").write_text(text)


def renamed(model, code):
    """The text of a library or group file, with another code."""
    return re.sub(r'^code = ".*"', f'code = "{code}"', model.read_text(), count=1, flags=re.MULTILINE)


def made(folder, stamp, make):
    """Has `make` fill an empty `folder`, unless what is there was made under the same stamp."""
    note = folder.parent / f"{folder.name}.stamp"
    if note.exists() and note.read_text() == stamp and folder.exists():
        return folder
    note.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    make(folder)
    note.write_text(stamp)
    return folder


def stamp_of(*paths):
    """A text that changes with the contents of the files."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def make_sample(lapse, policies, date, patrons, folder):
    """`lapse sample` less the few patrons with a row that is wrong on purpose: the rivals have no code that rejects."""
    sample = folder.parent / f"{folder.name}.sample"
    decisions = folder.parent / f"{folder.name}.decisions"
    for old in (sample, decisions):
        shutil.rmtree(old, ignore_errors=True)
    common = ["--policies", policies, "--date", date]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([lapse, "sample", *common, "--patrons", str(patrons), "--seed", str(SEED), "--out", sample],
                   check=True, **quiet)
    subprocess.run([lapse, "run", *common, "--data", sample, "--out", decisions], check=False, **quiet)
    held = held_patrons(sample, decisions / "rejects.csv")
    folder.mkdir(parents=True)
    for table in TABLES:
        with open(sample / f"{table}.csv", "rb") as rows, open(folder / f"{table}.csv", "wb") as out:
            out.writelines(row for row in rows if id_of(row) not in held)
    shutil.rmtree(sample)
    shutil.rmtree(decisions)


def held_patrons(sample, rejects):
    """The ids that stand in the rows that a run rejected."""
    lines = {table: set() for table in TABLES}
    if rejects.exists():
        with open(rejects, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                lines[row["table"]].add(int(row["line"]))
    held = set()
    for table in TABLES:
        with open(sample / f"{table}.csv", "rb") as rows:
            held |= {id_of(row) for line, row in enumerate(rows, 1) if line in lines[table]}
    return held


def id_of(row):
    """The first field of a row; `lapse sample` writes the id there, and no id that needs quotes."""
    return row[:row.index(b",")]


def make_shuffled(ordered, folder):
    """The same rows, each table's in a random order: dealt out to buckets that fit in memory, each then shuffled."""
    chance = random.Random(SEED)
    folder.mkdir(parents=True)
    for table in TABLES:
        source, target = ordered / f"{table}.csv", folder / f"{table}.csv"
        buckets = [folder / f"{table}.{number}" for number in range(source.stat().st_size // BUCKET + 1)]
        with open(source, "rb") as rows, open(target, "wb") as out:
            out.write(next(rows))
            files = [open(bucket, "wb") for bucket in buckets]
            for row in rows:
                files[int(chance.random() * len(files))].write(row)
            for file in files:
                file.close()
            for bucket in buckets:
                dealt = bucket.read_bytes().splitlines(keepends=True)
                chance.shuffle(dealt)
                out.writelines(dealt)
                bucket.unlink()


def make_parquet(python, job, csv_folder, folder):
    """The same tables in the same order, written by DuckDB with dates, booleans, decimals and counts as types."""
    folder.mkdir(parents=True)
    subprocess.run([python, job, "--data", csv_folder, "--to-parquet", folder], check=True)


def rows_and_bytes(folder):
    """How many rows all CSV tables have together, headers aside, and how many bytes all files."""
    rows = 0
    for path in Path(folder).glob("*.csv"):
        with open(path, "rb") as file:
            rows += sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b"")) - 1
    return rows, sum(path.stat().st_size for path in Path(folder).iterdir())
