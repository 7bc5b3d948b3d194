"""What about a living person should not hang on a wall: identity numbers, private phones, birth dates. Pure.

The law on personal data asks for a reason to publish each of these; a hint asks the officer whether there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from .written import Hint, Line, Written

PROVINCES = 96  # a citizen's number begins with that of a province, 001 … 096 (TT 59/2021/TT-BCA)
NEAR = 40  # characters before a number in which its meaning stands
_TWELVE = re.compile(r"(?<![\d.,/-])(?:\d{12}|\d{3}([ .])\d{3}\1\d{3}\1\d{3}|\d{4}([ .])\d{4}\2\d{4})(?![.,]?\d)")
_SHORT = re.compile(r"(?<![\d.,/-])(?:\d{9}|\d{3}([ .])\d{3}\1\d{3}|[A-Z]\d{7})(?![.,]?\d)")
_PAPER = re.compile(
    r"cccd|cmnd|cmt\b|căn cước|chứng minh (?:nhân dân|thư)|định danh|hộ chiếu|giấy tờ tùy thân",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(r"tài khoản|stk\b|biên lai|hóa đơn|mã hồ sơ|mã đơn", re.IGNORECASE)
_MOBILE = re.compile(r"(?<![\d.,/+-])(?:\+84[ .-]?|84[ .-]?|0)[35789]\d(?:[ .-]?\d){7}(?!\d)")
_NO_PHONE = re.compile(r"mã số|mst\b|tài khoản|stk\b|mã hồ sơ|mã đơn|số hiệu|seri", re.IGNORECASE)
_DATE = r"(?:ngày\s++)?\d{1,2}(?:\s*+[/.-]\s*+\d{1,2}\s*+[/.-]\s*+\d{4}|\s++tháng\s++\d{1,2}\s++năm\s++\d{4})"
_BORN_ON = re.compile(rf"(?<!từ )\b(?:sinh\s++ngày|ngày\s++sinh|sinh)\s*+:?\s*+{_DATE}", re.IGNORECASE)
_BORN_IN = re.compile(r"\b(?:sinh\s++năm|năm\s++sinh|SN)\s*+:?\s*+(?:19|20)\d\d\b", re.IGNORECASE)
_COLUMN = re.compile(r"\|\s*(?:ngày[^|]{0,20}sinh|năm\s+sinh|sinh\s+năm)[^|]{0,20}\|", re.IGNORECASE)
_NAMES = re.compile(r"\|\s*(?:họ|tên)\b[^|]{0,30}\|", re.IGNORECASE)
_PLACES = {"thôn", "xã", "ấp", "xóm", "bản", "làng", "tỉnh", "huyện", "phường", "khu", "phố", "tổ", "trường", "đường"}
_RUN = 8  # words before a year of birth in which a name may stand


def identity_numbers(text: Written) -> Iterator[Hint]:
    """`hint-id-number`: twelve digits that are a citizen's, nine digits or a passport's beside the word for it."""
    for line in text.lines:
        for match in _TWELVE.finditer(line.text):
            before = _before(line, match)
            born = 1 <= int(match[0][:3]) <= PROVINCES and not _NO_PERSON.search(before)
            if born or _PAPER.search(before):
                yield Hint("hint-id-number", line, match[0])
        for match in _SHORT.finditer(line.text):
            if _PAPER.search(_before(line, match)):
                yield Hint("hint-id-number", line, match[0])


def private_phones(text: Written, own: frozenset[str]) -> Iterator[Hint]:
    """`hint-phone`: a mobile number that is not one of the commune's (`own`, as `digits` writes them)."""
    for line in text.lines:
        seen: set[str] = set()
        for match in _MOBILE.finditer(line.text):
            number = digits(match[0])
            if number not in own | seen and not _NO_PHONE.search(_before(line, match)):
                seen.add(number)
                yield Hint("hint-phone", line, match[0])


def birth_dates(text: Written) -> Iterator[Hint]:
    """`hint-birth`: a day of birth; a year of birth beside a name; a table of names with a column of births."""
    for line in text.lines:
        found = _BORN_ON.search(line.text)
        years = (m for m in _BORN_IN.finditer(line.text) if _named(_before(line, m, 80)))
        column = _COLUMN.search(line.text) if _NAMES.search(line.text) else None
        if match := found or next(years, None) or column:
            yield Hint("hint-birth", line, match[0].strip("| "))


def digits(phone: str) -> str:
    """A phone number as its digits, `+84 9…` as `09…`."""
    plain = re.sub(r"\D", "", phone)
    return f"0{plain[2:]}" if re.match(r"\s*(?:\+84|84(?=\D?[35789]))", phone) and len(plain) == 11 else plain


def _before(line: Line, match: re.Match[str], most: int = NEAR) -> str:
    return line.text[max(0, match.start() - most) : match.start()]


def _named(before: str) -> bool:
    """Whether a person's name stands just before: two capitalised words that follow no word for a place."""
    words = [w.strip("(),.;:*|–-“”\"'") for w in before.split()][-_RUN:]
    for first, (one, two) in enumerate(pairwise(words)):
        if _capital(one) and _capital(two):
            run = first
            while run and _capital(words[run - 1]):
                run -= 1
            title = words[run].lower() in _PLACES  # “Thôn Đồng Mẫu”
            if not title and (run == 0 or words[run - 1].lower() not in _PLACES):
                return True
    return False


def _capital(word: str) -> bool:
    return word.isalpha() and len(word) > 1 and word[0].isupper() and (word[1:].islower() or word.isupper())
