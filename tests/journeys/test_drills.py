"""docs/dien-tap.md, each drill command by command: in one process, with a real board's folder and a real server."""

from __future__ import annotations

import io
import re
import shlex
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signage.board import identity, panic
from signage.cli import main
from signage.office import backup
from tests.journeys.test_box import served

Office = Any  # tests/conftest.py's
SECRET = "chim bồ câu trắng"
PAGE = (Path(__file__).parents[2] / "docs/dien-tap.md").read_text("utf-8")
DRILLS = [re.findall(r"^bangtin .*$", part, re.MULTILINE) for part in PAGE.split("\n## ")[1:4]]


@pytest.fixture
def commune(office: Office, text: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Office:
    """With one notice on its boards, approved by the one whose key will be stolen; we stand in its folder."""
    now = datetime.now(UTC)
    days = {"start": f"{now - timedelta(days=1):%Y-%m-%d %H:%M}", "end": f"{now + timedelta(days=9):%Y-%m-%d %H:%M}"}
    office.write("tin/a", text(title="Một thông báo", **days))
    office.both("tin/a", now=now - timedelta(minutes=5))
    office.publish(now - timedelta(minutes=4))
    monkeypatch.chdir(office.folder)
    monkeypatch.setattr("getpass.getpass", lambda *_: SECRET)
    monkeypatch.setattr("sys.stdin", io.StringIO("duyệt\n"))
    monkeypatch.setitem(backup._SCRYPT, "n", 2**10)
    return office


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def run(command: str, *, fine: bool = True) -> str:
        code = main(shlex.split(command)[1:])
        told = capsys.readouterr()
        assert "Traceback" not in told.err and (code == 0 or not fine), f"{command}\n{told.out}{told.err}"
        return told.out + told.err

    return run


def test_three_drills_are_written() -> None:
    assert [len(commands) for commands in DRILLS] == [6, 5, 5]


def test_a_board_shows_something_strange(commune: Office, typed: Callable[..., str], tmp_path: Path) -> None:
    root = (commune.settings.publication / "board/metadata/1.root.json").read_bytes()
    board = identity.enroll(tmp_path / "bang", board="cong-xa", url="https://xa.example", root=root)
    safe, at_once, verify, doctor, off, show = (c.replace("/srv/bang", str(board.folder)) for c in DRILLS[0])
    typed(safe)
    manifests = [p.read_text("utf-8") for p in (commune.settings.publication / "board/targets/lich").glob("*.json")]
    assert any('"safe":true' in one for one in manifests)
    assert "chưa thấy trình chiếu làm theo" in typed(at_once, fine=False), "no player runs in this test"
    assert panic.on(board.state)
    typed(verify)
    assert "KHÔNG AN TOÀN" in typed(doctor, fine=False), "this commune's keys lie in one place"
    typed(off)
    assert not panic.on(board.state)
    typed(show)


def test_an_approvers_key_is_stolen(commune: Office, typed: Callable[..., str]) -> None:
    day = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    revoke, *others = (c.replace("2026-11-20", day) for c in DRILLS[1])
    shutil.copytree(commune.folder, commune.folder.with_name("thu"))
    typed(revoke)
    listed = [typed(command) for command in others]
    assert "tin/a" in listed[0] and "Đã ký thay 1" in listed[1]
    page = commune.folder / "publication/tin/a.html"
    assert "Một thông báo" in page.read_text("utf-8"), "what was needed is still there"


def test_the_office_box_is_dead(commune: Office, typed: Callable[..., str], tmp_path: Path) -> None:
    typed("bangtin backup xa.tar")
    with served(commune.folder / "publication") as server:
        for command in DRILLS[2]:
            typed(command.replace("https://xa.example", server.address), fine="doctor" not in command)
    assert "Một thông báo" in (commune.folder / "xa-moi/publication/tin/a.html").read_text("utf-8")
