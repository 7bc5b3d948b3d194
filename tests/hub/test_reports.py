"""A report's numbers are the ledger's, in each of its four forms; what is evidence and what is not is told."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from signage.cli import main
from signage.errors import BadInput
from signage.hub.duty import due_by
from signage.hub.fleet import changing
from signage.hub.notice import Notice
from signage.hub.pages import reports
from signage.hub.people.audit import ON_THE_BOX
from signage.hub.reports import cells, collect, files, handed, pack, paper, periods, sheets, telling, wording
from signage.hub.reports.certificate import certificate
from signage.hub.reports.due import due
from signage.hub.reports.facts import TIMES, Play
from signage.hub.reports.figures import Figures, figures
from signage.hub.reports.periods import DAY_MS, HOUR_MS, midnight
from signage.hub.reports.showing import owner, runs, shown
from signage.hub.reports.tables import Report
from signage.hub.seen import history
from signage.hub.store import Store, open_store
from signage.hub.store import tables as t
from signage.hub.store.engine import to_ms
from signage.office import rules
from tests.hub import month

NOVEMBER = periods.read("2026-11")
ASOF = to_ms(month.now())
RULES = pack.packaged()


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("hub")) as store:
        with store.writing() as connection:
            month.whole(connection)
        yield store


@pytest.fixture(scope="module")
def report(sqlite: Store) -> Report:
    return made(sqlite)


def made(store: Store, code: str = "20506", period: periods.Period = NOVEMBER, now: int = ASOF) -> Report:
    with store.reading() as connection:
        (commune,) = collect.communes(connection, [code])
        return files.of_commune(connection, commune, period, RULES, now)


def of(store: Store, code: str, period: periods.Period, asof: int) -> Figures:
    with store.reading() as connection:
        (commune,) = collect.communes(connection, [code])
        return figures(collect.collect(connection, commune, period, asof), RULES)


# ── the numbers are the ledger's ─────────────────────────────────────────────────────────────────

BEGIN = NOVEMBER.begin
pieces = st.tuples(
    st.integers(0, 2), st.integers(-2, 31), st.sampled_from(TIMES), st.integers(1, 9 * HOUR_MS), st.booleans()
)
plays = st.tuples(st.integers(0, 2), st.integers(-2, 33), st.integers(0, 3), st.integers(1, 90), st.integers(1, 60_000))
outages = st.tuples(
    st.integers(0, 2), st.integers(-3 * DAY_MS, 33 * DAY_MS), st.none() | st.integers(1, 5 * DAY_MS),
    st.sampled_from(["lost", "black"]), st.sampled_from(["", "power"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[int]]]:
    """A commune with three boards and two notices, and no history."""
    with open_store(tmp_path_factory.mktemp("bare")) as store:
        with store.writing() as connection:
            connection.execute(insert(t.commune), {"code": "20506", "name": "Xã Mẫu"})
            numbers = []
            for at in range(3):
                row = {"commune": "20506", "code": f"b{at}", "public": str(at), "chain": 1, "repository": "r",
                       "enrolled": BEGIN - DAY_MS, "name": f"Bảng {at}"}  # fmt: skip
                numbers.append(connection.execute(insert(t.board).values(row)).inserted_primary_key[0])
            for at in range(2):
                connection.execute(insert(t.notice), {
                    "commune": "20506", "statement": str(at) * 64, "title": f"Thông báo {at}",
                    "class": ("thong-thuong", "uu-tien")[at], "files": json.dumps([f"f{at}"]),
                    "boards": "[]", "published": BEGIN, "approved": BEGIN, "start": BEGIN, "end": BEGIN + 10 * DAY_MS,
                })  # fmt: skip
        yield store, numbers


def refill(store: Store, numbers: list[int], lasted: Any, days: Any, broken: Any) -> None:
    """Another history in the same store."""
    with store.writing() as connection:
        for table in (t.day, t.play_day, t.span):
            connection.execute(delete(table))
        for (board, day), row in lasted.items():
            on = (NOVEMBER.first + timedelta(days=day)).isoformat()
            connection.execute(insert(t.day), row | {"board": numbers[board], "day": on, "reports": 1})
        for (board, day, file), (count, ms) in days.items():
            at = BEGIN + day * DAY_MS
            connection.execute(insert(t.play_day), {
                "board": numbers[board], "day": (NOVEMBER.first + timedelta(days=day)).isoformat(), "file": f"f{file}",
                "plays": count, "ms": ms, "first": at, "last": at, "sha_first": "a", "sha_last": "b"})  # fmt: skip
        for board, since, lasting, code, cause in broken:
            connection.execute(insert(t.span), {
                "board": numbers[board], "kind": "contact" if code == "lost" else "screen", "code": code,
                "since": BEGIN + since, "until": BEGIN + since + (lasting or 0) if lasting else BEGIN + since + 1,
                "cause": cause})  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pieces, max_size=40), st.lists(plays, max_size=25), st.lists(outages, max_size=8))
def test_a_report_adds_up_to_what_the_ledger_holds(
    bare: tuple[Store, list[int]], told: list[Any], played: list[Any], broken: list[Any]
) -> None:
    """Every sum is made a second time, straight from the raw intervals."""
    store, numbers = bare
    lasted: dict[tuple[int, int], dict[str, int]] = {}
    kept = []
    for board, day, name, ms, emergency in told:  # a day holds no more than a day
        row = lasted.setdefault((board, day), dict.fromkeys((*TIMES, "emergency"), 0))
        fits = min(ms, DAY_MS - sum(row[n] for n in TIMES))
        row[name] += fits
        row["emergency"] += fits if emergency else 0
        if 0 <= day < 30:
            kept.append((board, name, fits, emergency))
    days = {(board, day, file): (count, count * ms) for board, day, file, count, ms in played}
    refill(store, numbers, lasted, days, broken)
    found = of(store, "20506", NOVEMBER, NOVEMBER.end + DAY_MS)
    for at, one in enumerate(found.boards):
        for name in TIMES:
            assert getattr(one.times, name) == sum(ms for b, n, ms, _ in kept if (b, n) == (at, name))
        assert one.times.emergency == sum(ms for b, _, ms, e in kept if b == at and e)
        assert one.times.whole == 30 * DAY_MS == one.times.heard + one.times.silent
        assert one.plays == sum(count for (b, d, _), (count, _) in days.items() if b == at and 0 <= d < 30)
        assert one.ms == sum(ms for (b, d, _), (_, ms) in days.items() if b == at and 0 <= d < 30)
    assert found.total.expected == 90 * DAY_MS - sum(ms for _, n, ms, _ in kept if n == "dark")
    assert sum(times.whole for times in found.days.values()) == found.total.whole and len(found.days) == 30
    assert sum(times.silent for times in found.days.values()) == found.total.silent
    for notice in found.notices:
        file = notice.notice.files[0]
        assert notice.ms == sum(ms for (_, d, f), (_, ms) in days.items() if f"f{f}" == file and 0 <= d < 30)
    assert found.ms == sum(n.ms for n in found.notices) + sum(u.ms for u in found.unknown.values())
    clipped: Counter[tuple[str, str]] = Counter()
    longest: dict[tuple[str, str], int] = {}
    for _, since, lasting, code, cause in broken:
        part = max(0, min(30 * DAY_MS, since + (lasting or 1)) - max(0, since))
        clipped[code, cause] += part
        longest[code, cause] = max(part, longest.get((code, cause), 0))
    assert {(code, cause): one.ms for (_, code, cause), one in found.outages.items()} == +clipped
    assert all(one.longest == longest[code, cause] for (_, code, cause), one in found.outages.items())
    for table in telling.report(found, RULES).tables:  # parts and total of each table agree
        for at, column in enumerate(table.columns):
            additive = column.kind in (cells.HOURS, cells.MINUTES) or column.name.startswith("Lượt")
            if table.total and table.total[at] is not None and additive and table.ident != "theo-thon":
                assert table.total[at] == sum(row[at] for row in table.rows), (table.ident, column.name)


def test_both_stores_tell_the_same_report(store: Store, report: Report) -> None:
    with store.writing() as connection:
        month.whole(connection)
    assert made(store).sha == report.sha


def test_a_board_that_hangs_no_more_counts_until_then(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with store.writing() as connection:
            numbers, _ = month.whole(connection)
            gone = BEGIN + 21 * DAY_MS + HOUR_MS
            connection.execute(update(t.board).where(t.board.c.id == numbers[0]).values(retired=gone))
        one = next(b for b in of(store, "20506", NOVEMBER, ASOF).boards if b.board.number == numbers[0])
        assert one.times.whole == gone - BEGIN
        december = of(store, "20506", periods.read("2026-12"), NOVEMBER.end + 40 * DAY_MS)
        assert numbers[0] not in [b.board.number for b in december.boards]
        assert all(numbers[0] not in outage.boards for outage in december.outages.values())


def test_the_time_for_which_a_board_was_taken_down_is_no_silence(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with store.writing() as connection:
            numbers, _ = month.whole(connection)
        before = of(store, "20506", NOVEMBER, ASOF)
        taken = datetime.fromisoformat("2026-11-22T00:00:00+07:00")
        with store.writing() as connection:
            changing.retire(connection, "20506", "cong-xa", ON_THE_BOX, taken)
            changing.restore(connection, "20506", "cong-xa", ON_THE_BOX, taken + timedelta(hours=12))
            row = {"board": numbers[0], "kind": "contact", "code": "lost", "since": to_ms(taken), "until": None}
            connection.execute(insert(t.span), row | {"cause": "other", "note": ""})
        after = of(store, "20506", NOVEMBER, ASOF)
        assert before.total.whole - after.total.whole == before.total.silent - after.total.silent == 12 * HOUR_MS
        assert ("away", "away", "") not in after.outages
        assert after.outages["contact", "lost", "other"].ms == ASOF - to_ms(taken) - 12 * HOUR_MS
        with store.reading() as connection:
            assert all(s.kind != "away" for s in history.spans(connection, numbers[0], month.now()))


# ── the four forms are one report ────────────────────────────────────────────────────────────────


def test_the_workbook_holds_the_same_numbers(report: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files.xlsx(report)))
    assert len(book.sheetnames) == 1 + len(report.tables)
    for table, name in zip(report.tables, book.sheetnames[1:], strict=True):
        rows = list(book[name].iter_rows(min_row=3 if table.says else 2, values_only=True))
        assert len(rows) == len(list(table.lines)), name
        for line, row in zip(table.lines, rows, strict=True):
            for column, raw, cell in zip(table.columns, line, row, strict=True):
                assert cell == expected(column.kind, raw), (name, column.name)
    assert report.sha in [row[1] for row in book["Báo cáo"].iter_rows(values_only=True)]
    assert files.xlsx(report) == files.xlsx(report)


def test_a_spreadsheet_program_opens_it_and_adds_up_to_the_ledger(
    sqlite: Store, report: Report, tmp_path: Path
) -> None:
    if (program := shutil.which("ssconvert")) is None:
        pytest.skip("no Gnumeric (apt-get install gnumeric)")
    (tmp_path / "r.xlsx").write_bytes(files.xlsx(report))
    command = [program, "--export-file-per-sheet", "r.xlsx", "%n.csv"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    number = [table.ident for table in report.tables].index("theo-bang") + 1  # the cover is the first sheet
    lines = list(csv.reader((tmp_path / f"{number}.csv").read_text("utf-8").splitlines()))
    head = next(n for n, line in enumerate(lines) if line[0] == "Mã")
    *boards, total = [dict(zip(lines[head], line, strict=True)) for line in lines[head + 1 :]]
    with sqlite.reading() as connection:
        ours = select(t.board.c.id).where(t.board.c.commune == "20506").scalar_subquery()
        within = NOVEMBER.first.isoformat(), NOVEMBER.last.isoformat()
        day, play = t.day.c, t.play_day.c
        asked = select(*(func.sum(day[name]) for name in ("right", "claimed", "wrong", "dark", "reports")))
        *kept, reports = connection.execute(asked.where(day.board.in_(ours), day.day.between(*within))).one()
        asked = select(func.sum(play.plays)).where(play.board.in_(ours), play.day.between(*within))
        plays = connection.execute(asked).scalar_one()
    names = ("Đúng, nhìn thấy (giờ)", "Đúng, tự báo (giờ)", "Sai hình (giờ)", "Tắt theo lịch (giờ)")
    for name, ms in zip(names, kept, strict=True):
        assert float(total[name]) == pytest.approx(ms / HOUR_MS, abs=0.0051), name
        assert sum(float(one[name]) for one in boards) == pytest.approx(ms / HOUR_MS, abs=0.0051 * len(boards)), name
    for name, count in (("Báo cáo", reports), ("Lượt", plays)):
        assert int(total[name]) == sum(int(one[name]) for one in boards) == count, name


def expected(kind: str, raw: Any) -> Any:
    """What a spreadsheet's cell holds, told apart from how it is written."""
    if kind == cells.VALUE and raw is not None:
        kind, raw = (cells.TEXT, cells.said(*raw)) if raw.kind == cells.LASTED and raw.raw is not None else raw
    if raw is None:
        return None
    if kind in (cells.HOURS, cells.MINUTES, cells.LASTED):
        return pytest.approx(
            raw / (HOUR_MS if kind == cells.HOURS else 60_000), abs=0.005001 if kind == cells.HOURS else 0.05001
        )
    if kind == cells.MOMENT:
        return (datetime.fromtimestamp(raw // 1000, UTC) + timedelta(hours=7)).replace(tzinfo=None)
    if kind == cells.DAY:
        return datetime(raw.year, raw.month, raw.day)
    return pytest.approx(raw / 100) if kind == cells.SHARE else raw


def test_the_csv_holds_the_ledger_s_own_units_and_runs_nothing(report: Report) -> None:
    for table in report.tables:
        data = sheets.csv(table)
        assert data.startswith(b"\xef\xbb\xbf")
        head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        assert len(rows) == len(list(table.lines))
        for line, row in zip(table.lines, rows, strict=True):
            for column, raw, cell in zip(table.columns, line, row, strict=False):
                if column.kind in cells.NUMBERS:
                    assert cell == ("" if raw is None else str(raw)), (table.ident, column.name)
                assert not cell.startswith(("=", "+", "-", "@"))
        assert "Giờ tính (ms)" in head or table.ident not in ("theo-bang", "theo-ngay")
    assert "'=cmd|" in sheets.csv(report.table("thong-bao")).decode()
    book = openpyxl.load_workbook(io.BytesIO(files.xlsx(report)))
    cell = next(c for row in book["Từng thông báo"].iter_rows() for c in row if str(c.value).startswith("=cmd"))
    assert cell.data_type == "s"


def test_a_text_cannot_disguise_itself_or_become_markup(sqlite: Store) -> None:
    with sqlite.reading() as connection:
        (commune,) = collect.communes(connection)
        facts = collect.collect(connection, commune, NOVEMBER, ASOF)
    board = replace(facts.boards[0], name="Cổng <script>alert(1)</script> \u202ebảo đảm\x00\x07")
    told = telling.report(figures(replace(facts, boards=(board, *facts.boards[1:])), RULES), RULES)
    html = paper.report_html(told, RULES)
    assert (
        "<script" not in html and "&lt;script" in html and "\u202e" not in html and "\ufffdbảo đảm\ufffd\ufffd" in html
    )
    book = openpyxl.load_workbook(io.BytesIO(files.xlsx(told)))
    assert any("\ufffdbảo đảm" in str(row[1]) for row in book["Từng bảng"].iter_rows(values_only=True))


def words(pdf: bytes) -> str:
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_the_paper_holds_the_same_numbers(report: Report) -> None:
    said = words(paper.pdf(paper.report_html(report, RULES)))
    for table in report.tables:
        for line in () if table.file_only else table.lines:
            for at, column in table.shown:
                if line[at] is not None and column.kind != cells.HASH:
                    assert "".join(cells.said(column.kind, line[at]).split()) in said, (table.ident, column.name)
    assert report.sha in said
    for part in ("CỘNGHÒAXÃHỘICHỦNGHĨAVIỆTNAM", "ỦYBANNHÂNDÂNXÃĐỒNGMẪU", "tháng11năm2026", "kỳchưahết", "DỮLIỆUMẪU",
                 "chưakiểmchứng"):  # fmt: skip
        assert part in said


def test_a_report_says_what_it_is_made_of(report: Report) -> None:
    main = {name: cells.said(cells.VALUE, value) for name, value in report.table("tong-hop").rows}
    assert main["Bảng đang dùng trong kỳ"] == "4" and main["Thông báo phát hành muộn"] == "1"
    assert main["Thông báo chưa chiếu lần nào"] == "1" and main["Báo động đã có người nhận"] == "2"
    assert main["Từ báo động đến người nhận, mức giữa"] == "17 phút" and main["Giờ sai hình (đen, lạ, đứng)"] == "1 giờ"
    causes = {row[:2]: row[2:4] for row in report.table("gian-doan").rows}
    assert causes["Mất liên lạc với máy chủ", "ngờ SIM hết dung lượng"] == (1, 1)
    assert not any("Tắt theo lịch" in what for what, _ in causes)
    assert set(history.CAUSES) <= set(wording.CAUSE), "whatever an operator may say has words on paper"
    assert ("Lịch tiêm chủng tháng 11", "Phát hành muộn") in [row[:2] for row in report.table("muon").rows]
    assert "Trần Văn Hành, 00:17 08/11/2026: Đã đến xem, thay dây" in [row[-1] for row in report.table("su-co").rows]
    cube = {row[:4]: row[4:] for row in report.table("lop-muc-thon-bang").rows}
    assert ("Thông thường", "Chương trình, dự án, an sinh", "Thôn 3, Thôn 5", "Chợ Mẫu") not in cube
    assert cube["Thông thường", "Chương trình, dự án, an sinh", "Thôn 3, Thôn 5", "Nhà văn hóa thôn 3"][0] == 1


# ── whose play a play is ─────────────────────────────────────────────────────────────────────────


def notice(statement: str, start: int, end: int, *files_: str, ended: int | None = None) -> Notice:
    of = {"commune": "20506", "id": "", "title": statement, "kind": "", "klass": "thong-thuong", "category": ""}
    return Notice(**of, statement=statement, hamlets=(), files=files_, boards=(), start=start, end=end,
                  approved=start, published=start, withdrawn=ended)  # fmt: skip


def play(file: str, at: int, statement: str | None = None) -> Play:
    return Play(1, date(2026, 11, 1), file, 1, 1, at, at, "a", "b", statement)


def test_a_file_of_several_notices_is_counted_once_for_the_one_in_force() -> None:
    old, new = notice("old", 0, 100, "f", ended=50), notice("new", 50, 200, "f", "g")
    known = {"old": old, "new": new}
    assert owner(play("f", 20, "new"), [old, new], known) is old
    assert owner(play("f", 150, "old"), [old, new], known) is new
    assert owner(play("f", 50), [old, new], known) is new  # both were: the newest that was there
    assert owner(play("f", 50, "old"), [old, new], known) is old  # unless the board said which
    assert owner(play("f", 999), [old, new], known) is new
    assert owner(play("h", 20, "old"), [], known) is old and owner(play("h", 20), [], known) is None
    both = shown([play("f", 20), play("f", 150), play("x", 1)], [old, new])
    assert {key: one.plays for key, one in both.items()} == {("old", 1): 1, ("new", 1): 1, (None, 1): 1}


@given(st.sets(st.integers(0, 40)))
def test_runs_are_the_days_again(days: set[int]) -> None:
    first = date(2026, 11, 1)
    some = {first + timedelta(days=n) for n in days}
    found = runs(some)
    again = [a + timedelta(days=n) for a, b in found for n in range((b - a).days + 1)]
    assert again == sorted(some)
    assert all((c - b).days > 1 for (_, b), (c, _) in pairwise(found))


# ── periods, days that are due, rules ────────────────────────────────────────────────────────────


def test_a_period_is_made_of_vietnamese_days() -> None:
    assert periods.read("2026-q4").name == "quý IV năm 2026" and periods.read("2026-Q4").first == date(2026, 10, 1)
    assert NOVEMBER.begin == to_ms(datetime(2026, 10, 31, 17, tzinfo=UTC)) and NOVEMBER.last == date(2026, 11, 30)
    assert periods.read("2026").end == periods.read("2027-01").begin
    for text in ("2026-13", "2026-Q5", "11/2026", "2026-1", "1999", "", "2026-11-22", "٢٠٢٦"):
        with pytest.raises(BadInput) as wrong:
            periods.read(text)
        assert wrong.value.problems[0].code == "period-bad"


def test_a_hub_without_boards_says_so_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hub", "report", "--dir", str(tmp_path / "hub"), "--out", str(tmp_path / "out")]) == 1
    assert "report-nobody" in capsys.readouterr().err and not (tmp_path / "out").exists()


@given(st.dates(date(2021, 1, 1), date(2090, 1, 1)), st.sampled_from([periods.MONTH, periods.QUARTER, periods.YEAR]))
def test_each_day_is_in_one_period_of_a_kind(day: date, kind: str) -> None:
    period = periods.of(day, kind)
    assert period.begin <= midnight(day) < period.end and period.after.begin == period.end
    assert period.after.before == period == periods.read(period.code)


def test_what_is_due_is_told_with_the_standing_of_its_day() -> None:
    assert due(date(2026, 11, 1)) == []
    soon = due(date(2026, 12, 5))
    assert [(one.day.day, one.days, one.period.code) for one in soon] == [
        (2, -3, "2026"), (10, 5, "2026"), (15, 10, "2026"), (20, 15, "2026")]  # fmt: skip
    assert soon[0].said == "quá hạn 3 ngày (hạn 02/12/2026)" and soon[1].said == "còn 5 ngày, đến 10/12/2026"
    assert "đã thấy trong kế hoạch của một số nơi" in soon[1].told and "chưa kiểm chứng" in soon[3].told
    assert due(date(2026, 12, 5), handed=["2026"]) == []
    assert [one.period.code for one in due(date(2027, 1, 3))] == ["2026"] * 3  # those of the last 30 days


def test_the_digest_has_the_deadlines_of_the_hub_s_own_rules_until_all_have_handed_in(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        lines, day = due_by(store), date(2026, 12, 5)
        assert len(lines(day, ())) == 4
        own = (Path(pack.__file__).parent / pack.OWN_PACK).read_text("utf-8").replace('day = "12-10"', 'day = "12-08"')
        (tmp_path / pack.OWN_PACK).write_text(own, "utf-8")
        assert any("08/12/2026" in line for line in lines(day, ()))
        with store.writing() as connection:
            month.whole(connection)
            other = {"commune": "20599", "code": "b", "public": "x", "chain": 1, "repository": "", "enrolled": 0}
            connection.execute(insert(t.commune), {"code": "20599", "name": "Xã Khác"})
            connection.execute(insert(t.board), other | {"name": "b"})
            handed.hand_in(connection, month.CODE, "2026", "a" * 64, None, datetime.now(UTC))
        assert (len(lines(day, ())), lines(day, [month.CODE])) == (4, []), "another commune has not"
        (tmp_path / pack.OWN_PACK).write_text("v = ", "utf-8")
        assert "rules-bad" in lines(day, ())[0]


def test_boards_are_heard_while_a_report_is_handed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Working a report out holds nobody's transaction up."""
    with open_store(tmp_path) as store:
        with store.writing() as connection:
            month.whole(connection)
        real, now = files.of_commune, datetime(2026, 12, 5, tzinfo=UTC)

        def meanwhile(*args: Any) -> Report:
            with store.writing() as other:
                other.execute(insert(t.note), {"name": "meanwhile", "value": "1"})
            return real(*args)

        monkeypatch.setattr(files, "of_commune", meanwhile)
        given = {"commune": month.CODE, "period": "2026-11"}
        recorded: list[str] = []
        visit: Any = SimpleNamespace(
            param=given.__getitem__, now=now, hub=SimpleNamespace(store=store), reading=store.reading,
            writing=store.writing, viewer=SimpleNamespace(account=None), go=lambda path, said: said,
            record=lambda connection, act, *rest, **more: recorded.append(act),
        )  # fmt: skip
        assert reports.hand_in(visit) == "nop" and recorded == ["report.hand-in"]
        with store.reading() as connection:
            assert list(handed.handed_in(connection, month.CODE)) == ["2026-11"]


def test_the_two_packs_ask_for_the_same_posting_periods() -> None:
    """The office tells officers, the hub tells reports: one rule each."""
    office = {kind: (p.days, p.source.name, p.source.standing) for kind, p in rules.packaged().postings.items()}
    assert office == {kind: (p.days, p.source.name, p.source.standing) for kind, p in RULES.postings.items()}


@pytest.mark.parametrize(
    "wrong",
    ["nonsense = [", "v = 2", 'v = 1\nversion = "1"\n[[due]]\nid = "x"',
     'v = 1\nversion = "1"\n[source.a]\nname = "a"\nstanding = "sure"',
     'v = 1\nversion = "1"\n[source.a]\nname = "a"\nstanding = "own"\n[[due]]\nid = "x"\nname = "x"\nday = "02-29"\n'
     'period = "year"\nsource = "a"'],
)  # fmt: skip
def test_a_pack_that_cannot_be_read_is_told(tmp_path: Path, wrong: str) -> None:
    (tmp_path / pack.OWN_PACK).write_text(wrong, "utf-8")
    with pytest.raises(BadInput) as told:
        pack.read_pack(tmp_path)
    assert told.value.problems[0].code == "rules-bad"


def test_fields_by_hand_are_checked_all_at_once(tmp_path: Path) -> None:
    good = {"loa-cum": "1.250", "loa-hong": "12", "kinh-phi": "35 000 000", "kho-khan": "Mưa bão  ", "can-bo": ""}
    assert handed.read_fields(good, RULES) == {
        "loa-cum": "1250", "loa-hong": "12", "kinh-phi": "35000000", "kho-khan": "Mưa bão"}  # fmt: skip
    bad = {"loa-cum": "3", "loa-hong": "4", "can-bo": "-1", "kinh-phi": "9" * 16, "kho-khan": "x" * 2001,
           "kien-nghi": "\u202e"}  # fmt: skip
    with pytest.raises(BadInput) as wrong:
        handed.read_fields(bad, RULES)
    assert sorted(p.code for p in wrong.value.problems) == [
        "field-most", "field-number", "field-text", "field-text", "field-within"]  # fmt: skip
    assert "“Cụm loa truyền thanh đang quản lý”" in wrong.value.told()


# ── certificate and roll-up ──────────────────────────────────────────────────────────────────────


def test_a_certificate_says_where_when_and_what_it_is_worth(sqlite: Store) -> None:
    statement = month.sha(month.NOTICES[1][0])
    with sqlite.reading() as connection:
        (commune,) = collect.communes(connection)
        one = collect.posted(connection, commune, statement[:12], RULES, ASOF)
        assert collect.posted(connection, commune, "", RULES, ASOF) is None
    assert one is not None and one.kept is None and "21 trên 30 ngày" in one.conclusion
    rows = {row[0].split(" (")[0]: row for row in one.boards.rows}
    assert rows["Nhà văn hóa thôn 3"][-1] == "08/11–09/11, 22/11" and rows["Nhà văn hóa thôn 3"][3] == 19
    assert rows["Nhà văn hóa thôn 1"][6] == 0 < rows["Nhà văn hóa thôn 1"][7]  # only its own word
    assert one.hashes.rows[1][1:] == (month.sha("r", 0, 0, 1), month.sha("r", 0, 20, 2))
    said = words(paper.pdf(paper.certificate_html(one)))
    for part in (statement, one.sha, month.sha("r", 0, 0, 1), "Khôngphảiảnhchụpmặtbảng", "GIẤYXÁCNHẬNNIÊMYẾT"):
        assert part in said


def test_what_comes_after_a_report_was_handed_in_early_does_not_change_it(tmp_path: Path) -> None:
    """A yearly report is handed in by the middle of December, while its year lasts."""

    def sha(now: int = ASOF) -> str:
        return made(store, now=now).sha

    with open_store(tmp_path) as store:
        with store.writing() as connection:
            numbers, _ = month.whole(connection)
        then, a = sha(), t.alarm.c
        with store.writing() as connection:
            at = ASOF + HOUR_MS
            today = dict.fromkeys(month.ADDED, 0) | {"board": numbers[0], "day": "2026-11-22", "right": HOUR_MS}
            connection.execute(insert(t.day), today)
            connection.execute(insert(t.play_day), {
                "board": numbers[0], "day": "2026-11-22", "file": "f", "plays": 1, "ms": 1, "first": ASOF, "last": ASOF,
                "sha_first": "a", "sha_last": "b"})  # fmt: skip
            lasting = connection.execute(select(a.id).where(a.until.is_(None))).scalar_one()
            connection.execute(update(t.alarm).where(a.id == lasting).values(until=at))
            connection.execute(insert(t.acknowledgement), {"alarm": lasting, "account": 1, "at": at, "note": "Đã xem"})
            connection.execute(update(t.notice).values(withdrawn=at))
        assert sha() == then
        with store.writing() as connection:
            connection.execute(insert(t.day), today | {"board": numbers[2], "day": "2026-11-08"})
        assert sha() != then, "what a board tells late of a day that was counted"
        assert {made(store, now=ASOF + n * HOUR_MS).until for n in (0, 1)} == {"21/11/2026, kỳ chưa hết"}
        begun = made(store, now=NOVEMBER.begin + HOUR_MS)
        assert begun.until == "00:00 01/11/2026, kỳ vừa bắt đầu"
    assert periods.counted_to(NOVEMBER, NOVEMBER.end + 1) == NOVEMBER.end + 1


def test_what_is_in_the_archive_is_not_denied(sqlite: Store) -> None:
    later = ASOF + 450 * DAY_MS
    with sqlite.reading() as connection:
        (commune,) = collect.communes(connection)
        there = collect.posted(connection, commune, month.sha(month.NOTICES[1][0])[:12], RULES, later)
        assert there is not None
        whole = certificate(commune, there.notice, [], [], [], [there.notice], RULES, later)
        rollup = files.of_all(connection, [commune], NOVEMBER, RULES, later)
    day = f"{periods.day_of(later - 400 * DAY_MS):%d/%m/%Y}"
    gone = f"Nhật ký chiếu trước ngày {day} đã vào kho lưu"
    assert whole.kept is None and f"{gone}, không kết luận được" in whole.conclusion and "Mới" not in whole.conclusion
    assert (whole.boards.total or ())[-1] == "", "days that nobody can know are not called days without a play"
    assert gone in rollup.summary
    cover = openpyxl.load_workbook(io.BytesIO(files.rollup_xlsx(rollup)))["Báo cáo"]
    assert any(gone in str(row[1]) for row in cover.iter_rows(values_only=True))


def test_the_roll_up_sums_and_names_who_has_not_handed_in(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with store.writing() as connection:
            month.whole(connection)
            for code, name in (("20507", "Xã Khác"), ("20509", "Xã Ba")):
                connection.execute(insert(t.commune), {"code": code, "name": name})
                connection.execute(insert(t.board), {
                    "commune": code, "code": "mot", "public": code, "chain": 1, "repository": "r", "name": "Một",
                    "enrolled": BEGIN})  # fmt: skip
            handed.hand_in(connection, "20507", "2026-11", "f" * 64, None, month.now())
            handed.hand_in(connection, "20507", "2026-11", "e" * 64, None, month.now())
            for code, value in (("20506", "40"), ("20507", "2")):
                handed.keep_fields(connection, code, "2026-11", {"loa-cum": value}, None, month.now())
        with store.reading() as connection:
            whole = files.of_all(connection, collect.communes(connection), NOVEMBER, RULES, ASOF)
            assert handed.handed_in(connection, "20507")["2026-11"].sha == "e" * 64
        assert [one.code for one in whole.missing] == ["20506", "20509"] and whole.handed == 1
        total = dict(zip([c.name for c in whole.communes.columns], whole.communes.total or (), strict=True))
        midnight = periods.counted_to(NOVEMBER, ASOF)
        single = of(store, "20506", NOVEMBER, midnight)
        assert total["Bảng"] == 6 and total["Đúng, nhìn thấy"] == single.total.right
        assert total["Không nghe thấy"] == single.total.silent + 2 * (midnight - BEGIN)
        assert (whole.by_hand.total or ())[2] == 42
        said = words(paper.pdf(paper.rollup_html(whole)))
        assert "Chưanộp:UBNDxãĐồngMẫu(20506),XãBa(20509)" in said


# ── the command ──────────────────────────────────────────────────────────────────────────────────


def test_the_command_writes_all_files_and_names_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(tmp_path / "hub") as store, store.writing() as connection:
        month.whole(connection)
    out, common = tmp_path / "out", ["hub", "report", "--dir", str(tmp_path / "hub"), "--period", "2026-11"]
    assert main([*common, "--out", str(out), "--no-pdf"]) == 0
    names = sorted(path.name for path in out.rglob("*") if path.is_file())
    assert "bao-cao-20506-2026-11.xlsx" in names and "bao-cao-20506-2026-11-thong-bao.csv" in names
    assert not [name for name in names if name.endswith(".pdf") or name.startswith("tong-hop")]  # one commune
    statement = month.sha(month.NOTICES[1][0])
    assert main([*common, "--out", str(out), "--notice", statement[:10]]) == 0
    assert (out / f"giay-xac-nhan-20506-{statement[:12]}.pdf").read_bytes().startswith(b"%PDF")
    capsys.readouterr()
    assert main([*common, "--out", str(tmp_path / "x"), "--commune", "99999"]) == 1
    assert "20506" in capsys.readouterr().err
    assert main([*common, "--out", str(tmp_path / "x"), "--notice", "zz"]) == 1
    assert main([*common[:-1], "11/2026", "--out", str(tmp_path / "x")]) == 1
    assert "2026-Q4" in capsys.readouterr().err and not (tmp_path / "x").exists()
