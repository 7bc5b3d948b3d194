"""Make the pictures of the README from real frames and pages: `.venv/bin/python docs/pictures.py`."""

import contextlib
import io
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from fcntl import ioctl
from pathlib import Path

import pygame
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from signage.board.welcome import Welcome
from signage.hub.store import open_store
from signage.publication import Mode, Shape
from signage.schedule import VIETNAM_TIME

sys.path.insert(0, str(Path(__file__).parent.parent))  # the tests are no installed package
from tests.hub import week
from tests.hub.conftest import Hub
from tests.office import documents

PICTURES = Path(__file__).parent / "pictures"
BANGTIN = [sys.executable, "-m", "signage"]
MOMENTS = {"nha-van-hoa-3": "07:33", "cong-xa": "07:33", "mot-cua": "07:36"}  # each at its best
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
SITE = {"trang-chu": "index.html", "trang-tin": "tin/cat-dien-thon-3.html", "trang-van-ban": "van-ban.html",
        "trang-lich": "lich.html"}  # fmt: skip
WIDTHS, TALL = (1280, 360), 800  # pixels: of a desk's and a cheap phone's browser, and how much of a page is shown
PALETTE = 128  # colours of a picture in the README
COLUMNS, ROWS = 104, 30  # of the terminal on which the status is shown
HOME = b"\x1b[H"  # with which each picture on a terminal begins
PATIENCE_S = 120.0
TODAY = datetime.now(VIETNAM_TIME)
BLANKS = f"""Kind: cat-dien
Category: an-sinh
Hamlets: thon-3, thon-5
Boards: all
Start: {TODAY:%Y-%m-%d} 05:00
End: {TODAY + timedelta(days=3):%Y-%m-%d} 17:00
Summary: Thôn 3, thôn 5 tạm ngừng cấp điện hai buổi để sửa đường dây.
"""  # as docs/can-bo.md fills them in


def until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.1)


def power_cut() -> bytes:
    """The tests' Word file: a commune's letter as they are written."""
    return documents.power_cut()


def small(image: Image.Image, name: str) -> None:
    image.convert("RGB").quantize(PALETTE, dither=Image.Dither.NONE).save(PICTURES / name, optimize=True)


def board(commune: Path, ident: str) -> Image.Image:
    at = f"2026-11-24 {MOMENTS[ident]}"  # a working morning on which the sample commune has much to say
    words = ["preview", "--board", ident, "--at", at, "--dir", commune, "--output", commune / "state/p"]
    subprocess.run([*BANGTIN, *map(str, words)], check=True, stdout=subprocess.DEVNULL)
    return Image.open(commune / f"state/p/{ident}.png").convert("RGB")


def wall() -> Image.Image:
    """What a board shows that was enrolled from a stick: the test pattern and its four words."""
    mode = Mode((1280, 720), (0, 0, 1280, 720), 0, Shape("lcd", 1280, 720))
    surface = Welcome(mode, "nha-van-hoa-3", ("trống đồng", "cành đào", "áo mưa", "mắt kính")).drawn((1280, 720), 0)
    return Image.frombytes("RGB", surface.get_size(), pygame.image.tobytes(surface, "RGB"))


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    small(wall(), "hinh-thu.png")
    with tempfile.TemporaryDirectory() as folder:
        demo = subprocess.Popen(
            [*BANGTIN, "demo", "--dir", f"{folder}/demo", "--headless"], stdout=subprocess.PIPE, text=True
        )
        told = {"site": "", "hub": ""}
        for line in demo.stdout or ():
            for key, mark in (("site", "trang thông tin:"), ("hub", "tình trạng bảng:")):
                if mark in line:
                    told[key] = line.split(mark)[1].strip()
            if "Ctrl-C" in line:
                break
        hub, _, who = told["hub"].partition(" ")
        name, _, _ = who.strip("()").partition(" / ")
        try:
            draw(Path(folder) / "demo/xa", told["site"])
            watched(Path(folder) / "hub")
            pages(told["site"])
            approving(Path(folder) / "demo/xa").save(PICTURES / "duyet.webp", quality=80, method=6)
            token = [name, "--dir", f"{folder}/demo/hub", "--to", f"{folder}/demo/xa/keys/hub.token"]
            subprocess.run([*BANGTIN, "hub", "account", "token", *token], check=True, stdout=subprocess.DEVNULL)
            guides(Path(folder) / "demo/xa", hub)
        finally:
            demo.terminate()
            demo.wait(20)


def watched(folder: Path) -> None:
    """The hub's overview in a commune's bad week, which the tests have made up; of the demo's all boards are well."""
    with open_store(folder) as store:
        week.fill(store)
    hub = Hub(folder)
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            page = hub.let_in(browser.new_page(viewport={"width": WIDTHS[0], "height": 1200}, locale="vi-VN"))
            page.goto(hub.url)
            page.wait_for_function("[...document.images].slice(0, 2).every(one => one.complete)")
            second = page.locator(".board").nth(1).bounding_box()
            assert second
            shot = page.screenshot(
                clip={"x": 0, "y": 0, "width": WIDTHS[0], "height": second["y"] + second["height"] + 16}
            )
            browser.close()
    finally:
        hub.kill()
    whole = Image.open(io.BytesIO(shot)).convert("RGB")
    # Not `small`: an amber that becomes red, and a green that becomes blue, would tell something else.
    size = whole.width * 3 // 4, whole.height * 3 // 4
    whole.resize(size, Image.Resampling.LANCZOS).save(PICTURES / "hub.webp", quality=85, method=6)


def draw(commune: Path, site: str) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        phone = browser.new_page(viewport={"width": 412, "height": 732}, locale="vi-VN")
        phone.goto(site)
        phone.screenshot(path=commune / "state/phone.png")
        browser.close()
    wall, pocket = board(commune, "nha-van-hoa-3"), Image.open(commune / "state/phone.png")
    both = Image.new("RGB", (1320, 560), "#d9d9d6")
    both.paste(wall.resize((924, 520), Image.Resampling.LANCZOS), (20, 20))
    both.paste(pocket.resize((293, 520), Image.Resampling.LANCZOS), (1000, 20))
    small(both, "board-and-site.png")
    small(
        board(commune, "cong-xa").crop((0, 0, 384, 192)).resize((768, 384), Image.Resampling.NEAREST), "led-384x192.png"
    )
    upright = board(commune, "mot-cua").rotate(90, expand=True)
    small(upright.resize((360, 640), Image.Resampling.LANCZOS), "lcd-1080x1920.png")


def pages(site: str) -> None:
    """Pages of the website, on a desk and on a phone beside it."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for name, path in SITE.items():
            both = Image.new("RGB", (sum(WIDTHS) + 60, TALL + 40), "#d9d9d6")
            for place, width in enumerate(WIDTHS):
                page = browser.new_page(viewport={"width": width, "height": TALL}, locale="vi-VN")
                page.goto(f"{site.rstrip('/')}/{path}", wait_until="networkidle")
                with Image.open(io.BytesIO(page.screenshot())) as shot:
                    both.paste(shot.convert("RGB"), (20 + place * (WIDTHS[0] + 20), 20))
                page.close()
            both.resize((both.width * 3 // 4, both.height * 3 // 4), Image.Resampling.LANCZOS).save(
                PICTURES / f"{name}.webp", quality=80, method=6
            )
        browser.close()


def approving(commune: Path) -> Image.Image:
    """The approver's page for a notice that was changed."""
    ident = "thong-bao/2026/cat-dien-thon-3"
    path = commune / f"content/{ident}.md"
    path.write_text(path.read_text("utf-8").replace("05:00", "06:30"), "utf-8")
    here = ["--dir", str(commune)]
    subprocess.run([*BANGTIN, "submit", ident, "--as", "p1", *here], check=True, stdout=subprocess.DEVNULL)
    words = [*BANGTIN, "approve", "--web", "--no-browser", "--as", "p3", *here]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as serving, sync_playwright() as play:
        assert serving.stdout
        address = serving.stdout.readline().split()[-1]
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1700}, locale="vi-VN")
        page.goto(address)
        page.get_by_role("link", name="Xem thông báo đầu tiên").click()
        page.screenshot(path=commune / "state/duyet.png")
        browser.close()
        serving.terminate()
    return Image.open(commune / "state/duyet.png").resize((960, 1275), Image.Resampling.LANCZOS)


def guides(commune: Path, hub: str) -> None:
    """The officer's card and signing page, of a Word file; and the status of an office that publishes by itself."""
    drafts = commune / "thu-muc/1 Soạn thảo"
    word = drafts / "Cắt điện cuối tuần.docx"
    word.write_bytes(power_cut())
    text, card = word.with_suffix(".md"), drafts / "Cắt điện cuối tuần - kết quả.html"
    until(lambda: text.exists() and card.exists())
    for line in BLANKS.splitlines():
        name = line.partition(":")[0]
        text.write_text(re.sub(rf"^{name}:.*$", line, text.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    until(lambda: "Không có lỗi" in card.read_text("utf-8"))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1100}, locale="vi-VN")
        page.goto(card.as_uri())
        picture(page, "the.webp")
        for path in (word, text):
            path.rename(commune / "thu-muc/2 Chờ duyệt" / path.name)
        until(lambda: list((commune / "content/thu-muc").rglob("*.md")))
        words = [*BANGTIN, "submit", "--web", "--no-browser", "--as", "p1", "--dir", str(commune)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as serving:
            assert serving.stdout
            page.goto(serving.stdout.readline().split()[-1])
            page.get_by_role("link", name="Xem thông báo đầu tiên").click()
            page.locator(".d-hinh img").last.scroll_into_view_if_needed()
            page.get_by_role("button", name="Ký trình").scroll_into_view_if_needed()
            picture(page, "ky-trinh.webp")
            page.get_by_role("button", name="Ký trình").click()
            page.get_by_role("status").wait_for()
            serving.terminate()
        browser.close()
    status(commune, hub)


def picture(page: Page, name: str) -> None:
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.resize((960, shot.height * 960 // shot.width), Image.Resampling.LANCZOS).save(
            PICTURES / name, quality=60, method=6
        )


def status(commune: Path, hub: str) -> None:
    """What `publish --watch` draws on a terminal, for a copy of the commune: the demo's own office goes on."""
    copy = commune.with_name("ban-sao")
    shutil.copytree(commune, copy, ignore=shutil.ignore_patterns("*.lock"))
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    words = [*BANGTIN, "publish", "--watch", "--hub", hub, "--dir", str(copy)]
    told = b""
    with subprocess.Popen(
        words, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    ) as run:
        os.close(theirs)
        while not all(said.encode() in told.rpartition(HOME)[2] for said in ("Trên trang", "đã có số", "Ctrl-C")):
            told += os.read(ours, 65536)
        run.terminate()
        with contextlib.suppress(OSError):
            while os.read(ours, 65536):
                pass
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    frame = told.rpartition(HOME)[2].decode("utf-8", "replace").replace("\r\n", "\n").rstrip()
    console.print(Text.from_ansi(frame))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 860, "height": 370}, locale="vi-VN")
        html = console.export_html(theme=MONOKAI, inline_styles=True)
        page.set_content(html.replace("monospace", "monospace;font-size:13px"))
        picture(page, "tinh-hinh.webp")
        browser.close()


if __name__ == "__main__":
    main()
