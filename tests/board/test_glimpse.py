"""Pictures of the glass: of what stands there, asked for, and few where every byte is paid for."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from signage.board import glimpse, makings, notes
from signage.board.glimpse import Glimpses
from signage.board.shots import Shots
from signage.report import MAX_FRAME, Wear

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def looked(state: Path, data: bytes = b"what stands there") -> None:
    (state / notes.GLASS).write_bytes(data)


def go(glimpses: Glimpses) -> tuple[bytes, str] | None:
    """What the next report carries."""
    frame = glimpses.take(NOW)
    glimpses.went(frame)
    return frame and (frame.jpeg, frame.layer)


def test_on_a_metered_link_none_goes_unasked(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / glimpse.DRAWN).write_bytes(b"drawn")
    metered, cheap = Glimpses(tmp_path, metered=True, clock=clock), Glimpses(tmp_path, metered=False, clock=clock)
    assert (go(metered), go(cheap), go(cheap)) == (None, (b"drawn", "surface"), None)
    metered.ask()
    assert not metered.due and (tmp_path / notes.WANTED).exists()
    looked(tmp_path)
    assert metered.due and go(metered) == (b"what stands there", "window")
    assert not metered.due and go(metered) is None


def test_a_look_between_a_report_and_its_outbox_goes_with_the_next(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / glimpse.DRAWN).write_bytes(b"drawn")
    glimpses = Glimpses(tmp_path, metered=True, clock=clock)
    glimpses.ask()
    none = glimpses.take(NOW)
    looked(tmp_path)
    glimpses.went(none)
    assert none is None and glimpses.due and go(glimpses) == (b"what stands there", "window")
    clock.now += glimpse.EACH_S
    glimpses.ask()
    taken = glimpses.take(NOW)
    (tmp_path / notes.GLASS).unlink()
    glimpses.went(taken)
    clock.now += glimpse.WAIT_S
    assert taken and not glimpses.due, "it went once"


def test_where_nobody_can_look_the_player_s_own_goes_and_says_so(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / glimpse.DRAWN).write_bytes(b"drawn")
    looked(tmp_path)
    os.utime(tmp_path / notes.GLASS, (1, 1))  # of last year
    glimpses = Glimpses(tmp_path, metered=True, clock=clock)
    glimpses.ask()
    assert not glimpses.due and go(glimpses) is None
    clock.now += glimpse.WAIT_S
    assert glimpses.due and go(glimpses) == (b"drawn", "surface")
    assert not glimpses.due


def test_a_hub_that_asks_on_and_on_uses_up_no_sim(tmp_path: Path, clock: Clock) -> None:
    glimpses, sent = Glimpses(tmp_path, metered=True, clock=clock), 0
    for _ in range(86_400 // 10):
        glimpses.ask()
        looked(tmp_path)
        sent += go(glimpses) is not None
        clock.now += 10
    assert sent == glimpse.A_DAY


@pytest.mark.parametrize(("metered", "least"), [(True, glimpse.WRONG_METERED_S), (False, glimpse.WRONG_S)])
def test_a_screen_that_turned_wrong_is_looked_at_unasked_and_not_often(
    tmp_path: Path, clock: Clock, metered: bool, least: float
) -> None:
    glimpses, sent = Glimpses(tmp_path, metered=metered, clock=clock), []
    for n in range(8):
        for verdict in ("match", "foreign"):
            glimpses.judged(verdict)
            looked(tmp_path)
            if glimpses.due and go(glimpses):
                sent.append(n)
            clock.now += least / 8
    assert sent == [0, 4]


def test_what_is_no_small_picture_stays(tmp_path: Path, clock: Clock) -> None:
    glimpses = Glimpses(tmp_path, metered=True, clock=clock)
    glimpses.ask()
    looked(tmp_path, b"x" * (MAX_FRAME + 1))
    assert glimpses.due and go(glimpses) is None and not glimpses.due


def test_the_kiosk_looks_at_what_stands_there_whoever_drew_it(display, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("DISPLAY", display.name)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    shots, glimpses = Shots(tmp_path), Glimpses(tmp_path, metered=True)
    shots.step()
    assert shots._process is None, "nobody asked"
    glimpses.ask()
    end = time.monotonic() + 30
    while not glimpses.due:
        assert time.monotonic() < end
        shots.step()
        time.sleep(0.02)
    frame = glimpses.take(datetime.now(UTC))
    assert frame and frame.layer == "window" and abs((datetime.now(UTC) - frame.at).total_seconds()) < 30
    small = Image.open(io.BytesIO(frame.jpeg))
    whole = display.grab()
    assert len(frame.jpeg) <= glimpse.METERED_FRAME
    assert small.format == "JPEG" and abs(small.width / small.height - whole.width / whole.height) < 0.05
    shots.close()


def test_without_an_x_server_there_is_no_look(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-m", "signage.board.screen.shot", str(tmp_path)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "no X server" in done.stderr and not (tmp_path / notes.GLASS).exists()


# ── what the board runs on ───────────────────────────────────────────────────────────────────────


def emmc(sys_folder: Path, life: str | None, eol: str | None, disk: str = "mmcblk0") -> None:
    """A tree as the kernel has it (drivers/mmc/core/mmc.c); nothing here ran on such a chip."""
    device = sys_folder / "block" / disk / "device"
    device.mkdir(parents=True, exist_ok=True)
    (device / "type").write_text("MMC\n" if life else "SD\n")
    for name, text in (("life_time", life), ("pre_eol_info", eol)):
        if text is not None:
            (device / name).write_text(text + "\n")


@pytest.mark.parametrize(
    ("life", "eol", "worn"),
    [("0x01 0x02", "0x01", False), ("0x09 0x09", "0x01", False), ("0x01 0x0a", "0x01", True),
     ("0x0b 0x01", "0x01", True), ("0x01 0x01", "0x02", True), ("0x00 0x00", "0x03", True), (None, "0x01", False)],
)  # fmt: skip
def test_an_emmc_s_own_word_is_taken(tmp_path: Path, life: str | None, eol: str, worn: bool) -> None:
    emmc(tmp_path, life, eol)
    found = makings.wear(tmp_path)
    assert found and found.worn is worn and found.disk == "mmcblk0"


def test_a_memory_card_tells_nothing_and_nonsense_is_nothing(tmp_path: Path) -> None:
    emmc(tmp_path, None, None)
    assert makings.wear(tmp_path) is None
    emmc(tmp_path, "worn out", "0x01")
    assert makings.wear(tmp_path) is None
    emmc(tmp_path, "0x01 0x02", "0x01", "mmcblk1")
    emmc(tmp_path, "0x03 0x0a", "0x01", "mmcblk2")
    assert makings.wear(tmp_path) == Wear("mmcblk2", (3, 10), 1)


def test_it_is_told_at_the_start_when_it_changes_and_once_a_day(tmp_path: Path, clock: Clock) -> None:
    emmc(tmp_path / "sys", "0x01 0x02", "0x01")
    model = tmp_path / "sys/firmware/devicetree/base/model"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"Raspberry Pi Compute Module 4\0")
    told, one = [], makings.Makings(tmp_path, tmp_path / "sys", clock)
    for hour in range(50):
        if hour == 30:
            emmc(tmp_path / "sys", "0x01 0x0a", "0x01")
        found = one.look()
        assert found and found.model == "Raspberry Pi Compute Module 4"
        if one.is_news(found):
            told.append(hour)
            one.told(found)
        clock.now += 3600
    assert told == [0, 24, 30] and one.worn
