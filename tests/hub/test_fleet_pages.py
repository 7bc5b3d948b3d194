"""The fleet on pages: a code that is shown once, the board's four words, many changes seen before they are made."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import select

from signage.hub.fleet import changing, door
from signage.hub.people.roles import Role
from signage.hub.store import open_store
from signage.hub.store import tables as t
from signage.keys import PrivateKey
from signage.stick import Card, code_secret, proven
from tests.browsing import AXE

COMMUNE, OTHER = "20506", "20507"
ROOT = "c" * 64
CODE = r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}"


def text(answer: tuple[int, bytes, Any]) -> str:
    return answer[1].decode()


@pytest.fixture
def fleet(hub: Any, new_board: Any) -> Any:
    """A hub with two boards, one of another commune."""
    new_board("cong-xa").enroll(hub.folder)
    new_board("cho", commune=OTHER).enroll(hub.folder, commune_name="Xã Khác")
    return hub


def board_row(hub: Any, board: str) -> Any:
    with open_store(hub.folder) as store, store.reading() as connection:
        return connection.execute(select(t.board).where(t.board.c.code == board)).one()


def test_a_code_is_made_used_and_its_board_s_words_are_shown(fleet: Any, shot: Any) -> None:
    answer = fleet.send("/ghi-danh/ma", commune=COMMUNE, board="thon-3", name="Bảng thôn 3", metered="1")
    assert answer[0] == 200
    (code,) = set(re.findall(rf'class="given">({CODE})<', text(answer)))
    key = PrivateKey.generate()
    proof = proven(code_secret(code), "thon-3", key.public, ROOT)
    card = Card("thon-3", key.public, COMMUNE, "d" * 64, ROOT, proof)
    status, taken, _ = fleet.ask("POST", door.PATH, card.to_bytes())
    assert status == 200
    page = text(fleet.get("/ghi-danh"))
    assert " · ".join(json.loads(taken)["words"]) in page and code not in page and "Đã dùng" in page
    assert board_row(fleet, "thon-3").metered
    refused = fleet.send("/ghi-danh/ma", commune=COMMUNE, board="Thôn 3")
    assert refused[0] == 422 and "Mục Mã bảng có giá trị" in text(refused) and 'value="Thôn 3"' in text(refused)
    fleet.send("/ghi-danh/ngung", commune=COMMUNE, board="cong-xa", reason="mặt đèn hỏng")
    assert board_row(fleet, "cong-xa").retired and "Bảng đã ngừng" in text(fleet.get("/ghi-danh"))
    shot("ghi-danh", "/ghi-danh")
    fleet.send(f"/ghi-danh/{COMMUNE}/cong-xa/dung-lai")
    assert board_row(fleet, "cong-xa").retired is None


def test_many_changes_are_shown_before_they_are_made(fleet: Any, shot: Any) -> None:
    now = fleet.get("/ghi-danh/cai-dat.toml")[1].decode()
    wanted = now.replace('name = "Bảng cong-xa"', 'name = "Cổng UBND xã"') + (
        '[[group]]\ncommune = "20506"\nname = "Trung tâm"\nboards = ["20506/cong-xa"]\nmute = ["hot"]\n'
    )
    page = text(fleet.send("/ghi-danh/cai-dat", text=wanted))
    assert "3 chỗ sẽ đổi" in page and "Cổng UBND xã" in page
    assert board_row(fleet, "cong-xa").name == "Bảng cong-xa", "nothing is done yet"
    assert fleet.send("/ghi-danh/cai-dat", text=wanted, sure="1")[0] == 303
    assert board_row(fleet, "cong-xa").name == "Cổng UBND xã"
    with open_store(fleet.folder) as store, store.reading() as connection:
        assert [group.name for group in changing.settings(connection).groups] == ["Trung tâm"]
    wrong = fleet.send("/ghi-danh/cai-dat", text=wanted.replace("cong-xa", "cong-xaa"))
    assert wrong[0] == 422 and "20506/cong-xaa" in text(wrong)
    shot("cai-dat", "/ghi-danh/cai-dat")


def test_a_hub_without_a_commune_says_where_the_first_comes_from(hub: Any) -> None:
    page = text(hub.get("/ghi-danh"))
    assert "Chưa có xã nào" in page and "bangtin hub fleet code" in page and "<form" not in page.partition("<main")[2]


def test_nobody_reaches_beyond_his_communes(fleet: Any) -> None:
    mine = fleet.log_in("van-hanh", Role.OPERATOR, frozenset({COMMUNE}))
    reader = fleet.log_in("nguoi-xem", Role.AUDITOR, frozenset({COMMUNE}))
    for path in ("/ghi-danh", "/ghi-danh/cai-dat.toml"):
        page = text(fleet.get(path, mine))
        assert "cong-xa" in page or path == "/ghi-danh"
        assert "Xã Khác" not in page and '"cho"' not in page
        assert fleet.get(path, reader)[0] == 403
    assert fleet.send("/ghi-danh/ma", mine, commune=OTHER, board="x")[0] == 404
    assert fleet.send("/ghi-danh/ngung", mine, commune=OTHER, board="cho", reason="x")[0] == 404
    assert fleet.send(f"/ghi-danh/{OTHER}/cho/dung-lai", mine)[0] == 404
    told = 'v = 1\n[[board]]\ncommune = "20507"\nid = "cho"\nname = "Của tôi"\n'
    assert fleet.send("/ghi-danh/cai-dat", mine, text=told, sure="1")[0] == 404
    group = 'v = 1\n[[group]]\nname = "Tất cả"\nboards = ["20506/cong-xa"]\nmute = ["lost"]\n'
    assert fleet.send("/ghi-danh/cai-dat", mine, text=group, sure="1")[0] == 403
    assert fleet.send("/ghi-danh/ma", reader, commune=COMMUNE, board="x")[0] == 403
    assert board_row(fleet, "cho").name == "Bảng cho"


def readable(page: Page) -> None:
    """Nothing for axe to say, nothing wider than the glass."""
    assert page.viewport_size and page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()


def test_what_a_form_answers_can_be_read_on_a_phone(fleet: Any, page: Page) -> None:
    """A code that was just issued, the changes that a file would make, and what is wrong in it."""
    page.set_viewport_size({"width": 360, "height": 780})
    fleet.let_in(page).goto(f"{fleet.url}/ghi-danh")
    page.locator("#board").fill("nha-van-hoa-thon-dong-mau-khu-pho-ba-ben-bo-song-mau-so-muoi-hai")
    page.locator("#commune").select_option(COMMUNE)
    page.get_by_role("button", name="Cấp mã dùng một lần").click()
    page.get_by_text("bangtin board introduce").wait_for()
    readable(page)
    now = fleet.get("/ghi-danh/cai-dat.toml")[1].decode()
    for text, said in ((now.replace("Bảng cong-xa", "X" * 80), "text=1 chỗ sẽ đổi"), (now + "=", "role=alert")):
        page.goto(f"{fleet.url}/ghi-danh/cai-dat")
        page.locator("textarea").fill(text)
        page.get_by_role("button", name="Xem chỗ sẽ đổi").click()
        page.locator(said).wait_for()
        readable(page)


@pytest.fixture
def shot(fleet: Any, page: Any, request: pytest.FixtureRequest) -> Any:
    """Looks at a page as a phone and as a desk see it: nothing for axe to say, nothing wider than the glass."""
    fleet.let_in(page)

    def look(name: str, path: str) -> None:
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(fleet.url + path)
            readable(page)
            if folder := request.config.getoption("--basetemp"):
                page.screenshot(path=f"{folder}-{name}-{width}.png", full_page=True)

    return look
