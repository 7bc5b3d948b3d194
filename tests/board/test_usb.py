"""A publication by stick: the same checks as by network, and nothing of the stick is trusted for being there."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage import durable, stick
from signage.board import clock, identity, notes, piecemeal, usb
from signage.board.clock import BUILT
from signage.board.reporter import Reporter
from signage.board.shelf import Shelf
from signage.cli import main
from signage.errors import BangtinError, Refused, Unavailable
from signage.report import open_report
from signage.review import Film
from signage.stick import Missing, Stick
from signage.wire import sha256
from tests.board.conftest import BOARD, DAY, NOW, Kiosk


@pytest.fixture
def media(tmp_path):
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


def carry(office, media):
    """The publication as it is now, on the stick; returns the folder that is like `board/` on the server."""
    place = media / stick.PUBLICATION / "board"
    shutil.rmtree(media / stick.PUBLICATION, ignore_errors=True)
    shutil.copytree(office.served, place)
    return place


@pytest.fixture
def offline(office, tmp_path):
    """A board that has no network at all."""
    root = office.repository.root_bytes()
    return Kiosk(identity.enroll(tmp_path / "board", board=BOARD, url="http://127.0.0.1:1", root=root))


def code(done):
    return done.error.code if done.error else None


# ── promises ─────────────────────────────────────────────────────────────────────────────────────


def test_a_board_without_network_shows_what_a_stick_brings(office, offline, media):
    office.show(office.statement("Họp thôn"))
    office.alarm(office.emergency("Lũ"))
    office.publish()
    carry(office, media)
    done = usb.take(offline.board, media)
    assert (code(done), done.number, done.switched, done.wrong) == (None, 1, True, ())
    assert offline.shown() == {"Họp thôn", "Lũ"}
    note = notes.read(offline.board.state / notes.IMPORTED)
    assert note.integer("number") == 1 and note.raw["error"] is None
    again = usb.take(offline.board, media)
    assert (code(again), again.switched, again.fetched) == (None, False, 0)


def test_the_hub_hears_of_it_at_the_next_contact(office, offline, media):
    office.show(office.statement("Họp thôn"))
    office.publish()
    carry(office, media)

    def told():
        reporter = Reporter(offline.board)
        reporter.make()
        return open_report(reporter.outbox.envelope(reporter.outbox.waiting()[-1]))[1]

    assert (told().sync_usb, told().sync_last_ok) == (None, None)
    usb.take(offline.board, media)
    report = told()
    assert report.sync_usb is not None and report.sync_usb >= NOW and report.sync_last_ok is None
    shutil.rmtree(media / stick.PUBLICATION / "board" / "metadata")
    usb.take(offline.board, media)
    assert told().sync_usb is None, "of a stick that was refused nothing is said"


def test_stick_and_network_take_turns(office, kiosk, media):
    office.show(office.statement("một"))
    office.publish()
    kiosk.sync()
    office.show(office.statement("hai", ("#222222",)))
    office.publish()
    carry(office, media)
    assert usb.take(kiosk.board, media).fetched == 2, "only what is new is read"
    office.show(office.statement("ba", ("#333333",)))
    office.publish()
    assert kiosk.sync().error is None
    assert kiosk.shown() == {"một", "hai", "ba"}


def test_an_older_stick_is_refused_and_the_same_is_no_news(office, offline, media):
    office.show(office.statement("cũ"))
    office.publish()
    old = shutil.copytree(office.served, media.parent / "old")
    office.show(office.statement("mới", ("#222222",)))
    office.publish()
    carry(office, media)
    usb.take(offline.board, media)
    place = media / stick.PUBLICATION / "board"
    shutil.rmtree(place)
    shutil.copytree(old, place)
    done = usb.take(offline.board, media)
    assert code(done) == "usb-older" and done.error.exit_code == 3
    shutil.rmtree(offline.board.tuf)  # even when the updater's own memory is lost
    assert code(usb.take(offline.board, media)) == "usb-older"
    assert offline.shown() == {"cũ", "mới"}


@pytest.mark.parametrize(("days", "expected"), [(13, None), (15, "usb-expired")])
def test_a_stick_is_good_for_fourteen_days(office, offline, media, days, expected):
    office.show(office.statement("Họp thôn", start=NOW - 40 * DAY))
    office.overrides["made"] = NOW - days * DAY
    office.publish(now=NOW - days * DAY)
    carry(office, media)
    assert code(usb.take(offline.board, media)) == expected
    assert offline.shown() == (set() if expected else {"Họp thôn"})


def test_an_expired_stick_takes_nothing_from_the_glass(office, offline, media):
    office.show(office.statement("đang chiếu"))
    office.publish()
    carry(office, media)
    usb.take(offline.board, media)
    office.items.clear()
    office.overrides["made"] = NOW - 20 * DAY
    office.publish(now=NOW - 20 * DAY)
    carry(office, media)
    assert code(usb.take(offline.board, media)) == "usb-expired"
    assert offline.shown() == {"đang chiếu"}


def test_what_was_withdrawn_stays_so_whatever_a_stick_says(office, offline, media):
    wrong = office.show(office.statement("sai"))
    office.show(office.statement("đúng", ("#111111",)))
    office.publish()
    carry(office, media)
    usb.take(offline.board, media)
    item = office.items[0]
    office.withdraw(wrong)
    office.publish()
    carry(office, media)
    usb.take(offline.board, media)
    assert offline.shown() == {"đúng"}
    # Who has the office's online keys signs a newer publication with the notice in it and its withdrawal left out.
    office.withdrawn.clear()
    office.items.append(item)
    office.publish()
    carry(office, media)
    assert code(usb.take(offline.board, media)) is None
    assert offline.shown() == {"đúng"} and offline.why() == {wrong.sha256: "withdrawn"}


def test_a_cancelled_emergency_does_not_come_back(office, offline, media):
    alarm = office.alarm(office.emergency("Lũ"))
    office.publish()
    old = shutil.copytree(office.served, media.parent / "old")
    office.cancelled.append(office.emergencies.pop())
    cancel = office.record(alarm, "p5", "withdraw", "duty", NOW)
    office.cancelled[0] = type(office.cancelled[0])(alarm.to_bytes(), (cancel.sealed.data,))
    office.publish()
    carry(office, media)
    usb.take(offline.board, media)
    place = media / stick.PUBLICATION / "board"
    shutil.rmtree(place)
    shutil.copytree(old, place)
    assert code(usb.take(offline.board, media)) == "usb-older" and offline.shown() == set()


def test_a_clock_at_2000_is_held_against_the_bound(office, offline, media, monkeypatch):
    """Nothing expires by such a clock; what the board knows to have passed is what counts."""
    monkeypatch.setattr(clock.Clock, "machine", lambda self: datetime(2000, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(clock, "kernel_synchronised", lambda: False)
    office.overrides["made"] = BUILT - timedelta(days=60)
    office.show(office.statement("Họp thôn", start=NOW - 400 * DAY))
    office.publish(now=BUILT - timedelta(days=60))
    carry(office, media)
    assert code(usb.take(offline.board, media)) == "usb-expired"


def test_a_missing_or_rotten_slide_costs_that_slide_alone(office, offline, media):
    good = office.show(office.statement("lành", ("#111111",)))
    bad = office.show(office.statement("hỏng", ("#222222",)))
    gone = office.show(office.statement("mất", ("#333333",)))
    office.publish()
    place = carry(office, media)
    (rotten,), (lost,) = (s.slides["lcd-320x180"] for s in (bad, gone))
    path = place / "slides" / rotten.name
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    (place / "slides" / lost.name).unlink()
    done = usb.take(offline.board, media)
    assert code(done) is None and set(done.wrong) == {f"slides/{rotten.name}", f"slides/{lost.name}"}
    shelf = Shelf(offline.board.shelf)
    shown = offline.held().playlist.only(lambda s: shelf.has(s.file, s.size)).entries
    assert [e.sha for e in shown] == [good.sha256]
    carry(office, media)
    assert usb.take(offline.board, media).fetched == 2


@pytest.mark.parametrize("name", ["timestamp.json", "1.snapshot.json", "lich.json", "targets.json"])
def test_a_stick_without_its_metadata_changes_nothing(office, offline, media, name):
    office.show(office.statement("Họp thôn"))
    office.publish()
    place = carry(office, media)
    for path in place.glob(f"metadata/*{name.removeprefix('1.')}"):
        path.unlink()
    done = usb.take(offline.board, media)
    assert code(done) == "usb-unreadable" and done.error.exit_code == 1 and offline.held() is None


def test_a_stick_for_another_board_is_told_as_that(office, offline, media):
    office.publish()
    place = carry(office, media)
    for path in place.glob(f"targets/lich/*.{BOARD}.json"):
        path.unlink()
    assert code(usb.take(offline.board, media)) == "usb-other-board"


def test_another_communes_stick_is_refused(office, offline, media, tmp_path):
    office.show(office.statement("thật"))
    office.publish()
    carry(office, media)
    usb.take(offline.board, media)
    other = type(office)(tmp_path / "other")
    other.show(other.statement("lạ"))
    for _ in range(3):
        other.publish()
    carry(other, media)
    assert code(usb.take(offline.board, media)) == "usb-refused"
    assert offline.shown() == {"thật"}


def test_a_film_comes_whole_in_one_go(office, offline, media, monkeypatch):
    monkeypatch.setattr(piecemeal, "ROUND_S", 0.0)
    data = os.urandom(3 * 1024 * 1024)
    plain = office.statement("phim")
    film = Film(sha256(data), len(data), "video/mp4", (0, 0, 100, 100), 4000, "a" * 64)
    slides = tuple(replace(s, film=film) for s in plain.slides["lcd-320x180"])
    office.put(f"slides/{film.name}", data)
    office.show(replace(plain, slides={"lcd-320x180": slides}))
    office.publish()
    carry(office, media)
    done = usb.take(offline.board, media)
    assert code(done) is None and done.wrong == ()
    assert Shelf(offline.board.shelf).whole(film.file)
    Shelf(offline.board.shelf).drop(film.file)
    path = media / stick.PUBLICATION / "board/slides" / film.name
    path.write_bytes(data[:-1])
    done = usb.take(offline.board, media)
    assert done.wrong == (f"slides/{film.name}",) and not list(offline.board.shelf.glob("part-*"))


# ── a hostile stick ──────────────────────────────────────────────────────────────────────────────


def fifo(path):
    os.mkfifo(path)


def listener(path):
    socket.socket(socket.AF_UNIX).bind(str(path)[-100:] if len(str(path)) < 100 else os.path.relpath(path))


def link(path):
    path.symlink_to("/etc/hostname")


def folder(path):
    path.mkdir()


def device(path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("strange", [fifo, link, folder, device, listener])
@pytest.mark.parametrize("which", ["metadata/timestamp.json", "dossiers", "slides"])
def test_links_pipes_sockets_and_devices_are_never_opened(office, offline, media, strange, which, monkeypatch):
    statement = office.show(office.statement("Họp thôn"))
    office.publish()
    place = carry(office, media)
    path = place / which
    if which == "dossiers":
        path = path / f"{office.items[0].dossier}.json"
    elif which == "slides":
        path = path / statement.slides["lcd-320x180"][0].name
    path.unlink()
    monkeypatch.chdir(path.parent)
    strange(path)
    done = usb.take(offline.board, media)
    assert (
        code(done) == "usb-strange" if which.startswith("metadata") else done.wrong == (str(path.relative_to(place)),)
    )


@pytest.mark.parametrize("which", [stick.PUBLICATION, "board", "board/metadata", "board/targets"])
def test_a_link_in_the_place_of_a_folder_is_not_followed(office, offline, media, which, tmp_path):
    office.show(office.statement("Họp thôn"))
    office.publish()
    carry(office, media)
    path = media / which if which == stick.PUBLICATION else media / stick.PUBLICATION / which
    elsewhere = tmp_path / "elsewhere"
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)
    if which == stick.PUBLICATION:
        with pytest.raises(Unavailable):
            usb.take(offline.board, media)
    else:
        assert code(usb.take(offline.board, media)) in ("usb-strange", "usb-refused")
    assert offline.held() is None


def test_the_mount_point_itself_may_be_a_link(office, offline, media, tmp_path):
    office.publish()
    carry(office, media)
    (tmp_path / "usb").symlink_to(media)
    assert code(usb.take(offline.board, tmp_path / "usb")) is None


def test_nothing_on_the_stick_is_listed_and_nothing_else_is_opened(office, offline, media, monkeypatch):
    office.show(office.statement("Họp thôn"))
    office.publish()
    place = carry(office, media)
    (place / "autorun.inf").write_text("[autorun]")
    (place / "metadata" / "zz.json").write_text("{}")
    there = {str(p.relative_to(place.parent)) for p in place.rglob("*") if p.is_file()}
    opened: list[str] = []
    whole = Stick.blocks

    def noted(self, name, limit):
        opened.append(name)
        return whole(self, name, limit)

    monkeypatch.setattr(Stick, "blocks", noted)
    for name in ("listdir", "scandir"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda p=".", real=real: real(p) if str(media) not in str(p) else pytest.fail(f"listed {p}")
        )
    assert code(usb.take(offline.board, media)) is None
    asked = {name for name in opened if not name.endswith("2.root.json")}
    assert asked < there and not any("autorun" in name or "zz" in name for name in opened)


SPOILT = [b"", b"\0" * 5000, b'{"signed":{"_type":"timestamp"}}', b"[" * 100_000]
LONG = [pytest.param(spoil, marks=pytest.mark.long) for spoil in (*SPOILT, "cut")]


@pytest.mark.parametrize("spoil", ["one bit", *LONG])
def test_any_file_spoilt_in_any_way_shows_nothing_unapproved(office, offline, media, spoil):
    """Each file of the stick by itself, on a board that holds something: it keeps that, or shows what was signed."""
    office.show(office.statement("cũ"))
    office.publish()
    carry(office, media)
    usb.take(offline.board, media)
    held = shutil.copytree(offline.board.folder, media.parent / "held")
    office.show(office.statement("mới", ("#222222",)))
    office.publish()
    place = carry(office, media)
    for path in sorted(p for p in place.rglob("*") if p.is_file()):
        good = path.read_bytes()
        middle = len(good) // 2
        bit = good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :]
        path.write_bytes({"cut": good[:middle], "one bit": bit}.get(spoil, spoil))
        done = usb.take(offline.board, media)
        assert done.error is None or not done.switched, path
        assert {"cũ"} <= offline.shown() <= {"cũ", "mới"}, path
        path.write_bytes(good)
        shutil.rmtree(offline.board.folder)
        shutil.copytree(held, offline.board.folder)
    assert code(usb.take(offline.board, media)) is None and offline.shown() == {"cũ", "mới"}


def test_a_file_that_changes_while_it_is_read_is_refused(media):
    (media / "x").mkdir()
    path = media / "x" / "a.json"
    path.write_bytes(b"a" * 1_000_000)
    with Stick(media, "x") as held:
        blocks = held.blocks("a.json", 2_000_000)
        next(blocks)
        with path.open("ab") as file:
            file.write(b"more")
        with pytest.raises(Refused) as changed:
            list(blocks)
        assert changed.value.values["why"] == "changed while it was read"
        path.write_bytes(b"a" * 1_000_000)
        blocks = held.blocks("a.json", 2_000_000)
        next(blocks)
        os.truncate(path, 10)
        with pytest.raises(Refused):
            list(blocks)


def test_limits_of_size_number_and_time(media, monkeypatch):
    (media / "x").mkdir()
    (media / "x" / "a").write_bytes(b"a" * 100)
    with Stick(media, "x") as held:
        assert held.read("a", 100) == b"a" * 100
        with pytest.raises(Refused):
            held.read("a", 99)
        with pytest.raises(Missing):
            held.read("b", 99)
        monkeypatch.setattr(stick, "MAX_FILES", 5)
        held.read("a", 100)
        held.read("a", 100)
        with pytest.raises(Unavailable) as many:
            held.read("a", 100)
        assert many.value.code == "usb-too-much"
    monkeypatch.setattr(stick, "MAX_BYTES", 150)
    with Stick(media, "x") as held:
        held.read("a", 100)
        with pytest.raises(Unavailable):
            held.read("a", 100)
    monkeypatch.setattr(stick, "LONGEST_S", -1.0)
    with Stick(media, "x") as held, pytest.raises(Unavailable):
        held.read("a", 100)


def test_a_sparse_giant_is_not_read(media):
    (media / "x").mkdir()
    with (media / "x" / "a").open("wb") as file:
        file.truncate(1 << 40)
    with Stick(media, "x") as held, pytest.raises(Refused):
        held.read("a", 8 << 20)


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            ["..", "../x", "/etc/passwd", "a/../../b", "a//b", ".", "", "a\0b", "a/b/c/d/e", "CON:", "a\\b"]
        ),
        st.lists(st.sampled_from(["..", ".", "a", "ok.json", "a b", "-x", ".hidden", "é"]), min_size=1).map("/".join),
    )
)
def test_no_name_leads_out_of_the_folder(name):
    """Whatever a signed file might make the program ask for: a plain name below the folder, or a refusal."""
    with tempfile.TemporaryDirectory() as there:
        media = Path(there)
        (media / "x" / "a").mkdir(parents=True)
        (media / "x" / "ok.json").write_bytes(b"ok")
        (media / "x" / "a" / "ok.json").write_bytes(b"ok")
        (media / "ok.json").write_bytes(b"outside")
        with Stick(media, "x") as held, contextlib.suppress(BangtinError, Missing):
            assert held.read(name, 10) == b"ok"


# ── beside the service ───────────────────────────────────────────────────────────────────────────


def test_it_waits_for_the_round_of_the_service(office, kiosk, media, monkeypatch):
    office.show(office.statement("Họp thôn"))
    office.publish()
    carry(office, media)
    monkeypatch.setattr(usb, "PATIENCE_S", 0.0)
    with durable.only_one(kiosk.board.state / "sync.lock"), pytest.raises(Unavailable):
        usb.take(kiosk.board, media)
    monkeypatch.setattr(usb, "PATIENCE_S", 60.0)
    done = []
    with durable.only_one(kiosk.board.state / "sync.lock"):
        thread = threading.Thread(target=lambda: done.append(usb.take(kiosk.board, media)))
        thread.start()
    thread.join(60)
    assert code(done[0]) is None and kiosk.shown() == {"Họp thôn"}


def bangtin(*words):
    return subprocess.run(
        [sys.executable, "-m", "signage", *map(str, words)], capture_output=True, text=True, timeout=90
    )


def test_the_command_beside_a_service_that_waits(office, offline, media):
    """The service survives an import that holds the lock for longer than a round takes."""
    office.show(office.statement("Họp thôn"))
    office.publish()
    carry(office, media)
    where = ["--dir", offline.board.folder]
    words = [sys.executable, "-m", "signage", "board", "sync", *where, "--watch", "--every", "0.2"]
    note = offline.board.state / "sync.json"
    with subprocess.Popen(words) as service:
        try:
            while not note.exists():
                assert service.poll() is None
            with durable.only_one(offline.board.state / "sync.lock", patience_s=30):
                before = note.stat().st_mtime_ns
            taken = bangtin("board", "import-usb", media, "--dir", offline.board.folder)
            while note.stat().st_mtime_ns == before:
                assert service.poll() is None
            assert taken.returncode == 0 and "Đã nhận bản số 1" in taken.stdout, taken.stderr
            told = bangtin("board", "status", "--dir", offline.board.folder, "--json")
            status = json.loads(told.stdout)
            assert status["number"] == status["usb"]["number"] == 1
            assert service.poll() is None
        finally:
            service.terminate()


def test_exit_codes_and_words(office, offline, media, capsys, monkeypatch):
    run = ("board", "import-usb", media, "--dir", offline.board.folder)

    def bangtin(*words):
        code, out = main([str(word) for word in words]), capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=out.out, stderr=out.err)

    empty = bangtin(*run)
    assert empty.returncode == 1 and stick.PUBLICATION in empty.stderr
    office.show(office.statement("Họp thôn"))
    office.publish()
    old = shutil.copytree(office.served, media.parent / "old")
    office.publish()
    carry(office, media)
    monkeypatch.setattr(usb, "kernel_synchronised", lambda: False)
    taken = bangtin(*run)
    assert taken.returncode == 0 and "không chắc ngày giờ" in taken.stdout
    assert "Không có gì mới" in bangtin(*run).stdout
    place = media / stick.PUBLICATION / "board"
    shutil.rmtree(place)
    shutil.copytree(old, place)
    older = bangtin(*run)
    assert older.returncode == 3 and "cũ hơn" in older.stderr and "usb-older" in older.stderr
    answer = bangtin(*run, "--json")
    assert answer.returncode == 3 and json.loads(answer.stdout)["error"] == "usb-older"
