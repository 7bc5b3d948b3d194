"""The power goes at every write of a sync: the board holds the old or the new, whole, and goes on.

A child does one round and is killed (SIGKILL) before its n-th change of the disk, for every n. What it had not told
the disk to keep is then lost, as in a real power cut: a file that was never synced is empty. Each time the board
must hold the old publication or the new one with every slide of it, and the next round must make it the new one.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signage.board.download import Line
from signage.board.shelf import Shelf
from tests.board.conftest import Kiosk, Office

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forking with threads
CHANGES = ("fsync", "replace", "rename", "unlink", "remove", "mkdir", "rmdir", "symlink")
SAMPLE = 3  # cuts of each case in the usual run
MOST = 400  # changes of one round, beyond which the enumeration itself is broken


class _Power:
    """In the child: every change of the disk passes here, and before the n-th there is no power any more."""

    def __init__(self, folder: Path, cut_at: int) -> None:
        self._folder, self._cut_at, self._count = folder, cut_at, 0
        self._new: dict[int, Path] = {}  # inode → a file that is not on the disk yet
        self._real_open, self._real_fsync = os.open, os.fsync
        for name in CHANGES:
            setattr(os, name, self._counting(name, getattr(os, name)))
        os.open = self._open

    def _counting(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def change(*args: Any, **values: Any) -> Any:
            self._step()
            done = real(*args, **values)
            if name == "fsync":
                self._new.pop(os.fstat(args[0]).st_ino, None)
            return done

        return change

    def _open(self, path: Any, flags: int, *args: Any, **values: Any) -> int:
        if flags & os.O_CREAT and not Path(path).exists():
            self._step()
            handle = self._real_open(path, flags, *args, **values)
            self._new[os.fstat(handle).st_ino] = Path(path)
            return handle
        return self._real_open(path, flags, *args, **values)

    def _step(self) -> None:
        self._count += 1
        if self._count == self._cut_at:
            for path in self._folder.rglob("*"):
                if path.is_file() and not path.is_symlink() and path.stat().st_ino in self._new:
                    os.truncate(path, 0)
            os.kill(os.getpid(), signal.SIGKILL)


def one_round(kiosk: Kiosk, cut_at: int) -> bool:
    """A round in a process of its own; False when the power went first."""
    child = os.fork()
    if child == 0:
        _Power(kiosk.board.folder, cut_at)
        outcome = Kiosk(kiosk.board, Line()).sync()
        os._exit(0 if outcome.error is None else 3)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return not os.WIFSIGNALED(status)


def first(office: Office, kiosk: Kiosk) -> tuple[set[str], set[str]]:
    office.show(office.statement("một"))
    office.show(office.statement("hai", ("#202020", "#303030")))
    office.publish()
    return set(), {"một", "hai"}


def held(office: Office, kiosk: Kiosk) -> None:
    office.show(office.statement("cũ"))
    office.show(office.statement("còn", ("#404040",)))
    office.publish()
    assert kiosk.sync().error is None


def update(office: Office, kiosk: Kiosk) -> tuple[set[str], set[str]]:
    held(office, kiosk)
    office.items.pop(0)
    office.show(office.statement("mới", ("#0a0b0c",)))
    office.publish()
    return {"cũ", "còn"}, {"còn", "mới"}


def emergency(office: Office, kiosk: Kiosk) -> tuple[set[str], set[str]]:
    held(office, kiosk)
    office.alarm(office.emergency("Lũ"))
    office.publish()
    return {"cũ", "còn"}, {"cũ", "còn", "Lũ"}


def withdrawal(office: Office, kiosk: Kiosk) -> tuple[set[str], set[str]]:
    old = office.show(office.statement("cũ"))
    office.show(office.statement("còn", ("#404040",)))
    office.publish()
    assert kiosk.sync().error is None
    office.withdraw(old)
    office.publish()
    return {"cũ", "còn"}, {"còn"}


CASES = (first, update, emergency, withdrawal)


def drawable(kiosk: Kiosk) -> bool:
    """Whether every slide of what is held is there, whole; an emergency's come after its words."""
    holding, shelf = kiosk.held(), Shelf(kiosk.board.shelf)
    shown = [*holding.playlist.entries, *holding.playlist.evergreen] if holding else []
    return all(shelf.whole(slide.file) for entry in shown for slide in entry.slides)


def survives(kiosk: Kiosk, pristine: Path, cut_at: int, old: set[str], new: set[str]) -> bool:
    """The promise above, for one cut; False when the round was over before."""
    shutil.rmtree(kiosk.board.folder)
    shutil.copytree(pristine, kiosk.board.folder, symlinks=True)
    finished = one_round(kiosk, cut_at)
    shown = kiosk.shown()
    assert shown in (old, new), (cut_at, shown)
    assert drawable(kiosk), cut_at
    outcome = kiosk.sync()
    assert (outcome.error, outcome.wrong, outcome.mended) == (None, [], False), (cut_at, outcome)
    assert kiosk.shown() == new and drawable(kiosk), cut_at
    assert not list(kiosk.board.folder.rglob(".bangtin-tmp-*")) or not finished, cut_at
    return not finished


def prepared(case: Callable[[Office, Kiosk], tuple[set[str], set[str]]], office: Office, kiosk: Kiosk) -> Any:
    old, new = case(office, kiosk)
    pristine = kiosk.board.folder.with_name("pristine")
    shutil.copytree(kiosk.board.folder, pristine, symlinks=True)
    return pristine, old, new


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_some_cuts(office: Office, kiosk: Kiosk, case: Any) -> None:
    """The first, the last and some between, others in each case; every one is in the long run."""
    pristine, old, new = prepared(case, office, kiosk)
    last = 1
    while survives(kiosk, pristine, last, old, new):  # about how many there are
        last *= 2
    assert 16 <= last <= MOST
    for cut_at in random.Random(case.__name__).sample(range(2, last // 2 + last // 4), SAMPLE):
        survives(kiosk, pristine, cut_at, old, new)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_every_cut(office: Office, kiosk: Kiosk, case: Any) -> None:
    pristine, old, new = prepared(case, office, kiosk)
    cuts = 1
    while survives(kiosk, pristine, cuts, old, new):
        cuts += 1
    assert 30 < cuts < MOST
