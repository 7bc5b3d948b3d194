"""mammoth, the only module that knows it: a Word file's words, tables and pictures as clean HTML.

Run in a process of its own by `apart`: what a made-up file may take in time and memory ends there.
"""

from __future__ import annotations

import html as entities
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import mammoth
import nh3

from ...lettering import nfc
from .faithful import MAX_QUOTED, Note, faithful
from .package import NotWordError
from .plain import CENTRED, ITEM, MAX_BULLET

MAX_HTML = 4 * 1024 * 1024  # characters; a notice's text is at most 256 KiB
MAX_PICTURES = 40  # pictures of one document
PICTURES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
_STYLE_MAP = "\n".join([
    f"p.{CENTRED} => p.{CENTRED}:fresh",
    *(f"p.{ITEM}{level} => p.{ITEM}{level}:fresh" for level in range(MAX_BULLET)),
])  # fmt: skip
_TAGS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "sup", "sub", "a", "br", "img", "table",
         "thead", "tbody", "tr", "th", "td", "ol", "ul", "li"}  # fmt: skip
_ATTRIBUTES = {
    "p": {"class"}, "a": {"href", "id"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"}, "li": {"id"},
}  # fmt: skip
_WORD = re.compile(r"\w+")


@dataclass
class Word:
    """A Word file as clean HTML; `pictures` by the name that an `img` has for its source."""

    html: str
    notes: list[Note] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)


def read(data: bytes) -> Word:
    """Raises `NotWordError`, whatever is wrong with the file."""
    try:
        return _read(data)
    except (NotWordError, MemoryError):
        raise
    except Exception as error:  # mammoth says nothing of what it raises for a file that Word would not write
        raise NotWordError("word-damaged") from error


def _read(data: bytes) -> Word:
    made = faithful(data)
    found = Word("", list(made.notes))

    def picture(image: Any) -> dict[str, str]:
        if len(found.pictures) >= MAX_PICTURES:
            raise NotWordError("word-heavy", limit=f"{MAX_PICTURES} hình")
        if image.content_type not in PICTURES:
            found.notes.append(Note("word-picture-kind", {"kind": image.content_type.rpartition("/")[2]}))
            return {"src": ""}
        with image.open() as file:
            content = file.read()
        name = next((n for n, c in found.pictures.items() if c == content), "")
        name = name or f"hinh-{len(found.pictures) + 1}{PICTURES[image.content_type]}"
        found.pictures[name] = content
        return {"src": name}

    with io.BytesIO(made.package) as package:
        html = mammoth.convert_to_html(
            package, style_map=_STYLE_MAP, convert_image=mammoth.images.img_element(picture),
            include_embedded_style_map=False, external_file_access=False,
        ).value  # fmt: skip
    if len(html) > MAX_HTML:
        raise NotWordError("word-heavy", limit=f"{MAX_HTML >> 20} triệu ký tự")
    found.html = nfc(nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None,
                               url_schemes={"https", "http", "mailto", "tel"}))  # fmt: skip
    if lost := _lost(made.words, found.html):
        found.notes.append(Note("word-lost", {"text": lost}))
    return found


def _lost(shown: str, html: str) -> str:
    """Words that the paper has and the HTML has not: mammoth drops what it does not know."""
    have = Counter(_WORD.findall(entities.unescape(re.sub(r"<[^>]*>", " ", html))))
    gone = Counter(_WORD.findall(shown)) - have
    words = [w for w in dict.fromkeys(_WORD.findall(shown)) if gone[w]]
    joined = "".join(_WORD.findall(shown))
    whole = "".join(_WORD.findall(entities.unescape(re.sub(r"<[^>]*>", "", html))))
    return "" if joined == whole or not words else " ".join(words)[:MAX_QUOTED]
