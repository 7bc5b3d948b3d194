"""The hub put together: intake and pages as one ASGI application, and how it is served."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import durable
from ..errors import Unavailable
from . import hints, intake, openapi
from .asking import Asked
from .beside import Beside, possible
from .duty import Duty
from .fleet import door
from .health import Health
from .keyring import Keyring
from .ledger import Ledger
from .live import Live
from .metrics import Metrics
from .pages import SECTIONS, Hub, Shell
from .pages.drawing import HEADERS
from .published import Folders, Published
from .seen.lately import Lately
from .store import Store, open_store
from .watchman import LOOK_EVERY

KEEP_ALIVE_S = 75  # longer than two heartbeats, so that a board keeps its connection
SWITCH_S = 0.0005  # of one thread before another has its turn: the event loop waits for few of Python's usual 5 ms
COLLECT = (50_000, 20, 50)  # objects until the collector looks for rings, of which we make few: it was half of a look
GRACE_S = 5  # what running requests get when the hub is told to stop
BACKLOG = 2048  # connections that wait to be accepted
MAX_CONNECTIONS = 16_000  # beyond that: 503 (the machine's limit of open files is near)
LOCK = "hub.lock"


class SafeHeaders:
    """Every answer carries the same strict headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, sent)


class _Hub(Starlette):
    """Reports go straight to the intake: of a thousand a second none needs a router."""

    def __init__(self, intake: ASGIApp, **more: Any) -> None:
        super().__init__(**more)
        self._intake = intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(intake.PATH):
            await self._intake(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def application(
    store: Store, places: Folders | None = None, folder: Path | None = None, beside: Beside | None = None
) -> Starlette:
    """The hub on `store`; its writer and its watchman run for as long as the application does.

    `folder`: where `hub.toml` is; without it nobody is told. `beside`: a process that does the watchman's and the
    postman's work, instead of this one. Raises `BadInput` for `hub.toml`.
    """
    ledger, keyring, places = Ledger(store), Keyring(store), places or Folders()
    duty = beside or Duty(store, folder)
    asked = Asked(store)
    takes = intake.Intake(keyring, ledger, asked=asked)
    health, live, published = Health(store, ledger, duty), Live(store), Published(store, places)
    more = {"refusals": takes.refusals, "live": live, "lately": Lately()}
    pages = Shell(Hub(store, lambda: ledger.working, published.folders, more), SECTIONS)
    channel = hints.Hints(places)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        keyring.load()
        if beside:  # this process is ours alone
            gc.collect()
            gc.freeze()  # forty thousand keys never go: the collector need not look at them again and again
        ledger.start()
        duty.start(lambda: ledger.working)
        try:
            async with channel.looking(), live.looking(), published.looking(), asked.looking():
                yield
        finally:
            await asyncio.to_thread(duty.stop)
            ledger.stop()

    async def listen(request: Any) -> Any:
        return await channel(request)

    return _Hub(
        takes,
        routes=[
            Route("/healthz", health.answer),
            Route("/metrics", Metrics(store, duty.settings.get, health.reasons).answer),
            Route("/v1/openapi.json", openapi.answer),
            Route(door.PATH, door.Door(store).answer, methods=["POST"]),
            Route(hints.PATH, listen),
            *pages.routes(),
        ],
        middleware=[Middleware(SafeHeaders)],
        exception_handlers={404: pages.missing, 405: pages.missing, 500: pages.broken},
        lifespan=lifespan,
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises `Unavailable` (`hub-port`)."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        # asyncio sets it only on sockets that name their protocol, which accepted ones do not:
        # without it an answer waits 40 ms for the other side's delayed acknowledgement.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        raise Unavailable("hub-port", host=host, port=port, why=str(error)) from error


def _allow_connections() -> None:
    """Every board keeps a connection open: take as many open files as the system grants."""
    if sys.platform == "win32":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def serve(
    folder: Path, listening: socket.socket, publication: Path | None = None,
    ready: Callable[[], None] | None = None, publications: Path | None = None, look_every: timedelta = LOOK_EVERY,
) -> None:  # fmt: skip
    """Serve until SIGTERM or SIGINT, then finish what runs and end cleanly; `ready` just before.

    `publication`, `publications`: as `Folders`; `look_every`: as `Beside`.

    Raises `Unavailable` (`locked`) when another hub serves this folder, and what `open_store` raises,
    `BadInput` for a bad `hub.toml`.
    """
    _allow_connections()
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(*COLLECT)

    def stop(*_: object) -> NoReturn:
        sys.exit(0)

    # uvicorn stops gracefully, then raises the signal again for whoever handled it before it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with (
        Beside(folder, listening, look_every) if possible() else nullcontext() as beside,
        open_store(folder) as store, durable.only_one(folder / LOCK),
    ):  # fmt: skip
        app = application(store, Folders(publication, publications), folder, beside)
        if ready:
            ready()
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False,
            proxy_headers=False, timeout_keep_alive=KEEP_ALIVE_S, timeout_graceful_shutdown=GRACE_S,
            limit_concurrency=MAX_CONNECTIONS, lifespan="on", ws="none",
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[listening])
