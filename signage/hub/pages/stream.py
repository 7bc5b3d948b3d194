"""The line on which open pages hear that something changed."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from ..live import HEADERS, KIND, Live
from ..seen import news
from .shell import Section
from .visit import Visit

PATH = "/moi"

section = Section("Cập nhật")


def line(connection: Connection, visit: Visit) -> str:
    """Where a page's script listens for what comes after this moment."""
    return f"{PATH}?tu={news.place(connection, visit.now)}"


@section.stream(PATH)
async def changes(visit: Visit) -> Response:
    """Server-sent events; 503 when too many listen, and the page polls."""
    live: Live = visit.hub.more["live"]
    if not live.has_room(visit.viewer):
        return Response(status_code=503)
    since = news.Place.read(visit.query("tu"))
    return StreamingResponse(live.listen(visit.viewer, visit.lasts, since), media_type=KIND, headers=HEADERS)
