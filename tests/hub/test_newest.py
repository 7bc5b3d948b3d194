"""The newest publication of a commune whose office's folder the hub does not have: whose word counts."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, select, text

from signage.hub import heard, roster
from signage.hub.fleet import changing
from signage.hub.fleet.file import FleetFile
from signage.hub.keeping import Arrival, Keeper
from signage.hub.pages import words
from signage.hub.people import audit
from signage.hub.seen import boards
from signage.hub.store import Store, open_store
from signage.hub.store import tables as t

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HIGHEST = 2**53 - 1  # that a report can tell
WAIT_S = 20.0


class Commune:
    """Boards of one commune that speak one after another, each when its hour comes."""

    def __init__(self, store: Store, new_board: Callable[..., Any]) -> None:
        self.store, self._new, self._keeper, self.at = store, new_board, Keeper(0), NOW
        self.boards: dict[str, Any] = {}

    def arrival(self, name: str, publication: int | None, commune: str = "20506") -> Arrival:
        key = f"{commune}/{name}"
        if key not in self.boards:
            self.boards[key] = self._new(name, commune=commune)
            self.boards[key].enroll(self.store)
        with self.store.reading() as connection:
            enrolled = roster.find(connection, commune, name)
        assert enrolled
        line = self.boards[key].next(publication=publication, sent=self.at, sync_last_ok=self.at)
        return Arrival(enrolled, heard.hear(line, enrolled.verifier, enrolled.keyid), int(self.at.timestamp() * 1000))

    def tells(self, name: str, publication: int | None) -> int | None:
        """The newest then."""
        arrival = self.arrival(name, publication)
        with self.store.writing() as connection:
            self._keeper.keep(connection, [arrival])
        return self.newest()

    def renew(self, name: str) -> None:
        self.boards[f"20506/{name}"] = self._new(name)
        self.boards[f"20506/{name}"].enroll(self.store, replace=True)

    def newest(self) -> int | None:
        with self.store.reading() as connection:
            return connection.execute(select(t.commune.c.newest).where(t.commune.c.code == "20506")).scalar_one()

    def judged(self, name: str) -> tuple[str, list[str]]:
        """Its content, and the sentences of its reasons with their level."""
        with self.store.reading() as connection:
            one = boards.one(connection, "20506", name, self.at)
        assert one
        told = words.reasons(one.facts, one.judgement, self.at)
        return one.judgement.content.value, [f"{level.name}: {sentence}" for sentence, level in told]


@pytest.fixture
def commune(store: Store, new_board: Any) -> Commune:
    return Commune(store, new_board)


def test_one_board_s_word_makes_no_other_old(commune: Commune) -> None:
    """And people are told of it, quietly while the others may still be fetching it."""
    for name in ("cho", "cong-xa"):
        commune.tells(name, 412)
    assert commune.tells("la", HIGHEST) == 412
    assert commune.judged("cho") == commune.judged("cong-xa") == ("current", [])
    content, told = commune.judged("la")
    assert content == "unconfirmed" and [one.split(":")[0] for one in told] == ["NOTE"]
    assert "Chỉ bảng này báo bản" in told[0] and "bản 412" in told[0]
    commune.at += timedelta(minutes=61)
    for name, number in (("cho", 412), ("la", HIGHEST), ("cong-xa", 412)):
        assert commune.tells(name, number) == 412
    assert commune.judged("la")[1][0].startswith("WARNING: Chỉ bảng này") and commune.judged("cho")[0] == "current"
    assert commune.tells("la", 412) == 412 and commune.judged("la") == ("current", [])


def test_a_second_board_s_word_makes_the_others_old(commune: Commune) -> None:
    for name in ("cho", "cong-xa", "truong"):
        commune.tells(name, 412)
    assert [commune.tells("cho", 413), commune.tells("truong", 413), commune.tells("cong-xa", 412)] == [412, 413, 413]
    assert [commune.judged(name)[0] for name in ("cho", "truong", "cong-xa")] == ["current", "current", "downloading"]
    commune.at += timedelta(minutes=11)
    assert commune.tells("cong-xa", 412) == 413 and commune.judged("cong-xa")[0] == "old"
    assert commune.tells("cho", 411) == 413, "both told it once"


def test_a_board_that_speaks_alone_is_held_against_itself_only(commune: Commune) -> None:
    assert [commune.tells("la", n) for n in (None, 412, HIGHEST, 412)] == [None, 412, HIGHEST, HIGHEST]
    assert commune.tells("cho", 412) == 412 and commune.judged("cho") == ("current", [])
    assert commune.judged("la")[0] == "current"


def test_what_was_told_is_forgotten_with_the_key_and_with_the_board(commune: Commune) -> None:
    """Two boards stolen together can say anything: until their keys are replaced, or they hang no more."""
    for name in ("cho", "cong-xa"):
        commune.tells(name, 412)
    assert commune.tells("la", HIGHEST) == 412 and commune.tells("kia", HIGHEST) == HIGHEST
    commune.renew("la")
    assert commune.tells("la", 409) == 412 and commune.judged("cong-xa")[0] == "current"
    assert commune.tells("la", HIGHEST) == HIGHEST
    with commune.store.writing() as connection:
        changing.retire(connection, "20506", "la", audit.ON_THE_BOX, NOW)
    assert commune.newest() == 412
    with commune.store.writing() as connection:
        changing.restore(connection, "20506", "la", audit.ON_THE_BOX, NOW)
    assert commune.newest() == HIGHEST


def test_the_office_s_folder_proves_its_number(commune: Commune) -> None:
    for name in ("cho", "cong-xa"):
        commune.tells(name, 413)
    with commune.store.writing() as connection:
        connection.execute(t.commune.update().values(published=412, published_at=0))
    assert "lớn hơn bản mới nhất đã biết (412)" in commune.judged("cho")[1][0]


class Lockstep:
    """Two transactions that take locks by turns, the first one first, unless the other waits for a lock itself."""

    LOCKS = re.compile(r"(?s)\s*(UPDATE|INSERT INTO) (board|commune|state)\b|.* FOR NO KEY UPDATE")

    def __init__(self, store: Store, works: list[Callable[[Any], Any]]) -> None:
        self._works, self._steps, self._busy = works, dict.fromkeys(range(len(works)), 0), set(range(len(works)))
        self._store, self._mine, self._lock = store, threading.local(), threading.Lock()
        self._watch = create_engine(store.engine.url, isolation_level="AUTOCOMMIT")
        event.listen(store.engine, "before_cursor_execute", self._before)

    def run(self) -> list[Exception | None]:
        """How each ended."""
        found: list[Exception | None] = [None] * len(self._works)

        def one(number: int) -> None:
            self._mine.number = number
            try:
                with self._store.writing() as connection:
                    self._works[number](connection)
            except Exception as error:
                found[number] = error
            finally:
                self._busy.discard(number)

        threads = [threading.Thread(target=one, args=(number,)) for number in range(len(self._works))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)
        event.remove(self._store.engine, "before_cursor_execute", self._before)
        self._watch.dispose()
        return found

    def _before(self, _conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        number = getattr(self._mine, "number", None)
        if number is None or not self.LOCKS.match(statement):
            return
        self._steps[number] += 1
        until = time.monotonic() + WAIT_S
        while not self._others_are_there(number) and time.monotonic() < until:
            time.sleep(0.005)

    def _others_are_there(self, number: int) -> bool:
        mine = self._steps[number]
        behind = [n for n in self._busy - {number} if self._steps[n] < mine + (n < number)]
        if not behind:
            return True
        with self._watch.connect() as connection:
            asked = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            return connection.execute(text(asked)).first() is not None


@pytest.fixture
def province(tmp_path: Path, postgres: Any, new_board: Any) -> Any:
    """Two communes on PostgreSQL, with boards that have spoken."""
    url = postgres.database()
    with open_store(tmp_path / "hub", url) as store:
        made = Commune(store, new_board)
        for code, leads in (("20506", "cho"), ("20507", "cong-xa")):
            for name in ("cho", "cong-xa", "truong"):
                arrival = made.arrival(name, 600 if name == leads else 460 if name == "truong" else 412, code)
                with store.writing() as connection:
                    Keeper(0).keep(connection, [arrival])
        yield made
    postgres.drop(url)


def test_new_keys_and_numbers_of_crossed_communes_wait_in_no_ring(province: Commune) -> None:
    """Two processes: in each, one commune has a new key and the other a new number."""
    works: list[Callable[[Any], Any]] = []
    for number, (anew, other) in enumerate((("20506", "20507"), ("20507", "20506"))):
        name = ("cho", "cong-xa")[number]
        province.boards[f"{anew}/{name}"] = board = province._new(name, commune=anew)
        board.enroll(province.store, replace=True)
        batch = [province.arrival(name, 450, anew), province.arrival(name, 700, other)]
        works.append(lambda connection, batch=batch: Keeper(0).keep(connection, batch))
    assert Lockstep(province.store, works).run() == [None, None]
    assert province.newest() == 460, "700 is one board's word, and 600 was that of a key that is no more"


def test_numbers_that_two_processes_hear_at_once_are_both_seen(province: Commune) -> None:
    batches = [[province.arrival(name, 700)] for name in ("cho", "cong-xa")]
    works = [lambda connection, batch=batch: Keeper(0).keep(connection, batch) for batch in batches]
    assert Lockstep(province.store, works).run() == [None, None]
    assert province.newest() == 700


@pytest.mark.parametrize("what", ["card", "settings"])
def test_who_changes_boards_and_who_hears_them_wait_in_no_ring(province: Commune, what: str) -> None:
    batch = [province.arrival("cho", 700), province.arrival("cong-xa", 700)]

    def change(connection: Any) -> None:
        if what == "card":
            roster.enroll(connection, province._new("cong-xa").card, None, NOW, replace=True)
            return
        there = changing.settings(connection)
        known = {one.key: one for one in there.boards}
        turned = [replace(known[f"20506/{name}"], name="Tên mới") for name in ("cong-xa", "cho")]
        wanted = FleetFile(tuple(turned), there.groups)
        changing.apply(connection, wanted, "fleet.toml", audit.ON_THE_BOX, NOW)

    assert Lockstep(province.store, [change, lambda connection: Keeper(0).keep(connection, batch)]).run() == [
        None,
        None,
    ]
