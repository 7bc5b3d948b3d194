"""A night: something is taken down from the office, then at the board, and the glass and the hub follow."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from signage.board.screen.panels import PAPER
from signage.schedule import VIETNAM_TIME

Street = Any  # tests/journeys/conftest.py's


def typed(street: Street, *words: object) -> tuple[int, str]:
    """A command of the office, which asks this street's hub."""
    line = [sys.executable, "-m", "signage", *words, "--dir", street.office.folder, "--hub", street.hub, "--wait", 60]
    done = subprocess.run(list(map(str, line)), capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def is_safe(street: Street) -> bool:
    """Whether the package's own slide hangs on the wall."""
    return f"#{bytes(street.glass().getpixel((2, 2))).hex()}" == PAPER


def faults(street: Street) -> list[str]:
    (board,) = street.boards()
    return [fault["code"] for fault in board["faults"]]


@pytest.mark.long
def test_a_night(street: Street, text: Callable[..., str], waiting: Callable[..., Any]) -> None:
    settings = street.office.folder / "bangtin.toml"  # with the one board that hangs here
    settings.write_text(settings.read_text("utf-8").split('[[board]]\nid = "nha-van-hoa-3"')[0], "utf-8")
    now = datetime.now(VIETNAM_TIME)
    times = {"start": f"{now - timedelta(hours=1):%Y-%m-%d %H:%M}", "end": f"{now + timedelta(days=2):%Y-%m-%d %H:%M}"}
    for name in ("a", "b"):
        street.office.write(f"tin/{name}", text(title=f"Tin {name}", boards="board:cong-xa", **times))
        street.both(f"tin/{name}")
    street.publish()
    street.start("sync", "board", "sync", "--watch", "--every", "1", "--dir", street.board)
    street.start("play", "board", "play", "--windowed", "--dir", street.board)
    for name in ("a", "b"):
        waiting(f"notice {name}", lambda name=name: street.shows(f"tin/{name}"))

    code, told = typed(street, "hide", "tin/a", "--as", "p5", "--reason", "Hình lạ")
    assert code == 0 and "1 trên 1 bảng" in told, told
    waiting("the other notice alone", lambda: street.shows("tin/b"))

    code, told = typed(street, "safe", "on", "--as", "p1")
    assert "✓ Cổng xã" in told and code == 0, told
    assert is_safe(street) and faults(street) == ["safe-asked"]
    code, told = typed(street, "safe", "off", "--as", "p3")
    assert "✓ Cổng xã" in told and code == 0, told
    waiting("the notice", lambda: street.shows("tin/b"))

    street.stop("sync")  # the line is down: only who stands there can help
    street.bangtin("board", "panic", "--dir", street.board)
    assert is_safe(street)
    street.stop("play")
    street.start("play", "board", "play", "--windowed", "--dir", street.board)
    waiting("the safe slide after a restart", lambda: is_safe(street))
    street.start("sync", "board", "sync", "--watch", "--every", "1", "--dir", street.board)
    waiting("the hub to hear of it", lambda: "panic" in faults(street))
    page = street.page("/bang/99999/cong-xa")
    assert "Người đứng tại bảng đã bật hình an toàn" in page
    street.bangtin("board", "panic", "--off", "--dir", street.board)
    waiting("the notice again", lambda: street.shows("tin/b"))
