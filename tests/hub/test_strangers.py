"""What somebody without a board's key, or with its old one, can do to the intake: nothing that lasts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from signage.hub.intake import PATH, Intake
from signage.hub.keyring import LOOK_UPS_BURST, Keyring
from signage.hub.ledger import Ledger
from signage.hub.store import open_store


@pytest.fixture
def takes(tmp_path: Path, new_board: Callable[..., Any]) -> Iterator[tuple[Intake, Any]]:
    """The intake of a hub, and the one board that it knows."""
    with open_store(tmp_path / "hub") as store:
        board = new_board("cong-xa")
        board.enroll(store)
        keyring, ledger = Keyring(store), Ledger(store)
        keyring.load()
        ledger.start()
        yield Intake(keyring, ledger), board
        ledger.stop()


async def post(intake: Intake, where: str, body: bytes) -> tuple[int, dict[str, Any]]:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    await intake({"type": "http", "method": "POST", "path": PATH + where, "headers": []}, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


async def in_turn(*asked: Awaitable[Any]) -> list[Any]:
    return [await one for one in asked]


def test_made_up_names_take_no_memory_of_their_own(takes: tuple[Intake, Any]) -> None:
    intake, _ = takes
    names = [f"20506/x{n}" for n in range(int(LOOK_UPS_BURST) + 100)]
    answers = asyncio.run(in_turn(*(post(intake, name, b"{}") for name in names)))
    assert {code for _, told in answers for code in [told["code"]]} == {"report-board-unknown", "hub-busy"}
    assert list(intake.refusals) == [("", "")]
