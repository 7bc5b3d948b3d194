"""What the board draws itself: every signed word on some page, at legible size, in the level's colour."""

import pygame
import pytest

from signage.board.screen import letters, panels, words
from signage.notice.vocabulary import LEVELS

SIZES = [(1920, 1080), (1080, 1920), (384, 192), (160, 80), (128, 48), (64, 32)]


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
    for module in (words, panels):
        monkeypatch.setattr(module, "drawn", lambda text, *rest: seen.append(text) or letters.drawn(text, *rest))
    alert = {"level": 4, "source": "Đài KTTV", "bulletin_time": "2026-11-22T00:00:00Z", "words": said}
    pages = words.words_pages(size, "Lũ", alert)
    frame = [text for text in seen if "KHẨN CẤP" in text or "Đài KTTV" in text]
    told = "".join(text for text in seen if text not in frame)
    assert said.replace(" ", "") in told.replace(" ", "")
    assert all(page.get_size() == size for page in pages)


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_colour_word_and_number_go_together(level, monkeypatch):
    seen = []
    for module in (words, panels):
        monkeypatch.setattr(module, "drawn", lambda text, *rest: seen.append(text) or letters.drawn(text, *rest))
    (page,) = words.words_pages((384, 192), "Lũ", {"level": level, "words": "Di dời."})
    assert page.get_at((2, 100)) == pygame.Color(LEVELS[level].colour)
    assert any(f"CẤP {level}" in text and LEVELS[level].word.upper() in text for text in seen)


@pytest.mark.parametrize("size", SIZES)
def test_the_safe_slide_is_never_black_nor_empty(size):
    panel = panels.safe_panel(size, "Xã Mẫu", "Nhà văn hóa thôn 3", None)
    colours = {tuple(panel.get_at((x, y)))[:3] for x in range(size[0]) for y in range(0, size[1], 3)}
    assert len(colours) >= 2 and tuple(panel.get_at((0, 0)))[:3] != (0, 0, 0)
