"""Films on a board: fetched last, played in a real window, and a poster wherever they cannot be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from signage.board import piecemeal
from signage.board.download import Line
from signage.board.film import Projector
from signage.board.shelf import Shelf
from signage.board.trial import Trial
from signage.office import serving
from signage.publication import Mode, Shape
from signage.review import Film, SlideFile, Statement
from signage.wire import sha256

PATIENCE_S = 20.0
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
AREA = (80, 45, 160, 90)  # of the 320 × 180 slide
SHAPE, SCREEN = Shape("lcd", 320, 180), (1280, 800)
BAR, GROUND = (0xF0, 0xD0, 0x20), (0x10, 0x30, 0x60)


def filmed(office: Any, data: bytes, kind: str = "video/mp4", ms: int = 2000, **more: Any) -> Statement:
    """A statement whose one slide has this film in its middle."""
    plain = office.statement("Phim", dwell_ms=60_000)
    film = Film(sha256(data), len(data), kind, AREA, ms, "0" * 64)
    (slide,) = plain.slides[SHAPE.name]
    statement = replace(plain, slides={SHAPE.name: (replace(slide, film=replace(film, **more)),)})
    office.put(f"slides/{film.name}", data)
    office.show(statement)
    office.publish()
    return statement


def film_of(statement: Statement) -> Film:
    film = statement.slides[SHAPE.name][0].film
    assert film
    return film


@contextmanager
def playing(board: Any, display: Any, *, without: str = "", code: str = "") -> Iterator[Callable[[], dict[str, Any]]]:
    """The player as a process, after `code`; `without`: a package that is not installed for it. Yields its note."""
    note = board.state / "player.json"
    note.unlink(missing_ok=True)
    if without:
        code = f"import sys; sys.modules[{without!r}] = None"
    start = f"{code}\nimport sys\nfrom signage.__main__ import main\nsys.exit(main())"
    command = [sys.executable, "-c", start] if code else [sys.executable, "-m", "signage"]
    process = subprocess.Popen(
        [*command, "board", "play", "--dir", board.folder], env={**os.environ, "DISPLAY": display.name},
        stderr=subprocess.PIPE,
    )  # fmt: skip

    def told() -> dict[str, Any]:
        assert process.poll() is None, process.communicate()[1].decode()
        found: dict[str, Any] = json.loads(note.read_bytes()) if note.exists() else {}
        return found

    try:
        yield told
    finally:
        process.terminate()
        process.communicate(timeout=10)


def until(holds: Callable[[], Any], patience: float = PATIENCE_S) -> Any:
    end = time.monotonic() + patience
    while not (found := holds()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)
    return found


def codes(note: dict[str, Any]) -> list[str]:
    return [fault["code"] for fault in note.get("faults", [])]


def where_the_bar_is(picture: Image.Image) -> int | None:
    """Pixels from the area's left to the middle of the bar; None: it is not there."""
    row = picture.crop((AREA[0], AREA[1] + 40, AREA[0] + AREA[2], AREA[1] + 41))
    hits = [x for x in range(AREA[2]) if all(abs(a - b) < 60 for a, b in zip(row.getpixel((x, 0)), BAR, strict=True))]  # type: ignore[arg-type]
    return sum(hits) // len(hits) if hits else None


# ── on the glass ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("name", "codec", "rotate"), [("a.mp4", "libx264", 0), ("a.webm", "libvpx-vp9", 90)])
def test_it_moves_in_its_area_by_absolute_time_and_gives_way_to_an_alarm(
    office: Any, kiosk: Any, display: Any, tmp_path: Path, make_film: Callable[..., Path],
    name: str, codec: str, rotate: int,
) -> None:  # fmt: skip
    size = (180, 320) if rotate else (320, 180)
    office.mode = Mode(SCREEN, (0, 0, *size), rotate, SHAPE)
    kind = "video/mp4" if name == "a.mp4" else "video/webm"
    path = make_film(tmp_path / name, codec=codec, seconds=2, size=(320, 180))
    statement = filmed(office, path.read_bytes(), kind)
    kiosk.sync()
    slide = statement.slides[SHAPE.name][0]
    with Image.open(office.served / "slides" / slide.name) as opened:
        poster = opened.convert("RGB")

    def seen() -> Image.Image:
        view: Image.Image = display.grab().crop((0, 0, *size))
        return view.rotate(rotate, expand=True)

    with playing(kiosk.board, display) as told:
        until(lambda: where_the_bar_is(seen()) is not None)
        places: set[int] = set()
        end = time.monotonic() + PATIENCE_S
        while len(places) < 12:
            assert time.monotonic() < end, f"it stands still at {places}"
            before = datetime.now(UTC)
            picture = seen()
            place, after = where_the_bar_is(picture), datetime.now(UTC)
            assert place is not None
            places.add(place)
            box = ImageChops.difference(picture, poster).getbbox()
            assert box and box[0] >= 80 and box[1] >= 45 and box[2] <= 240 and box[3] <= 135
            assert _is_of(place, slide, before - timedelta(milliseconds=400), after)
        assert told()["verdict"] == "match"
        assert codes(told()) == []
        office.alarm(office.emergency("Lũ khẩn cấp"))
        office.publish()
        kiosk.sync()
        until(lambda: told()["showing"]["kind"] == "emergency")
        until(lambda: where_the_bar_is(seen()) is None)
        for _ in range(10):
            assert where_the_bar_is(seen()) is None, "nothing moves beside an alarm"
            time.sleep(0.03)


def _is_of(place: int, slide: SlideFile, first: datetime, last: datetime) -> bool:
    """Whether the bar stands where the film has it at a moment between these two."""
    for ms in range(round(first.timestamp() * 1000), round(last.timestamp() * 1000) + 1):
        frame = ms % slide.dwell_ms % 2000 * 30 // 1000
        if abs(place - (frame * 140 / 60 + 10)) <= 4:
            return True
    return False


def broken_inside(film: bytes) -> bytes:
    """Its head and tables are whole, and so are the first frames."""
    start = film.index(b"mdat") + 4
    end = film.index(b"moov") - 4
    middle = (start + end) // 2
    return film[:middle] + b"\xff" * (end - middle) + film[end:]


@pytest.mark.parametrize("how", ["undecodable", "breaks off", "changed on the disk", "no decoder"])
def test_a_film_that_cannot_be_played_leaves_its_poster_and_is_told(
    office: Any, kiosk: Any, display: Any, tmp_path: Path, make_film: Callable[..., Path], how: str
) -> None:
    data = make_film(tmp_path / "a.mp4", size=(320, 180)).read_bytes()
    bad = {"undecodable": bytes(len(data)), "breaks off": broken_inside(data)}
    statement = filmed(office, bad.get(how, data), ms=1000)
    kiosk.sync()
    if how == "changed on the disk":
        path = kiosk.board.shelf / "objects" / film_of(statement).file
        path.write_bytes(data[:-9] + b"different")
    slide = statement.slides[SHAPE.name][0]
    with Image.open(office.served / "slides" / slide.name) as opened:
        poster = opened.convert("RGB")
    with playing(kiosk.board, display, without="av" if how == "no decoder" else "") as told:
        until(lambda: "film-unplayable" in codes(told()))
        until(lambda: ImageChops.difference(display.grab().crop((0, 0, 320, 180)), poster).getbbox() is None)
        until(lambda: told()["verdict"] == "match")


# What a fault of the decoder's own C code does: the whole process goes.
DEADLY = """
import os, signal, signage.film
def frames(film):
    os.kill(os.getpid(), signal.SIGSEGV)
    yield
signage.film.Film.frames = frames
"""


def test_a_film_that_ends_the_player_is_not_played_again(
    office: Any, kiosk: Any, display: Any, tmp_path: Path, make_film: Callable[..., Path]
) -> None:
    statement = filmed(office, make_film(tmp_path / "a.mp4", size=(320, 180)).read_bytes())
    kiosk.sync()
    command = [sys.executable, "-c", f"{DEADLY}\nimport sys\nfrom signage.__main__ import main\nsys.exit(main())"]
    died = subprocess.run(
        [*command, "board", "play", "--dir", kiosk.board.folder], timeout=60,
        env={**os.environ, "DISPLAY": display.name}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert died.returncode == -signal.SIGSEGV
    with playing(kiosk.board, display, code=DEADLY) as told:
        until(lambda: "film-unplayable" in codes(told()))
        until(lambda: told()["verdict"] == "match")
    assert Trial(kiosk.board.state / "film.json").deadly == {film_of(statement).file}


def test_films_on_trial(tmp_path: Path) -> None:
    bad, good, note = "a" * 64, "b" * 64, tmp_path / "film.json"
    Trial(note).begins(bad)
    after = Trial(note)
    after.begins(good)
    after.passed(good)
    written = note.stat().st_ino
    after.begins(good)
    assert note.stat().st_ino == written, "a film that has passed costs no more notes"
    assert Trial(note).deadly == {bad}
    another = tmp_path / "boot_id"
    another.write_text("another")
    assert Trial(note, another).deadly == set(), "a power cut is no film's fault"
    note.write_text("[")
    assert Trial(note).deadly == set()
    nowhere = Trial(note / "film.json")
    nowhere.begins(good)
    nowhere.passed(good)


def test_a_film_of_a_moment_is_a_still(tmp_path: Path, make_film: Callable[..., Path]) -> None:
    """One of 1 ms, over and over, would take a whole core."""
    watched = Watched(make_film(tmp_path / "a.mp4"), 199)
    assert watched.projector.frame(watched.slide, NOON, NOON) is None and watched.projector.rest(NOON) == float("inf")


def test_no_film_is_drawn_more_than_sixty_times_a_second(tmp_path: Path, make_film: Callable[..., Path]) -> None:
    watched = Watched(make_film(tmp_path / "a.mp4", fps=500, size=(64, 48), seconds=0.5), 500)
    seen: list[int] = []

    def another() -> bool:
        now = NOON + timedelta(milliseconds=seen[-1] + 20 if seen else 0)
        if frame := watched.projector.frame(watched.slide, NOON, now):
            seen.append(frame.ms)
        return len(seen) >= 15

    until(another)
    watched.projector.end()
    assert min(b - a for a, b in pairwise(seen)) >= 15


def test_a_board_without_films_never_loads_their_decoder(office: Any, kiosk: Any, display: Any) -> None:
    office.mode = Mode(SCREEN, (0, 0, 320, 180), 0, SHAPE)
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    with playing(kiosk.board, display, without="av") as told:
        until(lambda: told().get("verdict") == "match")
        assert codes(told()) == []


# ── which frame when ─────────────────────────────────────────────────────────────────────────────


class Watched:
    """A projector and what it gave, as the loop would ask it."""

    def __init__(self, path: Path, ms: int) -> None:
        data = path.read_bytes()
        film = Film(sha256(data), len(data), "video/mp4", AREA, ms, "0" * 64)
        (path.parent / film.file).write_bytes(data)
        self.slide = SlideFile("a" * 64, 1, "b" * 64, "image/png", 4000, None, None, film)
        self.woken = threading.Event()
        self.projector = Projector(path.parent, self.woken.set, Trial(path.parent / "film.json"))

    def at(self, since: datetime, now: datetime) -> Any:
        """The frame of this moment, once it is decoded."""
        end, wanted = time.monotonic() + PATIENCE_S, (now - since) // timedelta(milliseconds=1)
        while (frame := self.projector.frame(self.slide, since, now)) is None or wanted - frame.ms > 34:
            assert time.monotonic() < end
            assert self.projector.faults() == []
            self.woken.wait(0.01)
        return frame


def test_boards_that_begin_at_different_moments_show_the_same_frame(
    tmp_path: Path, make_film: Callable[..., Path]
) -> None:
    path = make_film(tmp_path / "a.mp4", seconds=2)
    since = datetime(2026, 11, 22, tzinfo=UTC)
    early, late = Watched(path, 2000), Watched(path, 2000)
    for ms in (0, 700, 1400, 1990, 2500, 3210):  # through the film's end into its second turn
        mine = early.at(since, since + timedelta(milliseconds=ms))
    theirs = late.at(since, since + timedelta(milliseconds=3210))
    assert mine.ms == theirs.ms == 3200
    assert bytes(mine.data) == bytes(theirs.data)
    for watched in (early, late):
        watched.projector.end()


def test_a_machine_that_is_too_slow_still_shows_movement(tmp_path: Path, make_film: Callable[..., Path]) -> None:
    """Time runs sixty times as fast, which no decoder keeps up with."""
    watched = Watched(make_film(tmp_path / "a.mp4", size=(1920, 1080), seconds=2), 2000)
    since, began = datetime(2026, 11, 22, tzinfo=UTC), time.monotonic()
    seen: set[int] = set()

    def another() -> bool:
        now = since + timedelta(seconds=60 * (time.monotonic() - began))
        if frame := watched.projector.frame(watched.slide, since, now):
            seen.add(frame.ms % 2000)
        return len(seen) >= 20

    until(another)
    watched.projector.end()
    assert watched.projector.late > 0


def test_a_clock_that_was_set_does_not_freeze_it(tmp_path: Path, make_film: Callable[..., Path]) -> None:
    watched = Watched(make_film(tmp_path / "a.mp4", seconds=2), 2000)
    since = datetime(2026, 11, 22, 12, tzinfo=UTC)
    watched.at(since, since + timedelta(seconds=30))
    watched.at(since - timedelta(hours=1), since - timedelta(hours=1) + timedelta(seconds=1))
    watched.projector.end()
    assert watched.projector.frame(None, since, since) is None
    assert watched.projector.rest(since) == float("inf")


# ── on the line ──────────────────────────────────────────────────────────────────────────────────


def test_a_film_comes_last_and_an_alarm_never_waits_for_it(office: Any, kiosk: Any, wire: Any) -> None:
    statement = filmed(office, os.urandom(3 << 20))
    office.alarm(office.emergency())
    office.publish()
    wire.changes[film_of(statement).name] = lambda _: 503
    outcome = kiosk.sync()
    assert (outcome.error, outcome.films_late) == (None, True), "the film's failure is told"
    assert kiosk.shown() == {"Phim", "Lũ khẩn cấp"}, "and holds nothing else up"
    slides = [path for path in wire.asked if "/slides/" in path]
    assert slides[-1].endswith(film_of(statement).name)
    wire.changes.clear()
    assert kiosk.sync().error is None
    assert Shelf(kiosk.board.shelf).has(film_of(statement).file, 3 << 20)


def test_what_is_not_the_signed_film_is_left_out(office: Any, kiosk: Any, wire: Any) -> None:
    statement = filmed(office, os.urandom(100_000))
    for forged in (lambda d: d[:-1] + b"!", lambda d: d + b"more", lambda d: d[:50], lambda _: None, lambda _: 302):
        wire.changes[film_of(statement).name] = forged
        assert kiosk.sync().wrong == [f"slides/{film_of(statement).name}"]
        assert not Shelf(kiosk.board.shelf).has(film_of(statement).file, 100_000)
        assert not list(kiosk.board.shelf.glob("part-*"))
    assert kiosk.shown() == {"Phim"}


def test_pieces_go_on_where_the_power_failed(tmp_path: Path) -> None:
    """From our own server, as from nginx: each round asks for what is missing, and for no more."""
    data = os.urandom(5 * piecemeal.PIECE + 77)
    film = Film(sha256(data), len(data), "video/mp4", AREA, 1000, "0" * 64)
    folder = tmp_path / "publication" / "board" / "slides"
    folder.mkdir(parents=True)
    (folder / film.name).write_bytes(data)
    shelf = Shelf(tmp_path / "shelf")
    shelf.objects.mkdir(parents=True)
    (shelf.folder / "part-of-an-older-film").write_bytes(b"-")
    part = shelf.folder / f"part-{film.file}"
    server = serving.Server(tmp_path / "publication").start()
    try:
        line = Line()
        url = f"{server.address}/board/slides/{film.name}"
        piece = piecemeal.PIECE
        assert not line.more(url, part, size=film.size, piece=piece, until=time.monotonic() - 1)
        part.write_bytes(data[: piece + 5])  # what a power cut left
        assert piecemeal.fetch([film], shelf, line, server.address).done == 1
        assert shelf.get(film.file) == data
        assert not list(shelf.folder.glob("part-*")), "nor what is left of others"
    finally:
        server.stop()


def test_a_film_that_is_shown_is_kept_and_one_that_is_not_goes(office: Any, kiosk: Any) -> None:
    statement = filmed(office, os.urandom(1000))
    kiosk.sync()
    held = kiosk.board.shelf / "objects" / film_of(statement).file
    office.show(office.statement("Khác", colours=("#552200",)))
    office.publish()
    kiosk.sync()
    assert held.exists()
    office.items = [item for item in office.items if office.within[item.dossier] != statement.sha256]
    for _ in range(3):  # two generations are kept
        office.publish()
        kiosk.sync()
    assert not held.exists()
