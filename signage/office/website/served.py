"""The folder that people read the site from: what lies there, and in which order it changes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

Stat = tuple[int, int, int]  # size in bytes, modified and changed in ns


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of the site as it was left: its size and times, its bytes, and what it was made of."""

    stat: Stat
    sha256: str
    key: str


@dataclass
class Lies:
    """How a folder lies beside how it was left: nearly always the same, so only what is not is held."""

    other: dict[str, Stat | None] = field(default_factory=dict)  # unknown, or left otherwise; None: no plain file
    missing: set[str] = field(default_factory=set)
    empty: list[str] = field(default_factory=list)  # folders

    @property
    def as_left(self) -> bool:
        """Whether every file lies there as it was left, and no other."""
        return not self.other and not self.missing

    def stat(self, path: str, kept: Kept | None) -> Stat | None:
        """Of a file that is kept so, if at all; None when it is not there."""
        if path in self.other or path in self.missing:
            return self.other.get(path)
        return kept.stat if kept else None


def scan(folder: Path, keep: str, kept: Mapping[str, Kept]) -> Lies:
    """Every file below a folder; `keep` is not looked into."""
    lies, left, same = Lies(), [""], set[str]()
    while left:
        here, inside = left.pop(), False
        for entry in _entries(folder / here):
            inside, path = True, here + entry.name
            if path == keep:
                continue
            if entry.is_dir(follow_symlinks=False):
                left.append(path + "/")
                continue
            try:
                stat = stat_of(entry.stat()) if entry.is_file(follow_symlinks=False) else None
            except FileNotFoundError:  # it goes while we look
                continue
            if (was := kept.get(path)) is not None and was.stat == stat:
                same.add(path)
            else:
                lies.other[path] = stat
        if not inside:
            lies.empty.append(here)
    if len(same) < len(kept):
        lies.missing = kept.keys() - same - lies.other.keys()
    return lies


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What lies in it; nothing where there is no such folder."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        yield from entries


def stat_of(of: os.stat_result) -> Stat:
    return of.st_size, of.st_mtime_ns, of.st_ctime_ns


def order(path: str) -> tuple[int, str]:
    """Pages before the lists that lead to them, the home page last."""
    if path == "index.html":
        return 3, path
    return (0 if path.startswith(("tep/", "theme/")) else 1 if path.startswith("tin/") else 2), path


def remove_empty(folder: Path, some: Iterable[str]) -> None:
    """Remove those of `some` folders in `folder` that are empty, and the folders around them that become so."""
    for name in some:
        here = folder / name
        while here != folder and _is_empty(here):
            here.rmdir()
            here = here.parent


def _is_empty(folder: Path) -> bool:
    """False also for what is no folder; one with thousands of files is not read to its end."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except (FileNotFoundError, NotADirectoryError):
        return False
