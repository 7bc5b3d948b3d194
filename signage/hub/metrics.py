"""`GET /metrics` for Prometheus: the watchman's last look in numbers, the outbox, and the hub's own health.

For whoever shows the token of `hub.toml` ([metrics] token, as `Authorization: Bearer …`); without a token only for
a scraper on this very machine, asked directly and not through a proxy. Per commune; per board only where the
settings ask for it (`boards = true`): 40,000 boards are as many series as a Prometheus of its own can bear.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from .. import __version__
from ..errors import Unavailable
from . import watchman
from .alarms import Contact, Content, Level, Screen
from .delivery import outbox
from .delivery.settings import HubSettings
from .store import Store
from .store import tables as t
from .store.engine import from_ms

KIND = "text/plain; version=0.0.4; charset=utf-8"
MAX_BOARDS = 50_000  # series of one kind; beyond that the option is refused by the answer
_PROXIED = ("x-forwarded-for", "forwarded", "x-real-ip")
_AXES = {"contact": Contact, "content": Content, "screen": Screen}


class Metrics:
    """The endpoint. `reasons`: why the hub is not well, as `/healthz` tells it."""

    def __init__(
        self, store: Store, settings: Callable[[], HubSettings], reasons: Callable[[], Iterable[str]] = lambda: ()
    ) -> None:
        self._store, self._settings, self._reasons = store, settings, reasons

    def answer(self, request: Request) -> Response:
        settings = self._settings()
        if not _may(request, settings.metrics_token):
            return PlainTextResponse("401\n", 401, {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
        reasons = list(self._reasons())
        try:
            with self._store.reading() as connection:
                text = render(connection, datetime.now(UTC), boards=settings.metrics_boards, unwell=reasons)
        except Unavailable:
            return PlainTextResponse("503\n", 503, {"Cache-Control": "no-store"})
        return Response(text, media_type=KIND, headers={"Cache-Control": "no-store"})


def render(connection: Connection, now: datetime, *, boards: bool = False, unwell: Iterable[str] = ()) -> bytes:
    """All series, in Prometheus' text form."""
    families = [*_hub(connection, now, list(unwell)), *_communes(watchman.watch(connection))]
    if boards:
        families += _boards(connection, now)
    registry = CollectorRegistry()
    registry.register(_Once(families))
    return generate_latest(registry)


class _Once(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _hub(connection: Connection, now: datetime, unwell: list[str]) -> Iterator[Metric]:
    watch, waiting = watchman.watch(connection), outbox.backlog(connection)
    info = GaugeMetricFamily("bangtin_hub_info", "The version that runs.", labels=["version"])
    info.add_metric([__version__], 1)
    yield info
    why = GaugeMetricFamily("bangtin_hub_unwell", "1 for each reason why /healthz is red.", labels=["reason"])
    for reason in unwell:
        why.add_metric([reason], 1)
    yield why
    age = max(0.0, (now - watch.looked).total_seconds()) if watch else float("inf")
    yield GaugeMetricFamily("bangtin_watchman_age_seconds", "Since the last look at all boards.", value=age)
    took = watch.took_ms / 1000 if watch else 0
    yield GaugeMetricFamily("bangtin_watchman_look_seconds", "What the last look took.", value=took)
    messages = GaugeMetricFamily("bangtin_messages", "Messages to people.", labels=["state"])
    for state in ("waiting", "failing", "given_up"):
        messages.add_metric([state], getattr(waiting, state))
    yield messages


def _communes(watch: watchman.Watch | None) -> Iterator[Metric]:
    counts = watch.counts if watch else {}
    for axis, states in _AXES.items():
        family = GaugeMetricFamily(f"bangtin_boards_{axis}", f"Boards by {axis}.", labels=["commune", axis])
        for commune, axes in sorted(counts.items()):
            for state in states:
                family.add_metric([commune, state.value], axes[axis].get(state.value, 0))
        yield family
    family = GaugeMetricFamily("bangtin_boards_level", "Boards by their loudest reason.", labels=["commune", "level"])
    for commune, axes in sorted(counts.items()):
        for level in Level:
            family.add_metric([commune, level.name.lower()], axes["level"].get(level.name.lower(), 0))
    yield family


def _boards(connection: Connection, now: datetime) -> Iterator[Metric]:
    b, s = t.board.c, t.state.c
    heard = GaugeMetricFamily(
        "bangtin_board_heard_seconds", "Since the board's last report.", labels=["commune", "board"]
    )  # fmt: skip
    publication = GaugeMetricFamily(
        "bangtin_board_publication", "Number of the publication in force there.", labels=["commune", "board"]
    )  # fmt: skip
    asked = select(b.commune, b.code, s.received, s.publication).join(t.state, s.board == b.id)
    for row in connection.execute(asked.where(b.retired.is_(None)).order_by(b.id).limit(MAX_BOARDS)):
        heard.add_metric([row.commune, row.code], max(0.0, (now - from_ms(row.received)).total_seconds()))
        if row.publication is not None:
            publication.add_metric([row.commune, row.code], row.publication)
    a = t.alarm.c
    alarms = GaugeMetricFamily(
        "bangtin_board_alarms", "Open alarms of the board.", labels=["commune", "board", "level"]
    )  # fmt: skip
    counted = (
        select(b.commune, b.code, a.level, func.count().label("opened"))
        .join(t.alarm, a.board == b.id)
        .where(a.until.is_(None), a.opened.is_not(None))
        .group_by(b.commune, b.code, a.level)
    )
    for row in connection.execute(counted.limit(MAX_BOARDS)):
        alarms.add_metric([row.commune, row.code, Level(row.level).name.lower()], row.opened)
    return iter([heard, publication, alarms])


def _may(request: Request, token: str) -> bool:
    """The token, or, where there is none, somebody on this machine."""
    if token:
        kind, _, shown = request.headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token.encode())
    try:
        here = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
    return here and not any(name in request.headers for name in _PROXIED)
