"""Makes the fonts of `signage/fonts/` that are more than a subset: Unifont, and Be Vietnam Pro with its other a.

    apt-get download fonts-unifont && dpkg-deb -x fonts-unifont_*.deb unpacked
    npm pack @expo-google-fonts/be-vietnam-pro && tar xzf expo-google-fonts-be-vietnam-pro-*.tgz
    python3 -m venv throw-away && throw-away/bin/pip install fonttools
    throw-away/bin/python docs/fonts.py unpacked/usr/share/fonts/opentype/unifont/unifont.otf
    throw-away/bin/python docs/fonts.py package/400Regular/BeVietnamPro_400Regular.ttf    # and 600SemiBold, 700Bold

Unifont 15.0.01. Its outlines are the squares of a 16-pixel grid, straight lines alone, so that turning them
from CFF into TrueType changes no pixel. Every character of the original is 8 or 16 pixels wide; here a narrow
one (i, l, a comma, a colon, the space) takes only its ink and a pixel on each side, so that “19:00” is one
word to the eye and a line of 64 pixels has more letters. The dot below (Ẹ, ị) was one pixel, all that kept the
letter from being another: one dead diode. Here it is two wide.

Be Vietnam Pro, npm 0.4.1. Its own a has one storey and differs from o by a stem: from afar, and to tesseract,
“Xã” is “Xõ” and “cấp” is “cốp”. The designers drew an a of two storeys for the stylistic set ss01, with all its
marks; here it is the a. Its zero is as round as its O and was read as one (“O7:3O”): here it is narrower. Its
space of 0.23 em, between wide round letters, was not always seen: here it is 0.27.

The layout tables go from both, as from the other fonts; the characters are those that `signage/fonts/README.md`
names for the text fonts.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables.ttProgram import Program

FONTS = Path(__file__).parent.parent / "signage" / "fonts"
README = FONTS / "README.md"
FIRST_WORDS, LAST = "for the text fonts, the unicodes ", "2260-2265"
MOST_ERROR = 0.5  # font units that a curve may stray; there are no curves
IDLE = b"\xb0\x00\x21" * 3  # push a zero, pop it: FreeType moves the dots of a font without a program by its own rules
PIXEL = 4  # font units of one pixel of the grid: 64 units are 16 pixels
SPACE = 5  # pixels of a space
DROPPED = ["GPOS", "GSUB", "GDEF", "STAT", "kern", "DSIG", "MATH", "vhea", "vmtx"]
TWO_STOREYS = "ss01"
ZERO, WIDE_SPACE = 0.82, 0.27  # of the original zero's width; em


def unicodes() -> list[int]:
    """The characters that the README names."""
    told = " ".join(README.read_text(encoding="utf-8").split())
    told = told[told.index(FIRST_WORDS) + len(FIRST_WORDS) : told.index(LAST) + len(LAST)]
    found: list[int] = []
    for part in told.split(", "):
        first, _, last = part.partition("-")
        found += range(int(first, 16), int(last or first, 16) + 1)
    return found


def subset(font: TTFont) -> None:
    options = Options()
    options.layout_features, options.notdef_outline, options.name_IDs = [], True, [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += DROPPED
    options.recalc_timestamp = False  # the same file whenever it is made
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=unicodes())
    subsetter.subset(font)


def two_storeys(font: TTFont) -> None:
    """The letters of the stylistic set stand for the plain ones."""
    layout = font["GSUB"].table
    record = next(r for r in layout.FeatureList.FeatureRecord if r.FeatureTag == TWO_STOREYS)
    lookups = (layout.LookupList.Lookup[n] for n in record.Feature.LookupListIndex)
    other = {plain: new for lookup in lookups for table in lookup.SubTable for plain, new in table.mapping.items()}
    for table in font["cmap"].tables:
        table.cmap = {code: other.get(name, name) for code, name in table.cmap.items()}


def distinct(font: TTFont) -> None:
    """A zero that is no O, a space that is seen."""
    names, metrics = font.getBestCmap(), font["hmtx"]
    zero = font["glyf"][names[ord("0")]]
    zero.coordinates.scale((ZERO, 1))
    zero.coordinates.toInt()
    zero.recalcBounds(font["glyf"])
    metrics[names[ord("0")]] = (round(metrics[names[ord("0")]][0] * ZERO), zero.xMin)
    for space in (0x20, 0xA0):
        metrics[names[space]] = (round(WIDE_SPACE * font["head"].unitsPerEm), 0)


def truetype(font: TTFont) -> None:
    """CFF outlines become TrueType ones."""
    order, drawn = font.getGlyphOrder(), font.getGlyphSet()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(drawn)
        drawn[name].draw(Cu2QuPen(pen, MOST_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphs, font["glyf"].glyphOrder = glyphs, order
    largest = font["maxp"]
    largest.tableVersion = 0x00010000
    for name in (
        "maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
        "maxSizeOfInstructions", "maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours",
        "maxComponentElements", "maxComponentDepth",
    ):  # fmt: skip
        setattr(largest, name, {"maxZones": 1, "maxStackElements": 1}.get(name, 0))
    font["post"].formatType = 3.0
    font["prep"] = newTable("prep")
    font["prep"].program = Program()
    font["prep"].program.fromBytecode(IDLE)
    del font["CFF "]
    font.sfntVersion = "\0\1\0\0"


def dots(font: TTFont) -> None:
    """The dot below a letter takes two pixels, beside each other, under the letter's middle."""
    glyphs = font["glyf"]
    dotted = {n for c, n in font.getBestCmap().items() if "\u0323" in unicodedata.normalize("NFD", chr(c))}
    for name in sorted(dotted):
        glyph = glyphs[name]
        points, ends, _ = glyph.getCoordinates(glyphs)
        contours = [points[first + 1 : last + 1] for first, last in zip([-1, *ends], ends, strict=False)]
        dot = min(contours, key=lambda contour: max(y for _, y in contour))
        left, right = min(x for x, _ in dot), max(x for x, _ in dot)
        low, high = min(y for _, y in dot), max(y for _, y in dot)
        glyph.recalcBounds(glyphs)
        beside = right if left + right <= glyph.xMin + glyph.xMax else left - PIXEL
        pen = TTGlyphPen(None)
        glyph.draw(pen, glyphs)
        pen.moveTo((beside, low))
        for corner in ((beside, high), (beside + PIXEL, high), (beside + PIXEL, low)):
            pen.lineTo(corner)
        pen.closePath()
        glyphs[name] = pen.glyph()


def narrow(font: TTFont) -> None:
    """Each character takes its ink and a pixel on both sides, and never more than in the original."""
    glyphs, spaces = font["glyf"], {font.getBestCmap()[code] for code in (0x20, 0xA0)}
    for name, (advance, _) in font["hmtx"].metrics.items():
        glyph = glyphs[name]
        if not glyph.numberOfContours:
            font["hmtx"][name] = (SPACE * PIXEL if name in spaces else advance, 0)
            continue
        glyph.recalcBounds(glyphs)
        least = glyph.xMax - glyph.xMin + 2 * PIXEL
        left = min(glyph.xMin, PIXEL) if least < advance else glyph.xMin
        glyph.coordinates.translate((left - glyph.xMin, 0))
        glyph.recalcBounds(glyphs)
        font["hmtx"][name] = (min(advance, least), glyph.xMin)


def main() -> None:
    source = Path(sys.argv[1])
    font = TTFont(source, recalcTimestamp=False)
    if source.suffix == ".otf":
        subset(font)
        truetype(font)
        dots(font)
        narrow(font)
        made = FONTS / "Unifont.ttf"
    else:
        two_storeys(font)
        subset(font)
        distinct(font)
        family, _, weight = source.stem.partition("_")
        made = FONTS / f"{family}-{weight.lstrip('0123456789')}.ttf"
    font.save(made)
    print(f"{made.name}: {made.stat().st_size} bytes, {len(font.getBestCmap())} characters")


if __name__ == "__main__":
    main()
