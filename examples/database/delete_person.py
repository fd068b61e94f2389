#!/usr/bin/env python3
"""Deletes people through the interface of the library system. Here its database stands for that interface."""

import json
import sqlite3
import sys

system = sqlite3.connect(sys.argv[1])
for line in sys.stdin:
    action = json.loads(line)
    person = [int(action["patron_id"])]
    with system:
        (loans,) = system.execute("select coalesce(sum(loans), 0) from money where person = ?", person).fetchone()
        if loans:
            outcome, note = "refused", f"has open loans: {loans}"
        else:
            for table in ["card", "visit", "money"]:
                system.execute(f"delete from {table} where person = ?", person)
            system.execute("delete from person where number = ?", person)
            outcome, note = "done", "by delete_person.py"
    # The number of the entry comes as a text, and goes back as a number.
    print(json.dumps({"entry": int(action["entry"]), "outcome": outcome, "note": note}), flush=True)
