"""The pages in a real browser: what they say, to everybody, and what they never run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from signage.cli import parser
from signage.hub import watchman
from signage.hub.store import open_store
from signage.hub.store import tables as t
from signage.hub.store.engine import to_ms
from signage.report import Play, Showing
from tests.browsing import AXE
from tests.hub import week
from tests.hub.serving import OFTEN

HOSTILE = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"


def showing(title: str) -> Showing:
    return Showing("rotation", "a" * 64, "f" * 64, title, datetime(2026, 11, 22, 1, 0, tzinfo=UTC))


@pytest.fixture(scope="module")
def fleet(start_hub: Callable[[Path], Any], tmp_path_factory: Any, new_board: Any, jpeg: bytes) -> Iterator[Any]:
    """Boards in every kind of state, one of them silent for hours; for tests that only read."""
    hub = start_hub(tmp_path_factory.mktemp("fleet") / "hub", look_every=OFTEN)
    fill(hub, new_board, jpeg)
    yield hub
    hub.kill()


@pytest.fixture
def page(page: Page, request: pytest.FixtureRequest) -> Page:
    """The browser, logged in at the fleet's hub, or at the test's own."""
    return request.getfixturevalue("hub" if "hub" in request.fixturenames else "fleet").let_in(page)  # type: ignore[no-any-return]


def fill(hub: Any, new_board: Any, jpeg: bytes) -> None:
    now = datetime.now(UTC)
    plays = (Play("f" * 64, now, 14000),)
    states: dict[str, dict[str, Any]] = {
        "cong-xa": {"frame": jpeg, "plays": plays, "showing": showing("Ngừng cấp điện thôn 3")},
        "nha-van-hoa-3": {"frame": jpeg, "verdict": "foreign"},
        "cho": {"publication": 409, "sync_error": HOSTILE, "faults": (("clock-suspect", now),)},
        "tram-y-te": {"showing": showing(HOSTILE), "layer": "surface", "frame": b"<svg/>"},
        "cau-treo": {"verdict": "dark", "showing": None},
        "truong-hoc": {},
    }
    for name, values in states.items():
        board = new_board(name)
        board.enroll(hub.folder, name=f"Bảng {name}", site="Cổng <b>chính</b>")
        if name != "truong-hoc":
            board.seq = 4 if name == "cho" else 0
            assert hub.post(name, board.next(**values))[0] == 200
    silent = select(t.board.c.id).where(t.board.c.code == "cau-treo").scalar_subquery()
    with open_store(hub.folder) as store, store.writing() as connection:
        past = {"received": to_ms(now - timedelta(hours=5))}
        connection.execute(update(t.state).where(t.state.c.board == silent), past)
    heard_for_a_day(hub)


@pytest.fixture
def hub(start_hub: Callable[..., Any], tmp_path: Path) -> Iterator[Any]:
    hub = start_hub(tmp_path / "hub", look_every=OFTEN)
    yield hub
    hub.kill()


def heard_for_a_day(hub: Any) -> None:
    """The running hub's watchman believes that it has heard without a gap since yesterday."""
    now = datetime.now(UTC)
    since, deadline = now - timedelta(days=1), time.monotonic() + 60
    with open_store(hub.folder) as store:
        while time.monotonic() < deadline:
            with store.reading() as connection:
                last = watchman.watch(connection)
            if last and last.listening <= since and last.looked > now:
                return  # a look has taken it over
            if last and last.listening > since:
                with store.writing() as connection:
                    week.listened(connection, now, since)
            time.sleep(0.1)
    raise AssertionError("the watchman did not look")


def test_a_boards_page_says_what_to_type_to_take_down(fleet: Any, page: Page) -> None:
    page.goto(f"{fleet.url}/bang/20506/cong-xa")
    typed = page.locator(".takedown code").all_inner_texts()
    assert typed[0] == f"bangtin hide {'a' * 16} --as NGƯỜI", "the statement that the board says it shows"
    for command in typed:
        parser().parse_args(command.split()[1:])
    page.goto(f"{fleet.url}/bang/20506/cau-treo")
    assert [c.split()[1] for c in page.locator(".takedown code").all_inner_texts()] == ["safe", "board"]


def test_a_commune_without_a_name_yet_can_be_clicked_and_chosen(hub: Any, new_board: Any, page: Page) -> None:
    """Its boards came by their cards, without the office's settings; another one is of another province."""
    for commune, name in (("01234", ""), ("96001", "Xã Đất Mũi")):
        new_board("mot", commune=commune).enroll(hub.folder, commune_name=name, name="")
    hub.let_in(page).goto(hub.url)
    page.get_by_role("link", name="Xã 01234").click()
    expect(page.locator(".board")).to_have_count(1)
    page.get_by_role("link", name="mot").click()
    expect(page.locator(".org")).to_have_text("Xã 01234")
    for path in ("/ghi-danh", "/them-nguoi", "/nhat-ky"):
        assert "Xã 01234" in hub.get(path)[1].decode(), path


def test_the_overview_names_what_each_board_shows_worst_first(fleet: Any, page: Page) -> None:
    page.goto(fleet.url)
    names = page.locator(".board h2").all_inner_texts()
    assert names[:2] == ["Bảng nha-van-hoa-3", "Bảng cau-treo"] and len(names) == 6
    card = page.locator(".board", has_text="Bảng cong-xa")
    said = card.inner_text()
    for words in ("Ngừng cấp điện thôn 3", "Đang nối", "Đúng bản", "Nhìn thấy đúng", "bản 412"):
        assert words in said
    image = card.locator("img")
    assert image.evaluate("i => i.complete && i.naturalWidth") == 160
    assert "Ngừng cấp điện thôn 3" in (image.get_attribute("alt") or "")
    assert "Mất liên lạc" in page.locator(".board", has_text="Bảng cau-treo").inner_text()
    assert "Hình lạ" in page.locator(".board", has_text="Bảng nha-van-hoa-3").inner_text()


def test_a_board_s_page_tells_machine_plays_and_marks(fleet: Any, page: Page) -> None:
    page.goto(f"{fleet.url}/bang/20506/cong-xa")
    text = page.locator("main").inner_text()
    for words in ("1 giờ", "71 MB", "17,8 GB", "52 °C", "tin được", "Ngừng cấp điện thôn 3", "14,0"):
        assert words in text
    page.goto(f"{fleet.url}/bang/20506/cho")
    assert "4 báo cáo trước số 5" in page.locator(".marks").inner_text()
    assert page.goto(f"{fleet.url}/bang/20506/khong-co").status == 404  # type: ignore[union-attr]
    assert "Không có trang này" in page.content()


@pytest.mark.parametrize("width", [412, 1280])
@pytest.mark.parametrize("path", ["/", "/bang/20506/nha-van-hoa-3", "/bang/20506/cho", "/bang/20506/truong-hoc"])
def test_everybody_can_read_it(fleet: Any, page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(fleet.url + path)
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_board_s_words_are_shown_and_never_run(fleet: Any, page: Page) -> None:
    for path in ("/", "/bang/20506/tram-y-te", "/bang/20506/cho"):
        page.goto(fleet.url + path)
        assert "<script>window.hacked" in page.locator("main").inner_text()
        assert page.evaluate("window.hacked") is None
        assert page.locator("main script, main b b, img[onerror]").count() == 0


def test_every_answer_carries_strict_headers(fleet: Any) -> None:
    for path in (
        "/",
        "/bang/20506/cong-xa",
        "/bang/20506/cong-xa/frame.jpg",
        "/api/boards.json",
        "/khong-co",
        "/static/hub.css",
    ):
        headers = fleet.get(path)[2]
        assert headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in headers
    assert fleet.get("/static/..%2fapp.py")[0] == 404


def test_a_frame_is_a_jpeg_or_nothing(fleet: Any, jpeg: bytes) -> None:
    status, body, headers = fleet.get("/bang/20506/cong-xa/frame.jpg")
    assert (status, body) == (200, jpeg)
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("image/jpeg", "no-store")
    assert fleet.get("/bang/20506/tram-y-te/frame.jpg")[0] == 404  # it sent something else


def test_the_page_renews_itself_and_says_when_the_hub_is_silent(
    hub: Any, new_board: Any, jpeg: bytes, page: Page
) -> None:
    fill(hub, new_board, jpeg)
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.clock.install()
    page.goto(hub.url)
    page.locator("#b-20506-cong-xa").focus()
    page.evaluate("document.querySelector('main').dataset.old = 1; document.querySelector('h1').textContent = 'cũ'")
    page.clock.run_for(45_000)  # without a word on the line it asks every ten seconds
    page.locator("h1", has_text="Tình trạng các bảng").wait_for()
    assert page.evaluate("document.activeElement.id") == "b-20506-cong-xa" and not errors
    hub.kill()
    page.clock.run_for(10_500)
    page.locator("#live", has_text="Không hỏi được máy chủ").wait_for()


def test_an_open_page_hears_at_once_that_a_board_has_changed(hub: Any, new_board: Any, page: Page) -> None:
    board = new_board("cong-xa")
    board.enroll(hub.folder)
    assert hub.post("cong-xa", board.next())[0] == 200
    with page.expect_response("**/moi?**") as line:
        page.goto(hub.url)
    assert line.value.headers["content-type"].startswith("text/event-stream")
    page.locator(".axis", has_text="Nhìn thấy đúng").wait_for()
    assert hub.post("cong-xa", board.next(verdict="black"))[0] == 200
    page.locator(".axis", has_text="Màn hình đen").wait_for()  # within 30 s: by itself it asks each minute
    assert page.title().startswith("(1 cần xử lý)")


def test_the_pages_need_no_script(fleet: Any, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = fleet.let_in(context.new_page())
    page.goto(fleet.url)
    assert page.locator(".board").count() == 6
    assert not page.locator("#pause").is_visible()
    context.close()


def test_the_same_for_programs(fleet: Any) -> None:
    answer = json.loads(fleet.get("/api/boards.json")[1])
    by_name = {b["board"]: b for b in answer["boards"]}
    assert answer["v"] == 1 and len(by_name) == 6
    assert by_name["cau-treo"]["contact"] == "lost" and by_name["cau-treo"]["content"] == "unconfirmed"
    assert by_name["cho"]["publication"] == 409 and by_name["cho"]["newest"] == 412
    assert by_name["truong-hoc"]["contact"] == "never" and by_name["truong-hoc"]["showing"] is None
    well = json.loads(fleet.get("/healthz")[1])
    assert well["ok"] is True and well["reasons"] == []


def test_an_empty_hub_says_what_to_type(hub: Any) -> None:
    assert "bangtin hub enroll" in hub.get("/")[1].decode()


def test_many_boards_are_spread_over_pages(hub: Any, new_board: Any) -> None:
    with open_store(hub.folder) as store:
        for n in range(70):
            new_board(f"bang-{n}").enroll(store)
    first, second = hub.get("/")[1].decode(), hub.get("/?trang=2")[1].decode()
    assert (first.count("<article"), second.count("<article")) == (40, 30)
    assert hub.get("/?trang=-1")[0] == hub.get("/?trang=%C2%B2")[0] == 200
