"""The programs that do the job, how each is started, and what a run of one took."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
THREADS = 2
# Some memberships of the sample have no policy (exit code 3): every program decides about those too.
DONE = (0, 3)


class Refused(Exception):
    """A program ended with a failure; the text is what it said."""


@dataclass
class Program:
    """One of those compared."""
    name: str
    # The command line, for the folder of the data and the folder of the results.
    command: object


def lapse(binary, policies, date, name="lapse"):
    """`lapse run`."""
    return Program(name, lambda data, out: [
        binary, "run", "--policies", policies, "--data", data, "--date", date, "--threads", str(THREADS), "--out", out])


def rival(name, python, job, settings):
    """A job in Python."""
    return Program(name, lambda data, out: [
        python, job, "--data", data, "--settings", settings, "--threads", str(THREADS), "--out", out])


def floor(binary, sizes):
    """Reads the data, and writes as many bytes as there are in the folder `sizes`."""
    return Program("floor", lambda data, out: [binary, data, sizes, out])


def start_of(name, python):
    """What a rival takes before it has done anything."""
    return Program(f"{name.lower()} start", lambda _data, _out: [python, "-c", f"import {name.lower()}"])


def measure(program, data, out):
    """Runs a program once into a fresh folder: wall and processor seconds, peak memory."""
    shutil.rmtree(out, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    said = out.parent / f"{out.name}.stderr"
    command = [str(word) for word in program.command(data, out)]
    command[0] = shutil.which(command[0])
    measured = subprocess.run([sys.executable, "-I", "-S", HERE / "measure.py", said, *command], check=True,
                              stdout=subprocess.PIPE)
    took = json.loads(measured.stdout)
    if took["exit"] not in DONE:
        raise Refused(said.read_text(encoding="utf-8", errors="replace").strip())
    return took


def medians(programs, data, out, runs):
    """The medians of each program, which take turns, so that what disturbs the machine disturbs all of them."""
    took = {program.name: [] for program in programs}
    for _ in range(runs):
        for program in programs:
            os.sync()
            took[program.name].append(measure(program, data, out / program.name.replace(" ", "-")))
    return {name: {what: median(run[what] for run in all_runs) for what in ("wall", "cpu", "peak")}
            for name, all_runs in took.items()}
