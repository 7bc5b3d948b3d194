"""What a settings file would change, told before it is done. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import Problem
from .file import BoardSetting, FleetFile, GroupSetting

FIELDS = ("name", "site", "hamlet", "shape", "metered", "retired", "latitude", "longitude", "mute")
NOTHING = {"metered": False, "retired": False, "latitude": None, "longitude": None, "mute": ()}


@dataclass(frozen=True)
class Change:
    """One value that would be another. `what`: board | group; `key`: which; `was` None: it is new."""

    what: str
    key: str
    field: str
    was: Any
    now: Any


def problems(there: FleetFile, wanted: FleetFile, file: str) -> list[Problem]:
    """What the file asks for that this hub cannot do: boards that it does not know."""
    known = {board.key for board in there.boards}
    found = [
        Problem("fleet-board-unknown", file, None, f"board[{i}]", values={"board": board.key})
        for i, board in enumerate(wanted.boards)
        if board.key not in known
    ]
    for i, group in enumerate(wanted.groups):
        found += [
            Problem("fleet-board-unknown", file, None, f"group[{i}].boards", values={"board": key})
            for key in group.boards
            if key not in known
        ]
    return found


def changes(there: FleetFile, wanted: FleetFile) -> list[Change]:
    """In the order of the file."""
    boards = {board.key: board for board in there.boards}
    groups = {group.key: group for group in there.groups}
    found: list[Change] = []
    for board in wanted.boards:
        if known := boards.get(board.key):
            found += _of_board(known, board)
    for group in wanted.groups:
        found += _of_group(groups.get(group.key), group)
    return found


def _of_board(there: BoardSetting, wanted: BoardSetting) -> list[Change]:
    found = []
    for name in FIELDS:
        new = getattr(wanted, name)
        old = getattr(there, name)
        old = NOTHING.get(name, "") if old is None else old
        if new is not None and new != old:
            found.append(Change("board", wanted.key, name, old, new))
    return found


def _of_group(there: GroupSetting | None, wanted: GroupSetting) -> list[Change]:
    if there is None:
        return [Change("group", wanted.key, "boards", None, wanted.boards)] + (
            [Change("group", wanted.key, "mute", (), wanted.mute)] if wanted.mute else []
        )
    found = []
    if sorted(there.boards) != sorted(wanted.boards):
        found.append(Change("group", wanted.key, "boards", there.boards, wanted.boards))
    if wanted.mute is not None and there.mute != wanted.mute:
        found.append(Change("group", wanted.key, "mute", there.mute, wanted.mute))
    return found
