"""What kind of document a number is of: `45/TB-UBND` is a Thông báo. The names are NĐ 30/2020's (`paper.NAMES`)."""

from __future__ import annotations

import re
from functools import lru_cache

from ..lettering import folded
from .paper import NAMES

OTHER = "Văn bản khác"  # whose number names no kind: a letter's, or one that we do not know
KEPT_NUMBERS = 1 << 15  # documents' numbers that were read once: a register asks for each again and again
_SYMBOL = lru_cache(KEPT_NUMBERS)(re.compile(r"(\d+)\w*/(?:(\d{4})/)?([^\W\d_]+)").match)


def symbol(number: str) -> str:
    """The abbreviation in a document's number, when it is one of NĐ 30/2020's; else ""."""
    match = _SYMBOL(number)
    return match[3] if match and match[3] in NAMES else ""


def kind_name(number: str) -> str:
    """`Thông báo` for `45/TB-UBND`; `OTHER` when the number says nothing."""
    return NAMES.get(symbol(number), OTHER)


def kind_slug(name: str) -> str:
    """`thong-bao` for `Thông báo`: HD and HĐ fold alike, their names do not."""
    return folded(name).lower().replace(" ", "-")


def count(number: str) -> int:
    """45 of `45/TB-UBND`, to sort by."""
    match = _SYMBOL(number)
    return int(match[1]) if match else 0


def year(number: str) -> int | None:
    """2026 of `05/2026/NQ-HĐND`."""
    match = _SYMBOL(number)
    return int(match[2]) if match and match[2] else None
