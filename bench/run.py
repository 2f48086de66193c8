"""Runs what is measured here, one after the other, and prints the figures of each.

    python -m bench.run [NAME ...] [--list]

Every other file in this folder is a bench: a command of its own that prints its figures, and is found by
being there. Each runs in a process of its own, so that none warms the memory of the next. Ends with 1 when
any of them ended in trouble, after all have run.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def benches() -> dict[str, Path]:
    """Every bench by its name, in order."""
    files = sorted(FOLDER.glob("[!_]*.py"))
    return {
        file.stem: file
        for file in files
        if file.name != "run.py" and "__main__" in file.read_text(encoding="utf-8")
    }


def title(file: Path) -> str:
    """The first line of what the bench says of itself."""
    return file.read_text(encoding="utf-8").lstrip('"').split("\n", 1)[0].rstrip('"')


def main() -> int:
    """Run the benches that are named, or all; what the command ends with."""
    there = benches()
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(there)}; all without")
    parser.add_argument("--list", action="store_true", help="say what there is, and measure nothing")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - set(there)):
        parser.error(f"there is no bench called {', '.join(unknown)}; there are: {', '.join(there)}")
    failed = []
    for name in arguments.names or there:
        print(f"{name}: {title(there[name])}", flush=True)
        if arguments.list:
            continue
        started = time.perf_counter()
        ended = subprocess.run(
            [sys.executable, str(there[name])],
            cwd=FOLDER.parent,
            env=os.environ | {"PYTHONPATH": str(FOLDER.parent)},
            check=False,
        )
        took = time.perf_counter() - started
        print(f"  ({took:.1f} s{'' if ended.returncode == 0 else ', FAILED'})\n", flush=True)
        failed += [name] if ended.returncode else []
    if failed:
        print(f"Ended in trouble: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
