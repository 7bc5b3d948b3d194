"""A .docx as the parts that are in it, read with care: it is a ZIP of XML that anybody may have made.

Nothing is unpacked onto the disk. XML is read by the standard library; a part with a document type is refused
(ECMA-376 part 2 forbids it in a package), so no entity is ever declared, and none can grow. `defusedxml` would
do the same and has had no release since 2021. Names of elements come with the prefix that the standard uses
(`w:p`), whichever of its two sets of namespaces the file has.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from posixpath import normpath
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser, tostring

MAX_UNPACKED = 80 * 1024 * 1024  # bytes of all parts that are read, unpacked
MAX_ENTRIES = 2000  # files in the package
MAX_ELEMENTS = 200_000  # XML elements of all parts: more than a hundred printed pages, and ten seconds of work
MAX_DEPTH = 100  # elements in elements; Word itself stays below 40

_OLD, _STRICT = "http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/"
NAMESPACES = {
    "w": f"{_OLD}wordprocessingml/2006/main", "r": f"{_OLD}officeDocument/2006/relationships",
    "wp": f"{_OLD}drawingml/2006/wordprocessingDrawing", "a": f"{_OLD}drawingml/2006/main",
    "pic": f"{_OLD}drawingml/2006/picture", "mc": f"{_OLD}markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml", "o": "urn:schemas-microsoft-com:office:office",
    "m": f"{_OLD}officeDocument/2006/math", "t": f"{_OLD}package/2006/content-types",
    "rel": f"{_OLD}package/2006/relationships",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
}  # fmt: skip
_BY_URI = {uri: prefix for prefix, uri in NAMESPACES.items()} | {
    f"{_STRICT}wordprocessingml/main": "w", f"{_STRICT}officeDocument/relationships": "r",
    f"{_STRICT}drawingml/wordprocessingDrawing": "wp", f"{_STRICT}drawingml/main": "a",
    f"{_STRICT}drawingml/picture": "pic", f"{_STRICT}officeDocument/math": "m",
}  # fmt: skip
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, KeyError,
)  # fmt: skip


class NotWordError(Exception):
    """It cannot be read as a Word file; `code` of messages.toml, with its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(frozen=True)
class Link:
    """What a part names by an id: another part of the package, or an address outside."""

    kind: str  # the last word of the relationship's type: `image`, `header`, `hyperlink` …
    target: str  # a part's name, or an address
    outside: bool


@dataclass
class Package:
    """The parts of a .docx by name, each read when it is asked for, within one budget for all."""

    _zip: zipfile.ZipFile
    _left: int = MAX_UNPACKED
    _elements: int = MAX_ELEMENTS
    _read: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def opened(cls, data: bytes) -> Package:
        """Raises `NotWordError` (`word-damaged`, `word-heavy`)."""
        try:
            packed = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN as error:
            raise NotWordError("word-damaged") from error
        if len(packed.namelist()) > MAX_ENTRIES:
            raise NotWordError("word-heavy", limit=f"{MAX_ENTRIES} tệp bên trong")
        return cls(packed)

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def data(self, name: str) -> bytes:
        """A part's bytes. Raises `NotWordError`."""
        if name not in self._read:
            try:
                with self._zip.open(name) as part:
                    found = part.read(self._left + 1)
            except _BROKEN as error:
                raise NotWordError("word-damaged") from error
            if len(found) > self._left:
                raise NotWordError("word-heavy", limit=f"{MAX_UNPACKED >> 20} MB khi mở ra")
            self._left -= len(found)
            self._read[name] = found
        return self._read[name]

    def xml(self, name: str) -> Element:
        """A part's root element. Raises `NotWordError`."""
        builder = _Careful(self._elements)
        parser = XMLParser(target=builder)  # noqa: S314 – see above
        try:
            parser.feed(self.data(name))
            root = parser.close()
        except (ParseError, ValueError, LookupError) as error:
            raise NotWordError("word-damaged") from error
        self._elements -= builder.count
        assert isinstance(root, Element)
        return root

    def links(self, part: str) -> dict[str, Link]:
        """What `part` ("" for the package) names, by id."""
        path = PurePosixPath(part)
        name = str(path.parent / "_rels" / f"{path.name}.rels") if part else "_rels/.rels"
        found = {}
        for one in self.xml(name) if name in self else ():
            target, outside = one.get("Target", ""), one.get("TargetMode") == "External"
            if not outside:
                target = normpath(str(path.parent / target)) if not target.startswith("/") else target[1:]
            found[one.get("Id", "")] = Link(one.get("Type", "").rpartition("/")[2], target, outside)
        return found


class _Careful(TreeBuilder):
    """Builds a tree with prefixed names, as long as it stays small and flat and declares nothing."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.count = self._depth = 0
        self._most = most

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self.count += 1
        self._depth += 1
        if self.count > self._most:
            raise NotWordError("word-heavy", limit=f"{MAX_ELEMENTS} phần tử XML")
        if self._depth > MAX_DEPTH:
            raise NotWordError("word-heavy", limit=f"{MAX_DEPTH} tầng lồng nhau")
        return super().start(_named(tag), {_named(name): value for name, value in attrs.items()})

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(_named(tag))

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise NotWordError("word-damaged")


def _named(name: str) -> str:
    """`{http://…main}p` as `w:p`; a name of no known namespace keeps its last word, as `x:word`."""
    if not name.startswith("{"):
        return name
    uri, _, local = name[1:].rpartition("}")
    return f"{_BY_URI.get(uri, 'x')}:{local}"


def written(root: Element) -> bytes:
    """The element as a part of a package."""
    for prefix, uri in NAMESPACES.items():
        root.set(f"xmlns:{prefix}", uri)
    root.set("xmlns:x", "urn:x")
    made: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return made


# ── elements ─────────────────────────────────────────────────────────────────────────────────────


def child(element: Element | None, *path: str) -> Element | None:
    """The first child with a name, then its first child with the next name …"""
    for name in path:
        element = next((c for c in element if c.tag == name), None) if element is not None else None
    return element


def value(element: Element | None, name: str = "w:val") -> str:
    return element.get(name, "") if element is not None else ""


def switch(element: Element | None) -> bool | None:
    """A property that is on by being there: None when it is not there."""
    return None if element is None else value(element) not in ("0", "false", "off", "none")


def text_of(element: Element) -> str:
    """The words in an element, paragraphs parted by a space."""
    return " ".join("".join(_texts(p)) for p in _paragraphs(element)).strip()


def _paragraphs(element: Element) -> Iterator[Element]:
    found = list(element.iter("w:p"))
    return iter(found or [element])


def _texts(paragraph: Element) -> Iterator[str]:
    for one in paragraph.iter():
        if one.tag == "w:t":
            yield one.text or ""
        elif one.tag in ("w:tab", "w:br", "w:cr"):
            yield " "
