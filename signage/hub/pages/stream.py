"""The line on which open pages hear that something changed."""

from __future__ import annotations

from starlette.responses import Response, StreamingResponse

from ..live import HEADERS, KIND, Live
from .shell import Section
from .visit import Visit

PATH = "/moi"

section = Section("Cập nhật")


@section.stream(PATH)
async def news(visit: Visit) -> Response:
    """Server-sent events; 503 when too many listen, and the page polls."""
    live: Live = visit.hub.more["live"]
    if not live.has_room(visit.viewer):
        return Response(status_code=503)
    return StreamingResponse(live.listen(visit.viewer, visit.lasts), media_type=KIND, headers=HEADERS)
