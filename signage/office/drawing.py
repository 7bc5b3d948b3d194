"""Lines into pictures: the only module that imports Pillow.

It measures letters for `typesetting`, paints a `Sheet`, decodes pictures with limits, and encodes.
The same sheet gives the same bytes everywhere: shipped fonts, basic layout (no system library shapes
the text), Pillow pinned. A character that a font lacks is drawn from the next one.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Literal

import PIL
from PIL import Image, ImageCms, ImageDraw, ImageFile, ImageFont, ImageOps

from ..phrases import NBSP
from .fontfile import face_for, font_bytes
from .layout.sheet import Disc, Figure, Fill, Letters, Mark, Photo, Sheet
from .typesetting import Style

PILLOW = PIL.__version__
MAX_PICTURE_PIXELS = 40_000_000  # pixels of a picture before it is scaled down: a 40-megapixel photograph
MAX_PICTURE_SIDE = 20_000  # pixels
MAX_SCANS = 500  # passes of a progressive JPEG; cameras and programs make about ten
ENOUGH_SIDE = 2160  # pixels of a JPEG's shorter side that are unpacked at least: a 4K screen's
PHOTO_QUALITY = 90  # JPEG
DRAWN_COLOURS = 65_536  # colours of a slide up to which WebP lossless is smaller than JPEG (bench/codecs.py)
PHOTO_TYPE, TEXT_TYPE = "image/jpeg", "image/webp"
WEBP_METHOD, WEBP_EFFORT = 2, 25  # lossless; bench/codecs.py: 10 is twice as fast, 23 % larger; 75 slower, 3 % smaller
EDGE = [round(level / 17) * 17 for level in range(256)]  # 16 greys at the edge of a letter instead of 256
LETTERS_KEPT = 4096  # letters of a size that stay drawn: about 16 MB
SMOOTH = 4  # times larger that icons are drawn before they are scaled down

Size = tuple[int, int]
Picture = Image.Image  # for those who may not import Pillow


SMALL_QUALITY, CARD_QUALITY = 50, 75  # of WebP and JPEG for the website
CARD = (1200, 630)  # pixels of a shared link's picture (Open Graph)


class BadPictureError(Exception):
    """A picture that does not decode, or is larger than the limits."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@cache
def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(font_bytes(face)), size, layout_engine=ImageFont.Layout.BASIC)


class Letterer:
    """Measures text: the `Ruler` of typesetting."""

    def __init__(self) -> None:
        self._advances: dict[Style, dict[str, int]] = {}
        self._inks: dict[Style, dict[str, tuple[int, int]]] = {}

    def width(self, text: str, style: Style) -> int:
        known = self._advances.setdefault(style, {})
        total = 0
        for character in text:
            advance = known.get(character)
            if advance is None:
                face = face_for(character, style.face) or style.face
                advance = known[character] = round(_font(face, style.size).getlength(character, _mode(style)))
            total += advance
        return total

    def ink(self, text: str, style: Style) -> tuple[int, int]:
        """Rows above and below the baseline: of these letters, not of the font (Ẫ rises far above it)."""
        known = self._inks.setdefault(style, {})
        above = below = 0
        for character in set(text):
            ink = known.get(character)
            if ink is None:
                font = _font(face_for(character, style.face) or style.face, style.size)
                _, top, _, bottom = font.getbbox(character, _mode(style), anchor="ls")
                ink = known[character] = (-int(top), int(bottom))
            above, below = max(above, ink[0]), max(below, ink[1])
        return above, below

    def cap(self, style: Style) -> int:
        return self.ink("H", style)[0]


def _mode(style: Style) -> str:
    return "1" if style.hard else "L"


# ── painting ─────────────────────────────────────────────────────────────────────────────────────


def paint(sheet: Sheet, pictures: Mapping[str, Image.Image]) -> Image.Image:
    """The sheet as an RGB picture."""
    image = Image.new("RGB", (sheet.width, sheet.height), sheet.paper)
    draw = ImageDraw.Draw(image)
    for mark in sheet.ground:
        _paint(mark, image, draw, pictures)
    for block in sheet.blocks:
        for mark in block.marks:
            _paint(mark, image, draw, pictures)
    return image


def _paint(mark: Mark, image: Image.Image, draw: ImageDraw.ImageDraw, pictures: Mapping[str, Image.Image]) -> None:
    match mark:
        case Letters():
            _letters(image, draw, mark)
        case Fill(rect=(x, y, w, h), colour=colour, radius=radius, line=line):
            box = (x, y, x + w - 1, y + h - 1)
            filled, outline = (None, colour) if line else (colour, None)
            draw.rounded_rectangle(box, radius, fill=filled, outline=outline, width=max(line, 1))
        case Figure(points=points, colour=colour):
            _smooth(image, points, colour)
        case Disc(rect=(x, y, w, h), colour=colour, line=line):
            _smooth_disc(image, (x, y, w, h), colour, line)
        case Photo(rect=(x, y, w, h), name=name):
            image.paste(_fitted(pictures[name], (w, h), mark.paper if mark.whole else ""), (x, y))


def _letters(image: Image.Image, draw: ImageDraw.ImageDraw, mark: Letters) -> None:
    x, text = mark.x, mark.text.replace(NBSP, " ")
    faces = [face_for(c, mark.style.face) or mark.style.face for c in text]
    for face, group in itertools.groupby(range(len(text)), key=lambda n: faces[n]):
        run = "".join(text[n] for n in group)
        font = _font(face, mark.style.size)
        if mark.style.hard:
            draw.fontmode = "1"
            draw.text((x, mark.baseline), run, font=font, fill=mark.ink, anchor="ls")
        else:
            _soft(image, (x, mark.baseline), run, face, mark)
        x += letterer().width(run, replace(mark.style, face=face))


def _soft(image: Image.Image, at: Size, run: str, face: str, mark: Letters) -> None:
    """Letters with a grey edge of few levels: the eye sees no difference, and the file is a third smaller."""
    above, below = letterer().ink(run, mark.style)
    aside = mark.style.size // 3  # what a letter may lean out of its width
    mask = Image.new("L", (letterer().width(run, mark.style) + 2 * aside, max(1, above + below)))
    x, style = aside, replace(mark.style, face=face)
    for character in run:
        letter, left, top = _letter(character, face, mark.style.size)
        mask.paste(255, (x + left, above + top), letter)
        x += letterer().width(character, style)
    image.paste(mark.ink, (at[0] - aside, at[1] - above), mask.point(EDGE))


@lru_cache(maxsize=LETTERS_KEPT)
def _letter(character: str, face: str, size: int) -> tuple[Image.Image, int, int]:
    """A letter's ink, and where its left top lies from the pen: drawn once, set many times."""
    font = _font(face, size)
    left, top, right, bottom = (int(n) for n in font.getbbox(character, anchor="ls"))
    ink = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(ink).text((-left, -top), character, font=font, fill=255, anchor="ls")
    return ink, left, top


def _smooth(image: Image.Image, points: tuple[tuple[int, int], ...], colour: str) -> None:
    left, top = min(x for x, _ in points), min(y for _, y in points)
    width, height = max(x for x, _ in points) - left + 1, max(y for _, y in points) - top + 1
    mask = Image.new("L", (width * SMOOTH, height * SMOOTH))
    ImageDraw.Draw(mask).polygon([((x - left) * SMOOTH, (y - top) * SMOOTH) for x, y in points], fill=255)
    image.paste(colour, (left, top), mask.resize((width, height), Image.Resampling.BOX).point(EDGE))


def _smooth_disc(image: Image.Image, rect: tuple[int, int, int, int], colour: str, line: int) -> None:
    x, y, width, height = rect
    mask = Image.new("L", (width * SMOOTH, height * SMOOTH))
    draw, box = ImageDraw.Draw(mask), (0, 0, width * SMOOTH - 1, height * SMOOTH - 1)
    draw.ellipse(box, fill=0 if line else 255, outline=255, width=max(1, line * SMOOTH))
    image.paste(colour, (x, y), mask.resize((width, height), Image.Resampling.BOX).point(EDGE))


def _fitted(picture: Image.Image, size: Size, paper: str) -> Image.Image:
    """Cropped to fill the size, or whole with `paper` beside it."""
    if paper:
        return ImageOps.pad(picture, size, Image.Resampling.LANCZOS, color=paper)
    # Faces stand above the middle: crop less from the top than from the bottom.
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=(0.5, 0.4))


# ── pictures in, files out ───────────────────────────────────────────────────────────────────────


def decode(data: bytes) -> Image.Image:
    """The picture, upright, RGB of the sRGB colours, without metadata; raises `BadPictureError`.

    A large JPEG is unpacked at a half, a quarter or an eighth, as long as it still fills any board.
    """
    if data.count(b"\xff\xda") > MAX_SCANS:
        raise BadPictureError("picture-large")
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # for the whole process; WeasyPrint, once imported, has it otherwise
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged metadata, which are not used, and of sizes, which we limit
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as opened:
                width, height = opened.size
                if width * height > MAX_PICTURE_PIXELS or max(width, height) > MAX_PICTURE_SIDE:
                    raise BadPictureError("picture-large")
                if opened.format != "MPO" and getattr(opened, "n_frames", 1) > 1:  # MPO: a JPEG, and more behind it
                    raise BadPictureError("picture-moving")
                opened.draft(None, (ENOUGH_SIDE, ENOUGH_SIDE))
                opened.load()
                with contextlib.suppress(Exception):  # damaged metadata say nothing about the pixels
                    ImageOps.exif_transpose(opened, in_place=True)
                return _on_white(_colours(opened))
    except BadPictureError:
        raise
    except Exception as error:  # Pillow's decoders raise many kinds; all but one mean the same to an officer
        large = isinstance(error, Image.DecompressionBombError)
        raise BadPictureError("picture-large" if large else "picture-broken") from error


def _colours(picture: Image.Image) -> Image.Image:
    """As a screen shows them: 8 bits, and the picture's own colour space (a telephone's, a printer's) into sRGB."""
    if picture.mode.startswith("I"):  # 16-bit greys; Pillow would cut everything above 255 to white
        return picture.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "CMYK"):
        return picture
    try:
        space = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(space):
            return picture
        return ImageCms.profileToProfile(picture, space, ImageCms.createProfile("sRGB"), outputMode="RGB") or picture
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture  # a damaged profile: the plain numbers


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        flat = Image.new("RGB", layer.size, "#ffffff")
        flat.paste(layer, (0, 0), layer)
        return flat
    plain = picture.convert("RGB")
    plain.info.clear()
    return plain


def encode(image: Image.Image, kind: Literal["text", "photo"], *, kept: bool = True) -> tuple[bytes, str, str]:
    """The file's bytes, its type, and the digest of the pixels that a board will decode from it.

    Without `kept` only the last is asked for: no bytes are made where they would hold the very pixels.
    """
    out = io.BytesIO()
    if kind == "photo" and image.getcolors(DRAWN_COLOURS) is None:  # a map, or a matrix, is kept exactly
        image.save(out, "JPEG", quality=PHOTO_QUALITY, subsampling=0, optimize=False, progressive=False)
        with Image.open(io.BytesIO(out.getvalue()), formats=("JPEG",)) as decoded:
            return out.getvalue(), PHOTO_TYPE, pixels_digest(decoded.convert("RGB").tobytes())
    if kept:
        image.save(out, "WEBP", lossless=True, method=WEBP_METHOD, quality=WEBP_EFFORT)
    return out.getvalue(), TEXT_TYPE, pixels_digest(image.tobytes())


def small(data: bytes, width: int) -> bytes:
    """A slide for the website: WebP, `width` pixels wide; a matrix's picture stays as it is, dot by dot."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        rgb = picture.convert("RGB")
    if rgb.width > width:
        rgb = rgb.resize((width, round(rgb.height * width / rgb.width)), Image.Resampling.LANCZOS)
        rgb.save(out, "WEBP", quality=SMALL_QUALITY, method=4)
    else:
        rgb.save(out, "WEBP", lossless=True, method=4)
    return out.getvalue()


def card(data: bytes) -> bytes:
    """A screen's slide as the picture of a shared link: JPEG, 1200 × 630, nothing cut."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        rgb = picture.convert("RGB")
    edge = rgb.getpixel((0, rgb.height - 1))
    fitted = ImageOps.pad(rgb, CARD, Image.Resampling.LANCZOS, color=edge)  # type: ignore[arg-type]
    fitted.save(out, "JPEG", quality=CARD_QUALITY, optimize=True)
    return out.getvalue()


def pixels_digest(rgb: bytes) -> str:
    """SHA-256 of a picture's raw RGB bytes, row by row from the top: what the board's witness compares."""
    return hashlib.sha256(rgb).hexdigest()


@cache
def letterer() -> Letterer:
    """The one ruler of this process: what it has measured once it knows."""
    return Letterer()
