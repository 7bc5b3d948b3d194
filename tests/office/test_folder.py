"""The officers' shared folder: what is dropped, what the card says, and what is never touched."""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from signage.errors import Refused, Unavailable
from signage.office.filenames import name_fault
from signage.office.folder import Folder, Outcome, card, names
from signage.office.folder.looking import COPYING_S, MAX_DEPTH, SETTLE_S, Eyes
from signage.settings import load
from tests.office import documents

Office = Any  # tests/conftest.py's
Text = Callable[..., str]
STRICT = {"rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}}
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
DRAFT, ASKED, POSTED = (stage.value for stage in names.Stage)


@dataclass
class Door:
    """A commune's folder with a watcher whose clock is ours."""

    office: Office
    now: datetime = NOW
    clock: float = 0.0
    folder: Folder = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Another process, that knows what lies on the disk."""
        self.folder = Folder(lambda: load(self.office.folder), lambda: self.now, Eyes(lambda: self.clock))

    @property
    def root(self) -> Path:
        return Path(self.office.settings.shared)

    def drop(self, name: str, text: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def one(self) -> Outcome:
        return self.folder.round()

    def rounds(self) -> Outcome:
        """Until every file has come to rest and nothing more is to be done at once."""
        for _ in range(10):
            done = self.one()
            if done.settled and done.again_s > 0:
                return done
            self.clock += SETTLE_S
        raise AssertionError("it never comes to rest")

    def card(self, name: str) -> str:
        """The card's words; the notice's file by its name below the folder."""
        path = self.root / name
        return unescape(path.with_name(names.card_name(path.name)).read_text("utf-8"))

    def copy(self, slug: str) -> Path:
        return Path(self.office.folder / f"content/thu-muc/{slug}/{slug}.md")


@pytest.fixture
def text(text: Text) -> Text:
    """Notices for the one small board, unless told otherwise: fewer slides to draw."""
    return lambda **fields: text(**{"boards": "board:cong-xa", **fields})


@pytest.fixture
def door(office: Office) -> Iterator[Door]:
    made = Door(office)
    made.one()
    yield made


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def ours(path: Path) -> bool:
    return path.name.endswith((names.CARD_ENDING, names.OVERVIEW))


# ── the card ─────────────────────────────────────────────────────────────────────────────────────


def test_a_dropped_notice_gets_a_card_and_a_mended_one_a_new_card(door: Door, text: Text) -> None:
    assert {p.name for p in door.root.iterdir()} == {DRAFT, ASKED, POSTED, names.OVERVIEW}
    path = door.drop(f"{DRAFT}/Cắt điện thôn 3.md", text(start="2026-13-40 05:00", body="Gọi 0983 123 456."))
    door.rounds()
    told = door.card(f"{DRAFT}/Cắt điện thôn 3.md")
    assert "Cần sửa 1 chỗ" in told and "Dòng 6" in told and "Start: 2026-13-40 05:00" in told
    assert "2026-11-22 17:00" in told, "what to type"
    assert "0983 123 456" in told, "and what is better done otherwise, at once"
    assert "Cần sửa 1 chỗ." in unescape((door.root / names.OVERVIEW).read_text("utf-8"))
    path.write_text(text(), "utf-8")
    door.rounds()
    told = door.card(f"{DRAFT}/Cắt điện thôn 3.md")
    assert "Không có lỗi" in told and ASKED in told
    assert told.count("data:image/webp") >= 1, "the board's slides are inside"
    assert "LED 384 × 192" in told and "https://thunghiem.example/tin/cat-dien-thon-3.html" in told
    assert "<script" not in told and 'http-equiv="Content-Security-Policy"' in told
    assert not (door.office.folder / "content/thu-muc").exists(), "nobody has asked for it yet"


def test_a_round_with_nothing_new_writes_nothing(door: Door, text: Text) -> None:
    door.drop(f"{DRAFT}/a.md", text())
    door.drop(f"{DRAFT}/CON.md", text())
    door.rounds()
    door.now += timedelta(hours=1)
    before = {p: p.stat().st_mtime_ns for p in door.office.folder.rglob("*") if p.is_file()}
    assert not door.rounds().cards
    door.restart()
    for left in (door.office.settings.state / "thu-muc").glob("*/"):
        before = {p: at for p, at in before.items() if left not in p.parents}
    assert not door.rounds().cards, "a new process draws nothing again"
    after = {p: p.stat().st_mtime_ns for p in door.office.folder.rglob("*") if p.is_file()}
    assert before == after


def test_copies_below_state_do_not_pile_up(door: Door, text: Text, monkeypatch: Any) -> None:
    monkeypatch.setattr("signage.office.folder.round.MAX_WARM", 2)
    for n in range(4):
        door.drop(f"{DRAFT}/a{n}.md", text(title=f"Tin {n}"))
    door.rounds()
    work = door.office.settings.state / "thu-muc"
    assert len(list(work.glob("*/"))) == 2
    monkeypatch.setattr(card, "MAX_CARD", 60_000)
    (door.root / DRAFT / "a1.md").write_text(text(title="Tin 1", body="Nhiều hình."), "utf-8")
    door.rounds()
    assert "quá nhiều hình" in door.card(f"{DRAFT}/a1.md") and len(list(work.glob("*/"))) == 2


def test_a_card_goes_with_its_notice_and_nothing_of_an_officer_is_touched(door: Door, text: Text) -> None:
    path = door.drop(f"{DRAFT}/a.md", text())
    kept = door.drop(f"{DRAFT}/b{names.CARD_ENDING}", "<p>một trang của cán bộ")
    door.drop(f"{DRAFT}/b.md", text(title="Khác"))
    other = door.drop(f"{DRAFT}/ghi chép.txt", "việc riêng")
    done = door.rounds()
    assert [p.code for p in done.refused] == ["folder-card-taken"]
    path.unlink()
    door.rounds()
    assert not path.with_name(names.card_name("a.md")).exists()
    assert kept.read_text("utf-8") == "<p>một trang của cán bộ" and other.read_text("utf-8") == "việc riêng"


def test_whatever_the_editor_saves(door: Door, text: Text) -> None:
    """BOM, CRLF, Notepad's “Unicode”, decomposed letters: one and the same notice."""
    plain = text(title="Họp thôn ở nhà văn hóa")
    forms = {
        "a": plain.encode(), "b": plain.replace("\n", "\r\n").encode("utf-8-sig"), "c": plain.encode("utf-16"),
        "d": unicodedata.normalize("NFD", plain).replace("\n", "\r").encode(),
    }  # fmt: skip
    for name, data in forms.items():
        door.drop(f"{ASKED}/{name}.md", data)
    door.rounds()
    read = door.office.desk.read().notices
    assert len({read[f"thu-muc/{name}/{name}"].digest for name in forms}) == 1
    door.drop(f"{DRAFT}/cu.md", plain.encode("cp1258", "replace"))
    door.rounds()
    assert "UTF-8" in door.card(f"{DRAFT}/cu.md")


def test_pictures_are_found_whatever_the_case_and_marks_of_their_name(door: Door, text: Text, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (64, 40), "#207040").save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    door.drop(f"{ASKED}/a/họp.md", text(image="Sơ đồ.png | Sơ đồ nhà văn hóa", boards="all"))
    door.drop(f"{ASKED}/a/" + unicodedata.normalize("NFD", "sơ đồ.PNG"), data)
    door.rounds()
    told = door.card(f"{ASKED}/a/họp.md")
    assert "Chờ ký trình" in told and told.count("data:image/webp") >= 3, "the picture is in the page too"
    assert (door.office.folder / "content/thu-muc/hop/Sơ đồ.png").is_file(), "under the name that the notice gives it"


# ── half-copied, locked, gone ────────────────────────────────────────────────────────────────────


def test_a_file_is_read_when_it_has_come_to_rest(door: Door, text: Text) -> None:
    path = door.drop(f"{ASKED}/a.md", text()[:80])
    assert not door.one().cards
    for part in range(40):
        door.clock += SETTLE_S / 2
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{part}\n")
        done = door.one()
        assert not door.copy("a").exists(), "half a notice is no notice"
    assert SETTLE_S * 20 > COPYING_S and "đang được chép" in door.card(f"{ASKED}/a.md") and not done.settled
    path.write_text(text(), "utf-8")
    door.rounds()
    assert "Chờ ký trình" in door.card(f"{ASKED}/a.md") and door.copy("a").is_file()


def test_a_file_that_goes_or_changes_while_it_is_read(door: Door, text: Text, monkeypatch: Any) -> None:
    path = door.drop(f"{DRAFT}/a.md", text())
    door.one()
    door.clock += SETTLE_S
    from signage.office.folder import draft

    real = draft._bytes

    def meanwhile(found: Any) -> bytes:
        path.unlink(missing_ok=True)
        return real(found)

    monkeypatch.setattr(draft, "_bytes", meanwhile)
    done = door.one()
    assert not done.cards and not done.refused
    monkeypatch.undo()
    assert not door.rounds().refused and not list((door.root / DRAFT).iterdir())


def test_what_programs_leave_lying_is_nobodys_notice(door: Door, text: Text) -> None:
    for name in ("~$a.md", ".a.md.swp", "a.md~", "~WRL0001.tmp", "Thumbs.db", "a.md.crdownload", ".~lock.a.md#"):
        door.drop(f"{DRAFT}/{name}", text())
    done = door.rounds()
    assert not done.refused and not done.cards


# ── refused, each with a word ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a (Máy-PC's conflicted copy 2026-11-22).md", "folder-conflict-copy"),
        ("a.sync-conflict-20261122-101010-ABCDEFG.md", "folder-conflict-copy"),
        ("a (conflicted copy 2026-11-22 101010).md", "folder-conflict-copy"),
        ("a-PC's conflict.md", "folder-conflict-copy"),
        ("a (bản xung đột).md", "folder-conflict-copy"),
        ("CON.md", "folder-name-reserved"),
        ("nul.txt.md", "folder-name-reserved"),
        ("lpt1 .md", "folder-name-end"),
        ("a:b.md", "folder-name-reserved"),
        ("a .md", "folder-name-end"),
        ("a\u200b.md", "folder-name-strange"),
        ("….md", "folder-name-empty"),
    ],
)
def test_names_that_would_not_live_elsewhere(door: Door, text: Text, name: str, code: str) -> None:
    door.drop(f"{ASKED}/{name}", text())
    door.rounds()
    told = [p.read_text("utf-8") for p in (door.root / ASKED).glob(f"*{names.CARD_ENDING}")]
    assert len(told) == 1 and "Phải sửa" in told[0]
    assert names.is_conflict(name) if code == "folder-conflict-copy" else name_fault(name) in (code, "")
    assert not (door.office.folder / "content/thu-muc").exists(), "never asked for"


def test_names_that_differ_only_by_case_or_marks(door: Door, text: Text) -> None:
    for name in ("Họp.md", "HỌP.md", unicodedata.normalize("NFD", "Họp.md")):
        door.drop(f"{ASKED}/{name}", text(title=name))
    door.rounds()
    cards = [p for p in (door.root / ASKED).iterdir() if ours(p)]
    assert len(cards) == 1 and "chỉ khác nhau" in cards[0].read_text("utf-8")
    assert not (door.office.folder / "content/thu-muc").exists()


def test_links_depth_and_what_is_no_file(door: Door, text: Text, tmp_path: Path) -> None:
    outside = tmp_path / "ngoài"
    outside.mkdir()
    (outside / "a.md").write_text(text(), "utf-8")
    (door.root / DRAFT / "liên kết").symlink_to(outside)
    (door.root / DRAFT / "b.md").symlink_to(outside / "a.md")
    os.mkfifo(door.root / DRAFT / "c.md")
    deep = "/".join(f"{n}" for n in range(MAX_DEPTH + 1))
    door.drop(f"{DRAFT}/{deep}/d.md", text())
    door.drop("e.md", text())
    done = door.rounds()
    assert sorted(p.code for p in done.refused) == ["folder-deep", "folder-link", "folder-no-stage"]
    assert "symlink" in door.card(f"{DRAFT}/b.md") and "tệp thường" in door.card(f"{DRAFT}/c.md")
    assert not list(outside.glob(f"*{names.CARD_ENDING}")), "nothing is written through a link"
    seen = unescape((door.root / names.OVERVIEW).read_text("utf-8"))
    assert "“e.md” nằm ngoài" in seen and "sâu quá" in seen


def test_too_many_and_too_large(door: Door, text: Text, monkeypatch: Any) -> None:
    from signage.office.folder import looking

    door.drop(f"{DRAFT}/to.md", b"x" * (300 * 1024))
    monkeypatch.setattr(looking, "MAX_DRAFTS", 2)
    for n in range(4):
        door.drop(f"{DRAFT}/a{n}.md", text(title=f"Tin {n}"))
    door.rounds()
    told = [door.card(f"{DRAFT}/a{n}.md") for n in range(4)]
    assert sum("Có hơn 2 thông báo" in one for one in told) == 2
    monkeypatch.undo()
    monkeypatch.setattr(looking, "MAX_ENTRIES", 3)
    assert "folder-many" in {p.code for p in door.one().refused}
    assert len([p for p in (door.root / DRAFT).iterdir() if ours(p)]) >= 4, "no card goes because of that"


def test_a_file_that_nobody_lets_us_read(door: Door, text: Text, monkeypatch: Any) -> None:
    from signage.office.folder import draft

    door.drop(f"{DRAFT}/a.md", text())
    door.drop(f"{DRAFT}/b.md", text(title="Khác"))
    real = draft._bytes

    def denied(found: Any) -> bytes:
        if found.path.name == "a.md":
            raise PermissionError(13, "Permission denied")
        return real(found)

    monkeypatch.setattr(draft, "_bytes", denied)  # root, who runs the tests, may read everything
    door.rounds()
    assert "Không đọc được" in door.card(f"{DRAFT}/a.md") and "Không có lỗi" in door.card(f"{DRAFT}/b.md")


def test_a_share_that_is_gone_or_empty_changes_nothing(door: Door, text: Text, tmp_path: Path) -> None:
    settings = door.office.folder / "bangtin.toml"
    share = tmp_path / "chia sẻ"
    share.mkdir()
    settings.write_text(f'{settings.read_text("utf-8")}\n[folder]\npath = "{share}"\n', "utf-8")
    door.rounds()
    door.drop(f"{ASKED}/a.md", text())
    door.rounds()
    assert door.copy("a").is_file()
    away = share.rename(tmp_path / "đã tháo")
    with pytest.raises(Unavailable, match="cannot be read"):
        door.one()
    share.mkdir()
    with pytest.raises(Refused, match="suddenly empty"):
        door.one()
    assert not list(share.iterdir()) and door.copy("a").is_file()
    share.rmdir()
    away.rename(share)
    assert not door.rounds().refused


# ── a watcher of its own ─────────────────────────────────────────────────────────────────────────


def test_publish_watch_keeps_a_folder(office: Office, text: Text) -> None:
    """`bangtin publish --watch` as the office runs it: a card beside the file, and none left running afterwards."""
    import subprocess
    import sys

    words = [sys.executable, "-m", "signage", "publish", "--watch", "--dir", str(office.folder)]
    with (office.folder / "log").open("wb") as log, subprocess.Popen(words, stdout=log, stderr=log) as running:
        try:
            path = office.settings.shared / DRAFT / "Họp.md"
            wait_until(path.parent.is_dir)
            path.write_text(text(), "utf-8")
            wait_until(path.with_name(names.card_name("Họp.md")).exists)
        finally:
            running.terminate()
            running.wait(20)
    assert card.is_ours(path.with_name(names.card_name("Họp.md")))
    from signage import durable

    with durable.only_one(office.settings.state / "thu-muc.lock", patience_s=20):
        pass


def wait_until(happened: Callable[[], Any], patience: float = 60.0) -> None:
    pause = threading.Event()
    for _ in range(int(patience / 0.05)):
        if happened():
            return
        pause.wait(0.05)
    raise AssertionError("waited in vain")


# ── from the folder to the board and back ────────────────────────────────────────────────────────


def test_a_notices_way(door: Door, text: Text) -> None:
    """Asked for, signed, approved, published, moved away, corrected, withdrawn: each step is on the card."""
    office = door.office
    path = door.drop(f"{DRAFT}/Cắt điện.md", text())
    door.rounds()
    asked = path.rename(door.root / ASKED / path.name)
    door.rounds()
    assert not path.with_name(names.card_name(path.name)).exists(), "the card goes with its notice"
    ident = "thu-muc/cat-dien/cat-dien"
    assert "Chờ ký trình" in door.card(f"{ASKED}/Cắt điện.md") and "Người Biên Tập" in door.card(f"{ASKED}/Cắt điện.md")
    office.submit(ident)
    door.rounds()
    assert "Chờ duyệt." in door.card(f"{ASKED}/Cắt điện.md") and "Người Duyệt" in door.card(f"{ASKED}/Cắt điện.md")
    office.approve(ident)
    done = door.one()
    assert "đang phát hành" in door.card(f"{ASKED}/Cắt điện.md") and done.again_s < 1
    office.publish()
    done = door.rounds()
    assert not asked.exists(), "a tray named waiting keeps nothing that is done"
    (posted,) = (door.root / POSTED).iterdir()
    assert posted.name == "2026-11-22 Cắt điện" and (posted / "Cắt điện.md").read_text("utf-8") == text()
    below = f"{POSTED}/{posted.name}/Cắt điện.md"
    told = door.card(below)
    assert "Đã đăng, duyệt lúc 09:00 ngày 22/11/2026" in told
    assert "https://thunghiem.example/tin/cat-dien.html" in told and "Ctrl+C" in told
    assert not [p for p in (door.root / ASKED).iterdir() if ours(p)]
    door.restart()
    assert not door.rounds().cards

    (posted / "Cắt điện.md").write_text(text(body="Đã đổi giờ."), "utf-8")
    door.rounds()
    assert "khác bản đã đăng" in door.card(below) and door.copy("cat-dien").read_text("utf-8") == text()
    (posted / "Cắt điện.md").rename(asked)
    door.rounds()
    assert "bản sửa" in door.card(f"{ASKED}/Cắt điện.md") and "đổi giờ" in door.copy("cat-dien").read_text("utf-8")
    asked.rename(path)
    door.rounds()
    assert not door.copy("cat-dien").exists(), "taken back: nobody can sign it"
    assert (office.folder / "publication/tin/cat-dien.html").exists(), "what is posted stays posted"
    path.write_text(text(), "utf-8")
    path.rename(asked)
    door.rounds()
    assert not asked.exists(), "the very words that are posted"
    office.desk.take_back(ident, "withdraw", office.person("p3", "approver"), NOW, "Điện lực hoãn")
    done = door.rounds()
    (below,) = list(door.root.glob(f"{POSTED}/*/Cắt điện.md"))
    assert "đã thu hồi" in door.card(below.relative_to(door.root).as_posix())
    assert "Điện lực hoãn" in door.card(below.relative_to(door.root).as_posix())


def test_sent_back_with_the_approvers_words(door: Door, text: Text) -> None:
    from signage.office.standing import Note

    path = door.drop(f"{ASKED}/a.md", text())
    door.rounds()
    door.office.submit("thu-muc/a/a")
    (waits,) = door.office.desk.waiting()
    door.office.desk.book.put_note(waits.sha256, Note("p3", NOW, "Ghi rõ giờ"))
    door.rounds()
    told = door.card(f"{ASKED}/a.md")
    assert "Người Duyệt trả lại" in told and "Ghi rõ giờ" in told
    path.write_text(text(body="Từ 05:00."), "utf-8")
    door.rounds()
    assert "Chờ ký trình" in door.card(f"{ASKED}/a.md")


def test_one_name_is_one_notice(door: Door, text: Text) -> None:
    door.drop(f"{ASKED}/Họp thôn.md", text(title="Họp thôn 1"))
    door.drop(f"{ASKED}/Thôn 3/hop thon.md", text(title="Họp thôn 3"))
    door.drop(f"{DRAFT}/HỌP-THÔN.md", text(title="Họp thôn 5"))
    door.rounds()
    for name in (f"{ASKED}/Họp thôn.md", f"{ASKED}/Thôn 3/hop thon.md"):
        assert "Mỗi tên chỉ một thông báo" in door.card(name) and "Phải sửa" in door.card(name)
    assert "Nên xem lại" in door.card(f"{DRAFT}/HỌP-THÔN.md")
    assert not (door.office.folder / "content/thu-muc").exists()


def test_what_somebody_else_wrote_below_content_stays(door: Door, text: Text) -> None:
    office = door.office
    office.write("thu-muc/a/a", text(title="Của người khác"))
    door.drop(f"{ASKED}/a.md", text())
    door.rounds()
    assert "Của người khác" in door.copy("a").read_text("utf-8") and "không ghi đè" in door.card(f"{ASKED}/a.md")
    office.write("tin/b", text(title="Khác, đã đăng"))
    office.both("tin/b")
    office.publish()
    door.drop(f"{ASKED}/b.md", text())
    door.rounds()
    assert "đã là của một thông báo khác" in door.card(f"{ASKED}/b.md")
    assert not door.copy("b").exists()
    office.write("tin/c", text(title="Của cửa git, chưa trình"))
    door.drop(f"{ASKED}/c.md", text())
    door.rounds()
    assert "trùng với tin/c.md" in door.card(f"{ASKED}/c.md") and not door.copy("c").exists()
    (office.folder / "content/thu-muc/a/a.md").unlink()
    (office.settings.state / "thu-muc/so.json").unlink()
    door.restart()
    door.rounds()
    assert "Chờ ký trình" in door.card(f"{ASKED}/a.md"), "what is lost with state/ is found again"


def test_what_is_posted_stays_where_it_is_when_moving_is_not_safe(door: Door, text: Text, tmp_path: Path) -> None:
    from PIL import Image

    office = door.office
    Image.new("RGB", (64, 40), "#207040").save(door.root / ASKED / "chung.png")
    for name in ("a", "b"):
        door.drop(f"{ASKED}/{name}.md", text(title=name, image="chung.png | Sơ đồ chung"))
    door.drop(f"{ASKED}/c.md", text(title="c"))
    door.drop(f"{ASKED}/~$c.md", b"")
    door.rounds()
    office.both("thu-muc/a/a", "thu-muc/c/c")
    office.publish()
    before = {k: v for k, v in tree(door.root / ASKED).items() if not k.endswith(".html")}
    door.rounds()
    after = {k: v for k, v in tree(door.root / ASKED).items() if not k.endswith(".html")}
    assert before == after and "Đã đăng" in door.card(f"{ASKED}/a.md") and "Đã đăng" in door.card(f"{ASKED}/c.md")
    (door.root / ASKED / "~$c.md").unlink()
    (door.root / POSTED / "2026-11-22 c").mkdir()
    door.rounds()
    assert (door.root / POSTED / "2026-11-22 c (2)/c.md").is_file(), "into a folder that nobody had"


def test_a_folder_of_ones_own_moves_whole_and_a_power_cut_in_between_harms_nothing(
    door: Door, text: Text, monkeypatch: Any
) -> None:
    from signage.office.folder import placing

    office = door.office
    door.drop(f"{ASKED}/Đợt 1/a.md", text(title="a"))
    door.drop(f"{ASKED}/Đợt 1/ghi chú.docx", b"viec rieng")
    door.drop(f"{ASKED}/b.md", text(title="b", attachments="kế hoạch.pdf"))
    door.drop(f"{ASKED}/kế hoạch.pdf", b"%PDF-1.4 mau")
    door.rounds()
    assert "“ghi chú.docx”" in door.card(f"{ASKED}/Đợt 1/a.md"), "meant for something?"
    office.both("thu-muc/a/a", "thu-muc/b/b")
    office.publish()
    real = placing.durable.move

    def cut(source: Path, path: Path) -> None:
        real(source, path)
        raise KeyboardInterrupt  # the power goes after the first of two files

    monkeypatch.setattr(placing.durable, "move", cut)
    with pytest.raises(KeyboardInterrupt):
        door.rounds()
    monkeypatch.undo()
    door.restart()
    door.rounds()
    found = tree(door.root / POSTED)
    assert found["2026-11-22 Đợt 1/ghi chú.docx"] == b"viec rieng" and "2026-11-22 Đợt 1/a.md" in found
    assert found["2026-11-22 b/kế hoạch.pdf"] == b"%PDF-1.4 mau" and "2026-11-22 b/b.md" in found
    assert not list((door.root / ASKED).rglob("*"))


@pytest.fixture
def posted(door: Door, text: Text) -> Callable[..., Path]:
    """Notices on the site, each in its own folder among the posted ones, and later all of them long over."""

    def post(*names_: str, later: bool = True, **more: dict[str, str]) -> Path:
        for name in names_:
            door.drop(f"{ASKED}/{name}.md", text(title=name, **more.get(names.slug(name), {})))
        door.rounds()
        door.office.both(*(f"thu-muc/{names.slug(name)}/{names.slug(name)}" for name in names_))
        door.office.publish()
        door.rounds()
        if later:
            for day in (20, 45, 70):
                door.now = NOW + timedelta(days=day)
                door.office.publish(door.now)
        return door.root / POSTED

    return post


def test_what_is_over_goes_to_its_year_and_is_not_looked_at_again(
    door: Door, text: Text, posted: Callable[..., Path], monkeypatch: Any
) -> None:
    """A commune posts thousands: a round that looks at all of them would take seconds, and a card one second."""
    from signage.office.folder import placing, progress

    tray = posted("Họp dân", "dài", later=False, dai={"end": "2027-06-30 17:00"})
    old = tray / "2026-11-22 Họp dân"
    door.now = datetime(2026, 12, 24, 2, tzinfo=UTC)
    door.office.publish(door.now)
    door.rounds()
    assert old.is_dir() and "Đã hết hiệu lực" in door.card(f"{POSTED}/{old.name}/Họp dân.md")
    before = tree(old)
    door.now += 2 * progress.KEPT
    door.rounds()
    assert old.is_dir(), "so long after the last publication the clock may be wrong"
    door.office.publish(door.now)

    def open_elsewhere(old: Path, new: Path) -> None:
        raise PermissionError(13, "being used by another process")

    monkeypatch.setattr(placing, "rename_folder", open_elsewhere)
    door.rounds()
    assert tree(old) == before
    monkeypatch.undo()
    door.rounds()
    assert tree(tray / "Năm 2026/2026-11-22 Họp dân") == before and not old.exists()
    assert {path.name for path in tray.iterdir()} == {"Năm 2026", "2026-11-22 dài"}, "what lasts stays"
    assert not any("Họp dân" in below for below in door.folder._memory.rows)

    door.drop(f"{DRAFT}/Họp dân.md", text(title="Họp dân tháng hai"))
    door.rounds()
    told = door.card(f"{DRAFT}/Họp dân.md")
    assert "Tên này là của một thông báo cũ" in told and "bản sửa" not in told
    (door.root / DRAFT / "Họp dân.md").rename(door.root / DRAFT / "Họp dân tháng 2.md")
    door.rounds()
    assert "Tên này" not in door.card(f"{DRAFT}/Họp dân tháng 2.md")


def test_what_somebody_works_in_or_has_linked_is_not_put_away(
    door: Door, text: Text, posted: Callable[..., Path], tmp_path: Path
) -> None:
    tray = posted("word", "phim", "hai", "xong")
    folders = {name: tray / f"2026-11-22 {name}" for name in ("word", "phim", "hai", "xong")}
    (folders["word"] / "~$ke hoach chi tiet.docx").write_bytes(b"")
    (folders["phim"] / "Ảnh").mkdir()
    (folders["hai"] / "Phụ lục").mkdir()
    (folders["hai"] / "Phụ lục/khac.md").write_text(text(title="Khác", slug="khac"), "utf-8")
    (tray / "Năm 2026").symlink_to(tmp_path)
    door.rounds()
    assert all(folder.is_dir() for folder in folders.values()), "behind a link is not the share"
    (tray / "Năm 2026").unlink()
    (tray / "năm 2026").mkdir()
    (folders["phim"] / "Ảnh/phim.mp4").write_bytes(b"dang chep")
    door.one()
    assert {name for name, folder in folders.items() if folder.is_dir()} == {"word", "phim", "hai"}
    assert (tray / "năm 2026/2026-11-22 xong/xong.md").is_file(), "for Windows it is the same folder"
    door.rounds()
    assert {name for name, folder in folders.items() if folder.is_dir()} == {"word", "hai"}


def test_a_year_that_is_dragged_about_undoes_nothing(
    door: Door, posted: Callable[..., Path], tmp_path: Path
) -> None:  # fmt: skip
    tray = posted("a", "b")
    door.rounds()
    root = door.root.rename(tmp_path / "dang-gan-lai")
    door.root.mkdir()
    with pytest.raises(Refused, match="folder-emptied"):  # nothing lies in the folder that is looked at
        door.one()
    door.root.rmdir()
    root.rename(door.root)
    (tray / "Năm 2026").rename(door.root / DRAFT / "Năm 2026")
    door.rounds()
    assert door.copy("a").is_file() and door.copy("b").is_file(), "they are posted still"
    assert "Đã hết hiệu lực" in door.card(f"{DRAFT}/Năm 2026/2026-11-22 a/a.md")
    (tray / "Lưu trữ").mkdir()
    (door.root / DRAFT / "Năm 2026").rename(tray / "Lưu trữ/Năm 2026")
    assert not door.rounds().refused


def test_pages_and_what_was_taken_back_after_a_month(door: Door, text: Text, posted: Callable[..., Path]) -> None:
    """A page of the commune's own comes back under its name; a notice under another, as its card says."""
    page = {"kind": "trang", "category": "", "start": "", "end": "", "summary": "", "boards": ""}
    tray = posted("Giới thiệu", "tin", later=False, **{"gioi-thieu": page})
    desk, approver = door.office.desk, door.office.person("p3", "approver")
    for ident in ("gioi-thieu", "tin"):
        desk.take_back(f"thu-muc/{ident}/{ident}", "withdraw", approver, NOW, "sai")
    for day in (20, 45):
        door.now = NOW + timedelta(days=day)
        door.office.publish(door.now)
    door.rounds()
    assert {path.name for path in (tray / "Năm 2026").iterdir()} == {"2026-11-22 Giới thiệu", "2026-11-22 tin"}
    assert "tệp mới có tên khác" in door.card(f"{POSTED}/Năm 2026/2026-11-22 tin/tin.md")
    door.drop(f"{DRAFT}/Giới thiệu.md", text(title="Giới thiệu xã", **page))
    door.drop(f"{DRAFT}/tin.md", text(title="Khác"))
    door.rounds()
    assert "Không có lỗi" in door.card(f"{DRAFT}/Giới thiệu.md")
    assert "Tên này là của một thông báo cũ" in door.card(f"{DRAFT}/tin.md")


# ── Word files, PDFs, posters ────────────────────────────────────────────────────────────────────


def a_letter() -> bytes:
    """A notice as an office types it."""
    return documents.power_cut()


def test_a_word_file_is_drafted_beside_itself_and_completed(door: Door) -> None:
    path = door.drop(f"{DRAFT}/Cắt điện thôn 3.docx", a_letter())
    before = path.read_bytes()
    door.rounds()
    draft = path.with_suffix(".md")
    told = door.card(f"{DRAFT}/Cắt điện thôn 3.md")
    assert "Máy đã soạn bản nháp này từ “Cắt điện thôn 3.docx”" in told and "[điền:" in told
    assert path.read_bytes() == before
    path.write_bytes(a_letter())
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 10**9))
    first = draft.stat().st_ino, draft.read_bytes()
    door.rounds()
    assert draft.read_bytes() == first[1], "the same words drafted again"
    draft.write_text(draft.read_text("utf-8").replace("Kind:", "Kind: cat-dien #"), "utf-8")
    mine = draft.read_bytes()
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 10**9))
    door.rounds()
    assert draft.read_bytes() == mine, "now it is the officer's"
    assert "đã được lưu lại sau khi soạn nháp" in door.card(f"{DRAFT}/Cắt điện thôn 3.md")


def test_what_is_named_by_a_notice_makes_no_draft_of_its_own(door: Door, text: Text, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (300, 400), "#a03020").save(tmp_path / "a.png")
    poster = (tmp_path / "a.png").read_bytes()
    door.drop(f"{DRAFT}/a.md", text(attachments="Kế hoạch.pdf", image="a.png | Sơ đồ"))
    door.drop(f"{DRAFT}/Kế hoạch.pdf", b"%PDF-1.4 mau")
    door.drop(f"{DRAFT}/a.png", poster)
    door.drop(f"{DRAFT}/ảnh chụp.png", poster)
    door.drop(f"{DRAFT}/Áp phích/Mừng Đảng.png", poster)
    door.drop(f"{DRAFT}/hỏng.docx", b"PK khong phai Word")
    door.rounds()
    made = {p.relative_to(door.root / DRAFT).as_posix() for p in (door.root / DRAFT).rglob("*.md")}
    assert made == {"a.md", "Áp phích/Mừng Đảng.md"}
    assert "Image: Mừng Đảng.png | [điền:" in (door.root / DRAFT / "Áp phích/Mừng Đảng.md").read_text("utf-8")
    assert "Chưa đọc tệp này" in door.card(f"{DRAFT}/hỏng.docx") or "Phải sửa" in door.card(f"{DRAFT}/hỏng.docx")
    (door.root / DRAFT / "hỏng.docx").unlink()
    door.rounds()
    assert not (door.root / DRAFT / names.card_name("hỏng.docx")).exists()


def test_cards_stand_alone_and_everybody_can_read_them(
    door: Door, text: Text, browser: Browser, tmp_path: Path
) -> None:
    """In a browser: nothing is fetched, nothing runs, nothing is cut off, for eyes and for screen readers."""
    from PIL import Image

    Image.new("RGB", (900, 500), "#207040").save(tmp_path / "a.jpg")
    hostile = "<script>window.hacked=1</script>"
    fields = {
        "image": "a.jpg | Sơ đồ",
        "attachments": "Kế hoạch.pdf",
        "facts": f"Giờ = 05:00 {hostile}",
        "boards": "all",
    }
    door.drop(f"{ASKED}/a/Tốt.md", text(body="# Việc cần làm\n\n1. Tắt cầu dao\n\n|a|b|\n|-|-|\n|1|2|", **fields))
    door.drop(f"{ASKED}/a/a.jpg", (tmp_path / "a.jpg").read_bytes())
    door.drop(f"{ASKED}/a/Kế hoạch.pdf", b"%PDF-1.4 mau")
    door.drop(f"{DRAFT}/Sai {hostile.replace('/', '')}.md", text(title=hostile, start="hôm nay", summary="[điền: gì]"))
    door.drop("ngoài.md", text())
    door.rounds()
    cards = [*door.root.rglob(f"*{names.CARD_ENDING}"), door.root / names.OVERVIEW]
    assert len(cards) == 3
    context = browser.new_context(locale="vi-VN", bypass_csp=True)
    page, asked = context.new_page(), []
    page.on("request", lambda r: asked.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
    for path in cards:
        page.goto(path.as_uri())
        for width, colours in ((1280, "light"), (360, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
            found = Axe().run(page, options=STRICT).response["violations"]
            assert not found, (path.name, [(v["id"], v["nodes"][0]["html"][:120]) for v in found])
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("window.hacked") is None and page.locator("script").count() == 0
        assert page.evaluate("[...document.images].every(i => i.naturalWidth > 10)")
    assert not asked
    page.goto((door.root / ASKED / "a" / names.card_name("Tốt.md")).as_uri())
    href = page.get_by_role("link", name="Kế hoạch.pdf").get_attribute("href")
    assert unquote(href or "") == "Kế hoạch.pdf", "which lies beside the card"
    context.close()


def test_a_share_that_tells_nobody_of_changes(door: Door, text: Text, monkeypatch: Any) -> None:
    """`publish --watch --polling`: it is looked at again and again."""
    from signage.office import watch

    monkeypatch.setattr(watch, "POLL_S", 0.2)
    stop, rang = threading.Event(), []

    def act() -> datetime | None:
        rang.append(1)
        return None

    thread = threading.Thread(target=watch.watch, args=([door.root], act, stop), kwargs={"polling": True})
    thread.start()
    try:
        wait_until(lambda: rang)
        before = len(rang)
        wait_until(lambda: door.drop(f"{DRAFT}/{len(rang)}.md", text()) and len(rang) > before)
    finally:
        stop.set()
        thread.join(20)


def test_what_we_make_is_theirs_to_change(door: Door, office: Office, tmp_path: Path) -> None:
    """Officers come through Samba as other users: folders, drafts and cards have the rights of the folder itself."""
    settings, share = office.folder / "bangtin.toml", tmp_path / "chung"
    share.mkdir()
    share.chmod(0o2770)
    settings.write_text(f'{settings.read_text("utf-8")}\n[folder]\npath = "{share}"\n', "utf-8")
    door.rounds()
    door.drop(f"{DRAFT}/Họp.docx", a_letter())
    door.rounds()
    made = [p for p in share.rglob("*") if p.suffix != ".docx"]
    modes = {p.name: p.stat().st_mode & 0o7777 for p in made}
    assert len(modes) == 6 and modes["Họp.md"] == 0o660 and modes[DRAFT] == 0o2770, modes
    assert set(modes.values()) == {0o660, 0o2770}


def test_a_file_thrown_away_takes_nothing_back(door: Door, text: Text) -> None:
    path = door.drop(f"{ASKED}/a.md", text())
    door.rounds()
    path.unlink()
    (gone,) = door.rounds().refused
    assert gone.code == "folder-gone" and door.copy("a").is_file()
    assert "không còn trong thư mục" in unescape((door.root / names.OVERVIEW).read_text("utf-8"))
    door.drop(f"{DRAFT}/a.md", text())
    assert not door.rounds().refused and not door.copy("a").exists()


def test_names_of_stages_ids_and_cards() -> None:
    for name in ("2 Chờ duyệt", "Cho duyet", "CHỜ-DUYỆT", unicodedata.normalize("NFD", "2. chờ duyệt")):
        assert names.stage_of(name) is names.Stage.ASKED
    assert names.stage_of("Chờ duyệt xong") is None and names.stage_of("") is None
    assert names.ident("Cắt điện – thôn 3 (Đợt 2).md") == "thu-muc/cat-dien-thon-3-dot-2/cat-dien-thon-3-dot-2"
    assert not names.is_conflict("Giải quyết xung đột đất đai.md"), "what people write about"
    assert names.is_conflict("a (xung đột của Máy-1).md") and names.is_conflict("a - bản sao xung đột.md")
    long = names.card_name("ồ" * 83 + ".md")
    assert len(long.encode()) <= 255 and names.card_name("ồ" * 84 + ".md") != long
    assert names.card_name("a<b>:c?.md") == f"a_b__c_{names.CARD_ENDING}"
    assert names.locks("Ngừng cấp điện.docx") == names.key("~$ừng cấp điện.docx")


@pytest.mark.parametrize("place", [".", "..", "content", "content/so-duyet"])
def test_a_folder_that_would_lead_to_the_keys(door: Door, place: str) -> None:
    settings = door.office.folder / "bangtin.toml"
    settings.write_text(f'{settings.read_text("utf-8")}\n[folder]\npath = "{place}"\n', "utf-8")
    with pytest.raises(Refused, match="reach the commune's keys"):
        door.one()


def test_the_offices_service_may_write_there_and_take_a_word_file_apart(tmp_path: Path) -> None:
    """The unit closes the machine but for what it names; a process that limits itself needs `setrlimit`."""
    from signage.office import box

    units = box.files(Path("/srv/xa"), Path("/srv/sao-luu"), Path("/usr/bin/bangtin"), Path("/srv/chung"))
    unit = units["/etc/systemd/system/bangtin-publish.service"]
    assert "ReadWritePaths=/srv/xa -/srv/chung\n" in unit
    assert unit.index("SystemCallFilter=~@privileged @resources") < unit.index("SystemCallFilter=prlimit64 setrlimit")
