"""What changed in a folder since the last look, without opening a file that is as it was.

A file is as it was while its inode, size and times are. The last, `ctime`, cannot be set by who may write in the
folder: a file changed in place shows it, whatever was done to hide that. What changed within the last moments is
looked at again next time, since two changes within one tick of a disk's clock look alike.

Two looks: a quick one sees files that came, went or were replaced (one listing; none at all where the folder's own time
stands still); a thorough one sees those changed in place too (one `stat` a file).
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

Identity = tuple[int, int, int, int]  # inode, size in bytes, modified and changed in ns
UNSETTLED_NS = 2_000_000_000  # the coarsest clock of a disk or share: FAT's two seconds
NEVER: Identity = (0, 0, 0, 0)  # of no file


@dataclass
class Change:
    """Names of files."""

    changed: set[str] = field(default_factory=set)  # new, replaced or (after a thorough look) changed in place
    gone: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone)

    @property
    def names(self) -> set[str]:
        return self.changed | self.gone


def identity(found: os.stat_result, now_ns: int) -> Identity:
    """Of a file as it was found at `now_ns`; one that changed just now has none yet."""
    return settled((found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns), now_ns)


def settled(seen: Identity | None, now_ns: int = 0) -> Identity:
    """That, or `NEVER` for a file that changed just now or is none; `now_ns` when it was seen, or now."""
    if seen is None or max(seen[2], seen[3]) > (now_ns or time.time_ns()) - UNSETTLED_NS:
        return NEVER
    return seen


def exactly(path: Path) -> Identity:
    """Of a file that nobody but this office writes: even one that changed just now. `NEVER` for none."""
    try:
        found = path.lstat()
    except OSError:
        return NEVER
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def unchanged(path: Path) -> Identity:
    """Of a file that others write too; `NEVER` for one that changed just now, or is no plain file."""
    try:
        found = path.lstat()
    except OSError:
        return NEVER
    return identity(found, time.time_ns()) if stat.S_ISREG(found.st_mode) else NEVER


class Folder:
    """The plain files of one folder whose names end in `ending`, by name, as they were at the last look."""

    def __init__(self, path: Path, ending: str = "", known: Iterable[tuple[str, Identity]] = ()) -> None:
        self.path, self._ending = path, ending
        self.files: dict[str, Identity] = dict(known)
        self._inodes = {name: one[0] for name, one in self.files.items()}
        self._mark = NEVER

    def look(self, *, thorough: bool) -> Change:
        """What is other than at the last look."""
        now_ns = time.time_ns()
        try:
            handle = os.open(self.path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        except FileNotFoundError:
            return self._settle(Change(gone=set(self.files)), NEVER)
        try:
            mark = identity(os.fstat(handle), now_ns)
            if not thorough and mark == self._mark != NEVER:
                return Change()
            return self._settle(self._compared(handle, now_ns, thorough), mark)
        finally:
            os.close(handle)

    def _compared(self, handle: int, now_ns: int, thorough: bool) -> Change:
        found, known, inodes, ending, kept = Change(), self.files, self._inodes, self._ending, 0
        with os.scandir(handle) as entries:
            for entry in entries:  # a hundred thousand times a round: nothing is called that need not be
                name = entry.name
                if not name.endswith(ending):
                    continue
                if not thorough and inodes.get(name) == entry.inode():
                    kept += 1
                    continue
                try:
                    seen = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # between the listing and now
                    continue
                here = (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
                if known.get(name) == here:
                    kept += 1
                elif stat.S_ISREG(seen.st_mode):
                    found.changed.add(name)
                    self.files[name], self._inodes[name] = identity(seen, now_ns), seen.st_ino
        if kept + len(found.changed) != len(known):
            found.gone = known.keys() - found.changed - self._there(handle)
        return found

    def _there(self, handle: int) -> set[str]:
        """The names of plain files."""
        with os.scandir(handle) as entries:
            return {entry.name for entry in entries if entry.is_file(follow_symlinks=False)}

    def _settle(self, found: Change, mark: Identity) -> Change:
        for name in found.gone:
            self.files.pop(name, None)
            self._inodes.pop(name, None)
        self._mark = mark
        return found
