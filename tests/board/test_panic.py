"""The safe slide: asked for by the commune on all boards, or by a person at this one."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given

from signage.board import notes, panic
from signage.board.light import light
from signage.board.playlist import urgent
from signage.board.reporter import Reporter
from signage.board.rotation import boundary, following, scene, taking_turns
from signage.report import open_report
from tests.board.playlists import lists
from tests.board.test_player import NOW, Playing
from tests.board.test_rotation import MS, moments


@given(lists(), moments)
def test_asked_for_by_the_commune_only_emergencies_come_before_it(held, now):
    usual, safe = scene(held, now), scene(asked := replace(held, safe=True), now)
    if usual.kind == "emergency":
        assert safe == usual and light(asked, safe, now) == light(held, usual, now)
    else:
        assert (safe.kind, safe.entry, safe.slide) == ("safe", None, None) and taking_turns(asked, now) == []
        change = boundary(asked, now)
        assert now < safe.until and (change is None or safe.until <= change)
        assert following(asked, safe).kind in ("safe", "emergency")
        assert light(asked, safe, safe.until - MS).dark == light(asked, safe, now).dark


@given(lists(), moments)
def test_asked_for_at_the_board_nothing_comes_before_it(held, now):
    shown = scene(aside := held.put_aside(), now)
    assert (shown.kind, shown.entry) == ("safe", None) and following(aside, shown).kind == "safe"
    assert aside.put_aside() == aside and aside.memory == held.memory


# ── by the commune ───────────────────────────────────────────────────────────────────────────────


def test_it_goes_down_with_the_manifest_and_does_not_wait_for_slides(office, kiosk, wire):
    office.show(office.statement("thường"))
    office.publish()
    kiosk.sync()
    office.show(office.statement("mới", ("#123456",)))
    office.overrides["safe"] = True
    office.publish()
    wire.changes["/slides/"] = lambda _: 503
    outcome = kiosk.sync()
    held = kiosk.held().playlist
    assert outcome.switched and outcome.error == "net-failed" and held.safe
    assert scene(held, NOW).kind == "safe"
    wire.changes.clear()
    office.overrides.clear()
    office.publish()
    kiosk.sync()
    assert scene(kiosk.held().playlist, NOW).kind == "rotation"


@pytest.mark.parametrize("how", ["withdraw", "hide"])
def test_what_is_taken_down_does_not_wait_for_slides(office, kiosk, wire, how):
    """Nor when the manifest does not even name any more what was withdrawn."""
    gone = office.show(office.statement("gỡ", ("#101010",)))
    office.publish()
    kiosk.sync()
    before = kiosk.held().playlist
    office.show(office.statement("mới", ("#123456",)))
    if how == "withdraw":
        office.withdraw(gone)
    else:
        office.hidden.append(gone.sha256)
    office.publish()
    wire.changes["/slides/"] = lambda _: 503
    outcome = kiosk.sync()
    assert outcome.switched and outcome.error == "net-failed"
    assert "gỡ" not in kiosk.shown() and urgent(before, kiosk.held().playlist, kiosk.held().publication.manifest)
    after = kiosk.held()
    assert not urgent(after.playlist, after.playlist, after.publication.manifest)


# ── at the board ─────────────────────────────────────────────────────────────────────────────────


def bangtin(board, *words):
    command = [sys.executable, "-m", "signage", "board", "panic", "--dir", str(board.folder), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_panic_at_once_over_a_restart_and_until_off(office, kiosk):
    office.show(office.statement("thường"))
    office.alarm(office.emergency("Lũ"))
    office.publish()
    kiosk.sync()
    with Playing(kiosk.board) as playing:
        playing.shows("Lũ")
        done = bangtin(kiosk.board)
        assert done.returncode == 0 and "hình an toàn" in done.stdout, done.stderr
        note = playing.until(lambda n: n["showing"]["kind"] == "safe")
        assert note["verdict"] == "match"
        office.show(office.statement("mới", ("#123456",)))
        office.publish()
        kiosk.sync()
        number = kiosk.held().playlist.number
        assert playing.until(lambda n: n["number"] == number)["showing"]["kind"] == "safe", "no publication ends it"
    with Playing(kiosk.board) as playing:
        assert playing.until(lambda n: True)["showing"]["kind"] == "safe", "from the first picture on"
        assert bangtin(kiosk.board).returncode == 0, "twice is once"
        assert bangtin(kiosk.board, "--off").returncode == 0
        playing.shows("Lũ")


def test_the_hub_is_told_since_when(kiosk):
    reporter, before = Reporter(kiosk.board), None
    before = reporter.signature()
    panic.begin(kiosk.board.state, NOW)
    panic.begin(kiosk.board.state, NOW.replace(year=2030))
    assert reporter.signature() != before, "it is told at once, not at the next heartbeat"
    reporter.make()
    assert ("panic", NOW) in open_report(reporter.outbox.envelope(1))[1].faults
    panic.end(kiosk.board.state)
    reporter.make()
    assert "panic" not in dict(open_report(reporter.outbox.envelope(2))[1].faults)


@pytest.mark.parametrize("data", [b"", b"{", b'{"v":1}', b'{"since":7,"v":1}'])
def test_a_damaged_note_still_asks(kiosk, data):
    panic.begin(kiosk.board.state, NOW)
    (kiosk.board.state / panic.NOTE).write_bytes(data)
    assert panic.on(kiosk.board.state)
    assert [code for code, _ in panic.faults(kiosk.board.state)] == ["panic"]


def test_a_player_that_is_dead_is_told(kiosk):
    for pid in (None, 2**22 + 1):
        if pid:
            notes.write(kiosk.board.state / "player.json", {"pid": pid, "showing": {"kind": "safe"}})
        done = bangtin(kiosk.board)
        assert done.returncode == 1 and "ngắt điện" in done.stdout
        assert panic.on(kiosk.board.state)
