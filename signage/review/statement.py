"""A statement: one notice bound to its words, its files and the slides that a person saw.

Its file is canonical JSON and is named by its SHA-256; a record signs that name. Format:
docs/formats.md, "Statement".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..notice.canonical import NOTICE_ID, SourceFile
from ..notice.files import MAX_FILM
from ..notice.vocabulary import CLASSES, EMERGENCY, KINDS
from ..publication import Shape
from ..wire import BadFormat, Fields, canonical, parse, sha256, when
from .slide import SlideFile

MAX_STATEMENT = 64 * 1024  # bytes
MAX_SHAPES = 16  # board shapes in one statement
MAX_SLIDES = 60  # slides of one notice on one shape
MAX_FILES = 40  # pictures and attachments of one notice
MAX_BOARDS = 200  # boards and groups that one notice names
MAX_DRAWN_BY = 16  # programs and parts that drew it
MAX_WORDS = 2000  # characters of an emergency's words
_BOARD = re.compile(r"all|none|(?:board|group):[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
# The name goes into folders and addresses: never a path, never hidden.
_FILE_NAME = re.compile(r"[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,199}")


@dataclass(frozen=True)
class Statement:
    """What two people sign. `text` is the SHA-256 of the canonical text, `digest` of it with its files."""

    commune: str
    notice: str
    digest: str
    text: str
    files: tuple[SourceFile, ...]
    kind: str
    klass: str
    title: str
    start: datetime
    end: datetime
    boards: tuple[str, ...]
    slides: dict[str, tuple[SlideFile, ...]]  # by shape name
    drawn_by: dict[str, str]
    # For emergencies: level, source, bulletin_time, words; optional: template (the statement of one that was
    # prepared and approved before), drill (true).
    alert: dict[str, Any] | None = None

    def to_bytes(self) -> bytes:
        return canonical(self.as_json())

    @property
    def sha256(self) -> str:
        return sha256(self.to_bytes())

    @property
    def is_emergency(self) -> bool:
        """What the duty person raises; not its template."""
        return self.klass == EMERGENCY and self.alert is not None

    @property
    def is_template(self) -> bool:
        """An emergency prepared beforehand: it says what to do, not that anything happens."""
        return self.klass == EMERGENCY and self.alert is None

    def names(self) -> list[str]:
        """The names of the files that boards fetch for it, each once: slides, and the films that play in them."""
        every = [slide for slides in self.slides.values() for slide in slides]
        return list(dict.fromkeys([s.name for s in every] + [s.film.name for s in every if s.film]))

    def as_json(self) -> dict[str, Any]:
        return {
            "v": 1, "commune": self.commune, "notice": self.notice, "digest": self.digest, "text": self.text,
            "files": [{"name": f.name, "sha256": f.sha256, "size": f.size} for f in self.files],
            "kind": self.kind, "class": self.klass, "title": self.title,
            "start": when(self.start), "end": when(self.end), "boards": list(self.boards),
            "slides": {shape: [s.as_json() for s in slides] for shape, slides in self.slides.items()},
            "drawn_by": self.drawn_by, "alert": self.alert,
        }  # fmt: skip

    @classmethod
    def read(cls, data: bytes) -> Statement:
        """The statement in these bytes; raises `BadFormat`, also when they are not its canonical form."""
        fields = parse(data, limit=MAX_STATEMENT)
        shapes = fields.object("slides")
        if len(shapes.raw) > MAX_SHAPES:
            raise BadFormat(shapes.at("*"), f"more than {MAX_SHAPES} shapes")
        statement = cls(
            commune=fields.commune("commune"),
            notice=fields.matching("notice", NOTICE_ID, "not a notice's id"),
            digest=fields.sha("digest"),
            text=fields.sha("text"),
            files=tuple(_file(f) for f in fields.objects("files", most=MAX_FILES)),
            kind=fields.choice("kind", tuple(KINDS)),
            klass=fields.choice("class", tuple(CLASSES)),
            title=fields.text("title", least=1, most=200),
            start=fields.when("start"),
            end=fields.when("end"),
            boards=tuple(fields.texts("boards", most=MAX_BOARDS, pattern=_BOARD)),
            slides={shape: _slides(shapes, shape) for shape in shapes.raw},
            drawn_by=_drawn_by(fields.object("drawn_by")),
            alert=_alert(fields),
        )
        if not statement._is(data):
            raise BadFormat("$", "not the canonical form of a statement that this program knows whole")
        if statement.end <= statement.start:
            raise BadFormat("$.end", "not after start")
        return statement

    def _is(self, data: bytes) -> bool:
        try:
            return self.to_bytes() == data
        except ValueError:  # a name of half a surrogate pair, that no file can hold
            return False


def _file(fields: Fields) -> SourceFile:
    name = fields.matching("name", _FILE_NAME, "not the name of a file beside the notice")
    return SourceFile(name, fields.sha("sha256"), fields.integer("size", most=MAX_FILM))


def _drawn_by(fields: Fields) -> dict[str, str]:
    if len(fields.raw) > MAX_DRAWN_BY:
        raise BadFormat(fields.at("*"), f"more than {MAX_DRAWN_BY} parts")
    Fields({"name": max(fields.raw, key=len, default="")}, fields.at("*")).text("name", most=100)
    return {part: fields.text(part, most=200) for part in fields.raw}


def _slides(shapes: Fields, shape: str) -> tuple[SlideFile, ...]:
    try:
        Shape.named(shape)
    except ValueError as error:
        raise BadFormat(shapes.at(shape[:40]), "not a shape like lcd-1920x1080") from error
    return tuple(SlideFile.read(s) for s in shapes.objects(shape, most=MAX_SLIDES))


def _alert(fields: Fields) -> dict[str, Any] | None:
    alert = fields.maybe("alert", fields.object)
    if alert is None:
        return None
    found = {
        "level": alert.integer("level", least=1, most=5),
        "source": alert.text("source", least=1, most=200),
        "bulletin_time": when(alert.when("bulletin_time")),
        "words": alert.text("words", least=1, most=MAX_WORDS),
    }
    if alert.has("template"):
        found["template"] = alert.sha("template")
    if alert.has("drill") and alert.boolean("drill"):
        found["drill"] = True
    return found
