"""An officer's file as the notice that it would be: read, looked at, drawn; nothing is written beside it.

It is read in a small content folder of its own below `state/`, under the id that it would have, with the files that it
names beside it: there the same reader, the same drawing and the same preview do their work as for every notice. The
text comes in NFC with LF line ends whatever editor or `core.autocrlf` made of it; a picture comes bare of place and
time, as `Desk.submit` would make it, so what is signed later is byte for byte what the card showed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from ... import durable
from ...errors import BadInput, Problem
from ...lettering import nfc
from ...notice import Notice, hints, read_file
from ...notice.files import ATTACHMENT_TYPES, FILM_ENDINGS, MAX_FILM
from ...notice.reading import MAX_FILE, named_files
from ...review import People
from ...settings import Settings
from .. import brevity, duties, metadata, slides
from ..desk import Desk
from ..rules import read_rules
from . import names
from .looking import Found, Paper

# No link is followed and no pipe waited for, though one may have taken the file's place since it was seen.
_AS_SEEN = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK"))
MAX_BESIDE = 200 * 1024 * 1024  # bytes of all files that one notice names
MAX_PROBLEMS = 60  # of one notice: after that, one knows
LONGEST_LINE = 200  # characters of a line that the card repeats
WORK = "thu-muc"  # below state/
WRITTEN = (".docx", ".doc", ".odt")


class MovedError(Exception):
    """A file changed or went while it was read: look again."""


@dataclass(frozen=True)
class Draft:
    """What one file of an officer is worth as it is now."""

    ident: str
    title: str
    notice: Notice | None
    drawn: slides.Drawn | None  # None when there are problems
    problems: tuple[Problem, ...]
    settings: Settings  # the commune's, with the small content folder in place of its own
    along: tuple[Found, ...]  # the officer's files that the notice names
    missing: tuple[str, ...] = ()  # keys of those that are not there
    typed: dict[int, str] = field(default_factory=dict)  # the lines that problems name, as they were typed

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.severity == "error"]

    @property
    def good(self) -> bool:
        return self.drawn is not None and not self.errors

    @property
    def files(self) -> dict[str, Path]:
        """What would lie below `content/`, by its path there; the text comes last."""
        content = self.settings.content
        every = [p for p in content.rglob("*") if p.is_file()]
        every.sort(key=lambda p: (p.suffix == names.NOTICE, p))
        return {path.relative_to(content).as_posix(): path for path in every}


def read(paper: Paper, settings: Settings) -> Draft:
    """Raises `MovedError` when the file is not what was looked at, `OSError` when it cannot be read."""
    name, ident = paper.path.name, names.ident(paper.path.name)
    mark = sha256(names.key(str(paper.path)).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    own = replace(settings, folder=settings.state / WORK / mark)
    nothing = Draft(ident, paper.path.stem, None, None, (), own, ())
    if paper.file.size > MAX_FILE:
        return replace(nothing, problems=(Problem("file-large", name, values={"limit": MAX_FILE // 1024}),))
    text, problem = _text(_bytes(paper.file), name)
    if problem:
        return replace(nothing, problems=(problem,))
    shutil.rmtree(own.folder, ignore_errors=True)
    path = own.content / f"{ident}{names.NOTICE}"
    along, problems = _gather(text, paper, path.parent)
    durable.write(path, text.encode(), sync=False)
    notice, found = read_file(path, own.content, settings.places)
    mine = (settings.commune.phone, *settings.commune.phones)
    problems += [p for p in found if not _told_already(p, problems)]
    problems += hints.hints(text, name, mine)
    draft = replace(nothing, notice=notice, along=tuple(along), title=notice.title if notice else _title(text, name))
    drawn = None
    if notice is not None and not any(p.severity == "error" for p in problems):
        drawn, more = _drawn(notice, own, path.parent, settings.folder)
        problems += more
    problems += _unnamed(paper, along)
    problems = [replace(p, file=name) for p in problems][:MAX_PROBLEMS]
    order = sorted(problems, key=lambda p: (p.severity != "error", p.line or 0))
    lines = text.split("\n")
    typed = {p.line: lines[p.line - 1][:LONGEST_LINE] for p in order if p.line and p.line <= len(lines)}
    missing = {names.key(n) for n in named_files(text)} - {names.key(f.path.name) for f in along}
    return replace(draft, drawn=drawn, problems=tuple(order), missing=tuple(missing), typed=typed)


def _bytes(found: Found) -> bytes:
    """The file's bytes, if it is still the file that was seen."""
    try:
        with os.fdopen(os.open(found.path, _AS_SEEN), "rb") as file:
            data = file.read(found.size + 1)
            told, same = found.path.lstat(), os.fstat(file.fileno())
    except FileNotFoundError as error:
        raise MovedError(found.path.name) from error
    now = (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)
    if now != found.identity or len(data) != found.size or not os.path.samestat(told, same):
        raise MovedError(found.path.name)
    return data


def _text(data: bytes, name: str) -> tuple[str, Problem | None]:
    """The text as every later step has it; Notepad's “Unicode” is UTF-16 and says so in its first bytes."""
    coding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        return nfc(data.decode(coding)), None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return "", Problem("not-utf8", name, line)


def _title(text: str, name: str) -> str:
    first = next((line for line in text.split("\n")[:40] if line.lower().startswith("title:")), "")
    return first[6:].strip()[:200] or Path(name).stem


def _gather(text: str, paper: Paper, folder: Path) -> tuple[list[Found], list[Problem]]:
    """The files that the text names, laid into `folder` under the names that it gives them."""
    found: list[Found] = []
    problems: list[Problem] = []
    total = 0
    for wanted in named_files(text):
        same = paper.beside.get(names.key(wanted), [])
        exact = [f for f in same if f.path.name == wanted]
        if len(same) > 1 and not exact:
            told = "; ".join(f"“{f.path.name}”" for f in same)
            problems.append(Problem("folder-name-twice", paper.path.name, values={"name": wanted, "names": told}))
        if not same or "/" in wanted or "\\" in wanted:
            continue  # the reader says that it is missing, on its line
        one = (exact or same)[0]
        total += one.size
        if one.size > MAX_FILM or total > MAX_BESIDE:
            values = {"name": wanted, "most": MAX_BESIDE // 1024**2, "one": MAX_FILM // 1024**2}
            problems.append(Problem("folder-large", paper.path.name, values=values))
            continue
        data = _bytes(one)
        try:
            data = metadata.bare_file(wanted, data)
        except ValueError:
            problems.append(Problem("picture-broken", paper.path.name, values={"name": wanted}))
        durable.write(folder / wanted, data, sync=False)
        found.append(one)
    return found, problems


def _told_already(problem: Problem, known: Iterable[Problem]) -> bool:
    """Whether a missing file is only missing because we have already said what is wrong with it."""
    named = {p.values.get("name") for p in known}
    return problem.code == "file-missing" and problem.values.get("name") in named


def _drawn(notice: Notice, own: Settings, folder: Path, commune: Path) -> tuple[slides.Drawn | None, list[Problem]]:
    """The slides as `submit` would draw them, and what boards make of it; nobody's key is needed."""
    pictures: Mapping[str, bytes] = {file.name: (folder / file.name).read_bytes() for file in notice.files}
    try:
        drawn = Desk(own, People(())).drawn(notice, pictures)
    except BadInput as error:
        return None, list(error.problems)
    found = brevity.problems(notice, own.commune, own.boards)
    with suppress(BadInput):  # the rules are the operator's, and `bangtin check` says what is wrong with them
        found += duties.short_postings([notice], read_rules(commune))
    return drawn, found


def _unnamed(paper: Paper, along: Iterable[Found]) -> list[Problem]:
    """A file in a notice's own folder, or of its name, that the notice does not name: it was meant for something."""
    near = [f for same in paper.beside.values() for f in same] if paper.alone else paper.namesakes()
    named = {found.path for found in along} | {paper.path}
    words = [f.path for f in paper.namesakes() if f.path.suffix.lower() in WRITTEN]  # what it was drafted from
    left = [f.path.name for f in near if f.path not in named and f.path not in words]
    kinds = (*ATTACHMENT_TYPES, *FILM_ENDINGS)
    return [
        Problem("folder-unnamed", paper.path.name, severity="warning", values={"name": name})
        for name in left
        if name.lower().endswith(kinds)
    ][:5]
