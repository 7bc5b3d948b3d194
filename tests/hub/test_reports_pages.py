"""Reports in a browser, against a hub that heard real reports: the ledger's own totals, forms, files, who may what."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import func, insert, select, update

from signage.hub.pages import reports
from signage.hub.people.roles import Role
from signage.hub.reports import cells, collect, files, periods
from signage.hub.reports.pack import read_pack
from signage.hub.store import open_store
from signage.hub.store import tables as t
from signage.report import Play
from signage.schedule import VIETNAM_TIME
from tests.browsing import AXE
from tests.hub import month

BEATS = 40  # reports of the board, half a minute apart
REAL, SPOKE = "20507", periods.midnight(datetime.now(VIETNAM_TIME).date()) // 1000 - 12 * 3600  # yesterday at noon
PERIOD = periods.of(periods.day_of(SPOKE * 1000), periods.YEAR).code
NOVEMBER = f"/bao-cao/{month.CODE}/2026-11"
STATEMENT = month.sha(month.NOTICES[1][0])


@pytest.fixture(scope="module")
def told(start_hub: Callable[[Path], Any], new_board: Any, tmp_path_factory: Any) -> Iterator[Any]:
    """A hub with an invented month of one commune, and one that heard a real board of another."""
    hub = start_hub(tmp_path_factory.mktemp("reports") / "hub")
    with open_store(hub.folder) as store, store.writing() as connection:
        month.whole(connection)
    board = new_board("mot", commune=REAL)
    board.enroll(hub.folder, commune_name="Xã Thật")
    begin = datetime.fromtimestamp(SPOKE, UTC)
    for beat in range(BEATS):
        at = begin + timedelta(seconds=30 * beat)
        plays = (Play("f" * 64, at - timedelta(seconds=20), 14_000),)
        layer = "window" if beat < 25 else "surface"
        verdict = "black" if 10 <= beat < 13 else "match"
        assert hub.post(board.id, board.next(sent=at, layer=layer, verdict=verdict, plays=plays), REAL)[0] == 200
    yield hub
    hub.kill()


def test_a_report_s_totals_are_the_ledger_s(told: Any, page: Page) -> None:
    """The page is opened as a person does; the ledger's hours are added up by hand."""
    told.let_in(page).goto(f"{told.url}/bao-cao?ky={PERIOD}")
    page.get_by_role("link", name="Xã Thật", exact=True).last.click()
    with open_store(told.folder) as store, store.reading() as connection:
        sums = [func.sum(t.hour.c[name]) for name in ("right", "claimed", "wrong")]
        mine = select(t.board.c.id).where(t.board.c.commune == REAL).scalar_subquery()
        right, claimed, wrong = connection.execute(select(*sums).where(t.hour.c.board == mine)).one()
        plays, ms = connection.execute(
            select(func.sum(t.play_day.c.plays), func.sum(t.play_day.c.ms)).where(t.play_day.c.board == mine)
        ).one()
    assert (right, claimed, wrong) == (22 * 30_000, 14 * 30_000, 3 * 30_000) and plays == BEATS
    main = dict(row.split("\t") for row in page.locator(".t-tong-hop tbody tr").all_inner_texts())
    for name, kind, raw in (
        ("Giờ đúng hình, nhìn thấy", cells.HOURS, right), ("Giờ đúng hình, tự báo", cells.HOURS, claimed),
        ("Giờ sai hình (đen, lạ, đứng)", cells.HOURS, wrong), ("Lượt chiếu", cells.COUNT, plays),
        ("Phút chiếu", cells.MINUTES, ms), ("Bảng có báo về trong kỳ", cells.COUNT, 1),
    ):  # fmt: skip
        assert main[name] == cells.said(cells.VALUE, cells.Value(kind, raw)), name
    here = f"/bao-cao/{REAL}/{PERIOD}"
    rows = list(csv.reader(io.StringIO(told.get(f"{here}/tong-hop.csv")[1].decode("utf-8-sig"))))
    assert ["Giờ đúng hình, nhìn thấy", str(right), "ms"] in rows
    book = openpyxl.load_workbook(io.BytesIO(told.get(f"{here}/bao-cao.xlsx")[1]))
    sheet = dict(list(book["Số liệu chính"].iter_rows(values_only=True))[1:])
    assert sheet["Lượt chiếu"] == plays and sheet["Giờ đúng hình, nhìn thấy"] == pytest.approx(right / 3.6e6, abs=0.005)


def test_files_are_what_they_are_called(told: Any) -> None:
    status, pdf, headers = told.get(f"{NOVEMBER}/bao-cao.pdf")
    assert status == 200 and headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"] == 'attachment; filename="bao-cao-20506-2026-11.pdf"'
    said = "".join("".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())
    assert "942,27" in said and "24.225" in said
    assert told.get(f"/giay-xac-nhan/20506/{STATEMENT}/giay-xac-nhan.pdf")[1].startswith(b"%PDF")
    assert told.get("/tong-hop/2026-11/tong-hop.xlsx")[1].startswith(b"PK")
    assert "20507" in told.get("/tong-hop/2026-11/cac-xa.csv")[1].decode()
    empty = told.get(f"/bao-cao/{REAL}/2025-01")
    assert empty[0] == 200 and "0 bảng tin điện tử đang dùng" in empty[1].decode()
    for path in (
        f"{NOVEMBER}/khong-co.csv", f"{NOVEMBER}/bao-cao.exe", f"{NOVEMBER}/../x.csv", "/bao-cao/20506/2026-13",
        "/bao-cao/20506/2099-01", "/bao-cao/99999/2026-11", "/giay-xac-nhan/20506/2", "/tong-hop/x",
        f"/giay-xac-nhan/{REAL}/{STATEMENT}",
    ):  # fmt: skip
        assert told.get(path)[0] == 404, path


def test_fields_are_filled_in_and_the_report_handed_in(told: Any, page: Page) -> None:
    operator = told.log_in("van-hanh-20506", Role.OPERATOR, frozenset({month.CODE}))
    told.let_in(page, operator).goto(told.url + NOVEMBER)
    page.get_by_label("Cụm loa truyền thanh").fill("12 cụm")
    page.get_by_label("Trong đó hỏng").fill("3")
    page.get_by_label("Kinh phí đã chi").fill("1.000.000")
    page.get_by_label("Trong đó xã hội hóa").fill("2000000")
    page.get_by_role("button", name="Lưu").click()
    wrong = page.get_by_role("alert").inner_text()
    assert "“12 cụm” không phải số nguyên" in wrong and "nhiều hơn 1000000" in wrong
    assert page.get_by_label("Cụm loa truyền thanh").input_value() == "12 cụm", "nothing typed is lost"
    page.get_by_label("Cụm loa truyền thanh").fill("12")
    page.get_by_label("Trong đó xã hội hóa").fill("")
    page.get_by_role("button", name="Lưu").click()
    page.get_by_text("Đã lưu các mục điền tay.").wait_for()
    page.get_by_role("button", name="Ghi là đã nộp").click()
    page.get_by_text("Số liệu vẫn như lúc nộp.").wait_for()
    assert "12" in told.get("/tong-hop/2026-11/dien-tay.csv")[1].decode().splitlines()[1]
    page.get_by_label("Cụm loa truyền thanh").fill("13")
    page.get_by_role("button", name="Lưu").click()
    page.get_by_text("Số liệu đã khác lúc nộp").wait_for()
    page.goto(f"{told.url}/nhat-ky?viec=report.")
    acts = page.locator("tbody tr td:nth-child(3)").all_inner_texts()
    assert acts == ["Điền mục báo cáo", "Ghi báo cáo đã nộp", "Điền mục báo cáo"]


def test_what_a_board_tells_later_shows_on_a_report_that_was_handed_in(told: Any, page: Page) -> None:
    here = f"/bao-cao/{month.CODE}/2026-Q4"
    assert told.send(f"{here}/nop")[0] == 303
    assert "Số liệu vẫn như lúc nộp" in told.get(here)[1].decode()
    with open_store(told.folder) as store, store.writing() as connection:
        board = connection.execute(select(t.board.c.id).where(t.board.c.code == "cong-xa")).scalar_one()
        late = dict.fromkeys(month.ADDED, 0) | {"right": 1}
        connection.execute(insert(t.day).values(board=board, day="2026-10-31", **late))
    assert "Số liệu đã khác lúc nộp" in told.get(here)[1].decode()


def test_a_page_that_goes_beyond_what_was_handed_in_says_so(told: Any) -> None:
    """A year's report is handed in by the middle of December; in January its page tells the whole year."""
    here, year = f"/bao-cao/{month.CODE}/2026", periods.read("2026")
    early = periods.midnight(date(2026, 11, 10)) + 10 * periods.HOUR_MS
    assert told.send(f"{here}/nop")[0] == 303
    with open_store(told.folder) as store, store.writing() as connection:
        (commune,) = collect.communes(connection, [month.CODE])
        sha = files.of_commune(connection, commune, year, read_pack(told.folder), early).sha
        mine = (t.submission.c.commune == month.CODE) & (t.submission.c.period == year.code)
        connection.execute(update(t.submission).where(mine).values(at=early, sha=sha))
    said = told.get(here)[1].decode()
    assert "số liệu đã nộp tính đến hết 09/11/2026 và vẫn như thế" in said and "đã khác lúc nộp" not in said


def test_who_only_reads_is_offered_no_form_and_another_commune_s_report_to_nobody(told: Any) -> None:
    auditor = told.log_in("kiem-tra", Role.AUDITOR, frozenset({month.CODE}))
    text = told.get(NOVEMBER, auditor)[1].decode()
    assert "Ghi là đã nộp" not in text and "Điều bảng không biết" in text and "<textarea" not in text
    for act in ("nop", "dien-tay"):
        assert told.send(f"{NOVEMBER}/{act}", auditor)[0] == 403
        assert told.send(f"/bao-cao/{REAL}/2026-11/{act}", auditor)[0] == 404
    assert told.get(f"/bao-cao/{REAL}/2026-11", auditor)[0] == 404
    for path in ("/bao-cao", "/tong-hop/2026-11", "/tong-hop/2026-11/cac-xa.csv"):
        found = told.get(path, auditor)[1].decode()
        assert "Xã Thật" not in found and REAL not in found, path


@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_read_them(told: Any, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    told.let_in(page)
    wrong: list[str] = []
    page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
    for path in ("/bao-cao", NOVEMBER, "/tong-hop/2026-11", f"/giay-xac-nhan/{month.CODE}/{STATEMENT}"):
        page.goto(told.url + path)
        found = Axe().run(page, options=AXE)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert not wrong


def test_a_province_s_roll_up_holds_every_commune_and_names_who_has_not_handed_in(told: Any, page: Page) -> None:
    """Last in this file: its communes stay in the module's hub."""
    codes = [f"3{n:04}" for n in range(reports.ON_A_PAGE + 5)]
    with open_store(told.folder) as store, store.writing() as connection:
        connection.execute(insert(t.commune), [{"code": code, "name": f"Xã số {code}"} for code in codes])
        like = {"code": "mot", "name": "Bảng", "chain": 1, "repository": "a" * 64, "enrolled": 0}
        connection.execute(insert(t.board), [like | {"commune": code, "public": code} for code in codes])
    told.let_in(page).goto(f"{told.url}/tong-hop/2026-11")
    assert page.locator(".told a").count() >= len(codes) and page.get_by_text(f"Xã số {codes[-1]}").count() == 1
    assert page.get_by_text("các tệp trên có đủ").count() == 1
    with page.expect_download() as taken:
        page.get_by_role("link", name="Tải XLSX").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(taken.value.path()).read_bytes()))
    listed = {row[0] for row in book["Các xã"].iter_rows(values_only=True)}
    assert listed >= {*codes, REAL, month.CODE}
    assert any(
        f"Xã số {codes[-1]}" in str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row
    )
    table = told.get("/tong-hop/2026-11/cac-xa.csv")[1].decode()
    assert all(code in table for code in codes)
