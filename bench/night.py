"""The demo's night: 60 clients, 90 payments, 300 e-invoices, 30 sources, from files to report.

    python -m bench.night [--clients N] [--workers N] [--json]

Prints how long the night took (limit 15 s on two idle cores) and the largest memory any worker reached
(limit 300 MB), each also as a share of its limit; what was posted wrong must be nothing. The size of a
worker is what the kernel says its peak was (VmHWM), looked at while it lives.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import psutil

SECONDS, MEGABYTES = 15, 300
LOOK_SECONDS = 0.05


class Watch(threading.Thread):
    """Looks at the workers' peaks until it is told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.process = psutil.Process(pid)
        self.peaks: dict[int, int] = {}
        self.is_over = threading.Event()

    def run(self) -> None:
        """Look at every worker now and then."""
        while not self.is_over.wait(LOOK_SECONDS):
            with suppress(psutil.Error):
                for child in self.process.children(recursive=True):
                    with suppress(psutil.Error, OSError, StopIteration):
                        if "nattbok.site.worker" not in " ".join(child.cmdline()):
                            continue
                        status = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
                        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
                        self.peaks[child.pid] = int(peak.split()[1]) // 1024


def measure(clients: int, workers: int) -> dict:
    """Run the demo once in a folder of its own; its figures."""
    with tempfile.TemporaryDirectory(prefix="nattbok-bench-") as folder:
        command = [
            sys.executable, "-m", "nattbok", "demo", "--no-serve", "--json",
            "--clients", str(clients), "--workers", str(workers), "--home", f"{folder}/demo",
        ]  # fmt: skip
        demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        watch = Watch(demo.pid)
        watch.start()
        told, _nothing = demo.communicate()
        watch.is_over.set()
        watch.join()
    data = json.loads(told)
    return {
        "clients": clients,
        "workers": workers,
        "night_s": data["seconds"]["night"],
        "share_of_limit": round(data["seconds"]["night"] / SECONDS, 2),
        "worker_peak_mb": max(watch.peaks.values(), default=0),
        "share_of_memory": round(max(watch.peaks.values(), default=0) / MEGABYTES, 2),
        "set_up_s": data["seconds"]["set_up"],
        **{name: data["verdict"][name]["count"] for name in ("right", "wrong", "left", "missed")},
        "faults": len(data["faults"]),
    }


def main() -> int:
    """Measure and print; 1 when anything was posted wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure(arguments.clients, arguments.workers)
    if arguments.json:
        print(json.dumps(found))
    else:
        print(
            f"  night of {found['clients']} clients: {found['night_s']} s with {found['workers']} workers "
            f"({found['share_of_limit']} of the limit of {SECONDS} s)\n"
            f"  largest worker: {found['worker_peak_mb']} MB "
            f"({found['share_of_memory']} of the limit of {MEGABYTES} MB)\n"
            f"  {found['right']} right, {found['wrong']} wrong, {found['left']} rightly left, "
            f"{found['missed']} left needlessly; {found['faults']} faults in the books"
        )
    return 1 if found["wrong"] or found["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
