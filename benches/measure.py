"""Runs one command and prints what it took, as JSON: wall and processor seconds, peak memory in bytes, exit code.

A process of its own, because the kernel counts the memory of the parent before `exec` as the child's: so the parent
must be small. Usage: python -I -S measure.py STDERR COMMAND...
"""

import os
import sys
import time


def main():
    with open(sys.argv[1], "wb") as stderr:
        redirect = [(os.POSIX_SPAWN_DUP2, stderr.fileno(), 2), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
        start = time.monotonic()
        child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ, file_actions=redirect)
        _, status, usage = os.wait4(child, 0)
        wall = time.monotonic() - start
    exit_code = os.waitstatus_to_exitcode(status)
    print(f'{{"wall": {wall}, "cpu": {usage.ru_utime + usage.ru_stime}, "peak": {usage.ru_maxrss * 1024}, '
          f'"exit": {exit_code}}}')


main()
