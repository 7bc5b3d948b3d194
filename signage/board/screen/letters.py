"""The shipped fonts on the board, and texts that fit a box: composed letters, no system fonts.

A font file that is missing or damaged takes no board off the wall: pygame's own font stands in, and
`faults` tells.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path

import pygame

from ...lettering import nfc

FONTS = Path(__file__).parents[2] / "fonts"
REGULAR, BOLD = "BeVietnamPro-SemiBold.ttf", "BeVietnamPro-Bold.ttf"
DOTS, DOTS_SIZE = "Unifont.ttf", 16  # pixels: drawn dot by dot for this size and no other
SMALL_BELOW = 20  # pixels of letter height below which only the bold face keeps the marks apart
SHARP_BELOW = 27  # pixels of line height: that of 20 pixel letters
LEAST_LETTERS = 16  # pixels: below, a matrix shows ẩ and ấ alike
LEAST = 7  # pixels: nothing is legible below
MOST = 400  # pixels


_unusable: set[str] = set()


@lru_cache(maxsize=4)
def _data(face: str) -> bytes:
    return (FONTS / face).read_bytes()


@lru_cache(maxsize=24)
def font(face: str, size: int) -> pygame.font.Font:
    """A font; tiny sizes take the face whose marks stay apart. `DOTS` has the one size `DOTS_SIZE`."""
    if not pygame.font.get_init():
        pygame.font.init()
    if face != DOTS or size != DOTS_SIZE:
        face = BOLD if size < SMALL_BELOW or face == DOTS else face
    try:
        made = pygame.font.Font(BytesIO(_data(face)), size)
        made.size("Ậ")  # only now does SDL say that the file is none
        return made
    except (OSError, ValueError, pygame.error):
        _unusable.add(face)
        return pygame.font.Font(None, size)


def faults() -> list[str]:
    """`font-missing` once a shipped font could not be used."""
    return ["font-missing"] if _unusable else []


def fitted(text: str, face: str, width: int, height: int) -> pygame.font.Font:
    """The largest font in which one line of text fits the box."""
    size = max(LEAST, min(MOST, height))
    while size > LEAST:
        w, h = font(face, size).size(nfc(text))
        if w <= width and h <= height:
            break
        size = max(LEAST, min(size - 1, int(size * min(width / max(1, w), height / max(1, h)))))
    return font(face, size)


def drawn(text: str, type_: pygame.font.Font, ink: pygame.Color) -> pygame.Surface:
    """One line; small letters without grey edges, which on an LED matrix only dim the strokes."""
    return type_.render(nfc(text), type_.get_height() >= SHARP_BELOW, ink)


def wrapped(text: str, type_: pygame.font.Font, width: int) -> list[str]:
    """Lines no wider than the box; a phrase that is wider alone is broken, a word only when it must be."""
    from ...phrases import NBSP, bound  # not needed for the first picture

    lines: list[str] = []
    for paragraph in bound(nfc(text)).split("\n"):
        line = ""
        for phrase in paragraph.split(" "):
            trial = f"{line} {phrase}" if line else phrase
            if type_.size(trial)[0] <= width:
                line = trial
                continue
            if line:
                lines.append(line)
            *whole, line = _broken(phrase, type_, width)
            lines += whole
        lines.append(line)
    return [line.replace(NBSP, " ") for line in lines]


def _broken(phrase: str, type_: pygame.font.Font, width: int) -> list[str]:
    """A phrase in lines: after its words if they fit, else after any letter."""
    parts, part = [], ""
    for word in phrase.replace("\u00a0", " ").split(" "):
        trial = f"{part} {word}" if part else word
        if type_.size(trial)[0] <= width:
            part = trial
            continue
        if part:
            parts.append(part)
        part = ""
        for letter in word:
            if part and type_.size(part + letter)[0] > width:
                parts.append(part)
                part = ""
            part += letter
    return [*parts, part]
