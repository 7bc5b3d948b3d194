"""Notices: waiting, showing, over; which boards confirmed each, since when."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ..seen import fleet, posted
from . import telling
from .shell import Menu, Section
from .stream import line
from .visit import Visit

LEAST_SHA = 16  # digits of a statement in an address

section = Section("Thông báo", menu=Menu("/thong-bao", "Thông báo", 20))


@section.get("/thong-bao")
def notices(visit: Visit) -> Response:
    """One page of those that are as asked for."""
    standing = visit.query("la", posted.SHOWING)
    standing = standing if standing in posted.STANDINGS else posted.SHOWING
    communes, commune = visit.viewer.communes, visit.query("xa")
    with visit.reading() as connection:
        live, names = line(connection, visit), fleet.communes_of(connection, communes)
        counts = posted.counts(connection, communes, visit.now, commune)
        pages = max(1, -(-counts[standing] // posted.NOTICES_A_PAGE))
        number = min(_number(visit.query("trang")), pages)
        found = posted.page(connection, communes, visit.now, standing, number, commune)
        told = posted.confirmations(connection, found)
        sample = fleet.has_sample(connection, communes)
    return visit.page(
        "notices.html", told=told, counts=counts, standing=standing, page=number, pages=pages, names=names,
        commune=commune, sample=sample, live=live, telling=telling, link=_link,
        org=next(iter(names.values())) if len(names) == 1 else "",
    )  # fmt: skip


@section.get("/thong-bao/{commune}/{statement}")
def notice(visit: Visit) -> Response:
    """One notice, board by board."""
    commune, beginning = visit.param("commune"), visit.param("statement")
    if len(beginning) < LEAST_SHA:
        raise HTTPException(404)
    with visit.reading() as connection:
        live = line(connection, visit)
        found = posted.find(connection, commune, beginning)
        if found is None:
            raise HTTPException(404)
        (told,) = posted.clocks(connection, [found]) if found.alert else posted.confirmations(connection, [found])
        names = posted.names(connection, [commune])
        here = frozenset([commune])
        org, sample = fleet.communes_of(connection, here).get(commune, ""), fleet.has_sample(connection, here)
    shown = sorted(told.shown.items(), key=lambda item: item[1].first)
    return visit.page(
        "notice.html", told=told, shown=shown, n=found, standing=posted.standing(found, visit.now), names=names,
        live=live, telling=telling, org=org, sample=sample,
    )  # fmt: skip


def _link(standing: str, commune: str, page: int = 1) -> str:
    chosen = {"la": standing, "xa": commune, "trang": "" if page == 1 else page}
    return "/thong-bao?" + urlencode({name: value for name, value in chosen.items() if value})


def _number(text: str) -> int:
    return max(int(text), 1) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
