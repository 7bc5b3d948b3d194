"""Limits of the line, against servers that answer byte by byte: too slow, too long, packed, redirected, hung up."""

import gzip
import os
import socket
import threading
import time
import tracemalloc
import zlib
from contextlib import closing, suppress

import pytest

from signage.board import download, patience
from signage.board.download import Line
from signage.errors import Refused, Unavailable
from signage.office.serving import BOARD_IDLE_S, PACKED_FROM, Server
from signage.wire import sha256

OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n"


class Raw:
    """A server that answers each request with what `answer(path)` yields; it says nothing of hanging up."""

    def __init__(self, answer, *, hang_up=False):
        self.answer, self.hang_up = answer, hang_up
        self.connections, self.requests = 0, []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with suppress(OSError, ValueError), closing(connection), connection.makefile("rb") as heard:
            while first := heard.readline():
                headers = dict(line.decode().strip().split(": ", 1) for line in iter(heard.readline, b"\r\n"))
                self.requests.append((*first.decode().split()[:2], headers))
                for part in self.answer(self.requests[-1]):
                    connection.sendall(part)
                if self.hang_up:
                    return

    def close(self):
        self._socket.close()


@pytest.fixture
def raw():
    made = []

    def make(answer, **values):
        made.append(Raw(answer, **values))
        return made[-1]

    yield make
    for server in made:
        server.close()


def said(data, *headers):
    return OK % (len(data), b"".join(h + b"\r\n" for h in headers)) + data


# ── time ─────────────────────────────────────────────────────────────────────────────────────────


def dripping(data, until):
    """A byte at a time, each well within the time limit of a read."""
    for n in range(len(data)):
        if until.wait(0.05):
            return
        yield data[n : n + 1]


@pytest.mark.parametrize("part", ["headers", "body"])
def test_slow_retrieval_ends_with_a_named_limit(raw, monkeypatch, part):
    monkeypatch.setattr(download, "PATIENCE_S", 0.4)
    over, data = threading.Event(), b"x" * 200

    def answer(_):
        head, body = said(data)[:-200], data
        yield from dripping(head, over) if part == "headers" else [head]
        yield from dripping(body, over)

    with pytest.raises(Unavailable) as caught:
        Line().named(raw(answer).url + "/a.json", limit=200, sha256=sha256(data))
    over.set()
    assert caught.value.code == "net-failed" and "too slow: not in 0 s" in caught.value.told("en")


def test_a_large_file_has_the_time_that_its_size_needs(raw, monkeypatch):
    """The same drip, which is faster than the slowest line that is borne."""
    monkeypatch.setattr(download, "PATIENCE_S", 0.0)
    monkeypatch.setattr(download, "SLOWEST", 1)
    data = b"x" * 40
    server = raw(lambda _: [OK % (40, b""), *dripping(data, threading.Event())])
    assert Line().file(server.url + "/a.webp", size=40, sha256=sha256(data)) == data


def test_a_film_that_drips_gives_the_round_back(raw, tmp_path, monkeypatch):
    monkeypatch.setattr(patience, "READ_S", 0.3)
    over = threading.Event()
    head = b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-999/1000\r\nContent-Length: 1000\r\n\r\n"
    server = raw(lambda _: (part for source in ([head], dripping(b"x" * 1000, over)) for part in source))
    with pytest.raises(Unavailable) as caught:
        Line().more(server.url + "/a.mp4", tmp_path / "part", size=1000, piece=1000, until=time.monotonic() + 0.2)
    over.set()
    assert "too slow" in caught.value.told("en")


def test_a_hub_that_answers_byte_by_byte_is_given_up(raw, monkeypatch):
    monkeypatch.setattr(download, "PATIENCE_S", 0.4)
    over = threading.Event()
    server = raw(lambda _: dripping(said(b"{}"), over))
    with pytest.raises(Unavailable) as caught:
        Line().post(server.url + "/v1/reports", b"{}")
    over.set()
    assert "too slow" in caught.value.told("en")


# ── packed ───────────────────────────────────────────────────────────────────────────────────────

GZIP = b"Content-Encoding: gzip"


def test_a_packed_text_is_unpacked_and_slides_are_not_asked_for_packed(raw):
    data = b"Thong bao. " * 500
    server = raw(lambda asked: [said(gzip.compress(data), GZIP) if asked[1].endswith(".json") else said(data)])
    line = Line()
    assert line.named(server.url + "/a.json", limit=len(data), sha256=sha256(data)) == data
    assert line.file(server.url + "/a.webp", size=len(data), sha256=sha256(data)) == data
    assert [headers["Accept-Encoding"] for _, _, headers in server.requests] == ["gzip", "identity"]


def test_a_gzip_bomb_ends_at_the_limit(raw):
    bomb = gzip.compress(bytes(64 << 20))
    server = raw(lambda _: [said(bomb, GZIP)])
    tracemalloc.start()
    with pytest.raises(Refused) as caught:
        Line().named(server.url + "/a.json", limit=65_536, sha256="0" * 64)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.code == "file-wrong" and "more than 65536 bytes" in caught.value.told("en")
    assert peak < 2 << 20


def nothing_packed():
    """A gzip file that goes on for ever and holds nothing: empty stored blocks (RFC 1951, 3.2.4)."""
    yield b"HTTP/1.1 200 OK\r\n" + GZIP + b"\r\n\r\n" + gzip.compress(b"")[:10]
    while True:
        yield b"\0\0\0\xff\xff" * 4000


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(b"{}" * 900)[:-9],
        gzip.compress(b"{}" * 900) + b"more",
        gzip.compress(b"{}") + gzip.compress(b"{}"),
        b"no gzip",
        zlib.compress(b"{}"),
    ],
    ids=["cut", "followed", "two", "none", "zlib"],
)
def test_what_is_packed_wrongly_is_no_file(raw, packed):
    with pytest.raises(Unavailable) as caught:
        Line().small(raw(lambda _: [said(packed, GZIP)]).url + "/a.json", limit=1 << 20)
    assert caught.value.code == "net-failed"


def test_endless_packing_of_nothing_is_cut_off(raw):
    with pytest.raises(Unavailable) as caught:
        Line().small(raw(lambda _: nothing_packed()).url + "/a.json", limit=1 << 20)
    assert "ValueError" in caught.value.told("en")


@pytest.mark.parametrize("size", [0, 1, download.CHUNK, download.CHUNK * 3, download.CHUNK * 3 + 1])
def test_packing_loses_nothing_at_any_length(raw, size):
    data = os.urandom(size // 2) + bytes(size - size // 2)
    assert Line().small(raw(lambda _: [said(gzip.compress(data), GZIP)]).url + "/a.json", limit=size) == data


def test_another_packing_than_asked_for_is_refused(raw):
    with pytest.raises(Unavailable):
        Line().small(raw(lambda _: [said(b"{}", b"Content-Encoding: br")]).url + "/a.json", limit=100)


# ── connections ──────────────────────────────────────────────────────────────────────────────────


def test_a_kept_connection_that_died_meanwhile_is_no_failure(raw):
    """Routers and servers forget a quiet connection; the board only notices when it asks again."""
    server = raw(lambda _: [said(b"{}")], hang_up=True)
    line = Line()
    for _ in range(3):
        assert line.small(server.url + "/a.json", limit=2) == b"{}"
    assert server.connections == 3


def test_rounds_share_one_connection_whatever_page_says_that_there_is_no_new_root(office, kiosk):
    (office.folder / "publication" / "404.html").write_text("không có " * 500)
    server = Server(office.folder / "publication").start()
    connections, real = [], server.get_request
    server.get_request = lambda: connections.append(1) or real()
    try:
        object.__setattr__(kiosk.board, "url", server.address)
        office.show(office.statement("Họp thôn"))
        office.publish()
        assert [kiosk.sync().error for _ in range(3)] == [None] * 3
    finally:
        server.stop()
    assert kiosk.shown() == {"Họp thôn"} and len(connections) == 1


def test_no_request_has_a_condition(raw):
    """nginx's ETag is seconds and size: with a condition, the second timestamp within a second would be missed."""
    server = raw(lambda _: [said(b"{}", b'ETag: "65536-2"', b"Last-Modified: Sun, 22 Nov 2026 00:00:00 GMT")])
    line = Line()
    for _ in range(2):
        line.small(server.url + "/metadata/timestamp.json", limit=2)
    for _, _, headers in server.requests:
        assert set(headers) == {"Host", "User-Agent"}


def test_two_timestamps_within_a_second_are_both_seen(office, kiosk):
    """On our own server, from a disk that keeps whole seconds, as some hosts' and sticks' do."""
    server = Server(office.folder / "publication").start()
    object.__setattr__(kiosk.board, "url", server.address)
    stamp = office.metadata("timestamp.json")
    try:
        for title, colour in (("một", "#111111"), ("hai", "#222222"), ("ba", "#333333")):
            office.show(office.statement(title, (colour,)))
            office.publish()
            os.utime(stamp, (1_763_769_600, 1_763_769_600))
            assert kiosk.sync().error is None
            assert title in kiosk.shown()
    finally:
        server.stop()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(raw, status):
    elsewhere = raw(lambda _: [said(b"{}")])
    moved = b"HTTP/1.1 %d Moved\r\nLocation: %s/a.json\r\nContent-Length: 0\r\n\r\n" % (status, elsewhere.url.encode())
    server = raw(lambda _: [moved])
    line = Line()
    with pytest.raises(Unavailable):
        line.small(server.url + "/a.json", limit=2)
    with pytest.raises(Refused):
        line.named(server.url + "/a.json", limit=2, sha256=sha256(b"{}"))
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx", b"\0\1\2\r\n\r\n", b"HTTP/1.1 999999 x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 99_999 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx", b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
    ],
    ids=["nothing", "short", "noise", "status", "chunks", "headers", "long", "negative", "words"],
)  # fmt: skip
def test_a_broken_answer_is_told_as_ours(raw, answer):
    """The stream's errors too: python-tuf wraps only those raised when the fetch begins."""
    server = raw(lambda _: [answer], hang_up=True)
    with pytest.raises((Unavailable, Refused)):
        Line().named(server.url + "/a.json", limit=100, sha256="0" * 64)


# ── our own server ───────────────────────────────────────────────────────────────────────────────


def test_our_server_packs_the_boards_texts_alone(tmp_path):
    text, small = b'{"a": "%s"}' % (b"b" * PACKED_FROM), b"{}"
    for name, data in (("a.json", text), ("small.json", small), ("a.webp", text)):
        (tmp_path / "board").mkdir(exist_ok=True)
        (tmp_path / "board" / name).write_bytes(data)
    server = Server(tmp_path).start()
    try:
        line = Line()
        for name, data, packing in (("a.json", text, "gzip"), ("small.json", small, None), ("a.webp", text, None)):
            url = f"{server.address}/board/{name}"
            assert line.small(url, limit=len(data)) == data
            answer = line._session.get(url, headers={"Accept-Encoding": "gzip"})
            assert answer.headers.get("Content-Encoding") == packing
        missing = line._session.get(server.address + "/board/metadata/2.root.json")
        assert (missing.status_code, missing.content, missing.headers.get("Connection")) == (404, b"", None)
        line.close()
    finally:
        server.stop()


def test_a_quiet_connection_outlives_the_slowest_poll():
    assert BOARD_IDLE_S > 600 * 1.1
