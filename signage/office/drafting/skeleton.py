"""The header of a draft: what the document says, and a blank for everything else, `[điền: …]`.

`bangtin check` refuses a notice with a blank left, and names its line: that is how a draft asks. When, where and
for whom something is shown is never worked out from the text; what the text mentions stands in the blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from ...lettering import folded, nfc
from ...notice.fields import DEFAULT_VALIDITY, MAX_SUMMARY
from ...notice.vocabulary import CATEGORIES
from ...schedule import VIETNAM_TIME
from ...settings import Settings
from .letterhead import Letterhead

MAX_NAME = 80  # letters of a file's name without its ending
MAX_LOOKED_AT = 100_000  # letters in which days are looked for
MAX_BLANK = 280  # characters in a blank: `notice.written` sees 300
MAX_TITLE = 200  # characters, as `notice.reading` allows
MOST_MENTIONED = 3  # days or hamlets that a blank repeats
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)")  # names that Windows keeps for devices
_DAY = re.compile(r"\b(?:\d{1,2}[:hg]\d{0,2}\s*(?:,|ngày)?\s*)?(?:ngày\s+)?\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{4})?\b"
                  r"|\bngày\s+\d{1,2}\s+tháng\s+\d{1,2}(?:\s+năm\s+\d{4})?", re.IGNORECASE)  # fmt: skip
_ABOUT = re.compile(r"^v/v\.?\s*:?\s*", re.IGNORECASE)
# Words in a title by which a notice may be of a kind: proposed, not decided.
_KINDS = {
    "cat-dien": "cung cap dien|cat dien|mat dien", "cat-nuoc": "cap nuoc|cat nuoc", "tiep-dan": "tiep cong dan",
    "tiem-chung": "tiem", "dau-gia": "dau gia", "niem-yet": "niem yet", "lay-y-kien": "lay y kien",
    "lich-lam-viec": "lich lam viec|lich cong tac|lich truc", "chay-rung": "chay rung",
    "tuyen-quan": "nghia vu quan su|tuyen quan|kham so tuyen", "duong-cam": "cam duong|phan luong|cam xe",
    "thien-tai": "bao so|lu lut|mua lon|sat lo|thien tai|ret dam", "y-te": "dich benh|sot xuat huyet|suc khoe",
    "hop-thon": "hop thon", "ket-qua-tthc": "thu tuc hanh chinh",
}  # fmt: skip


def header(found: Letterhead, title: str, words: str, settings: Settings, now: datetime) -> list[tuple[str, str]]:
    """The fields of a draft, in the order that the templates have; `words` is all that the document says."""
    local = f"{now.astimezone(VIETNAM_TIME):%Y-%m-%d %H:%M}"
    later = f"{(now + DEFAULT_VALIDITY + timedelta(days=1)).astimezone(VIETNAM_TIME):%Y-%m-%d} 17:00"
    days = mentioned(_DAY.findall(words[:MAX_LOOKED_AT]))
    fields = [
        ("Title", title), ("Date", local),
        ("Kind", blank("loại tin", proposed_kind(title, found), f"ví dụ {'van-ban' if is_official(found) else 'tin'}")),
        ("Category", blank("chọn một trong " + ", ".join(CATEGORIES))),
    ]  # fmt: skip
    if settings.hamlets:
        fields.append(("Hamlets", _hamlets(words, settings)))
    fields += [
        ("Boards", blank("bảng nào chiếu: all là mọi bảng, none là chỉ lên trang, hoặc group:…, board:…")),
        ("Start", blank("hiện từ lúc nào", days, f"ví dụ {local}")),
        ("End", blank("thôi hiện lúc nào", days, f"ví dụ {later}")),
    ]
    if is_official(found):
        fields += _document(found, now)
    fields.append(("Summary", blank(f"một câu nói đủ việc gì, ở đâu, khi nào; tối đa {MAX_SUMMARY} ký tự")))
    return fields


def is_official(found: Letterhead) -> bool:
    """Whether it is a document with a number, or the draft of one."""
    return found.number is not None


def _document(found: Letterhead, now: datetime) -> list[tuple[str, str]]:
    symbol = found.symbol or "/TB-UBND"
    lines = "; ".join(f"“{line.text}”" for line in found.bodies)
    who = " | ".join(filter(None, (found.signer or "[điền: họ và tên người ký]", found.title, found.authority)))
    if not (found.title or found.authority):
        who = blank("người ký | chức vụ | thẩm quyền ký, ví dụ Nguyễn Văn An | CHỦ TỊCH | TM. ỦY BAN NHÂN DÂN")
    day = f"{now.astimezone(VIETNAM_TIME):%Y-%m-%d}"
    dated = f"văn bản ghi “{found.dated}”" if found.dated else ""
    return [
        ("Number", found.number or blank("số văn bản, văn bản còn để trống", f"dạng 45{symbol}")),
        ("Issuer", found.issuer or blank("cơ quan ban hành", f"văn bản ghi {lines}" if lines else "")),
        ("Signer", who),
        ("Recipients", "; ".join(found.recipients) or blank("nơi nhận, cách nhau bằng dấu chấm phẩy")),
        ("Issued", f"{found.issued:%Y-%m-%d}" if found.issued else blank("ngày ký", dated, f"dạng {day}")),
    ]


def blank(*parts: str) -> str:
    """A blank that says what to type; what it repeats of a document has no bracket of its own."""
    words = "; ".join(filter(None, parts)).replace("[", " ").replace("]", " ")
    return f"[điền: {' '.join(words.split())[:MAX_BLANK]}]"


def title_of(found: Letterhead) -> str:
    """Kind and abstract as one title; "" when there is no abstract."""
    about = " ".join(found.about.split())
    if not about:
        return ""
    about = _ABOUT.sub("Về việc ", about)
    if not found.kind:
        return about[:1].upper() + about[1:]
    lower = about if about[1:2].isupper() else about[:1].lower() + about[1:]
    name = found.kind.casefold()
    return about if about.casefold().startswith(name) else f"{found.kind} {lower}"


def proposed_kind(title: str, found: Letterhead) -> str:
    """What the title sounds like, for the blank of `Kind`."""
    plain = folded(title)
    kind = next((kind for kind, words in _KINDS.items() if re.search(rf"\b(?:{words})\b", plain)), "")
    return f"tiêu đề giống {kind}" if kind else ""


def _hamlets(words: str, settings: Settings) -> str:
    plain = folded(words)
    named = [h.id for h in settings.hamlets if any(re.search(rf"\b{re.escape(n)}\b", plain) for n in _called(h.name))]
    known = ", ".join(h.id for h in settings.hamlets)[:150]
    return blank(f"chọn trong {known}", "cả xã thì xóa dòng này",
                 f"văn bản nhắc {', '.join(named[:12])}" if named else "")  # fmt: skip


def _called(name: str) -> list[str]:
    """How a text may call `Thôn 3 (Bến Mẫu)`: each of its names, folded."""
    return [part for part in (p.strip() for p in re.split(r"[()]", folded(name))) if part]


def mentioned(days: Iterable[str]) -> str:
    found = list(dict.fromkeys(" ".join(day.split()) for day in days))
    return f"văn bản nhắc {', '.join(found[:MOST_MENTIONED])}" if found else ""


def words_of_name(stem: str) -> str:
    """A file's name as words, to propose a title: `thong_bao-cat dien (1)` is nobody's title, and close to one."""
    return " ".join(re.sub(r"[\W_]+", " ", nfc(stem)).split())[:MAX_TITLE]


def slug(stem: str) -> str:
    """A file's name as a notice's, and as that of a file beside it: a–z, digits and hyphens."""
    plain = re.sub(r"[^a-z0-9]+", "-", folded(nfc(stem))).strip("-")[:MAX_NAME].strip("-")
    return f"tep-{plain}" if _RESERVED.fullmatch(plain) else plain or "ban-nhap"
