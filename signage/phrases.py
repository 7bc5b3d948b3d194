"""Vietnamese phrases that a line break may not part: numbers with their units, dates, titles, compounds.

Office and board set the same words, so they break them alike.
"""

from __future__ import annotations

import re

NBSP = "\u00a0"

_NAMES = (
    r"[Ss]ố|№|[Đđ]iều|[Kk]hoản|[Đđ]iểm|[Mm]ục|[Cc]hương|[Tt]hôn|[Xx]óm|[ẤấÂâ]p|[Tt]ổ|[Kk]hu|[Nn]gõ|[Qq]uý|[Tt]háng|"
    r"[Nn]gày|[Nn]ăm|[Ll]úc|[Đđ]ợt|[Ll]ần|[Cc]ấp|[Pp]hòng|[Ll]ớp|[Tt]uần|[Tt]hứ|[Mm]ùng|[Kk]hóa|[Kk]ỳ|[Bb]àn|[Tt]ờ|"
    r"báo động|QL|ĐT|ĐH|ĐX"
)
_UNITS = (
    r"ha|m|km|cm|mm|m²|m³|m2|m3|kg|g|tấn|tạ|yến|lít|ml|đồng|đ|₫|VNĐ|triệu|tỷ|tỉ|nghìn|giờ|phút|ngày|tháng|năm|tuổi|"
    r"người|hộ|suất|liều|mũi|kV|kVA|kW|kWh|MW|°C|%|‰|cháu|em|đại|con|cây|xe|thửa|căn|nhà|bản|tờ"
)
TITLES = r"TM\.|KT\.|TL\.|TUQ\.|Q\.|TS\.|ThS\.|BS\.|PGS\.|GS\.|TP\.|[ÔôÔ]ng|[Bb]à|[Aa]nh|[Cc]hị"
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
    re.compile(rf"(?<!\w)(?:{TITLES}) (?=\S)"),
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
