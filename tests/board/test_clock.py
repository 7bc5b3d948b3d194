"""What a board believes of time: its own clock wrong, lost, or put right; across restarts and power cuts."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signage.board import clock as module
from signage.board.boot import Boot
from signage.board.clock import (
    AGREES_MS,
    APART_S,
    BUILT,
    KEPT_EVERY_S,
    LATEST,
    NOTE,
    Clock,
    Proof,
    state,
)
from signage.board.judging import judge
from signage.board.rotation import scene
from signage.board.trust import Identity, Publication
from signage.publication import EMERGENCIES, EmergencyList, Manifest, manifest_name

FLOOR = datetime(2026, 11, 22, tzinfo=UTC)
Y2000 = datetime(2000, 1, 1, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WRONG_MS = AGREES_MS + 1


@pytest.mark.parametrize(
    ("now", "offset", "synchronised", "expected"),
    [
        (FLOOR, None, True, "trusted"),
        (FLOOR, 300, False, "trusted"),
        (FLOOR, None, False, "unknown"),
        (FLOOR - MINUTE, None, True, "trusted"),
        (FLOOR - 3 * MINUTE, None, True, "suspect"),
        (FLOOR, WRONG_MS, False, "suspect"),
        (FLOOR, -WRONG_MS, True, "trusted"),
        (Y2000, 0, True, "suspect"),
    ],
)
def test_state(now, offset, synchronised, expected):
    assert state(now, FLOOR, offset_ms=offset, synchronised=synchronised) == expected


class Life(Boot):
    """A boot whose uptime the test moves on."""

    def __init__(self, name: str = "first", at: float = 30.0) -> None:
        self.name, self.at = name, at

    def seconds(self) -> float:
        return self.at


@dataclass
class Machine:
    """A board's computer: processes share its uptime and `time.json`."""

    note: Path
    life: Life = field(default_factory=Life)

    def clock(self, says: datetime) -> Clock:
        return Clock(says, note=self.note, boot=self.life)

    def run(self, seconds: float) -> None:
        self.life.at += seconds

    def power_cut(self) -> None:
        self.life = Life(self.life.name + "+", 20.0)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / NOTE)


def prove(clock: Clock, made: datetime, number: int = 1) -> None:
    clock.prove(Proof(number, made))


def sync(clock: Clock, offset_ms: int | None = None, *, secure: bool = True, fresh: bool = True) -> None:
    clock.keep(offset_ms=offset_ms, secure=secure, until=clock.now() + timedelta(days=14) if fresh else None)


def told_twice(clock: Clock, machine: Machine, offset_ms: int, *, secure: bool = True, fresh: bool = True) -> None:
    """The server's Date, and the same again so much later that it is believed."""
    sync(clock, offset_ms, secure=secure, fresh=fresh)
    machine.run(APART_S)
    sync(clock, offset_ms, secure=secure, fresh=fresh)


def test_a_clock_at_2000_runs_on_from_what_is_signed(machine):
    clock = machine.clock(Y2000)
    assert clock.suspect and clock.now() >= BUILT
    prove(clock, FLOOR)
    assert clock.now() == FLOOR
    machine.run(90)
    assert clock.now() == FLOOR + 1.5 * MINUTE and clock.suspect


def test_a_right_clock_is_believed(machine):
    clock = machine.clock(FLOOR + timedelta(days=3))
    prove(clock, FLOOR)
    assert not clock.suspect and clock.now() == FLOOR + timedelta(days=3)


def test_a_clock_that_lags_a_little_is_not_suspect(machine):
    clock = machine.clock(FLOOR - MINUTE)
    prove(clock, FLOOR)
    assert not clock.suspect and clock.now() == FLOOR - MINUTE


def test_a_pretended_moment_is_not_lifted():
    clock = Clock(Y2000, bounded=False)
    assert not clock.suspect and clock.now().year == 2000


def test_an_older_proof_takes_nothing_back(machine):
    clock = machine.clock(Y2000)
    prove(clock, FLOOR)
    machine.run(3600)
    prove(clock, FLOOR + MINUTE)
    assert clock.now() == FLOOR + HOUR


def test_a_restart_does_not_bring_the_past_back(machine):
    """Sync kept the time before; the player that starts later, with a clock at 2000, goes on from it."""
    first = machine.clock(Y2000)
    prove(first, FLOOR)
    machine.run(3600)
    sync(first)
    machine.run(1800)
    assert machine.clock(Y2000).now() == FLOOR + 1.5 * HOUR


def test_a_power_cut_costs_at_most_what_was_not_kept(machine):
    first = machine.clock(Y2000)
    prove(first, FLOOR)
    machine.run(3600)
    sync(first)
    machine.run(KEPT_EVERY_S - 1)
    sync(first)  # not written: too soon
    machine.power_cut()
    assert machine.clock(Y2000).now() == FLOOR + HOUR + timedelta(seconds=20)


def test_a_trusted_clock_is_kept_for_the_next_life(machine):
    later = FLOOR + timedelta(days=9)
    first = machine.clock(later)
    prove(first, FLOOR)
    sync(first, 300)
    machine.power_cut()
    assert machine.clock(Y2000).now() == later + timedelta(seconds=20)


@pytest.mark.parametrize(("offset", "fresh"), [(None, True), (300, False), (WRONG_MS, True)])
def test_a_clock_that_nobody_confirms_is_not_kept(machine, offset, fresh):
    """Else a clock that is years ahead once would make a board live in the future for good."""
    first = machine.clock(FLOOR + timedelta(days=900))
    prove(first, FLOOR)
    sync(first, offset, fresh=fresh)
    machine.power_cut()
    assert machine.clock(Y2000).now() < FLOOR + MINUTE


def test_a_synchronised_kernel_is_held_against_signatures_alone(machine, monkeypatch):
    """What a wrong clock once passed on gives way to NTP; a signature does not."""
    first = machine.clock(FLOOR + timedelta(days=13))
    prove(first, FLOOR)
    sync(first, 300)
    right = machine.clock(FLOOR + HOUR)
    assert right.suspect
    prove(right, FLOOR)
    monkeypatch.setattr(Clock, "_synchronised", lambda self: True)
    assert not right.suspect and right.now() == FLOOR + HOUR
    early = machine.clock(Y2000)
    prove(early, FLOOR)
    assert early.suspect and early.now() >= FLOOR


def test_a_server_that_tls_vouches_for_corrects_a_clock_ahead(machine):
    true = FLOOR + HOUR
    first = machine.clock(true + timedelta(days=5))
    prove(first, FLOOR)
    player = machine.clock(true + timedelta(days=5))
    assert player.now() == true + timedelta(days=5)
    told_twice(first, machine, -5 * 86_400_000)
    assert first.suspect
    assert player.now() == true + timedelta(seconds=APART_S) and player.suspect


def test_a_server_without_tls_or_before_the_bound_corrects_nothing(machine):
    first = machine.clock(FLOOR + timedelta(days=5))
    prove(first, FLOOR)
    told_twice(first, machine, -5 * 86_400_000, secure=False)
    assert first.now() == FLOOR + timedelta(days=5, seconds=APART_S) and first.suspect, (
        "doubted, and not written on the glass"
    )
    told_twice(first, machine, -50 * 86_400_000)
    assert first.now() == FLOOR + timedelta(seconds=2 * APART_S), "never below what a signature proves"


def test_the_note_is_written_seldom(machine):
    clock, written = machine.clock(FLOOR), set()
    for _ in range(24 * 120):  # a day of rounds, one each 30 s
        machine.run(30)
        sync(clock, 100)
        written.add(machine.note.stat().st_mtime_ns)
    assert len(written) <= 24 * 3600 / KEPT_EVERY_S
    assert machine.note.stat().st_size < 300


@pytest.mark.parametrize("text", ["", "{", '{"v":1}', '{"v":1,"boot":"first","passed":"x","server":null,"up_ms":1}'])
def test_a_damaged_note_is_none(machine, text):
    machine.note.write_text(text)
    assert machine.clock(Y2000).now() >= BUILT


def test_the_note_names_its_boot(machine):
    sync(machine.clock(FLOOR), 100)
    assert json.loads(machine.note.read_text()) == {
        "boot": "first", "passed": "2026-11-22T00:00:00Z", "said": None, "server": None, "tls": True,
        "up_ms": 30_000, "v": 1,
    }  # fmt: skip


@pytest.mark.parametrize("offset", [10**15, -(10**15)])
def test_a_nonsense_date_breaks_nothing(machine, offset):
    clock = machine.clock(FLOOR)
    sync(clock, offset)
    assert clock.now() == FLOOR


def test_one_bad_date_moves_nothing(machine):
    """Nor does it when it stands still, as a copy that a cache keeps."""
    years = 2 * 365 * 86_400_000
    clock = machine.clock(FLOOR)
    sync(clock, years)
    assert clock.now() == FLOOR and clock.suspect
    for _ in range(12):
        machine.run(60)
        years -= 60_000
        sync(clock, years, fresh=False)
        assert clock.now() == clock.machine()


def test_a_date_by_which_fresh_metadata_would_have_expired_is_not_believed(machine):
    clock = machine.clock(FLOOR)
    told_twice(clock, machine, 15 * 86_400_000)
    assert clock.now() == clock.machine()
    told_twice(clock, machine, 15 * 86_400_000, fresh=False)
    assert clock.now() == clock.machine(), "nor while nothing was verified"
    told_twice(clock, machine, 2 * 86_400_000)
    assert clock.now() == clock.machine() + timedelta(days=2)
    machine.run(3600)
    sync(clock, 2 * 86_400_000, fresh=False)
    assert clock.now() == clock.machine() + timedelta(days=2), "and it stays through an outage"


def test_a_clock_years_ahead_by_which_all_has_expired_is_put_right_by_the_server(machine):
    clock = machine.clock(FLOOR + timedelta(days=900))
    told_twice(clock, machine, -900 * 86_400_000, fresh=False)
    assert clock.now() == FLOOR + timedelta(seconds=APART_S)


def test_a_later_publication_takes_a_false_moment_back(machine):
    """Here and in every process, across restarts; an older generation that is fallen back to does not."""
    first = machine.clock(Y2000)
    prove(first, FLOOR)
    machine.run(3600)
    prove(first, FLOOR + timedelta(days=300), 2)
    sync(first)
    assert first.now().year == 2027 and first.unsaid() < FLOOR
    player = machine.clock(Y2000)
    assert player.now().year == 2027
    prove(player, FLOOR)  # number 1 again
    assert player.now().year == 2027
    for clock in (first, player, machine.clock(Y2000)):
        prove(clock, FLOOR + HOUR, 3)
        assert clock.now() == FLOOR + HOUR
    machine.power_cut()
    second = machine.clock(Y2000)
    prove(second, FLOOR + HOUR, 3)
    assert second.now() == FLOOR + HOUR


@pytest.mark.parametrize("made", [LATEST, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)])
def test_the_end_of_time_breaks_nothing(machine, made):
    clock = machine.clock(FLOOR)
    prove(clock, made)
    machine.run(10**7)
    assert clock.now() == LATEST
    sync(clock)
    assert machine.clock(FLOOR).now() == LATEST, "what was written can be read"


def test_an_office_of_the_past_lowers_no_floor(machine, monkeypatch):
    monkeypatch.setattr(Clock, "_synchronised", lambda self: True)
    clock = machine.clock(Y2000)
    prove(clock, Y2000)
    assert clock.suspect and clock.now() >= BUILT


@pytest.mark.parametrize(
    "fields",
    ['"passed":"9999-12-31T23:59:59Z","up_ms":5', '"passed":"2026-12-01T00:00:00Z","up_ms":9007199254740991'],
)
@pytest.mark.parametrize("boot", ["first", "other"])
def test_a_note_with_absurd_moments_breaks_nothing(machine, fields, boot):
    machine.note.write_text(f'{{"v":1,"boot":"{boot}","server":null,"tls":false,{fields}}}')
    assert machine.clock(Y2000).now() < FLOOR + timedelta(days=30)


@pytest.mark.parametrize("synced", [False, True])
def test_who_vouches_for_the_time(machine, monkeypatch, synced):
    monkeypatch.setattr(Clock, "_synchronised", lambda self: synced)
    clock = machine.clock(FLOOR)
    assert clock.trusted(offset_ms=None, secure=True) == (FLOOR if synced else None)
    assert clock.trusted(offset_ms=300, secure=False) == (FLOOR if synced else None)
    assert clock.trusted(offset_ms=300, secure=True) == FLOOR
    early = machine.clock(Y2000)
    assert early.trusted(offset_ms=None, secure=True) is None


def test_this_machine_has_a_boot():
    boot = Boot()
    assert boot.seconds() > 0 and boot.name == Boot().name
    assert isinstance(module.kernel_synchronised(), bool)


def test_an_emergency_ends_though_the_clock_stands_in_2000(machine, office):
    """By uptime, over a restart of the player and a power cut; and it does not come back."""
    office.alarm(office.emergency(hours=6))
    lich = office.lich()
    manifest = Manifest.read(lich[manifest_name("nha-van-hoa-3")])
    publication = Publication(office.people(), manifest, EmergencyList.read(lich[EMERGENCIES]), ())
    identity = Identity("nha-van-hoa-3", "99999", manifest.repository)

    def shows(clock: Clock) -> str:
        playlist = judge(publication, {}, identity, clock.now())
        clock.prove(publication.proof)
        return scene(playlist, clock.now()).kind

    first = machine.clock(Y2000)
    assert shows(first) == "emergency"
    machine.run(3 * 3600)
    assert shows(first) == "emergency"
    sync(first)
    machine.power_cut()
    second = machine.clock(Y2000)
    assert shows(second) == "emergency"
    machine.run(3 * 3600)
    assert shows(second) == "safe"
    sync(second)
    assert shows(machine.clock(Y2000)) == "safe", "a player that starts again"
    machine.power_cut()
    assert shows(machine.clock(Y2000)) == "safe", "nor after a power cut"
