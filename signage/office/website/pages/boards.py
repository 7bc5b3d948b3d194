"""What the boards show now: each board's rotation in small pictures, and two of them on the home page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...showing import Picture, Showing, Turn
from ..views import Published
from .page import Output, Page

ON_HOME = 2  # boards on the home page


def boards(
    shown: Sequence[Showing], live: Mapping[str, Published], hamlets: dict[str, str]
) -> tuple[Page, dict[str, Output]]:  # fmt: skip
    """The page and its pictures; `live`: the notices that have a page, by id."""
    told = [
        {
            "id": one.board.id, "name": one.board.name, "place": one.board.site,
            "hamlet": hamlets.get(one.board.hamlet or "", ""), "safe": one.safe,
            "turns": [_turn(turn, one, live) for turn in one.turns],
        }
        for one in shown
    ]  # fmt: skip
    sources = sorted({turn.statement for one in shown for turn in one.turns})
    files: dict[str, Output] = {}
    for one in shown:
        for turn in one.turns:
            before = files.get(turn.picture.name, Output.of(b""))
            files[turn.picture.name] = Output.of(turn.picture.data, (*before.sources, turn.statement))
    return Page("bang-tin.html", "boards.html", tuple(sources), values={"boards": told}), files


def home(shown: Sequence[Showing]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The first boards that show anything, each with its weightiest notice; and the statements that it is of."""
    chosen = [(one, max(one.turns, key=lambda turn: turn.weight)) for one in shown if one.turns][:ON_HOME]
    told = [{**_picture(turn.picture, one), "id": one.board.id, "name": one.board.name,
             "alt": f"Bảng {one.board.name}: {turn.title}"} for one, turn in chosen]  # fmt: skip
    return told, tuple(turn.statement for _, turn in chosen)


def _turn(turn: Turn, one: Showing, live: Mapping[str, Published]) -> dict[str, Any]:
    url = live[turn.notice].notice.url if turn.notice in live else ""
    return {**_picture(turn.picture, one), "title": turn.title, "url": url}


def _picture(picture: Picture, one: Showing) -> dict[str, Any]:
    return {"src": picture.name, "width": picture.width, "height": picture.height,
            "matrix": one.board.mode.shape.kind == "led"}  # fmt: skip
