"""The monthly run of domain.md (stages 1, 2 and 3, retention) in Polars, lazy and streaming. Rejects aside: the data of
the benchmark has none. Texts are looked up once, then patrons and libraries are numbers.
"""

import argparse
import os
from pathlib import Path

PARSER = argparse.ArgumentParser(description=__doc__)
PARSER.add_argument("--data", type=Path, required=True)
PARSER.add_argument("--settings", type=Path, required=True)
PARSER.add_argument("--out", type=Path, required=True)
PARSER.add_argument("--threads", type=int, default=2)
ARGS = PARSER.parse_args()
# Polars reads this when it is loaded.
os.environ["POLARS_MAX_THREADS"] = str(ARGS.threads)

import polars as pl  # noqa: E402

TEXT, DAY, NUMBER, TRUTH, AMOUNT = pl.String, pl.Date, pl.Int32, pl.Boolean, pl.Float64
COLUMNS = {
    "patrons": {"patron_id": TEXT, "birth_date": DAY, "profile_last_active": DAY, "loan_history": TRUTH},
    "memberships": {"patron_id": TEXT, "library": TEXT, "subscription": TEXT, "valid_from": DAY, "valid_until": DAY,
                    "status": TEXT},
    "activity": {"patron_id": TEXT, "library": TEXT, "source": TEXT, "last_active": DAY},
    "accounts": {"patron_id": TEXT, "library": TEXT, "owed": AMOUNT, "credit": AMOUNT, "blocks": TEXT, "items": NUMBER,
                 "settled_on": DAY},
    "libraries": {"library": TEXT, "recognising_group": TEXT, "scope": TEXT, "source_set": NUMBER, "blocks": TEXT,
                  "ended_since": DAY, "settled_since": DAY, "pseudonymise_before": DAY, "purge_finance_before": DAY},
    "subscriptions": {"library": TEXT, "subscription": TEXT, "holder": TEXT, "free": TRUTH, "renewal": TEXT,
                      "term_months": NUMBER, "active_since": DAY},
    "source_sets": {"source_set": NUMBER, "source": TEXT},
    "run": {"run": DAY, "profile_since": DAY},
}
COL, WHEN = pl.col, pl.when


def scan(folder, table):
    """The table of a folder, whatever its format."""
    parquet = folder / f"{table}.parquet"
    if parquet.exists():
        return pl.scan_parquet(parquet)
    return pl.scan_csv(folder / f"{table}.csv", schema=COLUMNS[table])


def kept(frame):
    """What several queries use, computed once."""
    return frame.collect(engine="streaming").lazy()


def words(*cases):
    """The words of the cases that hold, with spaces between."""
    return pl.concat_str([WHEN(case).then(pl.lit(word)) for word, case in cases], separator=" ", ignore_nulls=True)


def choose(otherwise, *cases):
    """The word of the first case that holds."""
    chain = pl
    for word, case in cases:
        chain = chain.when(case).then(pl.lit(word) if isinstance(word, str) else word)
    return chain.otherwise(pl.lit(otherwise) if isinstance(otherwise, str) else otherwise)


def add_months(day, months):
    """The same day of the month so many months on, or that month's last day."""
    month = month_number(day) + months
    first = pl.date(month // 12, month % 12 + 1, 1)
    last = first.dt.month_end().dt.day()
    return pl.date(month // 12, month % 12 + 1, pl.min_horizontal(day.dt.day(), last))


def month_number(day):
    """Months since the year 0."""
    return day.dt.year() * 12 + day.dt.month().cast(NUMBER) - 1


def activity(patrons, libraries):
    """Last activity: of a patron over all libraries, of a patron without a library, and of a patron in a library."""
    rows = (scan(ARGS.data, "activity").join(scan(ARGS.settings, "source_sets"), on="source")
            .join(patrons.select("patron_id", "patron"), on="patron_id")
            .select("patron", "library", "source_set", day=pl.min_horizontal("last_active", pl.lit(RUN))))
    by_library = libraries.filter(COL("scope") == "library")
    anywhere = rows.group_by("patron", "source_set").agg(anywhere=COL("day").max())
    nowhere = (rows.filter(COL("library").is_null())
               .join(by_library.select("source_set").unique(), on="source_set", how="semi")
               .group_by("patron", "source_set").agg(nowhere=COL("day").max()))
    here = (rows.join(by_library.select("library", "source_set", "place"), on=["library", "source_set"])
            .group_by("patron", "place").agg(here=COL("day").max()))
    return pl.collect_all([anywhere, nowhere, here], engine="streaming")


def decide_memberships(memberships, patrons, libraries):
    """Stage 1: the first row of the table that applies."""
    anywhere, nowhere, here = (frame.lazy() for frame in activity(patrons, libraries))
    subscriptions = scan(ARGS.settings, "subscriptions").with_columns(in_policy=True)
    in_scope = WHEN(COL("scope") == "patron").then("anywhere").otherwise(pl.max_horizontal("here", "nowhere"))
    facts = (
        memberships.join(patrons.select("patron_id", "patron"), on="patron_id")
        .join(libraries.select("library", "place", "scope", "source_set", "recognising_group"), on="library")
        .join(subscriptions, on=["library", "subscription"], how="left")
        .join(anywhere, on=["patron", "source_set"], how="left")
        .join(nowhere, on=["patron", "source_set"], how="left")
        .join(here, on=["patron", "place"], how="left")
        .with_columns(
            last_activity=in_scope,
            has_passed=(COL("valid_until") < RUN).fill_null(False),
            is_active=COL("status").fill_null("active") == "active",
        )
    )
    why_not = choose(
        pl.lit(None, TEXT),
        ("not-a-person", COL("holder") != "person"),
        ("automatic", COL("renewal") == "automatic"),
        ("no-renewal", COL("renewal") == "none"),
        ("paid", ~COL("free")),
        ("active", COL("last_activity").fill_null(COL("valid_from")) >= COL("active_since")),
    )
    renews = (COL("renewal") == "automatic") | ((COL("renewal") == "conditional") & COL("free"))
    row = choose(
        pl.lit(7),
        (pl.lit(1), COL("in_policy").is_null()),
        (pl.lit(2), ~COL("is_active")),
        (pl.lit(3), COL("valid_from") > RUN),
        (pl.lit(4), COL("why_not").is_null()),
        (pl.lit(5), ~COL("has_passed")),
        (pl.lit(6), renews),
    )
    # Always counted from the original end, so that the day of the month does not drift.
    terms = (RUN.year * 12 + RUN.month - 1 - month_number(COL("valid_until"))) // COL("term_months")
    after = add_months(COL("valid_until"), terms * COL("term_months"))
    renewed = WHEN(after >= RUN).then(after).otherwise(add_months(COL("valid_until"), (terms + 1) * COL("term_months")))
    outcome = choose(
        "expired",
        (choose("valid", ("expired", ~COL("is_active") | COL("has_passed"))), COL("row") == 1),
        ("valid", COL("row").is_in([3, 5])),
        ("deregistered", COL("row") == 4),
        ("renewed", COL("row") == 6),
    )
    reason = choose(
        COL("why_not"),
        ("no-policy", COL("row") == 1),
        ("ended", COL("row") == 2),
        ("starts-later", COL("row") == 3),
        ("inactive", COL("row") == 4),
        ("not-renewed", COL("row") == 7),
    )
    until = choose(
        COL("valid_until"),
        (pl.lit(RUN) - pl.duration(days=1), COL("row") == 4),
        (renewed, COL("row") == 6),
    )
    return (
        facts.with_columns(why_not=why_not).with_columns(row=row)
        .select("patron", "position", "patron_id", "library", "place", "recognising_group", "subscription",
                "valid_from", "last_activity", outcome=outcome, reason=reason, valid_until=until)
        .with_columns(is_valid=COL("outcome").is_in(["valid", "renewed"]))
        .sort("patron", "position")
    )


def judge_records(decided, accounts, patrons, libraries):
    """Stage 2: each patron in each library, and retention with it."""
    here = decided.group_by("patron", "place").agg(
        has_valid=COL("is_valid").any(), unknown_end=COL("valid_until").is_null().any(),
        last_end=COL("valid_until").max(), membership=COL("position").min(),
    ).with_columns(member=True)
    recognised = (decided.filter(COL("is_valid") & COL("recognising_group").is_not_null())
                  .select("patron", "recognising_group").unique().with_columns(in_group=True))
    open_here = (accounts.join(patrons.select("patron_id", "patron"), on="patron_id")
                 .join(libraries.select("library", "place"), on="library").drop("patron_id", "library"))
    holds = COL("blocks").str.split("|").list.set_intersection(COL("blocks_right").str.split("|")).list.len() > 0
    has_valid = COL("has_valid").fill_null(False)
    ended_recently = COL("unknown_end") | (COL("last_end") >= COL("ended_since"))
    records = (
        here.join(open_here, on=["patron", "place"], how="full", coalesce=True)
        .join(libraries, on="place")
        .join(recognised, on=["patron", "recognising_group"], how="left")
        .with_columns(reasons=words(
            ("valid-membership", has_valid),
            ("valid-in-group", ~has_valid & COL("in_group")),
            ("ended-recently", COL("member") & ~has_valid & ended_recently),
            ("owes", COL("owed") != 0),
            ("credit", COL("credit") != 0),
            ("blocked", holds),
            ("items", COL("items") != 0),
            ("settled-recently", COL("settled_on") >= COL("settled_since")),
            ("no-membership", COL("member").is_null()),
            ("no-policy", ~COL("in_policy")),
        ))
    )
    records = kept(records.select("patron", "place", "library", "membership", "account", "reasons",
                                  "pseudonymise_before", "purge_finance_before"))
    kept_somewhere = records.filter(COL("reasons") != "").select("patron").unique().with_columns(elsewhere=True)
    clear = records.filter(COL("reasons") == "").select("patron").unique()
    kept_elsewhere = kept_somewhere.join(clear, on="patron", how="semi")
    outcome = choose("deleted", ("kept", COL("reasons") != ""), ("archived", COL("elsewhere")))
    stays = COL("outcome") != "deleted"
    return (
        records.join(kept_elsewhere, on="patron", how="left")
        .join(patrons.select("patron", "patron_id", "keeps_history"), on="patron")
        .with_columns(outcome=outcome)
        .sort("patron", "membership", "account", nulls_last=True)
        .select(
            "patron_id", "library", "outcome",
            reasons=choose("all-clear", (COL("reasons"), COL("outcome") == "kept"),
                           ("kept-elsewhere", COL("outcome") == "archived")),
            pseudonymise_before=WHEN(stays & ~COL("keeps_history")).then("pseudonymise_before"),
            purge_finance_before=WHEN(stays).then("purge_finance_before"),
        )
    )


def judge_profiles(decided, patrons, profile_since):
    """Stage 3: each profile."""
    valid = decided.filter("is_valid").select("patron").unique().with_columns(is_valid=True)
    reasons = words(("active", COL("profile_last_active") >= profile_since), ("valid-membership", COL("is_valid")))
    return (
        patrons.filter(COL("profile_last_active").is_not_null()).join(valid, on="patron", how="left")
        .with_columns(reasons=reasons).sort("patron")
        .select("patron_id", outcome=choose("kept", ("deleted", COL("reasons") == "")),
                reasons=choose(COL("reasons"), ("inactive", COL("reasons") == "")))
    )


def all_libraries(memberships, accounts):
    """Those of the policy, then others, which are judged by the consortium's settings, the row without a code."""
    settings = scan(ARGS.settings, "libraries").collect()
    known = settings.filter(COL("library").is_not_null()).with_columns(in_policy=True)
    named = pl.concat([memberships.select("library").unique(), accounts.select("library").unique()]).unique().collect(
        engine="streaming")
    others = named.join(known, on="library", how="anti")
    consortium = settings.filter(COL("library").is_null()).drop("library").with_columns(in_policy=False)
    others = others.join(consortium, how="cross").select(known.columns)
    return pl.concat([known, others]).with_row_index("place").lazy()


def main():
    """Reads, decides and writes."""
    ARGS.out.mkdir(parents=True, exist_ok=True)
    patrons = kept(scan(ARGS.data, "patrons").with_row_index("patron").select(
        "patron", "patron_id", "profile_last_active", keeps_history=COL("loan_history").fill_null(True)))
    memberships = scan(ARGS.data, "memberships").with_row_index("position")
    accounts = kept(scan(ARGS.data, "accounts").with_row_index("account"))
    libraries = all_libraries(memberships, accounts)
    decided = kept(decide_memberships(memberships, patrons, libraries))
    decided.select("patron_id", "library", "subscription", "valid_from", "outcome", "reason", "valid_until",
                   "last_activity").sink_csv(ARGS.out / "memberships.csv", engine="streaming")
    decided = decided.select("patron", "position", "place", "recognising_group", "valid_until", "is_valid")
    judge_records(decided, accounts, patrons, libraries).sink_csv(ARGS.out / "records.csv", engine="streaming")
    judge_profiles(decided, patrons, PROFILE_SINCE).sink_csv(ARGS.out / "profiles.csv", engine="streaming")


RUN, PROFILE_SINCE = scan(ARGS.settings, "run").collect().row(0)
main()
