"""A text cut where a line may break: never inside a document number, a date, a telephone number, or
between a number and its unit; and where a sentence ends.

A text is a run of `Span`s: words, and whether they are strong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

NBSP = "\u00a0"
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


_NAMES = (
    r"[Ss]ố|№|[Đđ]iều|[Kk]hoản|[Đđ]iểm|[Mm]ục|[Cc]hương|[Tt]hôn|[Xx]óm|[ẤấÂâ]p|[Tt]ổ|[Kk]hu|[Nn]gõ|[Qq]uý|[Tt]háng|"
    r"[Nn]gày|[Nn]ăm|[Ll]úc|[Đđ]ợt|[Ll]ần|[Cc]ấp|[Pp]hòng|[Ll]ớp|[Tt]uần|[Tt]hứ|[Mm]ùng|[Kk]hóa|[Kk]ỳ|[Bb]àn|[Tt]ờ|"
    r"báo động|QL|ĐT|ĐH|ĐX"
)
_UNITS = (
    r"ha|m|km|cm|mm|m²|m³|m2|m3|kg|g|tấn|tạ|yến|lít|ml|đồng|đ|₫|VNĐ|triệu|tỷ|tỉ|nghìn|giờ|phút|ngày|tháng|năm|tuổi|"
    r"người|hộ|suất|liều|mũi|kV|kVA|kW|kWh|MW|°C|%|‰|cháu|em|đại|con|cây|xe|thửa|căn|nhà|bản|tờ"
)
_TITLES = r"TM\.|KT\.|TL\.|TUQ\.|Q\.|TS\.|ThS\.|BS\.|PGS\.|GS\.|TP\.|[ÔôÔ]ng|[Bb]à|[Aa]nh|[Cc]hị"
_SHORT = rf"{_TITLES}|P\.|TX\.|Th\.|T\.|St\.|v\.v\."
# Words of slogans and headlines that nobody parts; narrow lines still may.
_COMPOUNDS = (
    "Đại đoàn kết|đại đoàn kết|toàn dân tộc|ỦY BAN|Ủy ban|CHỦ TỊCH|Chủ tịch|NHÂN DÂN|Nhân dân|"
    "xã hội|chủ nghĩa|Việt Nam|nhân dân|Quốc khánh|Cộng hòa|cộng hòa|toàn dân|Toàn dân|đoàn kết|văn minh|môi trường|"
    "nông thôn|Nông thôn|năm mới|Quân đội|quốc phòng|Quốc phòng|quốc gia|Quốc gia|kỷ niệm|Kỷ niệm|Chào mừng|chào mừng|"
    "Nhiệt liệt|nhiệt liệt|hưởng ứng|Hưởng ứng|hạnh phúc|độc lập|tự do|Đảng bộ|Đại hội|đại biểu|Mặt trận|mặt trận|"
    "trực tuyến|dịch vụ|lừa đảo|Ngày hội|ngày hội|thành lập|Thành lập|nếp sống|hồ sơ|trụ sở|nhà văn hóa|văn hóa|"
    "giao thông|an toàn|An toàn|sức khỏe|tiêm chủng|phòng chống|Tổ quốc|Bác Hồ|gia đình|học sinh|công dân|Công an"
)
_BOUND = [
    re.compile(rf"(?<!\w)(?:{_NAMES}) (?=[\dIVX])", re.IGNORECASE),
    re.compile(rf"(?<=\d) (?=(?:{_UNITS})(?!\w))"),
    re.compile(r"(?<=\d) (?=\d{3,4}(?!\w))"),  # 0299 000 0000
    re.compile(rf"(?<!\w)(?:{_TITLES}) (?=\S)"),
    re.compile(r" (?=[–—] )"),  # a dash ends its line
    re.compile(r"(?<=\d[ \u00a0][–-]) (?=\d)"),  # 2 – 6
    re.compile(r"(?<=\bSố:) (?=\d)"),
    re.compile(rf"(?<!\w)(?:{_COMPOUNDS.replace(' ', '[ ]')})(?!\w)"),
]


def bound(text: str) -> str:
    """The text with the spaces that must not break made non-breaking; of the same length."""
    for pattern in _BOUND:
        text = pattern.sub(lambda m: m[0].replace(" ", NBSP), text)
    return text


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
