"""An outage of a board on a SIM: what it met on its way to us is told by the reports that waited on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from signage.hub.alarms.causes import NETWORK, SIM
from signage.hub.duty import says
from signage.hub.heard import hear
from signage.hub.keeping import Arrival, Keeper
from signage.hub.store import Store
from signage.hub.store import tables as t
from signage.hub.store.engine import to_ms
from signage.hub.watchman import Watchman

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize(("met", "cause"), [("link-other", SIM), ("file-wrong", NETWORK)])
def test_the_backlog_of_a_board_on_a_sim_says_why_it_was_silent(
    store: Store, new_board: Any, met: str, cause: str
) -> None:
    """Alone in its commune: no other board to compare it with, and half of the six hours of a mere guess."""
    board, clock, keeper = new_board("cho"), [NOON], Keeper(0)
    enrolled = board.enroll(store, metered=True)
    man = Watchman(store, says, clock=lambda: clock[0])

    def arrive(*sent: datetime) -> None:
        """Reports made then, come now: the first of an outage still knows of nothing."""
        said = []
        for at in sent:
            faults = ((met, NOON + QUARTER),) if NOON + QUARTER < at < clock[0] else ()
            envelope = board.next(sent=at, faults=faults, sync_last_ok=NOON)
            said.append(Arrival(enrolled, hear(envelope, enrolled.verifier, enrolled.key.keyid), to_ms(clock[0])))
        with store.writing() as connection:
            keeper.keep(connection, said)

    arrive(NOON)
    while clock[0] < NOON + timedelta(hours=3) - timedelta(minutes=1):
        assert man.look()
        clock[0] += timedelta(minutes=1, seconds=45)
    clock[0] = NOON + timedelta(hours=3)
    arrive(*(NOON + QUARTER * n for n in range(1, 13)))
    for _ in range(2):
        clock[0] += timedelta(seconds=30)
        assert man.look()
    with store.reading() as connection:
        spans = {row.kind: row for row in connection.execute(select(t.span))}
    assert spans["contact"].cause == cause and spans["contact"].until == to_ms(NOON + timedelta(hours=3))
    assert (spans["fault"].code, spans["fault"].until is not None) == (met, True)
