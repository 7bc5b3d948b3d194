"""Reports: signed, in order, once; and nothing that a hub answers can block them for ever."""

import errno
import gzip
import itertools
import json
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from signage import __version__, durable, parcel
from signage.board import notes, reporting, tending
from signage.board.download import Line
from signage.board.playlog import PlayLog, Position
from signage.board.reporter import Reporter
from signage.board.reporting import Courier, Outbox
from signage.keys import PrivateKey
from signage.report import Machine, Report, open_report
from signage.wire import when

KEY = PrivateKey.generate()
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def report() -> Report:
    return Report(
        "20506",
        "d" * 64,
        "b",
        0,
        "",
        NOW,
        1,
        None,
        "unknown",
        "none",
        (),
        (),
        "trusted",
        None,
        None,
        None,
        Machine(1, 2, 3),
        None,
    )


class Hub(ThreadingHTTPServer):
    """A hub by its rule: anything after the last is taken; `answer` overrides it."""

    daemon_threads = True

    def __init__(self):
        self.last, self.got, self.answer = 0, [], None
        super().__init__(("127.0.0.1", 0), _Post)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def _usual(self, body):
        for line in body.split(b"\n"):
            sealed, one = open_report(line)
            assert sealed.signed_by(KEY.public)
            if one.seq > self.last:
                self.got.append(one)
                self.last = one.seq
        return 200, json.dumps({"v": 1, "last": self.last}).encode()


class _Post(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        hub = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            body = parcel.enveloped(gzip.decompress(body))
        status, data = hub.answer(body) if hub.answer else hub._usual(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub():
    server = Hub()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def outbox(tmp_path):
    return Outbox(tmp_path / "outbox", tmp_path / "state")


def courier(outbox, hub, clock=lambda: 0.0):
    return Courier(outbox, Line(), hub.url, "20506", "b", clock)


def add(outbox, count):
    for _ in range(count):
        outbox.add(report(), KEY, Position(1, 10 * (outbox.place.seq + 1)))


def test_reports_arrive_in_order_chained_and_are_forgotten(outbox, hub):
    add(outbox, 3)
    courier(outbox, hub).visit()
    assert outbox.waiting() == [] and [r.seq for r in hub.got] == [1, 2, 3] and outbox.waiting() == []
    assert hub.got[1].prev == hub.got[0].sha256


def test_the_chain_goes_on_after_a_restart(tmp_path, outbox, hub):
    add(outbox, 2)
    courier(outbox, hub).visit()
    again = Outbox(tmp_path / "outbox", tmp_path / "state")
    add(again, 1)
    courier(again, hub).visit()
    assert [r.seq for r in hub.got] == [1, 2, 3] and hub.got[2].prev == hub.got[1].sha256
    assert again.place.played == Position(1, 30)


def test_a_crash_between_report_and_note_uses_no_number_twice(tmp_path, outbox):
    add(outbox, 2)
    (tmp_path / "state" / "reports.json").unlink()
    again = Outbox(tmp_path / "outbox", tmp_path / "state")
    assert (again.place.seq, again.place.played) == (2, Position(1, 20))


def test_an_outage_is_carried_over(outbox, hub):
    add(outbox, 60)
    hub.answer = lambda _: (503, b"")
    now = [0.0]
    way = courier(outbox, hub, lambda: now[0])
    way.visit()
    assert len(outbox.waiting()) == 60 and way.fault == "hub-busy"
    hub.answer = None
    way.visit()
    assert len(outbox.waiting()) == 60  # not yet: it backs off
    for _ in range(3):
        now[0] += 1000
        way.visit()
    assert [r.seq for r in hub.got] == list(range(1, 61)) and way.fault is None


def test_back_off_grows_and_is_bounded(outbox, hub):
    add(outbox, 1)
    hub.answer = lambda _: (503, b"")
    now = [0.0]
    way = courier(outbox, hub, lambda: now[0])
    waits = []
    for _ in range(12):
        way.visit()
        waits.append(way._next - now[0])
        now[0] = way._next
    assert waits[0] < 10 < waits[3] and max(waits) <= reporting.LONGEST_WAIT_S * 1.3


def test_a_repeat_that_the_hub_has_is_forgotten(outbox, hub):
    add(outbox, 3)
    hub.last = 2
    courier(outbox, hub).visit()
    assert outbox.waiting() == [] and [r.seq for r in hub.got] == [3]


def test_409_with_a_later_number_drops_what_it_has(outbox, hub):
    add(outbox, 3)
    hub.answer = lambda _: (409, b'{"v":1,"last":2}')
    courier(outbox, hub).visit()
    assert outbox.waiting() == [3]


def test_409_for_ever_backs_off_and_keeps_the_reports(outbox, hub):
    add(outbox, 2)
    hub.answer = lambda _: (409, b'{"v":1,"last":0}')
    way = courier(outbox, hub)
    way.visit()
    assert outbox.waiting() == [1, 2] and way.fault == "hub-confused"


def test_a_hub_that_lost_its_memory_takes_the_oldest_that_is_kept(outbox, hub):
    add(outbox, 5)
    outbox.forget(3)
    courier(outbox, hub).visit()
    assert [r.seq for r in hub.got] == [4, 5]


def test_a_hub_that_is_ahead_moves_the_counter(outbox, hub):
    hub.last = 41
    add(outbox, 1)
    way = courier(outbox, hub)
    way.visit()
    add(outbox, 1)
    way.visit()
    assert [r.seq for r in hub.got] == [42]


def test_a_hub_that_claims_the_impossible_is_not_followed(outbox, hub):
    add(outbox, 1)
    hub.answer = lambda _: (200, b'{"v":1,"last":9007199254740991}')
    way = courier(outbox, hub)
    way.visit()
    assert outbox.place.seq == 1 and outbox.waiting() == [1] and way.fault == "hub-confused"


@pytest.mark.parametrize("data", [b"", b"[]", b"nope", b'{"last":"x"}', b'{"last":-1}', b"[" * 9000])
def test_nonsense_from_the_hub_is_survived(outbox, hub, data):
    add(outbox, 1)
    hub.answer = lambda _: (200, data)
    way = courier(outbox, hub)
    way.visit()
    assert outbox.waiting() == [1] and way.fault == "hub-confused"


@pytest.mark.parametrize("names", [True, False])
def test_a_report_called_malformed_does_not_block_the_others(outbox, hub, names):
    """A hub names the line; somebody on the way who knows nothing of lines does not."""
    add(outbox, 5)

    def answer(body):
        seqs = [open_report(line)[1].seq for line in body.split(b"\n")]
        if 3 not in seqs:
            return hub._usual(body)
        at = seqs.index(3)
        hub.last = max(hub.last, *seqs[:at], 0)
        return 400, json.dumps({"last": hub.last, "line": at + 1} if names else {}).encode()

    hub.answer = answer
    way = courier(outbox, hub)
    way.visit()
    way.visit()
    assert outbox.waiting() == [] and way.bad_reports == 1 and hub.last == 5


def test_a_proxy_that_takes_no_large_body_gets_small_ones(outbox, hub):
    add(outbox, 5)
    hub.answer = lambda body: (413, b"") if b"\n" in body else hub._usual(body)
    way = courier(outbox, hub)
    way.visit()
    assert [r.seq for r in hub.got] == [1, 2, 3, 4, 5] and way.bad_reports == 0


def test_a_damaged_report_does_not_block_the_others(tmp_path, outbox, hub):
    add(outbox, 2)
    (tmp_path / "outbox" / "1.json").write_bytes(b"\0")
    courier(outbox, hub).visit()
    assert [r.seq for r in hub.got] == [2]


def test_not_enrolled_waits_for_a_person(outbox, hub):
    add(outbox, 1)
    hub.answer = lambda _: (403, b"{}")
    way = courier(outbox, hub)
    way.visit()
    assert way.fault == "hub-not-enrolled" and way._next > 200


def test_the_outbox_is_bounded_and_says_so(outbox, monkeypatch):
    monkeypatch.setattr(reporting, "MAX_WAITING", 5)
    add(outbox, 8)
    assert outbox.waiting() == [4, 5, 6, 7, 8] and outbox.dropped
    outbox.forget(8)
    assert not outbox.dropped


def test_a_report_says_what_the_notes_say(kiosk, office):
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    board = kiosk.board
    log = PlayLog(board.plays)
    log.add(file="a" * 64, statement="b" * 64, at=NOW, ms=4000)
    log.flush()
    import os

    showing = {"kind": "rotation", "statement": "b" * 64, "file": "a" * 64, "title": "Họp thôn", "since": when(NOW)}
    fault = {"code": "slide-damaged", "since": when(NOW)}
    notes.write(
        board.state / "player.json",
        {"pid": os.getpid(), "showing": showing, "verdict": "match", "number": 1, "faults": [fault]},
    )
    reporter = Reporter(board)
    reporter.make()
    (board.state / "frame.jpg").write_bytes(b"a new picture")
    reporter.make()
    reporter.make()
    first, second, third = (open_report(reporter.outbox.envelope(n))[1] for n in (1, 2, 3))
    second_frame = (second.frame.jpeg, second.frame.layer)
    assert (first.frame, second_frame, third.frame) == (None, (b"a new picture", "surface"), None)
    assert (first.about.bangtin, second.about, third.about) == (__version__, None, None)
    assert (first.verdict, first.layer, first.publication, first.showing.title) == ("match", "surface", 1, "Họp thôn")
    assert [p.ms for p in first.plays] == [4000] and second.plays == ()
    assert ("slide-damaged", NOW) in first.faults and first.machine.rss_mb > 10


def test_a_dead_player_is_not_believed(kiosk, office):
    office.publish()
    kiosk.sync()
    notes.write(
        kiosk.board.state / "player.json", {"pid": 2**22 + 5, "showing": None, "verdict": "match", "faults": []}
    )
    reporter = Reporter(kiosk.board)
    reporter.make()
    one = open_report(reporter.outbox.envelope(1))[1]
    assert one.verdict == "unknown" and one.layer == "none"
    assert "player-stopped" in [code for code, _ in one.faults]


def saying(board, verdict="match", layer="window", faults=(), connector="on"):
    """What the witness says now."""
    notes.write(board.state / "witness.json", {
        "pid": 1, "verdict": verdict, "layer": layer, "since": when(NOW), "at": when(NOW), "connector": connector,
        "faults": [{"code": code, "since": when(NOW)} for code in faults],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (("match", "window"), ("match", "window")),
        (("foreign", "window", ["screen-foreign"]), ("foreign", "window")),
        (("unknown", "none"), ("match", "surface")),  # nothing can look: the player's own word, told as that
        (("frozen", "none", ["screen-frozen"]), ("frozen", "none")),
        (("black", "none", ["screen-unplugged"], "off"), ("black", "none")),
    ],
)
def test_the_witness_is_believed_before_the_player(kiosk, office, says, told):
    import os

    office.publish()
    kiosk.sync()
    notes.write(kiosk.board.state / "player.json", {"pid": os.getppid(), "showing": None, "verdict": "match"})
    reporter = Reporter(kiosk.board)
    before = reporter.signature()
    saying(kiosk.board, *says)
    assert reporter.signature() != before
    reporter.make()
    one = open_report(reporter.outbox.envelope(1))[1]
    assert (one.verdict, one.layer) == told
    assert [code for code, _ in one.faults] == list(says[2] if len(says) > 2 else [])


def test_a_witness_that_says_nothing_lately_is_not_asked(kiosk, office):
    import os

    office.publish()
    kiosk.sync()
    notes.write(kiosk.board.state / "player.json", {"pid": os.getppid(), "showing": None, "verdict": "match"})
    saying(kiosk.board, "foreign")
    os.utime(kiosk.board.state / "witness.json", (1, 1))
    reporter = Reporter(kiosk.board)
    reporter.make()
    one = open_report(reporter.outbox.envelope(1))[1]
    assert (one.verdict, one.layer) == ("match", "surface")


def test_a_transition_alone_is_no_news(kiosk, office):
    office.publish()
    kiosk.sync()
    reporter = Reporter(kiosk.board)
    saying(kiosk.board, "match")
    before = reporter.signature()
    saying(kiosk.board, "transition")
    assert reporter.signature() == before


# ── a disk that takes nothing ────────────────────────────────────────────────────────────────────


class Disk:
    """Takes no write and no deletion while `full` (a card that turned read-only); reading goes on."""

    def __init__(self, monkeypatch):
        self.full = False
        for owner, name in ((durable, "write"), (Path, "unlink"), (Path, "mkdir")):
            monkeypatch.setattr(owner, name, self._or_full(getattr(owner, name)))

    def _or_full(self, real):
        def act(*args, **more):
            if self.full:
                raise OSError(errno.EROFS, "read-only")
            return real(*args, **more)

        return act


@pytest.fixture
def disk(monkeypatch):
    return Disk(monkeypatch)


def test_a_board_whose_disk_takes_nothing_tells_the_hub(kiosk, hub, disk):
    board, state = kiosk.board, kiosk.board.state
    earlier = Reporter(board)
    earlier.make()  # this one waits on the disk
    disk.full = True
    reporter = Reporter(board)
    way = Courier(reporter.outbox, Line(), hub.url, "20506", "b", lambda: 0.0)
    hub.answer = lambda body: (200, json.dumps({"v": 1, "last": take(hub, body)}).encode())
    for count in (2, 3, 4):
        reporter.make(way)
        way.visit()
        assert len(hub.got) == count, "each once"
    assert [r.seq for r in hub.got] == [1, 2, 3, 4] and reporter.outbox.waiting() == []
    assert all(a.sha256 == b.prev for a, b in itertools.pairwise(hub.got))
    assert [["state-unwritable" in dict(r.faults) for r in hub.got]] == [[False, True, True, True]]
    disk.full = False
    for _ in range(2):
        reporter.make(way)
        way.visit()
    assert [r.seq for r in hub.got] == [1, 2, 3, 4, 5, 6] and "state-unwritable" not in dict(hub.got[-1].faults)
    assert json.loads((state / "reports.json").read_bytes())["seq"] == 6


def take(hub, body):
    """As the hub does by itself."""
    for line in body.split(b"\n"):
        one = open_report(line)[1]
        if one.seq > hub.last:
            hub.got.append(one)
            hub.last = one.seq
    return hub.last


def test_a_report_that_was_handed_out_keeps_its_number(outbox, hub, disk):
    """It may have arrived, though no answer came; and it goes to the disk when that takes it again."""
    disk.full = True
    add(outbox, 2)
    assert outbox.waiting() == [1], "the newer takes the place of one that nobody has seen"
    sent = outbox.envelope(1)
    add(outbox, 1)
    assert outbox.envelope(1) == sent and outbox.waiting() == [1]
    disk.full = False
    add(outbox, 1)
    assert outbox.envelope(1) == sent and outbox.waiting() == [1, 2]
    assert open_report(outbox.envelope(2))[1].prev == open_report(sent)[1].sha256


def test_a_round_whose_note_cannot_be_written_is_done_all_the_same(office, kiosk, disk):
    office.show(office.statement("Họp thôn"))
    office.publish()
    (kiosk.board.state / "sync.json").mkdir(parents=True)
    assert tending.once(kiosk.board).error is None and kiosk.shown() == {"Họp thôn"}
    disk.full = True
    rounds = tending._Rounds(kiosk.board)
    for _ in range(2):
        assert rounds.run().number == 1


def test_reports_go_on_whatever_ends_them(kiosk, monkeypatch):
    """Also where `hub.json` cannot be written."""
    (kiosk.board.state / "hub.json").mkdir(parents=True)
    monkeypatch.setattr(tending, "RETRY_S", 0.0)
    monkeypatch.setattr(tending, "LOOK_S", 0.0)
    begun, visits = [], []
    real = tending.report_forever

    def begin(board, heartbeat):
        begun.append(board)
        if len(begun) == 3:
            sys.exit(0)
        real(board, heartbeat)

    def visit(courier):
        courier.fault = "hub-unreachable"
        visits.append(courier)
        if len(visits) % 3 == 0:
            raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(tending, "report_forever", begin)
    monkeypatch.setattr(Courier, "visit", visit)
    with pytest.raises(SystemExit):
        tending._reports(replace(kiosk.board, hub="http://127.0.0.1:9"), 60.0)
    assert (len(begun), len(visits)) == (3, 6)
