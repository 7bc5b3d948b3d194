"""Reads slides back with tesseract (Debian: tesseract-ocr, tesseract-ocr-vie) and counts the wrong characters.

The method, one for all slides of all shapes. The whole slide goes to tesseract as ink on white: the final
frame less the same frame without its letters (band, rail, photograph, QR code), as a difference of grey, so
that white on black and black on white are one case and a pale ink stays pale. A matrix is enlarged by whole
pixels. One segmentation mode; nothing is cropped, sharpened or chosen slide by slide. What this leaves out is
held elsewhere: contrast against what lies under a text, by `office.legibility`, and that a QR code is read, by
`office.qr`. `raw` gives tesseract the frame as it is: mixed papers confuse its search for lines, not for letters.

Tesseract tells each word with its place. A word belongs to the line of the sheet in whose rows and columns its
middle lies; one on no line is an insertion, every character of it (in a raw frame, not one in the middle of a
picture). The words of a line are read from left to right and compared with what the sheet says there by edit
distance (insertions, deletions, substitutions), white space taken together, Unicode composed; the kinds of
dash, quotation mark and ellipsis count as one each, since the model knows but one. So the order of blocks,
which is not ours, plays no part, while every character of the sheet and every one that tesseract sees does.

Character error rate = sum of distances / sum of the sheet's characters.
"""

from __future__ import annotations

import io
import os
import subprocess
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PIL import ImageChops

from signage.office import drawing
from signage.office.drawing import Picture
from signage.office.layout.sheet import Disc, Figure, Letters, Rect, Sheet
from signage.office.legibility import ink_rect

MODE = 11  # tesseract's page segmentation: sparse text, as much as is found, in no order
DENSITY = 150  # dots per inch that tesseract is told; without it it guesses, another for each slide
ENLARGED = 3  # whole pixels for each of a matrix: its letters of 16 become 48, about what the model was trained on
TIME_LIMIT = 120  # s for one slide
_FOLDED = str.maketrans({"–": "-", "—": "-", "‑": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "″": '"', "′": "'"})


@dataclass(frozen=True)
class Found:
    """A word that tesseract saw, where (in the slide's own pixels)."""

    text: str
    rect: Rect


@dataclass(frozen=True)
class Said:
    """A line of a sheet, and where its ink may lie."""

    text: str
    rect: Rect


def folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).translate(_FOLDED).replace("...", "…").split())


def said(sheet: Sheet) -> list[Said]:
    """The lines of a sheet: in each block, the letters of one baseline from left to right."""
    found = []
    for block in sheet.blocks:
        rows: dict[int, list[Letters]] = {}
        for mark in block.marks:
            if isinstance(mark, Letters) and mark.text.strip():
                rows.setdefault(mark.baseline, []).append(mark)
        for marks in rows.values():
            marks.sort(key=lambda mark: mark.x)
            boxes = [ink_rect(mark) for mark in marks]
            left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
            right, bottom = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
            found.append(Said(" ".join(mark.text for mark in marks), (left, top, right - left, bottom - top)))
    return found


def inked(sheet: Sheet, pictures: Mapping[str, Picture]) -> Picture:
    """The slide as ink on white, 8-bit grey."""
    plain = [replace(b, marks=tuple(m for m in b.marks if not isinstance(m, Letters))) for b in sheet.blocks]
    frame = drawing.paint(sheet, pictures).convert("L")
    ground = drawing.paint(replace(sheet, blocks=tuple(plain)), pictures).convert("L")
    return ImageChops.difference(frame, ground).point([255 - v for v in range(256)])


def read(grey: Picture, times: int = 1) -> list[Found]:
    """The words of a slide; raises `subprocess.CalledProcessError`, `FileNotFoundError` without tesseract."""
    out = io.BytesIO()
    grey.resize((grey.width * times, grey.height * times), 0).save(out, "PNG", compress_level=1)
    ran = subprocess.run(
        ["tesseract", "-", "-", "-l", "vie", "--psm", str(MODE), "--dpi", str(DENSITY), "tsv"],
        input=out.getvalue(), capture_output=True, check=True, timeout=TIME_LIMIT,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )  # fmt: skip
    words = []
    for line in ran.stdout.decode().splitlines()[1:]:
        level, *_, left, top, width, height, _, text = line.split("\t", 11)
        if level == "5" and text.strip():
            x, y, w, h = (int(n) // times for n in (left, top, width, height))
            words.append(Found(text.strip(), (x, y, w, h)))
    return words


def wrong(sheet: Sheet, words: Sequence[Found]) -> tuple[int, int, list[tuple[str, str]]]:
    """Wrong characters, the sheet's characters, and the lines that were misread: (said, read)."""
    lines = said(sheet)
    pictures = _pictures(sheet)
    heard: dict[int, list[Found]] = {}
    total = 0
    misread: list[tuple[str, str]] = []
    for word in words:
        at = _line_of(word, lines)
        if at is None and any(_inside(word, rect) for rect in pictures):
            continue
        if at is None:
            total += len(folded(word.text))
            misread.append(("", word.text))
        else:
            heard.setdefault(at, []).append(word)
    length = 0
    for n, line in enumerate(lines):
        text = folded(line.text)
        got = folded(" ".join(word.text for word in sorted(heard.get(n, []), key=lambda w: w.rect[0])))
        off = distance(text, got)
        total, length = total + off, length + len(text)
        if off:
            misread.append((text, got))
    return total, length, misread


def _pictures(sheet: Sheet) -> list[Rect]:
    """Where a slide has pictures and signs: a clock's face that is taken for an O is no letter of ours."""
    found = [b.rect for b in sheet.blocks if not any(isinstance(mark, Letters) for mark in b.marks)]
    for mark in (mark for block in sheet.blocks for mark in block.marks):
        if isinstance(mark, Disc):
            found.append(mark.rect)
        elif isinstance(mark, Figure):
            xs, ys = [x for x, _ in mark.points], [y for _, y in mark.points]
            found.append((min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)))
    return found


def _inside(word: Found, rect: Rect) -> bool:
    x, y = word.rect[0] + word.rect[2] / 2, word.rect[1] + word.rect[3] / 2
    return rect[0] <= x <= rect[0] + rect[2] and rect[1] <= y <= rect[1] + rect[3]


def _line_of(word: Found, lines: Sequence[Said]) -> int | None:
    x, y = word.rect[0] + word.rect[2] / 2, word.rect[1] + word.rect[3] / 2
    near = [
        (abs(y - (top + height / 2)), n)
        for n, (left, top, width, height) in enumerate(line.rect for line in lines)
        if left - height / 2 <= x <= left + width + height / 2 and top <= y <= top + height
    ]
    return min(near)[1] if near else None


def distance(a: str, b: str) -> int:
    """Levenshtein's: the fewest insertions, deletions and substitutions that turn one text into the other."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]
