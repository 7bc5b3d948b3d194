"""A text cut where a line may break: never inside a document number, a date, a telephone number, or
between a number and its unit; and where a sentence ends.

A text is a run of `Span`s: words, and whether they are strong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ..phrases import TITLES, bound

KEPT_TEXTS = 512  # texts whose words are remembered

Span = tuple[str, bool]
Rich = tuple[Span, ...]


@dataclass(frozen=True)
class Word:
    """What no line break may part: pieces of text, each strong or not."""

    parts: Rich

    @cached_property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)

    @cached_property
    def rank(self) -> int:
        """2 after a sentence, 1 after a clause, 0 within one, and after a colon: what it promises must follow."""
        bare = self.text.rstrip("”’\"')»]")
        return 2 if bare.endswith((".", "!", "?", ";")) else 1 if bare.endswith((",", "–", "—")) else 0


_SHORT = rf"{TITLES}|P\.|TX\.|Th\.|T\.|St\.|v\.v\."


def plain(text: str) -> Rich:
    return ((text, False),)


@lru_cache(maxsize=KEPT_TEXTS)
def words(rich: Rich) -> tuple[Word, ...]:
    """The unbreakable pieces of a text; kept, since the search for a size asks again and again."""
    text = bound("".join(t for t, _ in rich))
    strong = [flag for t, flag in rich for _ in t]
    return tuple(_word(text, strong, m.start(), m.end()) for m in re.finditer(r"[^ \n\t]+", text))


def _word(text: str, strong: list[bool], start: int, end: int) -> Word:
    parts: list[Span] = []
    for at in range(start, end):
        if parts and parts[-1][1] == strong[at]:
            parts[-1] = (parts[-1][0] + text[at], strong[at])
        else:
            parts.append((text[at], strong[at]))
    return Word(tuple(parts))


def sentences(text: str) -> list[str]:
    """A plain text cut after its sentences; “TP. Huế” and “KT. CHỦ TỊCH” stay whole."""
    found = [""]
    for piece in re.split(r"(?<=[.!?])\s+(?=[\wĐ“\"(])", text):
        after_short = re.search(rf"(?:(?<!\w)(?:{_SHORT})|^\d{{1,2}}\.)$", found[-1])
        found[-1:] = [f"{found[-1]} {piece}"] if after_short else [found[-1], piece]
    return [piece for piece in found if piece]
