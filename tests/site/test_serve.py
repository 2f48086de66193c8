"""The `serve` command: a real process, reached over a real socket, that ends when told to."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest


@pytest.fixture
def served(tmp_path):
    program = (
        "import argparse, sys; from nattbok.site import serve; parser = argparse.ArgumentParser();"
        "serve.add_parser(parser.add_subparsers()); arguments = parser.parse_args(sys.argv[1:]);"
        "sys.exit(arguments.run(arguments))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "nattbok.site.settings"},
    )
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    if not found:
        process.kill()
        pytest.fail(line + process.stderr.read())
    yield process, found.group(0)
    process.kill()
    process.wait()


def test_pages_and_style_are_served_until_told_to_end(served):
    process, address = served
    with urllib.request.urlopen(f"{address}/login/") as response:
        assert b"nattbok.css" in response.read()
        assert "waitress" not in str(response.headers).lower()
    with urllib.request.urlopen(f"{address}/static/nattbok.css") as response:
        assert response.headers["Content-Type"].startswith("text/css")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(f"{address}/login/", headers={"Host": "evil.example"}))
    assert refused.value.code == 400
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


def test_a_taken_port_is_told_in_words(served):
    _process, address = served
    from nattbok.site import serve

    taken = int(address.rsplit(":", 1)[1])
    arguments = type("Arguments", (), {"host": "127.0.0.1", "port": taken, "proxy": "127.0.0.1"})
    assert serve.run(arguments) == 1
