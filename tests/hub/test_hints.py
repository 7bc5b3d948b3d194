"""Boards whose publication lies on a plain host hear from the hub that there is something new."""

import http.client
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from signage.cli import parser
from signage.hint import COMMENT, Reading
from tests.board.conftest import Office

CHANNEL = b"GET /v1/hints/%s?every=20 HTTP/1.1\r\nHost: x\r\n\r\n"
STAMP = "metadata/timestamp.json"


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path / "office")
    made.publish()
    return made


@contextmanager
def serving(folder, *more):
    """`bangtin hub serve`; its address and the process."""
    command = [sys.executable, "-m", "signage", "hub", "serve", "--dir", str(folder), "--port", "0", *map(str, more)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    port = int(re.search(r":(\d+)/", process.stdout.readline())[1])
    yield ("127.0.0.1", port), process
    process.kill()
    process.wait(20)


@pytest.fixture
def running(tmp_path, office):
    """A hub with the office's publication beside it."""
    with serving(tmp_path / "hub", "--publication", office.folder / "publication") as hub:
        yield hub


def listening(place, commune=b"99999"):
    end = time.monotonic() + 20
    while True:
        try:
            connection = socket.create_connection(place, timeout=20)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < end
    connection.sendall(CHANNEL % commune)
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)
    assert b"200 OK" in head and b"text/event-stream" in head and b"x-accel-buffering: no" in head.lower()
    return connection


def heard(connection):
    """The files of the next hint; chunks are whole lines here."""
    reading = Reading()
    while data := connection.recv(65536):
        for files in reading.feed(re.sub(rb"(?m)^[0-9a-f]+\r\n|\r\n", b"", data)):
            if files is not None:
                return files
    raise AssertionError


def test_the_hub_passes_on_what_is_published(running, office):
    place, _ = running
    boards = [listening(place) for _ in range(20)]
    for _ in range(2):
        office.publish()
        told = [heard(board) for board in boards]
        assert all(files == told[0] for files in told)
        assert told[0][STAMP] == (office.served / STAMP).read_bytes() and len(told[0]) == 4


def test_a_hub_of_many_communes_tells_each_its_own(tmp_path, office):
    other, many = Office(tmp_path / "other"), tmp_path / "publications"
    other.publish()
    many.mkdir()
    with serving(tmp_path / "hub", "--publications", many) as (place, _):
        for code, one in (("20506", office), ("20507", other)):  # they come while the hub runs
            (many / code).symlink_to(one.folder / "publication")
        first, second = listening(place, b"20506"), listening(place, b"20507")
        other.publish()
        assert heard(second)[STAMP] == (other.served / STAMP).read_bytes()
        office.publish()
        assert heard(first)[STAMP] == (office.served / STAMP).read_bytes(), "and nothing of the other before"
        for unknown in ("20508", "..", "%2e%2e"):
            asked = http.client.HTTPConnection(*place, timeout=20)
            asked.request("GET", f"/v1/hints/{unknown}")
            assert asked.getresponse().status == 404, unknown


def test_a_hub_without_a_publication_has_no_channel(hub):
    assert hub.get("/v1/hints/99999")[0] == 404


def test_a_hub_that_stops_waits_for_no_listener(running):
    place, process = running
    board = listening(place)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert board.recv(10) in (b"", COMMENT)
    (typed,) = re.findall(r"bangtin (hub account add .*)", process.stdout.read())
    parser().parse_args(shlex.split(typed.replace("TÊN", "nguyen.lan")))  # while nobody has an account it says so
