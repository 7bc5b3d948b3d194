"""The glass itself: every turn, fades, tickers, light, films, and what it says must be there.

Golden digests of what the board draws by itself: BANGTIN_GOLDEN=write writes them anew, after a look.
"""

import hashlib
import io
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pygame
import pytest
from PIL import Image, ImageDraw

from signage.board.screen import Cue, Glass, decoded, laid_out, panel, safe_panel
from signage.board.screen import strip as strips
from signage.board.screen.driver import BY_CARD, BY_ITSELF, SWITCH, Driver
from signage.board.screen.panels import clock_panel
from signage.board.screen.pattern import pattern
from signage.board.screen.picture import file_of
from signage.publication import Mode, Shape
from signage.review import ClockArea, Film, SlideFile, Ticker
from signage.review.slide import TICKER_FRAMES, ticker_speed

GOLDEN = Path(__file__).parent.parent / "golden" / "screen.json"
NOW = datetime(2026, 11, 22, 2, 5, tzinfo=UTC)
MS = timedelta(milliseconds=1)
SIZE = (160, 90)
TURNS = (0, 90, 180, 270)
CLOCK, TICKER, FILM = (100, 4, 50, 20), (0, 70, 160, 20), (10, 20, 40, 30)


@pytest.fixture
def make_glass(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")  # a headless glass says so for good: not to those after us
    made = []

    def make(rotate=0, size=SIZE, output=(400, 300)):
        width, height = size if rotate in (0, 180) else size[::-1]
        made.append(Glass("headless", Mode(output, (30, 40, width, height), rotate, Shape("lcd", *size)), "t"))
        return made[-1]

    yield make
    for one in made:
        one.close()


def slide(colour="#003366", **parts):
    """A slide's file with its record."""
    image = Image.new("RGB", SIZE, colour)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 39, 19), fill="#ffffff")
    draw.line((0, 89, 159, 45), fill="#ff00ff", width=3)
    out = io.BytesIO()
    image.save(out, "PNG")
    pixels = hashlib.sha256(image.tobytes()).hexdigest()
    return out.getvalue(), SlideFile("a" * 64, 9, pixels, "image/png", 5000, **parts), image


def test_a_full_disk_is_an_error_of_the_disk(tmp_path):
    """Not one of pygame's, which would end the player."""
    with pytest.raises(OSError, match=r"\w"):
        file_of(pygame.Surface((4, 4)), "no such folder/output.png")


@pytest.mark.parametrize(("corner", "stands_in"), [((30, 40), (30, 40, *SIZE)), ((16_390, 40), (0, 0, 1280, 720))])
def test_an_output_that_cannot_be_had_is_no_end(make_glass, corner, stands_in):
    """Refused by SDL: the screen as it is will do, if there is room at the same place."""
    glass = make_glass()
    wanted = Mode((-1, 300), (*corner, *SIZE), 0, Shape("lcd", *SIZE))
    glass.set_mode(wanted)
    assert (glass.mode.output, glass.mode.viewport, glass.wanted) == ((1280, 720), stands_in, wanted)
    assert glass.faults() == ["mode-mismatch"]
    if corner == (30, 40):
        data, record, image = slide()
        glass.show(decoded(data, record, glass.form()), Cue(NOW, NOW, None))
        assert grabbed(glass)[0].tobytes() == image.tobytes() and glass.verdict() == "match"
    glass.set_mode(Mode((400, 300), (30, 40, *SIZE), 0, Shape("lcd", *SIZE)))
    assert glass.faults() == []


def grabbed(glass):
    """What stands at the viewport, upright, as another library sees it."""
    whole = Image.open(io.BytesIO(glass.screenshot())).convert("RGB")
    x, y, w, h = glass.mode.viewport
    return whole.crop((x, y, x + w, y + h)).rotate(glass.mode.rotate, expand=True), whole


def masked_digest(image, masks):
    image = image.copy()
    for x, y, w, h in masks:
        image.paste((0, 0, 0), (x, y, x + w, y + h))
    return hashlib.sha256(image.tobytes()).hexdigest()


def cue(ms=0):
    return Cue(NOW + ms * MS, NOW, NOW)


@pytest.mark.parametrize("rotate", TURNS)
def test_what_must_be_there_is_there_in_every_turn(make_glass, rotate):
    """The announced digest against another library's reading of the output."""
    glass = make_glass(rotate)
    data, file, image = slide(
        clock=ClockArea(CLOCK, "#ffffff", "#000044"),
        ticker=Ticker(TICKER, "#ffffff", "#440000", "Họp thôn lúc 19 giờ", 16),
    )
    picture = decoded(data, file, glass.form())
    glass.show(picture, cue())
    glass.animate(cue(1500))
    found, whole = grabbed(glass)
    expected = glass.expects(picture)
    assert (expected.masks, expected.rotate, expected.dark) == ((CLOCK, TICKER), rotate, False)
    assert masked_digest(found, (CLOCK, TICKER)) == expected.sha256 == masked_digest(image, (CLOCK, TICKER))
    assert glass.verdict() == "match"
    for x, y, w, h in (CLOCK, TICKER):
        assert len(found.crop((x, y, x + w, y + h)).getcolors()) > 1  # digits and letters
    x, y, w, h = expected.viewport
    whole.paste((0, 0, 0), (x, y, x + w, y + h))
    assert whole.getbbox() is None  # black all around


def test_pixels_that_nobody_approved_are_no_match(make_glass):
    glass = make_glass()
    data, file, _ = slide()
    other = SlideFile(file.file, 9, "0" * 64, "image/png", 5000)
    glass.show(decoded(data, other, glass.form()), cue())
    assert glass.verdict() == "foreign"


@pytest.mark.parametrize(("kind", "options"), [
    ("RGB", {"transparency": (0, 51, 102)}), ("RGBA", {}), ("P", {"transparency": 0}), ("L", {}), ("1", {}),
])  # fmt: skip
def test_a_picture_is_opaque_and_waits_in_three_bytes_a_pixel(make_glass, kind, options):
    """However its file is packed: what waits takes three quarters of the output's memory."""
    _, file, image = slide()
    out = io.BytesIO()
    image.convert(kind).save(out, "PNG", **options)
    plain = Image.open(out).convert("RGB")
    record = SlideFile(file.file, 9, hashlib.sha256(plain.tobytes()).hexdigest(), "image/png", 5000)
    glass = make_glass()
    picture = decoded(out.getvalue(), record, glass.form())
    assert picture.surface.get_bytesize() == 3
    glass.show(picture, cue())
    assert grabbed(glass)[0].tobytes() == plain.tobytes() and glass.verdict() == "match"


@pytest.mark.parametrize("rotate", [0, 270])
def test_a_fade_mixes_old_and_new_and_ends_exactly(make_glass, rotate):
    glass = make_glass(rotate)
    (old, old_file, before), (new, new_file, after) = slide("#202020"), slide("#a0c0e0")
    glass.show(decoded(old, old_file, glass.form()), cue(), fade_ms=500)
    assert not glass.moving  # the first picture has nothing to fade from
    picture = decoded(new, new_file, glass.form())
    glass.show(picture, cue(), fade_ms=500)
    assert grabbed(glass)[0].tobytes() == before.tobytes() and glass.verdict() == "transition"
    light = []
    for ms in range(0, 500, 16):
        glass.animate(cue(ms))
        light.append(grabbed(glass)[0].getpixel((150, 10))[2])
    assert light == sorted(light) and light[0] == 0x20 and 0xC0 < light[-1] <= 0xE0 and len(set(light)) > 20
    glass.animate(cue(500))
    assert not glass.moving and grabbed(glass)[0].tobytes() == after.tobytes() and glass.verdict() == "match"


@pytest.mark.parametrize("lasts", [300, 1000, 2000])
def test_a_fade_keeps_to_its_time(make_glass, lasts):
    """Steps mix into what the last one left; what is cut off at each never grows to more than a tenth of the scale."""
    glass = make_glass()
    (old, old_file, before), (new, new_file, after) = slide("#d04010"), slide("#20c0f0")
    glass.show(decoded(old, old_file, glass.form()), cue())
    glass.show(decoded(new, new_file, glass.form()), cue(), fade_ms=lasts)
    for ms in range(0, lasts, 17):
        glass.animate(cue(ms))
        for at, was, will in zip(*(i.getpixel((150, 10)) for i in (grabbed(glass)[0], before, after)), strict=True):
            assert abs(at - (was + (will - was) * ms / lasts)) <= 26


def test_a_clock_that_is_set_back_ends_a_fade(make_glass):
    glass = make_glass()
    for colour in ("#202020", "#a0c0e0"):
        data, file, image = slide(colour)
        glass.show(decoded(data, file, glass.form()), cue(), fade_ms=500)
    glass.animate(cue(100))
    glass.animate(cue(-5000))
    assert not glass.moving and grabbed(glass)[0].tobytes() == image.tobytes()


def test_dimmed_and_dark(make_glass):
    glass = make_glass()
    data, file, image = slide(clock=ClockArea(CLOCK, "#ffffff", "#000044"))
    picture = decoded(data, file, glass.form(percent=40))
    glass.show(picture, cue())
    assert glass.verdict() == "match"
    found = grabbed(glass)[0]
    assert found.crop((100, 4, 150, 24)).getextrema()[0][1] <= 0.42 * 255  # the clock as well
    bright, dimmed = image.getpixel((5, 5))[0], found.getpixel((5, 5))[0]
    assert bright == 255 and 98 <= dimmed <= 104
    glass.darken()
    assert glass.verdict() == "dark" and grabbed(glass)[1].getbbox() is None
    assert glass.expects(None).sha256 == hashlib.sha256(bytes(SIZE[0] * SIZE[1] * 3)).hexdigest()


@pytest.mark.parametrize("rotate", TURNS)
def test_a_film_frame_is_put_at_its_area_alone(make_glass, rotate):
    glass = make_glass(rotate)
    data, file, image = slide(film=Film("b" * 64, 9, "video/mp4", FILM, 3000, "c" * 64))
    glass.show(decoded(data, file, glass.form()), cue())
    frame = pygame.Surface(FILM[2:])
    frame.fill("#00ff00")
    assert not glass.put_film(frame, (0, 0, 40, 30)) and not glass.put_film(pygame.Surface((5, 5)), FILM)
    assert glass.put_film(frame, FILM)
    image.paste("#00ff00", (FILM[0], FILM[1], FILM[0] + FILM[2], FILM[1] + FILM[3]))
    assert grabbed(glass)[0].tobytes() == image.tobytes() and glass.verdict() == "match"


def test_a_drill_has_its_band_and_still_matches(make_glass):
    glass = make_glass()
    data, file, image = slide()
    glass.show(decoded(data, file, glass.form(drill=True)), cue())
    found = grabbed(glass)[0]
    assert glass.verdict() == "match"
    assert found.crop((0, 0, 160, 74)).tobytes() == image.crop((0, 0, 160, 74)).tobytes()
    assert found.getpixel((1, 80)) == (0xFF, 0xD6, 0x00)


# ── the ticker ───────────────────────────────────────────────────────────────────────────────────


def test_a_ticker_goes_by_time_alone_and_shows_every_letter():
    ticker = Ticker((0, 0, 120, 24), "#ffffff", "#000000", "Ngày mai cúp điện " * 33, 20)
    one, other = strips.Strip(ticker, 100), strips.Strip(ticker, 100)
    line = pygame.Surface((one._round, 24))  # all of it, put together from what passes
    speed = ticker_speed(20)
    assert speed % TICKER_FRAMES == 0
    for moved in range(120, one._round, 100):
        band = one.at(NOW + moved * 1000 / speed * MS, NOW)
        line.blit(band, (moved - 120, 0))
    widths = sum(one._type.size(text)[0] for text, _ in one._tiles)
    assert len(one._tiles) > 3 and one._round == widths + strips.GAP * 20
    assert line.get_bounding_rect().width > 0
    ink = pygame.mask.from_threshold(line, "#ffffff", (90, 90, 90, 255))
    assert max(rect.right for rect in ink.get_bounding_rects()) > widths - 200
    moment = NOW + 7777 * MS
    assert pygame.image.tobytes(one.at(moment, NOW), "RGB") == pygame.image.tobytes(other.at(moment, NOW), "RGB")
    assert len(one._drawn) <= 3


def test_a_ticker_at_its_limits_stays_small():
    ticker = Ticker((0, 0, 1920, 480), "#ffffff", "#000000", "Ậ" * 600, 400)
    strip = strips.Strip(ticker, 100)
    assert strip._round > 100_000
    for ms in range(0, 60_000, 7_000):
        strip.at(NOW + ms * MS, NOW)
        assert sum(tile.get_width() for tile in strip._drawn.values()) < 4 * strips.MAX_TILE


def test_a_ticker_enters_from_the_right_and_comes_again():
    strip = strips.Strip(Ticker((0, 0, 100, 20), "#ffffff", "#000000", "Họp", 16), 100)
    assert pygame.transform.average_color(strip.at(NOW, NOW))[:3] == (0, 0, 0)
    seen = [bool(max(pygame.transform.average_color(strip.at(NOW + ms * MS, NOW))[:3])) for ms in range(0, 20_000, 100)]
    assert seen.index(True) < 5 and not seen[0] and all(seen[20:])


# ── what the board draws itself ──────────────────────────────────────────────────────────────────


def drawn_here():
    """Name → surface."""
    alert = {"level": 4, "source": "Đài KTTV", "bulletin_time": "2026-11-22T00:00:00Z", "words": "Di dời ngay."}
    sizes = [(1920, 1080), (1080, 1920), (960, 480), (384, 192), (192, 96), (128, 64), (64, 32)]
    found = {}
    for width, height in sizes:
        name, size = f"{width}x{height}", (width, height)
        mode = Mode((1920, 1920), (0, 0, width, height), 0, Shape("led", width, height))
        found[f"safe {name}"] = safe_panel(
            size, "Xã Mẫu", "Nhà văn hóa thôn 3", NOW, ident="nha-van-hoa-3", phone="0299 000 0000"
        )
        found[f"pattern {name}"] = pattern(mode, "nha-van-hoa-3", "0.1.0")
        for level, drill in ((1, False), (4, False), (5, True)):
            laid = laid_out(size, "Lũ khẩn cấp", {**alert, "level": level, "drill": drill}, NOW + timedelta(hours=6))
            found[f"words {level}{' drill' * drill} {name}"] = laid.draw(0)
    for width, height in ((320, 160), (200, 60), (60, 18)):
        area = ClockArea((0, 0, width, height), "#ffffff", "#0b3d6e")
        found[f"clock {width}x{height}"] = clock_panel(area, NOW)
    return found


def test_what_the_board_draws_is_as_it_was_looked_at(make_glass):
    """Each panel, and the safe slide on the output in every turn."""
    made_with = pygame.version.ver  # it brings its own letters' rasteriser
    digests = {k: hashlib.sha256(pygame.image.tobytes(v, "RGB")).hexdigest()[:24] for k, v in drawn_here().items()}
    for rotate in TURNS:
        glass = make_glass(rotate)
        glass.show(panel(safe_panel(SIZE, "Xã Mẫu", "Cổng xã", NOW), glass.form()), cue())
        assert glass.verdict() == "match"
        whole = grabbed(glass)[1].tobytes()
        digests[f"output turned {rotate}"] = hashlib.sha256(whole).hexdigest()[:24]
    if os.environ.get("BANGTIN_GOLDEN") == "write":
        told = {"pygame-ce": made_with, **digests}
        GOLDEN.write_text(json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    golden = json.loads(GOLDEN.read_text("utf-8"))
    if (other := golden.pop("pygame-ce")) != made_with:
        pytest.skip(f"the digests are of pygame-ce {other}")
    assert digests == golden


# ── the driver ───────────────────────────────────────────────────────────────────────────────────


def test_the_faster_way_of_drawing_is_learnt_in_two_starts(tmp_path, monkeypatch):
    monkeypatch.delenv(SWITCH, raising=False)
    note = tmp_path / "driver.json"
    (tmp_path / "renderD128").touch()
    for way, pause in ((BY_ITSELF, 0.004), (BY_CARD, 0.001)):
        monkeypatch.delenv(SWITCH, raising=False)
        start = Driver(note, tmp_path)
        start.choose("x11")
        assert start.curious and start.way == way == os.environ[SWITCH]
        clock = iter([n * pause for n in range(1000)])
        monkeypatch.setattr("time.perf_counter", lambda clock=clock: next(clock))
        start.learn(lambda: None)
        note.write_bytes(start.as_note())
    monkeypatch.delenv(SWITCH)
    third = Driver(note, tmp_path)
    third.choose("x11")
    assert (third.way, third.curious) == (BY_CARD, False)
    note.write_text("{torn")
    assert Driver(note, tmp_path)._times == {}


def test_without_a_card_or_elsewhere_nothing_is_measured(tmp_path, monkeypatch):
    monkeypatch.delenv(SWITCH, raising=False)
    none = Driver(tmp_path / "driver.json", tmp_path)
    for driver in ("wayland", "KMSDRM", "dummy"):
        none.choose(driver)
        assert none.way is None and SWITCH not in os.environ
    none.choose("x11")
    assert (none.way, none.curious) == (BY_ITSELF, False)
    monkeypatch.setenv(SWITCH, "1")  # whoever installed the board has decided
    told = Driver(tmp_path / "driver.json", tmp_path)
    told.choose("x11")
    assert (told.way, os.environ[SWITCH]) == (None, "1")
