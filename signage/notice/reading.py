"""Fields → `Notice`, collecting every problem instead of stopping at the first.

`read_all` reads a commune's whole content folder; `parse` turns the canonical text of something
already signed back into a notice (for the site and the archive).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..errors import Problem
from ..lettering import control_characters, legacy_encoding, nfc
from . import header, occasions
from .attachment import attachment_problem
from .canonical import NOTICE_ID, SourceFile, canonical_text, digest
from .fields import MAX_SUMMARY, FieldReader, Sort
from .files import picture_problem, source_file
from .model import Notice
from .vocabulary import PAGE
from .written import blanks, conflicts, without

REVIEW_BOOK = "so-duyet"  # folder below content/ that holds what was signed; never read as notices
MAX_FILE = 256 * 1024  # bytes of a notice's text: about a hundred printed pages
MAX_TANGLE = 30_000_000  # of `_tangle`: Markdown takes about a second for it
MAX_INDENT = 200  # columns before a line's first letter: Markdown descends a level every four
MAX_NOTICES = 100_000  # files in one commune's content folder
# Possessive and of limited length each, so that no line of text makes them try again and again.
_BODY_PICTURE = re.compile(r"!\[([^\]]{0,1000}+)\]\(\s{0,99}+<?([^)\s>]{1,300}+)>?[^)]{0,1000}+\)")
_OPENING = re.compile(r"[\[<>]")
_RAW_HTML = re.compile(r"<[A-Za-z/!?][^<>\n]*+>")
_AUTOLINK = re.compile(r"<[^<>\s@:/]++[@:/][^<>\s]*+>")


@dataclass(frozen=True)
class Places:
    """The names that a notice may use: boards, groups and hamlets of the commune."""

    boards: frozenset[str]
    groups: frozenset[str]
    hamlets: frozenset[str]


@dataclass
class Reading:
    """What was read: good notices by id, and every problem, in order of file and line."""

    notices: dict[str, Notice] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.severity == "error"]


def notice_files(content: Path) -> Iterator[Path]:
    """The notices' and pages' files, sorted; hidden files, temporary ones and the review book left out."""
    count = 0
    for path in sorted(content.rglob("*.md")):
        parts = path.relative_to(content).parts
        if parts[0] == REVIEW_BOOK or any(p.startswith((".", "~$")) for p in parts):
            continue
        count += 1
        if count > MAX_NOTICES:
            return
        yield path


def read_all(content: Path, places: Places) -> Reading:
    """Every notice below `content`, and all problems of all files."""
    reading = Reading()
    slugs: dict[str, str] = {}
    for path in notice_files(content):
        notice, problems = read_file(path, content, places)
        reading.problems += problems
        if notice is None:
            continue
        first = slugs.setdefault(notice.slug, notice.id)
        if first != notice.id:
            reading.problems.append(twice(notice.id, first, notice.slug))
            continue
        reading.notices[notice.id] = notice
    return reading


def twice(ident: str, first: str, slug: str) -> Problem:
    """What is wrong with a notice whose address the notice `first` has already."""
    return Problem("slug-twice", f"{ident}.md", None, "Slug", values={"slug": slug, "other": f"{first}.md"})


def read_file(path: Path, content: Path, places: Places) -> tuple[Notice | None, list[Problem]]:
    """The notice in `path`, or None with what is wrong (warnings may come with a notice)."""
    shown = path.relative_to(content).as_posix()
    ident = shown.removesuffix(".md")
    if not NOTICE_ID.fullmatch(ident):
        return None, [Problem("file-name", shown, values={"name": shown})]
    if path.is_symlink():
        return None, [Problem("file-link", shown)]
    if path.stat().st_size > MAX_FILE:
        return None, [Problem("file-large", shown, values={"limit": MAX_FILE // 1024})]
    try:
        text = nfc(path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return None, [Problem("not-utf8", shown, line)]
    fields, body, first_line, problems = header.split(text, shown)
    problems += _lettering_problems(text, shown)
    problems += _body_problems(body, first_line, shown)
    files: list[SourceFile] = []
    for name, where, is_picture in _named_files(fields, body, first_line):
        file, problem = source_file(path.parent, name, shown, where, film=where[1] == "Film")
        if problem is None and is_picture:
            problem = picture_problem(path.parent / name, shown, where)
        elif problem is None and where[1] == "Attachments":
            problem = attachment_problem(path.parent / name, shown, where)
        if problem:
            problems.append(problem)
        if file and (problem is None or problem.severity == "warning") and file not in files:
            files.append(file)
    notice, found = _build(ident, fields, body, tuple(sorted(files, key=lambda f: f.name)), places, shown)
    missing = blanks(text, shown) + conflicts(text, shown)
    problems = sorted([*without(problems + found, missing), *missing], key=lambda p: p.line or 0)
    return (None if any(p.severity == "error" for p in problems) else notice), problems


def parse(ident: str, text: bytes, files: tuple[SourceFile, ...]) -> Notice:
    """The notice that a canonical text stands for; raises `ValueError` when it does not stand for one.

    Names of boards and hamlets are not checked: they were when it was signed.
    """
    fields, body, _, problems = header.split(text.decode(), ident)
    notice, found = _build(ident, fields, body, files, None, ident)
    errors = [p.code for p in problems + found if p.severity == "error"]
    if notice is None or errors or notice.text != text:
        raise ValueError(f"{ident}: not the canonical text of a notice {errors}")
    return notice


def _build(
    ident: str, fields: dict[str, header.Field], body: str, files: tuple[SourceFile, ...],
    places: Places | None, shown: str,
) -> tuple[Notice | None, list[Problem]]:  # fmt: skip
    read = FieldReader(fields, shown)
    title = read.text("title", most=200, required=True)
    date = read.moment("date", required=True)
    is_page = (kind := read.kind()) == PAGE
    slug = read.slug(PurePosixPath(ident).name)
    sort = read.sort(kind, klass := read.klass())
    start, end = read.validity(date, sort)
    parts = {
        "category": read.category(required=not is_page),
        "hamlets": read.hamlets(places.hamlets if places else None),
        "boards": ("none",) if is_page else read.boards(places.boards, places.groups) if places else read.boards(),
        "hours": read.hours(),
        "days": read.days(),
        "yearly": read.yearly(start, end),
        "on_holidays": read.yes("holidays", default=True),
        "issuer": (issuer := read.issuer()),
        "document": read.document(issuer),
        "facts": read.facts(),
        "summary": read.text("summary", most=MAX_SUMMARY, required=not is_page),
        "board_summary": read.text("board-summary", most=600),
        "image": read.picture(),
        "film": read.film(klass),
        "attachments": read.names("attachments"),
        "calendar": occasions.read(read),
        "alert": read.alert(sort),
        "prepared": sort is Sort.PREPARED,
        "evergreen": read.yes("evergreen"),
        "order": read.integer("order", default=100, least=-1000, most=1000),
    }
    if not body.strip():
        read.problem("body-empty", None)
    if _tangle(body) > MAX_TANGLE or max(map(_indent, body.split("\n"))) > MAX_INDENT:
        read.problem("body-tangled", None)
    if read.failed or date is None or start is None or end is None:
        return None, read.problems
    text = canonical_text({f.name: f.value for f in fields.values()}, body)
    notice = Notice(
        id=ident, slug=slug, title=title, date=date, kind=kind, klass=klass, start=start, end=end,
        body=text.decode().split("\n\n", 1)[1], text=text, files=files, digest=digest(text, files),
        **parts,  # type: ignore[arg-type]
    )  # fmt: skip
    return notice, read.problems


def _tangle(body: str) -> int:
    """How long Markdown may look for what closes a sign: in each block, from each `[`, `<` and `>` to its end."""
    return sum(len(block) * len(_OPENING.findall(block)) for block in re.split(r"\n[ \t]*\n", body))


def _indent(line: str) -> int:
    """Columns before the first letter: lists in lists in lists …"""
    lead = line[: len(line) - len(line.lstrip(" \t"))]
    return len(lead) + 3 * lead.count("\t")


def _named_files(
    fields: dict[str, header.Field], body: str, first_line: int
) -> Iterator[tuple[str, tuple[int, str | None], bool]]:
    """(name, (line, field), is a picture) of each file that the notice names."""
    if image := fields.get("image"):
        yield image.value.split("|")[0].strip(), (image.line, image.name), True
    if film := fields.get("film"):
        yield film.value.split("|")[0].strip(), (film.line, film.name), False
    if attached := fields.get("attachments"):
        for name in filter(None, (n.strip() for n in attached.value.split(";"))):
            yield name, (attached.line, attached.name), False
    for number, line in enumerate(body.split("\n"), start=first_line):
        for match in _BODY_PICTURE.finditer(line):
            yield match[2], (number, None), True


def named_files(text: str) -> list[str]:
    """The names of the files that a notice's text (NFC) asks for, each once, in order."""
    fields, body, first, _ = header.split(text, "")
    return list(dict.fromkeys(name for name, _, _ in _named_files(fields, body, first)))


def _lettering_problems(text: str, shown: str) -> list[Problem]:
    problems = []
    for number, line in enumerate(text.split("\n"), start=1):
        if bad := control_characters(line):
            code = " ".join(f"U+{ord(c):04X}" for c in bad)
            problems.append(Problem("control-character", shown, number, values={"characters": code}))
    if encoding := legacy_encoding(text):
        lines = text.split("\n")
        where = next((n for n, t in enumerate(lines, 1) if legacy_encoding(t)), 1)
        values = {"encoding": encoding, "text": lines[where - 1][:40]}
        problems.append(Problem("legacy-encoding", shown, where, values=values))
    return problems


def _body_problems(body: str, first_line: int, shown: str) -> list[Problem]:
    return [
        Problem("raw-html", shown, number, values={"text": match[0][:40]})
        for number, line in enumerate(body.split("\n"), start=first_line)
        if (match := _RAW_HTML.search(_AUTOLINK.sub("", re.sub(r"`[^`]*`", "", line))))
    ]
