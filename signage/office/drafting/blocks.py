"""Clean HTML → the blocks of a document: paragraphs, headings, list items, tables, pictures. Pure.

Whatever else there is, its words stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from .plain import CENTRED, ITEM

_DRAWN = frozenset(" -–—_*=~.·•+o0")
_RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
_LOWERED = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_OUTWARD = ("https://", "http://", "mailto:", "tel:")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True)
class Span:
    """Letters of one look; `href` leads out, or is ""."""

    text: str
    bold: bool = False
    italic: bool = False
    href: str = ""


@dataclass(frozen=True)
class Line:
    """A line that the officer ended; `bold` when all of it is."""

    text: str
    bold: bool
    centred: bool


@dataclass
class Paragraph:
    """Spans in order, lines parted by \\n; the pictures that stand in it."""

    spans: list[Span] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    centred: bool = False
    heading: int = 0  # 1 … 6
    item: int | None = None  # the level of its bullet

    @property
    def text(self) -> str:
        return " ".join("".join(span.text for span in self.spans).split())

    @property
    def bold(self) -> bool:
        """Whether every letter of it is."""
        return bool(self.text) and all(span.bold for span in self.spans if span.text.strip())

    def lines(self) -> list[Line]:
        """Its lines that have letters; a tab parts lines too, as in a letterhead without a table."""
        found: list[list[Span]] = [[]]
        for span in self.spans:
            first, *more = span.text.replace("\t", "\n").split("\n")
            found[-1].append(Span(first, span.bold))
            found += [[Span(text, span.bold)] for text in more]
        made = ((" ".join("".join(s.text for s in line).split()), line) for line in found)
        return [Line(text, all(s.bold for s in line if s.text.strip()), self.centred) for text, line in made if text]


@dataclass(frozen=True)
class Picture:
    """A picture by its name in `Word.pictures`; the words that the officer gave it in Word."""

    name: str
    alt: str


@dataclass
class Cell:
    """A cell of a table, over so many columns and rows."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    columns: int = 1
    rows: int = 1

    def lines(self) -> list[Line]:
        return [line for paragraph in self.paragraphs for line in paragraph.lines()]

    @property
    def text(self) -> str:
        return " ".join(p.text for p in self.paragraphs if p.text)


@dataclass
class Table:
    """Rows of cells; `nested` when a table stood in one of its cells, whose words are now the cell's."""

    rows: list[list[Cell]] = field(default_factory=list)
    nested: bool = False

    def paragraphs(self) -> Iterator[Paragraph]:
        for row in self.rows:
            for cell in row:
                yield from cell.paragraphs


Block = Paragraph | Table


def blocks(html: str) -> list[Block]:
    """The blocks of a document, in order; empty paragraphs are left out."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [b for b in reader.found if isinstance(b, Table) or b.text or b.pictures]


def pictures_in(block: Block) -> bool:
    """Whether a picture stands in it."""
    return any(p.pictures for p in ([block] if isinstance(block, Paragraph) else block.paragraphs()))


def is_rule(text: str) -> bool:
    """Whether a line is drawn with signs: `-----`, `___o0o___`."""
    return len(text) > 1 and set(text) <= _DRAWN and not text.isalnum()


def capital(text: str) -> bool:
    """Whether all its letters are, and there are some."""
    return text.upper() == text and any(c.isalpha() for c in text)


class _Reader(HTMLParser):
    """Reads what nh3 wrote: every element is closed, and in its place."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Block] = []
        self._tables: list[Table] = []
        self._now: Paragraph | None = None
        self._bold = self._italic = 0
        self._href: list[str] = []
        self._shift: list[dict[int, int]] = []  # above or below the line
        self._notes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self._begin(tag, given.get("class", ""))
            case "strong":
                self._bold += 1
            case "em":
                self._italic += 1
            case "a":
                self._href.append(given.get("href", ""))
            case "sup" | "sub":
                self._shift.append(_RAISED if tag == "sup" else _LOWERED)
            case "br":
                self._add("\n")
            case "img" if given.get("src"):
                self._paragraph().pictures.append(Picture(given["src"], " ".join(given.get("alt", "").split())))
            case "li":
                self._notes += 1
                self._begin("p", "")
                self._add(f"[{self._notes}] ")
            case "table":
                self._now = None
                self._tables.append(Table())
            case "tr" if self._tables:
                self._tables[-1].rows.append([])
            case "td" | "th" if self._tables and self._tables[-1].rows:
                self._now = None
                size = (_count(given.get(name, "")) for name in ("colspan", "rowspan"))
                self._tables[-1].rows[-1].append(Cell([], *size))

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "td" | "th" | "li":
                self._now = None
            case "strong":
                self._bold = max(0, self._bold - 1)
            case "em":
                self._italic = max(0, self._italic - 1)
            case "a" if self._href:
                self._href.pop()
            case "sup" | "sub" if self._shift:
                self._shift.pop()
            case "table" if self._tables:
                self._close(self._tables.pop())

    def handle_data(self, data: str) -> None:
        href = self._href[-1] if self._href else ""
        if href.startswith("#") and data == "↑":  # from a note back to its place
            return
        if self._shift and not href:
            raised = data.translate(self._shift[-1])
            data = raised if all(o != r or o.isspace() for o, r in zip(data, raised, strict=True)) else data
        if data.strip() or self._now is not None:
            self._add(data, href if href.lower().startswith(_OUTWARD) else "")

    def _begin(self, tag: str, klass: str) -> None:
        if tag == "p" and self._now is not None and self._now.text.startswith("[") and not self._now.pictures:
            return  # a note's own paragraph begins with its number
        level = klass.removeprefix(ITEM)
        item = int(level) if klass.startswith(ITEM) and level.isdigit() else None
        heading = int(tag[1]) if tag in _HEADINGS else 0
        self._now = Paragraph(centred=klass == CENTRED, heading=heading, item=item)
        self._put(self._now)

    def _paragraph(self) -> Paragraph:
        if self._now is None:
            self._now = Paragraph()
            self._put(self._now)
        return self._now

    def _add(self, text: str, href: str = "") -> None:
        now = self._paragraph()
        now.spans.append(Span(text, self._bold > 0 and not now.heading, self._italic > 0, href))

    def _put(self, paragraph: Paragraph) -> None:
        if self._tables and self._tables[-1].rows and self._tables[-1].rows[-1]:
            self._tables[-1].rows[-1][-1].paragraphs.append(paragraph)
        else:
            self.found.append(paragraph)

    def _close(self, table: Table) -> None:
        self._now = None
        table.rows = [row for row in table.rows if row]
        if not self._tables:
            self.found.append(table)
            return
        outer = self._tables[-1]
        outer.nested = True
        for paragraph in table.paragraphs():
            self._put(paragraph)


def _count(text: str) -> int:
    return max(1, min(int(text), 200)) if text.isascii() and text.isdigit() and len(text) < 5 else 1
