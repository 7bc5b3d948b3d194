"""The folder's day: a Word file, its card, its draft completed; two people sign; on the glass; withdrawn."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from signage.office.folder import names
from signage.schedule import VIETNAM_TIME
from tests.office import documents

Street = Any  # tests/journeys/conftest.py's
Waiting = Callable[..., Any]
DRAFT, ASKED, POSTED = (stage.value for stage in names.Stage)
IDENT = "thu-muc/cat-dien-thon-3/cat-dien-thon-3"


def signed_in(street: Street, page: Page, verb: str, person: str, button: str) -> None:
    """A person's own page, in their browser: look at the first notice, sign."""
    words = [sys.executable, "-m", "signage", verb, "--web", "--no-browser", "--as", person]
    with subprocess.Popen([*words, "--dir", str(street.office.folder)], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        address = re.search(r"http://\S+", running.stdout.readline())
        assert address
        page.goto(address[0])
        page.get_by_role("link", name="Xem thông báo đầu tiên").click()
        expect(page.locator(".d-hinh img").first).to_be_visible(timeout=30_000)
        page.get_by_role("button", name=button).click()
        expect(page.locator(".d-duoc").first).to_be_visible(timeout=30_000)
        running.terminate()


def test_the_folders_day(street: Street, page: Page, waiting: Waiting) -> None:
    settings = street.office.folder / "bangtin.toml"  # with the one board that hangs here
    settings.write_text(settings.read_text("utf-8").split('[[board]]\nid = "nha-van-hoa-3"')[0], "utf-8")
    street.start("office", "publish", "--watch", "--dir", street.office.folder)
    street.start("sync", "board", "sync", "--watch", "--every", "1", "--dir", street.board)
    street.start("play", "board", "play", "--windowed", "--dir", street.board)
    root: Path = street.office.settings.shared
    waiting("the folder", (root / DRAFT).is_dir)

    def card(below: str) -> Path:
        path = root / below
        return path.with_name(names.card_name(path.name))

    def told(below: str, words: str) -> bool:
        return card(below).exists() and words in card(below).read_text("utf-8")

    word = root / DRAFT / "Cắt điện thôn 3.docx"
    word.write_bytes(documents.power_cut())
    draft = word.with_suffix(".md")
    waiting("a card beside the draft", lambda: told(f"{DRAFT}/{draft.name}", "Máy đã soạn bản nháp này"))
    page.goto(card(f"{DRAFT}/{draft.name}").as_uri())
    expect(page.get_by_role("heading", name="Phải điền")).to_be_visible()
    assert page.locator(".t-dien li").count() >= 5, "each blank is asked for"

    draft.write_text(completed(draft.read_text("utf-8")), "utf-8")
    waiting("a good card", lambda: told(f"{DRAFT}/{draft.name}", "Không có lỗi"))
    page.reload()
    expect(page.locator(".t-cau")).to_have_text("Không có lỗi.")
    assert page.locator(".d-hinh img").first.evaluate("i => i.decode().then(() => i.naturalWidth)") == 384

    for path in (word, draft):
        path.rename(root / ASKED / path.name)
    waiting("to be asked for a signature", lambda: told(f"{ASKED}/{draft.name}", "Chờ ký trình"))
    signed_in(street, page, "submit", "p1", "Ký trình")
    waiting("the approver's turn", lambda: told(f"{ASKED}/{draft.name}", "Chờ duyệt."))
    signed_in(street, page, "approve", "p3", "Duyệt và ký")
    waiting("the slide on the glass", lambda: street.shows(IDENT))
    day = f"{datetime.now(VIETNAM_TIME):%Y-%m-%d}"
    below = f"{POSTED}/{day} Cắt điện thôn 3/{draft.name}"
    waiting("the card that says where it is", lambda: told(below, "Đã đăng, duyệt lúc"))
    assert (root / below).with_suffix(".docx").read_bytes()[:2] == b"PK" and not list((root / ASKED).iterdir())
    page.goto(card(below).as_uri())
    expect(page.locator(".t-dia-chi")).to_contain_text("https://thunghiem.example/tin/cat-dien-thon-3.html")
    assert "https://thunghiem.example/tin/cat-dien-thon-3.html" in page.locator("textarea").input_value()

    street.bangtin("withdraw", IDENT, "--as", "p3", "--reason", "Điện lực hoãn", "--yes", "--dir", street.office.folder)
    waiting("the card to say so", lambda: told(below, "Điện lực hoãn"))
    waiting("the glass without it", lambda: not street.shows(IDENT))


def completed(text: str) -> str:
    """What an officer types into the draft."""
    now = datetime.now(VIETNAM_TIME)
    typed = {
        "Kind": "cat-dien", "Category": "an-sinh", "Boards": "all", "Date": f"{now:%Y-%m-%d %H:%M}",
        "Start": f"{now - timedelta(hours=1):%Y-%m-%d %H:%M}", "End": f"{now + timedelta(days=2):%Y-%m-%d %H:%M}",
        "Summary": "Thôn 3 ngừng cấp điện để sửa đường dây.",
    }  # fmt: skip
    for name, value in typed.items():
        text = re.sub(rf"^{name}:.*$", f"{name}: {value}", text, flags=re.MULTILINE)
    lines = [line for line in text.split("\n") if "[điền:" not in line]
    return "\n".join(lines)
