"""The pages over a commune's bad week: everybody can read them, and what an operator writes is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import select, update

from signage.hub.people.roles import Role
from signage.hub.store import open_store
from signage.hub.store import tables as t
from signage.report import Showing
from tests.browsing import AXE
from tests.hub import week

SPREAD = "document.documentElement.scrollWidth"
Office = Any  # tests/conftest.py's
STORM = week.statement(week.NOTICES[7][0])[:16]
PAGES = ("/", "/?muc=3&tim=thon", "/bang/20506/nha-van-hoa-3", "/bang/20506/cau-treo", "/bang/20506/truong-hoc",
         "/thong-bao", "/thong-bao?la=over", f"/thong-bao/20506/{STORM}", "/khan-cap")  # fmt: skip


@pytest.fixture(scope="module")
def bad(start_hub: Callable[[Path], Any], tmp_path_factory: Any) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("week") / "hub"
    with open_store(folder) as store:
        week.fill(store)
    hub = start_hub(folder)
    yield hub
    hub.kill()


@pytest.fixture
def at(bad: Any, page: Page) -> Page:
    return bad.let_in(page)  # type: ignore[no-any-return]


@pytest.mark.parametrize("width", [360, 1280])
def test_everybody_can_read_a_bad_week(bad: Any, at: Page, width: int) -> None:
    at.set_viewport_size({"width": width, "height": 900})
    errors: list[str] = []
    at.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    for path in PAGES:
        answer = at.goto(bad.url + path)
        assert answer and answer.status == 200, path
        assert "DỮ LIỆU MẪU" in at.locator("aside.sample").inner_text(), path
        found = Axe().run(at, options=AXE)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        at.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
        assert at.evaluate(SPREAD) <= width, path
    assert not errors  # a style or script that the policy refuses would be one


def test_a_word_without_an_end_breaks_and_widens_no_page(bad: Any, at: Page) -> None:
    """A board's name and a notice's title as somebody may type them, on a phone."""
    at.set_viewport_size({"width": 360, "height": 780})
    word, before = "Nhàvănhóathôn" * 8, {}
    with open_store(bad.folder) as store, store.writing() as connection:
        for table, of, name in ((t.board, t.board.c.code == "cho", "name"), (t.notice, t.notice.c.start > 0, "title")):
            before[table] = connection.execute(select(*table.primary_key, table.c[name]).where(of)).all()
            connection.execute(update(table).where(of).values({name: word}))
    for path in ("/", "/bang/20506/cho", "/thong-bao", f"/thong-bao/20506/{STORM}", "/khan-cap", "/may"):
        at.goto(bad.url + path)
        assert word in at.locator("main").inner_text() and at.evaluate(SPREAD) <= 360, path
    with open_store(bad.folder) as store, store.writing() as connection:
        for table, rows in before.items():
            for *key, old in rows:
                which = [column == value for column, value in zip(table.primary_key, key, strict=True)]
                connection.execute(update(table).where(*which).values({"name" if table is t.board else "title": old}))


def test_the_overview_filters_and_says_how_many(bad: Any, at: Page) -> None:
    at.goto(bad.url)
    assert at.locator(".board h2").first.inner_text() == "Nhà văn hóa thôn 3"
    at.get_by_label("Tên, nơi đặt hoặc mã").fill("tram y te")
    at.get_by_role("button", name="Lọc").click()
    assert at.locator(".board h2").all_inner_texts() == ["Trạm y tế"]
    at.get_by_role("link", name="Bỏ lọc").click()
    at.locator("#t-contact-lost").click()
    assert at.locator(".board h2").all_inner_texts() == ["Cầu treo"]
    assert "1 bảng theo bộ lọc: liên lạc mất liên lạc" in at.locator("main").inner_text()


def test_a_timeline_is_a_picture_and_a_table_that_say_the_same(bad: Any, at: Page) -> None:
    at.goto(f"{bad.url}/bang/20506/cau-treo")
    day = at.locator(".strip").first
    assert day.locator(".bars .t-silent").count() >= 4 and day.locator(".lane rect").count() == 1
    day.get_by_text("Xem bằng số").click()
    rows = day.locator("tbody tr")
    assert rows.count() == 24
    silent = sum(int(rows.nth(n).locator("td").nth(6).inner_text()) for n in range(24))
    assert 280 <= silent <= 290, "five hours, but for one beat of a quarter of an hour"


def test_what_an_operator_writes_is_kept_and_told(bad: Any, at: Page) -> None:
    bad.let_in(at, bad.log_in("truc", Role.OPERATOR, frozenset({"20506"})))
    at.goto(f"{bad.url}/bang/20506/nha-van-hoa-5")
    span = at.locator(".spans li", has_text="Màn hình đen")
    span.get_by_text("Ghi nguyên nhân").click()
    span.get_by_label("Nguyên nhân").select_option("screen")
    span.get_by_label("Ghi chú").fill("Thay <b>nguồn</b>")
    span.get_by_role("button", name="Lưu").click()
    assert "Đã lưu nguyên nhân." in at.locator("main").inner_text()
    assert "Mặt hiển thị hỏng · Thay <b>nguồn</b>" in at.locator(".spans li", has_text="Màn hình đen").inner_text()
    alarm = at.locator(".alarm", has_text="hình đen")
    alarm.get_by_text("Ghi việc đã làm").click()
    alarm.get_by_label("Đã làm gì").fill("Đã thay nguồn")
    alarm.get_by_role("button", name="Ghi nhận").click()
    assert "Người truc đã nhận: Đã thay nguồn" in at.locator(".alarm", has_text="hình đen").inner_text()
    at.get_by_text("Đặt giờ bảo trì cho bảng này").click()
    at.get_by_label("Làm gì", exact=True).fill("Lau mặt bảng")
    at.get_by_role("button", name="Đặt giờ bảo trì").click()
    assert "Đang bảo trì" in at.locator(".banner.work").inner_text()
    at.get_by_role("button", name="Đã xong").click()
    assert at.locator(".banner.work").count() == 0
    with open_store(bad.folder) as store, store.reading() as connection:
        acts = connection.execute(select(t.audit.c.act, t.audit.c.thing).where(t.audit.c.actor == "truc")).all()
    told = ["span.cause", "alarm.acknowledge", "maintenance.set", "maintenance.end"]
    assert [tuple(row) for row in acts][-4:] == [(act, "nha-van-hoa-5") for act in told]


def test_an_auditor_sees_no_forms(bad: Any, at: Page) -> None:
    bad.let_in(at, bad.log_in("xem", Role.AUDITOR))
    at.goto(f"{bad.url}/bang/20506/nha-van-hoa-5")
    assert at.locator("main form").count() == 0 and at.locator(".spans li").count() == 2


def test_an_emergency_s_clock_names_who_has_not_shown_it(bad: Any, at: Page) -> None:
    at.goto(f"{bad.url}/khan-cap")
    first = at.locator(".emergency").first
    assert "9/12 bảng đã hiện, 3 bảng chưa xác nhận" in first.inner_text()
    rows = first.locator("tbody tr")
    assert [rows.nth(n).locator("a").inner_text() for n in range(3)] == ["Chợ trung tâm", "Cầu treo", "Trường tiểu học"]
    assert "mất liên lạc, nghe lần cuối" in rows.nth(1).inner_text()
    assert "DIỄN TẬP" in at.locator(".emergency").nth(1).inner_text()


def test_a_board_s_picture_stands_beside_the_approved_slide(
    office: Office, text: Any, start_hub: Any, new_board: Any, jpeg: bytes, page: Page, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("signage.office.publish.Publisher._build", lambda *_: None)
    now = datetime.now(UTC).replace(microsecond=0)
    office.write("tin/hop", text(title="Họp thôn", kind="hop-thon", start="2026-01-01 05:00", end="2036-01-01 05:00"))
    office.both("tin/hop", now=now)
    office.publish(now)
    hub = start_hub(tmp_path / "hub", publication=office.settings.publication)
    board = new_board("cong-xa", commune="99999")
    board.enroll(hub.folder, commune_name="Xã Thử Nghiệm")
    with open_store(hub.folder) as store:
        for _ in range(200):
            with store.reading() as connection:
                row = connection.execute(select(t.notice)).one_or_none()
            if row:
                break
            hub.get("/healthz")
    assert row
    file = next((office.settings.publication / "board" / "slides").glob("*.webp")).stem
    showing = Showing("rotation", row.statement, file, "Họp thôn", now)
    assert hub.post("cong-xa", board.next(frame=jpeg, showing=showing, publication=2), "99999")[0] == 200
    hub.let_in(page).goto(f"{hub.url}/bang/99999/cong-xa")
    pair = page.locator(".pair img")
    assert pair.count() == 2 and all(pair.nth(n).evaluate("i => i.naturalWidth") > 0 for n in range(2))
    assert "có trong bản phát hành cho bảng này" in page.locator(".meant").inner_text()
    assert hub.get("/bang/99999/cong-xa/trang")[2]["Content-Type"] == "image/webp"
    other = Showing("rotation", "e" * 64, "e" * 64, "Lạ", now)
    assert hub.post("cong-xa", board.next(showing=other, publication=2), "99999")[0] == 200
    page.reload()
    assert "không còn trong bản phát hành" in page.locator(".meant").inner_text()
    assert pair.count() == 2 and "lẽ ra hiện lúc ấy" in page.locator(".pair").inner_text(), "the picture is of before"
    hub.kill()
