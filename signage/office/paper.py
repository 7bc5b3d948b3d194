"""What a notice's page says on paper only: the head that NĐ 30/2020 (Phụ lục I) gives an official document, and a code.

Pure. The head is made of the notice's signed fields and of nothing else; a field that is not there is left out.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from ..notice import Notice
from ..settings import Settings
from . import qr

# Abbreviations of the kinds of document in numbers, NĐ 30/2020, Phụ lục III, mục I. A letter (công văn) has none.
NAMES = {
    "NQ": "Nghị quyết", "QĐ": "Quyết định", "CT": "Chỉ thị", "QC": "Quy chế", "QyĐ": "Quy định", "TC": "Thông cáo",
    "TB": "Thông báo", "HD": "Hướng dẫn", "CTr": "Chương trình", "KH": "Kế hoạch", "PA": "Phương án", "ĐA": "Đề án",
    "DA": "Dự án", "BC": "Báo cáo", "BB": "Biên bản", "TTr": "Tờ trình", "HĐ": "Hợp đồng", "CĐ": "Công điện",
    "BGN": "Bản ghi nhớ", "BTT": "Bản thỏa thuận", "GUQ": "Giấy ủy quyền", "GM": "Giấy mời",
    "GGT": "Giấy giới thiệu", "GNP": "Giấy nghỉ phép", "PG": "Phiếu gửi", "PC": "Phiếu chuyển", "PB": "Phiếu báo",
}  # fmt: skip
_KIND = re.compile(r"\d+\w*/(?:\d{4}/)?(\w+)-")  # 45/TB-UBND, 05/2026/NQ-HĐND
_LETTER = re.compile(r"\d+\w*/(?:UBND|HĐND)-")  # 123/UBND-KT: a letter names who wrote it, then the office


def sheet(notice: Notice, settings: Settings, *, over: bool = False) -> dict[str, Any]:
    """The values of a page's paper form; `head` is None for what is no numbered document.

    What is over gets no code, its address in letters will do: nobody posts it on a wall, and codes of a whole
    archive take longer to make than its pages.
    """
    address = f"{settings.commune.site}/{notice.url}"
    path, side = qr.paper_path(address) if not over else ("", 0)
    return {"address": address, "path": path, "side": side, "head": _head(notice, settings)}


def _head(notice: Notice, settings: Settings) -> dict[str, str] | None:
    if (document := notice.document) is None:
        return None
    name, subject = named(document.number, notice.title)
    place = settings.commune.short if settings.commune.short.casefold() in document.issuer.casefold() else ""
    return {
        "name": name, "subject": subject, "dated": dated(place, document.issued) if document.issued else "",
        "letter": "1" if not name and _LETTER.match(document.number) else "",
    }  # fmt: skip


def named(number: str, title: str) -> tuple[str, str]:
    """The kind of document in capitals, and what it is about: `KẾ HOẠCH`, `Sản xuất vụ Đông Xuân`.

    By the number; when it says nothing, by the words that the title begins with, unless it is a letter's.
    """
    match = _KIND.match(number)
    names = [NAMES[match[1]]] if match and match[1] in NAMES else [] if _LETTER.match(number) else [*NAMES.values()]
    for name in names:
        rest = title[len(name) :]
        if title.casefold().startswith(name.casefold()) and rest[:1] in (" ", ":"):
            rest = rest.lstrip(" :–-")
            return name.upper(), rest[:1].upper() + rest[1:]
    return names[0].upper() if len(names) == 1 else "", title


def dated(place: str, day: date) -> str:
    """`Đồng Mẫu, ngày 05 tháng 02 năm 2026`: days below ten and the first two months with a nought."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    said = f"ngày {day.day:02} tháng {month} năm {day.year}"
    return f"{place}, {said}" if place else said.capitalize()
