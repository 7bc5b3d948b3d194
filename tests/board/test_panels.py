"""What the board draws itself: every signed word on some page, at legible size, in the level's colour."""

from datetime import UTC, datetime

import pygame
import pytest

from signage.board.screen import letters, panels, words
from signage.notice.vocabulary import LEVELS
from signage.review import ClockArea

SIZES = [(1920, 1080), (1080, 1920), (384, 192), (160, 80), (128, 48), (64, 32)]

END = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def alert(**values):
    known = {"level": 4, "source": "Đài KTTV", "bulletin_time": "2026-11-22T00:00:00Z", "words": "Di dời."}
    return {**known, **values}


@pytest.fixture(autouse=True)
def no_display(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    pygame.display.set_mode((8, 8))
    yield
    pygame.display.quit()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("said", ["Di dời ngay.", "Mực nước đang lên nhanh ẩ ẫ ễ. " * 60, "x" * 2000])
def test_no_signed_word_is_lost(size, said, monkeypatch):
    seen = []
    monkeypatch.setattr(words, "drawn", lambda text, *rest: seen.append(text) or letters.drawn(text, *rest))
    laid = words.laid_out(size, "Lũ", alert(words=said), END)
    pages = [laid.draw(number) for number in range(len(laid.pages))]
    body = "".join(line for page in laid.pages for line, _ in page if line in seen)
    assert said.replace(" ", "") in body.replace(" ", "")
    told = " ".join(seen)
    for part in ("CẤP", "4", "RẤT", "LỚN", "Đài", "KTTV", "07:00", "22/11", "19:00"):
        assert part in told
    assert all(page.get_size() == size for page in pages)


@pytest.mark.parametrize("size", SIZES)
def test_every_page_lies_within_the_picture_and_is_legible(size):
    laid = words.laid_out(size, "Lũ khẩn cấp", alert(words="Mực nước đang lên nhanh. " * 30, drill=True), END)
    room = size[1] - laid.head - laid.foot - laid.band
    for page in laid.pages:
        assert sum(type_.get_linesize() for _, type_ in page) <= room
        assert all(type_.size(line)[0] <= size[0] for line, type_ in page)
        assert all(type_.get_height() >= letters.LEAST_LETTERS for line, type_ in page if line)
    longest = max(sum(len(line) for line, _ in page) for page in laid.pages)
    assert laid.page_ms >= max(words.PAGE_MS, words.READING_MS * longest)


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_colour_word_and_number_go_together(level, monkeypatch):
    seen = []
    for module in (words, panels):
        monkeypatch.setattr(module, "drawn", lambda text, *rest: seen.append(text) or letters.drawn(text, *rest))
    page = words.laid_out((384, 192), "Lũ", alert(level=level)).draw(0)
    assert page.get_at((2, 100)) == pygame.Color(LEVELS[level].colour)
    assert any(f"CẤP ĐỘ {level}" in text and LEVELS[level].word.upper() in text for text in seen)
    assert contrast(LEVELS[level].colour, LEVELS[level].ink) >= 7


def contrast(one, other):
    """WCAG 2.1, relative luminance."""

    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("size", SIZES)
def test_an_exercise_says_so_on_every_page(size):
    real, drill = (words.laid_out(size, "Lũ", alert(drill=d), END) for d in (False, True))
    for number in range(len(drill.pages)):
        page = drill.draw(number)
        band = [tuple(page.get_at((x, size[1] - 3)))[:3] for x in range(size[0])]
        assert set(band) >= {(0xFF, 0xD6, 0x00)} and band.count((0xFF, 0xD6, 0x00)) > size[0] // 3
    page = real.draw(0)
    assert (0xFF, 0xD6, 0x00) not in {tuple(page.get_at((x, size[1] - 3)))[:3] for x in range(size[0])}


def test_the_clock_tells_the_lunar_date_where_there_is_room(monkeypatch):
    seen = []
    monkeypatch.setattr(panels, "drawn", lambda text, *rest: seen.append(text) or letters.drawn(text, *rest))
    now = datetime(2026, 11, 22, 2, 5, tzinfo=UTC)
    panels.clock_panel(ClockArea((0, 0, 320, 160), "#ffffff", "#0b3d6e"), now)
    assert seen == ["09:05", "Chủ nhật, 22/11", "âm lịch 14/10"]
    seen.clear()
    panels.clock_panel(ClockArea((0, 0, 60, 18), "#ffffff", "#0b3d6e"), now)
    assert seen == ["09:05"]
    seen.clear()
    panels.clock_panel(ClockArea((0, 0, 320, 160), "#ffffff", "#0b3d6e"), None)
    assert seen == []


def test_a_missing_font_is_told_and_replaced(monkeypatch):
    def gone(face):
        raise FileNotFoundError(face)

    monkeypatch.setattr(letters, "_unusable", set())
    assert letters.faults() == []
    letters.font.cache_clear()
    for reader in (gone, lambda face: b"no font at all"):
        monkeypatch.setattr(letters, "_data", reader)
        panel = panels.safe_panel((320, 180), "Xã Mẫu", "Cổng xã", datetime(2026, 11, 22, tzinfo=UTC))
        assert (
            pygame.transform.average_color(panel)[:3] != tuple(pygame.Color(panels.PAPER))[:3]
        )  # something is written
        letters.font.cache_clear()
    assert letters.faults() == ["font-missing"]


@pytest.mark.parametrize("size", SIZES)
def test_the_safe_slide_is_never_black_nor_empty(size):
    panel = panels.safe_panel(size, "Xã Mẫu", "Nhà văn hóa thôn 3", None, ident="nha-van-hoa-3", phone="0299 000 0000")
    assert tuple(panel.get_at((0, 0)))[:3] == tuple(pygame.Color(panels.PAPER))[:3] != (0, 0, 0)
    assert pygame.mask.from_threshold(panel, panels.INK, (9, 9, 9, 255)).count() > 20


def test_a_number_stays_with_its_unit_and_a_telephone_number_whole():
    type_ = letters.font(letters.BOLD, 40)
    text = "Cần cứu giúp gọi 0299 000 0001. Sơ tán khỏi thôn 3 trước 15 giờ."
    for width in range(300, 900, 25):
        lines = letters.wrapped(text, type_, width)
        assert all(type_.size(line)[0] <= width for line in lines)
        assert " ".join(lines) == text
        assert any("0299 000 0001" in line for line in lines), (width, lines)
        assert any("thôn 3" in line for line in lines)
    assert "".join(letters.wrapped(text, type_, 90)).replace(" ", "") == text.replace(" ", "")
