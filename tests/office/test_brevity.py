"""A notice too long for its boards: the office is told how long, and on which; a person shortens it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from signage import settings
from signage.notice import Notice, parse
from signage.notice.canonical import canonical_text
from signage.office import brevity, pace, sight
from signage.review.slide import MAX_DWELL, MIN_DWELL

SAMPLE = settings.load(Path(__file__).parents[2])
FIELDS = {
    "Title": "Kế hoạch tiêm phòng gia súc đợt 2", "Date": "2026-11-20 09:00", "Kind": "van-ban",
    "Category": "an-sinh", "Start": "2026-11-21 05:00", "End": "2026-12-22 17:00",
    "Summary": "Tiêm phòng trâu, bò, lợn từ 25/11 tại chuồng nuôi; báo trưởng thôn trước 24/11.",
}  # fmt: skip
LONG = "\n\n".join(f"Điều {n}. Trưởng thôn lập danh sách hộ nuôi và báo cáo Trạm Thú y trước 17:00." for n in range(25))


def notice(body: str, **fields: str) -> Notice:
    both = {**FIELDS, **{name.replace("_", "-"): value for name, value in fields.items()}}
    return parse("van-ban/2026/tiem-phong", canonical_text(both, body), ())


def told(one: Notice) -> dict[str, str]:
    return {p.values["boards"]: p.code for p in brevity.problems(one, SAMPLE.commune, SAMPLE.boards)}


def test_a_short_notice_is_no_problem() -> None:
    assert told(notice("Đề nghị các hộ nuôi chấp hành.")) == {}


def test_a_long_one_is_shown_as_its_summary_and_the_office_is_told() -> None:
    found = brevity.problems(notice(LONG), SAMPLE.commune, SAMPLE.boards)
    assert {p.code for p in found} == {"board-shortened"}
    assert {p.values["boards"] for p in found} == {b.name for b in SAMPLE.boards}
    assert all(p.severity == "warning" and p.values["count"] > p.values["shown"] for p in found)
    assert "Board-Summary" in found[0].told()


def test_words_for_boards_that_take_too_long_are_told_with_their_seconds() -> None:
    boards = [replace(board, budget_s=15) for board in SAMPLE.boards]
    one = notice("Toàn văn.", Board_Summary="Các hộ nuôi báo trưởng thôn trước ngày 24/11. " * 12)
    found = brevity.problems(one, SAMPLE.commune, boards)
    assert {p.code for p in found} == {"board-time"}
    assert all(p.values["seconds"] > 15 for p in found)


def test_a_shape_asks_what_its_most_demanding_board_does() -> None:
    asked = sight.sights(SAMPLE.boards)
    assert asked["lcd-1920x1080"].code == 318  # 6 m: scanned from 2 m, so 200 mm wide, at 0.63 mm a pixel
    assert asked["led-384x192"].code == 0  # a matrix has none
    near, far = (replace(SAMPLE.board("nha-van-hoa-3"), distance_m=m, budget_s=s) for m, s in ((3.0, 90), (9.0, 150)))  # type: ignore[type-var]
    both = sight.sights([near, far])["lcd-1920x1080"]
    assert both == sight.Sight(sight.sights([far])["lcd-1920x1080"].capital, 477, 90)


def test_many_notices_at_once_are_not_all_laid_out() -> None:
    assert brevity.of_all([notice(LONG)] * (brevity.FEW + 1), SAMPLE.commune, SAMPLE.boards) == []


def test_a_slide_stays_as_long_as_it_takes_to_read() -> None:
    assert pace.dwell("") == 3000
    assert pace.dwell("một hai ba") < pace.dwell("một hai ba bốn năm sáu")
    assert pace.dwell("từ " * 60) == 23_000
    assert MIN_DWELL <= pace.dwell("từ " * 10_000) <= MAX_DWELL
    assert pace.scrolled(1600, 128, 16) == (1600 + 128) * 1000 // 60 + 500
    assert pace.scrolled(1600, 128, 24) == (1600 + 128) * 1000 // 120 + 500
