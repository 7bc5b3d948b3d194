"""“Giấy xác nhận niêm yết”: where and when one notice was shown, by the boards' own signed records (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ...wire import canonical, sha256
from ..notice import Notice
from . import cells, wording
from .cells import COUNT, HOURS, MINUTES, MOMENT, TEXT, Value
from .facts import Board, Commune, Play, Told
from .pack import STANDINGS, Pack
from .periods import midnight
from .showing import Shown, posting_days, runs, shown
from .tables import Column, Table, archived, kept_from

_BOARDS = (
    Column("Bảng"), Column("Chiếu lần đầu", MOMENT), Column("Chiếu lần cuối", MOMENT),
    Column("Ngày có chiếu", COUNT), Column("Lượt", COUNT), Column("Phút", MINUTES), Column("Nhìn thấy đúng", HOURS),
    Column("Tự báo đúng", HOURS), Column("Ngày không chiếu"),
)  # fmt: skip
_HASHES = (
    Column("Bảng"), Column("Báo cáo đầu tiên kể lần chiếu", cells.HASH), Column("Báo cáo cuối cùng", cells.HASH),
)  # fmt: skip


@dataclass(frozen=True)
class Certificate:
    """What it says; `kept` is None where no rule has a least time, the posting is not over, or plays are archived."""

    commune: Commune
    notice: Notice
    asof: int  # ms
    about: tuple[tuple[str, Value], ...]
    boards: Table
    hashes: Table
    conclusion: str
    kept: bool | None

    @property
    def sha(self) -> str:
        """SHA-256 of what it says, without when it was made."""
        about = [[name, cells.plain(cells.VALUE, value)] for name, value in self.about]
        told = {"about": about, "boards": self.boards.plain(), "hashes": self.hashes.plain()}
        return sha256(canonical(told | {"statement": self.notice.statement, "commune": self.commune.code}))


def certificate(
    commune: Commune, notice: Notice, boards: Sequence[Board], plays: Iterable[Play], told: Iterable[Told],
    notices: Sequence[Notice], pack: Pack, asof: int,
) -> Certificate:  # fmt: skip
    """`plays`: at least those of the notice's files; `notices`: all that may have the same files."""
    found = shown(plays, notices)
    on = {board: one for (statement, board), one in found.items() if statement == notice.statement}
    days = posting_days(notice, 0, asof)
    known = posting_days(notice, midnight(kept_from(asof)), asof)  # of the others nothing can be said here
    shown_days = set().union(*(one.days for one in on.values())) if on else set()
    hours = list(told)
    listed = [b for b in boards if b.number in on or b.code in notice.boards]
    rows, hashes = [], []
    for board in listed:
        one = on.get(board.number, Shown())
        mine = [h for h in hours if h.board == board.number and h.day in one.days]
        rows.append((
            _named(board), one.first, one.last, len(one.days),
            one.plays, one.ms, sum(h.right for h in mine), sum(h.claimed for h in mine), gaps(known, one.days),
        ))  # fmt: skip
        if one.plays:
            hashes.append((board.name, one.sha_first, one.sha_last))
    total = (
        "Cộng", min((one.first for one in on.values() if one.first is not None), default=None),
        max((one.last for one in on.values() if one.last is not None), default=None), len(shown_days),
        sum(one.plays for one in on.values()), sum(one.ms for one in on.values()), None, None, gaps(known, shown_days),
    )  # fmt: skip
    kept, conclusion = _conclusion(notice, shown_days, pack, asof)
    return Certificate(
        commune, notice, asof, _about(notice, days, shown_days),
        Table("bang", "Các bảng đã chiếu", _BOARDS, tuple(rows), total),
        Table("bam", "Mã băm của bản ghi", _HASHES, tuple(hashes)), conclusion, kept,
    )  # fmt: skip


def _named(board: Board) -> str:
    """`Chợ Mẫu (Cổng chợ, Thôn 5)`"""
    where = ", ".join(filter(None, (board.site, board.hamlet)))
    return f"{board.name} ({where})" if where else board.name


def gaps(days: Sequence[date], shown_days: Iterable[date]) -> str:
    """Days without a play, as runs: `05/11–07/11, 09/11`; empty when there are none."""
    missing = runs(set(days) - set(shown_days))
    return ", ".join(f"{a:%d/%m}" if a == b else f"{a:%d/%m}–{b:%d/%m}" for a, b in missing)


def _about(notice: Notice, days: Sequence[date], shown_days: set[date]) -> tuple[tuple[str, Value], ...]:
    moments = (
        ("Duyệt", notice.approved), ("Phát hành lần đầu", notice.published), ("Hiệu lực từ", notice.start),
        ("Hiệu lực đến", notice.end), ("Thôi trước hạn", notice.ended),
    )  # fmt: skip
    return (
        ("Thông báo", Value(TEXT, notice.title)),
        ("Loại, lớp", Value(TEXT, f"{wording.kind(notice.kind) or 'Không ghi loại'}; {wording.klass(notice.klass)}")),
        ("Mã bản đã duyệt (SHA-256)", Value(TEXT, notice.statement)),
        *((name, Value(MOMENT, at)) for name, at in moments if at is not None),
        ("Ngày phải có đến nay", Value(COUNT, len(days))),
        ("Ngày có chiếu trên ít nhất một bảng", Value(COUNT, len(shown_days))),
    )


def _conclusion(
    notice: Notice, shown_days: set[date], pack: Pack, asof: int
) -> tuple[bool | None, str]:  # fmt: skip
    """Against the rule pack's least time; it claims no more than the days that were shown."""
    rule = pack.postings.get(notice.kind)
    count = len(shown_days)
    gone = notice.start < midnight(kept_from(asof))
    unsure = f"{archived(asof)}, không kết luận được; từ ngày đó đã chiếu trong {count} ngày"
    if rule is None:
        if gone:
            return None, f"{unsure}."
        return None, f"Đã chiếu trong {count} ngày. Bộ quy tắc không đặt số ngày ít nhất cho loại thông báo này."
    source = f"{rule.source.name}; {STANDINGS[rule.source.standing]}"
    if count >= rule.days:
        return True, f"Đã chiếu trong {count} ngày, không ít hơn {rule.days} ngày của bộ quy tắc ({source})."
    if gone:
        return None, f"{unsure} ({source})."
    over = notice.until <= asof
    short = f"Mới chiếu trong {count} trên {rule.days} ngày của bộ quy tắc ({source})"
    return (False, f"{short}; thông báo đã hết hiệu lực.") if over else (None, f"{short}; còn đang niêm yết.")
