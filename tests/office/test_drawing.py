"""Letters measured and drawn from the shipped fonts; pictures let in with limits; digests a board can check."""

from __future__ import annotations

import io
import itertools
import os
import struct
import unicodedata
import zlib
from importlib import resources

import pytest
from PIL import Image, ImageFont

from signage.office import drawing
from signage.office.drawing import BadPictureError, decode, encode, letterer, paint, pixels_digest
from signage.office.fontfile import BOLD, FACES, REGULAR, SMALL, SYMBOLS, covered, lacking
from signage.office.layout.design import HARD_BELOW, LED_FLOOR
from signage.office.layout.sheet import Letters, Photo, Placed, Sheet
from signage.office.typesetting import Style
from signage.printing import pdf

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

VOWELS = "aăâeêioôơuưy"
TONES = "\u0300\u0301\u0303\u0309\u0323"
LETTERS = sorted(
    {unicodedata.normalize("NFC", v + t) for v in VOWELS + VOWELS.upper() for t in TONES} | set("ăâđêôơưĂÂĐÊÔƠƯ")
)
OFFICERS = "“”‘’–—…•°%‰²³№×≥≤→₫½¼¾±§«»−′″©®™€½‑()[]/\\|&@#*+=<>!?,.;:\"'"


def sheet(*marks: Letters | Photo, size: tuple[int, int] = (400, 100), paper: str = "#ffffff") -> Sheet:
    block = Placed("test", (0, 0, *size), tuple(marks))
    return Sheet(*size, paper, (), (block,), None, "")


def test_there_are_134_letters() -> None:
    assert len(LETTERS) == 134


@pytest.mark.parametrize("face", FACES)
def test_every_vietnamese_letter_is_in_each_face(face: str) -> None:
    missing = [c for c in LETTERS if ord(c) not in covered(drawing.font_bytes(face))]
    assert not missing


def test_the_signs_that_officers_type_are_drawn() -> None:
    assert lacking(OFFICERS) == []
    assert lacking("Thông báo 😀 và 漢") == ["😀", "漢"]


def test_every_font_has_its_licence_beside_it() -> None:
    folder = resources.files("signage").joinpath("fonts")
    names = {file.name for file in folder.iterdir()}
    assert {f"{face}.ttf" for face in (*FACES, *SYMBOLS)} == {n for n in names if n.endswith(".ttf")}
    for family in {face.split("-")[0] for face in (*FACES, *SYMBOLS)}:
        assert "SIL OPEN FONT LICENSE" in folder.joinpath(f"OFL-{family}.txt").read_text("utf-8").upper()


@pytest.mark.parametrize(
    ("face", "size", "hard"), [(REGULAR, 47, False), (BOLD, 96, False), (SMALL, 16, True), (BOLD, 22, True)]
)
def test_a_text_is_as_wide_as_its_letters(face: str, size: int, hard: bool) -> None:
    """No kerning, no shaping: the sum is what Pillow draws, on every machine."""
    text = "ỦY BAN NHÂN DÂN: AVATo, 17:00–19:30 ngày 22/11/2026"
    font = ImageFont.truetype(io.BytesIO(drawing.font_bytes(face)), size, layout_engine=ImageFont.Layout.BASIC)
    assert letterer().width(text, Style(face, size, hard)) == font.getlength(text, "1" if hard else "L")


@pytest.mark.parametrize("style", [Style(REGULAR, 42), Style(BOLD, 116), Style(SMALL, 16, True), Style(BOLD, 20, True)])
def test_ink_is_measured_not_believed(style: Style) -> None:
    """What is drawn lies within what was measured, for all 134 letters."""
    for text in ("ẨẪỆỘỬgypq", "".join(LETTERS)):
        above, below = letterer().ink(text, style)
        width = letterer().width(text, style)
        image = paint(sheet(Letters(100, 300, text, style, "#000000"), size=(width + 200, 600)), {})
        left, top, right, bottom = Image.eval(image.convert("L"), lambda v: 255 - v).getbbox() or (0, 0, 0, 0)
        assert 300 - above <= top <= 300 - above + 1  # a row more is a margin, a row less a cut mark
        assert 300 + below - 1 <= bottom <= 300 + below
        assert left > 0
        assert right < width + 200


@pytest.mark.parametrize(
    ("face", "size"),
    [(face, n) for face in (SMALL, BOLD) for n in range(LED_FLOOR, HARD_BELOW)],
)
def test_no_two_letters_look_alike_on_a_matrix(face: str, size: int) -> None:
    font = ImageFont.truetype(io.BytesIO(drawing.font_bytes(face)), size, layout_engine=ImageFont.Layout.BASIC)
    seen: dict[bytes, str] = {}
    for letter in LETTERS:
        image = paint(
            sheet(Letters(20, 50, letter, Style(face, size, True), "#ffffff"), size=(64, 80), paper="#000000"), {}
        )
        same = seen.setdefault(image.tobytes(), letter)
        assert same == letter, f"{letter} = {same}"
    assert font.size == size


def test_hard_letters_have_no_grey() -> None:
    image = paint(sheet(Letters(10, 60, "Ẩn giữ", Style(SMALL, 16, True), "#ffffff"), paper="#000000"), {})
    assert {colour for _, colour in image.getcolors() or []} == {(0, 0, 0), (255, 255, 255)}


def test_what_one_font_lacks_comes_from_the_next() -> None:
    plain = paint(sheet(Letters(10, 60, "2 ha", Style(REGULAR, 40), "#000000")), {})
    arrow = paint(sheet(Letters(10, 60, "2 → 3 ha", Style(REGULAR, 40), "#000000")), {})
    assert ord("→") not in covered(drawing.font_bytes(REGULAR))
    assert plain.crop((0, 0, 30, 100)).tobytes() == arrow.crop((0, 0, 30, 100)).tobytes()
    assert letterer().width("→", Style(REGULAR, 40)) > 20


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    image = Image.effect_noise(size, 90).convert("RGB")
    image.paste("#ff0000", (0, 0, 8, 8))  # a red corner at the top left
    out = io.BytesIO()
    image.save(out, kind, **more)  # type: ignore[arg-type]
    return out.getvalue()


def test_a_picture_taken_sideways_stands_upright_and_tells_nothing() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010F] = "a telephone"
    shown = decode(picture(exif=exif, quality=95))
    assert shown.size == (40, 60)
    red, green, _ = shown.getpixel((37, 3))  # type: ignore[misc]
    assert red > 180
    assert green < 90
    assert "exif" not in shown.info
    data, _, _ = encode(paint(sheet(Photo((0, 0, 400, 100), "a")), {"a": shown}), "photo")
    assert b"Exif" not in data
    assert b"a telephone" not in data


def test_clear_parts_of_a_picture_become_white() -> None:
    image = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    out = io.BytesIO()
    image.save(out, "PNG")
    assert decode(out.getvalue()).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.97])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_cut_short_is_refused(kind: str, share: float) -> None:
    data = picture(kind)
    with pytest.raises(BadPictureError) as told:
        decode(data[: int(len(data) * share)])
    assert told.value.code == "picture-broken"


def test_a_picture_cut_short_is_refused_also_where_something_was_printed() -> None:
    pdf("<p>Thông báo</p>")
    test_a_picture_cut_short_is_refused("JPEG", 0.5)


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(tag: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8000, 8000), (60_000, 60_000), (30_000, 10)])
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(BadPictureError) as told:
        decode(png_that_claims(*size))
    assert told.value.code == "picture-large"


def test_what_is_no_picture_is_refused() -> None:
    for data in (b"", b"%PDF-1.7", b"GIF89a" + b"\0" * 40, picture("BMP")):
        with pytest.raises(BadPictureError):
            decode(data)


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def test_the_digest_is_of_rows_from_the_top() -> None:
    image = Image.new("RGB", (2, 2))
    for n, (x, y) in enumerate(itertools.product(range(2), range(2))):
        image.putpixel((y, x), (n, n, n))
    assert pixels_digest(image.tobytes()) == pixels_digest(bytes([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]))


@pytest.mark.parametrize("kind", ["text", "photo"])
def test_the_board_decodes_the_same_pixels(kind: str) -> None:
    import pygame

    letters = Letters(20, 70, "Ngừng cấp điện – 17:00", Style(BOLD, 60), "#0b3a45")
    marks = (letters, Photo((300, 0, 100, 100), "a"))
    image = paint(sheet(*marks), {"a": decode(picture(size=(300, 200)))})
    data, _, pixels = encode(image, kind)  # type: ignore[arg-type]
    surface = pygame.image.load(io.BytesIO(data))
    assert surface.get_size() == image.size
    assert pixels_digest(pygame.image.tobytes(surface, "RGB")) == pixels
    if kind == "text":
        assert pixels == pixels_digest(image.tobytes())
