"""A notice's way from the officer's folder into `content/`, back out of it, and at last to the posted ones.

**In** (`place`): moved to “Chờ duyệt”, it is copied below `content/thu-muc/<its name without marks>/`, files first,
text last. What lies there is only replaced when it is what we put there, or what the review book keeps anyway.

**Back** (`take_back`): moved to “Soạn thảo” again, the copy goes, so nobody can sign it; what is posted stays posted.

**On** (`posting`): once its page is served, the officer's file leaves “Chờ duyệt” for a new folder of its own in
“Đã đăng”, with all that it names. Officers expect that: a tray named “waiting” that fills with what is done is a tray
nobody reads. It is a rename on the same disk into a folder that did not exist, so nothing is copied and nothing can be
overwritten; where that cannot be had (another disk, Word has it open, a picture that another notice names too) it
stays, and its card says that it is posted.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from hashlib import sha256
from pathlib import Path

from ... import durable
from ...errors import Problem
from ...notice.reading import REVIEW_BOOK
from ...settings import Settings
from ..book import Book
from . import names
from .draft import Draft
from .looking import Paper
from .memory import Memory

_SHARED = stat.S_ISGID | 0o777  # what of the shared folder's rights its folders get
LONGEST = 240  # bytes of such a folder's name: a disk takes 255, with a number behind it
MAX_TRIES = 50  # names that are tried for a folder that nobody has


def place(draft: Draft, name: str, settings: Settings, memory: Memory) -> Problem | None:
    """Copy the notice below `content/`; why not, when somebody else's words lie there. Raises `OSError`."""
    book, ours = Book(settings.review_book), memory.placed.get(draft.ident, {})
    if draft.notice and (other := _namesake(draft.notice.slug, draft.ident, settings.content)):
        return Problem("slug-twice", name, None, "Slug", values={"slug": draft.notice.slug, "other": other})
    wanted = {address: path.read_bytes() for address, path in draft.files.items()}
    for address, data in wanted.items():
        target = settings.content / address
        if not _may_replace(target, data, ours.get(target.name, ""), book):
            return Problem("folder-copy-changed", name, values={"name": name, "copy": f"content/{address}"})
    for address, data in wanted.items():
        durable.write_if_changed(settings.content / address, data)
    memory.placed[draft.ident] = {Path(a).name: sha256(d).hexdigest() for a, d in wanted.items()}
    return None


def _namesake(slug: str, ident: str, content: Path) -> str:
    """Another notice's file whose page would have the same name; one that says so with `Slug:` is `check`'s to tell."""
    for folder, below, files in os.walk(content):
        below[:] = [name for name in below if name != REVIEW_BOOK and not name.startswith(".")]
        if f"{slug}{names.NOTICE}" in files:
            found = (Path(folder) / slug).relative_to(content).as_posix()
            if found != ident:
                return f"{found}{names.NOTICE}"
    return ""


def _may_replace(target: Path, data: bytes, ours: str, book: Book) -> bool:
    if not target.exists() and not target.is_symlink():
        return True
    if target.is_symlink() or not target.is_file():
        return False
    held = target.read_bytes()
    digest = sha256(held).hexdigest()
    kept = book.folder / "files" / f"{digest}.{target.name.rpartition('.')[2].lower()}"
    return held == data or digest == ours or kept.is_file()


def take_back(ident: str, settings: Settings, memory: Memory) -> bool:
    """Whether our copy was taken away; one that somebody has changed since stays."""
    ours = memory.placed.get(ident, {})
    path = settings.content / f"{ident}{names.NOTICE}"
    try:
        if path.is_symlink() or sha256(path.read_bytes()).hexdigest() != ours.get(path.name):
            return False
    except FileNotFoundError:
        return False
    finally:
        memory.placed.pop(ident, None)
    durable.remove(path)
    return True


def posting(paper: Paper, along: Sequence[Path], root: Path, tray: Path, day: date) -> list[tuple[str, str]]:
    """The renames that take a posted notice away; none when it had better stay."""
    if paper.locked or any(_is_open(path) for path in along):
        return []
    if paper.alone and is_open(paper.path.parent):
        return []
    if paper.alone and {f.path for same in paper.beside.values() for f in same}:
        source = paper.path.parent
        target = unused(tray, f"{day:%Y-%m-%d} {source.name}")
        return [(_below(source, root), _below(target, root))] if target else []
    target = unused(tray, f"{day:%Y-%m-%d} {paper.path.stem}".rstrip(" ."))
    if target is None:
        return []
    every = [*along, paper.path]  # the notice last: while it is here, all is tried again
    return [(_below(path, root), _below(target / path.name, root)) for path in every]


def is_open(folder: Path) -> bool:
    """Whether Word or LibreOffice has a file open anywhere in it: Linux would move it away from under them."""
    return any(names.is_lock(path.name) for path in folder.rglob("*"))


def _is_open(path: Path) -> bool:
    marks = names.lock_marks(path.name)
    return any(names.key(name) in marks for name in os.listdir(path.parent))  # noqa: PTH208 (names alone)


def share(path: Path, root: Path) -> None:
    """Give what we made in the folder the rights of the folder itself, so that officers may change and move it."""
    with suppress(OSError):  # a share that knows no rights, or one where they are another's to give
        mode = stat.S_IMODE(root.stat().st_mode)
        path.chmod(mode & (_SHARED if path.is_dir() else 0o666))


def unused(tray: Path, name: str) -> Path | None:
    """A name below `tray` that nothing has: this one, or with a number; None when they are all taken."""
    name = name.encode("utf-8", "surrogateescape")[:LONGEST].decode("utf-8", "ignore").rstrip(" .")
    for number in range(1, MAX_TRIES):
        found = tray / (name if number == 1 else f"{name} ({number})")
        if not found.exists() and not found.is_symlink():
            return found
    return None


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def move(root: Path, memory: Memory) -> list[tuple[str, str]]:
    """Make the moves that were decided, those too that a power cut has left; which were made.

    When one cannot be made (a file is open, another disk) all are undone: the notice stays whole where it is.
    """
    made: list[tuple[str, str]] = []
    for source, target in memory.moves:
        old, new = root / source, root / target
        try:
            if not new.parent.exists():
                new.parent.mkdir(parents=True)
                share(new.parent, root)
            if old.is_dir():
                rename_folder(old, new)
            else:
                durable.move(old, new)
            made.append((source, target))
        except FileNotFoundError:
            continue  # moved before the power cut, or taken away by its officer
        except OSError:
            for back, gone in reversed(made):
                with suppress(OSError):
                    durable.move(root / gone, root / back)
            made = []
            break
    memory.moves = []
    return made


def rename_folder(old: Path, new: Path) -> None:
    """Move a folder whole to a place that nothing has; raises `OSError`."""
    if new.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(new))
    old.rename(new)  # onto a folder with anything in it no system renames
