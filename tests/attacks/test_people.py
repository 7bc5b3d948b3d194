"""Who approved it: nothing but two persons' signatures over exactly these bytes brings a notice to the glass."""

import io
from dataclasses import replace
from datetime import timedelta

from PIL import Image

from signage.board.shelf import Shelf
from signage.review import Person, PersonKey, Statement
from signage.wire import canonical, parse, sha256
from tests.attacks.conftest import GOOD, refused, still_shows
from tests.board.conftest import DAY, NOW, SHAPE, png


def after(office, board, statement, records):
    """Why it is refused; whatever the reason, the good notice stays."""
    office.show(statement, records)
    office.publish()
    outcome = board.sync()
    assert outcome.error is None and outcome.refused
    still_shows(board, GOOD)
    return refused(board, statement)


def forged(office, **values):
    return office.statement("giả", ("#101010",), **values)


# ── who signed ───────────────────────────────────────────────────────────────────────────────────


def test_only_the_author_signed(office, good, glass):
    s = forged(office)
    assert after(office, good, s, [office.record(s, "p1", "submit", "author")]) == "no-approver"
    glass.still_shows(good.sync())


def test_two_authors_signed(office, good):
    s = forged(office)
    two = [office.record(s, "p1", "submit", "author"), office.record(s, "p2", "submit", "author")]
    assert after(office, good, s, two) == "no-approver"


def test_an_author_signs_as_approver(office, good):
    s = forged(office)
    two = [office.record(s, "p1", "submit", "author"), office.record(s, "p2", "approve", "approver")]
    assert after(office, good, s, two) == "no-approver"


def test_an_author_signs_the_approval_in_the_role_that_he_has(office, good):
    s = forged(office)
    two = [office.record(s, "p1", "submit", "author"), office.record(s, "p2", "approve", "author")]
    assert after(office, good, s, two) == "no-approver"


def test_the_approver_is_the_author(office, good):
    s = forged(office)
    two = [office.record(s, "p4", "submit", "author"), office.record(s, "p4", "approve", "approver")]
    assert after(office, good, s, two) == "no-other-person"


def test_a_key_of_nobody(office, good, another):
    s = forged(office)
    assert after(office, good, s, another("thief").both(s)) == "no-author"


def test_anothers_name_on_ones_own_signature(office, good):
    s = forged(office)
    office.person_keys["p3"], true = office.person_keys["p1"], office.person_keys["p3"]
    records = office.both(s)
    office.person_keys["p3"] = true
    assert after(office, good, s, records) == "no-approver"


def test_one_person_with_two_ids_and_one_key(office, good):
    """The offline key itself was brought to sign such people: then nothing at all counts of what it signed."""
    people = parse(office.people().to_bytes(), limit=10**6).raw
    twin = next(p for p in people["people"] if p["id"] == "p1")
    people["people"].append({**twin, "id": "p9", "roles": ["approver"]})
    office.repository.sign_people(canonical(people), NOW)
    office.person_keys["p9"] = office.person_keys["p1"]
    s = forged(office)
    office.show(s, [office.record(s, "p1", "submit", "author"), office.record(s, "p9", "approve", "approver")])
    office.publish()
    outcome = good.sync()
    assert outcome.error and outcome.refusal
    still_shows(good, GOOD)


def test_a_person_limited_to_other_classes(office, good):
    """A province's approver who is named for emergencies alone."""
    people = office.people()
    limited = [replace(p, classes=("khan-cap",)) if p.id == "p4" else p for p in people.people]
    office.repository.sign_people(replace(people, people=tuple(limited)).to_bytes(), NOW)
    s = forged(office)
    two = [office.record(s, "p1", "submit", "author"), office.record(s, "p4", "approve", "approver")]
    assert after(office, good, s, two) == "no-approver"


# ── people who left, keys that were stolen ───────────────────────────────────────────────────────


def with_key_until(office, person, until):
    """As `bangtin people revoke --left` does: the key counts until then."""

    def ended(one: Person) -> Person:
        keys = tuple(PersonKey(k.key, k.since, until) for k in one.keys)
        return replace(one, keys=keys) if one.id == person else one

    people = office.people()
    office.repository.sign_people(replace(people, people=tuple(map(ended, people.people))).to_bytes(), NOW)


def test_an_approver_who_left_approves_no_more_and_what_he_approved_stays(office, good):
    before = office.show(office.statement("trước", ("#111111",)))
    office.publish()
    good.sync()
    with_key_until(office, "p3", NOW - DAY / 4)  # records of this office are signed half a day ago
    late = forged(office)
    records = [
        office.record(late, "p1", "submit", "author"),
        office.record(late, "p3", "approve", "approver", NOW - DAY / 8),
    ]
    office.show(late, records)
    office.publish()
    good.sync()
    assert refused(good, late) == "no-approver" and refused(good, before) is None
    still_shows(good, GOOD, "trước")


def test_a_stolen_approver_key_cannot_date_back(office, good, glass):
    """Once a key is called stolen, what the board had not verified before counts no more."""
    s = office.show(office.statement("trước", ("#101010",)))
    office.publish()
    good.sync()
    office.void["p3"] = s.end  # far in the future: by the record's own date it would count
    office.sign_people()
    late = office.show(forged(office, start=NOW - timedelta(hours=1)))
    office.publish()
    outcome = good.sync()
    assert refused(good, late) == "no-approver"
    still_shows(good, GOOD, "trước")
    glass.still_shows(outcome, "trước")


def test_a_stolen_key_voids_what_it_signed_from_that_day_on_seen_or_not(office, good):
    s = office.show(office.statement("kẻ trộm", ("#101010",)))
    office.publish()
    good.sync()
    still_shows(good, GOOD, "kẻ trộm")
    office.void["p3"] = NOW - 2 * DAY
    office.sign_people()
    office.items = [item for item in office.items if office.within[item.dossier] == s.sha256]
    true = office.statement(GOOD)  # a successor countersigns what was approved truly
    office.show(true, [office.record(true, "p1", "submit", "author"), office.record(true, "p4", "approve", "approver")])
    office.publish()
    good.sync()
    assert refused(good, s) == "no-approver"
    still_shows(good, GOOD)


def test_a_stolen_approver_key_approves_nothing_that_no_author_signed(office, good, another):
    s = forged(office)
    records = [another("thief").record(s, "p1", "submit", "author"), office.record(s, "p3", "approve", "approver")]
    assert after(office, good, s, records) == "no-author"


# ── over what ────────────────────────────────────────────────────────────────────────────────────


def other_shape(office, s: Statement) -> Statement:
    return replace(s, slides={**s.slides, "led-384x192": s.slides[SHAPE.name]})


def later(office, s: Statement) -> Statement:
    return replace(s, end=s.end + 30 * DAY)


def earlier(office, s: Statement) -> Statement:
    return replace(s, start=s.start - DAY)


def another_notice(office, s: Statement) -> Statement:
    return forged(office)


def other_boards(office, s: Statement) -> Statement:
    return s  # as each of them is below


def other_class(office, s: Statement) -> Statement:
    return replace(s, klass="uu-tien")


def longer_dwell(office, s: Statement) -> Statement:
    (slide,) = s.slides[SHAPE.name]
    return replace(s, slides={SHAPE.name: (replace(slide, dwell_ms=120_000),)})


def test_a_record_copied_to_another_statement(office, good):
    """One that differs in board shape, validity or anything else is another: its hash is what people signed."""
    true = office.statement("giả", ("#202020",), boards=("board:bang-khac",))
    changes = (another_notice, other_shape, later, earlier, other_boards, other_class, longer_dwell)
    forged = {change.__name__: replace(change(office, true), boards=("all",)) for change in changes}
    assert len({s.sha256 for s in (true, *forged.values())}) == 1 + len(changes)
    for statement in forged.values():
        office.show(statement, office.both(true))
    office.publish()
    assert good.sync().error is None
    assert {name: refused(good, s) for name, s in forged.items()} == dict.fromkeys(forged, "no-author")
    still_shows(good, GOOD)


def test_a_statement_of_another_commune(office, good):
    s = forged(office, commune="11111")
    assert after(office, good, s, office.both(s)) == "other-commune"


def test_a_statement_for_another_board(office, good):
    s = forged(office, boards=("board:bang-khac",))
    assert after(office, good, s, office.both(s)) == "other-board"


def test_ranges_are_clipped_to_what_was_signed(office, good):
    s = office.show(office.statement("ngắn", ("#101010",)))
    longer = (s.start - 9 * DAY, s.end + 99 * DAY)
    office.items[-1] = replace(office.items[-1], ranges=(longer,))
    office.publish()
    good.sync()
    (entry,) = [e for e in good.held().playlist.entries if e.sha == s.sha256]
    assert entry.ranges == ((s.start, s.end),)
    still_shows(good, GOOD, "ngắn")
    assert {e.title for e in good.held().playlist.entries if e.ranges[-1][1] > s.end} == set()


def with_one_pixel_changed(data: bytes) -> bytes:
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    red, green, blue = picture.getpixel((160, 90))
    picture.putpixel((160, 90), (red ^ 1, green, blue))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_one_pixel_changed_on_the_wire(office, good, wire, glass):
    s = office.show(forged(office))
    office.publish()
    (slide,) = s.slides[SHAPE.name]
    wire.changes[slide.file] = with_one_pixel_changed
    outcome = good.sync()
    assert outcome.wrong == [f"slides/{slide.name}"]
    still_shows(good, GOOD)
    glass.still_shows(outcome)


def test_one_pixel_changed_and_the_statement_with_it(office, good, wire):
    """By a thief of the office: the statement names the changed picture, the records are the true ones."""
    true = forged(office)
    data = with_one_pixel_changed(png("#101010"))
    (slide,) = true.slides[SHAPE.name]
    changed = replace(true, slides={SHAPE.name: (replace(slide, file=sha256(data), size=len(data)),)})
    office.put(f"slides/{sha256(data)}.png", data)
    assert after(office, good, changed, office.both(true)) == "no-author"


def test_one_pixel_changed_on_the_boards_own_card(office, good):
    s = office.show(office.statement("mới", ("#303030",)))
    office.publish()
    good.sync()
    (slide,) = s.slides[SHAPE.name]
    path = Shelf(good.board.shelf).objects / slide.file
    path.write_bytes(with_one_pixel_changed(path.read_bytes()))
    still_shows(good, GOOD)
    assert good.sync().fetched == 1, "and it is fetched again"
    still_shows(good, GOOD, "mới")
