"""The short way of an emergency: who may use it, for what, and for how long."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.attacks.conftest import GOOD, refused, still_shows
from tests.board.conftest import NOW


def raised(office, board, statement, records=None):
    """Why the board does not show this emergency."""
    office.alarm(statement, records)
    office.publish()
    assert board.sync().error is None
    return refused(board, statement)


def test_duty_alone_raises_an_emergency(office, good):
    """The way itself is open, or the refusals below would prove nothing."""
    assert raised(office, good, office.emergency("Lũ")) is None
    still_shows(good, GOOD, "Lũ")


def test_duty_key_for_an_ordinary_notice(office, good):
    s = office.statement("giả", ("#101010",))
    office.show(s, [office.record(s, "p5", "approve", "duty")])
    office.publish()
    good.sync()
    assert refused(good, s) == "no-author"
    still_shows(good, GOOD)


def test_duty_key_for_an_ordinary_notice_in_the_emergency_list(office, good):
    s = office.statement("giả", ("#101010",))
    assert raised(office, good, s) == "no-author"
    still_shows(good, GOOD)


def test_an_approved_notice_in_the_emergency_list(office, good):
    s = office.statement("thường", ("#101010",))
    assert raised(office, good, s, office.both(s)) == "not-an-emergency"
    still_shows(good, GOOD)


def test_emergency_longer_than_24_h(office, good, glass):
    assert raised(office, good, office.emergency("Lũ", hours=25)) == "emergency-too-long"
    still_shows(good, GOOD)
    glass.still_shows(good.sync())


def test_emergency_longer_than_24_h_by_two_persons(office, good):
    s = office.emergency("Lũ", hours=25)
    assert raised(office, good, s, office.both(s)) == "emergency-too-long"
    still_shows(good, GOOD)


def test_emergency_that_the_manifest_makes_longer(office, good):
    """As an item, whose ranges are the online key's to say: no further than what was signed."""
    s = office.emergency("Lũ", hours=6)
    office.show(s, [office.record(s, "p5", "approve", "duty")])
    office.items[-1] = replace(office.items[-1], ranges=((s.start, s.end + timedelta(days=9)),))
    office.publish()
    good.sync()
    still_shows(good, GOOD, "Lũ")
    (entry,) = good.held().playlist.emergencies
    assert entry.ranges == ((s.start, s.end),)


def test_emergency_that_has_ended_raised_again(office, good):
    """A true record of yesterday: its end was signed with it."""
    s = office.emergency("Lũ", hours=6, start=NOW - timedelta(days=2), end=NOW - timedelta(days=1, hours=18))
    office.alarm(s, [office.record(s, "p5", "approve", "duty", NOW - timedelta(days=2))])
    office.publish()
    good.sync()
    still_shows(good, GOOD)
    still_shows(good, "Lũ", at=s.start + timedelta(hours=1))


def test_a_template_without_words_in_the_emergency_list(office, good):
    """What two persons prepared for months is shown behind the words of an emergency, never alone."""
    s = office.emergency("Mẫu", alert=None)
    assert raised(office, good, s) is not None
    still_shows(good, GOOD)


@pytest.mark.parametrize("act, role", [("submit", "author"), ("approve", "approver"), ("approve", "author")])
def test_emergency_by_one_who_is_not_on_duty(office, good, act, role):
    s = office.emergency("Lũ")
    person = {"author": "p1", "approver": "p3"}[role]
    assert raised(office, good, s, [office.record(s, person, act, role)]) in ("no-approver", "no-author")
    still_shows(good, GOOD)


def test_emergency_by_the_duty_person_of_another_commune(office, good, another):
    s = office.emergency("Lũ")
    assert raised(office, good, s, [another("thief").record(s, "p5", "approve", "duty")]) is not None
    still_shows(good, GOOD)


def test_stolen_duty_key(office, good):
    """False alarms end as soon as the people that the offline key signs say since when; and none comes after it."""
    false = office.emergency("giả")
    record = office.record(false, "p5", "approve", "duty", NOW - timedelta(minutes=4))
    assert raised(office, good, false, [record]) is None
    still_shows(good, GOOD, "giả")
    office.void["p5"] = NOW - timedelta(hours=1)
    office.sign_people()
    dated_back = office.emergency("giả, ghi lùi ngày")
    record = office.record(dated_back, "p5", "approve", "duty", NOW - timedelta(hours=2))
    assert raised(office, good, dated_back, [record]) == "no-author"
    assert refused(good, false) == "no-author"
    still_shows(good, GOOD)


def test_an_emergency_with_nineteen_lies_beside_it(office, good, glass):
    """As many false entries as the list may have: the true one is shown all the same."""
    office.alarm(office.emergency("Lũ"))
    for n in range(19):
        s = office.emergency(f"giả {n}", colours=())
        office.alarm(s, [office.record(s, "p1", "submit", "author")])
    office.publish()
    outcome = good.sync()
    assert outcome.error is None and len(outcome.refused) == 19
    still_shows(good, GOOD, "Lũ")
    glass.still_shows(outcome, "Lũ")
