"""Two hub processes behind a real nginx, on one PostgreSQL: one address, one truth, and either may die."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from signage.hub.pages.visit import SAFE_COOKIE
from signage.hub.store import open_store
from signage.hub.store import tables as t
from tests.hub import proxy
from tests.postgres import Postgres

pytestmark = pytest.mark.skipif(proxy.NGINX is None, reason="no nginx (apt-get install nginx-light)")


class Front:
    """The province's one address."""

    def __init__(self, port: int, folder: Path, hubs: list[Any]) -> None:
        self._port, self._context, self.hubs = port, proxy.trusting(folder), hubs

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, timeout=20, context=self._context)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post(self, board: Any, body: bytes) -> tuple[int, Any]:
        status, told = self.ask("POST", f"/v1/reports/{board.commune}/{board.id}", body)
        return status, json.loads(told)


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    made = postgres.database()
    yield made
    postgres.drop(made)


@pytest.fixture
def front(tmp_path: Path, start_hub: Any, url: str) -> Iterator[Front]:
    hubs = [start_hub(tmp_path / name, url) for name in ("one", "two")]
    work = tmp_path / "nginx"
    work.mkdir()
    with proxy.nginx(work, [hub.port for hub in hubs]) as port:
        yield Front(port, work, hubs)
    for hub in hubs:
        hub.kill()


def kept(front: Front, board: Any) -> tuple[int, int, int]:
    """The last number of the board's chain, reports counted, oddities."""
    with open_store(front.hubs[0].folder) as store, store.reading() as connection:
        number = connection.execute(select(t.board.c.id).where(t.board.c.code == board.id)).scalar_one()
        seq = connection.execute(select(t.state.c.seq).where(t.state.c.board == number)).scalar_one()
        counted = connection.execute(select(func.sum(t.hour.c.reports)).where(t.hour.c.board == number)).scalar_one()
        odd = connection.execute(select(func.count()).select_from(t.mark).where(t.mark.c.board == number)).scalar_one()
        return int(seq), int(counted), int(odd)


def test_a_board_heard_by_both_has_one_chain(front: Front, new_board: Any) -> None:
    board = new_board("cong-xa")
    board.enroll(front.hubs[0].folder)
    for n in range(6):  # past nginx, to one and the other in turn
        hub = front.hubs[n % 2]
        assert hub.post(board.id, board.next()) == (200, {"v": 1, "last": n + 1})
    assert front.post(board, board.next()) == (200, {"v": 1, "last": 7})
    assert kept(front, board) == (7, 7, 0)


def test_one_dies_and_the_other_goes_on(front: Front, new_board: Any) -> None:
    boards = [new_board(f"b-{n}") for n in range(8)]  # of eight, some belong to either process
    for board in boards:
        board.enroll(front.hubs[0].folder)
        assert front.post(board, board.next())[0] == 200
    front.hubs[0].kill()
    for board in boards:
        assert front.post(board, board.next()) == (200, {"v": 1, "last": 2})
        assert front.post(board, board.next()) == (200, {"v": 1, "last": 3})
        assert kept(front, board) == (3, 3, 0)


def test_a_log_in_is_good_at_both_and_numbers_stay_inside(front: Front) -> None:
    status, page = front.ask("GET", "/", Cookie=f"{SAFE_COOKIE}={front.hubs[0].cookie}", Accept="text/html")
    assert status == 200 and b"</html>" in page
    for hub in front.hubs:
        assert hub.get("/", front.hubs[0].cookie)[0] == 200
    assert front.ask("GET", "/metrics")[0] == 403
