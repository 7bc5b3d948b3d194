"""From git's branch to the office's `content/`: exactly the bytes that were committed, and only what changed.

What lies in `content/` and came from elsewhere stays: a file that somebody changed here is kept aside before it is
replaced, the review book only grows, links and hidden files are never written. Which commit was delivered last is
noted after its files are on the disk; what a power cut interrupts is done again.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from .. import durable
from ..errors import Problem, Unavailable
from ..settings import Settings
from .commits import Change, Git, Read
from .pushes import book_problem, in_book, safe

MARK = "git-da-nhan"  # in state/: the commit that `content/` has
LOCK = "git.lock"
ASIDE = "giu-lai"  # in the commune's folder: what was changed here and in git both
PATIENCE_S = 120.0  # for another push to be delivered
EACH_SYNCED = 200  # files; of more the disk is synced once for all


@dataclass
class Delivered:
    """What one delivery did."""

    commit: str
    written: int = 0
    removed: int = 0
    problems: list[Problem] = field(default_factory=list)


def deliver(git: Git, settings: Settings, branch: str) -> Delivered:
    """Bring `content/` to what `branch` says now; raises `Unavailable` (`git-failed`, `locked`)."""
    with durable.only_one(settings.state / LOCK, patience_s=PATIENCE_S), git.reading() as read:
        new = git.commit(branch)
        if new is None:
            raise Unavailable("git-failed", what=branch, why="no such commit")
        done, mark = Delivered(new), settings.state / MARK
        old = git.commit(mark.read_text("ascii").strip()) if mark.exists() else None
        changes = [c for c in git.changes(old, new) if c.path.startswith(git.prefix) and _wanted(c)]
        # What goes first: where capitals do not count, a new name may be the old one.
        for change in sorted(changes, key=lambda c: not c.gone):
            _carry_out(change, git.prefix, settings, read, done, sync=len(changes) <= EACH_SYNCED)
        if len(changes) > EACH_SYNCED and hasattr(os, "sync"):
            os.sync()
        durable.write(mark, f"{new}\n".encode())
    return done


def _wanted(change: Change) -> bool:
    return change.plain and safe(change.path) and not any(part.startswith(".") for part in change.path.split("/"))


def _carry_out(change: Change, prefix: str, settings: Settings, read: Read, done: Delivered, *, sync: bool) -> None:
    path = change.path.removeprefix(prefix)
    target, here = settings.content / path, Change(path, change.mode, change.blob, change.old)
    data = b"" if change.gone else read(change.blob)
    if data is None:
        done.problems.append(Problem("git-large", path, severity="warning"))
        return
    there = target.read_bytes() if target.is_file() else None
    if in_book(path):
        problem = None if not change.gone and there == data else book_problem(here, read)
        if problem:
            done.problems.append(Problem(problem.code, path, severity="warning"))
            return
    elif there is not None and there != data and not _is_blob(there, change.old):
        _keep_aside(settings, path, there, done)
    if change.gone:
        if there is not None:
            durable.remove(target)
            done.removed += 1
            _remove_empty(target.parent, settings.content)
    elif there != data:
        _make_way(settings, path, done)
        durable.write(target, data, sync=sync)
        done.written += 1


def _remove_empty(folder: Path, content: Path) -> None:
    """As git does: of a folder of which everything went nothing stays, so that a file may have its name."""
    with suppress(OSError):
        while folder != content:
            folder.rmdir()
            folder = folder.parent


def _make_way(settings: Settings, path: str, done: Delivered) -> None:
    """Move aside what the office alone has: a folder where git has a file, a file where git has a folder."""
    above = [str(one) for one in PurePosixPath(path).parents][:-1]
    for one in (*reversed(above), path):
        at = settings.content / one
        if at.is_dir() if one == path else at.is_file():
            kept = settings.folder / ASIDE / done.commit[:12] / one
            while kept.exists():  # from before a power cut
                kept = kept.with_name(f"{kept.name}~")
            kept.parent.mkdir(parents=True, exist_ok=True)
            at.rename(kept)
            _told_aside(settings, one, kept, done)


def _keep_aside(settings: Settings, path: str, data: bytes, done: Delivered) -> None:
    kept = settings.folder / ASIDE / done.commit[:12] / path
    durable.write(kept, data)
    _told_aside(settings, path, kept, done)


def _told_aside(settings: Settings, path: str, kept: Path, done: Delivered) -> None:
    shown = kept.relative_to(settings.folder).as_posix()
    done.problems.append(Problem("git-kept-aside", path, severity="warning", values={"kept": shown}))


def _is_blob(data: bytes, name: str) -> bool:
    """Whether these bytes are git's blob of that name (SHA-1, or SHA-256 in repositories of that kind)."""
    kind = hashlib.sha256 if len(name) == 64 else hashlib.sha1
    return kind(b"blob %d\0" % len(data) + data).hexdigest() == name  # git's own format
