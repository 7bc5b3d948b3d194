"""Who speaks in the server's place is told: an empty SIM often looks like an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from signage.board import link, notes, patience, tending

PAGE = "<html>Thuê bao đã sử dụng hết dung lượng.</html>".encode()


class Portal(BaseHTTPRequestHandler):
    """A network that has cut a SIM off: every request gets the same."""

    status, kind, quiet = 302, "text/html", False
    over = threading.Event()

    def do_GET(self) -> None:
        if self.quiet:
            self.over.wait(20)
            return
        self.send_response(self.status)
        self.send_header("Location", "http://nap-tien.example/")
        self.send_header("Content-Type", self.kind)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(PAGE)

    do_HEAD = do_POST = do_GET  # noqa: N815 (names of http.server)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def portal(**how: Any) -> Iterator[str]:
    made = type("Made", (Portal,), {**how, "over": threading.Event()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), made)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        made.over.set()
        server.shutdown()
        server.server_close()


def codes(board: Any) -> list[str]:
    return [code for code, _ in notes.faults(notes.read(board.state / "sync.json"))]


@pytest.mark.parametrize(
    ("how", "code"),
    [({"status": 302}, link.OTHER), ({"status": 200}, link.OTHER), ({"status": 511}, link.OTHER),
     ({"quiet": True}, link.MUTE), ({"status": 503}, ""), ({"status": 404}, "")],
)  # fmt: skip
def test_what_an_empty_sim_does_is_told_and_goes_when_it_is_over(
    office: Any, kiosk: Any, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any], code: str
) -> None:
    office.show(office.statement("Họp thôn"))
    office.publish()
    assert tending.once(kiosk.board).error is None
    monkeypatch.setattr(patience, "READ_S", 0.5)
    monkeypatch.setattr(patience.Deadline, "quiet", 0.5)
    with portal(**how) as url:
        rounds = tending._Rounds(replace(kiosk.board, url=url))
        assert rounds.run().error
        told = [one for one in codes(kiosk.board) if one.startswith("link-")]
        assert told == ([code] if code else [])
    assert tending.once(kiosk.board).error is None and kiosk.shown() == {"Họp thôn"}
    assert codes(kiosk.board) == []


def test_a_portal_takes_no_report_and_its_page_is_no_answer(
    kiosk: Any, office: Any, make_courier: Callable[..., Any]
) -> None:
    office.publish()
    for how in ({"status": 302}, {"status": 200}, {"status": 511}):
        with portal(**how) as url:
            courier, outbox = make_courier(kiosk.board, url)
            courier.visit()
            assert outbox.waiting() == [1] and courier.fault in ("hub-busy", "hub-confused")


@pytest.fixture
def make_courier() -> Callable[..., Any]:
    from signage.board.download import Line
    from signage.board.reporter import Reporter
    from signage.board.reporting import Courier

    def make(board: Any, url: str) -> tuple[Any, Any]:
        outbox = Reporter(board).outbox
        if not outbox.waiting():
            Reporter(board).make()
            outbox = Reporter(board).outbox
        return Courier(outbox, Line(), url, board.commune, board.id), outbox

    return make
