"""Many reports in one go, many communes on one hub, many hubs on one store; and nobody harms another."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from signage.board.download import Line
from signage.board.playlog import Position
from signage.board.reporting import Courier, Outbox
from signage.hub.duty import Duty
from signage.hub.health import Health
from signage.hub.intake import RATE_BURST
from signage.hub.ledger import Ledger
from signage.hub.store import Store, open_store
from signage.hub.store import tables as t
from signage.report import MAX_BATCH
from signage.wire import canonical


def states(where: Path) -> dict[str, int]:
    """The last number of each board, by `commune/board`."""
    asked = select(t.board.c.commune + "/" + t.board.c.code, t.state.c.seq).join(
        t.state, t.state.c.board == t.board.c.id
    )
    with open_store(where) as store, store.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(asked)}


def count(where: Path, table: Any) -> int:
    with open_store(where) as store, store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_many_reports_go_in_one_request_and_each_is_kept_once(hub: Any, board: Any) -> None:
    lines = [board.next() for _ in range(MAX_BATCH)]
    assert hub.post("cong-xa", b"\n".join(lines[:30])) == (200, {"v": 1, "last": 30})
    assert hub.post("cong-xa", b"\n".join(lines[20:])) == (200, {"v": 1, "last": MAX_BATCH})
    assert states(hub.folder) == {"20506/cong-xa": MAX_BATCH} and count(hub.folder, t.mark) == 0
    too_many = b"\n".join(board.next() for _ in range(MAX_BATCH + 1))
    assert hub.post("cong-xa", too_many)[1]["code"] == "report-large"


def test_a_bad_line_is_named_and_what_stands_before_it_is_kept(hub: Any, board: Any, new_board: Any) -> None:
    first, second, third = (board.next() for _ in range(3))
    for bad, code in ((b"{}", "bad-format"), (new_board("cong-xa").next(), "report-key-wrong")):
        status, answer = hub.post("cong-xa", b"\n".join([first, second, bad, third]))
        assert status in (400, 403) and (answer["code"], answer["line"], answer["last"]) == (code, 3, 2)
    assert hub.post("cong-xa", third) == (200, {"v": 1, "last": 3})


def test_a_report_of_another_commune_s_repository_is_refused(hub: Any, board: Any, make_report: Any) -> None:
    for field, value in (("repository", "9" * 64), ("commune", "20507"), ("board", "cho")):
        status, answer = hub.post("cong-xa", replace(make_report("cong-xa"), **{field: value}).sealed(board.key))
        assert (status, answer["where"], answer["line"]) == (400, f"$.{field}", 1)


def test_boards_of_one_name_in_two_communes_do_not_meet(hub: Any, new_board: Any) -> None:
    here, there = new_board("cong-xa"), new_board("cong-xa", commune="20507")
    for one in (here, there):
        one.enroll(hub.folder)
    for _ in range(3):
        assert hub.post("cong-xa", here.next())[0] == 200
    assert hub.post("cong-xa", there.next(), "20507") == (200, {"v": 1, "last": 1})
    assert hub.post("cong-xa", there.next(), "20506")[0] == 403
    assert states(hub.folder) == {"20506/cong-xa": 3, "20507/cong-xa": 1}


def test_a_share_that_runs_out_takes_what_still_goes(hub: Any, board: Any) -> None:
    """The board goes on from the number that it is told; nothing of a batch is lost and nothing is kept twice."""
    lines = [board.next() for _ in range(2 * MAX_BATCH)]
    assert hub.post("cong-xa", b"\n".join(lines[:MAX_BATCH]))[1]["last"] == MAX_BATCH
    status, answer = hub.post("cong-xa", b"\n".join(lines[MAX_BATCH:]))
    assert status == 200 and RATE_BURST <= answer["last"] <= len(lines)
    assert states(hub.folder)["20506/cong-xa"] == answer["last"]


def test_a_month_s_backlog_harms_nobody(hub: Any, board: Any, new_board: Any) -> None:
    """One board sends without a pause what it has, forty at a time; others are taken as if it were not there."""
    others = [new_board(f"bang-{n}") for n in range(6)]
    for other in others:
        other.enroll(hub.folder)
    done, seen = threading.Event(), []

    def flood() -> None:
        while not done.is_set():
            seen.append(hub.post("cong-xa", b"\n".join(board.next() for _ in range(MAX_BATCH)))[0])

    flooding = threading.Thread(target=flood)
    flooding.start()
    try:
        answers = [hub.post(other.id, other.next()) for _ in range(8) for other in others]
    finally:
        done.set()
        flooding.join(30)
    assert [status for status, _ in answers] == [200] * len(answers)
    assert set(seen) <= {200, 429} and 429 in seen


def test_a_real_board_s_backlog_arrives_in_a_few_requests(
    hub: Any, board: Any, tmp_path: Path, make_report: Callable[..., Any]
) -> None:
    outbox = Outbox(tmp_path / "outbox", tmp_path / "state")
    for _ in range(50):
        outbox.add(make_report("cong-xa"), board.key, Position(1, 1))
    way = Courier(outbox, Line(), hub.url, "20506", "cong-xa")
    way.visit()
    assert len(outbox.waiting()) == 50 - MAX_BATCH and way.fault is None
    way.visit()
    assert outbox.waiting() == [] and states(hub.folder) == {"20506/cong-xa": 50}
    assert count(hub.folder, t.mark) == 0, "in order, each after the one before"


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def hubs(tmp_path: Path, postgres: Any, start_hub: Callable[..., Any]) -> Iterator[tuple[Any, Any]]:
    """Two processes on one PostgreSQL."""
    url = postgres.database()
    with ExitStack() as stack:
        made = []
        for n in range(2):
            made.append(start_hub(tmp_path / str(n), url))
            stack.callback(made[-1].kill)
        yield made[0], made[1]


def test_two_hubs_on_one_store_take_turns(hubs: tuple[Any, Any], new_board: Any) -> None:
    boards = [new_board(f"bang-{n}") for n in range(5)]
    for one in boards:
        one.enroll(hubs[0].folder)
    wrong: list[Any] = []

    def send(which: int) -> None:
        for n in range(10):
            for one in boards[which::2]:
                status, answer = hubs[(which + n) % 2].post(one.id, one.next())
                wrong.extend([] if status == 200 else [(status, answer)])

    senders = [threading.Thread(target=send, args=(which,)) for which in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(60)
    assert not wrong and states(hubs[1].folder) == {f"20506/bang-{n}": 10 for n in range(5)}
    assert count(hubs[0].folder, t.mark) == 0


def test_what_was_acknowledged_survives_the_crash_of_hub_and_database(
    hubs: tuple[Any, Any], postgres: Any, new_board: Any
) -> None:
    board, hub = new_board("cong-xa"), hubs[0]
    board.enroll(hub.folder)
    last = 0
    for _ in range(5):
        status, answer = hub.post("cong-xa", board.next())
        assert status == 200
        last = answer["last"]
    hub.kill()
    postgres.crash()
    postgres.start()
    assert states(hub.folder) == {"20506/cong-xa": last}
    hub.start()
    assert hub.post("cong-xa", board.next()) == (200, {"v": 1, "last": last + 1})


# ── how the hub itself is ────────────────────────────────────────────────────────────────────────


def test_health_says_what_is_wrong(store: Store) -> None:
    ledger, duty = Ledger(store), Duty(store, None)
    health = Health(store, ledger, duty)
    assert set(health.reasons()) == {"writer-dead", "watchman-dead", "postman-dead"}
    ledger.start()
    duty.start()
    assert list(health.reasons()) == []
    ledger.failure = "the disk is full"
    assert list(health.reasons()) == ["writer-failing"]
    duty.stop()
    ledger.stop()


def test_the_intake_is_told_as_openapi(hub: Any) -> None:
    told = json.loads(hub.get("/v1/openapi.json")[1])
    operation = told["paths"]["/v1/reports/{commune}/{board}"]["post"]
    assert set(operation["responses"]) >= {"200", "400", "403", "413", "429", "503"}
    assert canonical(told)  # no fraction, nothing nested too deep
