"""The head of an official document (NĐ 30/2020, phụ lục I), read from its blocks; `foot` reads what stands below. Pure.

Issuing body, number, place and date stand in two columns above; kind and abstract in the middle. What is found leaves
the body and becomes fields; what a draft leaves blank stays blank, and nothing is guessed. A line that is not
understood stays in the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from ...lettering import folded
from ..paper import NAMES
from .blocks import Block, Line, Paragraph, Span, Table, capital, is_rule, pictures_in
from .foot import TITLE, Foot, take_foot

HEAD_BLOCKS = 14  # blocks in which the head ends
MAX_ABSTRACT = 4  # paragraphs
MAX_STAMPS = 3  # paragraphs between the head and the kind: “Ký bởi …”, an emblem
_NATION = re.compile(r"(?:cong hoa xa hoi chu nghia viet nam|doc lap\W+tu do\W+hanh phuc)\W*")
_NUMBER = re.compile(r"số\s*[:.]?\s*(.*)", re.IGNORECASE)
_WHOLE = re.compile(r"(\d{1,5}[A-Za-zĐđ]?)\s*((?:/\d{4})?)\s*/\s*([A-ZĐa-zđ0-9.&–-]{1,30})")
_BLANK = re.compile(r"[\s.…_]*((?:/\d{4})?)\s*/\s*([A-ZĐ][A-ZĐa-zđ0-9.&–-]{0,29})")
_DATED = re.compile(r"(.{0,60}?)[,\s]*\bngày\b(.{0,40}?)(?:\btháng\b|/)(.{0,40}?)(?:\bnăm\b|/)(.{0,20})", re.IGNORECASE)
_ABOUT = re.compile(r"(?:v/v|về\s+việc)\b", re.IGNORECASE)
_WIDER = re.compile(r"(?:xã|phường|thị trấn|đặc khu|tỉnh|thành phố|huyện|quận)\b.*", re.IGNORECASE)
KINDS = {name.upper(): name for name in NAMES.values()} | {"THƯ MỜI": "Thư mời", "LỊCH CÔNG TÁC": "Lịch công tác"}


@dataclass
class Letterhead(Foot):
    """What head and foot say. `number` is None without a number, "" when a draft leaves it blank."""

    number: str | None = None  # `45/TB-UBND`
    symbol: str = ""  # `/KH-UBND`, of a number that is left blank
    bodies: list[Line] = field(default_factory=list)  # above the number, as written
    issued: date | None = None
    dated: str = ""  # the line of place and date, as written
    kind: str = ""  # `Thông báo`
    about: str = ""  # the abstract, as written

    @property
    def issuer(self) -> str:
        """Bold is who issues, plain is who stands above it; "" when the lines do not say which is which."""
        bold = [line.text for line in self.bodies if line.bold]
        lines = [line.text for line in self.bodies]
        if 0 < len(bold) < len(lines):
            return " ".join(bold)
        if len(lines) > 1 and not all(_WIDER.fullmatch(line) for line in lines[1:]):
            return ""
        return " ".join(lines)


def read(blocks: list[Block]) -> tuple[Letterhead, list[Block]]:
    """The letterhead, and the blocks that are left as the body."""
    found, rest = Letterhead(), list(blocks)
    _head(found, rest)
    _kind(found, rest)
    if found.number is not None or found.kind:
        take_foot(found, rest)
    return found, [b for b in rest if isinstance(b, Table) or b.pictures or not is_rule(b.text)]


def is_formula(text: str) -> bool:
    """Whether a line in the middle of a decision says who decides, or that it is decided."""
    return capital(text) and (text.rstrip(":").strip() in KINDS or TITLE.fullmatch(text) is not None)


# ── above ────────────────────────────────────────────────────────────────────────────────────────


def _head(found: Letterhead, rest: list[Block]) -> None:
    """Takes the blocks of the head, when they name the nation or a number; else leaves all as it is."""
    made, left, end, sure, done = Letterhead(), list[Block](), 0, False, False
    for block in rest[:HEAD_BLOCKS]:
        lines = _joined(_lines(block))
        said = [_what(line) for line in lines]
        whole = isinstance(block, Table) and "nation" in said  # taken, whatever else stands in it
        if done or (not whole and ("kind" in said or None in said or pictures_in(block))):
            break
        kind = said.index("kind") if "kind" in said else len(said)
        left += _take(made, lines[:kind], said[:kind])
        left += [_left(line) for line in lines[kind:]]
        left += [Paragraph(pictures=p.pictures) for p in _paragraphs(block) if p.pictures]
        done = kind < len(said)
        sure = sure or "nation" in said or made.number is not None
        end += 1
    if sure:
        rest[:end] = left
        vars(found).update(vars(made))


def _left(line: Line) -> Paragraph:
    return Paragraph([Span(line.text, line.bold)], centred=line.centred)


def _paragraphs(block: Block) -> Iterable[Paragraph]:
    return [block] if isinstance(block, Paragraph) else block.paragraphs()


def _lines(block: Block) -> list[Line]:
    if isinstance(block, Paragraph):
        return block.lines()
    return [line for row in block.rows for cell in row for line in cell.lines()]


def _joined(lines: list[Line]) -> list[Line]:
    """“Số:” and what a tab parted from it are one line."""
    found: list[Line] = []
    for line in lines:
        if found and re.fullmatch(r"số\s*:?", found[-1].text, re.IGNORECASE) and _number(f"số {line.text}"):
            found[-1] = Line(f"{found[-1].text} {line.text}", line.bold, line.centred)
        else:
            found.append(line)
    return found


def _what(line: Line) -> str | None:
    """What a line of the head is."""
    text = line.text
    plain = folded(text)
    if _NATION.fullmatch(plain):
        return "nation"
    if is_rule(text) or plain.strip(" ()[].") == "du thao":
        return "rule"
    known = {"number": _number(text), "date": _DATED.fullmatch(text), "kind": text.upper() in KINDS,
             "about": _ABOUT.match(text), "body": capital(text)}  # fmt: skip
    return next((name for name, is_it in known.items() if is_it), None)


def _number(text: str) -> tuple[str, str] | None:
    """The number as notices write it and its symbol; the number is "" when a draft leaves it blank."""
    if not (line := _NUMBER.fullmatch(text)):
        return None
    if whole := _WHOLE.fullmatch(line[1].strip()):
        symbol = f"{whole[2]}/{whole[3]}".replace("–", "-")
        return whole[1] + symbol, symbol
    if blank := _BLANK.fullmatch(line[1].strip()):
        return "", f"{blank[1]}/{blank[2]}".replace("–", "-")
    return ("", "") if not line[1].strip(" ._…/-") else None


def _take(made: Letterhead, lines: list[Line], said: list[str | None]) -> list[Block]:
    """Notes what the lines say; the paragraphs of lines that say nothing we know."""
    left: list[Block] = []
    last = None
    for line, what in zip(lines, said, strict=True):
        if what == "number" and made.number is None and (number := _number(line.text)):
            made.number, made.symbol = number
        elif what == "date":
            made.dated, made.issued = line.text, _date(line.text)
        elif what == "about" or (last == "about" and what is None):
            made.about = f"{made.about} {line.text}".strip()
            last = "about"
            continue
        elif what == "body":
            made.bodies.append(line)
        elif what is None or what == "number":
            left.append(_left(line))
        last = what
    return left


def _date(text: str) -> date | None:
    """The day, when a whole one is written."""
    match = _DATED.fullmatch(text)
    parts = [part.strip(" .…_") for part in match.groups()[1:]] if match else []
    if len(parts) == 3 and all(part.isascii() and part.isdigit() for part in parts) and len(parts[2]) == 4:
        try:
            return date(int(parts[2]), int(parts[1]), int(parts[0]))
        except ValueError:
            return None
    return None


def _kind(found: Letterhead, rest: list[Block]) -> None:
    """The kind of document in the middle, and what it is about below it; a stamp of the head may stand above."""
    for at, first in enumerate(rest[: MAX_STAMPS + 1]):
        lines = first.lines() if isinstance(first, Paragraph) and not first.pictures else []
        name, about = _named(lines[0].text) if lines else ("", [])
        if name and (found.number is not None or (lines[0].bold and at == 0)):
            break
    else:
        return
    about += [line.text for line in lines[1:] if not is_rule(line.text)]
    end = at + 1
    for block in rest[end : end + MAX_ABSTRACT]:
        if not isinstance(block, Paragraph) or block.pictures or not (block.centred or (block.bold and not about)):
            break
        ended = is_rule(block.text)
        if about and not ended and (capital(block.text) != capital(about[0]) or not block.bold):
            break
        about += [] if ended else [" ".join(line.text for line in block.lines())]
        end += 1
        if ended:
            break
    del rest[at:end]
    found.kind, found.about = KINDS[name], " ".join(about) or found.about


def _named(text: str) -> tuple[str, list[str]]:
    """The kind of document that a line is, in capitals, and what it says it is about: `THÔNG BÁO Về việc …`."""
    if (whole := text.upper().rstrip(" :")) in KINDS:
        return whole, []
    name = next((kind for kind in KINDS if text.startswith(f"{kind} ")), "")
    about = text[len(name) :].strip()
    return (name, [about]) if name and _ABOUT.match(about) else ("", [])
