"""What `make bench` does: time what people wait for against a plain baseline of the same run, and print the ratios.

Each module of measurements has a list MEASUREMENTS of functions that take a `Stage` and yield the lines of the table.
"""

import argparse
import os
import platform
import signal
import sys
import time

from benchmarks import delivery, directory
from benchmarks.measuring import Line
from e2e.stage import Stage

MODULES = [delivery, directory]
SYNCS = {work.__name__: work for work in directory.SYNCS}


def main() -> int:
    everything = {work.__name__: work for module in MODULES for work in module.MEASUREMENTS}
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", choices=[[], *everything], help="only these")
    parser.add_argument("--sync", action="store_true", help="only the syncs of a large account: four minutes")
    given = parser.parse_args()
    names = given.names or list(SYNCS if given.sync else everything)
    everything |= SYNCS
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a polite kill also ends what we started
    started = time.monotonic()
    for number, name in enumerate(names):
        with Stage() as stage:
            if not number:
                print(
                    f"{stage.database.name}, Python {platform.python_version()}, {os.cpu_count()} cores\n", flush=True
                )
            for line in everything[name](stage):
                print(as_text(line), flush=True)
    print(f"\n{time.monotonic() - started:.0f} s in all")
    return 0


def as_text(line: Line) -> str:
    return f"{line.ratio:8.1f} x  {line.what:<46} {line.measured:>9}   {line.against}"


if __name__ == "__main__":
    sys.exit(main())
