"""A board that listens: it looks at once, polls slowly meanwhile, and is none the worse where nobody speaks."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from signage import hint
from signage.board import hints, identity, tending
from signage.board.clock import Clock
from signage.board.download import Line
from signage.board.hints import Listener, Share
from signage.board.shelf import Shelf
from signage.board.sync import Syncer
from signage.errors import Unavailable
from signage.hint import Bell, Reading, event
from signage.office.serving import Server
from tests.board.conftest import BOARD
from tests.board.test_sync import filmed
from tests.board.test_wire import raw  # noqa: F401

STAMP = "/board/metadata/timestamp.json"
CHANNEL = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


def until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


class Told:
    """A listener that is told its hints by the test, and keeps what was made of them."""

    def __init__(self):
        self.waits, self.judged = [], []

    def rang(self):
        return bool(self.waits)

    def take(self):
        return self.waits.pop(0) if self.waits else None

    def judge(self, *, was_true, was_news):
        self.judged.append((was_true, was_news))


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def process(kiosk, told):
    """As `bangtin board sync --watch`: many rounds of one process."""
    return Syncer(kiosk.board, kiosk.line, Clock(), hints=told)


@pytest.fixture
def news(office):
    """Publishes, and says what a server's hint would say."""
    bell = Bell(office.served)
    bell.rang()

    def publish():
        office.publish()
        ((files),) = Reading().feed(bell.rang())
        return files

    return publish


# ── what a hint brings ───────────────────────────────────────────────────────────────────────────


def test_an_emergency_that_came_with_its_hint_asks_for_nothing(office, kiosk, wire, process, told, news, monkeypatch):
    office.show(office.statement("thường"))
    news()
    process.round()
    office.alarm(office.emergency("Lũ", colours=()))
    monkeypatch.setattr(office, "number", office.number - 1)  # the manifest stays as it is
    told.waits.append(news())
    wire.asked.clear()
    outcome = process.round()
    assert (outcome.error, outcome.switched, wire.asked, told.judged) == (None, True, [], [(True, True)])
    assert kiosk.shown() == {"thường", "Lũ"}


def test_the_round_after_a_hint_asks_for_the_new_root(office, kiosk, wire, process, told, news):
    news()
    process.round()
    told.waits.append(news())
    wire.asked.clear()
    process.round()
    assert [path for path in wire.asked if "metadata" in path] == []
    process.round()
    assert wire.asked[-2:] == ["/board/metadata/2.root.json", STAMP]
    process.round()
    assert wire.asked[-1] == STAMP and wire.asked.count(STAMP) == 2


def test_a_hint_says_nothing_of_time(office, kiosk, process, told, news):
    """Without an answer there is no Date; what the last one said is not said again."""
    news()
    process.round()
    kept = []
    process._clock.keep = lambda **values: kept.append(values)
    told.waits.append({"metadata/timestamp.json": process._source._timestamp})
    assert process.round().error is None and kept == [] and told.judged == [(True, False)]
    assert process.round().error is None and len(kept) == 1


def test_a_round_that_does_not_come_to_asking_proves_nothing(office, process, told, news, monkeypatch):
    """While the board's disk fails, every hint would be judged by the last round that went well."""
    news()
    process.round()
    told.waits.append(news())
    process.round()
    monkeypatch.setattr(process, "_holding", lambda: (_ for _ in ()).throw(OSError("disk")))
    told.waits.append({"metadata/timestamp.json": b"{}"})
    assert process.round().error == "disk" and told.judged == [(True, True), (False, False)]


def test_a_process_begins_with_a_whole_look(office, kiosk, wire, process, told, news):
    told.waits.append(news())
    assert process.round().error is None
    assert wire.asked[:2] == ["/board/metadata/2.root.json", STAMP] and told.judged == [(True, True)]


def test_a_hint_ends_slow_downloads(office, kiosk, wire, process, told, news):
    """An emergency is shelved before the slides that were being fetched."""
    news()
    process.round()
    for n in range(4):
        office.show(office.statement(f"Tin {n}", (f"#11111{n}",)))
    news()
    shown = []

    def slide(data):
        if not office.emergencies:
            office.alarm(office.emergency("Lũ", colours=()))
            told.waits.append(news())
        shown.append(kiosk.shown())
        return data

    wire.changes["/slides/"] = slide
    assert process.round().error is None
    assert "Lũ" not in shown[0] and all("Lũ" in some for some in shown[1:])
    assert kiosk.shown() == {"Lũ", *(f"Tin {n}" for n in range(4))}


def test_a_hint_ends_a_film_in_the_middle_of_a_piece(office, tmp_path, told):
    film = filmed(office, os.urandom(400_000))
    server = Server(office.folder / "publication").start()
    board = identity.enroll(tmp_path / "board", board=BOARD, url=server.address, root=office.repository.root_bytes())
    part, hinted = board.shelf / f"part-{film.file}", [True]
    told.rang = lambda: hinted[0] and part.exists() and part.stat().st_size > 0  # as soon as the film is under way
    process = Syncer(board, Line(), Clock(), hints=told)
    outcome = process.round()
    assert outcome.error is None and not outcome.films_late and 0 < part.stat().st_size < 256 * 1024
    hinted[0] = False
    assert process.round().fetched == 1 and Shelf(board.shelf).has(film.file, film.size)
    server.stop()


# ── the channel ──────────────────────────────────────────────────────────────────────────────────


def listening(url, every=30.0):
    return Listener([f"{url}/board/hints"], every).start()


@pytest.fixture
def soon(monkeypatch):
    """Comments and tries within moments."""
    monkeypatch.setattr(hint, "LEAST_S", 0.05)
    monkeypatch.setattr("signage.office.waiting.SWEEP_S", 0.01)
    monkeypatch.setattr(hints, "SOON_S", 0.05)


def test_a_hint_from_our_own_server(office, soon):
    server = Server(office.folder / "publication").start()
    listener = listening(server.address, 0.0)
    until(lambda: listener.alive)
    assert listener.wait(5) and listener.take() == {}  # before this nobody listened
    office.publish()
    until(lambda: listener.wait(1))
    files = listener.take()
    assert files["metadata/timestamp.json"] == (office.served / "metadata/timestamp.json").read_bytes()
    server.stop()
    until(lambda: not listener.alive)


def test_a_server_that_starts_again_is_found_again(office, soon, monkeypatch):
    monkeypatch.setattr(hints, "LONGEST_S", 0.1)
    first = Server(office.folder / "publication").start()
    listener = listening(first.address, 0.0)
    until(lambda: listener.alive)
    first.stop()
    until(lambda: not listener.alive and listener._broken)
    second = Server(office.folder / "publication", port=first.server_address[1]).start()
    until(lambda: listener.alive)
    assert listener.wait(5) and listener.take() == {}
    second.stop()


def test_where_there_is_none_the_hub_is_asked_and_then_hardly_ever_anybody(wire, office, soon):
    paused = []
    listener = Listener([f"{wire.url}/board/hints", f"{wire.url}/v1/hints"], 30.0)
    listener._again = SimpleNamespace(
        clear=lambda: None, wait=lambda seconds: paused.append(seconds) or forever(paused)
    )
    thread = threading.Thread(target=listener._listen_on, daemon=True)
    thread.start()
    until(lambda: len(paused) == 2)
    assert wire.asked == ["/board/hints?every=30", "/v1/hints?every=30"]
    assert paused[0] < 1 and paused[1] >= hints.RARE_S / 2 and not listener.alive


def forever(paused):
    if len(paused) == 2:
        threading.Event().wait()


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nXin!",
    b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n",
])  # fmt: skip
def test_an_answer_of_another_kind_is_no_channel(raw, answer):  # noqa: F811
    server = raw(lambda _: [answer], hang_up=True)
    listener = Listener([server.url], 30.0)
    pauses = []
    listener._again.wait = lambda seconds: pauses.append(seconds) or threading.Event().wait()
    threading.Thread(target=listener._listen_on, daemon=True).start()
    until(lambda: pauses)
    assert pauses[0] >= hints.RARE_S / 2


def test_a_proxy_that_cuts_before_anything_comes_is_given_up(raw):  # noqa: F811
    server = raw(lambda _: [CHANNEL], hang_up=True)
    listener, pauses = Listener([server.url], 30.0), []
    listener._again.wait = lambda seconds: pauses.append(seconds) or (len(pauses) > 3 and threading.Event().wait())
    threading.Thread(target=listener._listen_on, daemon=True).start()
    until(lambda: len(pauses) == hints.UNPROVEN)
    assert all(pause <= hints.SOON_S for pause in pauses[:-1]) and pauses[-1] >= hints.RARE_S / 2
    assert not listener.alive


def test_a_broken_line_is_tried_more_and_more_seldom_until_the_network_is_back():
    listener, pauses, back = Listener(["http://127.0.0.1:9/hints"], 30.0), [], threading.Event()
    listener._again.wait = lambda seconds: pauses.append(seconds) or (len(pauses) > 12 and threading.Event().wait())
    listener._again.set = back.set
    threading.Thread(target=listener._listen_on, daemon=True).start()
    until(lambda: len(pauses) == 13)
    assert 1 <= pauses[0] <= 3 and hints.LONGEST_S / 2 <= pauses[-1] <= hints.LONGEST_S * 1.5
    assert not back.is_set()
    listener.online()
    assert back.is_set()


def test_a_line_that_falls_silent_is_dead(raw):  # noqa: F811
    over = threading.Event()

    def answer(_):
        yield CHANNEL + hint.COMMENT
        over.wait(20)

    server = raw(answer)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        list(Line().listen(server.url, hint.KIND, 0.3))
    over.set()
    assert time.monotonic() - began < 10


def test_a_chunked_answer_as_proxies_make_it(raw):  # noqa: F811
    parts = [b":\n", event({"metadata/timestamp.json": b"{}"}), b":\n"]
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    head = CHANNEL.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    heard = b"".join(Line().listen(raw(lambda _: [head, chunked]).url, hint.KIND, 5.0))
    assert list(Reading().feed(heard)) == [None, {"metadata/timestamp.json": b"{}"}, None]


# ── how often, and how much ────────────────────────────────────────────────────────────────────────────────────


def test_what_one_may_still_use_grows_with_time(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(hints.time, "monotonic", lambda: now[0])
    share = Share(5.0, 0.2)
    assert [share.take() for _ in range(6)] == [True] * 5 + [False] and share.wait_s() == 5.0
    now[0] = 5.0
    assert share.take() and not share.take()
    now[0] = 1e6
    assert sum(share.take() for _ in range(9)) == 5


@pytest.mark.parametrize("was_news", [True, False])
def test_a_day_of_many_emergencies_is_no_flood(raw, was_news):  # noqa: F811
    """Each hint of such a day carries all of them: 40 kB, again and again. The same bytes without news are a flood."""
    taken, much = threading.Semaphore(0), event({"metadata/timestamp.json": b"1" * 40_000})
    hints_of_a_day = int(hints.MAX_BYTES / len(much)) + 4

    def answer(_):
        yield CHANNEL + hint.COMMENT
        for _ in range(hints_of_a_day):
            yield much
            if not taken.acquire(timeout=20):
                return

    listener, heard, ended = Listener([raw(answer).url], 30.0), [], []
    listener._again.wait = lambda seconds: ended.append(seconds) or threading.Event().wait()
    threading.Thread(target=listener._listen_on, daemon=True).start()
    while len(heard) < hints_of_a_day and not ended:
        if listener._wake.wait(0.05) and (files := listener.take()):
            heard.append(files)
            listener.judge(was_true=True, was_news=was_news)
            taken.release()
    assert (len(heard) == hints_of_a_day) == was_news
    if not was_news:
        assert ended[0] >= hints.RARE_S / 2


def waits(board, listener, monkeypatch, every, *, slow=600, retry=False, lost_after=float("inf")):
    """How long sync waits when no hint comes, in seconds of a clock of the test's."""
    now = [100.0]
    monkeypatch.setattr(tending.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(tending.random, "uniform", lambda low, high: 1.0)

    def wait(seconds):
        now[0] += seconds
        listener.alive = listener.alive and now[0] - 100 < lost_after
        return False

    listener.wait = wait
    tending._wait(board, listener, every, slow, retry=retry)
    return round(now[0] - 100)


@pytest.mark.parametrize(("every", "alive", "seconds"), [(30, False, 30), (30, True, 600), (600, False, 600),
                                                         (600, True, 600), (3600, True, 3600)])  # fmt: skip
def test_polls_are_slow_only_while_the_channel_lives(kiosk, monkeypatch, every, alive, seconds):
    assert waits(kiosk.board, SimpleNamespace(alive=alive), monkeypatch, every) == seconds


def test_a_board_that_pays_for_bytes_polls_more_slowly_still(kiosk, monkeypatch):
    alive, slow = SimpleNamespace(alive=True), tending.SLOW_METERED_S
    assert waits(kiosk.board, alive, monkeypatch, 600, slow=slow) == slow
    assert waits(kiosk.board, alive, monkeypatch, 600, slow=slow, lost_after=700) == 700


def test_a_channel_that_is_lost_brings_the_poll_forward(kiosk, monkeypatch):
    assert waits(kiosk.board, SimpleNamespace(alive=True), monkeypatch, 30, lost_after=10) == 30
    assert waits(kiosk.board, SimpleNamespace(alive=True), monkeypatch, 30, lost_after=200) == 200
    assert waits(kiosk.board, SimpleNamespace(alive=True), monkeypatch, 30, retry=True) == tending.RETRY_S


# ── the real process ─────────────────────────────────────────────────────────────────────────────


def test_the_real_process_follows_a_hint_at_once(office, tmp_path):
    """`bangtin board sync --watch` that would poll in an hour, and a server of its own."""
    office.show(office.statement("một"))
    office.publish()
    server = Server(office.folder / "publication").start()
    board = identity.enroll(tmp_path / "board", board=BOARD, url=server.address, root=office.repository.root_bytes())
    command = [sys.executable, "-m", "signage", "board", "sync", "--watch", "--every", "3600", "--dir"]
    sync = subprocess.Popen([*command, str(board.folder)], env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})

    def shows(*titles):
        held = Shelf(board.shelf).holding(board.root(), board.identity, datetime.now(UTC))
        return held is not None and {entry.title for entry in held.playlist.everything()} == set(titles)

    try:
        until(lambda: shows("một"), 60)
        until(lambda: server.waiting._listening, 60)
        office.show(office.statement("hai", ("#660000",)))
        office.publish()
        until(lambda: shows("một", "hai"), 60)
        office.alarm(office.emergency("Lũ", colours=()))
        office.publish()
        until(lambda: shows("một", "hai", "Lũ"), 60)
        until(lambda: json.loads((board.state / "sync.json").read_bytes())["number"] == office.number)
    finally:
        sync.send_signal(signal.SIGTERM)
        assert sync.wait(20) == 0
        server.stop()
