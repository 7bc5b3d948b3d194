"""The office is empty for twelve days; then a duty person raises an emergency from another machine, and cancels it."""

import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signage.board import identity, tending
from signage.board.identity import Board
from signage.board.shelf import Shelf
from signage.office.publish import publish, repository
from signage.office.serving import Server
from signage.office.watch import watch
from signage.schedule import VIETNAM_TIME

Office = Any  # tests/conftest.py's
Text = Callable[..., str]
DAY = timedelta(days=1)
AWAY = 12  # days
ROOT = Path(__file__).parent.parent.parent
PATIENCE_S = 60
WHO = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
       for what, value in (("NAME", "Người Trực"), ("EMAIL", "truc@xa.example"))}  # fmt: skip


def run(*words: object, cwd: Path) -> str:
    env = {**os.environ, **WHO, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(list(map(str, words)), cwd=cwd, env=env, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def git(*words: object, cwd: Path) -> None:
    run("git", *words, cwd=cwd)


def bangtin(*words: object, cwd: Path) -> str:
    return run(sys.executable, "-m", "signage", *words, cwd=cwd)


@contextmanager
def watched(office: Office) -> Iterator["queue.Queue[int]"]:
    """The box as `bangtin publish --watch` runs it; the numbers that it publishes."""
    numbers: queue.Queue[int] = queue.Queue()
    stop = threading.Event()

    def act() -> datetime | None:
        outcome = publish(office.settings, datetime.now(UTC))
        numbers.put(outcome.number)
        return outcome.next_change

    box = threading.Thread(target=watch, args=([office.settings.content], act, stop))
    box.start()
    try:
        yield numbers
    finally:
        stop.set()
        box.join(PATIENCE_S)


def after(numbers: "queue.Queue[int]", number: int) -> int:
    """The first publication with a higher number than this."""
    while (found := numbers.get(timeout=PATIENCE_S)) <= number:
        pass
    return found


def emergencies(board: Board) -> list[str]:
    outcome = tending.once(board)
    assert outcome.error is None, outcome.why
    held = Shelf(board.shelf).holding(board.root(), board.identity, datetime.now(UTC))
    assert held
    return [entry.title for entry in held.playlist.emergencies]


def second_machine(office: Office, folder: Path, bare: Path) -> Path:
    """What a duty person takes along: settings, the signed list of people, their own key, and a clone of content/."""
    (folder / "keys/people").mkdir(parents=True)
    for name in ("bangtin.toml", "people.toml", "keys/people/p5.pem"):
        shutil.copy(office.folder / name, folder / name)
    for name in ("metadata", "targets"):
        shutil.copytree(office.folder / "publication/board" / name, folder / "publication/board" / name)
    git("clone", "-q", bare, folder / "content", cwd=folder)
    return folder


@pytest.fixture
def empty(office: Office, text: Text, tmp_path: Path) -> tuple[Office, Path]:
    """A box that published twelve days ago and has renewed its signatures since; its content is a git repository."""
    began = datetime.now(UTC) - AWAY * DAY
    local = began.astimezone(VIETNAM_TIME)
    office.write("tin/a", text(title="Trước khi đi vắng", start=f"{local:%Y-%m-%d} 00:00",
                               end=f"{local + 30 * DAY:%Y-%m-%d} 23:00"))  # fmt: skip
    office.both("tin/a", now=began)
    office.publish(began)
    for day in range(3, AWAY + 1, 3):
        office.publish(began + day * DAY)
    content, bare = office.folder / "content", tmp_path / "xa.git"
    git("init", "-q", "--bare", "-b", "main", bare, cwd=tmp_path)
    git("init", "-q", "-b", "main", cwd=content)
    git("add", ".", cwd=content)
    git("commit", "-qm", "Nội dung", cwd=content)
    git("remote", "add", "origin", bare, cwd=content)
    git("push", "-qu", "origin", "main", cwd=content)
    return office, bare


def test_an_emergency_from_a_machine_without_online_keys(empty: tuple[Office, Path], tmp_path: Path) -> None:
    office, bare = empty
    lives = {life.role: life.share_left for life in repository(office.settings).lives(datetime.now(UTC))}
    assert lives["timestamp"] > 0.5, "the box has renewed it while nobody was there"
    folder = second_machine(office, tmp_path / "may-nguoi-truc", bare)
    server = Server(office.folder / "publication").start()
    try:
        board = identity.enroll(tmp_path / "bang", board="cong-xa", url=server.address, hub=None,
                                root=repository(office.settings).root_bytes())  # fmt: skip
        assert emergencies(board) == []
        with watched(office) as numbers:
            number = numbers.get(timeout=PATIENCE_S)
            said = bangtin("alert", "raise", "--as", "p5", "--level", "4", "--source", "Đài KTTV tỉnh", "--title",
                           "Lũ lên nhanh", "--text", "Di dời ngay.", "--name", "lu", cwd=folder)  # fmt: skip
            assert "publish --watch" in said, "it says who will publish"
            assert not (folder / "keys/lich.pem").exists() and not list((folder / "nhat-ky").glob("*"))
            for act, expected in (("raise", ["Lũ lên nhanh"]), ("cancel", [])):
                if act == "cancel":
                    ident = bangtin("alert", "list", cwd=folder).partition("\t")[0]
                    assert "publish --watch" in bangtin("alert", "cancel", ident, "--as", "p5", cwd=folder)
                git("add", ".", cwd=folder / "content")
                git("commit", "-qm", act, cwd=folder / "content")
                git("push", "-q", cwd=folder / "content")
                assert emergencies(board) == ([] if act == "raise" else ["Lũ lên nhanh"]), "not before the box has it"
                git("pull", "-q", cwd=office.folder / "content")
                number = after(numbers, number)
                assert emergencies(board) == expected
    finally:
        server.stop()
