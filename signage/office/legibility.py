"""Whether people can read a sheet, checked on what is drawn, before anybody signs it.

For every text: its capital and x-height in rows of pixels, the breadth of its strokes, its contrast
against what lies under it, that nothing of it is cut, and that no two Vietnamese letters look alike at its
size. A matrix gives no more than `MAX_LIGHT`: photographs are darkened for it.

A cut text is an error: the officer can shorten it. Everything else follows from our own sizes and colours,
which an officer cannot mend, least of all in a flood: it is a warning, and the tests hold that a sheet
of the design never has one.

Sources: NUREG-0700 rev. 2, 1.3.1-4 (matrix, strokes; see `sight`); WCAG 2.2, 1.4.6 (contrast, `palette`).
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from ..errors import Problem
from . import drawing
from .drawing import Picture
from .layout.design import NEAR_SHARE, Look
from .layout.palette import CONTRAST, contrast
from .layout.sheet import Disc, Figure, Fill, Letters, Mark, Photo, Placed, Rect, Sheet
from .typesetting import Style

MIN_CAPITAL = 9  # px: rows of the least matrix for reading, 7×9 dots
MIN_X = 7  # px: rows of its small letters
MIN_STROKE = 1 / 12  # of the capital: strokes are broader
MIN_DIFFERENCE = 2  # pixels in which any two letters differ: one is lost with one dead diode
ALIKE_BY_DESIGN = frozenset({"Il"})  # in most faces; no Vietnamese word is another by it
ALIKE_BELOW = 32  # px: from this size on any two letters differ by far more; measured in the tests
LEAN = 300  # of a sheet's rows: a letter may lean one such part out of its line's begin and end
# Share of full white that a matrix gives at most, averaged over the slide, in linear light. By night a matrix set
# at 330 cd/m² then gives 100: what Luginbuhl et al. (2010, “Digital LED Billboard Luminance Recommendations”,
# a draft for Flagstaff) recommend as the limit. The sample commune's texts give 0.12 in the median, 0.28 at most.
MAX_LIGHT = 0.3
MIN_PHOTO = 0.15  # of its own light: a photograph is not darkened further, since nothing would be seen in it
MAIN = frozenset({"headline", "text", "item", "heading", "facts", "fact", "table", "record", "slogan"})

VOWELS, TONES = "aăâeêioôơuưy", "\u0300\u0301\u0303\u0309\u0323"


@cache
def letters() -> str:
    """The 134 Vietnamese letters with marks, composed, and the plain ones and figures beside them."""
    marked = {unicodedata.normalize("NFC", v + t) for v in VOWELS + VOWELS.upper() for t in TONES}
    plain = "abcdefghijklmnopqrstuvwxyz"
    return "".join(sorted(marked | set("ăâđêôơưĂÂĐÊÔƠƯ" + plain + plain.upper() + "0123456789")))


# ── letters ──────────────────────────────────────────────────────────────────────────────────────


@cache
def x_height(style: Style) -> int:
    """Rows of a small letter without ascender."""
    return drawing.letterer().ink("x", style)[0]


@cache
def stroke(style: Style) -> float:
    """Pixels of the thinner of an upright and a level stroke, greys by their share."""
    upright, level = _ink("l", style), _ink("-", style)
    widest = max(sum(row) for row in level)
    across = sorted(sum(row) for row in upright if sum(row))
    middle = across[len(across) // 2]  # without the foot that some faces give an l
    thick = max(sum(column) for column in zip(*level, strict=True))
    return float(min(middle, thick, widest)) / 255


@cache
def alike(style: Style) -> tuple[str, ...]:
    """Pairs of letters that differ in fewer than `MIN_DIFFERENCE` pixels."""
    if style.size >= ALIKE_BELOW:
        return ()
    bits = {c: _bits(c, style) for c in letters()}
    pairs = itertools.combinations(bits, 2)
    same = (a + b for a, b in pairs if (bits[a] ^ bits[b]).bit_count() < MIN_DIFFERENCE)
    return tuple(pair for pair in same if pair not in ALIKE_BY_DESIGN)


_DARK = bytes(value > 127 for value in range(256))


def _bits(character: str, style: Style) -> int:
    return int.from_bytes(b"".join(_ink(character, style)).translate(_DARK))  # a byte a pixel, of 0 or 1


def _ink(character: str, style: Style) -> list[bytes]:
    """A character as it is drawn, 0 … 255, rows of a box twice its size; the baseline is always in the same row."""
    side = 2 * style.size
    mark = Letters(style.size // 2, round(style.size * 1.5), character, style, "#ffffff")
    sheet = Sheet(side, side, "#000000", (mark,), (), None, "")
    data = drawing.paint(sheet, {}).getchannel(0).tobytes()
    return [data[n : n + side] for n in range(0, len(data), side)]


@cache
def _style_faults(style: Style, needed: int) -> tuple[tuple[str, str], ...]:
    """(code, what) for everything wrong with a style wherever it stands; `needed` rows of a capital."""
    capital, least = drawing.letterer().cap(style), max(MIN_CAPITAL, needed)
    found = []
    if capital < least or x_height(style) < MIN_X:
        found.append(("text-small", f"{capital} < {least}"))
    if stroke(style) < capital * MIN_STROKE:
        found.append(("text-thin", f"{stroke(style):.1f} < {capital * MIN_STROKE:.1f}"))
    if same := alike(style):
        found.append(("letters-alike", " ".join(same[:5])))
    return tuple(found)


# ── a sheet ──────────────────────────────────────────────────────────────────────────────────────


def problems(sheets: Sequence[Sheet], look: Look, file: str, *, errors: bool = False) -> list[Problem]:
    """What is wrong with these sheets of one shape; each kind of fault once, with its first place.

    `errors`: those alone, for which no letter is drawn.
    """
    found: dict[str, Problem] = {}
    for number, sheet in enumerate(sheets, 1):
        for code, near, what in _faults(sheet, look, errors=errors):
            severity = "error" if code == "text-cut" else "warning"
            values = {"near": near, "what": what, "shape": look.shape.name, "number": number}
            found.setdefault(code, Problem(code, file, None, None, severity, values))  # type: ignore[arg-type]
    return list(found.values())


def _faults(sheet: Sheet, look: Look, *, errors: bool) -> Iterator[tuple[str, str, str]]:
    under: list[Mark] = list(sheet.ground)
    for block in sheet.blocks:
        near = int(look.capital * NEAR_SHARE)
        largest = max((mark.style.size for mark in block.marks if isinstance(mark, Letters)), default=0)
        for mark in block.marks:
            if isinstance(mark, Letters):
                rect = ink_rect(mark)
                if _cut(rect, block, sheet):
                    yield "text-cut", mark.text, block.name
                if errors:
                    continue
                label = block.name == "facts" and mark.style.size < largest
                needed = look.capital if block.name in MAIN and not label else near
                yield from ((code, mark.text, what) for code, what in _style_faults(mark.style, needed))
                ratio = min(_contrast(mark.ink, paper) for paper in _papers(rect, under, sheet.paper))
                if ratio < CONTRAST:
                    yield "contrast-low", mark.text, f"{ratio:.1f}"
            under.append(mark)


_contrast = cache(contrast)


def ink_rect(mark: Letters) -> Rect:
    """Where a text's ink may lie: its advance, and the rows of its own letters."""
    ruler = drawing.letterer()
    above, below = ruler.ink(mark.text, mark.style)
    return mark.x, mark.baseline - above, ruler.width(mark.text, mark.style), above + below


def _cut(rect: Rect, block: Placed, sheet: Sheet) -> bool:
    """Whether ink would lie outside its block or the sheet."""
    x, y, width, height = rect
    left, top, wide, high = block.rect
    lean = sheet.height // LEAN
    inside = left - lean <= x and x + width <= left + wide + lean and top <= y and y + height <= top + high
    return not inside or x < 0 or y < 0 or x + width > sheet.width + lean or y + height > sheet.height


def _papers(rect: Rect, under: Sequence[Mark], paper: str) -> Iterable[str]:
    """The colours that may lie under a rectangle, from the last painted down to one that covers it."""
    found = []
    for mark in reversed(under):
        match mark:
            case Fill(rect=area, colour=colour, line=0) if _meets(area, rect):
                found.append(colour)
                if _covers(area, rect):
                    return found
            case Photo(rect=area) if _meets(area, rect):
                return [*found, "#000000", "#ffffff"]  # a photograph may be anything
            case Disc(rect=area, colour=colour) if _meets(area, rect):
                found.append(colour)
            case Figure(points=points, colour=colour) if _meets(_bounds(points), rect):
                found.append(colour)
    return [*found, paper]


def _bounds(points: Sequence[tuple[int, int]]) -> Rect:
    left, top = min(x for x, _ in points), min(y for _, y in points)
    return left, top, max(x for x, _ in points) - left + 1, max(y for _, y in points) - top + 1


def _meets(a: Rect, b: Rect) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def _covers(a: Rect, b: Rect) -> bool:
    return a[0] <= b[0] and a[1] <= b[1] and a[0] + a[2] >= b[0] + b[2] and a[1] + a[3] >= b[1] + b[3]


# ── light ────────────────────────────────────────────────────────────────────────────────────────

_LINEAR = [v / 255 / 12.92 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in range(256)]  # sRGB
_WEIGHTS = 0.2126, 0.7152, 0.0722  # of red, green, blue in luminance


def light(image: Picture) -> float:
    """Mean luminance of an RGB picture, as a share of full white, in linear light."""
    counts, pixels = image.histogram(), image.width * image.height
    sums = (sum(n * v for n, v in zip(counts[i : i + 256], _LINEAR, strict=True)) for i in (0, 256, 512))
    return sum(weight * total for weight, total in zip(_WEIGHTS, sums, strict=True)) / pixels


def darkened(picture: Picture, share: float) -> Picture:
    """The picture with this share of its light."""

    def encoded(value: float) -> int:
        return round(255 * (value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))

    return picture.point([encoded(v * share) for v in _LINEAR] * 3)


def within_light(sheet: Sheet, image: Picture, pictures: Mapping[str, Picture]) -> Picture:
    """The slide of a matrix, its photographs darkened as far as `MAX_LIGHT` asks and `MIN_PHOTO` allows."""
    whole = light(image)
    photos = [mark for block in sheet.blocks for mark in block.marks if isinstance(mark, Photo)]
    if whole <= MAX_LIGHT or not photos:
        return image
    pixels = sheet.width * sheet.height
    given = sum(light(_cropped(image, mark.rect)) * mark.rect[2] * mark.rect[3] for mark in photos) / pixels
    share = max(MIN_PHOTO, (MAX_LIGHT - (whole - given)) / given) if given else 1.0
    return drawing.paint(sheet, {name: darkened(picture, share) for name, picture in pictures.items()})


def _cropped(image: Picture, rect: Rect) -> Picture:
    x, y, width, height = rect
    return image.crop((x, y, x + width, y + height))
