"""Paragraphs of a Word file as they look on paper, rewritten so that nothing stands between the lines.

Changes are accepted, comments and hidden text left out, the numbers that Word draws written into the text, the
words of text boxes put behind the paragraph that holds them, letters of old fonts turned into Unicode.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from . import oldletters
from .numbering import Label, Numbering
from .package import NotWordError, child, switch, text_of, value
from .styles import Look, Styles

MAX_BOXES = 200  # text boxes
MAX_BULLET = 3  # levels of bullets that stay apart
CENTRED, ITEM = "giua", "muc"  # paragraph styles, and the classes that `word` makes of them
_GONE = {"w:del", "w:moveFrom", "w:delText", "w:delInstrText"}
_CHANGES = {"w:ins", "w:moveTo", "w:del", "w:moveFrom"}
_UNWRAPPED = {"w:ins", "w:moveTo", "w:fldSimple", "w:dir", "w:bdo", "w:smartTag", "w:customXml"}
_ELSEWHERE = {"w:altChunk", "w:subDoc", "x:chart", "x:relIds"}  # what only Word draws: a chart, SmartArt, another file
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))  # letters that take no room
_PICTURED = dict.fromkeys(range(0xF020, 0xF100), "•")  # signs of Symbol and Wingdings, which Unicode has no letter for
_COMMENTS = {"w:commentRangeStart", "w:commentRangeEnd", "w:commentReference", "w:annotationRef"}


@dataclass
class Seen:
    """What was met on the way, to be told."""

    changes: int = 0
    comments: int = 0
    formulas: int = 0
    elsewhere: int = 0
    hidden: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    encodings: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)  # all that is shown


@dataclass
class _Paragraph:
    properties: Element | None
    boxes: list[Element] = field(default_factory=list)
    last: tuple[Element, str] | None = None  # the text before, when it is in an old font: the element, the font


class Plain:
    """Rewrites the blocks of one document, counting its lists as they come."""

    def __init__(self, styles: Styles, numbering: Numbering) -> None:
        self._styles, self._numbering = styles, numbering
        self.seen = Seen()

    def blocks(self, elements: Iterable[Element]) -> list[Element]:
        """Paragraphs and tables. Raises `NotWordError` (`word-letters`, `word-heavy`)."""
        found: list[Element] = []
        for element in elements:
            self.seen.changes += element.tag in _CHANGES
            self.seen.elsewhere += element.tag in _ELSEWHERE
            if element.tag == "w:p":
                found += self._paragraph(element)
            elif element.tag in _UNWRAPPED:
                found += self.blocks(element)
            elif element.tag == "w:sdt":
                inner = child(element, "w:sdtContent")
                found += self.blocks(inner if inner is not None else ())
            elif element.tag in ("w:tbl", "w:tr", "w:tc"):
                element[:] = self.blocks(list(element))
                found.append(element)
            elif element.tag not in _COMMENTS | _GONE:
                found.append(element)
        return found

    def _paragraph(self, element: Element) -> list[Element]:
        properties = child(element, "w:pPr")
        one = _Paragraph(properties)
        deleted = child(properties, "w:rPr", "w:del") is not None
        self.seen.changes += deleted or child(properties, "w:rPr", "w:ins") is not None
        inline = [part for inner in list(element) for part in self._inline(inner, one)]
        shown = any(part.tag != "w:pPr" for part in inline)
        label = self._label(properties) if shown and not deleted else None
        element[:] = inline
        self._restyle(element, properties, label)
        self.seen.words.append(text_of(element))
        found = [element]
        for box in one.boxes:
            found += self.blocks(list(box))
        return found

    def _label(self, properties: Element | None) -> Label | None:
        number = value(self._styles.of_paragraph(properties, "w:numPr", "w:numId"))
        level = value(self._styles.of_paragraph(properties, "w:numPr", "w:ilvl")) or "0"
        by_style = self._numbering.of_style(self._styles.style_of(properties))
        if not number and by_style:
            return self._numbering.label(*by_style)
        return self._numbering.label(number, int(level) if level in tuple("012345678") else 0) if number else None

    def _restyle(self, element: Element, properties: Element | None, label: Label | None) -> None:
        """Its style says no more than mammoth needs; its label stands in its text."""
        kept = Element("w:pPr")
        style = self._styles.style_of(properties)
        centred = value(self._styles.of_paragraph(properties, "w:jc")) == "center"
        if label and label.is_bullet:
            style = f"{ITEM}{min(label.level, MAX_BULLET - 1)}"
        elif not self._styles.is_heading(style):
            style = CENTRED if centred else ""
        if style:
            SubElement(kept, "w:pStyle", {"w:val": style})
        if (mark := child(properties, "w:rPr", "w:del")) is not None:
            SubElement(kept, "w:rPr").append(mark)  # mammoth joins the paragraph with the next
        if properties is not None and properties in element:
            element.remove(properties)
        element.insert(0, kept)
        if label and not label.is_bullet and label.text:
            run = Element("w:r")
            SubElement(run, "w:t").text = f"{label.text} "
            first = next((r for r in element.iter("w:r") if child(r, "w:t") is not None), None)
            if child(first, "w:rPr", "w:b") is not None:  # a heading's number is part of it
                run.insert(0, Element("w:rPr"))
                SubElement(run[0], "w:b")
            element.insert(1, run)

    # ── what stands in a line ────────────────────────────────────────────────────────────────────

    def _inline(self, element: Element, one: _Paragraph) -> list[Element]:
        tag = element.tag
        self.seen.changes += tag in _CHANGES
        self.seen.elsewhere += tag in _ELSEWHERE
        if tag == "w:r":
            return self._run(element, one)
        if tag in _GONE | _COMMENTS:
            self.seen.comments += tag == "w:commentReference"
            return []
        if tag in _UNWRAPPED or tag in ("w:sdt", "mc:AlternateContent"):
            return [part for inner in _inside(element) for part in self._inline(inner, one)]
        if tag.startswith("m:") or tag == "w:txbxContent":
            self._aside(element, one)
            return []
        if tag != "w:pPr":
            element[:] = [part for inner in list(element) for part in self._inline(inner, one)]
        return [element]

    def _aside(self, element: Element, one: _Paragraph) -> None:
        """A formula, or a text box: words that mammoth would drop."""
        if element.tag != "w:txbxContent":
            self.seen.formulas += 1
            return
        if len(self.seen.boxes) >= MAX_BOXES:
            raise NotWordError("word-heavy", limit=f"{MAX_BOXES} hộp chữ")
        if words := text_of(element):
            self.seen.boxes.append(words)
            one.boxes.append(element)

    def _run(self, run: Element, one: _Paragraph) -> list[Element]:
        properties = child(run, "w:rPr")
        look = self._styles.look(properties, one.properties)
        struck = switch(child(properties, "w:strike")) or switch(child(properties, "w:dstrike"))
        if look.hidden or struck:
            if words := text_of(run):
                (self.seen.hidden if look.hidden else self.seen.struck).append(words)
            return []
        run[:] = [p for inner in list(run) if inner is not properties for p in self._inline(inner, one)]
        for part in run:
            if part.tag == "w:softHyphen" and oldletters.encoding_of(look.font) == oldletters.TCVN3:
                part.tag, part.text = "w:t", "\u00ad"  # TCVN3 has ư there
            if part.tag == "w:t":
                self._text(part, look, one)
        run.insert(0, self._shown(properties, look))
        return [run] if len(run) > 1 else []

    def _text(self, part: Element, look: Look, one: _Paragraph) -> None:
        text = part.text or ""
        encoding = oldletters.encoding_of(look.font)
        if (encoding and oldletters.is_old(text)) or (encoding and text.isascii()):
            if one.last and (moved := oldletters.split_mark(one.last[0].get("raw", ""), text)):
                before, font = one.last
                before.text = self._unicode(before.get("raw", "") + text[:moved], font)
                text = text[moved:]
            one.last = (part, look.font)
            part.set("raw", text)
            if not text.isascii():
                self.seen.encodings.add(str(encoding))
            text = self._unicode(text, look.font)
        else:
            one.last = None
        text = text.translate(_UNSEEN).translate(_PICTURED)
        part.text = text.upper() if look.capitals else text

    def _unicode(self, text: str, font: str) -> str:
        try:
            return oldletters.unicode_of(text, font)
        except oldletters.UnsureError as error:
            raise NotWordError("word-letters", encoding=oldletters.encoding_of(font) or "", text=text[:40]) from error

    def _shown(self, properties: Element | None, look: Look) -> Element:
        """What of a run's look mammoth takes over; strong and leaning also when a style says so."""
        kept = Element("w:rPr")
        if look.bold:
            SubElement(kept, "w:b")
        if look.italic:
            SubElement(kept, "w:i")
        if (raised := child(properties, "w:vertAlign")) is not None:
            kept.append(raised)
        return kept


def _inside(element: Element) -> list[Element]:
    """What counts of an element with several forms of the same."""
    if element.tag == "w:sdt":
        inner = child(element, "w:sdtContent")
    elif element.tag == "mc:AlternateContent":
        choice, fallback = child(element, "mc:Choice"), child(element, "mc:Fallback")
        has_words = choice is not None and next(choice.iter("w:txbxContent"), None) is not None
        inner = choice if has_words or fallback is None else fallback
    else:
        inner = element
    return list(inner) if inner is not None else []
