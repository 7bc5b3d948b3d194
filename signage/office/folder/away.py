"""What is long over goes from the posted notices into the folder of its year, which is not looked into any more.

A round costs something for each notice that it looks at, and a commune posts thousands. Only a whole folder moves, of
one notice, in which nobody works; and none while the clock may be wrong: it would not come back by itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import islice
from pathlib import Path

from ...errors import BangtinError, Problem
from ...schedule import VIETNAM_TIME
from ...settings import Settings
from ..publish import clock_doubt
from ..website.views import day
from . import names, placing
from .casebook import Casebook
from .looking import Look, Paper
from .memory import Memory, Row
from .names import Stage
from .progress import KEPT, Step

OVER = (Step.ENDED, Step.WITHDRAWN, Step.HIDDEN)
MOST_AWAY = 50  # folders that one round puts away


def put_away(
    root: Path, look: Look, memory: Memory, book: Casebook, settings: Settings, now: datetime
) -> list[Path]:  # fmt: skip
    """Where each went; what cannot be moved now stays for another day."""
    due = list(islice(_due(root, look, memory, book, now), MOST_AWAY))
    if not due or _doubtful(settings, now):
        return []
    tray, gone = look.stages[Stage.POSTED], list[Path]()
    for paper, row, over in due:
        folder = paper.path.parent
        with suppress(OSError):
            shelf = _shelf(tray, names.shelf(folder.name, over.astimezone(VIETNAM_TIME).year), root)
            target = shelf and placing.unused(shelf, folder.name)
            if target and not _is_busy(folder, look):
                placing.rename_folder(folder, target)
                gone.append(target)
                _forget(paper, row.ident, root, memory)
    return gone


def _due(
    root: Path, look: Look, memory: Memory, book: Casebook, now: datetime
) -> Iterator[tuple[Paper, Row, datetime]]:  # fmt: skip
    """What may go, and since when it is over."""
    tray = look.stages[Stage.POSTED]
    for paper in look.papers:
        own = paper.stage is Stage.POSTED and paper.alone and paper.path.parent.parent == tray
        row = memory.rows.get(paper.path.relative_to(root).as_posix()) if own else None
        over = book.over(row.ident) if row and Step[row.step] in OVER else None
        if row and over and now - over >= KEPT:
            yield paper, row, over


def _doubtful(settings: Settings, now: datetime) -> bool:
    try:
        return clock_doubt(settings, now) is not None
    except BangtinError:
        return True


def _is_busy(folder: Path, look: Look) -> bool:
    """Whether something in it is open, still comes, or is another notice."""
    moving = any(path.is_relative_to(folder) for path in look.moving)
    many = sum(paper.path.is_relative_to(folder) for paper in look.papers) > 1
    return moving or many or placing.is_open(folder)


def name_used(paper: Paper, row: Row, memory: Memory, book: Casebook, now: datetime) -> list[Problem]:
    """A name that an old notice's page has; but for pages of the commune's own and templates, which come back."""
    known = paper.stage is Stage.POSTED or row.ident in memory.placed or book.says(row.ident, row.digest)
    over = book.over(row.ident)
    if known or row.prepared or not row.url.startswith("tin/") or over is None or now - over < KEPT:
        return []
    name = paper.path.name
    return [Problem("folder-name-used", name, values={"name": name, "over": day(over)})]


def _shelf(tray: Path, name: str, root: Path) -> Path | None:
    """The year's folder, made when there is none; another case is the same one for Windows. None for a link."""
    found = next((path for path in _folders(tray) if names.same_shelf(path.name, name)), tray / name)
    if found.is_symlink():
        return None
    if not found.is_dir():
        found.mkdir()
        placing.share(found, root)
    return found


def _folders(tray: Path) -> Iterator[Path]:
    with os.scandir(tray) as entries:
        yield from (Path(entry.path) for entry in entries if names.is_shelf(entry.name))


def _forget(paper: Paper, ident: str, root: Path, memory: Memory) -> None:
    """The review book has kept what we would need; a year of it that is dragged about must not undo anything."""
    memory.placed.pop(ident, None)
    for below in [key for key in memory.drafted if key.rpartition("/")[2] == paper.path.name]:
        if not (root / below).exists():
            del memory.drafted[below]
