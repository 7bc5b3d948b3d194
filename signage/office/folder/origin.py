"""A Word file, a PDF or a poster that was dropped: its draft is laid beside it, for the officer to complete.

The officer's own file is read and stays. The draft is ours until the officer changes one letter of it: saved anew, the
Word file is drafted anew; after that it is the officer's, and the card says that the Word file is newer. Of several
files of one name the Word file makes the draft: a signed PDF beside it is there to be attached. A picture makes a
draft only in a folder of pictures, the first for all: beside notices and Word files it is there for one of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize

from ... import durable
from ...errors import BadInput, BangtinError, Problem
from ...settings import Settings
from ..drafting.draft import Draft, draft
from . import names, placing
from .looking import Paper
from .memory import Drafted, Memory

TEXTS = (".docx", ".doc", ".odt", ".pdf")
POSTERS = (".jpg", ".jpeg", ".png", ".webp")
_PARTED = ";|()<>"  # which part names in a notice


def is_one(paper: Paper, named: Iterable[str]) -> bool:
    """Whether the draft of its name is to be made of it; `named`: by the notices beside it."""
    name = names.key(paper.path.name)
    if name in named:
        return False
    if name.endswith(TEXTS):
        return beside(paper) == paper.path
    posters = [other for other in paper.beside if other.endswith(POSTERS)]
    return paper.alone and not any(n.endswith(TEXTS) for n in paper.beside) and name == min(posters, default="")


def beside(paper: Paper) -> Path | None:
    """The Word file or PDF of this name: of several the one that says most."""
    stem = names.key(paper.path.stem)
    found = (f.path for ending in TEXTS for f in paper.beside.get(f"{stem}{ending}", ()))
    return next(found, None)


def drafted_name(paper: Paper) -> str:
    """The draft's file beside it."""
    return f"{normalize('NFC', paper.path.stem)}{names.NOTICE}"


def lay(paper: Paper, below: str, settings: Settings, memory: Memory, now: datetime) -> list[Problem]:
    """Lay the draft beside its file when there is none, or when it is still ours and older; what stands in the way.

    `below`: the draft's path below the shared folder.
    """
    old = memory.drafted.get(below)
    path = paper.path.with_name(drafted_name(paper))
    mark = repr(paper.file.identity[1:])
    if path.exists() and (old is None or not _is(path, old.sha256)):
        return []  # the officer's own
    if old and old.mark == mark and path.exists():
        return []
    before = _digest(path)
    made = _made(paper, f"{mark} {now:%d%H}", settings, memory, now)
    if not isinstance(made, Draft):
        return made
    files = _files(made, paper)
    if _digest(path) != before:
        return []  # its officer wrote there while the Word file was read
    taken = [n for n, data in files.items() if n != path.name and _other(paper.path.with_name(n), data, old)]
    if taken:
        folder = paper.path.parent.name
        return [Problem("draft-exists", paper.path.name, values={"name": n, "folder": folder}) for n in taken]
    for name, data in files.items():  # the notice last
        if durable.write_if_changed(paper.path.with_name(name), data):
            placing.share(paper.path.with_name(name), settings.shared)
    told = tuple((p.code, tuple(sorted((k, str(v)) for k, v in p.values.items()))) for p in made.warnings)
    digests = {n: sha256(d).hexdigest() for n, d in files.items()}
    memory.drafted[below] = Drafted(paper.path.name, mark, digests[path.name], tuple(digests.items()), told)
    return []


def _made(paper: Paper, mark: str, settings: Settings, memory: Memory, now: datetime) -> Draft | list[Problem]:
    """The draft, or why there is none: of the same file asked once an hour, for the machine may have been busy."""
    known, why = memory.failed.get(paper.path, ("", []))
    if known == mark:
        return why
    try:
        return draft(paper.path, settings, now)
    except BangtinError as error:
        told = error.problems if isinstance(error, BadInput) else [Problem(error.code, "", values=error.values)]
        why = [replace(problem, file=paper.path.name) for problem in told]
        memory.failed[paper.path] = mark, why
        return why


def told(paper: Paper, below: str, memory: Memory) -> list[Problem]:
    """What the drafting had to say about a notice's file, and whether its origin has been saved since."""
    old = memory.drafted.get(below)
    if old is None:
        return []
    found = [Problem(code, old.origin, severity="warning", values=dict(values)) for code, values in old.told]
    origin = next((f for f in paper.beside.get(names.key(old.origin), ())), None)
    if origin and repr(origin.identity[1:]) != old.mark and not _is(paper.path, old.sha256):
        values = {"name": old.origin, "draft": paper.path.name}
        found.append(Problem("folder-origin-newer", paper.path.name, severity="warning", values=values))
    return found


def _files(made: Draft, paper: Paper) -> dict[str, bytes]:
    """The draft's files under names that fit beside their origin, which is named instead of copied."""
    data, own = paper.path.read_bytes(), normalize("NFC", paper.path.name)
    text, files = made.markdown, {}
    for name, content in made.files.items():
        if content == data and not set(own) & set(_PARTED):
            text = text.replace(name.encode(), own.encode())
        else:
            files[name] = content
    return {**files, drafted_name(paper): text}


def _other(path: Path, data: bytes, old: Drafted | None) -> bool:
    """Whether somebody else's file has the name."""
    ours = dict(old.files).get(path.name, "") if old else ""
    return path.exists() and not _is(path, ours) and path.read_bytes() != data


def _is(path: Path, digest: str) -> bool:
    return _digest(path) == digest


def _digest(path: Path) -> str | None:
    try:
        return durable.sha256_of(path)
    except OSError:
        return None
