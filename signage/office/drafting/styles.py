"""What a paragraph or a run has from its style: the font, bold, hidden, capitals, the middle, a list.

mammoth looks at a run's own properties alone; a letterhead's capitals and bold often come from a style.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from .package import child, switch, value

MAX_CHAIN = 12  # styles based on styles


@dataclass(frozen=True)
class Style:
    """One style as written; None where it says nothing."""

    name: str
    based_on: str
    run: Element | None
    paragraph: Element | None


@dataclass(frozen=True)
class Look:
    """How a run is shown."""

    font: str = ""
    bold: bool = False
    italic: bool = False
    hidden: bool = False
    capitals: bool = False


@dataclass
class Styles:
    """A document's styles by id, and what holds where none is named."""

    _styles: dict[str, Style] = field(default_factory=dict)
    _default: str = ""  # the paragraph style of a paragraph that names none
    _run: Element | None = None  # the document's own defaults

    @classmethod
    def read(cls, root: Element | None) -> Styles:
        """From the part `styles.xml`, if there is one."""
        made = cls()
        if root is None:
            return made
        made._run = child(root, "w:docDefaults", "w:rPrDefault", "w:rPr")
        for one in root:
            if one.tag == "w:style" and (ident := value(one, "w:styleId")):
                made._styles[ident] = Style(
                    value(child(one, "w:name")), value(child(one, "w:basedOn")),
                    child(one, "w:rPr"), child(one, "w:pPr"),
                )  # fmt: skip
                if value(one, "w:type") == "paragraph" and value(one, "w:default") in ("1", "true"):
                    made._default = ident
        return made

    def is_heading(self, style: str) -> bool:
        """Whether mammoth will make a heading of it: Word's own names are English in every language."""
        found = self._styles.get(style)
        name = found.name.lower() if found else ""
        return name.startswith("heading ") and name[8:] in "123456"

    def of_paragraph(self, properties: Element | None, *path: str) -> Element | None:
        """A paragraph's property (`w:jc`, or `w:numPr`, `w:numId`), its own or its styles'."""
        if (own := child(properties, *path)) is not None:
            return own
        for style in self._chain(self.style_of(properties)):
            if (found := child(style.paragraph, *path)) is not None:
                return found
        return None

    def style_of(self, properties: Element | None) -> str:
        return value(child(properties, "w:pStyle")) or self._default

    def look(self, run: Element | None, paragraph: Element | None) -> Look:
        """How a run with these properties is shown in a paragraph with those."""
        sources = [run]
        sources += [s.run for s in self._chain(value(child(run, "w:rStyle")))]
        sources += [s.run for s in self._chain(self.style_of(paragraph))]
        sources.append(self._run)
        held = [s for s in sources if s is not None]
        return Look(
            next((f for s in held if (f := _font(child(s, "w:rFonts")))), ""),
            **{name: _first(held, tag) for name, tag in _SWITCHES.items()},
        )

    def _chain(self, ident: str) -> list[Style]:
        found: list[Style] = []
        while (style := self._styles.get(ident)) and style not in found and len(found) < MAX_CHAIN:
            found.append(style)
            ident = style.based_on
        return found


_SWITCHES: Mapping[str, str] = {"bold": "w:b", "italic": "w:i", "hidden": "w:vanish", "capitals": "w:caps"}


def _first(sources: list[Element], tag: str) -> bool:
    return next((on for s in sources if (on := switch(child(s, tag))) is not None), False)


def _font(fonts: Element | None) -> str:
    """The font of letters beyond ASCII, where the old encodings differ."""
    return value(fonts, "w:hAnsi") or value(fonts, "w:ascii")
