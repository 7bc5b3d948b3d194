"""A notice's Markdown → the HTML of its page, once, in the office, from the signed text.

Raw HTML is not read at all (it shows as letters), and nh3 cleans what Markdown makes as a second
line. Pictures come only from the notice's own signed files; links lead to those files, to known
pages of the site, or out by https, mailto or tel. Nothing else survives.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from urllib.parse import unquote
from xml.etree.ElementTree import Element  # what Markdown makes itself; nothing is parsed

import markdown
import nh3
from markdown.blockprocessors import ParagraphProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

Address = Callable[[str], str | None]  # what a notice wrote → where it is on the site, or None

OUTWARD = ("https://", "http://", "mailto:", "tel:")
_TAGS = {
    "a", "blockquote", "br", "code", "em", "hr", "img", "li", "ol", "p", "pre", "strong", "ul",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "tbody", "td", "th", "thead", "tr",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}, "td": {"align"}, "th": {"align"},
}  # fmt: skip
_SCHEMES = {"https", "http", "mailto", "tel"}
_HEADING = re.compile(r"<(/?)h([1-6])>")
_ALIGN = re.compile(r"(<t[dh]) align=\"(left|center|right)\"")
# Where an inline pattern of Markdown can begin: code, escape, link, picture, address, entity, break, emphasis;
# and the mark of what Markdown has put aside.
_INLINE = re.compile(r"[`\\\[<&*_\x02]|  \n")
# A block that begins with a letter and in which nothing but a paragraph can begin: no heading, list, quote, table,
# rule, code, reference.
_PARAGRAPH = re.compile(r"[^\W\d_][^\n|#>\[]*(?:\n(?! {0,3}[-=_*])[^\n|#>\[]*)*")
_EMPTY_HEAD = re.compile(r"<th( class=\"\w+\")?></th>")


def page_html(body: str, address: Address) -> str:
    """The body as safe HTML; `address` finds the public place of files and pages, relative to the page."""
    html = quick().reset().convert(body)
    return _tables(_headings(_clean(html, address)))


@cache
def quick() -> markdown.Markdown:
    """The same HTML with less work."""
    made = plain()
    made.parser.blockprocessors.register(_Paragraph(made.parser), "plain", 110)  # before all others
    made.treeprocessors.register(_Plain(), "plain", 30)  # before the inline patterns
    return made


def plain() -> markdown.Markdown:
    """Markdown as notices have it: tables, no HTML; what the quick one is held against."""
    made = markdown.Markdown(
        extensions=["tables", "sane_lists"],
        extension_configs={"tables": {"use_align_attribute": True}},
        output_format="html",
    )
    made.preprocessors.deregister("html_block")
    made.inlinePatterns.deregister("html")
    return made


class _Paragraph(ParagraphProcessor):
    """A plain paragraph is not tried against each of eleven others first: a third of Markdown's blocks' time."""

    def test(self, parent: Element, block: str) -> bool:
        return _PARAGRAPH.fullmatch(block) is not None


class _Plain(Treeprocessor):
    """Text in which no inline pattern can begin is not tried against each of thirteen: half of Markdown's time."""

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.text and not _INLINE.search(element.text):
                element.text = AtomicString(element.text)
            if element.tail and not _INLINE.search(element.tail):
                element.tail = AtomicString(element.tail)


def _clean(html: str, address: Address) -> str:
    def attribute(tag: str, name: str, value: str) -> str | None:
        if tag == "img" and name == "src":
            found = address(unquote(value))
            return None if found is None or found.startswith(OUTWARD) else found
        if name == "href":
            return value if value.startswith(OUTWARD) else address(unquote(value))
        return value

    return nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, attribute_filter=attribute,
        url_schemes=_SCHEMES, link_rel=None,
    )  # fmt: skip


def _headings(html: str) -> str:
    """Headings begin at h2 (the title is the page's only h1), whatever level the officer began with."""
    levels = [int(match[2]) for match in _HEADING.finditer(html)]
    shift = 2 - min(levels, default=2)
    return _HEADING.sub(lambda m: f"<{m[1]}h{min(6, int(m[2]) + shift)}>", html) if shift else html


def _tables(html: str) -> str:
    """Each table in a box of its own that scrolls on small screens and takes the keyboard's focus."""
    html = _ALIGN.sub(r'\1 class="\2"', html)
    html = _EMPTY_HEAD.sub("<td></td>", html)
    for number in range(1, html.count("<table>") + 1):
        box = f'<section class="bang" aria-label="Bảng {number}" tabindex="0"><table >'
        html = html.replace("<table>", box, 1)
    return html.replace("<table >", "<table>").replace("</table>", "</table></section>")
