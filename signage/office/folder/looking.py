"""What lies in the shared folder now: one walk, with limits, that follows no link and opens no file.

A file counts when it has come to rest: two looks at least `SETTLE_S` apart have seen the same size, times and inode.
So a copy that is under way is not read, however long it takes, and nobody waits for a fixed time.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ...errors import Problem
from ..filenames import name_fault
from .names import (
    NOTICE,
    OVERVIEW,
    Stage,
    is_card,
    is_conflict,
    is_lock,
    is_noise,
    is_shelf,
    key,
    lock_marks,
    slug,
    stage_of,
)

SETTLE_S = 0.25  # seconds for which a file must stay the same
WORDS = (".md", ".docx", ".doc", ".odt", ".pdf")  # of which it is told that they are still being copied
COPYING_S = 3.0  # seconds after which a file that is still changing is told
MAX_ENTRIES = 20_000  # names in the whole folder that one look reads
MAX_DRAFTS = 300  # notices that are being written or wait
DRAFTED = (".docx", ".doc", ".odt", ".pdf", ".jpg", ".jpeg", ".png", ".webp")  # what a draft is made of
MAX_DEPTH = 2  # folders below a stage: `1 Soạn thảo/Thôn 3/Cắt điện`

Identity = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class Found:
    """A file as it was seen, not opened."""

    path: Path
    identity: Identity  # device, inode, size, modified and changed in ns

    @property
    def size(self) -> int:
        return self.identity[2]


@dataclass(frozen=True)
class Paper:
    """A notice's file in a stage, with everything that lies beside it, by `key` of its name."""

    stage: Stage
    file: Found
    beside: dict[str, list[Found]]
    alone: bool  # whether it has a folder of its own
    locked: bool  # whether Word or LibreOffice has it open

    @property
    def path(self) -> Path:
        return self.file.path

    def namesakes(self) -> list[Found]:
        """What lies beside it under its own name, in another form: the Word file, the signed PDF, a picture."""
        stem = key(self.path.stem)
        return [found for ending in DRAFTED for found in self.beside.get(f"{stem}{ending}", ()) if found != self.file]


@dataclass
class Look:
    """One look: what may be read, what is refused and why, what to look at again in `again_s` seconds."""

    papers: list[Paper] = field(default_factory=list)
    others: list[Paper] = field(default_factory=list)  # files of other kinds that a draft may be made of
    refused: list[tuple[Path, Problem]] = field(default_factory=list)  # a file or folder, and why
    trays: list[tuple[Path, dict[str, list[Found]]]] = field(default_factory=list)  # folders, and what is in each
    cards: list[Path] = field(default_factory=list)
    stages: dict[Stage, Path] = field(default_factory=dict)
    moving: set[Path] = field(default_factory=set)  # files that have not come to rest
    again_s: float | None = None
    count: int = 0
    whole: bool = True  # whether everything was read: nothing is concluded from what is absent otherwise


class Eyes:
    """Looks again and again, and knows since when each file has been as it is."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[Path, tuple[Identity, float, float]] = {}  # as seen, since when, first seen moving

    def look(self, root: Path) -> Look:
        """Raises `OSError` when the folder itself cannot be read."""
        look, now, seen = Look(), self._clock(), set[Path]()
        for entry in _listed(root):
            stage = stage_of(entry.name)
            if stage is None:
                self._outside(entry, look)
            elif entry.is_symlink():
                _refuse(look, Path(entry.path), "folder-link")
            elif entry.is_dir(follow_symlinks=False):
                look.stages.setdefault(stage, Path(entry.path))
                self._folder(stage, Path(entry.path), 0, look, now, seen)
        for gone in set(self._since) - seen:
            del self._since[gone]
        return look

    def _outside(self, entry: os.DirEntry[str], look: Look) -> None:
        """A notice or Word file laid beside the stages is told; anything else there is not ours to mind."""
        if entry.name.lower().endswith((NOTICE, *DRAFTED)) and not is_noise(entry.name):
            _refuse(look, Path(entry.path), "folder-no-stage")

    def _folder(self, stage: Stage, folder: Path, depth: int, look: Look, now: float, seen: set[Path]) -> None:
        try:
            entries = list(_listed(folder))
        except OSError as error:
            look.whole = False
            return _refuse(look, folder, "folder-unreadable", why=error.strerror or str(error))
        beside: dict[str, list[Found]] = {}
        lockers = {key(e.name) for e in entries if is_lock(e.name)}
        for entry in entries:
            look.count += 1
            if look.count > MAX_ENTRIES:
                look.whole = False
                return _refuse(look, folder, "folder-many", most=MAX_ENTRIES)
            path = Path(entry.path)
            if is_card(entry.name):
                look.cards.append(path)
            elif is_noise(entry.name) or entry.name == OVERVIEW:
                continue
            elif entry.is_symlink():
                _refuse(look, path, "folder-link")
            elif entry.is_dir(follow_symlinks=False):
                if stage is Stage.POSTED and is_shelf(entry.name):
                    continue  # years of what is over
                if depth == MAX_DEPTH:
                    _refuse(look, path, "folder-deep", most=MAX_DEPTH)
                else:
                    self._folder(stage, path, depth + 1, look, now, seen)
            elif found := self._file(entry, look, now, seen):
                beside.setdefault(key(entry.name), []).append(found)
        self._papers(stage, folder, beside, lockers, depth, look)
        return None

    def _file(self, entry: os.DirEntry[str], look: Look, now: float, seen: set[Path]) -> Found | None:
        path = Path(entry.path)
        try:
            told = path.lstat()  # not the entry's own: on Windows that one is stale
        except FileNotFoundError:
            return None
        except OSError as error:
            _refuse(look, path, "folder-unreadable", why=error.strerror or str(error))
            return None
        if not stat.S_ISREG(told.st_mode):
            _refuse(look, path, "folder-strange")
            return None
        identity = (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)
        old = self._since.get(path)
        if old is None:
            self._since[path] = identity, now, now
        elif old[0] != identity:
            self._since[path] = identity, now, old[2] if now - old[1] < SETTLE_S else now
        seen.add(path)
        _, since, first = self._since[path]
        if now - since < SETTLE_S:
            look.moving.add(path)
            left = SETTLE_S - (now - since)
            look.again_s = left if look.again_s is None else min(look.again_s, left)
            if now - first > COPYING_S and path.suffix.lower() in WORDS:
                _refuse(look, path, "folder-copying")
        return Found(path, identity)

    @staticmethod
    def _papers(
        stage: Stage, folder: Path, beside: dict[str, list[Found]], lockers: set[str], depth: int, look: Look
    ) -> None:
        named = [same for name, same in beside.items() if name.endswith(NOTICE)]
        if stage is not Stage.POSTED:
            look.trays.append((folder, beside))
            _others(stage, folder, beside, depth, look)
        for same in named:
            first = same[0]
            code = name_fault(first.path.name)
            if len(same) > 1:
                names = "; ".join(f"“{f.path.name}”" for f in same)
                _refuse(look, first.path, "folder-name-twice", names=names)
            elif is_conflict(first.path.name):
                _refuse(look, first.path, "folder-conflict-copy")
            elif code or not slug(first.path.name):
                _refuse(look, first.path, code or "folder-name-empty")
            elif stage is not Stage.POSTED and sum(p.stage is not Stage.POSTED for p in look.papers) >= MAX_DRAFTS:
                look.whole = False
                _refuse(look, first.path, "folder-drafts", most=MAX_DRAFTS)
            else:
                locked = bool(lock_marks(first.path.name) & lockers)
                look.papers.append(Paper(stage, first, beside, depth > 0 and len(named) == 1, locked))


def _others(stage: Stage, folder: Path, beside: dict[str, list[Found]], depth: int, look: Look) -> None:
    """What a draft may be made of, but for what a sync tool or Windows would trip over."""
    alone = depth > 0 and not any(name.endswith(NOTICE) for name in beside)
    for name, same in beside.items():
        if not name.endswith(DRAFTED):
            continue
        path = same[0].path
        code = "folder-conflict-copy" if is_conflict(path.name) else name_fault(path.name)
        if len(same) > 1:
            names = "; ".join(f"“{found.path.name}”" for found in same)
            _refuse(look, path, "folder-name-twice", names=names)
        elif len(look.others) >= MAX_DRAFTS:
            _refuse(look, path, "folder-drafts", most=MAX_DRAFTS)
        elif code or not slug(path.name):
            _refuse(look, path, code or "folder-name-empty")
        else:
            look.others.append(Paper(stage, same[0], beside, alone, locked=False))


def _listed(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from sorted(islice(entries, MAX_ENTRIES + 1), key=lambda e: e.name)


def _refuse(look: Look, path: Path, code: str, **values: object) -> None:
    look.refused.append((path, Problem(code, path.name, values={"name": path.name, **values})))
