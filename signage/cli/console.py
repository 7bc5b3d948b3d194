"""The status on a terminal: one picture that stays in place and changes quietly.

Everything else that this process and those it starts would print goes into the picture's last lines, so that nothing
is written across it.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections import deque
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import TracebackType

from rich.console import Console, ConsoleDimensions, Group
from rich.live import Live
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..errors import Language, Problem
from ..schedule import VIETNAM_TIME
from . import status
from .output import plain
from .status import Picture

LAST = 6  # lines of what happened, as many as there is room for
KEPT = 200  # of them remembered, each at most so many characters
MAX_LINE = 300
WIDE = 90  # columns from which a notice and who is waited for stand beside each other
MAX_NAME = 44  # columns of a title beside what is said of it
REFRESH_HZ = 1  # times a second: a clock that goes


class _Terminal(Console):
    """As large as the terminal on which it draws is now, whatever stands in the environment."""

    @property
    def size(self) -> ConsoleDimensions:
        columns, rows = os.get_terminal_size(self.file.fileno())
        return ConsoleDimensions(columns or 80, rows or 24)

    @size.setter
    def size(self, new: tuple[int, int]) -> None:
        """It is the terminal that has a size."""


class Screen(AbstractContextManager["Screen"]):
    """Takes the terminal for itself while it is open."""

    def __init__(self, args: argparse.Namespace, commune: str, *, asks: bool = False) -> None:
        """`asks`: there is a hub that can be asked about boards."""
        self._asks = asks
        self._lang: Language = args.lang
        self._picture = Picture(commune)
        self._log: deque[tuple[datetime, str]] = deque(maxlen=KEPT)
        self._told: set[str] = set()

    def __enter__(self) -> Screen:
        sys.stdout.flush()
        self._saved = os.dup(1), os.dup(2)
        terminal = os.fdopen(os.dup(1), "w", encoding="utf-8")  # before the pipe takes its place
        self._console = _Terminal(file=terminal, force_terminal=True, highlight=False)
        heard, speaks = os.pipe()
        for number in (1, 2):
            os.dup2(speaks, number)
        os.close(speaks)
        try:
            threading.Thread(target=self._listen, args=(heard,), name="printed", daemon=True).start()
            self._live = Live(
                get_renderable=self._drawn, console=self._console, screen=True, refresh_per_second=REFRESH_HZ,
                redirect_stdout=False, redirect_stderr=False,
            )  # fmt: skip
            self._live.start()
        except BaseException:
            self._give_back()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
        self._give_back()
        for at, line in list(self._log)[-LAST:]:  # the picture is gone: its last lines stay
            print(f"{at:%H:%M:%S}  {line}")

    def _give_back(self) -> None:
        sys.stdout.flush()
        for number, saved in zip((1, 2), self._saved, strict=True):
            os.dup2(saved, number)
            os.close(saved)
        self._console.file.close()

    def show(self, picture: Picture, problems: list[Problem]) -> None:
        if picture.at != self._picture.at:
            vi = self._lang == "vi"
            took = status.seconds(picture.took, self._lang)
            self._happened(f"Đã phát hành số {picture.number}, {took}" if vi else f"Published {picture.number}, {took}")
            told = {p.told(self._lang).split("\n", 1)[0] for p in problems if p.severity == "error"}
            for line in sorted(told - self._told):
                self._happened(f"✗ {line}")
            self._told = told
        self._picture = picture
        self._live.refresh()

    def _happened(self, line: str) -> None:
        self._log.append((_local(datetime.now(UTC)), plain(line[:MAX_LINE])))

    def _listen(self, heard: int) -> None:
        with os.fdopen(heard, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.strip():
                    self._happened(line.strip())

    # ── drawing ──────────────────────────────────────────────────────────────────────────────────

    def _drawn(self) -> Group:
        now, picture = datetime.now(UTC), self._picture
        head = Table.grid(expand=True)
        head.add_column(ratio=1)
        head.add_column(justify="right")
        what = self._in("máy văn phòng tự phát hành", "the office publishes by itself")
        head.add_row(Text(f"{picture.commune} · {what}", style="bold"), Text(f"{_local(now):%H:%M:%S}"))
        stop = self._in("Ctrl-C để dừng: bảng và trang vẫn giữ những gì đã phát hành.", "Ctrl-C stops.")
        return Group(
            head, Rule(style="dim"), self._last(picture, now), "", *self._waiting(picture, now), "",
            *self._boards(picture, now), "", *self._happenings(), "", Text(stop, style="dim"),
        )  # fmt: skip

    def _in(self, vi: str, en: str) -> str:
        return vi if self._lang == "vi" else en

    def _last(self, picture: Picture, now: datetime) -> Table:
        rows = _grid()
        if picture.at is None:
            rows.add_row(self._in("Đang làm", "Doing"), self._in("phát hành lần đầu …", "the first publication …"))
        else:
            at, took = status.clock(picture.at, now, self._lang), status.seconds(picture.took, self._lang)
            words = self._in(f"số {picture.number} lúc {at}, {took}", f"number {picture.number} at {at}, {took}")
            rows.add_row(self._in("Phát hành", "Published"), words)
            if told := status.stages(picture, self._lang):
                rows.add_row("", Text(told, style="dim"))
            words = self._in(f"{picture.notices} thông báo và trang", f"{picture.notices} notices and pages")
            rows.add_row(self._in("Trên trang", "On the site"), words)
        if picture.compared:
            rows.add_row(self._in("Ban đêm", "Last night"), self._in(*picture.compared))
        if picture.trouble:
            rows.add_row(Text(self._in("Không xong", "Failed"), style="bold red"), Text(picture.trouble, style="red"))
        if picture.next_change:
            at = status.clock(picture.next_change, now, self._lang)
            rows.add_row(self._in("Tiếp theo", "Next"), self._in(f"{at} có tin bắt đầu hay hết hạn", at))
        if picture.drafts:
            vi = f"{picture.drafts} tin chưa trình hoặc đã sửa sau khi duyệt (xem: bangtin check)"
            en = f"{picture.drafts} not submitted, or changed since (see: bangtin check)"
            rows.add_row(self._in("Đang soạn", "Drafts"), self._in(vi, en))
        return rows

    def _waiting(self, picture: Picture, now: datetime) -> list[Text | Table]:
        count = len(picture.waits)
        if not count:
            return [Text(self._in("Không có gì chờ duyệt.", "Nothing waits for approval."))]
        wide = self._console.size.width >= WIDE
        rows = _grid(mark=True, cut=wide)
        for one in picture.waits[: self._room(3)]:
            words = Text(status.waits_words(one, now, self._lang), style="dim")
            rows.add_row(Text("●", style="yellow"), Text(one.title), *([words] if wide else []))
            if not wide:
                rows.add_row("", words)
        self._rest(rows, count)
        return [Text(self._in(f"Chờ duyệt: {count}", f"Waiting for approval: {count}"), style="bold"), rows]

    def _boards(self, picture: Picture, now: datetime) -> list[Text | Table]:
        if picture.boards is None or picture.number is None:
            if self._asks and not picture.unheard:
                return [Text(self._in("Bảng nào đã có: đang hỏi …", "Boards: asking …"), style="dim")]
            why = picture.unheard or self._in("chưa khai hub trong bangtin.toml", "no hub in bangtin.toml")
            told = self._in(f"Bảng nào đã có: không hỏi được ({why})", f"Boards: nobody to ask ({why})")
            return [Text(told, style="dim")]
        good = [one for one in picture.boards if status.has(one, picture)]
        count, whole = len(good), len(picture.boards)
        title = self._in(f"Bảng: {count} trên {whole} đã có số {picture.number}",
                         f"Boards: {count} of {whole} have number {picture.number}")  # fmt: skip
        rows = _grid(mark=True)
        for one in sorted(picture.boards, key=lambda one: (one in good, one.name))[: self._room(3)]:
            mark, style = _mark(one, picture)
            words = Text(status.board_words(one, picture, now, self._lang), style="dim")
            rows.add_row(Text(mark, style=style), Text(one.name), words)
        self._rest(rows, whole)
        doubt = [Text(f"! {picture.unheard}", style="yellow")] if picture.unheard else []
        return [Text(title, style="bold"), rows, *doubt]

    def _happenings(self) -> list[Text | Table]:
        rows = _grid()
        for at, line in list(self._log)[-min(LAST, self._room(3)) :]:
            rows.add_row(Text(f"{at:%H:%M:%S}"), Text(line, overflow="ellipsis", no_wrap=True))
        return [Text(self._in("Vừa qua", "Lately"), style="bold"), rows]

    def _rest(self, rows: Table, count: int) -> None:
        """How many of a list there was no room for."""
        if (left := count - self._room(3)) > 0:
            rows.add_row("", self._in(f"… và {left} nữa", f"… and {left} more"), "")

    def _room(self, parts: int) -> int:
        """Rows for each of so many lists on this terminal."""
        return max(2, (self._console.size.height - 16) // parts)


def _mark(board: status.Reached, picture: Picture) -> tuple[str, str]:
    """A sign, and its style; the words beside it say the same."""
    if status.has(board, picture):
        return "✓", "green"
    if board.heard is None:
        return "·", "dim"
    return ("…", "yellow") if board.contact in status.HEARD else ("✗", "red")


def _grid(*, mark: bool = False, cut: bool = True) -> Table:
    """Rows of a name, or of a mark and a name that is `cut` short, and what is said of it."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True, style="" if mark else "dim")
    rows.add_column(no_wrap=mark and cut, overflow="ellipsis", max_width=MAX_NAME if mark and cut else None)
    return rows


def _local(moment: datetime) -> datetime:
    return moment.astimezone(VIETNAM_TIME)
