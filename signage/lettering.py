"""Vietnamese letters: NFC on the way in, and old encodings told apart from Unicode.

State documents are UTF-8 and TCVN 6909 (`docs/domain`); what is pasted from old Word files may be
TCVN3 ("Th«ng b¸o") or VNI ("Thoâng baùo"), which are valid UTF-8 and wrong in every word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

SURELY = 0.75  # likeness from 0 to 1 from which on one name is surely meant: else all names are told
MIN_LEGACY_WORDS = 2  # words in one text before we call it an old encoding: a foreign name is not

_LETTER = "A-Za-zÀ-ỹ"
_OLD = {
    # Marks on signs that never stand inside a Vietnamese word.
    "TCVN3": rf"[{_LETTER}][«¸ª¬®µ¶·¹¨©¾»§][{_LETTER}]|(?<![{_LETTER}])®[{_LETTER}]",
    # The mark as a second letter: "aù", "oâ", "öôi"; no Vietnamese syllable has these pairs.
    "VNI": r"[aeouyAEOUY][øûïäåØÛÏÄÅ]|[aeAE][ùÙ]|[oO][âùÂÙ]|[aA][âêÂÊ]|öô|[öô][øûïäùï]|[eE][âÂ]",
}
_WORD = re.compile(r"\S+")


def nfc(text: str) -> str:
    """The text in Unicode's composed form, LF line ends, without a byte order mark."""
    return unicodedata.normalize("NFC", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


def legacy_encoding(text: str) -> str | None:
    """`"TCVN3"` or `"VNI"` when the (NFC) text looks like one, else None."""
    words = _WORD.findall(text)
    for name, pattern in _OLD.items():
        signs = re.compile(pattern)  # which `re` keeps: 2 ms that a board, which never asks, does not spend
        if sum(1 for w in words if signs.search(w)) >= MIN_LEGACY_WORDS:
            return name
    return None


def folded(text: str) -> str:
    """Lower case without marks, đ as d: how a visitor types."""
    plain = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("đ", "d")


def nearest(typed: str, known: Iterable[str]) -> str:
    """The one of these names that was surely meant, perhaps typed with marks and spaces; "" when none is so near."""
    from difflib import get_close_matches  # a board's player reads letters too, and has no use for it

    plain = "-".join(folded(typed).split())
    return next(iter(get_close_matches(plain, list(known), n=1, cutoff=SURELY)), "")


def control_characters(text: str) -> list[str]:
    """Characters that never belong in a notice (controls, private use, bidi overrides), each once."""
    bad = {c for c in text if unicodedata.category(c) in ("Cc", "Co", "Cs", "Cn") and c not in "\n\t"}
    bad |= {c for c in text if c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
    return sorted(bad)
