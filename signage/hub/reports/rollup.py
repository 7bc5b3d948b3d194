"""All communes of a hub side by side: their sums, and who has not handed in (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...wire import canonical, sha256
from .cells import COUNT, HOURS, MINUTES, MOMENT, MONEY, SHARE, said
from .facts import Commune
from .figures import Figures
from .handed import Submission
from .pack import Pack
from .periods import Period
from .tables import Column, Table, archived, kept_from, until
from .times import Times

_COLUMNS = (
    Column("Mã"), Column("Xã"), Column("Bảng", COUNT), Column("Có báo về", COUNT), Column("Phải chiếu", HOURS),
    Column("Đúng, nhìn thấy", HOURS), Column("Đúng, tự báo", HOURS), Column("Sai hình", HOURS),
    Column("Không nghe thấy", HOURS), Column("Tỷ lệ nhìn thấy đúng", SHARE), Column("Tỷ lệ có chiếu", SHARE),
    Column("Thông báo", COUNT), Column("Lượt", COUNT), Column("Phút", MINUTES), Column("Muộn", COUNT),
    Column("Gián đoạn", COUNT), Column("Báo động", COUNT), Column("Nộp lúc", MOMENT),
)  # fmt: skip


@dataclass(frozen=True)
class RollUp:
    """A province's report, or that of the communes a viewer may see."""

    name: str
    period: Period
    asof: int
    sample: bool
    communes: Table
    by_hand: Table
    missing: tuple[Commune, ...]  # who has not handed in
    handed: int

    @property
    def until(self) -> str:
        """Up to when it counts, in words."""
        return until(self.period, self.asof)

    @property
    def summary(self) -> str:
        """The paragraph that a person would write first."""
        columns = [column.name for column in self.communes.columns]
        total = dict(zip(columns, self.communes.total or (), strict=True))
        kinds = dict(zip(columns, (column.kind for column in self.communes.columns), strict=True))
        told = {name: said(kinds[name], value) for name, value in total.items()}
        gone = f" {archived(self.asof)}, không tính ở đây." if self.period.first < kept_from(self.asof) else ""
        return (
            f"Các xã có {told['Bảng']} bảng tin điện tử đang dùng, {told['Có báo về']} bảng có báo về; phải chiếu "
            f"{told['Phải chiếu']} giờ, nhìn thấy đúng hình {told['Tỷ lệ nhìn thấy đúng']}, kể cả tự báo "
            f"{told['Tỷ lệ có chiếu']}. Có {told['Thông báo']} thông báo, được chiếu {told['Lượt']} lượt, "
            f"{told['Phút']} phút; {told['Báo động']} báo động.{gone}"
        )

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        return (self.communes, self.by_hand)

    @cached_property
    def sha(self) -> str:
        """SHA-256 of what it says, without when it was made."""
        told = {table.ident: table.plain() for table in self.tables}
        return sha256(canonical({"period": self.period.code, "tables": told}))


class Summing:
    """Takes one commune's figures after the other, so that no more than one is in memory."""

    def __init__(self, period: Period, asof: int, pack: Pack, handed: Mapping[str, Submission], name: str = "") -> None:
        self._period, self._asof, self._pack, self._handed, self._name = period, asof, pack, handed, name
        self._rows: list[tuple[Any, ...]] = []
        self._total = Times()
        self._hands: list[tuple[Commune, dict[str, str]]] = []
        self._communes: list[Commune] = []

    def add(self, of: Figures) -> None:
        """One more commune."""
        commune, times = of.facts.commune, of.total
        self._total.add(times)
        self._communes.append(commune)
        self._hands.append((commune, of.facts.by_hand))
        handed = self._handed.get(commune.code)
        self._rows.append((
            commune.code, commune.name, len(of.boards), of.heard_boards, times.expected, times.right, times.claimed,
            times.wrong, times.silent, times.seen_share, times.shown_share, len(of.notices), of.plays, of.ms,
            len(of.late), sum(one.times for one in of.outages.values()), len(of.began), handed.at if handed else None,
        ))  # fmt: skip

    def done(self) -> RollUp:
        """All together."""
        total, rows = self._total, self._rows
        places = [at for at, column in enumerate(_COLUMNS) if column.kind in (COUNT, HOURS, MINUTES)]
        sums = [sum(row[at] for row in rows) for at in places]
        whole = ("", "Cộng", *sums[:7], total.seen_share, total.shown_share, *sums[7:], None)
        missing = tuple(one for one in self._communes if one.code not in self._handed)
        return RollUp(
            self._name, self._period, self._asof, any(one.sample for one in self._communes),
            Table("cac-xa", "Các xã", _COLUMNS, tuple(rows), whole, wide=True,
                  says="Đơn vị giờ, trừ chỗ ghi khác. Số thông báo cộng theo xã."),
            self._filled(), missing, len(self._communes) - len(missing),
        )  # fmt: skip

    def _filled(self) -> Table:
        """What was filled in, numbers only: a text does not add up."""
        fields = [field for field in self._pack.fields if field.kind != "text"]
        columns = tuple(
            Column(f"{f.name} ({f.unit})" if f.unit else f.name, MONEY if f.kind == "money" else COUNT) for f in fields
        )
        rows = [
            (commune.code, commune.name, *(_whole(kept.get(field.ident)) for field in fields))
            for commune, kept in self._hands
        ]  # fmt: skip
        whole: list[int | None] = []
        for field in fields:
            told = [number for _, kept in self._hands if (number := _whole(kept.get(field.ident))) is not None]
            whole.append(sum(told) if told else None)
        return Table(
            "dien-tay", "Điền tay", (Column("Mã"), Column("Xã"), *columns), tuple(rows), ("", "Cộng", *whole),
            says="Ô trống: xã chưa điền; tổng chỉ cộng các xã đã điền.", wide=True,
        )  # fmt: skip


def _whole(kept: str | None) -> int | None:
    return int(kept) if kept is not None and kept.isdecimal() else None
