"""A board on a SIM: nobody pays for pictures that nobody asked for, and one that is asked for shows the glass."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from signage.schedule import VIETNAM_TIME

Street = Any  # tests/journeys/conftest.py's
SOON_MS = 60_000
RED = """
import pygame
pygame.display.init()
window = pygame.display.set_mode((300, 200), pygame.NOFRAME)
while True:
    window.fill("red")
    pygame.display.flip()
    pygame.event.get()
    print("up", flush=True)
    pygame.time.wait(50)
"""


@pytest.fixture
def on_a_sim(street: Street, waiting: Callable[..., Any]) -> Iterator[Street]:
    """Its board looks for news each second, so that the test need not wait, and reports as one on a SIM does."""
    street.start("kiosk", "board", "kiosk", "--dir", street.board)
    slow = ("--every", "1", "--heartbeat", "900")
    street.start("sync", "board", "sync", "--watch", *slow, "--dir", street.board)
    waiting("a picture that was looked at", lambda: '"match"' in witness(street))
    waiting("the hub to hear it", lambda: street.boards()[0]["screen"] == "right")
    yield street


def witness(street: Street) -> str:
    path = street.board / "state/witness.json"
    return str(path.read_text("utf-8")) if path.exists() else ""


def place(street: Street) -> str:
    """The board's page."""
    (board,) = street.boards()
    return f"{street.hub}/bang/{board['commune']}/{board['board']}"


def picture(street: Street) -> Image.Image:
    answer = street.viewer.get(f"{place(street)}/frame.jpg", timeout=5)
    assert answer.ok
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


def red_share(image: Image.Image) -> float:
    pixels = list(image.get_flattened_data())
    return sum(r > 200 and g < 60 and b < 60 for r, g, b in pixels) / len(pixels)


def test_a_picture_is_asked_for_and_a_foreign_one_comes_by_itself(
    on_a_sim: Street, text: Callable[..., str], page: Page
) -> None:
    street = on_a_sim
    page.context.add_cookies([{"name": c.name, "value": c.value, "url": street.hub} for c in street.viewer.cookies])
    page.goto(place(street))
    pair = page.locator(".pair")
    expect(pair).to_contain_text("Chưa có ảnh")  # several reports have come by now
    pair.get_by_role("button", name="Xin ảnh bây giờ").click()
    expect(page.locator("main")).to_contain_text("Đã xin ảnh. Ảnh hiện ở trang này khi bảng gửi về.")
    expect(pair).to_contain_text("Đã xin ảnh lúc")
    expect(pair.get_by_role("button")).to_have_count(0)

    local = datetime.now(VIETNAM_TIME)
    times = {"date": local - timedelta(hours=2), "start": local - timedelta(hours=1), "end": local + timedelta(days=2)}
    fields = {name: f"{moment:%Y-%m-%d %H:%M}" for name, moment in times.items()}
    street.office.write("thong-bao/cat-dien", text(title="Ngừng cung cấp điện thôn 3", **fields))
    now = datetime.now(UTC)
    street.office.both("thong-bao/cat-dien", now=now)
    street.office.publish(now)  # so the board reports, and hears what it was asked for
    expect(pair).to_contain_text("Ảnh chụp cửa sổ đang hiện", timeout=SOON_MS)
    expect(pair.get_by_role("button", name="Xin ảnh bây giờ")).to_be_visible()
    assert red_share(picture(street)) < 0.05
    assert pair.locator("img").first.evaluate("i => i.naturalWidth") > 100
    assert "Xin ảnh của bảng" in street.page("/nhat-ky")

    intruder = subprocess.Popen(
        [sys.executable, "-c", RED], env={**os.environ, "DISPLAY": street.display, "SDL_VIDEO_WINDOW_POS": "0,0"},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert intruder.stdout and intruder.stdout.readline()
        before = pair.locator("img").first.get_attribute("src") or ""
        expect(page.locator("main")).to_contain_text("Hình lạ", timeout=SOON_MS)
        expect(pair.locator("img").first).not_to_have_attribute("src", before, timeout=SOON_MS)
        assert red_share(picture(street)) > 0.05, "the foreign window itself, not what the player drew"
    finally:
        intruder.kill()
        intruder.communicate()
