"""Any past moment can be drawn again: exactly what the board was told then."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from signage.errors import Refused
from signage.office import archive
from signage.office.publish import repository
from signage.schedule import VIETNAM_TIME

Office = Any  # tests/conftest.py's
Text = Callable[..., str]
MINUTE = timedelta(minutes=1)


def picture(office: Office, at: datetime, board: str = "nha-van-hoa-3") -> tuple[Image.Image, str]:
    """The frame that `bangtin preview` draws of that moment, and what it says."""
    local = f"{at.astimezone(VIETNAM_TIME):%Y-%m-%d %H:%M:%S}"
    words = ["preview", "--board", board, "--at", local, "--dir", str(office.folder)]
    done = subprocess.run([sys.executable, "-m", "signage", *words], capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    path: Path = office.folder / f"state/xem-truoc/{board}.png"
    return Image.open(path).convert("RGB").copy(), done.stdout


@pytest.fixture
def replaced(office: Office, text: Text) -> tuple[Office, datetime]:
    """A was published an hour ago and B took its place a minute later; the board has a third notice now."""
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    local = began.astimezone(VIETNAM_TIME)
    days = {
        "start": f"{local - timedelta(days=1):%Y-%m-%d} 00:00",
        "end": f"{local + timedelta(days=3):%Y-%m-%d} 23:00",
    }
    office.write("tin/a", text(title="Bản A: cắt điện thứ Hai", **days))
    office.both("tin/a", now=began)
    office.publish(began)
    return office, began


def test_a_past_moment_shows_what_was_published_then(replaced: tuple[Office, datetime], text: Text) -> None:
    office, began = replaced
    moment = began + timedelta(seconds=30)
    then, said = picture(office, moment)
    assert "Bản A" in said
    office.desk.take_back("tin/a", "withdraw", office.person("p3", "approver"), began + MINUTE, "Sai ngày")
    local = began.astimezone(VIETNAM_TIME)
    office.write("tin/b", text(
        title="Bản B: cắt điện thứ Ba", start=f"{local - timedelta(days=1):%Y-%m-%d} 00:00",
        end=f"{local + timedelta(days=3):%Y-%m-%d} 23:00",
    ))  # fmt: skip
    office.both("tin/b", now=began + MINUTE)
    office.publish(began + MINUTE)
    again, said = picture(office, moment)
    assert "Bản A" in said and again.tobytes() == then.tobytes(), "its very frame"
    later, said = picture(office, began + 2 * MINUTE)
    assert "Bản B" in said and later.tobytes() != then.tobytes()


def test_the_past_needs_neither_keys_nor_todays_people(replaced: tuple[Office, datetime]) -> None:
    """An approver whose key was stolen since counted then; so it is drawn."""
    office, began = replaced
    people = office.folder / "people.toml"
    people.write_text(
        people.read_text("utf-8").replace('id = "p3"\n', 'id = "p3"\nvoid_from = "2000-01-01T00:00:00Z"\n')
    )
    repository(office.settings).sign_people(office.settings.people.to_bytes(), began + MINUTE)
    office.publish(began + MINUTE)
    for key in (office.folder / "keys").glob("*.pem"):
        key.unlink()
    assert "Bản A" in picture(office, began + timedelta(seconds=30))[1]


@pytest.mark.long
def test_before_the_first_publication_it_is_said_that_nothing_is_kept(replaced: tuple[Office, datetime]) -> None:
    office, began = replaced
    assert "chưa có bản phát hành nào được lưu" in picture(office, began - MINUTE)[1]


def test_a_damaged_archive_is_told(replaced: tuple[Office, datetime]) -> None:
    office, began = replaced
    (path,) = (office.folder / archive.FOLDER).rglob("*.xz")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Refused, match="archive-damaged"):
        archive.at(office.folder / archive.FOLDER, began + MINUTE)
