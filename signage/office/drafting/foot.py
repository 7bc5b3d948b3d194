"""The foot of an official document (NĐ 30/2020, phụ lục I): recipients and who signs, in two columns. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .blocks import Block, Paragraph, Table, capital, is_rule, pictures_in

FOOT_BLOCKS = 40  # blocks before the end in which the foot begins; annexes may follow it
MAX_FOOT_ROWS = 8  # rows of a table that one signs in
_RECIPIENTS = re.compile(r"nơi\s+nhận\s*:?\s*(.*)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:KT|TM|TL|TUQ|Q)\s*\.\s*\S.*")
_STAMP = re.compile(r"\W*(?:đã ký|ký tên|ký,|chữ ký|ký và|ký số)[^.]{0,60}\W*", re.IGNORECASE)
TITLE = re.compile(
    r"(?:phó\s+|quyền\s+)?(?:chủ tịch|chánh văn phòng|chánh thanh tra|trưởng|giám đốc|bí thư|hiệu trưởng|chủ nhiệm"
    r"|cục trưởng|viện trưởng|tổ trưởng|đội trưởng|chỉ huy trưởng|tổng giám đốc)\b.*",
    re.IGNORECASE,
)
_RECEIVER = re.compile(r"[-–—+•*]\s*\S.*|(?:như trên|như điều|lưu)\b.*", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_]+\.?(?: [^\W\d_]+\.?){1,6}")


@dataclass
class Foot:
    """Who signs, by which authority, and who receives it; "" for what a draft leaves blank."""

    signer: str = ""
    title: str = ""
    authority: str = ""
    recipients: list[str] = field(default_factory=list)
    has_seal: bool = False  # a picture stood where one signs


def take_foot(found: Foot, rest: list[Block]) -> None:
    """Takes the blocks of recipients and signer; annexes that follow stay."""
    for at in range(max(0, len(rest) - FOOT_BLOCKS), len(rest)):
        made, end, seen = Foot(), at, set[str]()
        while end < len(rest) and _foot_block(made, rest[end], seen):
            end += 1
        if made.recipients or made.authority or (made.title and made.signer):
            del rest[at:end]
            vars(found).update(vars(made))
            return


def _foot_block(made: Foot, block: Block, seen: set[str]) -> bool:
    """Whether a block belongs to the foot, of which `seen` was met so far; then what it says is noted."""
    if isinstance(block, Table) and len(block.rows) > MAX_FOOT_ROWS:
        return False
    cells = [block.lines()] if isinstance(block, Paragraph) else [c.lines() for row in block.rows for c in row]
    steps: list[tuple[str, str]] = []
    for lines in cells:
        listing = "recipients" in seen and isinstance(block, Paragraph)
        for line in lines:
            if match := _RECIPIENTS.fullmatch(line.text):
                listing = True
                steps.append(("recipients", match[1]))
            elif what := _foot_line(line.text, listing, bool(seen or steps)):
                steps.append((what, line.text))
            else:
                return False
    if not any(cells) and not seen:
        return False
    for what, text in steps:
        seen.add(what)
        _note(made, what, text)
    made.has_seal = made.has_seal or pictures_in(block)
    return True


def _foot_line(text: str, listing: bool, begun: bool) -> str:
    """What a line of the foot is; "" for none of its."""
    if is_rule(text) or _STAMP.fullmatch(text):
        return "stamp" if begun else ""
    if _AUTHORITY.fullmatch(text) and capital(text):
        return "authority"
    if capital(text) and TITLE.fullmatch(text):
        return "title"
    if listing and (_RECEIVER.fullmatch(text) or text.endswith((";", ".", ","))):
        return "recipients"
    words = text.split()
    if begun and _NAME.fullmatch(text) and all(w[0].isupper() for w in words[-2:]) and len(words) > 1:
        return "title" if capital(text) and not _is_name(words) else "signer"
    return ""


def _is_name(words: list[str]) -> bool:
    """Whether capitals are a person's name: two to five words, the first a surname of many."""
    return len(words) <= 5 and words[0].upper() in _SURNAMES


def _note(made: Foot, what: str, text: str) -> None:
    if what == "recipients":
        if text := re.sub(r"^[-–—+•*]\s*", "", text).strip().rstrip(";.,").replace(";", ",").strip():
            made.recipients.append(text)
    elif what == "authority":
        made.authority = f"{made.authority} {text}".strip()
    elif what == "title":
        made.title = f"{made.title} {text}".strip()
    elif what == "signer" and not made.signer:
        made.signer = text


_SURNAMES = frozenset(
    re.split(
        " ",
        "NGUYỄN TRẦN LÊ PHẠM HOÀNG HUỲNH PHAN VŨ VÕ ĐẶNG BÙI ĐỖ HỒ NGÔ DƯƠNG LÝ ĐINH ĐOÀN LÂM TRƯƠNG MAI TRỊNH ĐÀO HÀ"
        " CAO LƯƠNG LƯU PHÙNG TÔ TẠ THÁI CHU QUÁCH KIỀU VI NÔNG HỨA LÒ GIÀNG VÀNG SÙNG MA TỐNG NGHIÊM ĐÀM KIM CHÂU BẾ",
    )
)
