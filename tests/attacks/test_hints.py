"""Whoever answers on the channel for hints: floods, forgeries, yesterday's words, lines without end.

No key is needed there, so nothing is believed that comes from it: all that it can do is make a board look, a few times.
"""

import threading
import time
from contextlib import suppress
from itertools import count

import pytest

from signage import hint
from signage.board import hints
from signage.board.clock import Clock
from signage.board.hints import Listener
from signage.board.sync import Syncer
from signage.hint import Bell, Reading, event
from signage.publication import EMERGENCIES
from signage.wire import sha256
from tests.attacks.conftest import GOOD, still_shows
from tests.attacks.test_office import HIGHEST, stolen, with_new_online_keys
from tests.board.conftest import NOW
from tests.board.test_hints import CHANNEL, Told, until
from tests.board.test_wire import raw  # noqa: F401

STAMP = "metadata/timestamp.json"


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def process(good, told):
    """A board that has looked once, and is told hints by the attack."""
    syncer = Syncer(good.board, good.line, Clock(), hints=told)
    assert syncer.round().error is None
    return syncer


def heard(served):
    """What a hint of this publication carries now."""
    bell = Bell(served)
    bell._mark = bell._said = b""
    (files,) = Reading().feed(bell.rang())
    assert len(files) == 4
    return files


def rounds_of(process, told, *some):
    """One round for each hint; what became of them."""
    told.waits += some
    return [process.round() for _ in some]


# ── what a hint carries ──────────────────────────────────────────────────────────────────────────


def test_metadata_forged_by_another_office(good, wire, process, told, another):
    """Signed, whole, with an emergency; by keys that are nobody's here."""
    thief = another("thief")
    thief.alarm(thief.emergency("giả"))
    for _ in range(5):
        thief.publish()
    wire.asked.clear()
    (outcome,) = rounds_of(process, told, heard(thief.served))
    assert outcome.error is None and not outcome.switched and told.judged == [(False, False)]
    assert wire.asked == [f"/board/{STAMP}"]  # it has cost one look
    still_shows(good, GOOD)


def test_metadata_of_yesterday(office, good, wire, process, told):
    """Withdrawn since; the old words are true signatures all the same."""
    office.show(office.statement("cũ"))
    office.publish()
    yesterday = heard(office.served)
    rounds_of(process, told, yesterday)
    still_shows(good, GOOD, "cũ")
    office.items.pop()
    office.publish()
    process.round()
    wire.asked.clear()
    for outcome in rounds_of(process, told, yesterday, yesterday):
        assert outcome.error is None and not outcome.switched
    assert told.judged[1:] == [(False, False)] * 2 and len(wire.asked) <= 3
    still_shows(good, GOOD)


def test_the_same_hint_again_and_again_asks_for_nothing(office, good, wire, process, told):
    office.publish()
    now = heard(office.served)
    rounds_of(process, told, now)
    process.round()
    wire.asked.clear()
    rounds_of(process, told, *[now] * 5)
    assert wire.asked == []


def test_old_and_new_metadata_mixed(office, good, process, told):
    office.publish()
    before = heard(office.served)
    office.show(office.statement("mới"))
    office.publish()
    after = heard(office.served)
    mixed = {path.replace("2.", "3."): data for path, data in before.items() if path != STAMP}
    (outcome,) = rounds_of(process, told, {**mixed, STAMP: after[STAMP]})
    assert outcome.error is None and told.judged == [(True, True)]  # there was news, and the server had it right
    still_shows(good, GOOD, "mới")


@pytest.mark.parametrize("part", ["snapshot", "lich", "khan-cap"])
def test_true_metadata_with_a_part_of_it_forged(office, good, process, told, part):
    """What is wrong is found wrong, and the round asks the server as if no hint had come."""
    office.alarm(office.emergency("Lũ", colours=()))
    office.publish()
    files = {path: b"{}" if part in path else data for path, data in heard(office.served).items()}
    (outcome,) = rounds_of(process, told, files)
    assert outcome.error is None and outcome.switched
    still_shows(good, GOOD, "Lũ")


def test_a_file_that_was_not_asked_for_is_not_taken(office, good, process, told):
    """Slides, statements and roots of an attacker under names that a board might ask for."""
    office.show(office.statement("mới", ("#123456",)))
    office.publish()
    names = ["metadata/2.root.json", "metadata/1.root.json", *(f"targets/lich/{n}.khan-cap.json" for n in "ab")]
    (outcome,) = rounds_of(process, told, {**dict.fromkeys(names, b"{}"), **heard(office.served)})
    assert outcome.error is None
    still_shows(good, GOOD, "mới")
    assert process.round().error is None


def test_revoked_keys_live_no_longer_than_to_the_next_poll(office, good, process, told):
    """A thief of the online keys who answers on the channel, when the board does not know of the new root yet."""
    folder, thief = stolen(office)
    with_new_online_keys(office)
    office.publish()
    office.alarm(office.emergency("giả"), [])
    false = {EMERGENCIES: office.lich()[EMERGENCIES]}
    office.emergencies.clear()
    for _ in range(9):
        thief.publish({name: thief.current(name) for name in thief.current_names()} | false, NOW)
    (outcome,) = rounds_of(process, told, heard(folder / "board"))
    assert outcome.error is None and told.judged == [(True, True)]
    still_shows(good, GOOD)  # what nobody approved is not shown, whoever signed the list
    assert process.round().error is None
    office.show(office.statement("mới"))
    office.publish()
    rounds_of(process, told, heard(office.served))
    still_shows(good, GOOD, "mới")


# ── how a hint comes ─────────────────────────────────────────────────────────────────────────────


class Channel:
    """A listener whose channel is the attacker's, and a sync process that follows it."""

    def __init__(self, raw, process, answer):  # noqa: F811
        self.sent, self.over, self.answer, self.pauses = 0, threading.Event(), answer, []
        self.listener = Listener([raw(self._send).url], 30.0)
        self.listener._again.wait = lambda seconds: self.pauses.append(seconds) or threading.Event().wait()
        process._hints, process._source._rang = self.listener, self.listener.rang
        self.process, self.rounds = process, 0
        self.listener.start()

    def _send(self, _):
        yield CHANNEL
        for data in self.answer:
            self.sent += len(data)
            yield data
            if self.over.wait(0):
                return

    def follow_until_left_alone(self):
        """As `tending` does; seconds until the next try."""
        while not self.pauses:
            if self.listener.wait(0.05):
                self.rounds += 1
                assert self.process.round().error is None
        self.over.set()
        return self.pauses[0]


def test_a_flood_of_hints(good, wire, process, raw, monkeypatch):  # noqa: F811
    """Each another forgery. It costs a bounded number of looks, and some hundred kilobytes."""
    wire.asked.clear()
    forged = (event({STAMP: b'{"signed":%d}' % n}) for n in count())
    channel = Channel(raw, process, forged)
    assert channel.follow_until_left_alone() >= hints.RARE_S / 2
    assert channel.rounds <= hints.BURST + 1 and len(wire.asked) <= 2 * channel.rounds
    still_shows(good, GOOD)


def test_a_slow_flood_is_left_alone_after_a_few(good, wire, process, raw):  # noqa: F811
    """Within every limit of bytes, so that only their untruth tells."""

    def slowly():
        for n in count():
            time.sleep(0.05)
            yield event({STAMP: b'{"signed":%d}' % n})

    wire.asked.clear()
    channel = Channel(raw, process, slowly())
    assert channel.follow_until_left_alone() >= hints.RARE_S / 2
    assert channel.rounds <= hints.BURST + 1 and channel.sent < 10_000
    still_shows(good, GOOD)


@pytest.mark.parametrize("piece", [b"data: metadata/timestamp.json " + b"x" * 4096, b":" * 4096,
                                   b"data: metadata/1.lich.json {}\n" * 100, b"\x00\xff" * 2048])  # fmt: skip
def test_a_line_and_a_hint_without_an_end(good, process, raw, piece):  # noqa: F811
    channel = Channel(raw, process, (piece for _ in count()))
    assert channel.follow_until_left_alone() >= hints.RARE_S / 2
    assert not channel.listener.alive or piece == b":" * 4096
    still_shows(good, GOOD)


def test_comments_without_an_end(good, process, raw):  # noqa: F811
    """They say nothing and are paid for."""
    channel = Channel(raw, process, (hint.COMMENT * 4096 for _ in count()))
    assert channel.follow_until_left_alone() >= hints.RARE_S / 2
    assert channel.rounds <= 1


def test_headers_without_an_end(good, process, raw):  # noqa: F811
    server = raw(lambda _: (b"X-More: %d\r\n" % n if n else b"HTTP/1.1 200 OK\r\n" for n in count()))
    listener, pauses = Listener([server.url], 30.0), []
    listener._again.wait = lambda seconds: pauses.append(seconds) or threading.Event().wait()
    listener.start()
    until(lambda: pauses)
    assert not listener.alive and listener.take() is None


def test_the_board_shows_what_is_true_while_it_is_lied_to(office, good, process, raw, monkeypatch):  # noqa: F811
    """The true server has an emergency; the channel lies all the time. A poll finds it, as it always did."""
    channel = Channel(raw, process, (event({STAMP: b"{%d}" % n}) for n in count()))
    office.alarm(office.emergency("Lũ", colours=()))
    office.publish()
    channel.follow_until_left_alone()
    with suppress(IndexError):
        process.round()
    still_shows(good, GOOD, "Lũ")


def test_nothing_of_a_hint_is_kept_on_the_disk_before_it_is_verified(office, good, process, told):
    office.publish()
    before = sorted((p.name, sha256(p.read_bytes())) for p in good.board.tuf.rglob("*.json"))
    rounds_of(process, told, {STAMP: b'{"signed":{"_type":"timestamp","version":%d}}' % HIGHEST})
    after = sorted((p.name, sha256(p.read_bytes())) for p in good.board.tuf.rglob("*.json"))
    assert [name for name, _ in after] == [name for name, _ in before]
    assert not [p for p in good.board.folder.rglob("*") if p.is_file() and str(HIGHEST).encode() in p.read_bytes()]
