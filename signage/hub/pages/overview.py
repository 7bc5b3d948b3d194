"""The same for people: an overview with the worst board first, a page for each board, and JSON.

Server-rendered, in Vietnamese, readable without script; a small script of our own fetches the page
again every ten seconds and says so when the hub does not answer. Texts of boards are escaped by the
template and by nothing else; a frame is served only as the JPEG that it was checked to be.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ...wire import when
from .. import roster
from ..alarms import Level
from ..intake import Board, Refusals
from ..keeping import JPEG_START
from ..store import Store
from . import views, words

BOARDS_A_PAGE = 60  # boards on one page of the overview
NO_STORE = {"Cache-Control": "no-store"}
_STATIC = {
    "hub.css": "text/css; charset=utf-8",
    "hub.js": "text/javascript; charset=utf-8",
    "hub.svg": "image/svg+xml",
}
_HERE = Path(__file__).parent


class Pages:
    """Reads only; each request with a connection of its own."""

    def __init__(
        self, store: Store, expected: views.Expected | None, refusals: dict[Board, Refusals],
        healthy: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._store, self._expected = store, expected
        self._refusals, self._healthy = refusals, healthy
        self._templates = _templates()

    def routes(self) -> list[Route]:
        return [
            Route("/", self.overview),
            Route("/bang/{commune}/{board}", self.board),
            Route("/bang/{commune}/{board}/frame.jpg", self.frame),
            Route("/api/boards.json", self.boards_json),
            Route("/static/{name}", self.static),
        ]

    def overview(self, request: Request) -> Response:
        now = datetime.now(UTC)
        with self._store.reading() as db:
            found = views.all_boards(db, now, self._expected)
        pages = max(1, -(-len(found) // BOARDS_A_PAGE))
        page = min(max(1, _number(request.query_params.get("trang", "1"))), pages)
        shown = found[(page - 1) * BOARDS_A_PAGE : page * BOARDS_A_PAGE]
        return self._html(
            "overview.html", now, boards=shown, total=len(found), page=page, pages=pages,
            tallies=views.tallies(found), levels=_levels(found), healthy=self._healthy(),
            org=_one_name(found), sample=any(view.enrolled.place.sample for view in found),
        )  # fmt: skip

    def board(self, request: Request) -> Response:
        now, commune, board = datetime.now(UTC), request.path_params["commune"], request.path_params["board"]
        with self._store.reading() as db:
            view = views.one_board(db, commune, board, now, self._expected)
            if view is None:
                raise HTTPException(404)
            details = views.details(db, view.enrolled.number)
        return self._html(
            "board.html",
            now,
            b=view,
            details=details,
            refusals=self._refusals.get((commune, board)),
            org=view.enrolled.place.commune_name,
            sample=view.enrolled.place.sample,
        )

    def frame(self, request: Request) -> Response:
        with self._store.reading() as db:
            found = roster.find(db, request.path_params["commune"], request.path_params["board"])
            jpeg = views.frame(db, found.number) if found else None
        if jpeg is None or not jpeg.startswith(JPEG_START):
            raise HTTPException(404)
        return Response(jpeg, media_type="image/jpeg", headers=NO_STORE)

    def boards_json(self, request: Request) -> Response:
        now = datetime.now(UTC)
        with self._store.reading() as db:
            found = views.all_boards(db, now, self._expected)
        answer = {"v": 1, "made": when(now), "boards": [view.as_json() for view in found]}
        return JSONResponse(answer, headers=NO_STORE)

    def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _STATIC:
            raise HTTPException(404)
        headers = {"Content-Type": _STATIC[name], "Cache-Control": "max-age=300"}
        return Response((_HERE / "static" / name).read_bytes(), headers=headers)

    def missing(self, request: Request, error: Exception) -> Response:
        """404 in words."""
        response = self._html("missing.html", datetime.now(UTC))
        response.status_code = 404
        return response

    def _html(self, template: str, now: datetime, **values: Any) -> HTMLResponse:
        text = self._templates.get_template(template).render({"now": now, "org": "", "sample": False, **values})
        return HTMLResponse(text, headers=NO_STORE)


def _one_name(found: list[views.BoardView]) -> str:
    """The commune's name, when all boards are of one."""
    names = {view.enrolled.place.commune_name for view in found}
    return names.pop() if len(names) == 1 else ""


def _levels(found: list[views.BoardView]) -> dict[Level, int]:
    return {level: sum(view.judgement.level == level for view in found) for level in Level}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


def _templates() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(_HERE / "templates")
    made = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {"plain": words.plain, "local": words.local, "span": words.span, "clock": words.clock}
    made.globals |= {"words": words, "Level": Level}
    return made
