"""A notice into slides, once for each shape of board; its problems all at once.

The files that come out are what people look at and sign. They are drawn once: approved slides are
never drawn again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import replace as replaced

from .. import __version__
from ..errors import BadInput, Problem
from ..lettering import nfc
from ..notice import Notice
from ..notice.vocabulary import SLOGAN
from ..publication import Shape
from ..review import SlideFile
from ..review.slide import FILM_TYPES, MAX_SLIDE
from ..review.statement import MAX_SLIDES
from ..settings import Commune
from ..wire import sha256
from . import drawing, legibility, qr
from .drawing import Picture, pixels_digest
from .film import Reel, admit, glares, played
from .fontfile import BOLD, fonts_digest, lacking
from .layout import MATRIX_SLIDES, VERSION, Look, Sheet, article, film, message, scrolls, slogan
from .pace import dwell, scrolled
from .prose import Figure, Table, parts
from .sight import Sight
from .typesetting import Style
from .words import Rich

PHOTO_SLIDE = 0.2  # share of photograph from which a slide is stored as JPEG
EMERGENCY_SLIDES = 6  # slides of an emergency on a matrix of few rows, beyond which its words scroll below its level
PLAIN = Sight()


class UnreadError(Exception):
    """A QR code that does not read back from its finished slide: the address is said instead."""


@dataclass(frozen=True)
class Drawn:
    """The slides of one notice by shape, their files by name, and what drew them."""

    slides: dict[str, tuple[SlideFile, ...]]
    files: dict[str, bytes]
    drawn_by: dict[str, str]


def draw(
    notice: Notice, shapes: Iterable[Shape], commune: Commune, pictures: Mapping[str, bytes],
    sights: Mapping[str, Sight] | None = None, *, kept: bool = True,
) -> Drawn:  # fmt: skip
    """Draws the notice; `pictures` holds its files by name, `sights` what a shape's boards ask.

    Without `kept` for the pixels alone: what would be stored exactly is not made into a file.
    Raises `BadInput` with every problem.
    """
    notice = _composed(notice)
    problems = _glyph_problems(notice, commune)
    decoded = _pictures(notice, pictures, problems)
    reel = _reel(notice, pictures, decoded, problems)
    if problems:
        raise BadInput(problems)
    slides: dict[str, tuple[SlideFile, ...]] = {}
    files: dict[str, bytes] = {}
    for shape in dict.fromkeys(shapes):
        sight = (sights or {}).get(shape.name, PLAIN)
        sheets = compose(notice, shape, commune, sight)
        if len(sheets) > MAX_SLIDES:
            values = {"count": len(sheets), "most": MAX_SLIDES, "shape": shape.name}
            problems.append(Problem("slides-many", _file(notice), values=values))
            continue
        if notice.alert is None:  # of an emergency, words that are cut still say more than none
            problems += legibility.problems(sheets, look_for(shape, sight), _file(notice), errors=True)
        try:
            drawn = [_slide(sheet, decoded, shape, kept=kept) for sheet in sheets]
        except UnreadError:
            sheets = compose(notice, shape, commune, replaced(sight, code=0))
            drawn = [_slide(sheet, decoded, shape, kept=kept) for sheet in sheets]
        if reel and (sheet := film(notice, reel.size, commune, look_for(shape, sight), drawing.letterer())):
            if notice.film and shape.kind == "led" and glares(reel, sheet, notice.film.name):
                values = {"name": notice.film.name, "shape": shape.name}
                problems.append(Problem("film-bright", _file(notice), None, "Film", values=values))
            drawn.insert(0, _film_slide(sheet, reel, decoded, shape))
            files[f"{sha256(reel.data)}.{FILM_TYPES[reel.kind]}"] = reel.data
        slides[shape.name] = tuple(slide for slide, _ in drawn)
        for slide, data in drawn:
            files[slide.name] = data
            if len(data) > MAX_SLIDE:
                values = {"size": len(data) // 1024, "most": MAX_SLIDE // 1024, "shape": shape.name}
                problems.append(Problem("slide-large", _file(notice), values=values))
    if problems:
        raise BadInput(problems)
    return Drawn(slides, files, drawn_by())


def drawn_by() -> dict[str, str]:
    """What drew a slide: the same four give the same bytes."""
    return {
        "bangtin": __version__,
        "pillow": drawing.PILLOW,
        "fonts": fonts_digest(),
        "design": VERSION,
    }


def look_for(shape: Shape, sight: Sight) -> Look:
    """The look of a shape whose boards ask this."""
    return Look(shape, capital=sight.capital, code=sight.code, budget=sight.budget)


def compose(notice: Notice, shape: Shape, commune: Commune, sight: Sight = PLAIN) -> list[Sheet]:
    """The notice's sheets on a shape, not yet drawn; `sight` is what its boards ask."""
    look = look_for(shape, sight)
    ruler = drawing.letterer()
    if notice.kind == SLOGAN and notice.alert is None and (found := slogan(notice, commune, look, ruler)):
        return found
    if scrolls(look) or (look.low and notice.kind == SLOGAN and notice.alert is None):
        return message(notice, commune, look, ruler)
    made = article(notice, commune, look, ruler)
    if look.low and len(made) > (EMERGENCY_SLIDES if notice.alert else MATRIX_SLIDES):  # one line that passes is less
        return message(notice, commune, look, ruler)
    return made


def _slide(
    sheet: Sheet, pictures: Mapping[str, Picture], shape: Shape, *, kept: bool = True
) -> tuple[SlideFile, bytes]:
    image = drawing.paint(sheet, pictures)
    if shape.kind == "led":
        image = legibility.within_light(sheet, image, pictures)
    if sheet.code and _read_back(sheet, image) != [sheet.code]:
        raise UnreadError
    data, kind, pixels = drawing.encode(image, "photo" if sheet.photo_share >= PHOTO_SLIDE else "text", kept=kept)
    return SlideFile(sha256(data), len(data), pixels, kind, _stay(sheet), sheet.clock, sheet.ticker), data


def _read_back(sheet: Sheet, image: Picture) -> list[str]:
    """What a phone that looks at the code's corner of the finished frame reads: the code and what is around it."""
    x, y, width, height = next(block.rect for block in sheet.blocks if block.name == "code")
    return qr.read(image.crop((x - width // 4, y - height // 4, x + width * 5 // 4, y + height * 5 // 4)))


def _stay(sheet: Sheet) -> int:
    """Milliseconds that a slide stays: until its words are read, or have passed once."""
    if (ticker := sheet.ticker) is None:
        return dwell(sheet.reading)
    wide = drawing.letterer().width(ticker.text, Style(BOLD, ticker.size))
    return scrolled(wide, ticker.area[2], ticker.size)


def _film_slide(sheet: Sheet, reel: Reel, pictures: Mapping[str, Picture], shape: Shape) -> tuple[SlideFile, bytes]:
    slide, data = _slide(sheet, pictures, shape)
    area = next(block.rect for block in sheet.blocks if block.name == "film")
    return played(reel, slide, data, area), data


def _file(notice: Notice) -> str:
    return f"{notice.id}.md"


def _composed(notice: Notice) -> Notice:
    """The notice with every text in NFC, whoever made it."""
    return replaced(
        notice,
        title=nfc(notice.title),
        facts=tuple((nfc(a), nfc(b)) for a, b in notice.facts),
        summary=nfc(notice.summary),
        board_summary=nfc(notice.board_summary),
        body=nfc(notice.body),
    )


# ── problems ─────────────────────────────────────────────────────────────────────────────────────


def _texts(notice: Notice, commune: Commune) -> list[tuple[str, str]]:
    """(field, text) of everything that is drawn."""
    found = [("Title", notice.title), ("Board-Summary", notice.board_summary)]
    found.append(("Issuer", notice.issuer))
    found += [("Facts", f"{label} = {value}") for label, value in notice.facts]
    if not notice.board_summary:
        found.append(("Summary", notice.summary))
        found += [("", _plain(part)) for part in parts(notice.body)]
    if document := notice.document:
        found.append(("Number", document.number))
        if signer := document.signer:
            found.append(("Signer", f"{signer.name} {signer.title} {signer.authority}"))
    if notice.alert:
        found.append(("Source", notice.alert.source))
    found.append(
        (
            "bangtin.toml",
            " ".join([commune.name, commune.province, commune.authority, commune.phone, commune.site]),
        )
    )
    return found


def _plain(part: object) -> str:
    def told(rich: Rich) -> str:
        return "".join(text for text, _ in rich)

    if isinstance(part, Table):
        return " ".join(told(cell) for row in (part.head, *part.rows) for cell in row)
    if isinstance(part, Figure):
        return part.alt
    return told(part.text)  # type: ignore[attr-defined]


def _glyph_problems(notice: Notice, commune: Commune) -> list[Problem]:
    problems = []
    for field, text in _texts(notice, commune):
        for character in lacking(text):
            at = text.index(character)
            near = text[max(0, at - 20) : at + 20].strip()
            values = {"character": character, "unicode": f"U+{ord(character):04X}", "near": near}
            problems.append(Problem("glyph-missing", _file(notice), None, field or None, values=values))
    return problems


def _pictures(notice: Notice, pictures: Mapping[str, bytes], problems: list[Problem]) -> dict[str, Picture]:
    """The pictures that the slides show, decoded: the notice's own, and those of its body."""
    decoded: dict[str, Picture] = {}
    wanted: dict[str, str | None] = {part.file: None for part in parts(notice.body) if isinstance(part, Figure)}
    if notice.image:
        wanted = {notice.image.name: "Image", **wanted}
    for name, field in wanted.items():
        try:
            decoded[name] = drawing.decode(pictures[name])
        except KeyError:
            problems.append(Problem("picture-missing", _file(notice), None, field, values={"name": name}))
        except drawing.BadPictureError as error:
            values = {
                "name": name, "megapixels": drawing.MAX_PICTURE_PIXELS // 10**6, "side": drawing.MAX_PICTURE_SIDE,
            }  # fmt: skip
            problems.append(Problem(error.code, _file(notice), None, field, values=values))
    return decoded


def _reel(
    notice: Notice, beside: Mapping[str, bytes], decoded: dict[str, Picture], problems: list[Problem]
) -> Reel | None:
    """The notice's film, whose poster joins the decoded pictures."""
    if notice.film is None:
        return None
    found = admit(notice.film.name, beside.get(notice.film.name, b""), _file(notice))
    if isinstance(found, Problem):
        problems.append(found)
        return None
    decoded[notice.film.name] = drawing.decode(found.poster)
    return found


__all__ = ["Drawn", "compose", "draw", "drawn_by", "dwell", "pixels_digest"]
