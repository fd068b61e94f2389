"""Results as Markdown: tables, the machine, and their place in RESULTS.md."""

import os
import platform
import re
import subprocess
from datetime import date
from pathlib import Path

PREFACE = """# Results

Written by `just bench` and `just bench-growth`, each its own section; benches/README.md says what is measured and how.
"""


def table(took):
    """A table of medians, and of how many times what `lapse` takes."""
    lines = ["| program | wall s | processor s | peak MB | wall / lapse | processor / lapse | peak / lapse |",
             "|---|---:|---:|---:|---:|---:|---:|"]
    base = took["lapse"]
    for name, run in took.items():
        ratios = " | ".join(f"{run[what] / base[what]:.2f}" for what in ("wall", "cpu", "peak"))
        lines.append(f"| {name} | {run['wall']:.2f} | {run['cpu']:.2f} | {run['peak'] / 1e6:.0f} | {ratios} |")
    return "\n".join(lines)


def machine(versions):
    """The date, the machine and the versions, as a list."""
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", cpuinfo.read_text()) if cpuinfo.exists() else None
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return "\n".join([
        f"- Date: {date.today()}",
        f"- Machine: {os.cpu_count()} x {model[1] if model else platform.processor()}, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}; load {load:.1f} at the end, up to 2 of it the benchmark's own",
        f"- Versions: {', '.join(versions)}",
    ])


def lapse_version(binary):
    """The version of the program, and the commit of the work tree."""
    version = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    return f"{version} ({commit})" if commit else version


def keep(path, title, text):
    """Puts a section in the file in the place of the one of that title, or at the end."""
    old = path.read_text(encoding="utf-8") if path.exists() else PREFACE
    preface, *sections = re.split(r"^## ", old, flags=re.MULTILINE)
    by_title = {section.split("\n", 1)[0]: section for section in sections}
    by_title[title] = f"{title}\n\n{text}\n"
    parts = [preface.rstrip() + "\n", *(f"## {section.rstrip()}\n" for section in by_title.values())]
    path.write_text("\n".join(parts), encoding="utf-8")
