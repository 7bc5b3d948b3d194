"""The screen's switch: never waits, never leaves a screen off, says once what failed."""

import os
import subprocess
import sys
import threading
import time

import pytest

from signage.board import power
from signage.board.power import Power

PATIENCE_S = 10


class Switch:
    """A screen with a switch that a test can break; not ours, so it is no mock of ours."""

    def __init__(self, broken=lambda on: False):
        self.on, self.asked, self.broken = True, [], broken

    def __call__(self, on):
        self.asked.append(on)
        if self.broken(on):
            raise subprocess.TimeoutExpired("xset", power.TOOL_S)
        self.on = on


def until(holds):
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_software_always_works_and_says_what_is_left_to_draw():
    screen = Power(lambda: None)
    assert [screen.set(True, p) for p in (100, 40, 300, -1)] == [100, 40, 100, 0]
    assert screen.set(False, 40) == 0 and screen.faults() == []
    screen.close()


def test_the_switch_follows_and_is_not_asked_again_while_nothing_changes():
    switch = Switch()
    screen = Power(lambda: switch)
    for _ in range(50):
        screen.set(True, 100)
    assert switch.asked == []
    for _ in range(50):
        assert screen.set(False) == 0
    until(lambda: not switch.on)
    for _ in range(50):
        assert screen.set(True, 40) == 40
    until(lambda: switch.on)
    assert switch.asked == [False, True]


def test_a_hung_tool_holds_nobody_up_and_the_last_wish_wins():
    held, switch = threading.Event(), Switch()

    def slow(on):
        held.wait(PATIENCE_S)
        switch(on)

    screen = Power(lambda: slow)
    screen.set(False)
    screen.set(True)
    screen.set(False)
    screen.set(True)
    assert switch.asked == []  # the tool still hangs: nobody waited for it
    held.set()
    until(lambda: screen._worker is None)
    assert switch.on and switch.asked in ([False, True], [])


def test_a_tool_that_fails_to_switch_off_is_told_and_the_screen_switched_on():
    switch = Switch(broken=lambda on: not on)
    screen = Power(lambda: switch)
    screen.set(False)
    until(lambda: screen.faults() == [power.TOOL_FAILED])
    until(lambda: screen._worker is None)
    assert switch.asked == [False, True] and switch.on
    screen.set(True)
    screen.set(False)
    until(lambda: screen._worker is None)
    assert switch.asked == [False, True], "it is not asked again"


def test_switching_on_is_tried_again():
    failures = iter([True, True, False])
    switch = Switch(broken=lambda on: on and next(failures))
    screen = Power(lambda: switch)
    screen.set(False)
    until(lambda: not switch.on)
    screen.set(True)
    until(lambda: switch.on)
    assert screen.faults() == []


def test_the_end_of_the_process_switches_on():
    switch = Switch()
    screen = Power(lambda: switch)
    screen.set(False)
    until(lambda: not switch.on)
    screen.close()
    assert switch.on


def test_a_server_without_dpms_is_left_alone(display, monkeypatch):
    monkeypatch.setenv("DISPLAY", display.name)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert power.xset() is None, "Xvfb has no DPMS"


def test_no_display_no_tool(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    assert power.xset() is None


@pytest.mark.parametrize("fails", [False, True])
def test_xset_itself_is_called_with_words_that_it_knows(tmp_path, monkeypatch, fails):
    """A program named xset stands in for the server's: the words, the time limit, the exit code."""
    log = tmp_path / "log"
    script = f'#!/bin/sh\n[ "$1" = q ] && echo "  DPMS is Disabled" && exit 0\necho "$@" >> {log}\nexit {int(fails)}\n'
    (tmp_path / "xset").write_text(script)
    (tmp_path / "xset").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":9999")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    screen = Power()
    screen.set(False)
    until(lambda: screen._worker is None)
    screen.close()
    words = log.read_text().splitlines()
    assert words[0].endswith("dpms force off") and words[-1].endswith("dpms force on")
    assert screen.faults() == ([power.TOOL_FAILED] if fails else [])


def test_the_player_opens_no_sound(office, kiosk):
    """Sound stays off: after playing, SDL's mixer was never opened and no sound device is held."""
    office.show(office.statement("Họp thôn"))
    office.publish()
    kiosk.sync()
    code = (
        "import os, sys\n"
        "from signage.__main__ import main\n"
        f"main(['board', 'play', '--dir', {str(kiosk.board.folder)!r}, '--headless', '--for', '1'])\n"
        "assert sys.modules.get('pygame') and not sys.modules.get('pygame.mixer')\n"
        "held = [os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') if n.isdigit()\n"
        "        and os.path.lexists(f'/proc/self/fd/{n}')]\n"
        "assert not [h for h in held if '/snd/' in h or 'pulse' in h or 'pipewire' in h], held\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
