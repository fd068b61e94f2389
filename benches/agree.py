"""Whether two programs decided the same: their three CSV files, byte for byte, so in the same order too."""

import filecmp
from itertools import islice, zip_longest

TABLES = ("memberships", "records", "profiles")
# So many rows that differ are shown of each table.
SHOWN = 3


def differences(ours, theirs):
    """The first rows that differ, as lines for people; empty when the folders hold the same."""
    found = []
    for table in TABLES:
        left, right = ours / f"{table}.csv", theirs / f"{table}.csv"
        if not filecmp.cmp(left, right, shallow=False):
            found += [f"{table}: lapse has `{our.rstrip()}`, it has `{their.rstrip()}`"
                      for our, their in islice(rows_that_differ(left, right), SHOWN)]
    return found


def rows_that_differ(left, right):
    """Rows at the same place that are not the same."""
    with open(left, encoding="utf-8", newline="") as ours, open(right, encoding="utf-8", newline="") as theirs:
        for our, their in zip_longest(ours, theirs, fillvalue="no row"):
            if our != their:
                yield our, their
