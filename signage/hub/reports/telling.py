"""A period's figures told as tables, in Vietnamese (pure)."""

from __future__ import annotations

from typing import Any

from . import cells, wording
from .cells import COUNT, DAY, HOURS, LASTED, MINUTES, MOMENT, SHARE, VALUE, Value
from .figures import Figures, NoticeFigures, Outage, Pace, Sum
from .pack import STANDINGS, Pack
from .tables import Column, Report, Table, archived, kept_from
from .times import Times


def report(of: Figures, pack: Pack) -> Report:
    """A commune's report."""
    facts = of.facts
    names = {wording.ident(board.hamlet): board.hamlet for board in facts.boards if board.hamlet}
    tables = (
        _main(of), _boards(of), _days(of),
        _by(of, "theo-lop", "Theo lớp", "Lớp", lambda n: [wording.klass(n.notice.klass)]),
        _by(of, "theo-muc", "Theo mục", "Mục", lambda n: [wording.category(n.notice.category)]),
        _by(of, "theo-thon", "Theo thôn", "Thôn", lambda n: wording.hamlets(n.notice.hamlets, names)),
        _cube(of, names), _notices(of, names), _notices_by_board(of), _postings(of), _late(of), _outages(of),
        _incidents(of), _by_hand(of, pack),
    )  # fmt: skip
    return Report(facts.commune, facts.period, facts.asof, tables, of.days, _summary(of))


def _summary(of: Figures) -> tuple[str, ...]:
    """The paragraph that a person would write first."""
    times, name = of.total, of.facts.period.name
    boards = f"Trong {name}, {of.facts.commune.name} có {len(of.boards)} bảng tin điện tử đang dùng, {of.heard_boards} "
    boards += f"bảng có báo về. Các bảng phải chiếu {cells.said(HOURS, times.expected)} giờ"
    if times.expected:
        boards += (
            f"; nhìn thấy đúng hình {cells.said(HOURS, times.right)} giờ ({cells.said(SHARE, times.seen_share)}), "
        )
        boards += f"kể cả tự báo là {cells.said(HOURS, times.showed)} giờ ({cells.said(SHARE, times.shown_share)})"
    notices = f"Có {len(of.notices)} thông báo trong kỳ, được chiếu {cells.said(COUNT, of.plays)} lượt, "
    notices += f"{cells.said(MINUTES, of.ms)} phút; {len(of.late)} thông báo phát hành muộn, {len(of.never_shown)} "
    notices += f"thông báo chưa chiếu lần nào. Có {len(of.began)} báo động bắt đầu trong kỳ, "
    notices += f"{sum(bool(one.acknowledged) for one in of.began)} đã có người nhận xử lý."
    if of.facts.period.first < kept_from(of.facts.asof):
        notices += f" {archived(of.facts.asof)}, không tính ở đây."
    return f"{boards}.", notices


def _main(of: Figures) -> Table:
    times, told = of.total, of.facts.alarms
    drills = sum(n.notice.drill for n in of.notices)
    rows: list[tuple[str, Value]] = [
        ("Bảng đang dùng trong kỳ", Value(COUNT, len(of.boards))),
        ("Bảng có báo về trong kỳ", Value(COUNT, of.heard_boards)),
        ("Giờ tính của mọi bảng", Value(HOURS, times.whole)),
        ("Giờ tắt theo lịch", Value(HOURS, times.dark)),
        ("Giờ phải chiếu", Value(HOURS, times.expected)),
        ("Giờ đúng hình, nhìn thấy", Value(HOURS, times.right)),
        ("Giờ đúng hình, tự báo", Value(HOURS, times.claimed)),
        ("Giờ sai hình (đen, lạ, đứng)", Value(HOURS, times.wrong)),
        ("Giờ không rõ", Value(HOURS, times.unknown)),
        ("Giờ không nghe thấy bảng", Value(HOURS, times.silent)),
        ("Tỷ lệ nhìn thấy đúng", Value(SHARE, times.seen_share)),
        ("Tỷ lệ có chiếu", Value(SHARE, times.shown_share)),
        ("Giờ chiếu khẩn cấp", Value(HOURS, times.emergency)),
        ("Thông báo trong kỳ", Value(COUNT, len(of.notices))),
        ("trong đó diễn tập", Value(COUNT, drills)),
        ("Lượt chiếu", Value(COUNT, of.plays)),
        ("Phút chiếu", Value(MINUTES, of.ms)),
        *_paced("trình đến duyệt", of.approving),
        *_paced("duyệt đến phát hành", of.publishing),
        ("Thông báo phát hành muộn", Value(COUNT, len(of.late))),
        ("Thông báo chưa chiếu lần nào", Value(COUNT, len(of.never_shown))),
        ("Gián đoạn (lần)", Value(COUNT, sum(one.times for one in of.outages.values()))),
        ("Báo động bắt đầu trong kỳ", Value(COUNT, len(of.began))),
        ("Báo động đã có người nhận", Value(COUNT, sum(bool(one.acknowledged) for one in told))),
        ("Từ báo động đến người nhận, mức giữa", Value(LASTED, of.acknowledging.median)),
    ]
    return Table("tong-hop", "Số liệu chính", (Column("Chỉ tiêu"), Column("Số liệu", VALUE)), tuple(rows))


def _paced(name: str, pace: Pace) -> list[tuple[str, Value]]:
    return [
        (f"Từ {name}: số thông báo", Value(COUNT, pace.count)),
        (f"Từ {name}: mức giữa", Value(LASTED, pace.median)),
        (f"Từ {name}: lâu nhất", Value(LASTED, pace.longest)),
    ]


_TIMES = (
    Column("Giờ tính", HOURS, aside=True), Column("Tắt theo lịch", HOURS, aside=True), Column("Phải chiếu", HOURS),
    Column("Đúng, nhìn thấy", HOURS), Column("Đúng, tự báo", HOURS), Column("Sai hình", HOURS),
    Column("Không rõ", HOURS), Column("Không nghe thấy", HOURS), Column("Tỷ lệ nhìn thấy đúng", SHARE),
    Column("Tỷ lệ có chiếu", SHARE), Column("Khẩn cấp", HOURS, aside=True), Column("Báo cáo", COUNT, aside=True),
)  # fmt: skip


def times_row(times: Times) -> tuple[Any, ...]:
    """Of `TIMES`, in their order."""
    return (
        times.whole, times.dark, times.expected, times.right, times.claimed, times.wrong, times.unknown, times.silent,
        times.seen_share, times.shown_share, times.emergency, times.reports,
    )  # fmt: skip


def _boards(of: Figures) -> Table:
    rows = [
        (one.board.code, one.board.name, one.board.site, one.board.hamlet, *times_row(one.times), one.notices,
         one.plays, one.ms)
        for one in of.boards
    ]  # fmt: skip
    return Table(
        "theo-bang", "Từng bảng", (
            Column("Mã", aside=True), Column("Bảng"), Column("Nơi đặt", aside=True), Column("Thôn"), *_TIMES,
            Column("Thông báo", COUNT),
            Column("Lượt", COUNT), Column("Phút chiếu", MINUTES),
        ),
        tuple(rows), ("", "Cộng", "", "", *times_row(of.total), None, of.plays, of.ms), wide=True,
        says="Đơn vị giờ, trừ chỗ ghi khác. Số thông báo không cộng: một thông báo có thể ở nhiều bảng.",
    )  # fmt: skip


def _days(of: Figures) -> Table:
    rows = tuple((day, *times_row(times)) for day, times in of.days.items())
    return Table(
        "theo-ngay", "Từng ngày, mọi bảng", (Column("Ngày", DAY), *_TIMES), rows, file_only=True,
    )  # fmt: skip


def _by(of: Figures, ident: str, title: str, name: str, keys: Any) -> Table:
    """Notices, plays and minutes by something that a notice has one or more of."""
    found: dict[str, Sum] = {}
    whole = Sum()
    for one in of.notices:
        whole.add(one.notice.statement, one.plays, one.ms)
        for key in keys(one):
            found.setdefault(key, Sum()).add(one.notice.statement, one.plays, one.ms)
    for shown in of.unknown.values():
        whole.add(None, shown.plays, shown.ms)
        found.setdefault(wording.NO_NOTICE, Sum()).add(None, shown.plays, shown.ms)
    rows = tuple((key, len(one.notices), one.plays, one.ms) for key, one in sorted(found.items()))
    columns = (Column(name), Column("Thông báo", COUNT), Column("Lượt chiếu", COUNT), Column("Phút chiếu", MINUTES))
    return Table(ident, title, columns, rows, ("Trong kỳ", len(whole.notices), whole.plays, whole.ms))


def _cube(of: Figures, names: dict[str, str]) -> Table:
    """Class × category × hamlets × board; every play stands in exactly one row."""
    board_of = {one.board.number: one.board.name for one in of.boards}
    found: dict[tuple[str, str, str, str], Sum] = {}
    for one in of.notices:
        notice = one.notice
        scope = ", ".join(wording.hamlets(notice.hamlets, names))
        for board, shown in one.on.items():
            key = (wording.klass(notice.klass), wording.category(notice.category), scope, board_of[board])
            found.setdefault(key, Sum()).add(notice.statement, shown.plays, shown.ms)
    for board, shown in of.unknown.items():
        key = (wording.NO_CLASS, wording.NO_NOTICE, "", board_of[board])
        found.setdefault(key, Sum()).add(None, shown.plays, shown.ms)
    rows = tuple((*key, len(one.notices), one.plays, one.ms) for key, one in sorted(found.items()))
    return Table(
        "lop-muc-thon-bang", "Lớp × mục × thôn × bảng", (
            Column("Lớp"), Column("Mục"), Column("Thôn"), Column("Bảng"), Column("Thông báo", COUNT),
            Column("Lượt chiếu", COUNT), Column("Phút chiếu", MINUTES),
        ),
        rows, ("Cộng", "", "", "", None, of.plays, of.ms), file_only=True,
    )  # fmt: skip


def _notices(of: Figures, names: dict[str, str]) -> Table:
    rows = []
    for one in of.notices:
        notice = one.notice
        rows.append((
            f"{'DIỄN TẬP: ' if notice.drill else ''}{notice.title}", wording.klass(notice.klass),
            wording.category(notice.category), ", ".join(wording.hamlets(notice.hamlets, names)), len(one.on),
            one.plays, one.ms, one.first, one.last, notice.submitted, notice.approved, notice.published,
            notice.start, notice.until, notice.statement,
        ))  # fmt: skip
    columns = (
        Column("Thông báo"), Column("Lớp"), Column("Mục", aside=True), Column("Thôn"),
        Column("Số bảng đã chiếu", COUNT), Column("Lượt", COUNT), Column("Phút", MINUTES),
        Column("Chiếu lần đầu", MOMENT), Column("Chiếu lần cuối", MOMENT), Column("Trình", MOMENT, aside=True),
        Column("Duyệt", MOMENT, aside=True), Column("Phát hành", MOMENT), Column("Hiệu lực từ", MOMENT, aside=True),
        Column("Hiệu lực đến", MOMENT, aside=True), Column("Mã", cells.HASH),
    )  # fmt: skip
    shown = sum(one.plays for one in of.notices), sum(one.ms for one in of.notices)
    total = ("Cộng", "", "", "", None, *shown, *(None,) * 7, "")
    return Table("thong-bao", "Từng thông báo", columns, tuple(rows), total, wide=True)


def _notices_by_board(of: Figures) -> Table:
    boards = {one.board.number: one.board for one in of.boards}
    rows = [
        (one.notice.title, boards[number].name, len(shown.days), shown.plays, shown.ms, shown.first, shown.last,
         shown.sha_first, shown.sha_last, one.notice.statement)
        for one in of.notices
        for number, shown in sorted(one.on.items())
    ]  # fmt: skip
    return Table(
        "thong-bao-tung-bang", "Từng thông báo trên từng bảng", (
            Column("Thông báo"), Column("Bảng"), Column("Ngày có chiếu", COUNT), Column("Lượt", COUNT),
            Column("Phút", MINUTES), Column("Lần đầu", MOMENT), Column("Lần cuối", MOMENT),
            Column("Báo cáo đầu (SHA-256)", cells.HASH), Column("Báo cáo cuối (SHA-256)", cells.HASH),
            Column("Mã thông báo", cells.HASH),
        ),
        tuple(rows), file_only=True,
    )  # fmt: skip


def _postings(of: Figures) -> Table:
    """Of kinds that have a least time: what was kept in this period, and what is left."""
    rows = [
        (one.notice.title, wording.kind(one.notice.kind), one.posting.days, one.notice.start, one.notice.until,
         len(one.days), len(one.shown_days), len(set(one.days) - one.shown_days),
         f"{one.posting.source.name} ({STANDINGS[one.posting.source.standing]})")
        for one in of.notices if one.posting
    ]  # fmt: skip
    return Table(
        "niem-yet", "Thời hạn niêm yết", (
            Column("Thông báo"), Column("Loại"), Column("Ít nhất (ngày)", COUNT), Column("Hiệu lực từ", MOMENT),
            Column("Hiệu lực đến", MOMENT), Column("Ngày phải có trong kỳ", COUNT), Column("Ngày có chiếu", COUNT),
            Column("Ngày thiếu", COUNT), Column("Nguồn của thời hạn"),
        ),
        tuple(rows), wide=True,
        says="Ngày có chiếu: ít nhất một bảng đã chiếu. Cả thời gian niêm yết xem ở Giấy xác nhận của từng thông báo.",
    )  # fmt: skip


def _late(of: Figures) -> Table:
    def row(one: NoticeFigures, what: str, late: int | None) -> tuple[Any, ...]:
        waits = ", ".join(board.name for board in one.missing)
        return (one.notice.title, what, one.notice.start, one.notice.approved, one.notice.published, late, waits)

    rows = [row(one, "Phát hành muộn", one.late) for one in of.late]
    rows += [row(one, "Chưa chiếu lần nào", None) for one in of.never_shown]
    rows += [row(one, "Có bảng chưa chiếu", None) for one in of.notices if one.missing and one.plays]
    return Table(
        "muon", "Muộn, chưa chiếu", (
            Column("Thông báo"), Column("Việc gì"), Column("Hiệu lực từ", MOMENT), Column("Duyệt", MOMENT),
            Column("Phát hành", MOMENT), Column("Muộn", LASTED), Column("Bảng chưa chiếu"),
        ),
        tuple(rows), wide=True,
    )  # fmt: skip


def _outages(of: Figures) -> Table:
    def row(key: tuple[str, str, str], one: Outage) -> tuple[Any, ...]:
        kind, code, cause = key
        why = wording.CAUSE.get(cause, cause) if kind == "contact" or cause else ""
        return (wording.outage(kind, code), why, len(one.boards), one.times, one.ms, one.longest)

    return Table(
        "gian-doan", "Gián đoạn và nguyên nhân", (
            Column("Gián đoạn"), Column("Nguyên nhân"), Column("Số bảng", COUNT), Column("Lần", COUNT),
            Column("Giờ", HOURS), Column("Lâu nhất", LASTED),
        ),
        tuple(row(key, one) for key, one in of.outages.items()),
        says="Chỉ tính phần nằm trong kỳ; nhiều gián đoạn có thể cùng lúc nên không cộng. Mất liên lạc không có nghĩa "
        "là bảng tắt: bảng vẫn tự chiếu bản đã có.",
    )  # fmt: skip


def _incidents(of: Figures) -> Table:
    names = {one.board.number: one.board.name for one in of.boards}
    rows = []
    for one in of.facts.alarms:
        done = "; ".join(
            f"{act.who}, {cells.said(MOMENT, act.at)}{f': {act.note}' if act.note else ''}" for act in one.acknowledged
        )
        rows.append((
            one.since, names.get(one.board or 0, ""), wording.LEVEL.get(one.level, str(one.level)),
            one.says or one.code, one.until, one.until - one.since if one.until else None, one.times,
            done or "Chưa ai nhận",
        ))  # fmt: skip
    return Table(
        "su-co", "Báo động và việc đã làm", (
            Column("Bắt đầu", MOMENT), Column("Bảng"), Column("Mức"), Column("Việc gì"), Column("Hết", MOMENT),
            Column("Kéo dài", LASTED), Column("Lần", COUNT), Column("Ai nhận, đã làm gì"),
        ),
        tuple(rows), wide=True,
    )  # fmt: skip


def _by_hand(of: Figures, pack: Pack) -> Table:
    rows = [(f.group, f.name, f.cell(of.facts.by_hand.get(f.ident))) for f in pack.fields]
    return Table(
        "dien-tay", "Điền tay", (Column("Nhóm"), Column("Mục"), Column("Đã điền", VALUE)), tuple(rows),
        says="Điều bảng không biết; người điền chịu trách nhiệm.",
    )  # fmt: skip
