"""The kiosk with the real player on a virtual screen, against real intruders; looked at as systemd would."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from PIL import Image

from signage.board import notes, sight, standing, turning
from signage.board.connector import connector
from signage.board.verdict import Expectation, Seen
from signage.board.witness import Witness
from signage.publication import Mode, Shape
from signage.review import ClockArea, Ticker
from signage.wire import sha256, when

PATIENCE_S = 25  # for a thing to happen on a busy machine
SHAPE = Shape("lcd", 320, 180)
MODE = Mode((1280, 800), (40, 20, 320, 180), 0, SHAPE)
# The very command, but it looks several times a second and believes sooner: a test should not wait for each look.
KIOSK = """
import sys
from pathlib import Path
from signage.board import kiosk, verdict, witness
from signage.__main__ import main
witness.LOOK_S = witness.WRONG_S = kiosk.STEP_S = 0.2
verdict.CONFIRM_S, verdict.BEAT_S, kiosk.TERM_S = 0.4, 5.0, 0.5
kiosk.ILL_S = float(sys.argv[3])
run = kiosk.run
kiosk.run = lambda *a, **k: run(*a, **{**k, "drm": Path(sys.argv[2])})
raise SystemExit(main(["board", "kiosk", "--dir", sys.argv[1]]))
"""
INTRUDER = """
import os, sys
os.environ["SDL_VIDEO_WINDOW_POS"] = sys.argv[1]
import pygame
pygame.display.init()
window = pygame.display.set_mode((int(sys.argv[2]), int(sys.argv[3])), pygame.NOFRAME)
picture = pygame.image.load(sys.argv[5]) if len(sys.argv) > 5 else None
while True:
    window.fill(sys.argv[4])
    if picture:
        window.blit(picture, (0, 0))
    pygame.display.flip()
    pygame.event.get()
    print("up", flush=True)
    pygame.time.wait(50)
"""


def intruder(display, at, size, colour, *picture):
    """A window of another program, above all others."""
    process = subprocess.Popen(
        [sys.executable, "-c", INTRUDER, at, *map(str, size), colour, *picture],
        env={**os.environ, "DISPLAY": display.name}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for line in process.stdout:
        if b"up" in line:
            break
    return process


def gone(process):
    process.kill()
    process.communicate()


def screens(folder: Path, **attributes: str) -> Path:
    """A tree as /sys/class/drm has it, with one output."""
    output = folder / "card0-HDMI-A-1"
    output.mkdir(parents=True, exist_ok=True)
    for name, value in attributes.items():
        (output / name).write_text(value + "\n")
    return folder


class Watched:
    """`bangtin board kiosk` as systemd would start it."""

    def __init__(self, board, display, drm, ill_s=60.0):
        self.state = board.state
        self.drm = drm
        self.state.mkdir(exist_ok=True)
        self.heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.heard.bind(str(board.folder / "notify"))
        self.heard.setblocking(False)
        env = {**os.environ, "NOTIFY_SOCKET": str(board.folder / "notify"), "WATCHDOG_USEC": "30000000"}
        env.pop("WAYLAND_DISPLAY", None)
        env = {**env, "DISPLAY": display.name} if display else {**env, "DISPLAY": "", "SDL_VIDEODRIVER": "dummy"}
        self.log = (board.folder / "log").open("w+b")
        self.process = subprocess.Popen(
            [sys.executable, "-c", KIOSK, str(board.folder), str(drm), str(ill_s)], env=env, stderr=self.log
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.heard.close()
        self.log.close()

    def says(self):
        note = notes.read(self.state / "witness.json")
        return note.raw if note else {"verdict": None, "faults": []}

    def until(self, holds):
        end = time.monotonic() + PATIENCE_S
        while not (holds(self.says()) if callable(holds) else self.says()["verdict"] == holds):
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < end, (self.says(), self.told())
            time.sleep(0.02)
        return self.says()

    def told(self):
        self.log.seek(0)
        return self.log.read().decode()

    def codes(self):
        return [fault["code"] for fault in self.says()["faults"]]

    def player(self):
        """The player's process; waited for, since there is none between two of them."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            for child in psutil.Process(self.process.pid).children():
                with contextlib.suppress(psutil.Error):
                    if "play" in child.cmdline():
                        return child
            time.sleep(0.01)
        return pytest.fail(f"no player: {self.told()}")

    def fed(self):
        """What systemd heard since this was asked last."""
        lines = []
        while True:
            try:
                lines += self.heard.recv(4096).decode().split("\n")
            except BlockingIOError:
                return lines


def once(process, condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, process
        time.sleep(0.02)


@pytest.fixture
def published(office, kiosk):
    office.mode = MODE
    office.show(office.statement("Họp thôn", dwell_ms=60_000))
    office.publish()
    kiosk.sync()
    return kiosk.board


@pytest.fixture
def plugged(tmp_path):
    return screens(tmp_path / "drm", status="connected", enabled="enabled", dpms="On")


# ── what stands on the glass ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rotate", [0, 90, 270])
def test_the_real_player_is_seen_right_turned_and_with_its_clock(office, kiosk, display, plugged, rotate):
    size = (180, 320) if rotate in (90, 270) else (320, 180)
    office.mode = Mode((1280, 800), (64, 33, *size), rotate, SHAPE)
    office.show(office.statement("Họp thôn", clock=ClockArea((230, 60, 80, 50), "#ffffff", "#0b3d6e")))
    office.publish()
    kiosk.sync()
    with Watched(kiosk.board, display, plugged) as watched:
        says = watched.until("match")
        assert (says["layer"], says["connector"], says["faults"]) == ("window", "on", [])


def test_a_ticker_scrolls_below_the_witnesss_mask_and_a_window_beside_it_is_seen(office, kiosk, display, plugged):
    office.mode = MODE
    statement = office.statement("Họp thôn", dwell_ms=60_000)
    slide = statement.slides[SHAPE.name][0]
    ticker = Ticker((0, 150, 320, 30), "#ffffff", "#003366", "Ngày mai cúp điện từ 7 giờ đến 17 giờ", 20)
    office.show(replace(statement, slides={SHAPE.name: (replace(slide, ticker=ticker),)}))
    office.publish()
    kiosk.sync()
    with Watched(kiosk.board, display, plugged) as watched:
        watched.until("match")
        watched.fed()
        for _ in range(3):  # it goes on matching while it scrolls
            once(watched, lambda: "WATCHDOG=1" in watched.fed())
        assert watched.says()["verdict"] == "match" and watched.codes() == []
        other = intruder(display, "50,30", (6, 4), "red")
        watched.until("foreign")
        gone(other)


def test_another_window_is_seen_and_its_going_away(published, display, plugged):
    """Also a tiny one; the watchdog hears nothing meanwhile, and everything is right when it is gone."""
    with Watched(published, display, plugged) as watched:
        watched.until("match")
        assert "READY=1" in watched.fed()
        player = watched.player().pid
        for size, colour, verdict in (((500, 400), "red", "foreign"), ((6, 4), "red", "foreign"),
                                      ((500, 400), "black", "black")):  # fmt: skip
            other = intruder(display, "50,30" if size == (6, 4) else "0,0", size, colour)
            watched.until(verdict)
            assert watched.codes() == [f"screen-{verdict}"]
            watched.fed()
            end = time.monotonic() + 0.8  # four looks
            while time.monotonic() < end:
                assert "WATCHDOG=1" not in watched.fed()
                time.sleep(0.05)
            gone(other)
            watched.until("match")
            assert watched.codes() == [] and watched.player().pid == player
            once(watched, lambda: "WATCHDOG=1" in watched.fed())


def test_a_window_that_stays_is_covered_by_a_new_player(published, display, plugged):
    with Watched(published, display, plugged, ill_s=0.5) as watched:
        watched.until("match")
        first = watched.player().pid
        other = intruder(display, "0,0", (500, 400), "red")
        watched.until("foreign")
        watched.until("match")
        assert watched.player().pid != first and other.poll() is None
        gone(other)


def test_changing_slides_do_not_hide_a_window_that_stays(office, kiosk, display, plugged):
    """Each change begins with a doubt: the doubts feed no watchdog, and do not begin the patience anew."""
    office.mode = MODE
    for colour in ("#003366", "#663300", "#006633"):
        office.show(office.statement(f"Tin {colour}", (colour,), dwell_ms=1200))
    office.publish()
    kiosk.sync()
    with Watched(kiosk.board, display, plugged, ill_s=3.0) as watched:
        watched.until("match")
        first = watched.player().pid
        other = intruder(display, "0,0", (500, 400), "red")
        watched.until("foreign")
        watched.fed()
        once(watched, lambda: watched.player().pid != first)
        assert "WATCHDOG=1" not in watched.fed()
        watched.until("match")
        gone(other)


def test_a_disk_that_takes_nothing_stops_no_witness_and_no_player(office, kiosk, display, plugged):
    """What must be on the glass is heard, not read: slide after slide is verified, by one player."""
    office.mode = MODE
    for colour in ("#003366", "#663300"):
        office.show(office.statement(f"Tin {colour}", (colour,), dwell_ms=2000))
    office.publish()
    kiosk.sync()
    for name in ("witness.json", "player.json", "player.lock", "kiosk.lock"):
        (kiosk.board.state / name).unlink(missing_ok=True)
        (kiosk.board.state / name).mkdir(parents=True)
    with Watched(kiosk.board, display, plugged) as watched:
        first = watched.player().pid
        seen = set()
        while len(seen) < 2:
            once(watched, lambda: "WATCHDOG=1" in watched.fed())
            seen.add(display.grab().getpixel((200, 100)))
        assert watched.player().pid == first and watched.process.poll() is None
        assert "state-unwritable" in watched.told()


def test_a_stopped_player_is_frozen_then_killed_and_started_again(published, display, plugged):
    """Its last picture is still exactly the approved one."""
    with Watched(published, display, plugged) as watched:
        watched.until("match")
        stopped = watched.player()
        stopped.send_signal(signal.SIGSTOP)
        watched.until("frozen")
        assert watched.codes() == ["screen-frozen"]
        watched.until("match")
        assert not stopped.is_running() and watched.player().pid != stopped.pid
        assert len(json.loads((watched.state / "restarts.json").read_text())["used"]) == 1


def test_a_killed_player_is_no_match_and_is_started_again(published, display, plugged):
    with Watched(published, display, plugged) as watched:
        watched.until("match")
        for again in range(2):
            killed = watched.player()
            killed.kill()
            watched.until(lambda says: says["verdict"] != "match")
            watched.until("match")
            assert watched.player().pid != killed.pid, again


def test_a_dead_players_last_picture_proves_nothing(tmp_path, display, monkeypatch):
    """Pixel for pixel right, its time not over, and still no match."""
    monkeypatch.setenv("DISPLAY", display.name)
    picture = Image.effect_noise((64, 48), 90).convert("RGB")
    picture.save(tmp_path / "last.png")
    window = intruder(display, "10,10", (64, 48), "black", str(tmp_path / "last.png"))
    now = datetime.now(UTC)
    expect = {
        "sha256": sha256(picture.tobytes()), "viewport": [10, 10, 64, 48], "rotate": 0, "masks": [],
        "since": when(now), "until": when(now + timedelta(hours=1)), "changing_ms": 0, "dark": False,
    }  # fmt: skip
    notes.write(tmp_path / "player.json", {"pid": window.pid, "expect": expect})
    witness = Witness(tmp_path, tmp_path / "no-drm")
    try:
        once(witness, lambda: witness.step(window.pid, 30.0)[0].verdict == "match")
        judgement, _ = witness.step(None, 31.0)
        assert (judgement.verdict, judgement.sound, judgement.ill) == ("frozen", False, True)
    finally:
        gone(window)
        witness.close()


def test_dark_by_schedule(office, kiosk, display, plugged):
    office.mode = MODE
    now = datetime.now(UTC).replace(microsecond=0)
    office.overrides["dark"] = ((now - timedelta(hours=1), now + timedelta(hours=1)),)
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    with Watched(kiosk.board, display, plugged) as watched:
        says = watched.until("dark")
        assert says["layer"] == "window" and watched.codes() == []
        lit = intruder(display, "60,40", (20, 20), "white")
        watched.until("foreign")
        gone(lit)
        watched.until("dark")
        screens(plugged, dpms="Off")  # a screen that is switched off in its dark hours is as it should be
        watched.until(lambda says: says["connector"] == "off" and says["verdict"] == "dark")


def test_an_unplugged_screen_is_told_and_nothing_is_restarted_for_it(published, display, plugged):
    with Watched(published, display, plugged, ill_s=0.5) as watched:
        watched.until("match")
        player = watched.player().pid
        screens(plugged, status="disconnected", enabled="disabled", dpms="Off")
        says = watched.until("black")
        assert says["connector"] == "off" and watched.codes() == ["screen-unplugged"]
        watched.fed()
        once(watched, lambda: "WATCHDOG=1" in watched.fed())
        screens(plugged, status="connected", enabled="enabled", dpms="On")
        watched.until("match")
        assert watched.player().pid == player


def test_where_nothing_can_look_it_is_unknown_and_a_living_player_is_enough(published, plugged):
    with Watched(published, None, plugged) as watched:
        says = watched.until("unknown")
        assert says["layer"] == "none"
        once(watched, lambda: "WATCHDOG=1" in watched.fed())
        assert watched.codes() == []


# ── the process ──────────────────────────────────────────────────────────────────────────────────


def test_the_kiosk_is_small_alone_and_takes_its_player_along(published, display, plugged):
    with Watched(published, display, plugged) as watched:
        watched.until("match")
        process = psutil.Process(watched.process.pid)
        assert process.memory_full_info().pss < 20 * 2**20
        assert process.net_connections(kind="inet") == []
        assert psutil.Process(watched.player().pid).net_connections(kind="inet") == []
        env = watched.player().environ()
        assert "NOTIFY_SOCKET" not in env and "WATCHDOG_USEC" not in env
        second = subprocess.run(
            [sys.executable, "-m", "signage", "board", "kiosk", "--dir", published.folder],
            capture_output=True, timeout=60,
        )  # fmt: skip
        assert second.returncode == 1 and b"kiosk.lock" in second.stderr
        player = watched.player()
        watched.process.kill()
        once(watched, lambda: not player.is_running() or player.status() == psutil.STATUS_ZOMBIE)


def test_it_ends_when_told_with_its_player(published, display, plugged):
    with Watched(published, display, plugged) as watched:
        watched.until("match")
        told = standing.told(published, datetime.now(UTC))
        assert (told["witness"]["verdict"], told["witness"]["connector"]) == ("match", "on")
        assert "Màn hình: đúng hình (nhìn trên màn hình)" in standing.sentence(told, "vi")
        player = watched.player()
        watched.process.send_signal(signal.SIGTERM)
        assert watched.process.wait(10) == 0 and not player.is_running()
        assert "STOPPING=1" in watched.fed()


def test_a_folder_that_is_not_enrolled_is_refused(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "signage", "board", "kiosk", "--dir", tmp_path], capture_output=True, timeout=60
    )
    assert done.returncode == 1 and list(tmp_path.iterdir()) == []


# ── a look ───────────────────────────────────────────────────────────────────────────────────────


def test_a_screen_of_which_nobody_has_spoken(tmp_path, display, monkeypatch):
    """The player died before its first word: a black screen is black, not unknown."""
    monkeypatch.setenv("DISPLAY", display.name)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    witness = Witness(tmp_path, tmp_path / "no-drm")
    other = None
    try:
        judgement, looked = witness.step(None, 1.0)
        assert looked and (judgement.verdict, judgement.layer, judgement.fault) == ("black", "window", "screen-black")
        other = intruder(display, "1278,798", (2, 2), "red")
        once(witness, lambda: witness._sight.glance() is Seen.UNSAID)
    finally:
        witness.close()
        if other:
            gone(other)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_turning_back_is_what_turning_was(rotate):
    upright = Image.effect_noise((31, 17), 90).convert("RGB")
    lies = upright.rotate(-rotate, expand=True)
    raw = bytearray(lies.tobytes("raw", "BGRX"))
    assert sight.upright_rgb(raw, *lies.size, rotate) == upright.tobytes()
    mark = (3, 2, 5, 4)
    x, y, w, h = turning.lies(mark, upright.size, rotate)
    upright.paste("red", (3, 2, 8, 6))
    box = upright.rotate(-rotate, expand=True).crop((x, y, x + w, y + h))
    assert box.getcolors() == [(20, (255, 0, 0))]


@pytest.mark.parametrize(
    ("outputs", "state"),
    [
        ([], "unknown"),
        ([("connected", "enabled", "On")], "on"),
        ([("disconnected", "disabled", "Off")], "off"),
        ([("connected", "disabled", "On")], "off"),
        ([("connected", "enabled", "Off")], "off"),
        ([("disconnected", "disabled", "Off"), ("connected", "enabled", "On")], "on"),
        ([("disconnected", "disabled", "Off"), ("unknown", "enabled", "On")], "unknown"),
    ],
)
def test_the_connector(tmp_path, outputs, state):
    for number, values in enumerate(outputs):
        folder = tmp_path / f"card0-HDMI-A-{number}"
        folder.mkdir()
        for name, value in zip(("status", "enabled", "dpms"), values, strict=True):
            (folder / name).write_text(value + "\n")
    (tmp_path / "card0-Writeback-1").mkdir()
    (tmp_path / "card0-Writeback-1" / "status").write_text("unknown\n")
    assert connector(tmp_path) == state


def test_where_there_is_nothing_to_look_at(display, monkeypatch):
    expect = Expectation("a" * 64, (0, 0, 64, 48), 0, (), 8.0, 0.0, False)
    monkeypatch.setenv("DISPLAY", display.name)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert sight.Sight().look(expect) in (Seen.BLACK, Seen.OTHER)
    assert sight.Sight().look(replace(expect, viewport=(1260, 0, 64, 48))) is Seen.CUT, "beyond the screen's edge"
    assert sight.Sight().look(replace(expect, viewport=(1280, 0, 64, 48))) is Seen.AWAY, "none of it is on the screen"
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert sight.Sight().look(expect) is Seen.NOTHING, "Xwayland's root window is not the glass"
    monkeypatch.delenv("WAYLAND_DISPLAY")
    for nobody in (":65000", ""):
        monkeypatch.setenv("DISPLAY", nobody)
        assert sight.Sight().look(expect) is Seen.NOTHING


def test_a_server_that_goes_away_is_an_answer(monkeypatch):
    """Xlib would have ended the process."""
    read, write = os.pipe()
    number = 20_000 + os.getpid() % 9000
    server = subprocess.Popen(
        ["Xvfb", f":{number}", "-displayfd", str(write), "-screen", "0", "320x200x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as answer:
        assert answer.readline().strip() == str(number)
    monkeypatch.setenv("DISPLAY", f":{number}")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    eye = sight.Sight()
    expect = Expectation(sha256(bytes(64 * 48 * 3)), (0, 0, 64, 48), 0, (), 8.0, 0.0, False)
    assert eye.look(expect) in (Seen.EXPECTED, Seen.OTHER)
    server.kill()
    server.wait(10)
    assert [eye.look(expect), eye.look(expect)] == [Seen.NOTHING] * 2
