"""What is shown when: `tests/vectors/schedule.json`, asked of the office's expansion and of a board.

Each moment is asked of publications of several ages: what a board shows does not hang on when it last synced.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signage.board.judging import judge
from signage.board.rotation import scene
from signage.board.trust import Identity, Publication
from signage.keys import PrivateKey
from signage.notice import Notice, Places, read_file
from signage.office.manifests import Edition, Shown, targets
from signage.office.standing import standings
from signage.publication import EMERGENCIES, EmergencyList, Manifest, Mode, Shape, manifest_name
from signage.review import People, Person, PersonKey, SlideFile, Statement, sign
from signage.schedule import HORIZON, VIETNAM_TIME, active
from signage.settings import Board, Commune, DaysOff, Settings

FILE = Path(__file__).parent.parent / "vectors" / "schedule.json"
AGES = [timedelta(days=days) for days in (0, 1, 40, 90)]  # between a publication and the moment that is asked
USUAL = {
    "Title": "Tin", "Date": "2024-01-01 00:00", "Kind": "tin", "Category": "an-sinh", "Boards": "all",
    "Summary": "Tin.",
}  # fmt: skip
SHAPE = Shape("led", 64, 32)
KEYS = {name: PrivateKey.generate() for name in ("p1", "p3")}
LONG_AGO, FAR = datetime(2020, 1, 1, tzinfo=VIETNAM_TIME), datetime(2060, 1, 1, tzinfo=VIETNAM_TIME)
PEOPLE = People(tuple(
    Person(name, frozenset([role]), (PersonKey(KEYS[name].public, LONG_AGO, FAR),))
    for name, role in (("p1", "author"), ("p3", "approver"))
))  # fmt: skip
COMMUNE = Commune("99999", "xã Thử", "Thử", "tỉnh Mẫu", "UBND", "0", "", "", "https://xa.example", "", True)
BOARD = Board("b", "Bảng", Mode((64, 32), (0, 0, 64, 32), 0, SHAPE), (), None, "", "", "", "", 10.0, 10.0, False)


@dataclass(frozen=True)
class Case:
    """A notice's fields, and moments with whether it is shown then."""

    name: str
    fields: dict[str, str]
    asked: tuple[tuple[datetime, bool], ...]
    days_off: DaysOff

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "Case":
        asked = [(_moment(text), on) for name, on in (("on", True), ("off", False)) for text in raw[name]]
        extra, working = (frozenset(map(date.fromisoformat, raw.get(name, ()))) for name in ("extra", "working"))
        return cls(raw["name"], raw["fields"], tuple(asked), DaysOff(extra, working))

    def notice(self, folder: Path) -> Notice:
        """As an officer's file, read by the program."""
        fields = {name: value for name, value in {**USUAL, **self.fields}.items() if value}
        path = folder / "a.md"
        path.write_text("".join(f"{k}: {v}\n" for k, v in fields.items()) + "\nChữ.\n", "utf-8")
        notice, problems = read_file(path, folder, Places(*[frozenset[str]()] * 3))
        assert notice and not problems, problems
        return notice

    def manifests(self, notice: Notice, settings: Settings) -> Iterator[tuple[datetime, bool, dict[str, bytes]]]:
        """(asked moment, shown, what an office published before that)."""
        made: dict[date, dict[str, bytes]] = {}
        for moment, shown in self.asked:
            for age in AGES:
                day = (moment - age).date()
                if day not in made:
                    edition = Edition.at("a" * 64, 1, moment - age)
                    made[day] = targets(settings, [Shown(_standing(notice), notice)], [], edition, [])
                yield moment, shown, made[day]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM_TIME)


def _standing(notice: Notice) -> Any:
    statement = _statement(notice)
    return standings({statement.sha256: statement}, {statement.sha256: _records(statement)}, PEOPLE)[0]


def _statement(notice: Notice) -> Statement:
    slide = SlideFile("b" * 64, 10, "c" * 64, "image/png", 5000)
    return Statement(
        "99999", notice.id, notice.digest, "d" * 64, (), notice.kind, notice.klass, notice.title, notice.start,
        notice.end, notice.boards, {SHAPE.name: (slide,)}, {},
    )  # fmt: skip


def _records(statement: Statement) -> list[Any]:
    at = LONG_AGO + timedelta(days=1)
    acts = (("p1", "submit", "author"), ("p3", "approve", "approver"))
    return [sign(KEYS[p], act=a, statement=statement.sha256, person=p, role=r, at=at) for p, a, r in acts]


CASES = [Case.of(raw) for raw in json.loads(FILE.read_text("utf-8"))["cases"]]


def settings(case: Case) -> Settings:
    return Settings(Path(), COMMUNE, (), (BOARD,), (), PEOPLE, case.days_off)


def test_there_are_enough() -> None:
    assert len(CASES) >= 60 and len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_office_and_board_agree(case: Case, tmp_path: Path) -> None:
    notice = case.notice(tmp_path)
    dossier = _standing(notice).dossier
    objects = {dossier.sha256: dossier.to_bytes()}
    for moment, shown, lich in case.manifests(notice, settings(case)):
        manifest = Manifest.read(lich[manifest_name("b")])
        assert manifest.until - manifest.made <= HORIZON
        (item,) = manifest.items
        assert active(item.ranges, moment) is shown, (str(moment), str(manifest.made))
        publication = Publication(PEOPLE, manifest, EmergencyList.read(lich[EMERGENCIES]), ())
        playlist = judge(publication, objects, Identity("b", "99999", "a" * 64), moment)
        assert (scene(playlist, moment).entry is not None) is shown, (str(moment), str(manifest.made))


def test_a_vector_that_is_wrong_would_be_noticed(tmp_path: Path) -> None:
    case = replace(CASES[0], asked=tuple((moment, not shown) for moment, shown in CASES[0].asked))
    with pytest.raises(AssertionError):
        test_office_and_board_agree(case, tmp_path)
