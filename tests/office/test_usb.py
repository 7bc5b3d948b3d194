"""`bangtin publish --to-usb`: a stick that a board can use, whole or not at all."""

import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from signage import durable, stick
from signage.board import identity
from signage.board import usb as taking
from signage.board.shelf import Shelf
from signage.cli import main
from signage.dossier import Dossier
from signage.errors import Unavailable, WrongUse
from signage.office import usb
from signage.office.publish import publish, repository
from signage.review import Statement

Office = Any  # tests/conftest.py's
Text = Callable[..., str]
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


def today(text: Text, **fields: str) -> str:
    """A notice that is valid now, by the machine's own clock."""
    days = {"date": f"{NOW:%Y-%m-%d 00:00}", "start": f"{NOW:%Y-%m-%d 00:00}", "end": ""}
    return text(**days, **fields)


@pytest.fixture
def ready(office: Office, text: Text) -> Office:
    office.write("tin/a", today(text, title="Cho mọi bảng"))
    office.write("tin/b", today(text, title="Chỉ cho cổng xã", boards="board:cong-xa"))
    office.both("tin/a", now=NOW)
    office.both("tin/b", now=NOW)
    publish(office.settings, NOW)
    return office


def names(media: Path) -> set[str]:
    return {str(p.relative_to(media)) for p in media.rglob("*") if p.is_file()}


def shown(office: Office, media: Path, board: str, folder: Path) -> set[str]:
    """What a new board without any network may show after this stick."""
    root = repository(office.settings).root_bytes()
    made = identity.enroll(folder, board=board, url="http://127.0.0.1:1", root=root)
    done = taking.take(made, media)
    assert done.error is None and not done.wrong, (done.error, done.wrong)
    held = Shelf(made.shelf).holding(root, made.identity, NOW)
    assert held is not None
    return {entry.title for entry in held.playlist.everything()}


def test_every_board_of_the_commune_can_use_the_stick(ready: Office, media: Path, tmp_path: Path) -> None:
    done = usb.write(ready.settings, media)
    assert done.boards == ("cong-xa", "nha-van-hoa-3") and done.same_disk
    # FAT and exFAT: no two names that differ in capitals alone, none of their forbidden characters, no long paths
    assert len({name.lower() for name in names(media)}) == len(names(media)) == done.files
    assert all(re.fullmatch(r"[A-Za-z0-9._/-]{1,200}", name) and not name.endswith(".") for name in names(media))
    assert done.size == sum((media / name).stat().st_size for name in names(media))
    assert shown(ready, media, "cong-xa", tmp_path / "b1") == {"Cho mọi bảng", "Chỉ cho cổng xã"}
    assert shown(ready, media, "nha-van-hoa-3", tmp_path / "b2") == {"Cho mọi bảng"}


def test_a_stick_for_one_board_has_only_what_that_board_needs(ready: Office, media: Path, tmp_path: Path) -> None:
    everything = usb.write(ready.settings, media).size
    done = usb.write(ready.settings, media, ["nha-van-hoa-3"])
    assert done.size < everything and not [n for n in names(media) if "cong-xa" in n]
    for path in (media / stick.PUBLICATION / "board/dossiers").iterdir():
        found = Statement.read(Dossier.read(path.read_bytes()).statement)
        assert found.title == "Cho mọi bảng"
        assert {s.name for s in found.slides["lcd-1280x720"]} == {
            p.name for p in (media / stick.PUBLICATION / "board/slides").iterdir()
        }
    assert shown(ready, media, "nha-van-hoa-3", tmp_path / "b") == {"Cho mọi bảng"}


def test_what_was_there_stays_until_the_new_one_is_whole(
    ready: Office, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = usb.write(ready.settings, media)
    (media / "anh-gia-dinh.jpg").write_bytes(b"not ours")
    before = names(media)
    real, left = usb._copied, [3]

    def pulled_out(*words: Any) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(5, "Input/output error")
        return real(*words)

    monkeypatch.setattr(usb, "_copied", pulled_out)
    with pytest.raises(OSError, match="Input/output"):
        usb.write(ready.settings, media)
    assert names(media) == before
    monkeypatch.undo()
    (media / f"{stick.PUBLICATION}.new").mkdir()  # what a power cut may leave
    (media / f"{stick.PUBLICATION}.old").mkdir()
    assert usb.write(ready.settings, media).number == first.number
    assert sorted(p.name for p in media.iterdir()) == ["anh-gia-dinh.jpg", stick.PUBLICATION]


def test_a_link_on_the_stick_leads_no_writing_elsewhere(ready: Office, media: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "board").mkdir(parents=True)
    (elsewhere / "board/keep").write_text("mine")
    for name in ("", ".new", ".old"):
        (media / f"{stick.PUBLICATION}{name}").symlink_to(elsewhere)
    usb.write(ready.settings, media)
    assert names(elsewhere) == {"board/keep"} and not (media / stick.PUBLICATION).is_symlink()


def test_too_little_room_is_told_before_anything_is_written(
    ready: Office, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = namedtuple("small", "f_frsize f_bavail")(32768, 8)
    monkeypatch.setattr(usb.os, "statvfs", lambda _: small)
    with pytest.raises(Unavailable) as full:
        usb.write(ready.settings, media)
    assert full.value.code == "usb-full" and not names(media)


def test_a_stick_that_keeps_other_bytes_is_found_out(
    ready: Office, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A false stick takes everything and gives back something else."""
    monkeypatch.setattr(usb.os, "sync", lambda: [p.write_bytes(b"\0" * 9) for p in media.rglob("*.json")])
    with pytest.raises(Unavailable) as false:
        usb.write(ready.settings, media)
    assert false.value.code == "usb-bad-medium" and not names(media)


def test_wrong_words(office: Office, media: Path) -> None:
    with pytest.raises(WrongUse) as unknown:
        usb.write(office.settings, media, ["khong-co"])
    assert unknown.value.code == "usb-board"
    with pytest.raises(WrongUse):
        usb.write(office.settings, media / "none")
    with pytest.raises(Unavailable) as early:
        usb.write(office.settings, media)
    assert early.value.code == "usb-not-published" and not names(media)


@pytest.mark.skipif(not (shutil.which("mkfs.vfat") and shutil.which("mcopy")), reason="needs dosfstools and mtools")
def test_a_real_fat_image_keeps_every_name_and_byte(ready: Office, media: Path, tmp_path: Path) -> None:
    """By mtools: this needs no driver in the kernel. What a mounted FAT does at a rename is not tried here."""
    usb.write(ready.settings, media)
    image, back = tmp_path / "fat.img", tmp_path / "back"
    with image.open("wb") as file:
        file.truncate(40 * 1024 * 1024)
    back.mkdir()
    for words in (
        ["mkfs.vfat", image],
        ["mcopy", "-s", "-i", image, media / stick.PUBLICATION, "::"],
        ["mcopy", "-s", "-i", image, f"::{stick.PUBLICATION}", back],
    ):
        subprocess.run(list(map(str, words)), check=True, capture_output=True, timeout=60)
    assert names(back) == names(media)
    assert all(durable.sha256_of(back / n) == durable.sha256_of(media / n) for n in names(media))


def test_options_that_do_not_go_together(office: Office, media: Path) -> None:
    for words in (["--to-usb", media, "--watch"], ["--board", "cong-xa"]):
        assert main(["publish", "--dir", str(office.folder), *map(str, words)]) == 2


def test_the_page_is_true(
    office: Office, text: Text, media: Path, tmp_path: Path, make_screen: Callable[[int, int], str]
) -> None:
    """docs/usb.md, command by command: a board is enrolled, then the stick brings it the day's notices."""
    page = (Path(__file__).parents[2] / "docs/usb.md").read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    found = [line.split(" #")[0].split() for block in blocks for line in block.splitlines()]
    enrolling = next(n for n, words in enumerate(found) if words[1:3] == ["board", "prepare"])
    office.write("tin/a", today(text))
    office.both("tin/a", now=NOW)
    publish(office.settings, NOW)
    there = {
        "/media/usb": media,
        "/srv/bang": tmp_path / "bang",
        "/srv/hub": tmp_path / "hub",
        "/srv/xa": office.folder,
    }
    env = {**os.environ, "DISPLAY": make_screen(1280, 720), "PYTHONIOENCODING": "utf-8"}
    for written in [*found[enrolling:], *found[:enrolling]]:
        words = written
        for name, folder in there.items():
            words = [word.replace(name, str(folder)) for word in words]
        done = subprocess.run(
            [sys.executable, "-m", "signage", *words[1:], *(["--for", "1"] if "kiosk" in words else [])],
            cwd=office.folder, input="giống\n", capture_output=True, text=True, timeout=90,
            env=env,
        )  # fmt: skip
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        assert "--to-usb" not in words or ("đã đọc lại đúng" in done.stdout and "nằm trên chính đĩa" in done.stdout)
    assert Shelf(tmp_path / "bang/shelf").mark() is not None
