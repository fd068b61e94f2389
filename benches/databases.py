#!/usr/bin/env python3
"""How long plan and apply take on PostgreSQL and SQLite, beside what the databases themselves need for the same rows.

Makes a sample, fills a SQLite file and a PostgreSQL server of its own with it, and prints a ratio for each goal. `just
bench-databases` runs it; --patrons says how many patrons there are.
"""

import argparse
import os
import pwd
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAPSE = ROOT / "target/release/lapse"
TABLES = ["patrons", "memberships", "activity", "accounts"]
DATE = "2022-07-01"


def run(words, ok=(0,), **how):
    """Runs a command and gives how many seconds it took."""
    start = time.monotonic()
    done = subprocess.run([str(word) for word in words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **how)
    took = time.monotonic() - start
    if done.returncode not in ok:
        sys.exit(f"{' '.join(map(str, words))}: {done.stderr.decode()}")
    return took


class Server:
    """A PostgreSQL server on a free port, with the settings of a server in use: fsync on."""

    def __init__(self, folder):
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            sys.exit("this needs PostgreSQL: apt-get install postgresql")
        self.bin = found[-1].parent
        self.data = folder / "server"
        self.user = {"user": "postgres"} if os.getuid() == 0 else {}
        if self.user:
            shutil.chown(folder, "postgres")
        run([self.bin / "initdb", "-U", "lapse", "-A", "trust", "-E", "UTF8", "--locale=C", "-D", self.data], cwd="/", **self.user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=512MB"
        run([self.bin / "pg_ctl", "-D", self.data, "-o", options, "-l", folder / "server.log", "-w", "start"], cwd="/", **self.user)
        self.url = f"postgres://lapse@127.0.0.1:{self.port}/postgres"

    def sql(self, text):
        return run([self.bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", self.url, "-c", text])

    def stop(self):
        run([self.bin / "pg_ctl", "-D", self.data, "-m", "fast", "stop"], cwd="/", **self.user)


def medians(pairs, *jobs):
    """Does the jobs by turns, and gives the median of each."""
    took = [[job() for job in jobs] for _ in range(pairs)]
    return [statistics.median(times) for times in zip(*took)]


def plan(data, folder):
    return run([LAPSE, "plan", "--data", data, "--date", DATE, "--out", folder / "bench.plan", "--policies", ROOT / "policies",
                "--threads", "2"], ok=(0, 3, 4))


def say(what, ours, theirs, goal):
    print(f"{what}: {ours:.2f} s beside {theirs:.2f} s, {ours / theirs:.2f} times (goal {goal})", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--patrons", type=int, default=1_000_000)
    arguments.add_argument("--pairs", type=int, default=5)
    given = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="lapse-bench-"))
    folder.chmod(0o755)
    extract = folder / "extract"
    run([LAPSE, "sample", "--patrons", given.patrons, "--seed", 7, "--date", DATE, "--out", extract, "--policies", ROOT / "policies"])
    sqlite = folder / "patrons.db"
    run([LAPSE, "register", "init", "--from", extract, sqlite])
    server = Server(folder)
    try:
        run([LAPSE, "register", "init", "--from", extract, server.url])
        server.sql("vacuum analyze")

        out = folder / "out"
        decide = lambda: run([LAPSE, "run", "--data", extract, "--date", DATE, "--out", out, "--policies", ROOT / "policies",
                              "--threads", "2"], ok=(0, 3, 4))
        copy = lambda: sum(server.sql(f"\\copy {table} to /dev/null csv") for table in TABLES)
        ours, copied, decided = medians(given.pairs, lambda: plan(server.url, folder), copy, decide)
        say("plan from PostgreSQL, beside COPY and a run from CSV", ours, copied + decided, 1.5)
        read = lambda: sum(run(["sqlite3", sqlite, f"select * from {table}"]) for table in TABLES)
        ours, shell = medians(given.pairs, lambda: plan(f"sqlite:{sqlite}", folder), read)
        say("plan from SQLite, beside the sqlite3 shell", ours, shell, 2)

        plan(server.url, folder)
        applied = run([LAPSE, "apply", folder / "bench.plan", "--data", server.url, "--consent", "all", "--policies", ROOT / "policies"],
                      ok=(0, 3))
        run([LAPSE, "undo", "1", "--data", server.url])
        # The same changes by one statement for each kind, with a log of what was before.
        server.sql("create table old_log (entry bigserial, at timestamptz default now(), patron_id text, content jsonb)")
        server.sql("create table again as select content::jsonb as content, kind, entry from lapse_before")
        one = server.sql("""
            with changed as (
                update memberships m set valid_until = a.content->>'valid_until',
                       status = case a.kind when 'deregister' then 'deregistered' else m.status end
                  from again a
                 where a.kind in ('deregister', 'renew') and m.patron_id = a.content->>'patron_id'
                   and m.library = a.content->>'library' and m.subscription = a.content->>'subscription'
                   and m.valid_from = a.content->>'valid_from'
                returning m.patron_id, to_jsonb(m) as content)
            insert into old_log (patron_id, content) select patron_id, content from changed""")
        one += sum(server.sql(f"""
            with gone as (delete from {table} t using again a
                           where a.kind = 'delete' and t.patron_id = a.content->>'patron_id' returning t.patron_id, to_jsonb(t) as content)
            insert into old_log (patron_id, content) select patron_id, content from gone""") for table in TABLES)
        say("apply on PostgreSQL, beside one statement for each table that does the same with a log", applied, one, 3)
        ours = plan(f"sqlite:{sqlite}", folder)
        applied = run([LAPSE, "apply", folder / "bench.plan", "--data", f"sqlite:{sqlite}", "--consent", "all", "--policies",
                       ROOT / "policies"], ok=(0, 3))
        print(f"apply on SQLite: {applied:.2f} s", flush=True)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
