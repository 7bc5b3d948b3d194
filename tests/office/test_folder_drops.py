"""What officers drop when nobody looks: twins, scans beside Word files, damaged and growing files, photos."""

# ruff: noqa: F401, F811 (fixtures of a neighbour)
from __future__ import annotations

import argparse
import io
import os
import shutil
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image

from signage.cli import folder as cli_folder
from signage.cli import main
from signage.office import watch
from signage.office.folder import card, names, origin
from signage.office.folder import draft as draft_module
from signage.office.folder import round as round_module
from signage.office.folder.draft import MovedError
from signage.office.folder.looking import SETTLE_S, Found
from tests.office import documents
from tests.office.test_folder import ASKED, DRAFT, POSTED, Door, Text, door, text
from tests.waiting import until


def picture(colour: str = "#a03020") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (300, 400), colour).save(data, "PNG")
    return data.getvalue()


def scan() -> bytes:
    made, data = pypdf.PdfWriter(), io.BytesIO()
    made.add_blank_page(595, 842)
    made.write(data)
    return data.getvalue()


def drafts(door: Door) -> set[str]:
    return {path.relative_to(door.root / DRAFT).as_posix() for path in (door.root / DRAFT).rglob("*.md")}


def test_a_word_file_and_its_signed_scan_are_one_notice(door: Door) -> None:
    door.drop(f"{DRAFT}/Cắt điện.docx", documents.power_cut())
    door.drop(f"{DRAFT}/Cắt điện.pdf", scan())
    door.rounds()
    assert drafts(door) == {"Cắt điện.md"}
    told = door.card(f"{DRAFT}/Cắt điện.md")
    assert "Máy đã soạn bản nháp này từ “Cắt điện.docx”" in told
    assert "Attachments: Cắt điện.pdf" in told, "what lies there for something is told"
    assert not door.one().cards, "and it comes to rest"


def test_a_file_that_makes_no_draft_is_taken_apart_once(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    draft = origin.draft
    monkeypatch.setattr(origin, "draft", lambda path, *rest: (asked.append(path), draft(path, *rest))[1])
    path = door.drop(f"{DRAFT}/Hỏng.docx", documents.power_cut()[:3000])
    door.rounds()
    door.rounds()
    assert asked == [path] and "Không đọc được tệp Hỏng.docx" in door.card(path.relative_to(door.root).as_posix())
    door.now += timedelta(hours=1)
    door.rounds()
    assert len(asked) == 2, "the machine may have been busy"
    path.write_bytes(documents.power_cut())
    door.rounds()
    assert drafts(door) == {"Hỏng.md"}


def test_words_that_are_typed_while_the_word_file_is_read_stay(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    path = door.drop(f"{DRAFT}/Họp.docx", documents.power_cut())
    typed = path.with_suffix(".md")
    draft = origin.draft

    def slow(*words: Any) -> Any:
        made = draft(*words)
        typed.write_text("Title: Chữ của cán bộ\n", "utf-8")
        return made

    monkeypatch.setattr(origin, "draft", slow)
    door.rounds()
    assert typed.read_text("utf-8") == "Title: Chữ của cán bộ\n"


def test_a_film_that_is_copied_for_an_hour_holds_up_nobody(door: Door) -> None:
    film = door.drop(f"{DRAFT}/phim.mp4", b"x")
    word = door.drop(f"{DRAFT}/Cắt điện.docx", documents.power_cut())
    for _ in range(4):
        with film.open("ab") as more:
            more.write(b"y")
        door.one()
        door.clock += 0.25
    assert word.with_suffix(".md").exists()


def test_a_folder_of_photos_is_one_notice(door: Door) -> None:
    door.drop(f"{DRAFT}/Họp thôn/Họp thôn.docx", documents.power_cut())
    for number in range(3):
        door.drop(f"{DRAFT}/Họp thôn/IMG_{number}.png", picture(f"#{number}02040"))
        door.drop(f"{DRAFT}/Ngày hội/IMG_{number}.png", picture(f"#{number}04020"))
    door.rounds()
    assert drafts(door) == {"Họp thôn/Họp thôn.md", "Ngày hội/IMG_0.md"}
    for name, left in (("Họp thôn/Họp thôn.md", "IMG_2.png"), ("Ngày hội/IMG_0.md", "IMG_1.png")):
        assert f"Attachments: {left}" in door.card(f"{DRAFT}/{name}"), "the rest is told"


def test_word_files_that_windows_would_not_tell_apart(door: Door) -> None:
    door.drop(f"{DRAFT}/Báo cáo.docx", documents.power_cut())
    door.drop(f"{DRAFT}/BÁO CÁO.docx", documents.plan())
    door.rounds()
    assert not drafts(door), "neither is taken for the other"
    assert "“BÁO CÁO.docx”; “Báo cáo.docx”" in door.card(f"{DRAFT}/BÁO CÁO.docx")


def test_a_pipe_with_a_cards_name_stops_nobody(door: Door) -> None:
    pipe = door.root / DRAFT / f"x{names.CARD_ENDING}"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)  # so that who opens it all the same is not stopped either
    try:
        os.write(held, card.MARK.ljust(card.MARK_WITHIN))
        door.one()
        assert pipe.is_fifo()
    finally:
        os.close(held)


def test_nothing_that_is_dropped_meets_silence(door: Door, text: Text) -> None:
    for name in ("Áp phích.png", "Bảng.xlsx", "Mẫu.docm", "Họp/ghi âm.mp3"):
        door.drop(f"{DRAFT}/{name}", picture())
    door.drop("Quên.docx", documents.power_cut())
    door.drop(f"{DRAFT}/Tin.md", text(attachments="Kế hoạch.txt"))
    door.drop(f"{DRAFT}/Kế hoạch.txt", "Thôn 3")
    done = door.rounds()
    assert [p.file for p in done.unused] == [
        f"{DRAFT}/{name}" for name in ("Họp/ghi âm.mp3", "Bảng.xlsx", "Mẫu.docm", "Áp phích.png")
    ]
    assert [p.code for p in done.refused] == ["folder-no-stage"]
    told = unescape((door.root / names.OVERVIEW).read_text("utf-8"))
    assert "Chưa thuộc thông báo nào" in told and f"{DRAFT}/Mẫu.docm" in told and "“Quên.docx”" in told
    assert "Kế hoạch.txt" not in told


def test_a_word_file_that_is_copied_for_long_is_told_and_leaves_no_word_behind(door: Door, text: Text) -> None:
    word, other = door.drop(f"{DRAFT}/Lớn.docx", b"PK"), door.drop(f"{DRAFT}/Tin.docx", b"PK")
    door.drop(f"{DRAFT}/Tin.md", text())
    for _ in range(16):
        for path in (word, other):
            with path.open("ab") as more:
                more.write(b"y")
        done = door.one()
        door.clock += SETTLE_S - 0.01
    assert "đang được chép vào" in door.card(f"{DRAFT}/Lớn.docx")
    assert "Không có lỗi" in door.card(f"{DRAFT}/Tin.md"), "the notice's own card stays"
    assert [p.values["name"] for p in done.refused] == ["Tin.docx"]
    word.write_bytes(documents.power_cut())
    door.rounds()
    assert "Máy đã soạn bản nháp" in door.card(f"{DRAFT}/Lớn.md")


def test_what_is_posted_is_not_drawn_again(door: Door, text: Text, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commune keeps thousands of them."""
    path = door.drop(f"{POSTED}/2026-11-20 Tin/Tin.md", text())
    door.rounds()
    read = round_module.read
    drawn: list[str] = []
    monkeypatch.setattr(
        round_module, "read", lambda paper, *rest: (drawn.append(paper.path.name), read(paper, *rest))[1]
    )
    door.now += timedelta(days=1)
    door.rounds()
    assert not drawn
    path.write_text(text(title="Đổi"), "utf-8")
    door.rounds()
    assert drawn == ["Tin.md"]


def test_the_longest_names_are_posted_too(door: Door, text: Text) -> None:
    folder, alone = "thôn " * 40, "ạ" * 84
    door.drop(f"{ASKED}/{folder.strip()}/Tin.md", text(title="Một"))
    door.drop(f"{ASKED}/{alone}.md", text(title="Hai"))
    door.rounds()
    ids = ("thu-muc/tin/tin", names.ident(f"{alone}.md"))
    door.office.both(*ids)
    door.office.publish()
    door.rounds()
    assert not list((door.root / ASKED).rglob("*.md"))
    assert {p.name for p in (door.root / POSTED).rglob("*.md")} == {"Tin.md", f"{alone}.md"}


@pytest.mark.parametrize(
    "name", ["{}.md", DRAFT + "/{}.docx", DRAFT + "/{}.md", DRAFT + "/{}.xlsx", DRAFT + "/{}/Tin.md"]
)
def test_a_name_in_an_old_encoding_stops_nobody(door: Door, text: Text, name: str) -> None:
    """As an archive from an old machine unpacks them."""
    good = door.drop(f"{ASKED}/Họp.md", text())
    data = documents.power_cut() if name.endswith("docx") else text().encode()
    path = door.drop(name.format(os.fsdecode("Thông báo".encode("cp1258", "replace") + b"\xff")), data)
    door.rounds()
    assert path.read_bytes() == data and good.exists() and door.copy("hop").exists()
    assert "Th?ng b?o?" in (door.root / names.OVERVIEW).read_text("utf-8"), "and is told"


def test_names_of_strangers_neither_steer_the_terminal_nor_stop_the_verb(
    door: Door, text: Text, capsys: pytest.CaptureFixture[str]
) -> None:
    door.drop("đỏ\x1b[31m.md", text())
    door.drop(os.fsdecode(b"\xff.md"), text())
    assert main(["folder", "--dir", str(door.office.folder)]) == 1
    told = capsys.readouterr().out
    assert told.count("nằm ngoài các thư mục việc") == 2 and "\x1b" not in told
    told.encode()


def test_a_file_that_nobody_thought_of_is_its_own_trouble(
    door: Door, text: Text, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def odd(work: Any) -> Any:
        def done(first: Any, *rest: Any) -> Any:
            if "lạ" in str(getattr(first, "path", first)):
                raise RecursionError
            return work(first, *rest)

        return done

    monkeypatch.setattr(round_module, "read", odd(round_module.read))
    monkeypatch.setattr(origin, "draft", odd(origin.draft))
    door.drop(f"{ASKED}/Tin lạ.md", text())
    door.drop(f"{ASKED}/Văn bản lạ.docx", documents.power_cut())
    door.drop(f"{ASKED}/Xong.md", text())
    door.rounds()
    assert door.copy("xong").exists()
    for name in ("Tin lạ.md", "Văn bản lạ.docx"):
        assert "lỗi lạ (RecursionError)" in door.card(f"{ASKED}/{name}")
    assert "Tin lạ.md" in caplog.text, "with the way to it, for who mends it"


@pytest.mark.parametrize("swap", ["link", "pipe"])
def test_what_took_a_files_place_is_not_read(door: Door, text: Text, swap: str) -> None:
    path, secret = door.drop(f"{DRAFT}/a.txt", "chữ"), door.drop("../bi-mat.txt", "khóa")
    told = path.lstat()
    seen = Found(path, (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns))
    path.unlink()
    path.symlink_to(secret) if swap == "link" else os.mkfifo(path)
    with pytest.raises((MovedError, OSError)):
        draft_module._bytes(seen)


def test_a_copy_beside_its_notice_is_told(door: Door, text: Text) -> None:
    copies = ("Họp (1).md", "Họp - Copy.md", "Bản sao của Họp.md")
    for name in ("Họp.md", "Khác (2).md", *copies):
        door.drop(f"{DRAFT}/{name}", text(title=f"Tin {name[:-3]}"))
    door.rounds()
    told = {p.name for p in (door.root / DRAFT).glob("*.md") if "trông như bản sao" in door.card(f"{DRAFT}/{p.name}")}
    assert told == set(copies)


@pytest.mark.parametrize("polling", [False, True])
def test_a_share_that_is_mounted_anew_is_watched_anew(
    office: Any, text: Text, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, polling: bool
) -> None:
    """Nothing tells the watch that it looks at a folder which is no longer there; of a share that tells nothing at
    all each round is a look.
    """
    monkeypatch.setattr(watch, "SAME_S", 0.05)
    monkeypatch.setattr(watch, "POLL_S", 0.05)
    monkeypatch.setattr(cli_folder, "AGAIN_S", 0.05)
    root, stop = office.settings.shared, threading.Event()
    args = argparse.Namespace(polling=polling, lang="vi", dir=office.folder)
    watching = threading.Thread(target=cli_folder.watch, args=(office.folder, stop, args))
    watching.start()
    try:
        until(lambda: (root / DRAFT).is_dir() and (root / names.OVERVIEW).exists())
        shutil.copytree(root, tmp_path / "moi")
        root.rename(tmp_path / "cu")
        (tmp_path / "moi").rename(root)
        for number in range(3):  # what is dropped before it is seen too
            (root / DRAFT / f"Tin {number}.md").write_text("Title: Tin\n", "utf-8")
            card = root / DRAFT / names.card_name(f"Tin {number}.md")
            until(card.exists)
    finally:
        stop.set()
        watching.join(20)
    assert not watching.is_alive()
