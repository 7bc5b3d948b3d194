"""One file of an officer → the draft of a notice, with what to fill in and what to look at again.

`draft` reads that file and writes nothing: who asked lays the draft into a folder. A Word file becomes the
notice itself; a PDF, an old Word file or a poster is attached to a notice that is still to be written.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ...errors import BadInput, Problem
from ...lettering import nfc
from ...notice.attachment import attachment_problem
from ...notice.files import MAX_PICTURE
from ...notice.reading import MAX_FILE
from ...notice.written import blanks
from ...settings import Settings
from . import apart, letterhead, skeleton, writing
from .blocks import Paragraph, blocks
from .faithful import Note
from .letterhead import Letterhead
from .package import NotWordError

MAX_BYTES = 20 * 1024 * 1024  # of a file that is dropped: as large as an attachment may be
_OLE = b"\xd0\xcf\x11\xe0"  # how .doc begins, and a .docx with a password


@dataclass(frozen=True)
class Draft:
    """A draft: `name` is its file's name without `.md`, `files` lie beside it, `questions` are its blanks.

    Each question and warning is a `Problem` whose file is `<name>.md` or the officer's own file.
    """

    name: str
    markdown: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)
    questions: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def draft(path: Path, settings: Settings, now: datetime) -> Draft:
    """The draft that `path` makes.

    Raises `BadInput` for a file that makes none, `Unavailable` (`draft-extra`) where mammoth or pypdf is not
    installed, and `OSError`.
    """
    make = ENDINGS.get(path.suffix.lower())
    if make is None:
        raise _bad(path, "draft-type", known=", ".join(ENDINGS))
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _bad(path, "draft-large", limit=MAX_BYTES >> 20)
    try:
        return make(path, data, settings, now)
    except NotWordError as error:
        raise _bad(path, error.code, **error.values) from error


def _bad(path: Path, code: str, **values: Any) -> BadInput:
    return BadInput([Problem(code, path.name, values=values)])


# ── a Word file is the notice ────────────────────────────────────────────────────────────────────


def _word(path: Path, data: bytes, settings: Settings, now: datetime) -> Draft:
    if data.startswith(_OLE):
        raise NotWordError("word-locked")
    told = apart.answer("word", data)
    head, rest = letterhead.read(blocks(told["html"]))
    name = skeleton.slug(path.stem)
    title = skeleton.title_of(head) or _headline(head, rest)
    pictures = {source: base64.b64decode(content) for source, content in told["pictures"].items()}
    body = writing.body(rest, {source: f"{name}-{source}" for source in pictures})
    notes = [Note(code, values) for code, values in told["notes"]] + body.notes
    if head.has_seal:
        notes.append(Note("word-seal", {}))
    words = f"{title}\n{body.markdown}"
    fields = skeleton.header(head, title or _asked_title(path), words, settings, now)
    if not body.markdown:
        raise NotWordError("word-empty")
    files = {f"{name}-{source}": pictures[source] for source in dict.fromkeys(body.pictures)}
    return _made(path, name, fields, body.markdown, files, notes)


def _headline(head: Letterhead, rest: list[Any]) -> str:
    """The heading that a text without a letterhead begins with; it is the title then, and no more in the body."""
    first = rest[0] if rest else None
    stands_out = isinstance(first, Paragraph) and (first.heading or first.bold) and not first.pictures
    bare = head.number is None and not head.kind and len(rest) > 1
    if bare and isinstance(first, Paragraph) and stands_out and len(first.text) <= skeleton.MAX_TITLE:
        del rest[0]
        return first.text
    return ""


def _asked_title(path: Path) -> str:
    return skeleton.blank("tiêu đề", f"tên tệp là {skeleton.words_of_name(path.stem)}")


# ── anything else goes with a notice ─────────────────────────────────────────────────────────────


def _pdf(path: Path, data: bytes, settings: Settings, now: datetime) -> Draft:
    told = apart.answer("pdf", data)
    size = f"{told['width']} × {told['height']} mm"
    notes = (
        [Note("pdf-locked", {})]
        if told["locked"]
        else [Note("pdf-told", {"pages": told["pages"], "size": size, "kilobytes": -(-len(data) // 1024)})]
    )
    notes.append(Note("pdf-signed" if told["signed"] else "pdf-unsigned", {}))
    return _attached(path, data, settings, now, notes)


def _attached(path: Path, data: bytes, settings: Settings, now: datetime, notes: list[Note] | None = None) -> Draft:
    problem = attachment_problem(path, path.name, (0, None))
    if problem and problem.severity == "error":
        raise BadInput([problem])
    name = skeleton.slug(path.stem)
    beside = f"{name}{path.suffix.lower()}"
    fields = skeleton.header(Letterhead(), _asked_title(path), "", settings, now)
    fields.append(("Attachments", beside))
    return _made(path, name, fields, _BODY, {beside: data}, notes or [], [problem] if problem else [])


def _old_word(path: Path, data: bytes, settings: Settings, now: datetime) -> Draft:
    """A .doc may carry programs, and phones do not open it: it is asked for in another form."""
    fields = skeleton.header(Letterhead(), _asked_title(path), "", settings, now)
    fields.append(("Attachments", skeleton.blank(
        f"mở {skeleton.words_of_name(path.stem)} bằng Word, lưu thành PDF để cạnh tệp này rồi ghi tên tệp PDF",
        "không kèm tệp thì xóa dòng này",
    )))  # fmt: skip
    return _made(path, skeleton.slug(path.stem), fields, _BODY, {}, [Note("word-old", {})])


def _picture(path: Path, data: bytes, settings: Settings, now: datetime) -> Draft:
    from ..drawing import BadPictureError, decode

    if len(data) > MAX_PICTURE:
        raise NotWordError("draft-large", limit=MAX_PICTURE >> 20)
    try:
        width, height = decode(data).size
    except BadPictureError as error:
        raise NotWordError("not-a-picture", name=path.name) from error
    name = skeleton.slug(path.stem)
    beside = f"{name}{path.suffix.lower()}"
    fields = skeleton.header(Letterhead(), _asked_title(path), "", settings, now)
    fields.append(("Image", f"{beside} | {skeleton.blank('hình này cho thấy gì, cho người không nhìn được')}"))
    notes = [Note("picture-told", {"width": width, "height": height, "kilobytes": -(-len(data) // 1024)})]
    return _made(path, name, fields, _BODY, {beside: data}, notes)


_BODY = skeleton.blank("nội dung chính bằng chữ: việc gì, ở đâu, khi nào, ai cần biết, liên hệ ai")


def _made(
    path: Path, name: str, fields: list[tuple[str, str]], body: str, files: Mapping[str, bytes],
    notes: list[Note], told: list[Problem] | None = None,
) -> Draft:  # fmt: skip
    text = nfc("".join(f"{field}: {value}\n" for field, value in fields) + f"\n{body}\n")
    markdown = text.encode()
    if len(markdown) > MAX_FILE:
        raise NotWordError("draft-long", limit=MAX_FILE >> 10)
    warnings = [Problem(n.code, path.name, severity="warning", values=n.values) for n in notes]
    return Draft(name, markdown, files, tuple(blanks(text, f"{name}.md")), (*warnings, *(told or [])))


ENDINGS: Mapping[str, Callable[[Path, bytes, Settings, datetime], Draft]] = {
    ".docx": _word, ".pdf": _pdf, ".doc": _old_word, ".odt": _attached, ".xlsx": _attached, ".ods": _attached,
    ".jpg": _picture, ".jpeg": _picture, ".png": _picture, ".webp": _picture,
}  # fmt: skip
