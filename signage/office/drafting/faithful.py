"""A Word file made anew for mammoth: what it shows on paper, in a clean package with nothing unseen in it.

Nothing of the old package is copied that was not read here. What is left out or moved is noted, so that a
person looks.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from ...lettering import legacy_encoding, nfc
from ...notice.reading import MAX_FILE
from .numbering import Numbering
from .package import NAMESPACES, Link, NotWordError, Package, child, text_of, value, written
from .plain import Plain
from .styles import Styles

MAX_QUOTED = 120  # characters of what is left out, as the officer is shown it
_NOTES = ("footnotes", "endnotes")
_EDGES = {"header": "đầu trang", "footer": "chân trang"}
_PAGE = re.compile(r"(?:trang|page)?\s*\d*\s*(?:/|trên|of)?\s*\d*", re.IGNORECASE)
_TYPE = f"{NAMESPACES['r']}/"
_ENDINGS = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
            "emf": "image/x-emf", "wmf": "image/x-wmf", "tif": "image/tiff", "tiff": "image/tiff", "bmp": "image/bmp",
            "svg": "image/svg+xml"}  # fmt: skip


@dataclass(frozen=True)
class Note:
    """What a person should know of a conversion: a code of messages.toml and its values."""

    code: str
    values: dict[str, str | int]


@dataclass(frozen=True)
class Faithful:
    """The clean package, what to tell of the old one, and all words that it shows on paper."""

    package: bytes
    notes: tuple[Note, ...]
    words: str


def faithful(data: bytes) -> Faithful:
    """Raises `NotWordError` (`word-damaged`, `word-heavy`, `word-letters`)."""
    package = Package.opened(data)
    main = next((link.target for link in package.links("").values() if link.kind == "officeDocument"), "")
    if main not in package:
        raise NotWordError("word-damaged")
    links = package.links(main)
    roots = {kind: package.xml(name) for kind in ("styles", "numbering") if (name := _target(package, links, kind))}
    plain = Plain(Styles.read(roots.get("styles")), Numbering.read(roots.get("numbering")))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as clean:
        clean.writestr("_rels/.rels", _relations([("rId1", Link("officeDocument", "word/document.xml", False))]))
        clean.writestr("[Content_Types].xml", _content_types())
        if "styles" in roots:
            clean.writestr("word/styles.xml", _style_names(roots["styles"]))
        for kind, name in {"document": main, **{kind: _target(package, links, kind) for kind in _NOTES}}.items():
            if name:
                _copy(package, name, kind, plain, clean)
    words = nfc(" ".join(plain.seen.words))
    if len(words) > MAX_FILE:
        raise NotWordError("draft-long", limit=MAX_FILE >> 10)
    if encoding := legacy_encoding(words):
        raise NotWordError("word-letters", encoding=encoding, text=words[:40])
    return Faithful(out.getvalue(), (*_seen(plain), *_edges(package, links)), words)


def _target(package: Package, links: dict[str, Link], kind: str) -> str:
    return next((k.target for k in links.values() if k.kind == kind and not k.outside and k.target in package), "")


def _copy(package: Package, name: str, kind: str, plain: Plain, clean: zipfile.ZipFile) -> None:
    """One part with words in it, its pictures and its links."""
    root = package.xml(name)
    kept: list[tuple[str, Link]] = []
    for container in list(root.iter()):
        if container.tag in ("w:body", "w:footnote", "w:endnote"):
            container[:] = plain.blocks(list(container))
    clean.writestr(f"word/{kind}.xml", written(root))
    for ident, link in package.links(name).items():
        if link.kind == "image" and not link.outside and link.target in package:
            target = f"media/{kind}-{len(kept)}.{link.target.rpartition('.')[2].lower()}"
            clean.writestr(f"word/{target}", package.data(link.target))
            kept.append((ident, Link("image", target, False)))
        elif link.kind == "hyperlink" and link.outside:
            kept.append((ident, link))
    clean.writestr(f"word/_rels/{kind}.xml.rels", _relations(kept))


def _style_names(styles: Element) -> bytes:
    """The styles by name, all that mammoth asks of them: what they do was looked up already."""
    root = Element("w:styles")
    for style in styles:
        if style.tag == "w:style":
            kept = SubElement(root, "w:style", dict(style.attrib))
            SubElement(kept, "w:name", {"w:val": value(child(style, "w:name"))})
    return written(root)


def _relations(links: Iterable[tuple[str, Link]]) -> bytes:
    root = Element("rel:Relationships")
    for ident, link in links:
        outside = {"TargetMode": "External"} if link.outside else {}
        SubElement(root, "rel:Relationship", {"Id": ident, "Type": _TYPE + link.kind, "Target": link.target, **outside})
    return written(root)


def _content_types() -> bytes:
    root = Element("t:Types")
    for ending, media in _ENDINGS.items():
        SubElement(root, "t:Default", {"Extension": ending, "ContentType": media})
    return written(root)


def _seen(plain: Plain) -> Iterator[Note]:
    seen = plain.seen
    if seen.changes:
        yield Note("word-changes", {"count": seen.changes})
    if seen.comments:
        yield Note("word-comments", {"count": seen.comments})
    if seen.formulas:
        yield Note("word-formulas", {"count": seen.formulas})
    if seen.elsewhere:
        yield Note("word-elsewhere", {"count": seen.elsewhere})
    yield from (Note("word-hidden", {"text": _quoted(text)}) for text in seen.hidden)
    yield from (Note("word-struck", {"text": _quoted(text)}) for text in seen.struck)
    yield from (Note("word-box", {"text": _quoted(text)}) for text in seen.boxes)
    yield from (Note("word-converted", {"encoding": encoding}) for encoding in sorted(seen.encodings))


def _edges(package: Package, links: dict[str, Link]) -> Iterator[Note]:
    """Words above and below the pages: mammoth drops them, and a page number is no loss."""
    told = set()
    for link in links.values():
        if link.kind in _EDGES and not link.outside and link.target in package:
            words = nfc(text_of(package.xml(link.target)))
            if any(c.isalpha() for c in words) and words not in told and not _PAGE.fullmatch(words):
                told.add(words)
                yield Note("word-edge", {"where": _EDGES[link.kind], "text": _quoted(words)})


def _quoted(text: str) -> str:
    text = " ".join(nfc(text).split())
    return text if len(text) <= MAX_QUOTED else text[: MAX_QUOTED - 1] + "…"
