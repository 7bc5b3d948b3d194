"""Promises of a round, and of a board whose power is cut in the middle of one."""

import json
import os
import shutil
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from signage.board import metadata, tending
from signage.board.clock import BUILT, NOTE, Clock
from signage.board.playlist import NOTHING_KNOWN
from signage.board.shelf import MIN_FREE, Generation, Shelf
from signage.board.sync import Syncer
from signage.board.trust import Chain
from signage.publication import PEOPLE, Item, manifest_name
from signage.review import Film, Statement
from signage.wire import canonical, sha256
from tests.board import conftest
from tests.board.conftest import BOARD, DAY, NOW


def test_a_board_shows_what_two_people_approved(office, kiosk):
    office.show(office.statement("Họp thôn"))
    office.publish()
    outcome = kiosk.sync()
    assert (outcome.error, outcome.number, outcome.switched) == (None, 1, True)
    assert kiosk.shown() == {"Họp thôn"}


STAMP, NEXT_ROOT = "/board/metadata/timestamp.json", "/board/metadata/2.root.json"


def test_a_round_without_news_asks_for_one_small_file(office, kiosk, wire):
    office.show(office.statement())
    office.publish()
    process = Syncer(kiosk.board, kiosk.line, Clock())
    process.round()
    wire.asked.clear()
    outcome = process.round()
    assert not outcome.switched and outcome.error is None
    assert wire.asked == [STAMP]


def test_a_new_process_and_each_hour_ask_for_a_new_root_first(office, kiosk, wire, monkeypatch):
    office.publish()
    process = Syncer(kiosk.board, kiosk.line, Clock())
    process.round()
    for syncer, hour in ((Syncer(kiosk.board, kiosk.line, Clock()), metadata.WHOLE_S), (process, 0.0)):
        monkeypatch.setattr(metadata, "WHOLE_S", hour)
        wire.asked.clear()
        assert syncer.round().error is None
        assert wire.asked == [NEXT_ROOT, STAMP]


def test_a_new_timestamp_asks_for_the_new_root_before_anything_else(office, kiosk, wire):
    office.publish()
    process = Syncer(kiosk.board, kiosk.line, Clock())
    process.round()
    office.resign("root", lambda root: None)
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    wire.asked.clear()
    assert process.round().error is None
    assert wire.asked[:3] == [STAMP, NEXT_ROOT, NEXT_ROOT] and wire.asked.count(STAMP) == 1
    assert kiosk.shown() == {"mới"}


def test_the_same_timestamp_is_fresh_until_it_expires(office, kiosk):
    """By the board's own time, in a process that has seen it good."""
    office.publish()
    clock = Clock()
    process = Syncer(kiosk.board, kiosk.line, clock)
    assert process.round().error is None and process.round().error is None
    clock.start, clock._began = datetime.now(UTC) + timedelta(days=15), clock._up()
    assert process.round().error == "tuf-expired"


def test_one_new_notice_fetches_only_what_is_new(office, kiosk, wire):
    office.show(office.statement("một"))
    office.publish()
    kiosk.sync()
    wire.asked.clear()
    office.show(office.statement("hai", ("#660000",)))
    office.publish()
    assert kiosk.sync().fetched == 2  # its dossier, one slide
    assert len([path for path in wire.asked if "/slides/" in path]) == 1
    assert kiosk.shown() == {"một", "hai"}


def test_a_repository_without_a_publication_for_this_board_is_told(kiosk):
    assert kiosk.sync().error == "trust-missing"
    assert kiosk.held() is None


def test_server_gone_keeps_what_is_held(office, kiosk, wire):
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    wire.stop()
    assert kiosk.sync().error == "net-failed"
    assert kiosk.shown() == {"Họp thôn"}


def test_a_line_that_breaks_among_the_slides_does_not_switch(office, kiosk, wire):
    office.show(office.statement("cũ"))
    office.publish()
    kiosk.sync()
    office.items.clear()
    office.show(office.statement("mới", ("#123456",)))
    office.publish()
    wire.changes["/slides/"] = lambda _: 503
    assert kiosk.sync().error == "net-failed"
    assert kiosk.shown() == {"cũ"}
    wire.changes.clear()
    assert kiosk.sync().error is None
    assert kiosk.shown() == {"mới"}


def test_an_emergency_does_not_wait_for_slides(office, kiosk, wire):
    office.show(office.statement("thường"))
    office.publish()
    kiosk.sync()
    office.alarm(office.emergency("Lũ", colours=("#d50000",)))
    office.publish()
    wire.changes["/slides/"] = lambda _: 503
    outcome = kiosk.sync()
    assert outcome.switched and outcome.error == "net-failed"
    assert kiosk.shown() == {"thường", "Lũ"}


def test_an_emergency_does_not_wait_for_the_words_of_other_notices(office, kiosk, wire):
    """After weeks without a network there may be dozens, and one request takes a second on a bad line."""
    office.show(office.statement("thường"))
    office.publish()
    kiosk.sync()
    office.show(office.statement("mới", ("#202020",)))
    office.alarm(office.emergency("Lũ", colours=()))
    office.publish()
    for part in ("/dossiers/", "/records/"):
        wire.changes[part] = lambda _: 503
    outcome = kiosk.sync()
    assert outcome.switched and outcome.error == "net-failed"
    assert kiosk.shown() == {"thường", "Lũ"}
    wire.changes.clear()
    assert kiosk.sync().error is None
    assert kiosk.shown() == {"thường", "Lũ", "mới"}


def test_an_emergency_raised_while_slides_are_fetched_does_not_wait_for_them(office, kiosk, wire, monkeypatch):
    """Many slides on a slow line take minutes: now and then the board looks for something newer."""
    monkeypatch.setattr(metadata, "LOOK_S", 0.0)
    office.show(office.statement("mới", ("#202020", "#303030", "#404040")))
    office.publish()
    shown = []

    def slide(data):
        if not shown:
            office.alarm(office.emergency("Lũ", colours=()))
            office.publish()
        shown.append(kiosk.shown())
        return data

    wire.changes["/slides/"] = slide
    outcome = kiosk.sync()
    assert (outcome.error, outcome.switched, outcome.fetched) == (None, True, 4)
    assert shown[0] == set() and all("Lũ" in titles for titles in shown[1:]) and len(shown) == 3
    assert kiosk.shown() == {"mới", "Lũ"}


def test_a_withdrawal_does_not_wait_either_and_is_remembered_in_the_end(office, kiosk, wire):
    gone = office.show(office.statement("rút"))
    office.show(office.statement("còn", ("#303030",)))
    item = office.items[0]
    office.publish()
    kiosk.sync()
    office.withdraw(gone)
    office.show(office.statement("mới", ("#202020",)))
    office.publish()
    wire.changes["/dossiers/"] = wire.changes["/records/"] = lambda _: 503
    assert kiosk.sync().error == "net-failed"
    assert kiosk.shown() == {"còn"}
    wire.changes.clear()
    assert kiosk.sync().error is None
    office.withdrawn.clear()
    office.items.append(item)
    office.publish()
    assert kiosk.sync().error is None
    assert kiosk.shown() == {"còn", "mới"}, "its record came after all"


def test_redirects_are_refused(office, kiosk, wire):
    office.publish()
    wire.changes["timestamp.json"] = lambda _: 302
    assert kiosk.sync().error == "net-failed"


def test_a_damaged_slide_is_fetched_again(office, kiosk):
    statement = office.show(office.statement())
    office.publish()
    kiosk.sync()
    (slide,) = kiosk.held().playlist.slides()
    path = Shelf(kiosk.board.shelf).objects / slide.file
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    mark = Shelf(kiosk.board.shelf).mark()
    assert kiosk.sync().fetched == 1
    assert Shelf(kiosk.board.shelf).get(slide.file) is not None
    assert Shelf(kiosk.board.shelf).mark() != mark  # the player is told
    assert isinstance(statement, Statement)


def newest(kiosk):
    """Both files of the newest generation."""
    number = max(int(p.stem.partition("-")[2]) for p in kiosk.board.shelf.glob("generation-*"))
    return [kiosk.board.shelf / f"generation-{number}.{ending}" for ending in ("json", "copy")]


def test_a_damaged_generation_falls_back_and_is_mended(office, kiosk):
    office.show(office.statement("một"))
    office.publish()
    kiosk.sync()
    office.show(office.statement("hai", ("#661100",)))
    office.publish()
    kiosk.sync()
    for path in newest(kiosk):
        path.write_bytes(path.read_bytes()[:-40])
    assert kiosk.shown() == {"một"} and kiosk.held().fallen_back
    assert kiosk.sync().switched
    assert kiosk.shown() == {"một", "hai"} and not kiosk.held().fallen_back


def test_a_damaged_pointer_is_no_loss(office, kiosk):
    office.show(office.statement("một"))
    office.publish()
    kiosk.sync()
    (kiosk.board.shelf / "current").write_bytes(b"\0\0\0")
    assert kiosk.shown() == {"một"}


def test_two_generations_stay_and_old_objects_go(office, kiosk):
    for n in range(5):
        office.items.clear()
        office.show(office.statement(f"thông báo {n}", (f"#00000{n}",)))
        office.publish()
        assert kiosk.sync().error is None
    assert len(list(kiosk.board.shelf.glob("generation-*"))) <= 3 * 2
    assert len(list((kiosk.board.shelf / "objects").iterdir())) <= 3 * 4


WRONG = {
    "2000": datetime(2000, 1, 1, tzinfo=UTC),
    "ten years ahead": NOW + timedelta(days=3653),
    "weeks back": NOW - timedelta(days=40),
    "weeks ahead": NOW + timedelta(days=40),
}


@pytest.mark.parametrize("moment", WRONG.values(), ids=WRONG)
def test_a_wrong_clock_keeps_what_is_good_and_takes_nothing_older(office, kiosk, wire, moment):
    """Jumped to between two lives of a board, and back again; nobody tells it the time meanwhile."""

    def life(start):
        process = Syncer(kiosk.board, kiosk.line, Clock(start, note=kiosk.board.state / NOTE))
        errors = {process.round().error for _ in range(2)}
        held = Shelf(kiosk.board.shelf).holding(kiosk.board.root(), kiosk.board.identity, start)
        return errors, {entry.title for entry in held.playlist.everything()}

    years = {"end": NOW + timedelta(days=7000)}
    office.show(office.statement("thật", **years))
    taken = office.show(office.statement("rút", ("#101010",), **years))
    office.publish()
    life(NOW)
    old = {path.name: path.read_bytes() for path in (office.served / "metadata").iterdir()}
    office.withdraw(taken)
    office.publish()
    assert life(NOW) == ({None}, {"thật"})
    wire.changes |= {f"/{name}": (lambda _, data=data: data) for name, data in old.items()}
    errors, shown = life(moment)
    assert errors <= {"tuf-refused", "tuf-expired"} and shown == {"thật"}
    wire.changes.clear()
    errors, shown = life(moment)
    assert errors <= {None, "tuf-expired"} and shown == {"thật"}
    office.show(office.statement("mới", ("#202020",)))
    office.publish()
    assert life(NOW) == ({None}, {"thật", "mới"})


def test_weeks_without_a_network(office, kiosk, wire):
    """What was held is held; at contact the newest comes, over all the versions that were missed."""
    office.show(office.statement("thật"))
    office.publish()
    kiosk.sync()
    wire.stop()
    for _ in range(3):
        assert kiosk.sync(Clock(NOW + timedelta(days=25))).error == "net-failed"
        assert kiosk.shown() == {"thật"}
    for day in range(0, 42, 2):
        office.publish(now=NOW + timedelta(days=day))
    office.show(office.statement("mới", ("#202020",)))
    office.publish(now=NOW + timedelta(days=42))
    again = conftest.Wire(office.folder / "publication")
    board = replace(kiosk.board, url=again.url)
    outcome = Syncer(board, kiosk.line, Clock(NOW + timedelta(days=42))).round()
    again.stop()
    assert outcome.error is None
    assert kiosk.shown() == {"thật", "mới"}


def test_a_clock_at_2000_still_notices_frozen_metadata(office, kiosk):
    office.show(office.statement())
    office.publish(now=BUILT - timedelta(days=90))
    assert kiosk.sync(Clock(datetime(2000, 1, 1, tzinfo=UTC))).error == "tuf-expired"


def test_a_clock_at_2000_still_syncs_fresh_metadata(office, kiosk):
    office.show(office.statement("Họp thôn"))
    office.publish()
    assert kiosk.sync(Clock(datetime(2000, 1, 1, tzinfo=UTC))).error is None
    assert kiosk.shown() == {"Họp thôn"}


def test_expiry_never_blanks(office, kiosk):
    office.show(office.statement("Họp thôn", end=datetime.now(UTC).replace(microsecond=0) + timedelta(days=4000)))
    office.publish()
    kiosk.sync()
    far = datetime.now(UTC) + timedelta(days=1000)
    held = Shelf(kiosk.board.shelf).holding(kiosk.board.root(), kiosk.board.identity, far)
    assert set(held.playlist.expired) == {"expired-root", "expired-targets", "expired-lich"}
    assert [e.title for e in held.playlist.entries] == ["Họp thôn"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_killed_at_any_write_the_board_holds_the_old_or_the_new(office, kiosk, monkeypatch):
    office.show(office.statement("cũ"))
    office.publish()
    kiosk.sync()
    office.items.clear()
    office.show(office.statement("mới", ("#0a0b0c",)))
    office.publish()
    seen = []
    for cut_at in range(1, 60):
        child = os.fork()
        if child == 0:
            _die_at_sync(cut_at)
            kiosk.sync()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        seen.append(frozenset(kiosk.shown()))
        assert seen[-1] in ({"cũ"}, {"mới"}), cut_at
        if os.WEXITSTATUS(status) == 0:
            break
    assert seen[0] == {"cũ"} and seen[-1] == {"mới"}
    assert len(seen) > 6
    assert kiosk.sync().error is None


def _die_at_sync(count: int) -> None:
    """The power goes in the middle of the `count`-th write to the disk."""
    left, real = [count], os.fsync

    def fsync(handle: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            os._exit(9)
        real(handle)

    os.fsync = fsync


class Reading:
    """Counts the files that are read whole from the shelf, in one piece or in blocks."""

    def __init__(self, monkeypatch):
        self.count = 0
        for name in ("get", "whole"):
            monkeypatch.setattr(Shelf, name, self._counting(getattr(Shelf, name)))

    def _counting(self, real):
        def read(shelf, sha):
            self.count += 1
            return real(shelf, sha)

        return read


def test_offline_a_board_reads_its_slides_once_a_process(office, kiosk, wire, monkeypatch):
    for n in range(5):
        office.show(office.statement(f"thông báo {n}", (f"#00000{n}",)))
    office.publish()
    kiosk.sync()
    wire.stop()
    syncer, reading = Syncer(kiosk.board, kiosk.line, Clock()), Reading(monkeypatch)
    assert syncer.round().error == "net-failed"
    assert reading.count >= 5
    reading.count = 0
    assert syncer.round().error == "net-failed" and reading.count == 0


def filmed(office, data):
    """A notice whose slide has a film; only its bytes matter here."""
    plain = office.statement("Phim")
    film = Film(sha256(data), len(data), "video/mp4", (80, 45, 160, 90), 2000, "0" * 64)
    (slide,) = plain.slides["lcd-320x180"]
    office.put(f"slides/{film.name}", data)
    office.show(replace(plain, slides={"lcd-320x180": (replace(slide, film=film),)}))
    office.publish()
    return film


def test_a_film_that_does_not_fit_is_no_failed_sync(office, kiosk, monkeypatch):
    film = filmed(office, os.urandom(200_000))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=MIN_FREE + 100_000))
    rounds = tending._Rounds(kiosk.board)
    assert rounds.run().error is None
    note = json.loads((kiosk.board.state / "sync.json").read_bytes())
    assert note["last_ok"] and [fault["code"] for fault in note["faults"]] == ["film-late"]
    assert kiosk.shown() == {"Phim"}
    monkeypatch.undo()
    assert rounds.run().fetched == 1 and Shelf(kiosk.board.shelf).has(film.file, film.size)
    assert json.loads((kiosk.board.state / "sync.json").read_bytes())["faults"] == []


def test_a_line_that_breaks_in_a_film_is_no_failed_sync(office, kiosk, wire):
    film = filmed(office, os.urandom(200_000))
    wire.changes[film.file] = lambda _: 503
    outcome = kiosk.sync()
    assert (outcome.error, outcome.films_late, outcome.wrong) == (None, True, [])
    wire.changes.clear()
    assert kiosk.sync().fetched == 1


def test_a_large_film_is_hashed_in_blocks(office, kiosk):
    data = os.urandom(1 << 20) * 24
    filmed(office, data)
    while kiosk.sync().fetched:
        pass
    syncer = Syncer(kiosk.board, kiosk.line, Clock())
    tracemalloc.start()
    assert syncer.round().error is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(data) / 3


@pytest.mark.parametrize("age", ["99999999999999", "-99999999999999999999999", "x"])
def test_an_absurd_age_of_an_answer_breaks_nothing(office, kiosk, monkeypatch, age):
    office.show(office.statement("Họp thôn"))
    office.publish()
    real = conftest._Handler.end_headers

    def end_headers(handler):
        handler.send_header("Age", age)
        real(handler)

    monkeypatch.setattr(conftest._Handler, "end_headers", end_headers)
    outcome = kiosk.sync()
    assert (outcome.error, outcome.offset_ms) == (None, None)


def test_a_dossier_that_is_none_takes_only_its_item(office, kiosk):
    """Of the office's own making, so that its hash is right."""
    office.show(office.statement("tốt"))
    for n, data in enumerate((b"{}", b"[1]", b"\xff", b'{"v":1,"statement":"{ }","records":["x"]}', b'{"v":2}')):
        office.put(f"dossiers/{sha256(data)}.json", data)
        office.items.append(Item(sha256(data), ((NOW, NOW + DAY),), n))
    office.publish()
    outcome = kiosk.sync()
    assert (outcome.error, outcome.wrong) == (None, [])
    assert kiosk.shown() == {"tốt"} and set(kiosk.why().values()) == {"statement-bad"} and len(kiosk.why()) == 5


def test_of_two_dossiers_of_one_statement_the_first_good_one_counts(office, kiosk):
    twice = office.statement("hai lần")
    office.show(twice, [office.record(twice, "p1", "submit", "author")])
    office.show(twice, order=1)
    office.show(twice, [*office.both(twice), office.record(twice, "p4", "approve", "approver")], order=2)
    office.publish()
    assert kiosk.sync().error is None
    assert [(e.title, e.order) for e in kiosk.held().playlist.entries] == [("hai lần", 1)]


def test_a_shelf_from_before_dossiers_is_filled_anew(office, kiosk):
    """A manifest that named statement and records: not read any more, and no reason to stop."""
    office.show(office.statement("Họp thôn"))
    old = json.loads(office.manifest().to_bytes())
    old["items"] = [{"statement": "a" * 64, "records": ["b" * 64] * 2, "ranges": [], "order": 0}]
    lich = {**office.lich(), manifest_name(BOARD): canonical({**old, "number": 1})}
    office.number += 1
    office.repository.publish(lich, NOW)
    chain = Chain((office.repository.root_bytes(),), *(office.repository.signed(role) for role in ("targets", "lich")))
    files = {name: office.repository.current(name) for name in (PEOPLE, *lich)}
    Shelf(kiosk.board.shelf).switch(Generation(chain, files, NOTHING_KNOWN))
    assert kiosk.held() is None and kiosk.sync().error == "bad-format", "the office has to publish first"
    office.publish()
    assert kiosk.sync().error is None and kiosk.shown() == {"Họp thôn"}
