"""The fleet for people: codes for new boards and replaced boxes, boards out of use, settings from one text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import Connection, select
from starlette.responses import Response

from ... import errors
from ...errors import BadInput, BangtinError, Problem, Refused
from ...settings.table import NAME, SHOWN
from ..fleet import changing, codes, file, plan
from ..fleet.file import FleetFile
from ..fleet.plan import Change
from ..people.roles import Role
from ..roster import MAX_PLACE, Place
from ..seen.fleet import communes_of, has_sample
from ..store import tables as t
from .shell import Menu, Section
from .visit import Visit

FLEET, SETTINGS, CODE = "/ghi-danh", "/ghi-danh/cai-dat", "/ghi-danh/ma"
CODES_SHOWN = 30
RETIRED_SHOWN = 100
CHANGES_SHOWN = 200
TEXT = "cac-bang.toml"
ASKED = ("commune", "board", "name", "site", "hamlet", "metered", "replaces")  # of a code's form
FIELDS = {
    "name": "tên", "site": "nơi đặt", "hamlet": "thôn", "shape": "khung hình", "metered": "SIM tính theo dung lượng",
    "retired": "ngừng dùng", "latitude": "vĩ độ", "longitude": "kinh độ", "mute": "không báo", "boards": "các bảng",
}  # fmt: skip

section = Section("Ghi danh", menu=Menu(FLEET, "Ghi danh", 70, Role.OPERATOR))
section.said |= {
    "bang-ngung": "Đã ngừng dùng bảng; quá khứ của bảng vẫn giữ.",
    "bang-lai": "Bảng được dùng lại, với khóa cũ của nó.",
    "cai-dat": "Đã đổi cài đặt của các bảng.",
}


@section.get(FLEET, least=Role.OPERATOR)
def overview(visit: Visit) -> Response:
    """Codes, boards out of use, and the way to the settings."""
    return _overview(visit, {})


@section.post(CODE)
def code(visit: Visit) -> Response:
    """A code, shown this once."""
    wanted = {name: visit.text(name) for name in ASKED}
    visit.may_act(wanted["commune"])
    try:
        _check(wanted)
        with visit.writing() as connection:
            of = connection.execute(select(t.commune).where(t.commune.c.code == wanted["commune"])).one()
            place = Place(
                wanted["name"] or wanted["board"], wanted["site"], wanted["hamlet"], of.name, bool(wanted["metered"]),
                bool(of.sample),
            )  # fmt: skip
            made = codes.make(
                connection, visit.actor, of.code, wanted["board"], place, visit.now, replaces=bool(wanted["replaces"])
            )
    except (BadInput, Refused) as error:
        return _overview(visit, wanted, error)
    return visit.page("fleet_code.html", code=made, board=wanted["board"], commune=of.name, days=codes.DAYS)


@section.post(FLEET + "/{commune}/{board}/ngung")
def retire(visit: Visit) -> Response:
    """Out of use."""
    commune, board = visit.param("commune"), visit.param("board")
    with visit.writing() as connection:
        changing.retire(connection, commune, board, visit.actor, visit.now, visit.text("reason")[:MAX_PLACE])
    return visit.go(FLEET, said="bang-ngung")


@section.post(FLEET + "/{commune}/{board}/dung-lai")
def restore(visit: Visit) -> Response:
    """In use again."""
    with visit.writing() as connection:
        changing.restore(connection, visit.param("commune"), visit.param("board"), visit.actor, visit.now)
    return visit.go(FLEET, said="bang-lai")


@section.post(FLEET + "/ngung")
def retire_typed(visit: Visit) -> Response:
    """Out of use, by the ids that were typed."""
    commune, board = visit.text("commune"), visit.text("board")
    visit.may_act(commune)
    try:
        with visit.writing() as connection:
            changing.retire(connection, commune, board, visit.actor, visit.now, visit.text("reason")[:MAX_PLACE])
    except Refused as error:
        return _overview(visit, {}, error)
    return visit.go(FLEET, said="bang-ngung")


@section.get(SETTINGS + ".toml", least=Role.OPERATOR)
def download(visit: Visit) -> Response:
    """The settings of the boards that the viewer may see, as the file that may be sent back."""
    with visit.reading() as connection:
        text = file.written(changing.settings(connection, visit.viewer.communes))
    headers = {"Content-Disposition": f'attachment; filename="{TEXT}"'}
    return Response(text.encode(), media_type="application/toml; charset=utf-8", headers=headers)


@section.get(SETTINGS, least=Role.OPERATOR)
def settings(visit: Visit) -> Response:
    """The form for many changes at once."""
    return _settings(visit, "", None)


@section.post(SETTINGS)
def change(visit: Visit) -> Response:
    """First what it would change; with `sure` it is done."""
    text = visit.text("text")
    try:
        wanted = file.parsed(text.encode(), TEXT)
        _within(visit, wanted)
        if visit.text("sure") != "1":
            with visit.reading() as connection:
                there = changing.settings(connection, visit.viewer.communes)
            if problems := plan.problems(there, wanted, TEXT):
                raise BadInput(problems)
            return _settings(visit, text, plan.changes(there, wanted))
        with visit.writing() as connection:
            changing.apply(connection, wanted, TEXT, visit.actor, visit.now)
    except BadInput as error:
        return _settings(visit, text, None, error.problems)
    return visit.go(FLEET, said="cai-dat")


def _overview(visit: Visit, wanted: dict[str, str], error: BangtinError | None = None) -> Response:
    with visit.reading() as connection:
        known = [one for one in codes.open_codes(connection, visit.now) if visit.viewer.may_see(one.commune)]
        b = t.board.c
        retired = connection.execute(
            select(b.commune, b.code, b.name, b.retired)
            .where(b.retired.is_not(None), visit.viewer.sees(b.commune))
            .order_by(b.retired.desc()).limit(RETIRED_SHOWN)
        ).all()  # fmt: skip
        communes, sample = _communes(visit, connection), has_sample(connection, visit.viewer.communes)
    return visit.page(
        "fleet.html", status=422 if error else 200, codes=known[:CODES_SHOWN], retired=retired, communes=communes,
        sample=sample, wanted=dict.fromkeys(ASKED, "") | wanted, problems=_told(error), most=MAX_PLACE,
    )  # fmt: skip


def _settings(
    visit: Visit, text: str, changes: Sequence[Change] | None, problems: Sequence[Problem] = ()
) -> Response:  # fmt: skip
    shown = None if changes is None else [(c.key, FIELDS[c.field], _value(c.was), _value(c.now)) for c in changes]
    return visit.page(
        "fleet_settings.html", status=422 if problems else 200, text=text, changes=shown and shown[:CHANGES_SHOWN],
        count=0 if changes is None else len(changes), asked=changes is not None, problems=list(problems),
    )  # fmt: skip


def _within(visit: Visit, wanted: FleetFile) -> None:
    """Only boards and groups where the viewer may act; a group of the whole hub is for who sees all of it."""
    for commune in {board.commune for board in wanted.boards} | {group.commune for group in wanted.groups}:
        if commune is None and visit.viewer.communes is not None:
            visit.refuse()
        elif commune is not None:
            visit.may_act(commune)
    for commune in {key.partition("/")[0] for group in wanted.groups for key in group.boards}:
        visit.may_act(commune)


def _check(wanted: dict[str, str]) -> None:
    problems = []
    if not re.fullmatch(NAME, wanted["board"]):
        values = {"value": wanted["board"], "pattern": SHOWN[NAME]}
        problems.append(Problem("setting-shape", "Mã bảng", field="board", values=values))
    for name, label in (("name", "Tên bảng"), ("site", "Nơi đặt"), ("hamlet", "Thôn")):
        if len(wanted[name]) > MAX_PLACE:
            problems.append(
                Problem("text-long", label, field=name, values={"length": len(wanted[name]), "most": MAX_PLACE})
            )
    if problems:
        raise BadInput(problems)


def _communes(visit: Visit, connection: Connection) -> list[tuple[str, str]]:
    return list(communes_of(connection, visit.viewer.communes).items())


def _told(error: BangtinError | None) -> list[str]:
    if error is None:
        return []
    if isinstance(error, BadInput):
        return [errors.sentence(p.code, field=p.file, **p.values) for p in error.problems]
    return [error.told()]


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value[:10])) + (f" … ({len(value)})" if len(value) > 10 else "") or "—"
    if isinstance(value, bool):
        return "có" if value else "không"
    return "—" if value in (None, "") else str(value)
