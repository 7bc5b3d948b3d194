"""Keys stolen from the office: the online ones can withhold, hide, or repeat what is approved and has not ended.

Nothing else; and when the offline keys name new ones, the thief's are worth nothing and the true office is heard again.
"""

import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tuf.api.metadata import DelegatedRole, Delegations, MetaFile, SuccinctRoles

from signage.board import rotation
from signage.board.clock import NOTE, Clock
from signage.board.download import Line
from signage.board.light import light
from signage.board.sync import Syncer
from signage.keys import PrivateKey
from signage.office.repository import ONLINE, Repository, next_key
from signage.office.safe import Safe
from signage.publication import DAY_LEAST, NIGHT_LEAST, NIGHT_MOST, Item, Light, Removed
from signage.wire import sha256
from tests.attacks.conftest import GOOD, refused, still_shows
from tests.board.conftest import BOARD, DAY, NOW

HIGHEST = 2**53  # number that a manifest can have
HOUR = timedelta(hours=1)


class Process:
    """A board's sync process; what it knows of time lies in the note, as on a real board."""

    def __init__(self, kiosk, clock=None):
        self.clock = clock or Clock(note=kiosk.board.state / NOTE)
        self._syncer = Syncer(kiosk.board, kiosk.line, self.clock)

    def error(self):
        return self._syncer.round().error

    @property
    def knows_the_time(self):
        return abs(self.clock.now() - datetime.now(UTC)) < HOUR


def offline_key(office, role):
    return PrivateKey.load(office.keys / f"{role}.pem")


def with_new_online_keys(office):
    """As `bangtin keys rotate` does for each of the three."""
    safe = Safe(office.served, office.keys)
    for role in ONLINE:
        fresh = PrivateKey.generate()
        fresh.save(next_key(office.keys, role))
        safe.change_key(role, fresh, NOW, [offline_key(office, "targets" if role == "lich" else "root")])


def stolen(office):
    """The served files and the online keys as they are now, in a folder of the thief's."""
    folder = office.folder.parent / "thief"
    shutil.copytree(office.served, folder / "publication" / "board")
    for role in ONLINE:
        shutil.copy(office.keys / f"{role}.pem", folder / f"{role}.pem")
    return folder / "publication", Repository(folder / "publication" / "board", folder)


def on_the_line(board, wire, folder):
    """From now on the board's connections end at this publication."""
    wire.folder(folder)
    board.line.close()
    board.line = Line()


# ── what the online keys can say ─────────────────────────────────────────────────────────────────


def test_office_keys_stolen(office, good, another, glass):
    """Publications of every sort that the thief can think of: in no order, with anybody's records, without end."""
    chance, thief = random.Random(4), another("thief")
    approved = [office.statement(f"được duyệt {n}", (f"#11223{n}",)) for n in range(3)]
    ended = office.statement("đã hết", ("#445566",), start=NOW - 3 * DAY, end=NOW - DAY)
    alarm, long = office.emergency("Lũ"), office.emergency("Lũ dài", hours=30)
    forged = [
        office.statement("giả"), office.statement("xã khác", commune="11111"), office.emergency("giả khẩn cấp"),
        office.statement("giả ưu tiên", klass="uu-tien"), office.statement("bảng khác", boards=("board:khac",)),
    ]  # fmt: skip
    true = [*(r for s in (*approved, ended, forged[-1]) for r in office.both(s))]
    true += [office.record(s, "p5", "approve", "duty") for s in (alarm, long)]
    false = [r for s in forged[:-1] for r in (*thief.both(s), thief.record(s, "p5", "approve", "duty"))]
    kept = list(office.items)
    for _ in range(12):
        office.items, office.emergencies, office.evergreen = list(kept), [], office.evergreen[:1]
        for statement in chance.sample([*approved, ended, alarm, long, *forged], 6):
            records = [*(r for r in (*true, *false) if r.statement == statement.sha256), *chance.sample(false, 2)]
            chance.shuffle(records)
            spans = ((NOW - 400 * DAY, NOW + 400 * DAY),)
            office.items.append(Item(office.dossier(statement, records[:8]), spans, 0))
            if chance.random() < 0.5:
                office.evergreen.append(statement.sha256)
            if chance.random() < 0.3:
                office.alarm(statement, records)
        office.publish()
        assert good.sync().error is None
        held = good.held().playlist
        at = datetime.now(UTC)
        shown = {e.title for _, some in rotation._choices(held, at) for e in some}
        assert GOOD in shown <= {GOOD, "Lũ", *(s.title for s in approved)}
    office.items, office.emergencies, office.evergreen = kept, [], office.evergreen[:1]
    office.publish()
    outcome = good.sync()
    still_shows(good, GOOD)
    glass.still_shows(outcome)


def test_emergencies_left_out_of_the_repository(office, good):
    office.resign("lich", lambda lich: lich.targets.pop("lich/khan-cap.json"))
    assert good.sync().error == "trust-missing"
    still_shows(good, GOOD)


def test_people_listed_under_lich_count_for_nothing(office, good, another):
    forged = another("thief").people().to_bytes()
    office.put(f"targets/{sha256(forged)}.people.json", forged)

    def add(lich):
        file = type(next(iter(lich.targets.values())))
        lich.targets["people.json"] = file(len(forged), {"sha256": sha256(forged)}, "people.json")

    office.resign("lich", add)
    assert good.sync().error is None
    assert good.held().publication.people == office.people()
    still_shows(good, GOOD)


@pytest.mark.parametrize("field", [{"board": "bang-khac"}, {"commune": "11111"}, {"repository": "0" * 64}])
def test_manifest_of_another_board(office, good, field):
    office.overrides = field
    office.publish()
    assert good.sync().error == "trust-other-board"
    still_shows(good, GOOD)


def test_older_number_under_newer_metadata(office, good):
    office.show(office.statement("cũ", ("#111111",)))
    office.number = -1
    office.publish()
    assert good.sync().error == "trust-older"
    still_shows(good, GOOD)


def test_dark_for_as_long_as_can_be_said(office, good):
    """All day and all night, for three months: a board is dark for 14 hours of any 24, and no longer."""
    office.overrides = {"dark": ((NOW, NOW + 90 * DAY),)}
    office.publish()
    assert good.sync().error is None
    still_shows(good, GOOD)
    playlist = good.held().playlist
    assert playlist.dark_long
    moments = [NOW + hour * HOUR for hour in range(29 * 24)]
    off = [t for t in moments if light(playlist, rotation.scene(playlist, t), t).dark]
    assert off and all(sum(t <= other < t + DAY for other in off) * HOUR <= NIGHT_MOST for t in moments)


def test_dimmed_until_nothing_can_be_read(office, good):
    office.overrides = {"light": Light(1, 1, ((NOW, NOW + 90 * DAY),)), "wake_level": 5}
    office.publish()
    assert good.sync().error is None
    still_shows(good, GOOD)
    playlist = good.held().playlist
    seen = {light(playlist, rotation.scene(playlist, t), t).percent for t in (NOW + h * HOUR for h in range(48))}
    assert seen == {DAY_LEAST, NIGHT_LEAST}


# ── numbers and moments as far as they go ────────────────────────────────────────────────────────


def test_the_highest_number_there_is(office, good, wire, glass):
    """Whoever steals the online keys can publish it, years ahead: then the true office is below every floor.

    So it names new online keys, with the offline ones. Boards follow it again, at its own numbers and in its own
    time; the thief's publication is worth nothing; and what was withdrawn before stays withdrawn.
    """
    taken = office.show(office.statement("rút", ("#101010",)))
    item = office.items[-1]
    office.publish()
    good.sync()
    office.withdraw(taken)
    office.publish()
    good.sync()
    folder, thief = stolen(office)
    true = office.number
    board = Process(good)
    office.number, office.overrides = HIGHEST, {"made": NOW + 300 * DAY}
    lich = office.lich()
    office.number, office.overrides = true, {}
    metadata = {role: thief._read(role) for role in ("snapshot", "timestamp", "lich")}
    for role, version in (("lich", 10**12), ("snapshot", 10**15), ("timestamp", 10**15)):
        path = thief._file(role, metadata[role].signed.version)
        metadata[role].signed.version = version
        thief._write(role, metadata[role])
        path.unlink() if role != "timestamp" else None
    thief.publish(lich, NOW)
    on_the_line(good, wire, folder)
    board = Process(good)
    assert board.error() is None and good.held().publication.manifest.number == HIGHEST
    assert not board.knows_the_time
    still_shows(good, GOOD)

    on_the_line(good, wire, office.folder / "publication")
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    assert Process(good).error() == "tuf-refused", "the true office is not heard"
    still_shows(good, GOOD)

    with_new_online_keys(office)
    office.publish()
    board = Process(good)
    assert board.error() is None and good.held().publication.manifest.number == office.number
    assert board.knows_the_time and Process(good).knows_the_time
    still_shows(good, GOOD, "mới")
    on_the_line(good, wire, folder)
    assert Process(good).error() == "tuf-refused", "the thief's is not heard"
    on_the_line(good, wire, office.folder / "publication")
    office.withdrawn.clear()  # even by the office's own new keys
    office.items.append(item)
    office.publish()
    outcome = good.sync()
    assert outcome.error is None and refused(good, taken) == "withdrawn"
    still_shows(good, GOOD, "mới")
    glass.still_shows(outcome, "mới")


def test_new_people_do_not_begin_the_numbers_anew(office, good):
    """Only another online key does: else each new `people.json` would let old orders of the same key back in."""
    office.sign_people()
    office.show(office.statement("cũ", ("#111111",)))
    office.number = -1
    office.publish()
    assert good.sync().error == "trust-older"
    still_shows(good, GOOD)


def test_old_people_on_a_board_that_lost_its_tuf_files(office, good, wire):
    """The thief has the online keys, and the people of when a stolen approver's key was still good."""
    old = office.metadata(f"{office.repository.version('targets')}.targets.json").read_bytes()
    version = office.repository.version("targets")
    office.void["p3"] = NOW - 10 * DAY
    office.sign_people()
    true = office.statement(GOOD)
    office.items.clear()
    office.show(true, [office.record(true, "p1", "submit", "author"), office.record(true, "p4", "approve", "approver")])
    office.publish()
    good.sync()
    still_shows(good, GOOD)
    shutil.rmtree(good.board.tuf)
    office.show(office.statement("giả", ("#101010",)))  # approved with the stolen key
    office.publish()
    snapshot = office.repository._read("snapshot")
    snapshot.signed.meta["targets.json"] = MetaFile(version)
    assert office.metadata(f"{version}.targets.json").read_bytes() == old
    office.repository._renew("snapshot", snapshot, NOW)
    office.repository._timestamp(NOW)
    assert good.sync().error == "trust-older"
    still_shows(good, GOOD)


def test_an_old_root_on_a_board_that_lost_its_tuf_files(office, good, wire):
    """The thief's online keys count no more since the new root; on this line it does not exist."""
    folder, thief = stolen(office)
    with_new_online_keys(office)
    office.publish()
    assert good.sync().error is None
    shutil.rmtree(good.board.tuf)
    true, office.number = office.number, 1000
    thief.publish(office.lich(), NOW)
    office.number = true
    on_the_line(good, wire, folder)
    assert good.sync().error == "trust-older"
    still_shows(good, GOOD)
    on_the_line(good, wire, office.folder / "publication")
    assert good.sync().error is None
    still_shows(good, GOOD)


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
    assert first.knows_the_time and later.knows_the_time
    still_shows(good, GOOD, "mới")


def test_a_new_process_recovers_from_the_future_too(office, good):
    office.overrides["made"] = NOW + 300 * DAY
    office.publish(now=NOW + 300 * DAY)
    assert Process(good).error() is None
    office.overrides.clear()
    office.publish()
    assert Process(good).error() is None
    still_shows(good, GOOD)


@pytest.mark.parametrize("made", [NOW + 366 * DAY, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)])
def test_made_after_what_the_offline_keys_signed(office, good, made):
    process = Process(good)
    office.overrides["made"] = made
    office.publish()
    assert process.error() == "made-in-future"
    assert process.knows_the_time
    still_shows(good, GOOD)
    office.overrides.clear()
    office.publish()
    assert process.error() is None


def test_made_in_the_future_for_a_board_that_knows_the_time(office, good, monkeypatch):
    monkeypatch.setattr(Clock, "_synchronised", lambda self: True)
    process = Process(good)
    for ahead, expected in ((2 * DAY, "made-in-future"), (DAY / 2, None)):
        office.overrides["made"] = NOW + ahead
        office.publish()
        assert process.error() == expected
        still_shows(good, GOOD)


# ── what the offline keys can say, and what not even they ────────────────────────────────────────


def test_root_rotated_three_times_while_the_board_slept(office, good):
    """Another root key each time, signed by the one before; and other online keys."""
    key = offline_key(office, "root")
    safe = Safe(office.served, office.keys)
    for _ in range(3):
        fresh = PrivateKey.generate()
        safe.change_root([fresh.public], 1, NOW, [key, fresh])
        key = fresh
    (office.keys / "root.pem").unlink()
    key.save(office.keys / "root.pem")
    with_new_online_keys(office)
    office.show(office.statement("mới", ("#111111",)))
    office.publish()
    outcome = good.sync()
    assert outcome.error is None and len(good.held().generation.chain.roots) == 6
    still_shows(good, GOOD, "mới")


@pytest.mark.parametrize("signers", ["the new one alone", "the old one alone"])
def test_a_root_that_is_not_signed_by_both_the_old_key_and_the_new(office, good, signers):
    fresh, old = PrivateKey.generate(), offline_key(office, "root")
    metadata = office.repository._read("root")
    metadata.signed.revoke_key(old.public.keyid, "root")
    metadata.signed.add_key(fresh.public.tuf(), "root")
    office.repository._renew("root", metadata, NOW, [fresh if "new" in signers else old])
    office.show(office.statement("giả", ("#101010",)))
    office.publish()
    assert good.sync().error == "tuf-refused"
    still_shows(good, GOOD)


def test_root_of_another_commune(office, good):
    def change(root):
        root.unrecognized_fields["bangtin"] = {"commune": "11111", "repository": "0" * 64}

    office.resign("root", change)
    assert good.sync().error == "trust-root"
    still_shows(good, GOOD)


def test_lich_target_listed_under_targets(office, good):
    signed = office.repository._read("lich").signed.targets
    name = f"lich/{BOARD}.json"
    office.resign("targets", lambda targets: targets.targets.update({name: signed[name]}))
    assert good.sync().error == "trust-misplaced"
    still_shows(good, GOOD)


def test_delegation_to_another_role(office, good):
    key = PrivateKey.generate().public.tuf()

    def add(targets):
        targets.delegations.keys[key.keyid] = key
        targets.delegations.roles["khac"] = DelegatedRole("khac", [key.keyid], 1, False, paths=["khac/*"])

    office.resign("targets", add)
    assert good.sync().error == "trust-delegation"
    still_shows(good, GOOD)


def to_all(targets):
    targets.delegations.roles["lich"].paths = ["*"]


def to_go_on_searching(targets):
    targets.delegations.roles["lich"].terminating = False


def by_prefix(targets):
    role = targets.delegations.roles["lich"]
    role.paths, role.path_hash_prefixes = None, ["0", "1", "2", "3", "4", "5", "6", "7", *"89abcdef"]


def in_bins(targets):
    key = next(iter(targets.delegations.keys.values()))
    targets.delegations = Delegations({key.keyid: key}, None, SuccinctRoles([key.keyid], 1, 1, "lich"))


def to_nobody(targets):
    targets.delegations = None


@pytest.mark.parametrize("change", [to_all, to_go_on_searching, by_prefix, in_bins, to_nobody])
def test_a_delegation_that_is_not_ours(office, good, change):
    """Signed by the offline key, and let through by TUF: a board knows one delegation alone."""
    office.resign("targets", change)
    outcome = good.sync()
    assert outcome.refusal and outcome.error in ("trust-delegation", "tuf-refused", "trust-missing")
    still_shows(good, GOOD)


def test_a_delegation_by_lich(office, good):
    key = PrivateKey.generate().public.tuf()
    role = DelegatedRole("khac", [key.keyid], 1, True, paths=["lich/khac/*"])
    office.resign("lich", lambda lich: setattr(lich, "delegations", Delegations({key.keyid: key}, {"khac": role})))
    assert good.sync().error == "trust-delegation"
    still_shows(good, GOOD)


def test_everything_withheld(office, good):
    """What a thief of the office can always do: then the board shows its own slide, and says what it does not show."""
    kept = office.items
    office.items, office.evergreen = [], []
    office.publish()
    assert good.sync().error is None
    still_shows(good)
    true = office.within[kept[0].dossier]
    office.items, office.hidden = kept, [true]
    office.withdrawn.append(Removed(true, ()))
    office.publish()
    good.sync()
    assert good.why() == {true: "hidden"}
    office.hidden, office.withdrawn = [], []
    office.items = [replace(kept[0], ranges=((NOW - DAY, NOW + DAY),))]
    office.publish()
    good.sync()
    still_shows(good, GOOD)
