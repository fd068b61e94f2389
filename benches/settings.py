"""The policy as it stands on the run day, as small CSV tables that the rivals join with.

Settings come from `lapse show --format json` of each library. Terms in months become the first day that still counts,
so that a query compares dates and adds no months: the rivals get that for nothing.
"""

import csv
import json
import subprocess
import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def add_months(day, months):
    """The same day of the month so many months on, or that month's last day (domain.md)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has a 28th day")


def first_day(run, months, holds):
    """The first day for which `holds`, which turns from false to true about so many months before the run."""
    day = add_months(run, -months) - 5 * ONE_DAY
    assert not holds(day)
    while not holds(day):
        day += ONE_DAY
    return day


def active_since(run, months):
    """Not more than so many months old: the day + months >= D."""
    return first_day(run, months, lambda day: add_months(day, months) >= run)


def younger_since(run, months):
    """Younger than so many months, or not yet inactive for so many: the day + months > D."""
    return first_day(run, months, lambda day: add_months(day, months) > run)


def ended_since(run, months):
    """Ended less than so many months ago: the day after + months > D."""
    return first_day(run, months, lambda day: add_months(day + ONE_DAY, months) > run)


def plain(key, text):
    """A value of `lapse show`, which gives each as text."""
    if key in ("sources", "blocks"):
        return json.loads(text)
    return int(text) if key.endswith(("_months", "_days")) else text


def plain_table(settings):
    """The values of a table of `lapse show`."""
    return {key: plain(key, setting["value"]) for key, setting in settings.items()}


def consortium(policies, run):
    """The consortium's own tables on the run day; they judge a library that has no policy."""
    with open(policies / "consortium.toml", "rb") as file:
        told = tomllib.load(file)
    tables = {name: dict(told[name]) for name in ("activity", "cleanup", "profile", "retention")}
    for amendment in sorted(told.get("amendment", []), key=lambda amendment: amendment["from"]):
        for name in tables.keys() & amendment.keys():
            if amendment["from"] <= run:
                tables[name] |= amendment[name]
    return tables


class Writer:
    """Collects the rows of the tables."""

    def __init__(self, run):
        self.run = run
        self.libraries = []
        self.subscriptions = []
        self.source_sets = {}

    def library(self, code, group, tables):
        """Adds the row of one library. The consortium's own is the one without a code."""
        activity, cleanup, retention = (tables[name] for name in ("activity", "cleanup", "retention"))
        sources = tuple(sorted(activity["sources"]))
        self.libraries.append({
            "library": code,
            "recognising_group": group,
            "scope": activity["scope"],
            "source_set": self.source_sets.setdefault(sources, len(self.source_sets)),
            "blocks": "|".join(cleanup["blocks"]),
            "ended_since": ended_since(self.run, cleanup["ended_months"]),
            "settled_since": younger_since(self.run, cleanup["settled_months"]),
            "pseudonymise_before": self.run - retention["pseudonymise_days"] * ONE_DAY,
            "purge_finance_before": add_months(self.run, -retention["finance_months"]),
        })

    def subscription(self, library, code, settings):
        """Adds the row of one subscription."""
        self.subscriptions.append({
            "library": library,
            "subscription": code,
            "holder": settings["holder"],
            "free": str(float(settings["fee"]) == 0).lower(),
            "renewal": settings["renewal"],
            "term_months": settings["term_months"],
            "active_since": active_since(self.run, settings["lapse_months"]),
        })


def write(lapse, policies, run, out):
    """Writes libraries.csv, subscriptions.csv, source_sets.csv and run.csv to the folder `out`."""
    writer = Writer(run)
    tables = consortium(policies, run)
    writer.library("", "", tables)

    def show(path):
        command = [lapse, "show", path.stem, "--policies", policies, "--date", str(run), "--format", "json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    with ThreadPoolExecutor(2) as pool:
        shown_libraries = list(pool.map(show, sorted((policies / "libraries").glob("*.toml"))))
    for shown in shown_libraries:
        code = shown["library"]["code"]
        group = shown["group"]
        recognising = group["code"] if group and group["kind"] == 3 else ""
        writer.library(code, recognising, {name: plain_table(shown[name]) for name in tables.keys() & shown.keys()})
        for subscription, settings in shown["subscriptions"].items():
            writer.subscription(code, subscription, plain_table(settings))
    out.mkdir(parents=True, exist_ok=True)
    save(out / "libraries.csv", writer.libraries)
    save(out / "subscriptions.csv", writer.subscriptions)
    sets = [{"source_set": number, "source": source} for sources, number in writer.source_sets.items()
            for source in sources]
    save(out / "source_sets.csv", sets)
    inactive_months = tables["profile"]["inactive_months"]
    save(out / "run.csv", [{"run": run, "profile_since": younger_since(run, inactive_months)}])


def save(path, rows):
    """Writes rows that all have the same keys."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
