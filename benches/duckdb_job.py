"""Runs duckdb.sql over the tables of a folder; or, with --to-parquet, writes the tables as Parquet."""

import argparse
from pathlib import Path

import duckdb

COLUMNS = {
    "patrons": {"patron_id": "VARCHAR", "birth_date": "DATE", "profile_last_active": "DATE", "loan_history": "BOOLEAN"},
    "memberships": {"patron_id": "VARCHAR", "library": "VARCHAR", "subscription": "VARCHAR", "valid_from": "DATE",
                    "valid_until": "DATE", "status": "VARCHAR"},
    "activity": {"patron_id": "VARCHAR", "library": "VARCHAR", "source": "VARCHAR", "last_active": "DATE"},
    "accounts": {"patron_id": "VARCHAR", "library": "VARCHAR", "owed": "DECIMAL(12,2)", "credit": "DECIMAL(12,2)",
                 "blocks": "VARCHAR", "items": "INTEGER", "settled_on": "DATE"},
    "libraries": {"library": "VARCHAR", "recognising_group": "VARCHAR", "scope": "VARCHAR", "source_set": "INTEGER",
                  "blocks": "VARCHAR", "ended_since": "DATE", "settled_since": "DATE", "pseudonymise_before": "DATE",
                  "purge_finance_before": "DATE"},
    "subscriptions": {"library": "VARCHAR", "subscription": "VARCHAR", "holder": "VARCHAR", "free": "BOOLEAN",
                      "renewal": "VARCHAR", "term_months": "INTEGER", "active_since": "DATE"},
    "source_sets": {"source_set": "INTEGER", "source": "VARCHAR"},
    "run": {"run": "DATE", "profile_since": "DATE"},
}
TABLES = ("patrons", "memberships", "activity", "accounts")
SETTINGS = ("libraries", "subscriptions", "source_sets", "run")


def file_of(folder, table):
    """What a query reads the table of a folder from. Columns are given, so that nothing has to be guessed."""
    parquet = folder / f"{table}.parquet"
    if parquet.exists():
        return f"read_parquet('{parquet}')"
    return (f"read_csv('{folder / table}.csv', header = true, auto_detect = false, delim = ',', quote = '\"', "
            f"escape = '\"', columns = {COLUMNS[table]})")


def main():
    """Does what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--to-parquet", type=Path)
    args = parser.parse_args()
    database = duckdb.connect(config={"threads": args.threads})
    if args.to_parquet:
        for table in TABLES:
            database.execute(f"COPY (FROM {file_of(args.data, table)}) TO '{args.to_parquet / table}.parquet'")
        return
    for folder, tables in ((args.data, TABLES), (args.settings, SETTINGS)):
        for table in tables:
            database.execute(f"CREATE TEMP VIEW {table}_file AS FROM {file_of(folder, table)}")
    args.out.mkdir(parents=True, exist_ok=True)
    script = Path(__file__).with_name("duckdb.sql").read_text(encoding="utf-8")
    database.execute(script.replace("OUT/", f"{args.out}/"))


main()
