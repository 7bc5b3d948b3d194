"""Emergencies prepared beforehand: who may make one, and that none is ever shown alone."""

from datetime import timedelta
from typing import Any

import pytest

from signage.board.judging import judge
from signage.board.playlist import Playlist
from signage.board.rotation import scene
from signage.board.trust import Identity, Publication
from signage.dossier import Dossier
from signage.publication import EMERGENCIES, EmergencyList, Manifest, manifest_name
from signage.review import Statement

TWO_YEARS = timedelta(days=730)


@pytest.fixture
def prepare(office: Any, now: Any) -> Any:
    """Puts a template into the manifest: approved by two, unless other records are given."""

    def one(listed: bool = True, records: Any = None, **values: Any) -> Statement:
        times = {"start": now - TWO_YEARS / 2, "end": now + TWO_YEARS / 2}
        template = office.statement(
            "Khi có lũ", ("#004400",), klass="khan-cap", kind="thien-tai", **{**times, **values}
        )
        office.show(template, None if records is None else records(template))
        office.overrides["templates"] = (template.sha256,) if listed else ()
        return template

    return one


@pytest.fixture
def now(office: Any) -> Any:
    return office.manifest().made


def raised(office: Any, template: Statement | str, **alert: Any) -> Statement:
    name = template if isinstance(template, str) else template.sha256
    usual = {"level": 4, "source": "Đài", "bulletin_time": "2026-11-22T00:00:00Z", "words": "Di dời.", "template": name}
    return office.alarm(office.emergency(alert={**usual, **alert}))


def held(office: Any) -> Playlist:
    """What the board makes of the office's files."""
    lich = office.lich()
    manifest = Manifest.read(lich[manifest_name("nha-van-hoa-3")])
    publication = Publication(office.people(), manifest, EmergencyList.read(lich[EMERGENCIES]), ())
    names = {p.stem: p.read_bytes() for f in ("dossiers", "records") for p in (office.served / f).glob("*.json")}
    identity = Identity("nha-van-hoa-3", "99999", manifest.repository)
    return judge(publication, names, identity, manifest.made)


def test_its_slides_follow_those_of_the_emergency(office: Any, prepare: Any) -> None:
    template = prepare()
    alarm = raised(office, template)
    playlist = held(office)
    (entry,) = playlist.emergencies
    assert entry.sha == alarm.sha256 and not playlist.refused
    assert entry.prepared == template.slides["lcd-320x180"] and entry.slides == alarm.slides["lcd-320x180"]


def test_it_lies_on_the_board_and_is_never_shown_alone(office: Any, prepare: Any, now: Any) -> None:
    template = prepare()
    playlist = held(office)
    assert [e.sha for e in playlist.templates] == [template.sha256]
    assert template.slides["lcd-320x180"][0] in playlist.slides()
    assert not list(playlist.everything()) and scene(playlist, now).kind == "safe"


@pytest.mark.parametrize("where", ["items", "evergreen", "emergencies"])
def test_the_online_key_cannot_show_it_alone(office: Any, prepare: Any, now: Any, where: str) -> None:
    template = prepare(listed=False)
    if where == "evergreen":
        office.evergreen.append(template.sha256)
    if where == "emergencies":
        records = tuple(r.sealed.data for r in office.both(template))
        office.emergencies.append(Dossier(template.to_bytes(), records))
    assert scene(held(office), now).kind == "safe"


WRONG = {
    "not listed": {"listed": False},
    "the duty person alone": {"records": lambda office: lambda t: [office.record(t, "p5", "approve", "duty")]},
    "the author alone": {"records": lambda office: lambda t: [office.record(t, "p1", "submit", "author")]},
    "over": {"end": -1},
    "longer than two years": {"end": 800},
    "another board's": {"boards": ("board:cong-xa",)},
    "another commune's": {"commune": "00001"},
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_bad_template_never_holds_up_the_emergency(office: Any, prepare: Any, now: Any, case: str) -> None:
    how: dict[str, Any] = dict(WRONG[case])
    if "records" in how:
        how["records"] = how["records"](office)
    if "end" in how:
        how["end"] = now + timedelta(days=how["end"])
    alarm = raised(office, prepare(**how))
    playlist = held(office)
    (entry,) = playlist.emergencies
    assert entry.sha == alarm.sha256 and entry.prepared == ()
    assert "template-missing" in {r.code for r in playlist.refused}
    assert scene(playlist, now).entry == entry


def test_a_template_for_other_boards_is_no_news_here(office: Any) -> None:
    raised(office, "f" * 64)
    playlist = held(office)
    assert [e.prepared for e in playlist.emergencies] == [()] and not playlist.refused


def test_an_emergency_may_not_name_a_notice_or_another_emergency(office: Any, prepare: Any) -> None:
    notice = office.show(office.statement("Họp thôn"))
    office.overrides["templates"] = (notice.sha256,)
    raised(office, notice)
    (entry,) = held(office).emergencies
    assert entry.prepared == ()


def test_what_is_taken_back_is_shown_no_more(office: Any, prepare: Any) -> None:
    template = prepare()
    raised(office, template)
    office.hidden.append(template.sha256)
    assert held(office).emergencies[0].prepared == ()


def test_a_drill_is_told(office: Any, prepare: Any) -> None:
    raised(office, prepare(), drill=True)
    (entry,) = held(office).emergencies
    assert entry.drill and entry.prepared
