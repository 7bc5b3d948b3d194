"""Markdown as the slides need it: paragraphs, headings, list items and tables, nothing else.

The same parser that Pelican uses reads the text, so page and slide agree on what a list is.
Links keep their words; a picture of the body (`![alt](file)`) is a part of its own, after its paragraph.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from ..lettering import nfc
from .words import Rich, Span

EXTENSIONS = ("tables", "sane_lists")  # as the page: a list that begins at 3 begins at 3
BULLET = "•"
MOST_LETTERS = 40_000  # letters of a body that slides look at: twice what twelve of the widest slides hold
MOST_ROWS = 500  # paragraphs, items and table rows of them
MAX_DEPTH = 6  # lists in lists
_STASHED = re.compile("\x02(?:wzxhzdk:(\\d+)|amp|(\\d+))\x03")


@dataclass(frozen=True)
class Paragraph:
    text: Rich


@dataclass(frozen=True)
class Heading:
    text: Rich


@dataclass(frozen=True)
class Item:
    """A list item: `marker` is a bullet or “2.”; `depth` 0 is the outermost list."""

    marker: str
    text: Rich
    depth: int


@dataclass(frozen=True)
class Table:
    head: tuple[Rich, ...]
    rows: tuple[tuple[Rich, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A picture in the body: the file beside the notice, and what it shows."""

    file: str
    alt: str


Part = Paragraph | Heading | Item | Table | Figure


def parts(body: str) -> list[Part]:
    """The parts of a Markdown text, in order."""
    markdown = Markdown(extensions=list(EXTENSIONS))
    keep = _Keep(markdown)
    markdown.treeprocessors.register(keep, "keep", -10)  # after every other one
    markdown.convert(body)
    if keep.root is None:
        return []
    stash = [str(s) for s in markdown.htmlStash.rawHtmlBlocks]
    return [part for part in _parts(keep.root, stash, 0) if not _empty(part)]


def enough(found: list[Part]) -> list[Part]:
    """As much of a text as could ever be shown: a hundred printed pages must not take minutes to measure."""
    kept: list[Part] = []
    letters = rows = 0
    for part in found:
        if letters >= MOST_LETTERS or rows >= MOST_ROWS:
            break
        if isinstance(part, Figure):
            kept.append(part)
        elif isinstance(part, Table):
            taken = part.rows[: MOST_ROWS - rows]
            kept.append(Table(part.head, taken))
            rows += len(taken)
            letters += sum(len(text) for row in taken for cell in row for text, _ in cell)
        else:
            kept.append(replace(part, text=_first(part.text, MOST_LETTERS - letters)))
            rows += 1
            letters += sum(len(text) for text, _ in part.text)
    return kept


def letters_of(part: Part) -> int:
    """Characters of a part, pictures apart."""
    match part:
        case Table():
            return sum(len(text) for row in (part.head, *part.rows) for cell in row for text, _ in cell)
        case Figure():
            return 0
        case _:
            return sum(len(text) for text, _ in part.text)


def _first(text: Rich, letters: int) -> Rich:
    spans: list[Span] = []
    for span, strong in text:
        if letters <= 0:
            break
        spans.append((span[:letters], strong))
        letters -= len(span)
    return tuple(spans)


class _Keep(Treeprocessor):
    root: Element | None = None

    def run(self, root: Element) -> None:
        self.root = root


def _empty(part: Part) -> bool:
    return not isinstance(part, Table | Figure) and not "".join(t for t, _ in part.text).strip()


def _parts(parent: Element, stash: list[str], depth: int) -> Iterator[Part]:
    for element in parent:
        if element.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            yield Heading(_rich(element, stash))
        elif element.tag in ("ul", "ol"):
            yield from _items(element, stash, depth)
        elif element.tag == "table":
            yield _table(element, stash)
        elif element.tag in ("blockquote", "div"):
            yield from _parts(element, stash, depth)
        elif element.tag != "hr":
            yield Paragraph(_rich(element, stash))
            yield from _figures(element)


def _figures(element: Element) -> Iterator[Figure]:
    for image in element.iter("img"):
        source = unquote(image.get("src", ""))
        if source and "/" not in source:  # beside the notice, not somewhere else
            yield Figure(nfc(source), nfc(image.get("alt", "")))


def _items(element: Element, stash: list[str], depth: int) -> Iterator[Part]:
    first = int(element.get("start") or 1)
    for number, item in enumerate(element, start=first):
        marker = f"{number}." if element.tag == "ol" else BULLET
        lists = [child for child in item if child.tag in ("ul", "ol")]
        own = [child for child in item if child.tag == "p"]
        yield Item(marker, _rich(own[0] if own else item, stash), depth)
        for child in own[1:]:
            yield Item("", _rich(child, stash), depth)
        if depth < MAX_DEPTH:
            for child in lists:
                yield from _items(child, stash, depth + 1)


def _table(element: Element, stash: list[str]) -> Table:
    rows = [tuple(_rich(cell, stash) for cell in row) for row in element.iter("tr")]
    return Table(rows[0], tuple(rows[1:])) if rows else Table((), ())


def _rich(element: Element, stash: list[str]) -> Rich:
    spans: list[Span] = []
    for raw, strong in _spans(element, stash, False):
        text = re.sub(r"[ \t\n]+", " ", raw)
        if spans and spans[-1][0].endswith(" "):
            text = text.removeprefix(" ")
        if text:
            spans.append((text, strong))
    if spans:
        spans[0] = (spans[0][0].lstrip(" "), spans[0][1])
        spans[-1] = (spans[-1][0].rstrip(" "), spans[-1][1])
    return tuple(s for s in spans if s[0])


def _spans(element: Element, stash: list[str], strong: bool) -> Iterator[Span]:
    strong = strong or element.tag in ("strong", "b", "th")
    yield _unstashed(element.text, stash), strong
    for child in element:
        if child.tag == "br":
            yield " ", strong
        elif child.tag not in ("img", "ul", "ol", "p"):
            yield from _spans(child, stash, strong)
        yield _unstashed(child.tail, stash), strong


def _unstashed(text: str | None, stash: list[str]) -> str:
    """Markdown keeps entities and escaped signs aside as \\x02…\\x03; put them back."""

    def back(match: re.Match[str]) -> str:
        if match[1] is not None:
            return stash[int(match[1])] if int(match[1]) < len(stash) else ""
        return chr(int(match[2])) if match[2] else "&"

    return html.unescape(_STASHED.sub(back, text)) if text else ""
