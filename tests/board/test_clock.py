"""What a board believes of time: its own clock wrong, lost, or put right; across restarts and power cuts."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signage.board import clock as module
from signage.board.clock import AGREES_MS, BUILT, KEPT_EVERY_S, LOOKED_EVERY_S, NOTE, Boot, Clock, state
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


def sync(clock: Clock, offset_ms: int | None = None, *, secure: bool = True, fresh: bool = True) -> None:
    clock.keep(offset_ms=offset_ms, secure=secure, fresh=fresh)


def test_a_clock_at_2000_runs_on_from_what_is_signed(machine):
    clock = machine.clock(Y2000)
    assert clock.suspect and clock.now() >= BUILT
    clock.prove(FLOOR)
    assert clock.now() == FLOOR
    machine.run(90)
    assert clock.now() == FLOOR + 1.5 * MINUTE and clock.suspect


def test_a_right_clock_is_believed(machine):
    clock = machine.clock(FLOOR + timedelta(days=3))
    clock.prove(FLOOR)
    assert not clock.suspect and clock.now() == FLOOR + timedelta(days=3)


def test_a_clock_that_lags_a_little_is_not_suspect(machine):
    clock = machine.clock(FLOOR - MINUTE)
    clock.prove(FLOOR)
    assert not clock.suspect and clock.now() == FLOOR - MINUTE


def test_a_pretended_moment_is_not_lifted():
    clock = Clock(Y2000, bounded=False)
    assert not clock.suspect and clock.now().year == 2000


def test_an_older_proof_takes_nothing_back(machine):
    clock = machine.clock(Y2000)
    clock.prove(FLOOR)
    machine.run(3600)
    clock.prove(FLOOR + MINUTE)
    assert clock.now() == FLOOR + HOUR


def test_a_restart_does_not_bring_the_past_back(machine):
    """Sync kept the time before; the player that starts later, with a clock at 2000, goes on from it."""
    first = machine.clock(Y2000)
    first.prove(FLOOR)
    machine.run(3600)
    sync(first)
    machine.run(1800)
    assert machine.clock(Y2000).now() == FLOOR + 1.5 * HOUR


def test_a_power_cut_costs_at_most_what_was_not_kept(machine):
    first = machine.clock(Y2000)
    first.prove(FLOOR)
    machine.run(3600)
    sync(first)
    machine.run(KEPT_EVERY_S - 1)
    sync(first)  # not written: too soon
    machine.power_cut()
    assert machine.clock(Y2000).now() == FLOOR + HOUR + timedelta(seconds=20)


def test_a_trusted_clock_is_kept_for_the_next_life(machine):
    later = FLOOR + timedelta(days=9)
    first = machine.clock(later)
    first.prove(FLOOR)
    sync(first, 300)
    machine.power_cut()
    assert machine.clock(Y2000).now() == later + timedelta(seconds=20)


@pytest.mark.parametrize(("offset", "fresh"), [(None, True), (300, False), (WRONG_MS, True)])
def test_a_clock_that_nobody_confirms_is_not_kept(machine, offset, fresh):
    """Else a clock that is years ahead once would make a board live in the future for good."""
    first = machine.clock(FLOOR + timedelta(days=900))
    first.prove(FLOOR)
    sync(first, offset, fresh=fresh)
    machine.power_cut()
    assert machine.clock(Y2000).now() < FLOOR + MINUTE


def test_a_synchronised_kernel_is_held_against_signatures_alone(machine, monkeypatch):
    """What a wrong clock once passed on gives way to NTP; a signature does not."""
    first = machine.clock(FLOOR + timedelta(days=13))
    first.prove(FLOOR)
    sync(first, 300)
    right = machine.clock(FLOOR + HOUR)
    assert right.suspect
    right.prove(FLOOR)
    monkeypatch.setattr(Clock, "_synchronised", lambda self: True)
    assert not right.suspect and right.now() == FLOOR + HOUR
    early = machine.clock(Y2000)
    early.prove(FLOOR)
    assert early.suspect and early.now() >= FLOOR


def test_a_server_that_tls_vouches_for_corrects_a_clock_ahead(machine):
    true = FLOOR + HOUR
    first = machine.clock(true + timedelta(days=5))
    first.prove(FLOOR)
    player = machine.clock(true + timedelta(days=5))
    assert player.now() == true + timedelta(days=5)
    sync(first, -5 * 86_400_000)
    machine.run(LOOKED_EVERY_S)
    assert first.suspect
    assert player.now() == true + timedelta(seconds=LOOKED_EVERY_S) and player.suspect


def test_a_server_without_tls_or_before_the_bound_corrects_nothing(machine):
    first = machine.clock(FLOOR + timedelta(days=5))
    first.prove(FLOOR)
    sync(first, -5 * 86_400_000, secure=False)
    assert first.now() == FLOOR + timedelta(days=5) and first.suspect, "doubted, and not written on the glass"
    sync(first, -50 * 86_400_000)
    assert first.now() == FLOOR, "never below what a signature proves"


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
        "boot": "first", "passed": "2026-11-22T00:00:00Z", "server": None, "tls": True, "up_ms": 30_000, "v": 1,
    }  # fmt: skip


@pytest.mark.parametrize("offset", [10**15, -(10**15)])
def test_a_nonsense_date_breaks_nothing(machine, offset):
    clock = machine.clock(FLOOR)
    sync(clock, offset)
    assert clock.now() == FLOOR


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
        clock.prove(playlist.made)
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
