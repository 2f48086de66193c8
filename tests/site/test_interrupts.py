"""Ctrl-C ends a command wherever it comes, also inside a finaliser, where Python itself forgets it."""

import subprocess
import sys

LOST = """
import os, signal, sys, time
from nattbok.site import interrupts

class Going:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.001)  # here it is raised, and nobody can be told

with interrupts.heard():
    going = Going()
    del going
    print("went on", flush=True)
    try:
        sys.stdin.read()  # for ever
    except KeyboardInterrupt:
        print("ended")
"""


def test_an_interrupt_inside_a_finaliser_is_heard():
    with subprocess.Popen(
        [sys.executable, "-c", LOST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        told = child.stdout.read()  # the child's standard input stays open: only the interrupt ends it
        child.stdin.close()
        assert (told.split(b"\n"), child.stderr.read()) == ([b"went on", b"ended", b""], b"")
