"""The player as a process, in a real window on a virtual display, looked at by other programs."""

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageChops, ImageGrab

from signage.board import gallery, notes, playlog
from signage.board.alone import alone
from signage.board.shelf import Shelf
from signage.errors import Unavailable
from signage.notice.vocabulary import LEVELS
from signage.publication import Light, Mode, Shape
from signage.review import ClockArea

PATIENCE_S = 20  # for a thing to happen on a busy machine
SHAPE = Shape("lcd", 320, 180)
NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass
class Display:
    """A screen of one test alone."""

    name: str

    def grab(self):
        return ImageGrab.grab(xdisplay=self.name).convert("RGB")


def a_while(seconds=1.0):
    """Look again and again for some time: that something does *not* happen has no event to wait for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.05)


class Playing:
    """`bangtin board play` as a child process."""

    def __init__(self, board, display=None, *words, before=None):
        """`before`: done in the child before it becomes the player."""
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        env.pop("DISPLAY", None)
        if display:
            env["DISPLAY"] = display.name
        how = [] if display else ["--headless"]
        self.board = board
        self.note = board.state / "player.json"
        self.note.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "signage", "board", "play", "--dir", board.folder, *how, *words],
            env=env, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=before,  # noqa: PLW1509
        )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise

    def until(self, holds):
        """The player's note, as soon as `holds(note)` and the picture stands."""
        return self.note_where(lambda note: note["showing"] and note["verdict"] != "transition" and holds(note))

    def note_where(self, holds):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                pytest.fail(f"the player ended: {self.process.stderr.read().decode()}")
            note = notes.read(self.note)
            if note and holds(note.raw):
                return note.raw
            time.sleep(0.01)
        return pytest.fail(f"never came: {self.note.exists() and self.note.read_text()}")

    def shows(self, title):
        return self.until(lambda note: note["showing"]["title"] == title)


def predicted(slide: bytes, mode: Mode, screen=(1280, 800)) -> Image.Image:
    import io

    glass = Image.new("RGB", screen, "black")
    picture = Image.open(io.BytesIO(slide)).convert("RGB").rotate(-mode.rotate, expand=True)
    glass.paste(picture, mode.viewport[:2])
    return glass


def same(a: Image.Image, b: Image.Image) -> bool:
    return a.size == b.size and ImageChops.difference(a, b).getbbox() is None


def slide_bytes(kiosk) -> bytes:
    (slide,) = kiosk.held().playlist.slides()
    return Shelf(kiosk.board.shelf).get(slide.file)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("output", [(1280, 800), (800, 600)])
def test_the_glass_holds_the_approved_pixels_at_the_viewport(office, kiosk, display, rotate, output):
    size = (180, 320) if rotate in (90, 270) else (320, 180)
    office.mode = Mode(output, (64, 32, *size), rotate, SHAPE)
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board, display) as playing:
        assert playing.shows("Họp thôn")["verdict"] == "match"
        assert same(display.grab(), predicted(slide_bytes(kiosk), office.mode))


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_clock_changes_its_area_alone_and_the_verdict_holds(office, kiosk, display, rotate):
    size = (180, 320) if rotate in (90, 270) else (320, 180)
    office.mode = Mode((640, 480), (8, 16, *size), rotate, SHAPE)
    area = (230, 60, 80, 50)
    office.show(office.statement("Họp thôn", clock=ClockArea(area, "#ffffff", "#0b3d6e")))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board, display) as playing:
        assert playing.shows("Họp thôn")["verdict"] == "match"
        seen = display.grab().crop((8, 16, 8 + size[0], 16 + size[1])).rotate(rotate, expand=True)
    import io

    slide = Image.open(io.BytesIO(slide_bytes(kiosk))).convert("RGB")
    x, y, w, h = area
    box = ImageChops.difference(seen, slide).getbbox()
    assert box and box[0] >= x and box[1] >= y and box[2] <= x + w and box[3] <= y + h
    assert len(seen.crop((x, y, x + w, y + h)).getcolors(100_000)) > 4  # digits, not only paper


def test_no_key_and_no_click_changes_the_picture(office, kiosk, display):
    office.mode = Mode((1280, 800), (0, 0, 320, 180), 0, SHAPE)
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board, display) as playing:
        playing.shows("Họp thôn")
        before = display.grab()
        keys = ["Escape", "q", "F11", "alt+F4", "ctrl+c", "ctrl+alt+BackSpace", "space", "Return", "Right"]
        env = {**os.environ, "DISPLAY": display.name}
        for words in (["key", *keys], ["mousemove", "100", "100", "click", "1", "click", "3", "click", "4"]):
            subprocess.run(["xdotool", *words], env=env, check=True, timeout=20)
        for _ in a_while():
            assert same(display.grab(), before)
        assert playing.process.poll() is None


def test_a_foreign_window_goes_and_the_picture_is_whole_again(office, kiosk, display):
    office.mode = Mode((1280, 800), (0, 0, 320, 180), 0, SHAPE)
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    env = {**os.environ, "DISPLAY": display.name}
    foreign = (
        "import pygame,time; pygame.display.init(); s=pygame.display.set_mode((200,200),pygame.NOFRAME);"
        "s.fill('red'); pygame.display.flip(); print('up',flush=True); time.sleep(60)"
    )
    with Playing(kiosk.board, display) as playing:
        playing.shows("Họp thôn")
        before = display.grab()
        other = subprocess.Popen(
            [sys.executable, "-c", foreign], env={**env, "SDL_VIDEO_WINDOW_POS": "0,0"}, stdout=subprocess.PIPE
        )
        while b"up" not in other.stdout.readline():
            pass
        assert not same(display.grab(), before)
        other.kill()
        other.communicate()
        end = time.monotonic() + PATIENCE_S
        while not same(display.grab(), before):
            assert time.monotonic() < end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_the_play_is_kept(office, kiosk, display, number):
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board, display) as playing:
        playing.shows("Họp thôn")
        playing.process.send_signal(number)
        assert playing.process.wait(PATIENCE_S) == 0
    assert playlog.check(kiosk.board.plays) >= 1


def test_the_player_opens_no_network_socket(office, kiosk, display, wire):
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board, display) as playing:
        playing.shows("Họp thôn")
        office.show(office.statement("Mới", ("#444400",), klass="uu-tien"))
        office.publish()
        kiosk.sync()
        playing.until(lambda note: note["number"] == 2)
        process = psutil.Process(playing.process.pid)
        assert process.net_connections(kind="inet") == []
        assert process.children(recursive=True) == []


def test_it_plays_where_no_socket_can_be_made(office, kiosk, tmp_path):
    """The strictest of all: the call itself is an error."""
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    code = (
        "import socket,sys\n"
        "def no(*a, **k): raise SystemExit('a socket')\n"
        "socket.socket.__init__ = no\n"
        "from signage.__main__ import main\n"
        f"raise SystemExit(main(['board','play','--dir',{str(kiosk.board.folder)!r},'--headless','--for','1']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((kiosk.board.state / "player.json").read_text())["verdict"] == "match"


def test_the_board_imports_neither_network_nor_office_into_the_player():
    code = (
        "import sys, signage.board.player\n"
        "bad = {'requests','urllib3','tuf.ngclient','pelican','PIL','starlette','signage.office','signage.hub'}\n"
        "print(sorted(bad & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_an_emergency_pre_empts_and_its_cancelling_gives_back(office, kiosk):
    office.show(office.statement("thường"))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board) as playing:
        playing.shows("thường")
        office.alarm(office.emergency("Lũ"))
        office.publish()
        kiosk.sync()
        note = playing.shows("Lũ")
        assert (note["showing"]["kind"], note["verdict"]) == ("emergency", "match")
        office.emergencies.clear()
        office.publish()
        kiosk.sync()
        playing.shows("thường")


def test_an_emergency_without_its_slide_shows_its_words(office, kiosk, wire, tmp_path):
    office.show(office.statement("thường"))
    office.publish()
    kiosk.sync()
    office.alarm(office.emergency("Lũ khẩn cấp"))
    office.publish()
    wire.changes["/slides/"] = lambda _: None
    kiosk.sync()
    shot = tmp_path / "shot.png"
    with Playing(kiosk.board, None, "--screenshot", str(shot)) as playing:
        note = playing.shows("Lũ khẩn cấp")
        assert note["showing"]["file"] is None and note["verdict"] == "match"
        colours = Image.open(shot).convert("RGB").getcolors(100_000)
        assert "#{:02x}{:02x}{:02x}".format(*max(colours)[1]) == LEVELS[4].colour
        wire.changes.clear()
        kiosk.sync()
        playing.until(lambda n: n["showing"]["file"] is not None)


def test_an_empty_shelf_shows_the_safe_slide_then_what_comes(office, kiosk, tmp_path):
    shot = tmp_path / "shot.png"
    with Playing(kiosk.board, None, "--screenshot", str(shot)) as playing:
        note = playing.until(lambda n: n["showing"]["kind"] == "safe")
        assert "shelf-empty" in [f["code"] for f in note["faults"]]
        assert max(Image.open(shot).convert("RGB").getcolors(100_000))[1] != (0, 0, 0)
        office.show(office.statement("Họp thôn"))
        office.publish()
        kiosk.sync()
        playing.shows("Họp thôn")


def test_a_shelf_that_vanishes_takes_nothing_off_the_glass(office, kiosk):
    office.show(office.statement("Họp thôn", dwell_ms=2000))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board) as playing:
        playing.shows("Họp thôn")
        (kiosk.board.shelf / "current").unlink()
        for path in kiosk.board.shelf.glob("generation-*"):
            path.unlink()
        for _ in a_while():
            assert notes.read(playing.note).raw["showing"]["title"] == "Họp thôn"
    shutil.rmtree(kiosk.board.shelf)


def test_a_rotten_slide_is_never_shown_and_is_asked_for(office, kiosk):
    good = office.show(office.statement("lành", dwell_ms=2000))
    bad = office.show(office.statement("hỏng", ("#770000",), dwell_ms=2000))
    office.publish()
    kiosk.sync()
    rotten = Shelf(kiosk.board.shelf).objects / bad.slides["lcd-320x180"][0].file
    data = rotten.read_bytes()
    rotten.write_bytes(data[:-20] + b"\0" * 20)  # the same size
    with Playing(kiosk.board) as playing:
        note = playing.until(lambda n: "slide-damaged" in [f["code"] for f in n["faults"]])
        assert note["showing"]["title"] == "lành" and notes.damaged(kiosk.board.state) == [rotten.name]
        kiosk.sync()
        playing.shows("hỏng")
    assert rotten.name in {p.file for p in playlog.read(kiosk.board.plays, playlog.Position(), 99)[0]}
    assert good.title == "lành"


def test_bad_pixels_of_a_right_file_do_not_spin(office, kiosk, monkeypatch):
    """A file that hashes right and is no picture: left out, the rest goes on, no CPU is burnt."""
    office.show(office.statement("lành", dwell_ms=2000))
    from dataclasses import replace

    from signage.wire import sha256

    statement = office.statement("hỏng", ("#770000",), dwell_ms=2000)
    junk = b"this is no picture"
    slide = replace(statement.slides["lcd-320x180"][0], file=sha256(junk), size=len(junk))
    office.put(f"slides/{slide.name}", junk)
    office.show(replace(statement, slides={"lcd-320x180": (slide,)}))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board) as playing:
        playing.shows("lành")
        process = psutil.Process(playing.process.pid)
        before, began = sum(process.cpu_times()[:2]), time.monotonic()
        for _ in a_while(3.0):
            assert notes.read(playing.note).raw["showing"]["title"] == "lành"
        used = sum(process.cpu_times()[:2]) - before
        assert used < 0.2 * (time.monotonic() - began) + 0.2


def test_a_new_mode_moves_the_picture(office, kiosk, display):
    office.mode = Mode((800, 600), (0, 0, 320, 180), 0, SHAPE)
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board, display) as playing:
        playing.shows("Họp thôn")
        office.mode = Mode((1280, 800), (200, 100, 180, 320), 90, SHAPE)
        office.publish()
        kiosk.sync()
        assert playing.until(lambda n: n["number"] == 2)["verdict"] == "match"
        assert same(display.grab(), predicted(slide_bytes(kiosk), office.mode))


def test_a_pretended_moment(office, kiosk):
    """What will the board show then? `--now` answers, before and after a notice's end."""
    statement = office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    for moment, kind in ((statement.end - timedelta(minutes=5), "rotation"), (statement.end, "safe")):
        with Playing(kiosk.board, None, "--now", moment.isoformat()) as playing:
            playing.until(lambda n, kind=kind: n["showing"]["kind"] == kind)


def test_two_players_do_not_share_a_board(office, kiosk):
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board) as playing:
        playing.until(lambda n: True)
        second = subprocess.run(
            [sys.executable, "-m", "signage", "board", "play", "--dir", kiosk.board.folder, "--headless", "--for", "1"],
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert second.returncode == 1 and b"locked" in second.stderr


@pytest.mark.parametrize("words", [(), ("--pattern",)])
def test_where_nothing_can_be_written_not_even_a_lock_it_plays(office, kiosk, tmp_path, words):
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    shutil.rmtree(kiosk.board.state)
    kiosk.board.state.write_text("a file where the folder should be")
    shot = tmp_path / "shot.png"
    where = ["--dir", kiosk.board.folder, "--headless", "--for", "0.5", "--screenshot", shot]
    done = subprocess.run(
        [sys.executable, "-m", "signage", "board", "play", *where, *words], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    seen = Image.open(shot).convert("RGB")
    assert seen.getpixel((0, 0)) != (0, 0, 0) and (
        words or same(seen, predicted(slide_bytes(kiosk), office.mode, (320, 180)))
    )


def test_a_full_disk_still_takes_a_sign_of_life(office, kiosk):
    for colour in ("#004488", "#886600"):
        office.show(office.statement(colour, (colour,), dwell_ms=2000))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board) as playing:
        playing.until(lambda note: True)
        psutil.Process(playing.process.pid).rlimit(psutil.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        written = playing.note.stat()
        end = time.monotonic() + PATIENCE_S
        while playing.note.stat().st_mtime_ns < written.st_mtime_ns + 6 * 10**9:  # other slides stand there by now
            assert time.monotonic() < end
            time.sleep(0.05)
        assert playing.note.stat().st_ino == written.st_ino, "it could not be written again"


def test_a_card_that_does_not_answer_is_told_then_the_player_gives_itself_up(tmp_path, monkeypatch):
    """An emergency may lie on the shelf, and what stands there would be a match for ever."""
    answer = threading.Event()
    slow = gallery.Gallery(Shelf(tmp_path), tmp_path, lambda: answer.wait(PATIENCE_S) and None, lambda: None)
    slow._jobs.put(lambda: answer.wait(PATIENCE_S))  # a slide of what stands there already
    monkeypatch.setattr(gallery, "LATE_S", 0.05)
    monkeypatch.setattr(gallery, "STUCK_S", 0.05)
    end = time.monotonic() + PATIENCE_S
    while slow.faults() != ["slide-late"]:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert slow.news() is None, "there is nothing better to show"
    slow.reload()
    with pytest.raises(RuntimeError):
        while time.monotonic() < end:
            slow.news()
    answer.set()
    while not slow._news.loaded or slow.faults():
        assert time.monotonic() < end
        time.sleep(0.01)
    assert slow.news().loaded


def test_only_taking_the_lock_may_fail_softly(tmp_path):
    (tmp_path / "folder.lock").mkdir()
    (tmp_path / "file").write_text("")
    for impossible in (tmp_path / "folder.lock", tmp_path / "file" / "lock"):
        with pytest.raises(PermissionError), alone(impossible):
            raise PermissionError("of what is done inside")
    with alone(tmp_path / "lock"), pytest.raises(Unavailable, match="lock"), alone(tmp_path / "lock"):
        pytest.fail("two at once")


# ── what it announces ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rotate", [0, 270])
def test_the_glass_holds_what_the_note_expects(office, kiosk, display, rotate):
    size = (180, 320) if rotate == 270 else (320, 180)
    office.mode = Mode((1280, 800), (64, 32, *size), rotate, SHAPE)
    area = (230, 60, 80, 50)
    office.show(office.statement("Họp thôn", clock=ClockArea(area, "#ffffff", "#0b3d6e")))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board, display) as playing:
        expect = playing.shows("Họp thôn")["expect"]
        assert (expect["masks"], expect["rotate"], expect["viewport"]) == ([list(area)], rotate, [64, 32, *size])
        seen = display.grab().crop((64, 32, 64 + size[0], 32 + size[1])).rotate(rotate, expand=True)
        x, y, w, h = area
        seen.paste((0, 0, 0), (x, y, x + w, y + h))
        assert hashlib.sha256(seen.tobytes()).hexdigest() == expect["sha256"]
        before = playing.note.stat().st_mtime_ns
        end = time.monotonic() + 2.9
        while playing.note.stat().st_mtime_ns == before:  # the heartbeat of a still slide
            assert time.monotonic() < end
            time.sleep(0.05)


def test_a_fade_is_announced_and_never_black(office, kiosk, display):
    office.mode = Mode((1280, 800), (0, 0, 320, 180), 0, SHAPE)
    office.overrides = {"fade_ms": 600}
    for title, colour in (("một", "#004488"), ("hai", "#886600")):
        office.show(office.statement(title, (colour,), dwell_ms=2000))
    office.publish()
    kiosk.sync()
    seen, announced = set(), False
    with Playing(kiosk.board, display) as playing:
        playing.until(lambda note: note["verdict"] == "match")  # before its first picture a window is black
        end = time.monotonic() + PATIENCE_S
        while not (announced and {(0, 0x44, 0x88), (0x88, 0x66, 0)} < seen and len(seen) > 3):
            assert time.monotonic() < end
            note = notes.read(playing.note).raw
            announced = announced or (note["verdict"], note["expect"]["changing_ms"]) == ("transition", 600)
            seen.add(display.grab().getpixel((150, 60)))
    strange = [(red, green) for red, green, _ in seen if abs(red * 34 - (green - 68) * 136) >= 500]
    assert strange == []  # both slides, and mixtures of them alone


def test_darkness_is_by_schedule_and_an_alarm_wakes_the_board(office, kiosk, display):
    office.mode = Mode((1280, 800), (0, 0, 320, 180), 0, SHAPE)
    office.overrides = {"dark": ((NOW - timedelta(hours=1), NOW + timedelta(hours=1)),), "light": Light(100, 40)}
    office.show(office.statement("thường", ("#808080",)))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board, display) as playing:
        note = playing.note_where(lambda note: note["verdict"] == "dark")
        assert note["showing"] is None and note["expect"]["dark"]
        assert display.grab().getbbox() is None
        office.alarm(office.emergency("Lũ"))
        office.publish()
        kiosk.sync()
        assert playing.until(lambda note: note["showing"]["file"])["verdict"] == "match"
        red, _, _ = display.grab().getpixel((150, 60))
        assert abs(red - 0xD5 * 0.4) < 3  # night brightness
    shown = {play.file for play in playlog.read(kiosk.board.plays, playlog.Position(), 9)[0]}
    (notice,) = (e.slides[0].file for e in kiosk.held().playlist.entries)
    assert shown and notice not in shown  # nobody saw it


def test_the_test_pattern_needs_nothing_but_the_mode(office, kiosk, tmp_path):
    office.mode = Mode((800, 600), (10, 20, 180, 320), 90, SHAPE)
    office.publish()
    kiosk.sync()
    shot = tmp_path / "shot.png"
    words = ["--dir", kiosk.board.folder, "--headless", "--pattern", "--for", "0.1", "--screenshot", shot]
    done = subprocess.run([sys.executable, "-m", "signage", "board", "play", *words], timeout=60, check=False)
    seen = Image.open(shot).convert("RGB")
    assert done.returncode == 0 and seen.size == (800, 600)
    view = seen.crop((10, 20, 190, 340)).rotate(90, expand=True)
    assert [view.getpixel(at) for at in ((1, 1), (318, 1), (318, 178), (1, 178))] == [
        (0xFF, 0x30, 0x30), (0x30, 0xFF, 0x30), (0x40, 0x60, 0xFF), (0xFF, 0xFF, 0x30),
    ]  # fmt: skip


# ── hardships ────────────────────────────────────────────────────────────────────────────────────


def faults(note):
    return {fault["code"] for fault in note["faults"]}


def test_another_screen_than_in_the_record_is_told_and_lived_with(office, kiosk, make_screen):
    """The screen is exchanged for a smaller one while the board plays, and back."""
    screen = Display(make_screen(1024, 600))
    env = {**os.environ, "DISPLAY": screen.name}

    def xrandr(*words):
        subprocess.run(["xrandr", *words], env=env, check=True, timeout=20, capture_output=True)

    xrandr("--newmode", "small", *["25", "640", "656", "752", "800", "480", "490", "492", "525"])
    xrandr("--addmode", "screen", "small")
    office.mode = Mode((1024, 600), (0, 0, 320, 180), 0, SHAPE)
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board, screen) as playing:
        assert "mode-mismatch" not in faults(playing.shows("Họp thôn"))
        xrandr("--output", "screen", "--mode", "small")
        playing.until(lambda note: "mode-mismatch" in faults(note) and note["verdict"] == "match")
        small = screen.grab()
        assert small.size == (640, 480) and same(small, predicted(slide_bytes(kiosk), office.mode, (640, 480)))
        xrandr("--output", "screen", "--mode", "1024x600")
        playing.until(lambda note: "mode-mismatch" not in faults(note) and note["verdict"] == "match")
        assert same(screen.grab(), predicted(slide_bytes(kiosk), office.mode, (1024, 600)))


def test_without_its_x_server_it_ends_with_a_code_and_keeps_the_play(office, kiosk):
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    number = next(n for n in range(9500 + os.getpid() % 400, 10_000) if not Path(f"/tmp/.X{n}-lock").exists())
    server = subprocess.Popen(
        ["Xvfb", f":{number}", "-screen", "0", "640x480x24", "-nolisten", "tcp", "-noreset"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not Path(f"/tmp/.X11-unix/X{number}").exists():
            assert server.poll() is None
            time.sleep(0.02)
        with Playing(kiosk.board, Display(f":{number}")) as playing:
            playing.shows("Họp thôn")
            server.kill()
            assert playing.process.wait(10) == Unavailable.exit_code
            assert "màn hình" in playing.process.stderr.read().decode()
    finally:
        server.kill()
        server.wait(10)
    assert playlog.check(kiosk.board.plays) == 1


def test_a_full_disk_costs_the_record_never_the_picture(office, kiosk, display):
    office.mode = Mode((1280, 800), (0, 0, 320, 180), 0, SHAPE)
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    with Playing(kiosk.board, display, before=full) as playing:
        end = time.monotonic() + PATIENCE_S
        while not same(display.grab(), predicted(slide_bytes(kiosk), office.mode)):
            assert time.monotonic() < end and playing.process.poll() is None
        office.items.clear()
        office.show(office.statement("Mới", ("#444400",)))
        office.publish()
        kiosk.sync()
        while display.grab().getpixel((150, 60)) != (0x44, 0x44, 0):
            assert time.monotonic() < end and playing.process.poll() is None
        assert not playing.note.exists()
        everything = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        psutil.Process(playing.process.pid).rlimit(psutil.RLIMIT_FSIZE, everything)
        assert playing.shows("Mới")["verdict"] == "match"
        playing.until(lambda note: not faults(note))
    shown = [play.file for play in playlog.read(kiosk.board.plays, playlog.Position(), 9)[0]]
    assert len(set(shown)) == 2 and playlog.check(kiosk.board.plays) == len(shown)  # nothing was lost
