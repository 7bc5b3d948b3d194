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
from signage.hub.store import Store, open_store


@pytest.fixture
def takes(tmp_path: Path, new_board: Callable[..., Any]) -> Iterator[tuple[Intake, Any, Store]]:
    """The intake of a hub, the one board that it knows, and its store."""
    with open_store(tmp_path / "hub") as store:
        board = new_board("cong-xa")
        board.enroll(store)
        keyring, ledger = Keyring(store), Ledger(store)
        keyring.load()
        ledger.start()
        yield Intake(keyring, ledger), board, store
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


def test_made_up_names_take_no_memory_of_their_own(takes: tuple[Intake, Any, Store]) -> None:
    intake, _, _ = takes
    names = [f"20506/x{n}" for n in range(int(LOOK_UPS_BURST) + 100)]
    answers = asyncio.run(in_turn(*(post(intake, name, b"{}") for name in names)))
    assert {code for _, told in answers for code in [told["code"]]} == {"report-board-unknown", "hub-busy"}
    assert list(intake.refusals) == [("", "")]


def test_a_replaced_key_writes_nothing_into_the_new_one_s_chain(
    takes: tuple[Intake, Any, Store], new_board: Any
) -> None:
    intake, stolen, store = takes
    box = new_board("cong-xa")
    box.enroll(store, replace=True)  # by another process: this one has the old key at hand
    stolen.seq = 2**53 - 2
    poisoned = stolen.next()
    status, told = asyncio.run(post(intake, "20506/cong-xa", b"\n".join([poisoned, box.next()])))
    assert (status, told["code"], told["line"]) == (403, "report-key-wrong", 1)
    box.seq = 0
    assert asyncio.run(post(intake, "20506/cong-xa", box.next())) == (200, {"v": 1, "last": 1})


def test_junk_at_a_board_s_address_keeps_nobody_waiting(takes: tuple[Intake, Any, Store], new_board: Any) -> None:
    intake, board, store = takes
    late = new_board("cho")
    late.enroll(store)
    junk = [new_board("cong-xa").next()] * (int(LOOK_UPS_BURST) + 50)  # a stranger's signature

    async def besieged() -> tuple[Any, Any]:
        asked = [asyncio.create_task(post(intake, "20506/cong-xa", one)) for one in junk]
        await asyncio.sleep(0)  # all of them are in
        answers = await post(intake, "20506/cong-xa", board.next()), await post(intake, "20506/cho", late.next())
        await asyncio.gather(*asked)
        return answers

    assert [status for status, _ in asyncio.run(besieged())] == [200, 200]
