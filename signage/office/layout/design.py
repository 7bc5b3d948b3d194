"""One table of sizes; `palette` is that of colours.

Sizes are for a side of 1080 px (LCD) or a height of 192 px (LED) and grow and shrink with the shape,
but no text falls below its floor. Each role has a floor and a ceiling; the search between them is
one step for the whole slide, so that a headline stays larger than its text.

For those who compose: `Look(shape, capital=…)` is all that distance has to do with a layout. `capital` is
the rows of a capital that main text needs on this shape (`office.sight`; 0: the shape's own floor), and
`size`, `style`, `lead` follow it. Roles in `NEAR` are notes for those who step nearer, and stay as they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...publication import Shape
from ..fontfile import BITMAP, BOLD, REGULAR, SEMIBOLD
from ..typesetting import Style

VERSION = "2"  # of this design; `drawn_by` names it
LCD_SIDE, LED_SIDE = 1080, 192  # pixels of the smaller side that the sizes below are for
LCD_FLOOR = 40  # px at 1080p: a capital of 29 px, 14 mm on a 43-inch screen, read from 3 m (`office.sight`)
LED_FLOOR = 16  # px: below it marks of Vietnamese letters run together on a matrix
LCD_MOST = 80  # px at 1080p: the largest floor of main text; notes, half as large, are then read at half the way
LOW_BELOW = 160  # px: rows of a matrix below which its head is one line and it has no foot
LED_MOST = 33  # px at 192 rows: the same on a matrix
LEAST_LINES, LEAST_LETTERS = 2, 8  # what must fit on a matrix of a few lines at the largest floor; of more lines:
FRAMED_LINES, FRAME_ROWS, LOW_FRAME_ROWS = 3, 56, 24  # lines in the frame; rows that it takes, of few rows
CAPITAL = 0.72  # of a size that a capital takes, in every face but the bitmap one: measured
BITMAP_CAPITAL = 10  # px: a capital of the bitmap face, which has the one size 16
BITMAP_ROWS = 64  # px: matrices of no more rows have the bitmap face, which sets four lines where others set three
HARD_BELOW = 24  # px: LED letters smaller than this have no grey edge, which a matrix shows as dim
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

NEAR = frozenset({"running", "kind", "label", "note", "note-strong", "name"})  # roles read from half the distance
NEAR_SHARE = 0.5  # of the distance
LARGER = {"headline": 1.2, "slogan": 1.2, "value": 1.1, "heading": 1.05}  # floors above that of plain text
GROWTH = 1.25  # a role's ceiling above its floor, at least, where distance has raised the floor


@dataclass(frozen=True)
class Look:
    """Sizes for one shape. `step` is the size step of the running search, 0 … STEPS-1; `capital`: above."""

    shape: Shape
    step: int = 0
    capital: int = 0
    code: int = 0  # pixels that a QR code's side needs on this shape to be scanned (`office.sight`); 0: no code
    budget: int = 0  # seconds that one notice may take on its boards; 0: as many as it takes

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
    def low(self) -> bool:
        """A matrix of few rows: its words have nearly all of them."""
        return self.led and not self.tiny and self.shape.height < LOW_BELOW

    @property
    def portrait(self) -> bool:
        return self.shape.height > self.shape.width

    @property
    def bitmap(self) -> bool:
        """A matrix of so few rows that its smallest letters are drawn dot by dot."""
        return self.led and self.shape.height <= BITMAP_ROWS

    def px(self, led: float, lcd: float) -> int:
        """A length for this shape, given for the full side of a matrix and of a screen."""
        if self.led:  # letters do not shrink below their floor, so what holds them does not either
            return round(led * max(1.0, self.side / LED_SIDE))
        return round(lcd * self.side / LCD_SIDE)

    def floor(self, role: str) -> int:
        """The role's smallest size in pixels."""
        lcd, led, _ = ROLES[role]
        own = LED_FLOOR if self.bitmap or self.low else self.px(led[0], lcd[0])
        if role in NEAR:
            return own
        return max(own, math.ceil(_size_of(self.capital, self.bitmap) * (1 if self.tiny else LARGER.get(role, 1))))

    def size(self, role: str) -> int:
        """The role's size in pixels at this step."""
        lcd, led, _ = ROLES[role]
        own, low = self.px(led[1], lcd[1]), self.floor(role)
        raised = role not in NEAR and low > self.px(led[0], lcd[0])
        high = max(own, round(low * GROWTH)) if raised else max(own, low)
        return round(low + (high - low) * self.step / (STEPS - 1))

    def style(self, role: str) -> Style:
        size = self.size(role)
        if not self.led:
            return Style(ROLES[role][2], size)
        if self.bitmap and size == LED_FLOOR:
            return Style(BITMAP, size, hard=True, grid=True)
        return Style(BOLD, size, hard=size < HARD_BELOW)

    def lead(self, role: str) -> int:
        """Rows from baseline to baseline, unless the ink needs more."""
        if self.style(role).grid:
            return LED_FLOOR  # its letters, marks and all, were drawn for 16 rows
        factor = {"headline": 1.2, "slogan": 1.28, "running": 1.25}.get(role, 1.34)
        return round(self.size(role) * (factor if not self.led else 1.14))


def _size_of(capital: int, bitmap: bool) -> int:
    """The smallest size whose capital has so many rows."""
    if bitmap:
        return LED_FLOOR if capital <= BITMAP_CAPITAL else max(LED_FLOOR + 1, math.ceil(capital / CAPITAL))
    return math.ceil(capital / CAPITAL)


def most_capital(shape: Shape) -> int:
    """Rows of the tallest capital that main text can be given on this shape and still be text."""
    look = Look(shape)
    if not look.led:
        return int(look.px(0, LCD_MOST) * CAPITAL)
    if look.tiny:
        most = min(shape.height // LEAST_LINES, 2 * shape.width // LEAST_LETTERS)
    else:
        most = (shape.height - (LOW_FRAME_ROWS if look.low else FRAME_ROWS)) // FRAMED_LINES
    most = max(LED_FLOOR, min(look.px(LED_MOST, 0), most))
    if look.bitmap:
        return BITMAP_CAPITAL if most == LED_FLOOR else min(int(most * CAPITAL), 2 * BITMAP_CAPITAL)
    return int(most * CAPITAL)
