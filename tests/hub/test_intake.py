"""The contract of `POST /v1/reports/{commune}/{board}`, on a real server with real keys."""

from __future__ import annotations

import asyncio
import base64
import http.client
import itertools
import json
import random
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from signage.hub import intake
from signage.hub.app import application, listen
from signage.hub.pages.visit import COOKIE
from signage.hub.store import Store, open_store
from signage.hub.store import tables as t
from signage.keys import RECORD_TYPE, REPORT_TYPE, PrivateKey
from signage.report import MAX_BATCH_BYTES, open_report
from signage.wire import canonical


def kept(hub: Any) -> list[Any]:
    with open_store(hub.folder) as store, store.reading() as connection:
        return list(connection.execute(select(t.report)).all())


def marks(hub: Any) -> list[tuple[Any, ...]]:
    mark = t.mark.c
    asked = select(mark.kind, mark.seq, mark.missing, mark.times).order_by(mark.board, mark.slot)
    with open_store(hub.folder) as store, store.reading() as connection:
        return [tuple(row) for row in connection.execute(asked)]


def test_reports_in_order_are_kept_and_acknowledged(hub: Any, board: Any) -> None:
    for n in range(1, 6):
        assert hub.post("cong-xa", board.next()) == (200, {"v": 1, "last": n})
    assert len(kept(hub)) == 5 and not marks(hub)


def test_a_repeat_is_acknowledged_and_not_stored_twice(hub: Any, board: Any) -> None:
    first, second = board.next(), board.next()
    for body in (first, second, second, first, second):
        status, answer = hub.post("cong-xa", body)
        assert status == 200
    assert answer == {"v": 1, "last": 2}
    assert len(kept(hub)) == 2 and not marks(hub)


def test_a_gap_is_noticed_and_not_refused(hub: Any, board: Any) -> None:
    hub.post("cong-xa", board.next())
    for _ in range(3):
        board.next()
    assert hub.post("cong-xa", board.next()) == (200, {"v": 1, "last": 5})
    assert marks(hub) == [("gap", 5, 3, 1)]


def test_a_report_that_follows_another_is_noticed(hub: Any, board: Any) -> None:
    hub.post("cong-xa", board.next())
    board.prev = "9" * 64
    assert hub.post("cong-xa", board.next()) == (200, {"v": 1, "last": 2})
    assert marks(hub) == [("torn", 2, 0, 1)]


def test_another_text_under_a_used_number_is_noticed_and_changes_nothing(hub: Any, board: Any) -> None:
    hub.post("cong-xa", board.next())
    before = kept(hub)
    board.seq = 0
    for _ in range(3):
        board.seq = 0
        assert hub.post("cong-xa", board.next(publication=7)) == (200, {"v": 1, "last": 1})
    assert kept(hub) == before and marks(hub) == [("fork", 1, 0, 3)]


def test_a_new_key_starts_a_new_chain_and_ends_the_old_one(hub: Any, board: Any, new_board: Any) -> None:
    hub.post("cong-xa", board.next())
    hub.post("cong-xa", board.next())
    renewed = new_board("cong-xa")
    assert hub.post("cong-xa", renewed.next())[0] == 403
    renewed.enroll(hub.folder, replace=True)
    renewed.seq = 0
    assert hub.post("cong-xa", renewed.next(publication=413)) == (200, {"v": 1, "last": 1})
    assert hub.post("cong-xa", board.next())[0] == 403
    assert [m[0] for m in marks(hub)] == ["new-key"]


def test_an_unknown_board_or_another_s_key_is_refused(hub: Any, board: Any, new_board: Any) -> None:
    other = new_board("cho")
    assert hub.post("cho", other.next())[1]["code"] == "report-board-unknown"
    other.enroll(hub.folder)
    assert hub.post("cong-xa", other.next())[0] == 403
    posing = new_board("cong-xa", other.key)
    assert hub.post("cong-xa", posing.next())[1]["code"] == "report-key-wrong"
    status, answer = hub.post("cho", posing.next())  # its own key, but it speaks for another board
    assert (status, answer["code"], answer["where"]) == (400, "bad-format", "$.board")
    assert not kept(hub)


def test_one_changed_byte_is_refused_or_changes_nothing_that_was_signed(hub: Any, board: Any) -> None:
    body = board.next()
    payload = open_report(body)[0].payload
    chosen = random.Random(7)
    for at in sorted(chosen.sample(range(len(body)), 150)):
        bad = bytearray(body)
        bad[at] ^= chosen.choice([1, 2, 4, 32, 128])
        status, _ = hub.post("cong-xa", bytes(bad))
        if status == 200:  # unused bits at the end of base64, say
            assert open_report(bytes(bad))[0].payload == payload
            assert open_report(kept(hub)[0][-1])[0].payload == payload
        else:
            assert status in (400, 403)


def test_a_record_s_envelope_is_never_a_report(hub: Any, board: Any) -> None:
    payload = open_report(board.next())[0].payload
    assert hub.post("cong-xa", board.key.seal(payload, RECORD_TYPE))[0] == 400


def test_an_unknown_version_is_refused_with_its_field(hub: Any, board: Any) -> None:
    told = json.loads(open_report(board.next())[0].payload)
    status, answer = hub.post("cong-xa", board.key.seal(canonical(told | {"v": 2}), REPORT_TYPE))
    assert (status, answer["code"], answer["where"]) == (400, "bad-format", "v")


def test_what_cannot_be_stored_or_shown_is_refused(hub: Any, board: Any) -> None:
    told = json.loads(open_report(board.next())[0].payload)
    told["showing"]["title"] = "@@"
    half = canonical(told).replace(b"@@", b"\\ud800")
    assert hub.post("cong-xa", board.key.seal(half, REPORT_TYPE))[0] == 400


def test_times_at_the_ends_of_the_calendar_are_kept_and_shown(hub: Any, board: Any) -> None:
    for far in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        told = json.loads(open_report(board.next())[0].payload)
        told |= {"sent": far, "plays": [["f" * 64, far, 1000]], "faults": [{"code": "x", "since": far}]}
        told["showing"]["since"] = told["sync"]["last_ok"] = far
        assert hub.post("cong-xa", board.key.seal(canonical(told), REPORT_TYPE))[0] == 200
        assert [hub.get(p)[0] for p in ("/", "/bang/20506/cong-xa", "/api/boards.json")] == [200, 200, 200]


def test_a_huge_body_is_refused_unread(hub: Any, board: Any) -> None:
    huge = b"x" * (MAX_BATCH_BYTES + 1)
    assert hub.post("cong-xa", huge)[1]["code"] == "report-large"
    with socket.create_connection(("127.0.0.1", hub.port), timeout=10) as endless:  # a length that is not told
        endless.sendall(b"POST /v1/reports/20506/cong-xa HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
        endless.sendall(chunk * (MAX_BATCH_BYTES // 0x4000 + 1))
        assert b"413" in endless.recv(200).split(b"\r\n")[0]


def test_a_board_that_floods_is_told_to_wait_and_others_are_not(hub: Any, board: Any, new_board: Any) -> None:
    other = new_board("cho")
    other.enroll(hub.folder)
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=20)
    seen = []
    while 429 not in seen and len(seen) < 3000:
        connection.request("POST", "/v1/reports/20506/cong-xa", board.next())
        answer = connection.getresponse()
        answer.read()
        seen.append(answer.status)
    connection.close()
    assert len(seen) >= intake.RATE_BURST and set(seen) == {200, 429}
    assert answer.headers["Retry-After"] == str(intake.RETRY_AFTER_S)
    assert hub.post("cho", other.next())[0] == 200


def test_replayed_reports_do_not_use_up_a_board_s_share(hub: Any, board: Any) -> None:
    old = board.next()
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=20)
    seen: list[int] = []
    while 429 not in seen and len(seen) < 3000:
        connection.request("POST", "/v1/reports/20506/cong-xa", old)
        answer = connection.getresponse()
        answer.read()
        seen.append(answer.status)
    connection.close()
    assert hub.post("cong-xa", board.next())[0] == 200


def test_what_was_acknowledged_survives_kill_9(hub: Any, board: Any) -> None:
    for _ in range(3):
        status, answer = hub.post("cong-xa", board.next())
    assert status == 200
    hub.kill()
    hub.start()
    assert len(kept(hub)) == answer["last"] == 3
    assert hub.post("cong-xa", board.next()) == (200, {"v": 1, "last": 4})
    assert not marks(hub)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_hub_ends_cleanly(hub: Any, board: Any, number: int) -> None:
    idle = socket.create_connection(("127.0.0.1", hub.port))  # a board's kept connection
    hub.post("cong-xa", board.next())
    assert hub.stop(number) == 0
    idle.close()


def test_two_hubs_cannot_serve_one_folder(hub: Any) -> None:
    with pytest.raises((AssertionError, OSError)):
        type(hub)(hub.folder)


def test_a_board_that_is_enrolled_while_the_hub_runs_is_heard(hub: Any, new_board: Any) -> None:
    late = new_board("tram-y-te")
    assert hub.post("tram-y-te", late.next())[0] == 403
    late.enroll(hub.folder)
    assert hub.post("tram-y-te", late.next())[0] == 200


# ── nonsense, without a network ──────────────────────────────────────────────────────────────────


class Inside:
    """The application itself, inside its lifespan."""

    def __init__(self, store: Store, runner: asyncio.Runner) -> None:
        self.store, self._runner, self._app = store, runner, application(store)
        self._begun, self._end = asyncio.Event(), asyncio.Event()
        self._living = runner.get_loop().create_task(self._live())
        runner.run(self._begun.wait())

    async def _live(self) -> None:
        async with self._app.router.lifespan_context(self._app):
            self._begun.set()
            await self._end.wait()

    def end(self) -> None:
        self._end.set()
        self._runner.get_loop().run_until_complete(self._living)

    def ask(
        self, bodies: list[bytes], board: str = "cong-xa", pages: tuple[str, ...] = (), cookie: str = ""
    ) -> list[int]:
        """Post these of a board, one after another, then read the pages: how each was answered."""
        requests = [("POST", f"/v1/reports/20506/{board}", body) for body in bodies]
        statuses: list[int] = []

        async def run() -> None:
            for method, path, body in [*requests, *(("GET", page, b"") for page in pages)]:
                scope = {
                    "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
                    "path": path, "raw_path": path.encode(), "query_string": b"",
                    "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())],
                    "scheme": "http", "root_path": "", "server": ("x", 1), "client": ("x", 1),
                }  # fmt: skip
                queue = [{"type": "http.request", "body": body, "more_body": False}]

                async def receive(queue: list[Any] = queue) -> Any:
                    return queue.pop() if queue else {"type": "http.disconnect"}

                async def send(message: Any) -> None:
                    if message["type"] == "http.response.start":
                        statuses.append(message["status"])

                await self._app(scope, receive, send)

        self._runner.run(run())
        return statuses


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FUZZ = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def inside(store: Store) -> Iterator[Inside]:
    """With a store of either kind."""
    with asyncio.Runner() as runner:
        made = Inside(store, runner)
        yield made
        made.end()


@pytest.fixture
def known(inside: Inside, new_board: Callable[..., Any], fuzz_key: PrivateKey) -> Inside:
    """With one board in it."""
    new_board("cong-xa", fuzz_key).enroll(inside.store)
    return inside


@pytest.fixture(scope="module")
def fuzz_key() -> PrivateKey:
    return PrivateKey.generate()


@FUZZ
@given(bodies=st.lists(st.binary(max_size=300) | json_like.map(lambda v: json.dumps(v).encode()), max_size=20))
def test_nonsense_is_refused_and_never_an_error_of_ours(known: Inside, bodies: list[bytes]) -> None:
    assert set(known.ask(bodies)) <= {400, 403}


def test_signed_nonsense_is_refused_or_kept_but_never_an_error_of_ours(
    inside: Inside, make_report: Callable[..., Any], log_in: Callable[..., str], new_board: Callable[..., Any]
) -> None:
    """A stolen board signs whatever it likes: one field of a good report replaced by anything; each time another."""
    cookie, stolen = log_in(inside.store), itertools.count()

    @FUZZ
    @given(values=st.lists(st.tuples(st.integers(0, 200), json_like), max_size=15))
    def test(values: list[tuple[int, Any]]) -> None:
        board = new_board(f"b-{next(stolen)}")
        board.enroll(inside.store)
        bodies = []
        for n, (which, value) in enumerate(values, 1):
            told = json.loads(make_report(board.id, n).to_payload())
            nests = [told, told["showing"], told["clock"], told["sync"], told["machine"]]
            nest = nests[which % len(nests)]
            nest[sorted(nest)[which % len(nest)]] = value
            bodies.append(board.key.seal(json.dumps(told).encode(), REPORT_TYPE))
        pages = ("/", f"/bang/20506/{board.id}", "/api/boards.json", "/healthz")
        statuses = inside.ask(bodies, board.id, pages, cookie)
        assert set(statuses) <= {200, 400, 429}
        assert statuses[-len(pages) :] == [200] * len(pages)

    test()


def test_an_envelope_with_strange_fields_is_refused(known: Inside, fuzz_key: PrivateKey, make_report: Any) -> None:
    good = json.loads(make_report("cong-xa").sealed(fuzz_key))
    bad: list[Any] = [
        {}, [], {**good, "signatures": []}, {**good, "signatures": good["signatures"] * 2},
        {**good, "signatures": [{"keyid": 1, "sig": "AA=="}]}, {**good, "payload": 7},
        {**good, "payload": "%%"},
        {**good, "signatures": {"keyid": "x"}}, {**good, "payloadType": None}, {**good, "signatures": [None]},
        {**good, "signatures": [{**good["signatures"][0], "sig": base64.b64encode(b"x").decode()}]},
        {**good, "signatures": [{**good["signatures"][0], "sig": "\ud800"}]},
    ]  # fmt: skip
    deep = b"[" * 60_000
    statuses = known.ask([*(json.dumps(b).encode() for b in bad), deep, b"", b"\xff", b"9" * 6000])
    assert set(statuses) <= {400, 403}


def test_answers_do_not_wait_for_a_delayed_acknowledgement() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        accepted.close()
