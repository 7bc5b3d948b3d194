"""Blocks → the Markdown that a notice is written in, so that its reader sees the same words. Pure.

A sign that Markdown would take for its own is escaped; a number before a paragraph stays that number. Merged
cells are laid out into a plain table, and told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .blocks import Block, Cell, Paragraph, Picture, Span, Table, is_rule
from .faithful import Note
from .letterhead import is_formula
from .package import NotWordError

MAX_COLUMNS = 40  # columns of a table
MAX_HEADS = 3  # rows of its head
MAX_CELLS = 20_000  # cells of one table, merged ones laid out
LONGEST_HEADING = 120  # characters of a bold line that is meant as a heading
BLANK = re.compile(r"\[điền:[^\[\]\n]{0,300}\](?![(\[:])", re.IGNORECASE)
_SIGNS = re.compile(r"(?<![^\W_])_|_(?![^\W_])|[\\`*\[\]#]|&(?=#?\w+;)|<(?=[A-Za-z/!?])")
_START = re.compile(r"^(\d*)(\.(?=\s)|>|[-+](?=\s|$))")  # what would begin a list, a heading, a quote
_NUMBERED = re.compile(r"(\d{1,3})\.\s+(?=\S)")
_BULLET = re.compile(r"[-–—•·▪■●◦‣*]\s+(?=\S)")
_PLUS = re.compile(r"\+\s+(?=\S)")
_HEADINGS = (  # how a heading of an official document begins, and its level
    (re.compile(r"(?:phần|chương)\s+(?:[IVXLC]+|\d+|thứ \w+)\b", re.IGNORECASE), 2),
    (re.compile(r"(?:mục)\s+(?:[IVXLC]+|\d+)\b|[IVXLC]+[.)]\s|[A-E]\.\s|phụ lục\b", re.IGNORECASE), 3),
    (re.compile(r"điều\s+\d+\s*[.:]\s*\S|\d{1,2}\.\s+\S|\d{1,2}\.\d{1,2}\.?\s+\S", re.IGNORECASE), 4),
)


@dataclass
class Written:
    """A body in Markdown, and what to tell of it."""

    markdown: str
    notes: list[Note] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)  # names in `Word.pictures`, in order


def body(blocks: Iterable[Block], files: Mapping[str, str]) -> Written:
    """The body; `files` says under which name each picture lies beside the notice."""
    found = Written("")
    lines: list[tuple[str, str]] = []  # (kind, text): list items of a kind follow each other without a gap
    tables = 0
    for block, level in _levelled(list(blocks)):
        if isinstance(block, Table):
            tables += 1
            lines += _table(block, tables, found)
        elif level:
            lines.append(("heading", f"{'#' * level} {_plain(block.spans)}"))
        elif block.text:
            lines.append(_paragraph(block, lines[-1][0] if lines else ""))
        paragraphs = [block] if isinstance(block, Paragraph) else list(block.paragraphs())
        for picture in (p for one in paragraphs for p in one.pictures):
            found.pictures.append(picture.name)
            lines.append(("picture", f"![{_alt(picture)}]({files.get(picture.name, picture.name)})"))
    found.markdown = _spaced(lines)
    return found


def _spaced(lines: list[tuple[str, str]]) -> str:
    text, last = "", ""
    for kind, line in lines:
        together = kind in ("number", "bullet", "inner") and last in ("number", "bullet", "inner")
        joined = together and (kind == last or "inner" in (kind, last))
        text += ("" if not text else "\n" if joined else "\n\n") + line
        last = kind
    return text


# ── headings ─────────────────────────────────────────────────────────────────────────────────────


def _levelled(blocks: list[Block]) -> Iterable[tuple[Block, int]]:
    """Each block with its heading's level, 0 for none: the highest is 2, and none skips one."""
    wanted = [_wanted(block, bool(blocks[at + 1 :])) for at, block in enumerate(blocks)]
    used = sorted({level for level in wanted if level})
    above = 1
    for block, level in zip(blocks, wanted, strict=True):
        if not level:
            yield block, 0
            continue
        above = min(used.index(level) + 2, above + 1, 6)
        yield block, above


def _wanted(block: Block, followed: bool) -> int:
    if isinstance(block, Table) or not block.text:
        return 0
    if block.heading:
        return block.heading
    if not (block.bold and followed) or len(block.text) > LONGEST_HEADING or block.item is not None:
        return 0
    if is_formula(block.text) or (any("\n" in span.text for span in block.spans) and not block.centred):
        return 0
    level = next((level for pattern, level in _HEADINGS if pattern.match(block.text)), 0)
    ended = block.text[-1] in ".;,!?…" and level == 0
    return 0 if ended else level or (3 if block.centred and not is_rule(block.text) else 0)


# ── paragraphs ───────────────────────────────────────────────────────────────────────────────────


def _paragraph(block: Paragraph, last: str) -> tuple[str, str]:
    """Its kind (number, bullet, inner, text) and its line."""
    label, spans = _parted(block.spans)
    text = _START.sub(r"\1\\\2", inline(spans))
    if block.item is not None:
        inner = block.item > 0 and last in ("bullet", "inner", "number")
        return ("inner", f"    - {text}") if inner else ("bullet", f"- {text}")
    if label[:1].isdigit():
        return "number", f"{label.strip()} {text}"
    if label.startswith("+") and last in ("bullet", "inner"):
        return "inner", f"    - {text}"
    if label:
        return "bullet", f"- {text}"
    return "text", text


def _parted(spans: list[Span]) -> tuple[str, list[Span]]:
    """The number or sign that a paragraph begins with, taken out of its first letters."""
    whole = "".join(span.text for span in spans).lstrip()
    match = _NUMBERED.match(whole) or _BULLET.match(whole) or _PLUS.match(whole)
    if not match or BLANK.match(whole):
        return "", spans
    left, out, skipped = len(match[0]), [], False
    for span in spans:
        text = span.text if skipped else span.text.lstrip()
        skipped = skipped or bool(text)
        taken = min(left, len(text))
        left -= taken
        out.append(Span(text[taken:], span.bold, span.italic, span.href))
    return match[0], out


def inline(spans: Iterable[Span]) -> str:
    """One line of Markdown; spaces stand outside of what is strong."""
    text = ""
    for span in _merged(spans):
        words = " ".join(span.text.split())
        if not words:
            text += " " if span.text else ""
            continue
        lead, tail = " " * span.text[0].isspace(), " " * span.text[-1].isspace()
        sign = ("**" if span.bold else "") + ("*" if span.italic else "")
        made = f"{sign}{_escaped(words)}{sign[::-1]}" if any(c.isalnum() for c in words) else _escaped(words)
        if span.href and not re.search(r"[\s()<>]", span.href):
            made = f"<{span.href}>" if words == span.href and "://" in words else f"[{made}]({span.href})"
        if sign and text and not lead and (text[-1].isalnum() or text[-1] == "*"):
            made = _escaped(words)  # Markdown closes no strong letters inside a word
        if made.startswith("[") and text.endswith("!") and not lead:
            text = f"{text[:-1]}&#33;"  # else a link becomes a picture
        text += lead + made + tail
    return " ".join(text.split())


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Neighbours of one look as one; spaces alone take the look of what stands before them."""
    found: list[Span] = []
    for span in spans:
        last = found[-1] if found else None
        same = last and (last.bold, last.italic, last.href) == (span.bold, span.italic, span.href)
        if last and (same or (not span.text.strip() and not last.href)):
            found[-1] = Span(last.text + span.text, last.bold, last.italic, last.href)
        elif span.text:
            found.append(span)
    return found


def _escaped(text: str) -> str:
    out, at = "", 0
    for match in BLANK.finditer(text):
        out += _signs(text[at : match.start()]) + match[0]
        at = match.end()
    return out + _signs(text[at:])


def _signs(text: str) -> str:
    return _SIGNS.sub(lambda m: {"<": "&lt;", "&": "&amp;"}.get(m[0], f"\\{m[0]}"), text)


def _plain(spans: Iterable[Span]) -> str:
    return inline(_bare(spans))


def _alt(picture: Picture) -> str:
    """The words that the officer gave the picture in Word; else they are asked for."""
    words = re.sub(r"[\[\]()\\`*_<>]", " ", picture.alt)
    made_up = re.search(r"automatically generated|được tạo tự động|\.(?:png|jpe?g|webp)$", words, re.IGNORECASE)
    if len(words.split()) < 2 or made_up or re.match(r"[a-z]:\s", words, re.IGNORECASE):
        return "[điền: hình này cho thấy gì, cho người không nhìn được]"
    return " ".join(words.split())[:300]


# ── tables ───────────────────────────────────────────────────────────────────────────────────────

Place = tuple[Cell, bool] | None  # the cell at a place, and whether it begins in this column


def _table(table: Table, number: int, found: Written) -> list[tuple[str, str]]:
    if table.nested:
        found.notes.append(Note("word-table-inside", {"table": number}))
    if len(table.rows) <= 1 or max(len(row) for row in table.rows) == 1:  # a box, or columns of text
        return [_paragraph(p, "") for p in table.paragraphs() if p.text]
    grid, merged = _grid(table)
    above: list[tuple[str, str]] = []
    while len(grid) > 2 and len(_beginning(grid[0])) == 1 and len(grid[0]) > 1:  # a title over all the columns
        above += [("text", inline(p.spans)) for p in _beginning(grid.pop(0))[0].paragraphs if p.text]
    if merged:
        found.notes.append(Note("word-merged", {"table": number, "count": merged}))
    width, first = max(len(row) for row in grid), _beginning(grid[0])
    heads = max(1, min(max((cell.rows for cell in first), default=1), len(grid) - 1, MAX_HEADS))
    head = [
        " – ".join(dict.fromkeys(filter(None, (_words(row, at, True) for row in grid[:heads])))) for at in range(width)
    ]
    lines = [_row(head), "|" + "---|" * width]
    lines += [_row([_words(row, at, False) for at in range(width)]) for row in grid[heads:]]
    return [*above, ("table", "\n".join(lines))]


def _grid(table: Table) -> tuple[list[list[Place]], int]:
    """Each cell at its places, without columns in which none begins; how many cells were merged.

    Raises `NotWordError` (`word-heavy`).
    """
    grid: list[list[Place]] = [[] for _ in table.rows]
    merged = laid = 0
    for at, row in enumerate(table.rows):
        column = 0
        for cell in row:
            while column < len(grid[at]) and grid[at][column] is not None:
                column += 1
            rows = min(cell.rows, len(grid) - at)
            merged += rows > 1 or cell.columns > 1
            laid += rows * cell.columns
            if laid > MAX_CELLS:
                raise NotWordError("word-heavy", limit=f"{MAX_CELLS} ô của một bảng")
            for line in grid[at : at + rows]:
                line.extend([None] * (column + cell.columns - len(line)))
                line[column : column + cell.columns] = [(cell, right == 0) for right in range(cell.columns)]
            column += cell.columns
    width = max(len(row) for row in grid)
    grid = [row + [None] * (width - len(row)) for row in grid]
    kept = [at for at in range(width) if any((place := row[at]) and place[1] for row in grid)]
    if len(kept) > MAX_COLUMNS:
        raise NotWordError("word-heavy", limit=f"{MAX_COLUMNS} cột của một bảng")
    return [[row[at] for at in kept] for row in grid], merged


def _beginning(row: list[Place]) -> list[Cell]:
    return [place[0] for place in row if place and place[1]]


def _words(row: list[Place], at: int, head: bool) -> str:
    """A cell's words: below a merged cell again, beside one not, so that each row can be read alone."""
    place = row[at]
    if place is None or not (place[1] or head):
        return ""
    made = [inline(_bare(p.spans) if head else p.spans) for p in place[0].paragraphs if p.text]
    text = made[0] if made else ""
    for more in made[1:]:
        text += (" " if head or text.endswith((".", ";", ",", ":", "–", "-")) else "; ") + more
    return text.replace("|", "\\|")


def _bare(spans: Iterable[Span]) -> list[Span]:
    return [Span(s.text, False, s.italic, s.href) for s in spans]


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
