"""A real hub on loopback, boards with real keys, and reports that they sign."""

from __future__ import annotations

import http.client
import io
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher
from PIL import Image

from signage.hub import roster
from signage.hub.pages.forms import KIND
from signage.hub.pages.visit import COOKIE
from signage.hub.people import accounts, audit, sessions
from signage.hub.people.accounts import Wanted
from signage.hub.people.passwords import Fresh
from signage.hub.people.roles import Role
from signage.hub.roster import Card, Enrolled, Place
from signage.hub.store import Store, open_store
from signage.hub.store.engine import URL_FILE
from signage.hub.watchman import LOOK_EVERY
from signage.keys import PrivateKey
from signage.report import Frame, Machine, Report, Showing
from tests.hub import serving
from tests.postgres import Postgres, programs

PASSWORD = "một câu rất dễ nhớ"  # of every account of the tests
COMMUNE, REPOSITORY = "20506", "d" * 64
START_S = 20  # seconds that a hub may take to answer on a busy machine


def report_of(board: str, seq: int = 1, prev: str = "0" * 64, **values: Any) -> Report:
    now = datetime.now(UTC).replace(microsecond=0)
    since = now - timedelta(minutes=5)
    known: dict[str, Any] = {
        "sent": now, "publication": 412, "verdict": "match", "layer": "window", "plays": (), "faults": (),
        "showing": Showing("rotation", "a" * 64, "f" * 64, "Ngừng cấp điện thôn 3", since),
        "clock_state": "trusted", "clock_offset_ms": 12, "sync_last_ok": now, "sync_error": None,
        "machine": Machine(3600, 71, 18211, 52), "frame": None,
    }  # fmt: skip
    if isinstance(values.get("frame"), bytes):
        values["frame"] = Frame(values["frame"], values.get("sent", now), "surface")
    return Report(**({"commune": COMMUNE, "repository": REPOSITORY, "board": board, "seq": seq, "prev": prev}
                     | known | values))  # fmt: skip


@dataclass
class Board:
    """A board's key and its place in the chain."""

    id: str
    key: PrivateKey = field(default_factory=PrivateKey.generate)
    seq: int = 0
    prev: str = "0" * 64
    commune: str = COMMUNE

    def next(self, **values: Any) -> bytes:
        """The next report, sealed."""
        self.seq += 1
        report = report_of(self.id, self.seq, self.prev, **({"commune": self.commune} | values))
        self.prev = report.sha256
        return report.sealed(self.key)

    @property
    def card(self) -> Card:
        return Card(self.id, self.key.public, self.commune, REPOSITORY, "e" * 64)

    def enroll(self, where: Path | Store, *, replace: bool = False, **place: Any) -> Enrolled:
        """Into an open store, or that of a hub's folder."""
        if isinstance(where, Path):
            with open_store(where) as store:
                return self.enroll(store, replace=replace, **place)
        known = Place(**({"name": f"Bảng {self.id}", "commune_name": "UBND xã Mẫu"} | place))
        with where.writing() as connection:
            return roster.enroll(connection, self.card, known, datetime.now(UTC), replace=replace)


@cache
def kept_password() -> str:
    """Of every account of the tests: one slow hash."""
    return PasswordHasher().hash(PASSWORD)


def logged_in(
    store: Store, name: str = "quan-tri", role: Role = Role.ADMIN, communes: frozenset[str] | None = None
) -> str:
    """The cookie of a log-in of this account, which is made when it is not there; without a slow hash."""
    now = datetime.now(UTC)
    with store.writing() as connection:
        wanted, fresh = Wanted(f"Người {name}", role, communes), Fresh((), kept_password())
        account = accounts.find(connection, name) or accounts.add(
            connection, name, wanted, fresh, audit.ON_THE_BOX, now
        )
        return sessions.open_new(connection, account.id, now, address="127.0.0.1", agent="test")


class Hub:
    """The hub as a process of its own."""

    def __init__(
        self, folder: Path, url: str | None = None, publication: Path | None = None,
        look_every: timedelta = LOOK_EVERY,
    ) -> None:  # fmt: skip
        self.folder, self.publication, self.look_every = folder, publication, look_every
        folder.mkdir(parents=True, exist_ok=True)
        if url:
            (folder / URL_FILE).write_text(url, "utf-8")
        self.cookie = self.log_in()
        self.start()

    def log_in(self, name: str = "quan-tri", role: Role = Role.ADMIN, communes: frozenset[str] | None = None) -> str:
        """The cookie of a log-in of this account."""
        with open_store(self.folder) as store:
            return logged_in(store, name, role, communes)

    def let_in(self, page: Any, cookie: str | None = None) -> Any:
        """The browser's page, logged in."""
        page.context.add_cookies([{"name": COOKIE, "value": cookie or self.cookie, "url": self.url}])
        return page

    def start(self) -> None:
        self.process, self.port = serving.start(self.folder, self.publication, self.look_every, START_S)
        self.url = f"http://127.0.0.1:{self.port}"
        assert self.get("/healthz")[0] == 200  # the socket listens already: this waits for the answer

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_S)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def get(self, path: str, cookie: str | None = None) -> tuple[int, bytes, Any]:
        """Logged in as an administrator, or by another cookie; "" for nobody."""
        mine = self.cookie if cookie is None else cookie
        return self.ask("GET", path, Cookie=f"{COOKIE}={mine}")

    def send(self, path: str, cookie: str | None = None, **fields: str) -> tuple[int, bytes, Any]:
        """A form of ours, as a browser sends it; its token is looked up."""
        mine = self.cookie if cookie is None else cookie
        with open_store(self.folder) as store, store.reading() as connection:
            known = sessions.find(connection, mine, sessions.PAGE, datetime.now(UTC))
        body = urlencode({"csrf": known.csrf if known else ""} | fields)
        headers = {"Cookie": f"{COOKIE}={mine}", "Origin": self.url, "Content-Type": KIND, "Accept": "text/html"}
        return self.ask("POST", path, body.encode(), **headers)

    def post(self, board: str, body: bytes, commune: str = COMMUNE) -> tuple[int, dict[str, Any]]:
        status, answer, _ = self.ask("POST", f"/v1/reports/{commune}/{board}", body)
        return status, json.loads(answer)

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def stop(self, number: int = signal.SIGTERM) -> int | None:
        """How it ended; None when it did not."""
        if self.process.is_alive():
            os.kill(self.process.pid or 0, number)
        self.process.join(START_S)
        return self.process.exitcode


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A cluster of our own, for all tests of this process; its databases have the tables, made once."""
    if (found := programs()) is None:
        pytest.skip("no PostgreSQL (apt-get install postgresql)")
    cluster = Postgres(found)
    empty = cluster.database()
    open_store(tmp_path_factory.mktemp("hub"), empty).close()
    cluster.template = empty
    yield cluster
    cluster.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Where a fresh store is, once of each kind: None is the hub's own folder."""
    if request.param == "sqlite":
        yield None
        return
    cluster = request.getfixturevalue("postgres")
    url = cluster.database()
    yield url
    cluster.drop(url)


@pytest.fixture
def store(tmp_path: Path, store_url: str | None) -> Iterator[Store]:
    with open_store(tmp_path / "hub", store_url) as opened:
        yield opened


@pytest.fixture
def log_in() -> Callable[..., str]:
    return logged_in


@pytest.fixture(scope="session")
def start_hub() -> Callable[..., Hub]:
    return Hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tmp_path / "hub")
    yield hub
    hub.kill()


@pytest.fixture
def board(hub: Hub) -> Board:
    """A board that the running hub knows."""
    made = Board("cong-xa")
    made.enroll(hub.folder)
    return made


@pytest.fixture(scope="session")
def new_board() -> Callable[..., Board]:
    return Board


@pytest.fixture(scope="session")
def make_report() -> Callable[..., Report]:
    return report_of


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A thumbnail such as a board sends."""
    made = io.BytesIO()
    Image.new("RGB", (160, 90), (20, 54, 93)).save(made, "JPEG", quality=60)
    return made.getvalue()
