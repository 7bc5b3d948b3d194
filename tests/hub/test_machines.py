"""The boards' computers: what they told of themselves, who must be replaced first, and the table of it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from signage.hub.people.roles import Role
from signage.report import About, Wear
from tests.browsing import AXE

WORN = Wear("mmcblk0", (2, 11), 3)  # made up: no such chip was at hand


def about(version: str = "0.9.1", wear: Wear | None = None) -> About:
    return About(version, "3.11.2", "Debian GNU/Linux 12, Linux 6.12.47", "2.5.7", "2.32.10", "Pi <CM4>", 29_000, wear)


@pytest.fixture
def fleet(hub: Any, new_board: Any) -> Any:
    """Two boards that told, one that did not, and one of another commune."""
    told = {"cong-xa": about(), "cho": about("0.10.0", WORN), "cau": None, "xa-khac": about("0.1.0")}
    for code, what in told.items():
        commune = "20507" if code == "xa-khac" else "20506"
        board = new_board(code, commune=commune)
        board.enroll(hub.folder, name=f"=Bảng {code}")
        worn = (("disk-worn", board_time()),) if what and what.wear else ()
        for values in ({"about": what, "faults": worn}, {"faults": worn}):  # told once, kept after the next report
            assert hub.post(code, board.next(**values), commune)[0] == 200
    return hub


def board_time() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def test_versions_wear_and_who_has_told_nothing(fleet: Any, page: Page) -> None:
    fleet.let_in(page, fleet.log_in("truc", Role.OPERATOR, frozenset({"20506"})))
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{fleet.url}/may")
        assert Axe().run(page, options=AXE).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("20506/cho")
    expect(rows.nth(0)).to_contain_text("đã quá tuổi thọ, khối dự phòng sắp hết (mmcblk0)")
    expect(rows.nth(1)).to_contain_text("20506/cong-xa")
    expect(rows.nth(1)).to_contain_text("Pi <CM4>")
    expect(rows.nth(2)).to_contain_text("chưa báo")
    expect(page.locator("main")).to_contain_text("1 máy có ổ nhớ mòn gần hết")
    page.goto(f"{fleet.url}/bang/20506/cho")
    main = page.locator("main")
    for said in ("đã quá tuổi thọ", "Bảng Tin 0.10.0", "SDL 2.32.10", "Ổ nhớ của máy bảng báo đã mòn gần hết"):
        expect(main).to_contain_text(said)


def test_the_table_has_each_board_of_the_viewer_s_communes_and_no_formula(fleet: Any) -> None:
    cookie = fleet.log_in("truc", Role.AUDITOR, frozenset({"20506"}))
    status, body, headers = fleet.get("/may.csv", cookie)
    assert status == 200 and headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert [(row["board"], row["bangtin"], row["worn"]) for row in rows] == [
        ("cho", "0.10.0", "1"), ("cong-xa", "0.9.1", ""), ("cau", "", ""),
    ]  # fmt: skip
    assert (rows[0]["wear_life_b"], rows[0]["wear_eol"], rows[0]["disk_free_mb"]) == ("11", "3", "18211")
    assert all(row["name"].startswith("'=") for row in rows)
