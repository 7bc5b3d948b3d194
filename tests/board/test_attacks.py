"""Attacks, each tried on a board that holds a good publication: it is refused, and what is held stays."""

from datetime import UTC, datetime, timedelta

import pytest

from signage.board import identity
from signage.board.boot import Boot
from signage.board.clock import NOTE, Clock
from signage.board.sync import Syncer
from signage.errors import Refused, WrongUse
from signage.publication import EmergencyEntry, Item, Removed
from signage.wire import sha256
from tests.board.conftest import DAY, NOW

NOW_ISH = timedelta(days=1)


@pytest.fixture
def good(office, kiosk):
    """A board that holds one good notice."""
    office.show(office.statement("thật"))
    office.publish()
    kiosk.sync()
    return kiosk


def flipped(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


# ── on the wire ──────────────────────────────────────────────────────────────────────────────────


def test_old_timestamp_replayed(office, good, wire):
    old = office.metadata("timestamp.json").read_bytes()
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    good.sync()
    wire.changes["timestamp.json"] = lambda _: old
    assert good.sync().error == "tuf-refused"
    assert good.shown() == {"thật", "mới"}


@pytest.mark.parametrize("name", ["timestamp.json", "snapshot.json", "lich.json"])
def test_one_byte_of_metadata_changed(office, good, wire, name):
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    wire.changes[name] = flipped
    assert good.sync().error == "tuf-refused"
    assert good.shown() == {"thật"}


def test_one_byte_of_the_manifest_changed(office, good, wire):
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    wire.changes["nha-van-hoa-3.json"] = flipped
    assert good.sync().error == "file-wrong"
    assert good.shown() == {"thật"}


def test_one_byte_of_a_slide_changed_takes_only_that_slide(office, good, wire):
    new = office.show(office.statement("mới", ("#111111", "#222222")))
    office.publish()
    bad = new.slides["lcd-320x180"][0]
    wire.changes[bad.file] = flipped
    outcome = good.sync()
    assert outcome.wrong == [f"slides/{bad.name}"] and outcome.error is None
    from signage.board.shelf import Shelf

    shelf = Shelf(good.board.shelf)
    usable = good.held().playlist.only(lambda s: shelf.has(s.file, s.size))
    assert {e.title: len(e.slides) for e in usable.entries} == {"thật": 1, "mới": 1}
    wire.changes.clear()
    assert good.sync().fetched == 1


def test_one_byte_of_a_statement_changed_takes_only_that_item(office, good, wire):
    new = office.show(office.statement("mới", ("#111111",)))
    office.publish()
    wire.changes[f"statements/{new.sha256}"] = flipped
    assert good.sync().wrong == [f"statements/{new.sha256}.json"]
    assert good.shown() == {"thật"} and good.why() == {new.sha256: "object-missing"}
    wire.changes.clear()
    good.sync()
    assert good.shown() == {"thật", "mới"}


def test_a_file_that_never_ends_is_cut_off(office, good, wire):
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    wire.changes["/statements/"] = lambda data: data + b" " * 3_000_000
    outcome = good.sync()
    assert len(outcome.wrong) == 1 and good.shown() == {"thật"}


def test_another_communes_repository_is_refused(office, good, tmp_path, wire):
    other = type(office)(tmp_path / "other")
    other.show(other.statement("lạ"))
    other.publish()
    for path in sorted((other.served / "metadata").iterdir()):
        wire.changes["/metadata/" + path.name] = lambda _, path=path: path.read_bytes()
    assert good.sync().error == "tuf-refused"
    assert good.shown() == {"thật"}


# ── stolen keys of the office ────────────────────────────────────────────────────────────────────


def test_lich_target_listed_under_targets(office, good):
    signed = office.repository._read("lich").signed.targets

    def add(targets):
        targets.targets["lich/nha-van-hoa-3.json"] = signed["lich/nha-van-hoa-3.json"]

    office.resign("targets", add)
    assert good.sync().error == "trust-misplaced"
    assert good.shown() == {"thật"}


def test_people_listed_under_lich_count_for_nothing(office, good):
    thief = type(office)(office.folder.parent / "thief")
    forged = thief.people().to_bytes()
    office.put(f"targets/{sha256(forged)}.people.json", forged)

    def add(lich):
        lich.targets["people.json"] = type(next(iter(lich.targets.values())))(
            len(forged), {"sha256": sha256(forged)}, "people.json"
        )

    office.resign("lich", add)
    office.items.clear()
    assert good.sync().error is None
    assert good.held().publication.people == office.people()


def test_delegation_to_another_role_is_refused(office, good):
    from signage.keys import PrivateKey

    key = PrivateKey.generate().public.tuf()

    def add(targets):
        from tuf.api.metadata import DelegatedRole

        targets.delegations.keys[key.keyid] = key
        targets.delegations.roles["khac"] = DelegatedRole("khac", [key.keyid], 1, False, paths=["khac/*"])

    office.resign("targets", add)
    assert good.sync().error == "trust-delegation"
    assert good.shown() == {"thật"}


def test_root_of_another_commune_is_refused(office, good):
    def change(root):
        root.unrecognized_fields["bangtin"] = {"commune": "11111", "repository": "0" * 64}

    office.resign("root", change)
    assert good.sync().error == "trust-root"
    assert good.shown() == {"thật"}


def test_rotated_root_is_followed(office, good):
    office.resign("root", lambda root: None)
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    assert good.sync().error is None
    assert good.shown() == {"thật", "mới"}


def test_manifest_number_going_down_is_refused(office, good):
    office.number = -1
    office.items.clear()
    office.publish()
    assert good.sync().error == "trust-older"
    assert good.shown() == {"thật"}


@pytest.mark.parametrize("field", [{"board": "bang-khac"}, {"commune": "11111"}, {"repository": "0" * 64}])
def test_manifest_of_another_board_is_refused(office, good, field):
    office.overrides = field
    office.publish()
    assert good.sync().error == "trust-other-board"
    assert good.shown() == {"thật"}


# ── approvals ────────────────────────────────────────────────────────────────────────────────────


def after(office, board, statement, records):
    office.show(statement, records)
    office.publish()
    assert board.sync().error is None
    assert "thật" in board.shown()
    return board.why().get(statement.sha256)


def test_only_the_author_signed(office, good):
    s = office.statement("giả", ("#101010",))
    assert after(office, good, s, [office.record(s, "p1", "submit", "author")]) == "no-approver"


def test_two_authors_signed(office, good):
    s = office.statement("giả", ("#101010",))
    two = [office.record(s, "p1", "submit", "author"), office.record(s, "p2", "submit", "author")]
    assert after(office, good, s, two) == "no-approver"


def test_an_author_signs_as_approver(office, good):
    s = office.statement("giả", ("#101010",))
    two = [office.record(s, "p1", "submit", "author"), office.record(s, "p2", "approve", "approver")]
    assert after(office, good, s, two) == "no-approver"


def test_the_approver_is_the_author(office, good):
    s = office.statement("giả", ("#101010",))
    two = [office.record(s, "p4", "submit", "author"), office.record(s, "p4", "approve", "approver")]
    assert after(office, good, s, two) == "no-other-person"


def test_a_record_copied_to_another_statement(office, good):
    s = office.statement("giả", ("#101010",))
    assert after(office, good, s, office.both(office.statement("khác", ("#202020",)))) == "no-author"


def test_duty_alone_for_a_notice_that_is_no_emergency(office, good):
    s = office.statement("giả", ("#101010",))
    assert after(office, good, s, [office.record(s, "p5", "approve", "duty")]) == "no-author"


def test_a_key_of_nobody(office, good):
    s = office.statement("giả", ("#101010",))
    other = type(office)(office.folder.parent / "thief")
    assert after(office, good, s, other.both(s)) == "no-author"


def test_a_statement_of_another_commune(office, good):
    s = office.statement("giả", ("#101010",), commune="11111")
    assert after(office, good, s, office.both(s)) == "other-commune"


def test_a_statement_for_another_board(office, good):
    s = office.statement("giả", ("#101010",), boards=("board:bang-khac",))
    assert after(office, good, s, office.both(s)) == "other-board"


def test_ranges_are_clipped_to_what_was_signed(office, good):
    s = office.show(office.statement("ngắn", ("#101010",)))
    longer = (s.start - 9 * NOW_ISH, s.end + 99 * NOW_ISH)
    office.items[-1] = Item(s.sha256, office.items[-1].records, (longer,), 0)
    office.publish()
    good.sync()
    (entry,) = [e for e in good.held().playlist.entries if e.sha == s.sha256]
    assert entry.ranges == ((s.start, s.end),)


def test_stolen_approver_key_cannot_date_back(office, good):
    """Once a key is called stolen, what the board had not verified before counts no more."""
    s = office.show(office.statement("trước", ("#101010",)))
    office.publish()
    good.sync()
    office.void["p3"] = s.end  # far in the future: by the record's own date it would count
    office.sign_people()
    late = office.statement("sau", ("#202020",))
    assert after(office, good, late, office.both(late)) == "no-approver"
    assert good.shown() == {"thật", "trước"}


# ── taken back ───────────────────────────────────────────────────────────────────────────────────


def test_withdrawn_is_gone_and_cannot_be_replayed(office, good):
    s = office.show(office.statement("rút", ("#101010",)))
    item = office.items[-1]
    office.publish()
    good.sync()
    office.withdraw(s)
    office.publish()
    good.sync()
    assert good.shown() == {"thật"}
    office.withdrawn.clear()  # a stolen online key puts it back
    office.items.append(item)
    for _ in range(3):
        office.publish()
        good.sync()
        assert good.shown() == {"thật"} and good.why() == {s.sha256: "withdrawn"}


def test_a_withdrawal_that_nobody_signed_hides_but_is_not_remembered(office, good):
    s = office.show(office.statement("rút", ("#101010",)))
    office.withdrawn.append(Removed(s.sha256, ()))
    office.publish()
    good.sync()
    assert good.why() == {s.sha256: "hidden"}
    office.withdrawn.clear()
    office.publish()
    good.sync()
    assert good.shown() == {"thật", "rút"}


def test_hidden_is_not_shown(office, good):
    s = office.show(office.statement("ẩn", ("#101010",)))
    office.hidden.append(s.sha256)
    office.publish()
    good.sync()
    assert good.shown() == {"thật"} and good.why() == {s.sha256: "hidden"}


# ── emergencies ──────────────────────────────────────────────────────────────────────────────────


def test_emergency_by_duty(office, good):
    office.alarm(office.emergency("Lũ"))
    office.publish()
    good.sync()
    assert [e.title for e in good.held().playlist.emergencies] == ["Lũ"]


def test_emergency_by_duty_of_more_than_a_day(office, good):
    s = office.alarm(office.emergency("Lũ", hours=25))
    office.publish()
    good.sync()
    assert good.why() == {s.sha256: "emergency-too-long"} and good.shown() == {"thật"}


def test_emergency_that_an_author_raised_alone(office, good):
    s = office.emergency("Lũ")
    office.alarm(s, [office.record(s, "p1", "submit", "author")])
    office.publish()
    good.sync()
    assert good.why() == {s.sha256: "no-approver"}


def test_a_notice_in_the_emergency_list(office, good):
    s = office.statement("thường", ("#101010",))
    office.alarm(s, office.both(s))
    office.publish()
    good.sync()
    assert good.why() == {s.sha256: "not-an-emergency"}


def test_cancelled_emergency_cannot_be_replayed(office, good):
    s = office.alarm(office.emergency("Lũ"))
    office.publish()
    good.sync()
    entry = office.emergencies.pop()
    record = office.record(s, "p5", "withdraw", "duty")
    office.cancelled.append(EmergencyEntry(s.to_bytes(), (record.sealed.data,)))
    office.publish()
    good.sync()
    assert good.shown() == {"thật"}
    office.cancelled.clear()
    office.emergencies.append(entry)
    office.publish()
    good.sync()
    assert good.shown() == {"thật"} and good.why() == {s.sha256: "withdrawn"}


def test_emergencies_that_vanish_from_the_repository_are_refused(office, good):
    office.resign("lich", lambda lich: lich.targets.pop("lich/khan-cap.json"))
    assert good.sync().error == "trust-missing"
    assert good.shown() == {"thật"}


# ── the office's word about time ────────────────────────────────────────────────────────────────


class Process:
    """A board's sync process; what it knows of time lies in the note, as on a real board."""

    def __init__(self, kiosk, clock=None):
        self.clock = clock or Clock(note=kiosk.board.state / NOTE)
        self._syncer = Syncer(kiosk.board, kiosk.line, self.clock)

    def error(self):
        return self._syncer.round().error


def test_a_publication_from_the_future_is_undone_by_the_next(office, good):
    """A thief of the online key, or an office in the wrong year, on a board that nobody tells the time."""
    first = Process(good)
    assert first.error() is None
    office.overrides["made"] = NOW + 300 * DAY
    office.publish(now=NOW + 300 * DAY)
    assert first.error() is None
    assert first.clock.now() > NOW + 299 * DAY, "a bound all the same: it might be true"
    assert first.error() is None, "and it goes on asking"
    office.overrides.clear()
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    assert first.error() is None
    later = Process(good)
    assert later.error() is None
    assert all(abs(one.clock.now() - datetime.now(UTC)) < DAY / 24 for one in (first, later))
    assert good.shown() == {"thật", "mới"}


def test_a_new_process_recovers_too(office, good):
    office.overrides["made"] = NOW + 300 * DAY
    office.publish(now=NOW + 300 * DAY)
    assert Process(good).error() is None
    office.overrides.clear()
    office.publish()
    assert Process(good).error() is None


@pytest.mark.parametrize("made", [NOW + 366 * DAY, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)])
def test_the_online_key_cannot_date_past_what_the_offline_keys_signed(office, good, made):
    process = Process(good)
    office.overrides["made"] = made
    office.publish()
    assert process.error() == "made-in-future"
    assert abs(process.clock.now() - datetime.now(UTC)) < DAY / 24 and good.shown() == {"thật"}
    office.overrides.clear()
    office.publish()
    assert process.error() is None


def test_a_board_that_knows_the_time_refuses_a_publication_from_the_future(office, good, monkeypatch):
    monkeypatch.setattr(Clock, "_synchronised", lambda self: True)
    process = Process(good)
    for ahead, expected in ((2 * DAY, "made-in-future"), (DAY / 2, None)):
        office.overrides["made"] = NOW + ahead
        office.publish()
        assert process.error() == expected


def test_a_publication_from_the_future_forgets_no_withdrawal(office, good):
    taken = office.show(office.statement("rút", ("#111111",)))
    office.publish()
    good.sync()
    office.withdraw(taken)
    office.publish()
    process = Process(good)
    assert process.error() is None
    office.overrides["made"] = taken.end + DAY
    office.withdrawn.clear()
    office.publish()
    assert process.error() is None
    office.overrides.clear()
    office.show(taken)
    office.publish()
    assert process.error() is None
    assert good.shown() == {"thật"}


def test_a_replay_gains_nothing_from_the_way_back(office, good, wire):
    """Metadata that have expired by uptime stay expired, though the board's clock stands in 2000."""

    class Life(Boot):
        at = 30.0

        def seconds(self):
            return self.at

    life = Life()
    process = Process(good, Clock(datetime(2000, 1, 1, tzinfo=UTC), boot=life))
    assert process.error() is None
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    life.at += timedelta(days=15).total_seconds()
    assert process.error() == "tuf-expired"
    assert good.shown() == {"thật"}


# ── enrolment ────────────────────────────────────────────────────────────────────────────────────


def test_enrolment_without_root_or_fingerprint(tmp_path, wire):
    with pytest.raises(WrongUse, match="enroll-root-missing"):
        identity.enroll(tmp_path / "b", board="x", url=wire.url)


def test_wrong_root_at_enrolment(office, tmp_path, wire):
    other = type(office)(tmp_path / "other")
    with pytest.raises(Refused, match="fingerprint-differs"):
        identity.enroll(
            tmp_path / "b", board="x", url=wire.url, fingerprint=other.repository.fingerprint,
            fetch_root=lambda _: office.repository.root_bytes(),
        )  # fmt: skip
    assert not (tmp_path / "b" / "board.toml").exists()


def test_a_short_fingerprint_is_not_enough(office, tmp_path, wire):
    with pytest.raises(WrongUse, match="fingerprint-short"):
        identity.enroll(
            tmp_path / "b", board="x", url=wire.url, fingerprint=office.repository.fingerprint[:31],
            fetch_root=lambda _: office.repository.root_bytes(),
        )  # fmt: skip


def test_a_file_that_is_no_root(tmp_path, wire, office):
    for data in (b"", b"{}", office.metadata("timestamp.json").read_bytes(), b"[" * 100_000):
        with pytest.raises(Refused, match="trust-"):
            identity.enroll(tmp_path / "b", board="x", url=wire.url, root=data)


def test_enrolling_over_a_board_needs_again_and_keeps_its_key(office, good):
    root = office.repository.root_bytes()
    with pytest.raises(Refused, match="enrolled-already"):
        identity.enroll(good.board.folder, board="nha-van-hoa-3", url="http://x", root=root)
    key = good.board.key().public
    again = identity.enroll(
        good.board.folder, board="nha-van-hoa-3", url="http://x", root=root, again=True, hub="https://h/"
    )
    assert again.key().public == key and again == identity.load(good.board.folder)
    assert again.hub == "https://h" and good.shown() == {"thật"}


def test_typed_fingerprint_with_spaces_and_colons(office, tmp_path, wire):
    typed = ":".join(office.repository.fingerprint[i : i + 4].upper() for i in range(0, 32, 4)) + " "
    made = identity.enroll(
        tmp_path / "b", board="x", url=wire.url + "/", fingerprint=typed,
        fetch_root=lambda _: office.repository.root_bytes(),
    )  # fmt: skip
    assert made.url == wire.url and (made.folder / "key.pem").stat().st_mode & 0o777 == 0o600
