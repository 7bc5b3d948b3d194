"""One table of colours: slides take theirs from it, and the website's theme is held against it.

Every text has at least 7:1 against what it stands on (WCAG 2.2, 1.4.6); `tests/office/test_palette.py`
computes each pair, and compares `SHARED` with the theme's style sheet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...notice import LEVELS, Notice, vocabulary
from ...publication import Shape

CONTRAST = 7.0  # to 1, least of any text against its ground


@dataclass(frozen=True)
class Colours:
    """Paper and inks of one kind of slide."""

    paper: str
    ink: str
    soft: str  # labels, notes; on paper and on wash
    rule: str
    wash: str  # behind facts and table heads
    headline: str
    band: str  # header and rail
    band_ink: str
    band_soft: str
    accent: str  # tags and signs
    accent_ink: str
    strip: str  # thin lines of the frame


LCD = Colours("#fbfaf5", "#14212a", "#35464f", "#c9d2d2", "#e7efed", "#0b3a45",
              "#0b3a45", "#ffffff", "#cfe6e8", "#0c545c", "#ffffff", "#49a9ae")  # fmt: skip
LCD_DARK = Colours("#0a1216", "#f1f5f5", "#b7cad0", "#33464e", "#15242b", "#ffffff",
                   "#0b3a45", "#ffffff", "#cfe6e8", "#8fe0e2", "#04222a", "#49a9ae")  # fmt: skip
LED = Colours("#000000", "#ffffff", "#8fd6ff", "#3a4a52", "#000000", "#ffd84d",
              "#000000", "#9be8cf", "#9be8cf", "#9be8cf", "#000000", "#3a4a52")  # fmt: skip

# Campaigns: the red and gold of banners, quieter than a slogan since there is more to read.
CAMPAIGN = Colours("#fffaf0", "#2a1512", "#58332c", "#e3cfae", "#fbeed2", "#8a1216",
                   "#8a1216", "#fff4cf", "#ffe2a0", "#8a1216", "#fff4cf", "#e0b44c")  # fmt: skip
CAMPAIGN_DARK = Colours("#1d0708", "#fff6e6", "#e8c9b0", "#5a2a26", "#331011", "#ffe28a",
                        "#7d1115", "#fff4cf", "#ffe2a0", "#ffd873", "#3a0608", "#e0b44c")  # fmt: skip
CAMPAIGN_LED = replace(LED, headline="#ffe14d", band="#5a0000", band_ink="#ffe9a8", soft="#ffc9a0",
                       accent="#ffe14d", strip="#c99a1e")  # fmt: skip
SLOGAN = Colours("#8f1419", "#ffedb5", "#ffedb5", "#e0b44c", "#6b0d12", "#ffedb5",
                 "#76101a", "#fff4cf", "#ffedb5", "#e0b44c", "#3a0608", "#e0b44c")  # fmt: skip
SLOGAN_LED = Colours("#5a0000", "#ffe14d", "#ffe14d", "#c99a1e", "#5a0000", "#ffe14d",
                     "#5a0000", "#ffe9a8", "#ffe9a8", "#ffe14d", "#5a0000", "#c99a1e")  # fmt: skip

# An emergency prepared beforehand: its level is not known yet, so it wears none of the levels' colours.
PREPARED = Colours("#ffffff", "#111111", "#333333", "#bdbdbd", "#f3efe4", "#000000",
                   "#161616", "#ffc53d", "#ffffff", "#161616", "#ffc53d", "#ffc53d")  # fmt: skip
PREPARED_DARK = Colours("#000000", "#ffffff", "#ffe08a", "#4a4a4a", "#1c1c1c", "#ffc53d",
                        "#161616", "#ffc53d", "#ffffff", "#ffc53d", "#161616", "#ffc53d")  # fmt: skip
PRIORITY = ("#ffb000", "#1a1200")  # paper and ink of its tag, and of the stripes beside it
SAMPLE_WORDS = "DỮ LIỆU MẪU"
SAMPLE = ("#ff7a6b", "#000000")  # paper and ink of the mark of invented data, on a matrix
CODE = ("#000000", "#ffffff")  # a QR code's modules and its quiet zone: no softer, phones must read it

# Names in theme/static/site.css whose colour is the board's: one commune, one look, by day and by night.
_NAMES = {
    "nen": "paper",
    "chu": "ink",
    "mo": "soft",
    "vach": "rule",
    "nhe": "wash",
    "tua": "headline",
    "nhan": "accent",
}
SHARED = {f"--{name}": getattr(LCD, of) for name, of in _NAMES.items()} | {"--dau": LCD.band, "--soc": LCD.strip}
SHARED_DARK = {f"--{name}": getattr(LCD_DARK, of) for name, of in _NAMES.items()}


def emergency(level: int, shape: Shape) -> Colours:
    """The level's own colour all around, the words on plain paper: they must be read, not only seen."""
    band, ink = LEVELS[level].colour, LEVELS[level].ink
    edges = band, ink, ink, band, ink, band
    if shape.kind == "led" or shape.paper:
        return Colours("#000000", "#ffffff", "#ffe08a", "#4a4a4a", "#1c1c1c", "#ffe08a", *edges)
    return Colours("#ffffff", "#111111", "#333333", "#bdbdbd", "#f1f1f1", "#000000", *edges)


def colours_of(notice: Notice, shape: Shape) -> Colours:
    """The palette of a notice on a shape."""
    if notice.alert:
        return emergency(notice.alert.level, shape)
    if notice.prepared:
        return PREPARED_DARK if shape.kind == "led" or shape.paper else PREPARED
    if notice.kind == vocabulary.SLOGAN:
        return SLOGAN_LED if shape.kind == "led" else SLOGAN
    campaign = notice.kind == vocabulary.CAMPAIGN
    led, dark, light = (CAMPAIGN_LED, CAMPAIGN_DARK, CAMPAIGN) if campaign else (LED, LCD_DARK, LCD)
    return led if shape.kind == "led" else dark if shape.paper else light


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours `#rrggbb`, 1 … 21 (WCAG 2.2, "contrast ratio")."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
