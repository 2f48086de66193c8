"""The `serve` command: a real process, reached over a real socket, that ends when told to."""

import os
import re
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection

import pytest
from django.conf import settings

from nattbok.bank.actions import uploading as statements


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


def answer(address: str, path: str, **headers: str):
    connection = HTTPConnection(address.removeprefix("http://"), timeout=20)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    return response.status, str(response.headers).lower(), response.read()


def test_pages_and_style_are_served_until_told_to_end(served):
    process, address = served
    status, headers, page = answer(address, "/login/")
    assert status == 200 and b"nattbok.css" in page and "waitress" not in headers
    status, headers, _sheet = answer(address, "/static/nattbok.css")
    assert status == 200 and "content-type: text/css" in headers
    assert answer(address, "/login/", Host="evil.example")[0] == 400
    # As much as the largest statement is left to its page; more is not even taken in.
    assert settings.LARGEST_REQUEST > statements.LARGEST
    assert answered_before_it_is_sent(address, settings.LARGEST_REQUEST + 1).startswith(b"HTTP/1.1 413 ")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


def answered_before_it_is_sent(address: str, size: int) -> bytes:
    """What the server says to so many bytes when none of them is there yet."""
    host, _colon, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(b"POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
        return line.recv(100)


def test_a_taken_port_is_told_in_words(served):
    _process, address = served
    from nattbok.site import serve

    taken = int(address.rsplit(":", 1)[1])
    arguments = type("Arguments", (), {"host": "127.0.0.1", "port": taken, "proxy": "127.0.0.1"})
    assert serve.run(arguments) == 1
