"""On the line between office and board: bytes changed, old, mixed, without end, late, frozen. No key is stolen here."""

import gzip
import itertools
import os
from threading import Event

import pytest

from signage.board import download
from signage.board.boot import Boot
from signage.board.clock import Clock
from signage.board.download import Line
from signage.board.sync import Syncer
from signage.office.repository import LIVES
from tests.attacks.conftest import GOOD, still_shows
from tests.board.conftest import BOARD, DAY, NOW, SHAPE

OK = b"HTTP/1.1 200 OK\r\n"
MOST = 16 * 1024**2  # bytes that may leave an endless server before the board hangs up: the sockets' buffers too
LONG_AGO = NOW.replace(year=2000, month=1, day=1)
IN_TIME = ("trailers", "continue")  # nothing but the time limit ends these


def flipped(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def news(office):
    """Something new that two people approved, which the attack is to spoil."""
    statement = office.show(office.statement("mới", ("#111111", "#222222")))
    office.publish()
    return statement


# ── bytes changed ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["timestamp.json", "snapshot.json", "lich.json"])
def test_one_byte_of_metadata_changed(office, good, wire, name):
    news(office)
    wire.changes[name] = flipped
    assert good.sync().error == "tuf-refused"
    still_shows(good, GOOD)


@pytest.mark.parametrize("name", [f"{BOARD}.json", "khan-cap.json"])
def test_one_byte_of_a_signed_file_changed(office, good, wire, name):
    news(office)
    wire.changes[name] = flipped
    assert good.sync().error == "file-wrong"
    still_shows(good, GOOD)


def test_one_byte_of_a_slide_changed_takes_only_that_slide(office, good, wire):
    bad = news(office).slides[SHAPE.name][0]
    wire.changes[bad.file] = flipped
    outcome = good.sync()
    assert outcome.wrong == [f"slides/{bad.name}"] and outcome.error is None
    still_shows(good, GOOD, "mới")  # its other slide
    wire.changes.clear()
    assert good.sync().fetched == 1


def test_one_byte_of_a_dossier_changed_takes_only_that_item(office, good, wire, glass):
    news(office)
    new = office.items[-1].dossier
    wire.changes[f"dossiers/{new}"] = flipped
    outcome = good.sync()
    assert outcome.wrong == [f"dossiers/{new}.json"]
    assert good.why() == {new: "object-missing"}
    still_shows(good, GOOD)
    glass.still_shows(outcome)
    wire.changes.clear()
    glass.still_shows(good.sync(), "mới")


# ── old and mixed ────────────────────────────────────────────────────────────────────────────────


def test_old_timestamp_replayed(office, good, wire, glass):
    old = office.metadata("timestamp.json").read_bytes()
    news(office)
    good.sync()
    wire.changes["timestamp.json"] = lambda _: old
    outcome = good.sync()
    assert outcome.error == "tuf-refused"
    still_shows(good, GOOD, "mới")
    glass.still_shows(outcome, "mới")


def mixed(office, wire, role):
    """The file of a role's version before, under the name of the new one."""
    before = office.metadata(f"{office.repository.version(role)}.{role}.json").read_bytes()
    office.sign_people()
    news(office)
    wire.changes[f"{office.repository.version(role)}.{role}.json"] = lambda _: before


@pytest.mark.parametrize("role", ["lich", "targets", "snapshot"])
def test_mix_and_match(office, good, wire, role):
    """A new snapshot with the old lich; targets of one version with another's."""
    mixed(office, wire, role)
    assert good.sync().error == "tuf-refused"
    still_shows(good, GOOD)


@pytest.mark.parametrize("name", [f"lich/{BOARD}.json", "lich/khan-cap.json", "people.json"])
def test_the_target_of_one_version_with_another(office, good, wire, name):
    before = office.repository.current(name)
    office.void["p5"] = NOW
    office.sign_people()
    news(office)
    wire.changes[f"{name.rpartition('/')[2]}"] = lambda _: before
    assert good.sync().error == "file-wrong"
    still_shows(good, GOOD)


def test_another_communes_repository(office, good, wire, another):
    other = another("other")
    other.show(other.statement("lạ"))
    other.publish()
    for path in sorted((other.served / "metadata").iterdir()):
        wire.changes["/metadata/" + path.name] = lambda _, path=path: path.read_bytes()
    assert good.sync().error == "tuf-refused"
    still_shows(good, GOOD)


def test_two_publications_within_one_second(office, good, wire):
    """nginx makes its ETag of whole seconds and size, and both are the same: boards must not be told "unchanged"."""
    stamp = office.metadata("timestamp.json")
    wire.remembers = True
    board = Syncer(good.board, good.line, Clock())  # one process, its connection kept
    assert board.round().error is None
    before = stamp.stat()
    news(office)
    assert stamp.stat().st_size == before.st_size
    assert int(stamp.stat().st_mtime) > int(before.st_mtime), "the office helps those who ask with a condition"
    os.utime(stamp, (before.st_mtime, before.st_mtime))
    assert board.round().switched
    still_shows(good, GOOD, "mới")


# ── without end, and late ────────────────────────────────────────────────────────────────────────


def endless(start, again):
    """An answer that begins so and goes on for ever."""
    return lambda: itertools.chain([start], itertools.repeat(again))


BLOCK = b" " * 65536
BOMB = gzip.compress(b"0" * 2**24)
ENDLESS = {
    "body": endless(OK + b"\r\n", BLOCK),
    "chunks": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + BLOCK + b"\r\n"),
    "chunk-line": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * 65536),
    "trailers": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-More: 1\r\n" * 1000),
    "headers": endless(OK, b"X-More: 1\r\n" * 1000),
    "header-line": endless(OK + b"X-More: ", b"x" * 65536),
    "status-line": endless(b"HTTP/1.1 200 ", b"K" * 65536),
    "continue": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "packed": endless(OK + b"Content-Encoding: gzip\r\n\r\n", BOMB),
    "packed-nothing": endless(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"")),
}


def test_endless_data(office, good, wire, monkeypatch):
    """Whatever file it is of; the board hangs up, and holds no more of it in memory than it may be long."""
    monkeypatch.setattr(download, "PATIENCE_S", 0.2)
    monkeypatch.setattr(download, "SLOWEST", 10**9)
    news(office)
    for kind, name in itertools.product(ENDLESS, ("timestamp.json", f"dossiers/{office.items[-1].dossier}")):
        wire.streams, wire.sent = {name: ENDLESS[kind]}, 0
        outcome = good.sync()
        assert outcome.error or outcome.wrong, (kind, name)
        assert wire.sent < MOST or kind in IN_TIME, (kind, name)
        still_shows(good, GOOD)


def test_endless_roots(office, good, wire):
    """Every next root is "there", and is the one that the board has."""
    root = office.repository.root_bytes()
    wire.changes[".root.json"] = lambda data: data or root
    outcome = good.sync()
    assert outcome.error == "tuf-refused"
    still_shows(good, GOOD)


def drip(start=b""):
    """A byte at a time, each before any socket's own limit is reached."""

    def stream():
        yield start
        while True:
            Event().wait(0.02)
            yield b"H"

    return stream


def test_slow_retrieval(office, good, wire, monkeypatch):
    """Of the first line, of the headers, of the body: a request is over in its time, whatever trickles in."""
    monkeypatch.setattr(download, "PATIENCE_S", 0.2)
    monkeypatch.setattr(download, "SLOWEST", 10**9)
    news(office)
    starts = (b"", OK + b"X: ", OK + b"Content-Length: 300\r\n\r\n")
    for name, start in itertools.product(("timestamp.json", f"{BOARD}.json"), starts):
        wire.streams = {name: drip(start)}
        outcome = good.sync()
        assert outcome.error == "net-failed" and "too slow" in outcome.why, (name, start)
        still_shows(good, GOOD)
    wire.streams = {}
    assert good.sync().error is None
    still_shows(good, GOOD, "mới")


# ── frozen, expired ──────────────────────────────────────────────────────────────────────────────


def test_frozen_repository(office, good, wire, glass):
    """The line shows the board yesterday's office for ever: told when its timestamp ends, and nothing is lost."""
    frozen = {p.name: p.read_bytes() for p in office.metadata("").iterdir()}
    news(office)
    wire.changes["/metadata/"] = lambda _: None
    for name, data in frozen.items():
        wire.changes[f"/metadata/{name}"] = lambda _, data=data: data
    later = NOW + LIVES["timestamp"] + DAY
    assert good.sync(Clock(later - 2 * DAY)).error is None
    outcome = good.sync(Clock(later))
    assert outcome.error == "tuf-expired"
    still_shows(good, GOOD)
    still_shows(good, GOOD, at=later)
    glass.still_shows(outcome)


def test_frozen_in_front_of_a_board_whose_clock_stands_in_2000(office, good):
    """Metadata that have expired by uptime stay expired: a replay gains nothing."""

    class Life(Boot):
        at = 30.0

        def seconds(self):
            return self.at

    life = Life()
    board = Syncer(good.board, Line(), Clock(LONG_AGO, boot=life))
    assert board.round().error is None
    news(office)
    life.at += (LIVES["timestamp"] + DAY).total_seconds()
    assert board.round().error == "tuf-expired"
    still_shows(good, GOOD)


@pytest.mark.parametrize("role", LIVES)
def test_expired_roles(office, good, role):
    """Expiry keeps new content out and is told; it never blanks a board."""
    repository = office.repository
    past = NOW - LIVES[role] - DAY
    news(office)
    if role == "timestamp":
        repository._timestamp(past)
    else:
        repository._renew(role, repository._read(role), past)
        repository._timestamp(NOW) if role == "snapshot" else repository._snapshot(NOW)
    outcome = good.sync()
    assert outcome.error == "tuf-expired" and role in outcome.why
    still_shows(good, GOOD)
    if role != "timestamp":
        repository._renew(role, repository._read(role), NOW)
    repository._snapshot(NOW)
    assert good.sync().error is None
    still_shows(good, GOOD, "mới")


def test_two_years_in_a_cupboard(office, good):
    """What two people approved is shown until its own end, and not a day longer."""
    late = NOW + 800 * DAY
    assert good.sync(Clock(late)).error == "tuf-expired"
    still_shows(good, GOOD, at=NOW + 29 * DAY)
    still_shows(good, at=NOW + 31 * DAY)
