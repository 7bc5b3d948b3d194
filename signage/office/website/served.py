"""The folder that people read the site from: what lies there, and in which order it changes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

Stat = tuple[int, int, int]  # size in bytes, modified and changed in ns


def scan(folder: Path, keep: str) -> tuple[dict[str, Stat | None], list[str]]:
    """Every file below a folder by its path from there, None for what is no plain file; and the folders in it that
    are empty. `keep` is not looked into.
    """
    found: dict[str, Stat | None] = {}
    empty, left = list[str](), [""]
    while left:
        here = left.pop()
        try:
            with os.scandir(folder / here) as entries:
                inside = list(entries)
        except FileNotFoundError:
            continue
        if not inside:
            empty.append(here)
        for entry in inside:
            path = f"{here}{entry.name}"
            if path == keep:
                continue
            if entry.is_dir(follow_symlinks=False):
                left.append(f"{path}/")
            else:
                found[path] = stat_of(entry.stat()) if entry.is_file(follow_symlinks=False) else None
    return found, empty


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
        while here != folder and here.is_dir() and not any(here.iterdir()):
            here.rmdir()
            here = here.parent
