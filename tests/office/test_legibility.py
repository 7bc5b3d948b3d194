"""Letters that can be read: large enough for the distance, unlike each other, whole, in contrast; read back by OCR."""

from __future__ import annotations

import importlib.util
import io
import itertools
import shutil
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from signage import settings
from signage.errors import codes
from signage.notice import Notice, SourceFile, parse, read_all
from signage.notice.canonical import canonical_text
from signage.office import drawing, legibility, sight, slides, starter
from signage.office.fontfile import BITMAP, BOLD, REGULAR, SMALL
from signage.office.layout import Look, Photo, Placed, Sheet
from signage.office.layout.design import LED_FLOOR, NEAR, NEAR_SHARE, ROLES, STEPS, most_capital
from signage.office.layout.sheet import Fill, Letters
from signage.office.legibility import ALIKE_BELOW, MAX_LIGHT, MIN_CAPITAL, alike, light, problems, stroke, x_height
from signage.office.typesetting import Style
from signage.publication import Shape

SHAPES = (
    "lcd-1920x1080", "lcd-1080x1920", "lcd-1280x720", "lcd-3840x2160", "lcd-1920x1080-dark", "led-960x480",
    "led-512x256", "led-384x192", "led-320x160", "led-256x128", "led-192x96", "led-160x320", "led-128x64", "led-64x32",
)  # fmt: skip
WORDS = "Tạm ngừng cấp điện thôn 3"


@cache
def sample() -> settings.Settings:
    return settings.load(starter.sample_root())


@cache
def notices() -> list[Notice]:
    """Every twelfth notice of the sample commune, pages left out."""
    found = read_all(sample().content, sample().places).notices.values()
    return [n for n in found if not n.is_page][::12]


def board(shape: str, pitch: float | None, distance: float | None) -> settings.Board:
    usual = next(b for b in sample().boards if b.mode.shape.kind == shape[:3])
    return replace(
        usual, mode=replace(usual.mode, shape=Shape.named(shape)), pitch_mm=pitch, distance_m=distance, name=shape
    )


def sheet(*marks: Letters | Fill | Photo, rect: tuple[int, int, int, int] = (0, 0, 800, 200)) -> Sheet:
    return Sheet(800, 200, "#ffffff", (), (Placed("text", rect, marks),), None, "")


def words(x: int = 20, ink: str = "#000000", size: int = 48, face: str = REGULAR) -> Letters:
    return Letters(x, 100, WORDS, Style(face, size), ink)


LOOK = Look(Shape.named("lcd-1920x1080"))


def found(made: Sheet, look: Look = LOOK) -> list[tuple[str, str]]:
    return [(p.code, p.severity) for p in problems([made], look, "a.md")]


# ── how large ────────────────────────────────────────────────────────────────────────────────────


def test_a_capital_fills_sixteen_minutes_of_arc() -> None:
    """NUREG-0700 rev. 2, 1.3.1-4: height = 6.283 D A / 21600."""
    for pitch, distance in ((5.0, 15.0), (0.63, 6.0), (10.0, 30.0)):
        assert sight.rows(pitch, distance) == pytest.approx(6.283 * distance * 1000 * 16 / 21600 / pitch, rel=1e-3)
        assert sight.readable_from(pitch, 14) == pytest.approx(14 * distance / sight.rows(pitch, distance), rel=1e-3)


def test_the_board_that_needs_most_decides_for_its_shape() -> None:
    near, far = board("lcd-1920x1080", 0.5, 2), board("lcd-1920x1080", 0.5, 4)
    assert sight.capitals([near, far, board("led-384x192", 5, 15)]) == {"lcd-1920x1080": 38, "led-384x192": 14}
    assert sight.capitals([board("lcd-1920x1080", None, None)])["lcd-1920x1080"] == 29  # 43 inches, 3 m


def test_a_board_that_cannot_is_told_from_where_it_can() -> None:
    good, poor = board("led-384x192", 5, 15), board("led-64x32", 10, 30)
    (told,) = sight.problems([good, poor], "bangtin.toml")
    assert (told.code, told.severity) == ("board-too-far", "warning")
    assert "đọc được từ 21 m" in told.told()
    assert sight.capitals([poor])["led-64x32"] == 10  # and is drawn as large as it goes
    assert not sight.problems(sample().boards, "bangtin.toml")


@pytest.mark.parametrize("name", SHAPES)
def test_sizes_follow_the_distance(name: str) -> None:
    """For every capital that can be asked of a shape, what is drawn has it; notes have half of it."""
    shape = Shape.named(name)
    ruler = drawing.letterer()
    for capital in range(MIN_CAPITAL, most_capital(shape) + 1):
        for role, step in itertools.product(ROLES, (0, STEPS - 1)):
            style = Look(shape, step, capital).style(role)
            needed = capital * NEAR_SHARE if role in NEAR else capital
            assert ruler.cap(style) >= max(MIN_CAPITAL, int(needed)), (role, capital, style)


def test_a_small_matrix_is_set_dot_by_dot() -> None:
    look = Look(Shape.named("led-64x32"))
    style = look.style("text")
    assert (style.face, style.size) == (BITMAP, LED_FLOOR)
    above, below = drawing.letterer().ink("ẨẪỆỘỬgypqẠ", style)
    assert above + below <= LED_FLOOR  # all marks within 16 rows: two lines on 32
    assert look.lead("text") == LED_FLOOR
    image = drawing.paint(sheet(Letters(20, 100, WORDS, style, "#000000")), {})
    assert {colour for _, colour in image.getcolors() or []} == {(0, 0, 0), (255, 255, 255)}


# ── letters ──────────────────────────────────────────────────────────────────────────────────────


def test_there_are_134_letters_with_marks() -> None:
    assert len(legibility.letters()) == 134 + 26 * 2 + 10


def test_no_two_letters_look_alike_in_any_style_in_use() -> None:
    """Every style below `ALIKE_BELOW` px that any shape can have, at any distance."""
    styles = set()
    for name in SHAPES:
        shape = Shape.named(name)
        for capital, role, step in itertools.product((0, most_capital(shape)), ROLES, range(STEPS)):
            styles.add(Look(shape, step, capital).style(role))
    styles = {style for style in styles if style.size < ALIKE_BELOW}
    assert {s.face for s in styles} >= {BITMAP, BOLD, REGULAR}
    assert {style: alike(style) for style in styles if alike(style)} == {}


def test_letters_that_look_alike_are_found() -> None:
    assert alike(Style(SMALL, 9, True))


def test_large_letters_need_no_comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legibility, "ALIKE_BELOW", 10**6)
    monkeypatch.setattr(legibility, "MIN_DIFFERENCE", 3 * legibility.MIN_DIFFERENCE)
    assert legibility.alike.__wrapped__(Style(REGULAR, ALIKE_BELOW)) == ()


def test_strokes_and_small_letters_are_measured() -> None:
    assert stroke(Style(BITMAP, 16, True, True)) == 1
    assert stroke(Style(SMALL, 16, True)) == 2
    assert 3 < stroke(Style(REGULAR, 48)) < stroke(Style(BOLD, 48)) < 9
    assert [x_height(Style(face, 16, True)) for face in (BITMAP, SMALL)] == [8, 9]


# ── a sheet ──────────────────────────────────────────────────────────────────────────────────────


def test_a_good_sheet_has_no_fault() -> None:
    assert found(sheet(words())) == []
    assert {"text-cut", "text-small", "text-thin", "letters-alike", "contrast-low", "board-too-far"} <= codes()


@pytest.mark.parametrize(
    ("marks", "code"),
    [
        ((words(x=500),), "text-cut"),  # over the right edge
        ((words(x=-30),), "text-cut"),
        ((words(size=240),), "text-cut"),  # marks above the sheet
        ((words(ink="#8a8a8a"),), "contrast-low"),
        ((Fill((0, 0, 300, 200), "#333333"), words()), "contrast-low"),  # half of it on a dark ground
        ((Photo((0, 0, 800, 200), "a.jpg"), words()), "contrast-low"),  # a picture may be anything
        ((words(size=11),), "text-small"),
        ((words(size=10, face=SMALL),), "letters-alike"),
    ],
)
def test_what_cannot_be_read_is_found(marks: tuple[Letters | Fill | Photo, ...], code: str) -> None:
    severity = "error" if code == "text-cut" else "warning"
    assert (code, severity) in found(sheet(*marks))


def test_a_text_on_its_own_ground_is_judged_by_that() -> None:
    ground = Fill((10, 40, 780, 100), "#7a1010")
    assert found(sheet(ground, words(ink="#ffffff"))) == []
    assert ("contrast-low", "warning") in found(sheet(words(ink="#ffffff")))


def test_main_text_is_held_to_the_board_and_notes_to_half_of_it() -> None:
    made = sheet(words(size=48))
    assert found(made, replace(LOOK, capital=40)) == [("text-small", "warning")]
    note = replace(made, blocks=(replace(made.blocks[0], name="address"),))
    assert found(note, replace(LOOK, capital=40)) == []


@pytest.mark.parametrize("name", SHAPES)
def test_the_sample_commune_can_be_read_on_every_shape(name: str) -> None:
    shape, asked = Shape.named(name), sight.sights(sample().boards).get(name, sight.Sight())
    for notice in notices():
        sheets = slides.compose(notice, shape, sample().commune, asked)
        told = problems(sheets, slides.look_for(shape, asked), f"{notice.id}.md")
        assert [p.told() for p in told] == []


# ── light ────────────────────────────────────────────────────────────────────────────────────────


def test_light_is_linear() -> None:
    assert light(Image.new("RGB", (4, 4), "#ffffff")) == pytest.approx(1)
    assert light(Image.new("RGB", (4, 4), "#808080")) == pytest.approx(0.2159, abs=1e-3)
    assert light(Image.new("RGB", (4, 4), "#00ff00")) == pytest.approx(0.7152, abs=1e-3)
    assert light(legibility.darkened(Image.new("RGB", (4, 4), "#ffffff"), 0.25)) == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("name", ["led-960x480", "led-384x192", "led-192x96", "led-64x32"])
def test_no_slide_of_a_matrix_glares(name: str) -> None:
    white = io.BytesIO()
    Image.new("RGB", (1200, 900), "#ffffff").save(white, "JPEG")
    fields = {
        "Title": "Vụ đông: khoai tây lên xanh hai bên bờ sông", "Date": "2026-11-20 09:00", "Kind": "tin",
        "Category": "an-sinh", "Start": "2026-11-21 05:00", "End": "2026-11-22 17:00", "Summary": "Vụ đông.",
        "Image": "dong.jpg | cánh đồng",
    }  # fmt: skip
    made = parse("tin/2026/vu-dong", canonical_text(fields, "Bà con chú ý."), (SourceFile("dong.jpg", "0" * 64, 1),))
    texts = [n for n in notices() if n.image is None and not n.files]
    for notice in (made, *texts):
        drawn = slides.draw(notice, [Shape.named(name)], sample().commune, {"dong.jpg": white.getvalue()})
        for file in drawn.slides[name]:
            image = Image.open(io.BytesIO(drawn.files[file.name])).convert("RGB")
            assert light(image) <= MAX_LIGHT * 1.02, notice.id


# ── read back ────────────────────────────────────────────────────────────────────────────────────


@cache
def ocr() -> ModuleType:
    path = Path(__file__).parents[2] / "bench" / "ocr.py"
    spec = importlib.util.spec_from_file_location("bench_ocr", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_ocr"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_every_wrong_missing_and_invented_character_counts() -> None:
    made = sheet(Letters(20, 60, "Thôn 3", Style(REGULAR, 40), "#000000"),
                 Letters(20, 140, "nghỉ", Style(REGULAR, 40), "#000000"))  # fmt: skip
    lines = ocr().said(made)
    assert [line.text for line in lines] == ["Thôn 3", "nghỉ"]

    def heard(text: str, line: int, aside: int = 0) -> object:
        x, y, width, height = lines[line].rect
        return ocr().Found(text, (x + aside, y, width // 2, height))

    right = [heard("3", 0, 70), heard("Thôn", 0), heard("nghỉ", 1)]
    assert ocr().wrong(made, right)[:2] == (0, 10)  # words of a line from left to right, however they came
    assert ocr().wrong(made, right[:2])[0] == 4  # a line not seen
    assert ocr().wrong(made, [*right, ocr().Found("xyz", (600, 100, 40, 30))])[0] == 3  # seen where nothing is
    assert ocr().wrong(made, [heard("Thon", 0), heard("3", 0, 70), heard("nghi", 1)])[0] == 2


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is missing: apt-get install tesseract-ocr-vie")
@pytest.mark.parametrize(("name", "most"), [("lcd-1920x1080", 0.02), ("led-384x192", 0.03), ("led-192x96", 0.06)])
def test_slides_read_back(name: str, most: float) -> None:
    """One slide each; `bench/slides.py` has the figures of all."""
    shape, asked = Shape.named(name), sight.sights(sample().boards).get(name, sight.Sight())
    made = slides.compose(notices()[-1], shape, sample().commune, asked)[-1]
    times = ocr().ENLARGED if shape.kind == "led" else 1
    wrong, characters, misread = ocr().wrong(made, ocr().read(ocr().inked(made, {}), times))
    assert wrong <= max(1, most * characters), misread
