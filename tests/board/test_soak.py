"""Two simulated hours in one player's life, each with all that happens in a day (the week: bench/soak.py)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).parents[2] / "bench" / "soak.py"


@pytest.fixture(scope="module")
def life():
    words = [sys.executable, SOAK, "--check", "--headless"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_every_slide_comes_in_its_turn_and_no_other(life):
    assert life["told"] == []
    assert life["showings"] > 500
    assert life["dwell_s"] == pytest.approx(10, abs=0.1)


def test_black_is_shown_in_the_dark_hours_alone(life):
    assert life["black_frames"] == 0
    assert life["dark_h_per_day"] == pytest.approx(24 * 0.09, rel=0.1)


def test_nothing_is_kept_from_hour_to_hour(life):
    """Pictures, pages and thumbnails are let go; thumbnails that stayed made 3 MB an hour here."""
    assert life["python_blocks_growth"] < 500
    assert life["files_open_growth"] == 0
    assert life["rss_growth_mb"] <= 2


def test_a_healthy_player_says_nothing(life):
    assert life["log_lines_per_day"] == 0
