"""Who may approve what: each test is a promise that a board keeps."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from signage.errors import Refused
from signage.keys import RECORD_TYPE, PrivateKey, PublicKey, valid_public
from signage.notice import SourceFile
from signage.review import Approval, People, Person, PersonKey, Record, SlideFile, Statement, approval, sign, withdrawal
from signage.wire import BadFormat, canonical, when

NOW = datetime(2026, 11, 22, tzinfo=UTC)
KEYS = {name: PrivateKey.generate() for name in ("p1", "p2", "p3", "p5", "stranger")}
YEAR = timedelta(days=365)
ALERT = {"level": 3, "source": "Đài", "bulletin_time": when(NOW), "words": "Lũ"}


def person(ident: str, *roles: str, void_from: datetime | None = None) -> Person:
    return Person(ident, frozenset(roles), (PersonKey(KEYS[ident].public, NOW - YEAR, NOW + YEAR),), void_from)


PEOPLE = People((
    person("p1", "author"), person("p2", "author", "approver"), person("p3", "approver"), person("p5", "duty"),
))  # fmt: skip


def statement(klass: str = "thong-thuong", hours: int = 12, **changes: object) -> Statement:
    slide = SlideFile("a" * 64, 100, "b" * 64, "image/webp", 9000)
    values: dict[str, object] = {
        "commune": "99999", "notice": "tin/a", "digest": "c" * 64, "text": "d" * 64, "files": (), "kind": "tin",
        "klass": klass, "title": "Tin", "start": NOW, "end": NOW + timedelta(hours=hours), "boards": ("all",),
        "slides": {"lcd-1920x1080": (slide,)}, "drawn_by": {},
        "alert": ALERT if klass == "khan-cap" else None,
    }  # fmt: skip
    return Statement(**{**values, **changes})  # type: ignore[arg-type]


def record(who: str, act: str, role: str, of: Statement, at: datetime = NOW, key: str | None = None) -> Record:
    return sign(KEYS[key or who], act=act, statement=of.sha256, person=who, role=role, at=at)


def submit(of: Statement, who: str = "p1", **more: object) -> Record:
    return record(who, "submit", "author", of, **more)  # type: ignore[arg-type]


def approve(of: Statement, who: str = "p3", role: str = "approver", **more: object) -> Record:
    return record(who, "approve", role, of, **more)  # type: ignore[arg-type]


def test_author_and_another_approver_are_enough() -> None:
    s = statement()
    answer = approval(s, [approve(s), submit(s)], PEOPLE)
    assert isinstance(answer, Approval) and [r.act for r in answer.records] == ["submit", "approve"]


NOT_ENOUGH = {
    "nobody": (lambda s: [], "no-author"),
    "only the author": (lambda s: [submit(s)], "no-approver"),
    "only the approver": (lambda s: [approve(s)], "no-author"),
    "two authors": (lambda s: [submit(s), submit(s, "p2")], "no-approver"),
    "the approver is the author": (lambda s: [submit(s, "p2"), approve(s, "p2")], "no-other-person"),
    "an author who claims to approve": (lambda s: [submit(s), approve(s, "p1")], "no-approver"),
    "a stranger's key": (lambda s: [submit(s), approve(s, key="stranger")], "no-approver"),
    "the author's key under the approver's name": (lambda s: [submit(s), approve(s, key="p1")], "no-approver"),
    "signed before the key was valid": (lambda s: [submit(s), approve(s, at=NOW - 2 * YEAR)], "no-approver"),
    "signed after the key ended": (lambda s: [submit(s), approve(s, at=NOW + 2 * YEAR)], "no-approver"),
    "duty for an ordinary notice": (lambda s: [approve(s, "p5", "duty")], "no-author"),
    "records of another statement": (
        lambda s: [submit(statement(title="Khác")), approve(statement(title="Khác"))], "no-author"),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_ENOUGH)
def test_anything_less_is_refused(case: str) -> None:
    records, code = NOT_ENOUGH[case]
    s = statement()
    assert approval(s, records(s), PEOPLE) == code


def test_one_person_with_two_ids_and_one_key_is_no_two_persons() -> None:
    keys = (PersonKey(KEYS["p1"].public, NOW - YEAR, NOW + YEAR),)
    twins = People((Person("p1", frozenset({"author"}), keys), Person("p9", frozenset({"approver"}), keys)))
    s = statement()
    records = [submit(s), sign(KEYS["p1"], act="approve", statement=s.sha256, person="p9", role="approver", at=NOW)]
    assert approval(s, records, twins) == "no-other-person"
    with pytest.raises(BadFormat, match="key stands twice"):
        People.read(twins.to_bytes())


def test_a_void_person_counts_only_before() -> None:
    gone = People((*(p for p in PEOPLE.people if p.id != "p3"), person("p3", "approver", void_from=NOW)))
    s = statement()
    assert approval(s, [submit(s), approve(s)], gone) == "no-approver"
    assert isinstance(approval(s, [submit(s), approve(s, at=NOW - timedelta(days=1))], gone), Approval)


def test_a_person_limited_to_a_class_signs_no_other() -> None:
    """A province's pair or duty person, named in a commune for some classes."""
    wide, narrow = person("p3", "approver"), replace(person("p3", "approver"), classes=("uu-tien",))
    for limited, klass, good in (
        (wide, "thong-thuong", True),
        (narrow, "thong-thuong", False),
        (narrow, "uu-tien", True),
    ):
        people = People(tuple(limited if p.id == "p3" else p for p in PEOPLE.people))
        one = statement(klass=klass)
        read = People.read(people.to_bytes())
        assert isinstance(approval(one, [submit(one), approve(one)], read), Approval) is good
        assert withdrawal(one.sha256, [record("p3", "withdraw", "approver", one)], read)


def test_a_key_of_a_later_scheme_counts_for_nothing_and_stops_nobody() -> None:
    told = json.loads(PEOPLE.to_bytes())
    later = {"keyid": "a" * 64, "scheme": "webauthn", "cose": "…", "from": "…", "until": "…"}
    told["people"][0]["keys"].insert(0, later)
    assert People.read(canonical(told)) == PEOPLE


def test_a_key_for_which_anybody_can_sign_is_no_key() -> None:
    """One signature by the neutral point is good for all words; so no such point may stand for a person."""
    neutral = "01" + "00" * 31
    anybodys = bytes.fromhex(neutral) + bytes(32)
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(neutral)).verify(anybodys, b"approved")
    order_eight = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03"
    for public in (neutral, "01" + "00" * 30 + "80", "ec" + "ff" * 31, f"{order_eight}7a", f"{order_eight}fa"):
        assert not valid_public(public)
        weak = PersonKey(PublicKey(public), NOW - YEAR, NOW + YEAR)
        with pytest.raises(BadFormat):
            People.read(People((Person("p1", frozenset(["approver"]), (weak,)),)).to_bytes())
    assert all(valid_public(key.public.public) for key in KEYS.values())


def test_duty_alone_for_an_emergency_of_a_day_at_most() -> None:
    short, long = statement("khan-cap", 24), statement("khan-cap", 25)
    assert isinstance(approval(short, [approve(short, "p5", "duty")], PEOPLE), Approval)
    assert approval(long, [approve(long, "p5", "duty")], PEOPLE) == "emergency-too-long"
    assert approval(long, [submit(long), approve(long)], PEOPLE) == "emergency-too-long"


def test_a_template_takes_two_persons_and_lasts_two_years() -> None:
    template, long = (statement("khan-cap", hours, alert=None) for hours in (24 * 366 * 2, 24 * 366 * 2 + 1))
    assert isinstance(approval(template, [submit(template), approve(template)], PEOPLE), Approval)
    assert approval(template, [approve(template, "p5", "duty")], PEOPLE) == "no-author"
    assert approval(long, [submit(long), approve(long)], PEOPLE) == "emergency-too-long"


def test_anyone_responsible_takes_back_and_nobody_else() -> None:
    s = statement()
    for who, role in (("p1", "author"), ("p3", "approver"), ("p5", "duty")):
        taken = record(who, "withdraw", role, s)
        assert withdrawal(s.sha256, [taken], PEOPLE) == taken
    assert withdrawal(s.sha256, [record("p1", "withdraw", "author", s, key="stranger")], PEOPLE) is None
    assert withdrawal("e" * 64, [record("p1", "withdraw", "author", s)], PEOPLE) is None


def test_statement_and_record_survive_the_wire() -> None:
    s = statement("khan-cap", alert={**ALERT, "template": "f" * 64, "drill": True})
    assert Statement.read(s.to_bytes()) == s
    r = submit(s)
    assert Record.read(r.sealed.data) == r


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_one_changed_byte_of_a_record_counts_for_nothing(place: int, flip: int) -> None:
    s = statement()
    data = bytearray(submit(s).sealed.data)
    data[place % len(data)] ^= flip
    try:
        changed = Record.read(bytes(data))
    except (BadFormat, Refused):
        return
    good = approval(s, [changed, approve(s)], PEOPLE)
    # Bytes that DSSE does not sign (the order of JSON, say) may change; then the record says the same.
    assert good == "no-author" or changed.sealed.payload == submit(s).sealed.payload


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_one_changed_byte_of_a_statement_is_another_statement(place: int, flip: int) -> None:
    s = statement()
    data = bytearray(s.to_bytes())
    data[place % len(data)] ^= flip
    try:
        changed = Statement.read(bytes(data))
    except BadFormat:
        return
    assert approval(changed, [submit(s), approve(s)], PEOPLE) == "no-author"


def test_an_unknown_version_is_refused() -> None:
    payload = canonical({"v": 2, "act": "submit", "statement": "a" * 64, "person": "p1", "role": "author",
                         "at": when(NOW), "reason": ""})  # fmt: skip
    with pytest.raises(BadFormat, match="version"):
        Record.read(KEYS["p1"].seal(payload, RECORD_TYPE))


@pytest.mark.parametrize("changes", [
    {"notice": "../so-duyet/a"}, {"notice": "tin//a"}, {"notice": "a" * 301}, {"boards": ("cong-xa",)},
    {"boards": ("all",) * 201}, {"slides": {"lcd-01920x1080": ()}}, {"slides": {"..": ()}},
    {"files": (SourceFile("../../a.pdf", "a" * 64, 1),)}, {"files": (SourceFile(".htaccess", "a" * 64, 1),)},
    {"drawn_by": {"a": "x" * 201}}, {"drawn_by": {str(n): "" for n in range(17)}},
])  # fmt: skip
def test_a_statement_that_names_what_it_may_not_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadFormat):
        Statement.read(statement(**changes).to_bytes())


def test_records_of_one_person_on_one_statement_lie_side_by_side() -> None:
    s = statement()
    first, later = submit(s), submit(s, at=NOW + timedelta(seconds=1))
    assert first.file_name == f"{s.sha256}.p1.submit.20261122T000000Z.json" != later.file_name
