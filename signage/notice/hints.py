"""What `bangtin check` reminds an officer of: nothing that is forbidden, each a thing readers stumble over. Pure.

One function for each hint; `hints` asks them all. `privacy` has those about people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..errors import Problem
from ..lettering import folded
from . import privacy
from .vocabulary import EMERGENCY, SLOGAN
from .written import Hint, Line, Written, blanks, without, written

MOST = 50  # hints about one file: after that, one knows
SHOUTED_TITLE, SHOUTED = 4, 8  # words in capitals: of a title, of a sentence
LONGEST_HEADING = 100  # characters of a bold line that is meant as a heading
_SPOKEN = ("Title", "Summary", "Board-Summary", "Facts", "Image", "Film", "Host", "Place")  # fields that are prose
_LINK = re.compile(r"(?<!!)\[([^\[\]]{0,500}+)\]\(\s{0,9}+<?([^\s()<>]{1,500}+)>?[^()]{0,500}+\)")
_PICTURE = re.compile(r"!\[([^\]]{0,1000}+)\]\(\s{0,99}+<?([^)\s>]{1,300}+)")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]|]{3,500}+", re.IGNORECASE)
_VAGUE = frozenset(  # folded words of which a link says nothing, however many of them it has
    re.findall(
        r"\w+",
        "xin vui long moi hay bam nhan nhap kich click truy cap xem tai vao chi tiet them ve xuong o day nay link"
        " lien ket duong dan here more read download",
    )
)
_NO_WORDS = re.compile(
    r"(?:anh|hinh|hinh anh|image|picture|photo|so do|img|dsc|screenshot)?[\s_.-]*+\d*+(?:\.\w{3,4})?"
    r"|\S++(?<=\.jpg|\.png)|\S++(?<=\.jpeg|\.webp)"
)
_HEADING = re.compile(r" {0,3}(#{1,6})\s*+\S")
_BOLD = re.compile(r"(?:\*\*|__)([^*_]{2,200}+)(?:\*\*|__)\s*:?")
_ODD_SPACE = re.compile("[\u00a0\u00ad\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]")
_GAP = re.compile(r"\S(?: {2,}+|\t)\S")
_SIGN = re.compile(r"\s{0,3}[•·▪■●◦‣]\s*+\S")
_DASH = re.compile(r"\s{0,3}[–—]\s+\S")
_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,3}\.)\s+\S")
_RULE = re.compile(r"\s*+\|?(?:\s*+:?-{3,}+:?\s*+\|)++(?:\s*+:?-{3,}+:?)?\s*+")


def hints(text: str, file: str, own_phones: Iterable[str] = ()) -> list[Problem]:
    """Warnings about one file's text (NFC), in order of its lines; `own_phones` may be published as they are."""
    one, own = written(text), frozenset(map(privacy.digits, own_phones))
    found = [*privacy.identity_numbers(one), *privacy.private_phones(one, own), *privacy.birth_dates(one)]
    for hint in (vague_links, bare_addresses, wordless_pictures, headings, bold_headings, shouting, pasted, lists):
        found += hint(one)
    told = without((h.told(file) for h in found), blanks(text, file))
    return sorted(told, key=lambda p: p.line or 0)[:MOST]


def vague_links(text: Written) -> Iterator[Hint]:
    """`hint-link-words`: “tại đây”, “xem thêm”; who has links read out hears only those words."""
    for line in text.body:
        for match in _LINK.finditer(line.text):
            if _VAGUE.issuperset(_plain(match[1]).split()):
                yield Hint("hint-link-words", line, match[0])


def bare_addresses(text: Written) -> Iterator[Hint]:
    """`hint-address`: a web address where a name should stand; without `[…](…)` nobody can press it."""
    for line in text.body:
        outside = _LINK.sub(lambda m: m[1], _PICTURE.sub("", line.text))
        if match := _URL.search(outside):
            yield Hint("hint-address", line, match[0].rstrip(".,;:"))


def wordless_pictures(text: Written) -> Iterator[Hint]:
    """`hint-picture-words`: a picture of the body without words, or with its file's name for words."""
    for line in text.body:
        for match in _PICTURE.finditer(line.text):
            if _NO_WORDS.fullmatch(_plain(match[1])):
                yield Hint("hint-picture-words", line, match[2])


def headings(text: Written) -> Iterator[Hint]:
    """`hint-heading`: one that skips a level; whatever the highest is, the page makes it the first below the title."""
    found = [(line, match[1]) for line in text.body if (match := _HEADING.match(line.text))]
    above = min((len(signs) for _, signs in found), default=1) - 1
    for line, signs in found:
        level = min(len(signs), above + 1)
        if level < len(signs):
            yield Hint("hint-heading", line, line.text.strip(), (("right", "#" * level), ("wrong", signs)))
        above = level


def bold_headings(text: Written) -> Iterator[Hint]:
    """`hint-bold`: a bold line alone above other text: it looks like a heading, and is none for who hears the page."""
    if text.kind == SLOGAN:
        return
    for line, before, after in _around(text.body):
        match = _BOLD.fullmatch(line.text.strip())
        if match and not before and after and len(match[1]) <= LONGEST_HEADING:
            words = match[1].strip()
            if words[-1:] not in ".!?…,;" and not words.isupper():  # an authority's own name stands in capitals
                yield Hint("hint-bold", line, line.text.strip(), (("heading", f"## {words.rstrip(':')}"),))


def shouting(text: Written) -> Iterator[Hint]:
    """`hint-capitals`: a title or a sentence in capitals; slogans and emergencies may."""
    if text.kind == SLOGAN or text.klass == EMERGENCY:
        return
    for line in (*(f for f in text.fields if f.field in _SPOKEN), *text.body):
        most = SHOUTED_TITLE if line.field == "Title" else SHOUTED
        for sentence in re.split(r"[.!?;|]\s", line.text):
            words = [w for w in re.findall(r"[^\W\d_]+", sentence) if len(w) > 1]
            if len(words) >= most and sum(w.isupper() for w in words) >= 0.8 * len(words):
                yield Hint("hint-capitals", line, sentence.strip())
                break


def pasted(text: Written) -> Iterator[Hint]:
    """`hint-spaces`: what Word leaves behind: hidden spaces, two in a row, tabs; the first place and how many lines."""
    lines = []
    for line in text.lines:
        table = line.field is None and "|" in line.text  # columns are lined up with spaces
        if _ODD_SPACE.search(line.text) or (not table and _GAP.search(_past_marker(line.text))):
            lines.append(line)
    if lines:
        yield Hint("hint-spaces", lines[0], lines[0].text.strip(), (("count", len(lines)),))


def lists(text: Written) -> Iterator[Hint]:
    """`hint-list`: “•” or “–” that makes no list; `hint-gap`: a list or table that needs an empty line above it."""
    dashes, last = 0, ""
    for line, before, after in _around(text.body):
        dashes = dashes + 1 if _DASH.match(line.text) else 0
        if _SIGN.match(line.text) or dashes == 2:  # one dash alone may be somebody speaking
            yield Hint("hint-list", line, line.text.strip())
        item = _ITEM.match(line.text) is not None
        prose = (
            before and not _ITEM.match(before) and not before.startswith((" ", "\t", "|", "#", ">")) and last != "item"
        )
        table = "|" in line.text and _RULE.fullmatch(after) is not None
        if prose and (item or table):
            yield Hint("hint-gap", line, line.text.strip())
        last = "item" if item or (last == "item" and line.text.strip()) else ""


def _around(body: tuple[Line, ...]) -> Iterator[tuple[Line, str, str]]:
    """Each line, the one before it ("" when that is empty), and the first after it that is not."""
    after = ""
    found = []
    for number in range(len(body) - 1, -1, -1):
        line = body[number]
        before = body[number - 1].text if number else ""
        found.append((line, before if before.strip() else "", after))
        after = line.text if line.text.strip() else after
    return reversed(found)


def _plain(words: str) -> str:
    """Folded, without what surrounds words."""
    return folded(words).strip(" .,:;!?…*_\"'“”()[]>»→")


def _past_marker(line: str) -> str:
    """A line without its list marker and the spaces around it, which may be two."""
    return re.sub(r"^\s*(?:(?:[-*+>•]|#{1,6}|\d{1,3}\.)\s+)?", "", line)
