"""What a watching office says of itself: lines for a log, one picture on a terminal."""

from __future__ import annotations

import argparse
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fcntl import ioctl
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from signage.cli import status
from signage.cli.status import Lines, Picture, Reached, Status, Waits
from signage.errors import Problem
from signage.office.publish import Outcome
from signage.wire import when
from tests import waiting

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam
VI = argparse.Namespace(lang="vi")
PATIENCE_S = 120.0
until = partial(waiting.until, patience_s=PATIENCE_S)
Office = Any  # tests/conftest.py's

PICTURE = Picture(
    "Xã Đồng Mẫu", 12, NOW, 0.84,
    {"đọc/read": 0.31, "bảng/boards": 0.2, "trang/site": 0.33, "lưu/kept": 0.001}, notices=57, written=6,
    waits=(Waits("tin/a", "Cắt điện", "Lan Chi", NOW - timedelta(minutes=5), ("Văn An", "Minh Hà")),),
    next_change=NOW + timedelta(days=1),
)  # fmt: skip


def lines(capsys: pytest.CaptureFixture[str], told: Lines, picture: Picture, *problems: Problem) -> list[str]:
    told.show(picture, list(problems))
    return capsys.readouterr().out.splitlines()


def test_lines_say_what_changed_and_nothing_twice(capsys: pytest.CaptureFixture[str]) -> None:
    told = Lines(VI, lambda: NOW)
    draft = Problem("not-submitted", "tin/b.md", severity="warning", values={"notice": "tin/b"})
    first = lines(capsys, told, PICTURE, draft)
    assert "tin/b" in first[0]
    assert (
        "Đã phát hành số 12: 57 thông báo và trang, ghi 6 tệp, xóa 0 tệp, 0,8 giây (đọc 0,3 · bảng 0,2 · trang 0,3)."
        in first
    )
    assert "Chờ duyệt: tin/a — Lan Chi trình lúc 08:55; chờ Văn An, Minh Hà" in first
    assert first[-1] == "Thay đổi tiếp theo: 09:00 ngày 23/11/2026."
    assert lines(capsys, told, PICTURE) == []
    later = replace(PICTURE, number=13, at=NOW + timedelta(seconds=9), waits=())
    assert len(lines(capsys, told, later, draft)) == 1, "the same draft is not told again"


def test_lines_of_boards(capsys: pytest.CaptureFixture[str]) -> None:
    told = Lines(VI, lambda: NOW)
    behind = Reached("Cổng xã", 11, NOW, "connected")
    lost = Reached("Một cửa", 9, NOW - timedelta(days=2), "lost")
    never = Reached("Thôn 3", None, None, "")
    first = lines(capsys, told, replace(PICTURE, boards=(behind, lost, never)))
    assert first[-3:] == [
        "… Cổng xã: chưa có (đang có số 11), báo lúc 09:00",
        "… Một cửa: mất liên lạc từ 09:00 ngày 20/11/2026, khi ấy có số 9",
        "… Thôn 3: chưa nghe lần nào",
    ]
    has = replace(behind, number=12)
    assert lines(capsys, told, replace(PICTURE, boards=(has, lost, never))) == ["✓ Cổng xã: đã có, báo lúc 09:00"]
    assert lines(capsys, told, replace(PICTURE, boards=(has, lost, never), unheard="Không kết nối được")) == [
        "! Không kết nối được"
    ]


def test_who_is_waited_for(office: Office, text: Callable[..., str]) -> None:
    """Not the author, and nobody who may not sign this class."""
    office.write("tin/a", text())
    office.submit("tin/a", person="p2")
    (problem,) = office.publish().problems
    one = status.waits(office.settings, problem)
    assert (one.title, one.author, one.at) == ("Ngừng cung cấp điện thôn 3", "Người Biên Tập Hai", NOW)
    assert one.approvers == ("Người Duyệt",), "p2 approves too, but not what p2 wrote"


class _Hub(BaseHTTPRequestHandler):
    boards: list[dict[str, Any]] = []  # noqa: RUF012
    asked = threading.Event()

    def do_GET(self) -> None:
        body = json.dumps({"boards": self.boards}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.asked.set()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class _Shown:
    """Keeps the pictures it is given."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []

    def show(self, picture: Picture, problems: list[Problem]) -> None:
        self.pictures.append(picture)


def test_the_hub_is_asked_which_boards_have_it(office: Office, hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "ASK_SOON_S", 0.05)
    monkeypatch.setattr(status, "ASK_S", 0.05)
    board = {"board": "cong-xa", "commune": office.settings.commune.code, "contact": "connected",
             "received": when(NOW), "publication": 6}  # fmt: skip
    _Hub.boards = [board, {**board, "commune": "20599", "publication": 9}]
    shown, outcome = _Shown(), Outcome(7, 1, 2, 0)
    with Status(office.settings, shown, hub) as told:
        told.published(office.settings, outcome, [], 0.5)
        until(lambda: told.picture.boards)
        assert [one.number for one in told.picture.boards or ()] == [6, None], "the other board is not known there"
        assert not any(status.has(one, told.picture) for one in told.picture.boards or ())
        _Hub.boards = [{**board, "publication": 7}]
        until(lambda: any(status.has(one, told.picture) for one in told.picture.boards or ()))
        told.failed("đĩa đầy")
        assert told.picture.trouble == "đĩa đầy" and told.picture.number == 7
        _Hub.boards = ["x"]  # type: ignore[list-item]
        until(lambda: told.picture.unheard)
        assert told.picture.boards, "what was heard before stays"


# ── on a terminal ────────────────────────────────────────────────────────────────────────────────


class Terminal:
    """A pseudo-terminal with a program on it, and all that the program wrote."""

    def __init__(self, *words: str, cwd: Path) -> None:
        ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 110, 0, 0))
        env = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
        self.program = subprocess.Popen(words, cwd=cwd, env=env, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self._ours, self.written = ours, b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._ours, 65536)
            except OSError:
                return
            if not data:
                return
            self.written += data

    @property
    def picture(self) -> str:
        """The last whole picture, without colours."""
        text = self.written.decode("utf-8", "replace")
        whole = [one for one in text.split("\x1b[H") if "Ctrl-C" in one]
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", whole[-1]) if whole else ""

    def end(self) -> None:
        if self.program.poll() is None:
            self.program.kill()
        self.program.wait(10)
        self._reader.join(5)
        os.close(self._ours)


def test_the_picture_on_a_terminal(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text(title="Chờ người duyệt xem"))
    office.submit("tin/a")
    terminal = Terminal(sys.executable, "-m", "signage", "publish", "--watch", cwd=office.folder)
    try:
        until(lambda: "Chờ duyệt: 1" in terminal.picture)
        picture = terminal.picture
        assert "Xã Thử Nghiệm · máy văn phòng tự phát hành" in picture
        assert "Chờ người duyệt xem  Người Biên Tập trình lúc" in picture and "Người Duyệt" in picture
        assert "không hỏi được (chưa khai hub trong bangtin.toml)" in picture
        assert b"\x1b[?1049h" in terminal.written, "a screen of its own: what stood there comes back"
        office.approve("tin/a")
        until(lambda: "Không có gì chờ duyệt." in terminal.picture)
        assert max(map(len, terminal.picture.splitlines())) <= 110
        terminal.program.send_signal(signal.SIGINT)
        assert terminal.program.wait(PATIENCE_S) == 0
        until(lambda: b"\x1b[?1049l" in terminal.written)
        assert "Đã phát hành số" in terminal.written.rpartition(b"\x1b[?1049l")[2].decode(), "its last lines stay"
    finally:
        terminal.end()


def test_what_others_print_does_not_cross_the_picture(office: Office) -> None:
    """Warnings of a library, lines of a process that was started: they are among the last lines."""
    script = (
        "import argparse, os, subprocess, sys, time\n"
        "from signage.cli.console import Screen\n"
        "with Screen(argparse.Namespace(lang='vi'), 'Xã Mẫu') as screen:\n"
        "    print('từ Python', flush=True)\n"
        "    subprocess.run(['sh', '-c', 'echo từ-tiến-trình-con >&2'])\n"
        "    end = time.monotonic() + 30\n"
        "    while len(screen._log) < 2 and time.monotonic() < end: time.sleep(0.01)\n"
        "    screen._live.refresh()\n"
    )
    terminal = Terminal(sys.executable, "-c", script, cwd=ROOT)
    try:
        assert terminal.program.wait(PATIENCE_S) == 0
        until(lambda: b"\x1b[?1049l" in terminal.written)
        inside = terminal.written.partition(b"\x1b[?1049l")[0].decode()
        for line in ("từ Python", "từ-tiến-trình-con"):
            (at,) = {m.start() for m in re.finditer(line, inside)} and {inside.index(line)}
            assert re.search(r"\d\d:\d\d:\d\d", inside[max(0, at - 40) : at]), "told in its place, with its time"
    finally:
        terminal.end()
