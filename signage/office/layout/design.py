"""One table of colours and sizes; the website's theme shares the colours.

Sizes are for a side of 1080 px (LCD) or a height of 192 px (LED) and grow and shrink with the shape,
but no text falls below its floor. Each role has a floor and a ceiling; the search between them is
one step for the whole slide, so that a headline stays larger than its text.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...notice.vocabulary import LEVELS
from ...publication import Shape
from ..fontfile import BOLD, REGULAR, SEMIBOLD, SMALL
from ..typesetting import Style

VERSION = "1"  # of this design; `drawn_by` names it
LCD_SIDE, LED_SIDE = 1080, 192  # pixels of the smaller side that the sizes below are for
LCD_FLOOR = 40  # px at 1080p: x-height 21 px, 10 mm on a 43-inch screen, read from 4 m
LED_FLOOR = 16  # px: below it marks of Vietnamese letters run together on a matrix
HARD_BELOW = 24  # px: LED letters smaller than this have no grey edge, which a matrix shows as dim
SMALL_BELOW = 20  # px: LED letters smaller than this are Noto Sans Bold, whose letters stay distinct
STEPS = 16  # sizes tried between floor and ceiling
COMFORT = 3  # step at which a text that needs several slides is first tried: not the smallest size

# role: (floor, ceiling) on LCD, on LED; weight on LCD
ROLES: dict[str, tuple[tuple[int, int], tuple[int, int], str]] = {
    "headline": ((64, 116), (20, 28), BOLD),
    "running": ((46, 46), (16, 16), SEMIBOLD),
    "kind": ((42, 42), (16, 16), BOLD),
    "label": ((40, 46), (16, 18), SEMIBOLD),
    "value": ((52, 80), (16, 24), BOLD),
    "heading": ((44, 64), (16, 22), BOLD),
    "text": ((42, 66), (16, 24), REGULAR),
    "strong": ((42, 66), (16, 24), BOLD),
    "cell": ((40, 50), (16, 20), REGULAR),
    "cell-strong": ((40, 50), (16, 20), SEMIBOLD),
    "note": ((40, 40), (16, 16), REGULAR),
    "note-strong": ((40, 40), (16, 16), SEMIBOLD),
    "name": ((42, 42), (16, 16), BOLD),
    "level": ((92, 92), (16, 16), BOLD),
    "slogan": ((72, 190), (20, 48), BOLD),
}


@dataclass(frozen=True)
class Colours:
    """Paper and inks of one kind of slide."""

    paper: str
    ink: str
    soft: str  # labels, notes
    rule: str
    wash: str  # behind facts and table heads
    headline: str
    band: str  # header
    band_ink: str
    band_soft: str
    accent: str
    accent_ink: str
    strip: str  # the line under the header


LCD = Colours("#fbfaf5", "#16242c", "#40525c", "#cfd6d6", "#e9f0ee", "#0b3a45",
              "#0e4a57", "#ffffff", "#d3e7e9", "#0f6a70", "#ffffff", "#3f9aa0")  # fmt: skip
LED = Colours("#000000", "#ffffff", "#8fd6ff", "#3a4a52", "#000000", "#ffd84d",
              "#000000", "#9be8cf", "#9be8cf", "#9be8cf", "#000000", "#3a4a52")  # fmt: skip
PRIORITY = ("#b4530a", "#ffffff"), ("#ffa51f", "#000000")  # paper and ink of its label: LCD, LED
SAMPLE_WORDS = "DỮ LIỆU MẪU"
SAMPLE = ("#8a1c1c", "#fff1c9"), ("#ff7a6b", "#000000")  # the mark of invented data: LCD, LED
SLOGAN = Colours("#98161a", "#ffe9a8", "#ffe9a8", "#e0b44c", "#7d1115", "#ffe28a",
                 "#7d1115", "#ffe9a8", "#ffe9a8", "#e0b44c", "#5b0c0f", "#e0b44c")  # fmt: skip
SLOGAN_LED = Colours("#5a0000", "#ffe14d", "#ffe14d", "#c99a1e", "#5a0000", "#ffe14d",
                     "#5a0000", "#ffe9a8", "#ffe9a8", "#ffe14d", "#5a0000", "#c99a1e")  # fmt: skip


def emergency(level: int, led: bool) -> Colours:
    """The level's own colour all around, the words on plain paper: they must be read, not only seen."""
    band, ink = LEVELS[level].colour, LEVELS[level].ink
    edges = band, ink, ink, band, ink, band
    if led:
        return Colours("#000000", "#ffffff", "#ffe08a", "#4a4a4a", "#000000", "#ffe08a", *edges)
    return Colours("#ffffff", "#111111", "#333333", "#bdbdbd", "#f1f1f1", "#000000", *edges)


@dataclass(frozen=True)
class Look:
    """Sizes for one shape. `step` is the size step of the running search, 0 … STEPS-1."""

    shape: Shape
    step: int = 0

    @property
    def led(self) -> bool:
        return self.shape.kind == "led"

    @property
    def side(self) -> int:
        return min(self.shape.height, self.shape.width if not self.led else self.shape.width // 2)

    @property
    def tiny(self) -> bool:
        """A matrix without room for anything but the words."""
        return self.led and (self.shape.width < 192 or self.shape.height < 96)

    @property
    def portrait(self) -> bool:
        return self.shape.height > self.shape.width

    def px(self, led: float, lcd: float) -> int:
        """A length for this shape, given for the full side of a matrix and of a screen."""
        if self.led:  # letters do not shrink below their floor, so what holds them does not either
            return round(led * max(1.0, self.side / LED_SIDE))
        return round(lcd * self.side / LCD_SIDE)

    def size(self, role: str) -> int:
        """The role's size in pixels at this step."""
        lcd, led, _ = ROLES[role]
        share = self.step / (STEPS - 1)
        return self.px(*(low + (high - low) * share for low, high in (led, lcd)))

    def style(self, role: str) -> Style:
        size = self.size(role)
        if not self.led:
            return Style(ROLES[role][2], size)
        face = SMALL if size < SMALL_BELOW else BOLD
        return Style(face, size, hard=size < HARD_BELOW)

    def lead(self, role: str) -> int:
        """Rows from baseline to baseline, unless the ink needs more."""
        factor = {"headline": 1.2, "slogan": 1.28, "running": 1.25}.get(role, 1.34)
        return round(self.size(role) * (factor if not self.led else 1.14))
