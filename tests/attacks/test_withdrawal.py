"""What was taken back stays away: whoever keeps a copy of it, and wherever it lies."""

import shutil

import pytest

from signage.board import judging, usb
from signage.board.clock import Clock
from signage.board.shelf import Shelf
from signage.dossier import Dossier, file_name
from signage.publication import Removed
from signage.stick import PUBLICATION
from signage.wire import sha256
from tests.attacks.conftest import GOOD, refused, still_shows
from tests.board.conftest import DAY, NOW, SHAPE


@pytest.fixture
def taken(office, good):
    """A notice that was shown here and has been withdrawn, and the item that showed it."""
    statement = office.show(office.statement("rút", ("#101010",)))
    item = office.items[-1]
    office.publish()
    good.sync()
    still_shows(good, GOOD, "rút")
    office.withdraw(statement)
    office.publish()
    good.sync()
    still_shows(good, GOOD)
    return statement, item


def copied(office):
    """Every file of the publication, as a cache or a stick has it."""
    return {str(p.relative_to(office.served)): p.read_bytes() for p in office.served.rglob("*") if p.is_file()}


@pytest.mark.parametrize("lost", [False, True], ids=["", "tuf-files-lost"])
def test_withdrawn_notice_replayed_from_a_cache(office, good, wire, lost):
    """The line has the whole publication of before, which was good then; the board has even lost its TUF files."""
    s = office.show(office.statement("rút", ("#101010",)))
    office.publish()
    good.sync()
    before = copied(office)
    office.withdraw(s)
    office.publish()
    good.sync()
    if lost:
        shutil.rmtree(good.board.tuf)
    wire.changes["/board/"] = lambda _: None
    for name, data in before.items():
        wire.changes[name] = lambda _, data=data: data
    outcome = good.sync()
    assert outcome.error == ("trust-older" if lost else "tuf-refused")
    still_shows(good, GOOD)


def stick(office, folder):
    """What a stick holds that was written now."""
    shutil.copytree(office.served, folder / PUBLICATION / "board")
    return folder


@pytest.mark.parametrize("lost", [False, True], ids=["", "tuf-files-lost"])
def test_withdrawn_notice_replayed_from_a_stick(office, good, tmp_path, lost):
    """A stick that was written before the withdrawal comes to the board after it."""
    s = office.show(office.statement("rút", ("#101010",)))
    office.publish()
    old = stick(office, tmp_path / "old")
    assert usb.take(good.board, old).error is None
    still_shows(good, GOOD, "rút")
    office.withdraw(s)
    office.publish()
    assert usb.take(good.board, stick(office, tmp_path / "new")).error is None
    still_shows(good, GOOD)
    if lost:
        shutil.rmtree(good.board.tuf)
    done = usb.take(good.board, old)
    assert done.error and done.error.code == "usb-older"
    still_shows(good, GOOD)


def test_withdrawn_notice_on_a_stick_signed_with_stolen_online_keys(office, good, taken, tmp_path):
    statement, item = taken
    office.withdrawn.clear()
    office.items.append(item)
    office.publish()
    assert usb.take(good.board, stick(office, tmp_path / "stick")).error is None
    assert refused(good, statement) == "withdrawn"
    still_shows(good, GOOD)


def test_a_stick_keeps_no_board_from_the_office(office, good, taken, tmp_path):
    """What a stick brought is the same publication: the next round over the network goes on from it."""
    old = stick(office, tmp_path / "stick")
    assert usb.take(good.board, old).error is None
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    assert good.sync().error is None
    assert usb.take(good.board, old).error
    still_shows(good, GOOD, "mới")


def test_withdrawn_notice_published_again_with_stolen_online_keys(office, good, taken, glass):
    statement, item = taken
    office.withdrawn.clear()
    office.items.append(item)
    for _ in range(3):
        office.publish()
        outcome = good.sync()
        assert outcome.error is None and refused(good, statement) == "withdrawn"
        still_shows(good, GOOD)
    glass.still_shows(outcome)


def test_withdrawn_notice_in_the_evergreen_list_and_as_a_template(office, good, taken):
    statement, item = taken
    office.withdrawn.clear()
    office.items.append(item)
    office.evergreen.append(statement.sha256)
    office.overrides["templates"] = (statement.sha256,)
    office.publish()
    assert good.sync().error is None and refused(good, statement) == "withdrawn"
    still_shows(good, GOOD)


@pytest.mark.parametrize("known", [False, True], ids=["of-nothing", "of-statements"])
def test_so_many_withdrawals_that_the_true_one_is_forgotten(office, good, taken, monkeypatch, known):
    """A thief of the online keys and of one author's key: a withdrawal needs one signature, and memory has an end."""
    monkeypatch.setattr(judging, "MAX_REMEMBERED", 8)
    statement, item = taken
    for n in range(12):
        s = office.statement(f"bịa {n}", (), end=statement.end + 900 * DAY) if known else sha256(b"%d" % n)
        if known:
            office.show(s, [])  # so that the board has it, and knows when it ends
        record = office.record(s, "p1", "withdraw", "author", NOW)
        office.put(f"records/{record.sha256}.json", record.sealed.data)
        office.withdrawn.append(Removed(record.statement, (record.sha256,)))
    office.publish()
    assert good.sync().error is None
    office.withdrawn.clear()
    office.items.append(item)
    office.publish()
    assert good.sync().error is None and refused(good, statement) == "withdrawn"
    still_shows(good, GOOD)


def test_its_files_on_the_boards_own_card(office, good, taken):
    """Somebody with the card in his hand puts its slide, statement and dossier back."""
    statement, item = taken
    shelf = Shelf(good.board.shelf)
    shelf.put(statement.sha256, statement.to_bytes())
    names = {item.dossier: file_name(item.dossier)}
    names |= {slide.file: f"slides/{slide.name}" for slide in statement.slides[SHAPE.name]}
    for sha, name in names.items():
        shelf.put(sha, (office.served / name).read_bytes())
    still_shows(good, GOOD)
    good.sync()
    still_shows(good, GOOD)


def test_its_generation_put_back_on_the_card_is_taken_back_at_contact(office, kiosk):
    """Old files of the board itself are good signatures; contact with the office ends them."""
    s = office.show(office.statement("rút", ("#101010",)))
    office.publish()
    kiosk.sync()
    copy = kiosk.board.folder.parent / "copy"
    shutil.copytree(kiosk.board.folder, copy)
    office.withdraw(s)
    office.publish()
    kiosk.sync()
    shutil.rmtree(kiosk.board.shelf)
    shutil.copytree(copy / "shelf", kiosk.board.shelf)
    assert kiosk.sync().error is None
    still_shows(kiosk)


def test_a_withdrawal_whose_record_the_line_spoils_once(office, good, wire):
    """It is gone at once by the manifest; and remembered as soon as the record has come, not only at the next news."""
    statement = office.show(office.statement("rút", ("#101010",)))
    item = office.items[-1]
    office.publish()
    good.sync()
    record = office.withdraw(statement)
    office.publish()
    wire.changes[record.sha256] = lambda data: data[:-1] + b"?"
    assert good.sync().wrong
    still_shows(good, GOOD)
    wire.changes.clear()
    assert good.sync().fetched == 1
    office.withdrawn.clear()
    office.items.append(item)
    office.publish()
    assert good.sync().error is None and refused(good, statement) == "withdrawn"
    still_shows(good, GOOD)


def test_a_withdrawal_that_nobody_signed_hides_but_is_not_remembered(office, good):
    s = office.show(office.statement("rút", ("#101010",)))
    office.withdrawn.append(Removed(s.sha256, ()))
    office.publish()
    good.sync()
    assert refused(good, s) == "hidden"
    still_shows(good, GOOD)
    office.withdrawn.clear()
    office.publish()
    good.sync()
    still_shows(good, GOOD, "rút")


def test_hidden_is_not_shown(office, good):
    s = office.show(office.statement("ẩn", ("#101010",)))
    office.hidden.append(s.sha256)
    office.publish()
    good.sync()
    assert refused(good, s) == "hidden"
    still_shows(good, GOOD)


def test_a_publication_from_the_future_forgets_no_withdrawal(office, good, taken):
    statement, item = taken
    office.overrides["made"] = statement.end + DAY
    office.withdrawn.clear()
    office.publish()
    assert good.sync().error is None
    office.overrides.clear()
    office.items.append(item)
    office.publish()
    assert good.sync().error is None and refused(good, statement) == "withdrawn"
    still_shows(good, GOOD)


def test_a_board_whose_clock_is_years_ahead_forgets_no_withdrawal(office, good, taken):
    statement, item = taken
    good.sync(Clock(NOW + 20 * DAY))
    office.withdrawn.clear()
    office.items.append(item)
    office.publish()
    good.sync()
    assert refused(good, statement) == "withdrawn"
    still_shows(good, GOOD)


def test_cancelled_emergency_replayed(office, good, glass):
    s = office.alarm(office.emergency("Lũ"))
    office.publish()
    glass.still_shows(good.sync(), "Lũ")
    entry = office.emergencies.pop()
    record = office.record(s, "p5", "withdraw", "duty")
    office.cancelled.append(Dossier(s.to_bytes(), (record.sealed.data,)))
    office.publish()
    glass.still_shows(good.sync())
    office.cancelled.clear()
    office.emergencies.append(entry)
    office.publish()
    outcome = good.sync()
    assert refused(good, s) == "withdrawn"
    still_shows(good, GOOD)
    glass.still_shows(outcome)
