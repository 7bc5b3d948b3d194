"""A new board by stick: who may be taken for it, and by whom; each attack ends with the office saying no."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageGrab
from tuf.api.metadata import Metadata, Root

from signage import spoken, stick
from signage.board import enrolment, identity, usb
from signage.board.welcome import Welcome
from signage.cli import main
from signage.errors import BadInput, BangtinError, Refused, Unavailable, WrongUse
from signage.hub.roster import read_card
from signage.keys import PrivateKey
from signage.lettering import folded
from signage.office import enrolment as sending
from signage.office.publish import publish, repository
from signage.office.usb import write as sent
from signage.publication import Mode, Shape
from signage.stick import CARD, ENROLMENT, ROOT, TICKET, USED, Card, Stick, Ticket, proven
from signage.wire import BadFormat, canonical, sha256

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
BOARD, URL = "cong-xa", "http://127.0.0.1:1"


@pytest.fixture
def xa(make_office: Callable[[str], Any]) -> Any:
    """The commune of tests/conftest.py: this folder's `office` has no settings."""
    return make_office("xa")


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


def prepared(office: Any, media: Path, now: datetime = NOW, board: str = BOARD) -> Ticket:
    return sending.prepare(office.settings, board, media, now, url=URL, hub="http://127.0.0.1:2")


def code(call: Callable[[], object]) -> str:
    with pytest.raises(BangtinError) as refused:
        call()
    return refused.value.code


@pytest.fixture
def bangtin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A command in this process: the whole way once more as processes is in tests/office/test_usb.py."""

    def run(*words: object, told: str = "") -> Any:
        monkeypatch.setattr(sys, "stdin", io.StringIO(told))
        capsys.readouterr()
        code = main([str(word) for word in words])
        out = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=out.out, stderr=out.err)

    return run


# ── promises ─────────────────────────────────────────────────────────────────────────────────────


def test_the_stick_makes_the_board_and_both_sides_have_the_same_words(xa: Any, media: Path, tmp_path: Path) -> None:
    prepared(xa, media)
    board = enrolment.enroll(tmp_path / "bang", media, NOW)
    ours = xa.settings.board(BOARD)
    assert (board.id, board.url, board.hub, board.mode) == (BOARD, URL, "http://127.0.0.1:2", ours.mode)
    assert identity.load(tmp_path / "bang") == board
    assert board.root() == repository(xa.settings).root_bytes()
    found = sending.returned(xa.settings, media, NOW)
    assert found.words == board.words() and len(set(found.words)) >= 3 and not found.confirmed
    card = read_card(sending.confirm(xa.settings, found))
    assert card.key == board.key().public and (card.commune, card.repository) == (board.commune, board.repository)
    assert sending.returned(xa.settings, media, NOW + 99 * DAY).confirmed, "the same card may be read again"
    assert (xa.settings.state / sending.RECORD).stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in (media / ENROLMENT).iterdir()) == [ROOT, "HUONG-DAN.txt", CARD, USED]


def test_a_stick_with_another_root_of_our_name_changes_no_enrolled_board(
    xa: Any, media: Path, tmp_path: Path, make_office: Callable[[str], Any]
) -> None:
    """Anybody can make a root that states our commune and our repository, and sign it with a key of their own."""
    prepared(xa, media)
    board = enrolment.enroll(tmp_path / "bang", media, NOW)
    ours, thief = board.root(), make_office("khac")
    false = Metadata[Root].from_bytes(repository(thief.settings).root_bytes())
    false.signed.unrecognized_fields = Metadata[Root].from_bytes(ours).signed.unrecognized_fields
    false.sign(PrivateKey.load(thief.folder / "keys/root.pem").signer())
    strange = tmp_path / "strange"
    strange.mkdir()
    ticket = replace(prepared(xa, strange), root=sha256(false.to_bytes()), url="http://127.0.0.1:9")
    (strange / ENROLMENT / ROOT).write_bytes(false.to_bytes())
    (strange / ENROLMENT / TICKET).write_bytes(ticket.to_bytes())
    assert code(lambda: enrolment.enroll(tmp_path / "bang", strange, NOW)) == "enrolled-already"
    assert identity.load(tmp_path / "bang") == board and board.root() == ours


def test_a_second_board_finds_no_ticket(xa: Any, media: Path, tmp_path: Path) -> None:
    prepared(xa, media)
    enrolment.enroll(tmp_path / "bang", media, NOW)
    assert code(lambda: enrolment.enroll(tmp_path / "khac", media, NOW)) == "ticket-used"
    assert not (tmp_path / "khac").exists()


def test_of_two_boards_with_copies_of_one_stick_the_office_takes_one(xa: Any, media: Path, tmp_path: Path) -> None:
    prepared(xa, media)
    copy = shutil.copytree(media, tmp_path / "copy")
    enrolment.enroll(tmp_path / "bang", media, NOW)
    enrolment.enroll(tmp_path / "khac", copy, NOW)
    sending.confirm(xa.settings, sending.returned(xa.settings, media, NOW))
    assert code(lambda: sending.returned(xa.settings, copy, NOW)) == "ticket-used"


def test_a_ticket_has_its_time_at_the_board_and_at_the_office(xa: Any, media: Path, tmp_path: Path) -> None:
    ticket = prepared(xa, media)
    late = ticket.until + timedelta(seconds=1)
    assert code(lambda: enrolment.enroll(tmp_path / "bang", media, late)) == "ticket-expired"
    enrolment.enroll(tmp_path / "bang", media, datetime(2000, 1, 1, tzinfo=UTC))  # a clock without a battery
    assert code(lambda: sending.returned(xa.settings, media, late)) == "ticket-expired"


@pytest.mark.parametrize("step", range(3))
def test_pulled_out_in_the_middle_it_can_be_run_again(
    xa: Any, media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    prepared(xa, media)
    left, write, remove = [step], Stick.write, Stick.remove

    def counted(real: Callable[..., None]) -> Callable[..., None]:
        def act(*words: Any) -> None:
            if left[0] == 0:
                raise Unavailable("usb-unwritable", file=words[1], why="EIO")
            left[0] -= 1
            real(*words)

        return act

    monkeypatch.setattr(Stick, "write", counted(write))
    monkeypatch.setattr(Stick, "remove", counted(remove))
    assert code(lambda: enrolment.enroll(tmp_path / "bang", media, NOW)) == "usb-unwritable"
    assert (tmp_path / "bang/board.toml").exists() == (step > 0), "a stick that cannot be written on enrols nobody"
    key = (tmp_path / "bang/key.pem").read_bytes()
    monkeypatch.undo()
    board = enrolment.enroll(tmp_path / "bang", media, NOW)
    assert (tmp_path / "bang/key.pem").read_bytes() == key
    assert sending.returned(xa.settings, media, NOW).words == board.words()


def test_a_board_of_another_name_stays_what_it_is(xa: Any, media: Path, tmp_path: Path) -> None:
    prepared(xa, media)
    enrolment.enroll(tmp_path / "bang", media, NOW)
    sending.confirm(xa.settings, sending.returned(xa.settings, media, NOW))
    prepared(xa, media, board="nha-van-hoa-3")
    assert code(lambda: enrolment.enroll(tmp_path / "bang", media, NOW)) == "enrolled-already"
    assert identity.load(tmp_path / "bang").id == BOARD
    assert enrolment.enroll(tmp_path / "bang", media, NOW, again=True).id == "nha-van-hoa-3"


def test_a_card_that_waits_is_not_written_over(xa: Any, media: Path, tmp_path: Path) -> None:
    prepared(xa, media)
    enrolment.enroll(tmp_path / "bang", media, NOW)
    assert code(lambda: prepared(xa, media)) == "card-waiting"
    sending.confirm(xa.settings, sending.returned(xa.settings, media, NOW))
    prepared(xa, media)
    assert code(lambda: sending.returned(xa.settings, media, NOW)) == "card-none"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_does_not_put_its_files_in_the_boards_way(
    xa: Any, media: Path, tmp_path: Path, bangtin: Callable[..., Any]
) -> None:
    prepared(xa, media)
    (tmp_path / "bang").mkdir()
    os.chown(tmp_path / "bang", 12345, 12345)
    for words in (["enroll", "--usb", media], ["import-usb", media]):
        done = bangtin("board", *words, "--dir", tmp_path / "bang" / "inner")
        assert done.returncode == 2 and "sudo -u bangtin" in done.stderr
    assert not any((tmp_path / "bang").iterdir())


def test_an_address_that_is_none_is_refused_at_the_office(xa: Any, media: Path) -> None:
    for address in ("ftp://x", "http://", "http://a/?b", "javascript:x", "http://a b"):
        with pytest.raises(WrongUse):
            sending.prepare(xa.settings, BOARD, media, NOW, url=address, hub=None)
    assert not any(media.iterdir())


# ── attacks on the stick's way ───────────────────────────────────────────────────────────────────


def rewritten(media: Path, name: str, **changed: Any) -> None:
    path = media / ENROLMENT / name
    path.write_bytes(canonical(json.loads(path.read_bytes()) | changed))


def test_a_root_exchanged_alone_is_refused_by_the_board(
    xa: Any, make_office: Callable[[str], Any], media: Path, tmp_path: Path
) -> None:
    prepared(xa, media)
    other = repository(make_office("khac").settings).root_bytes()
    (media / ENROLMENT / ROOT).write_bytes(other)
    assert code(lambda: enrolment.enroll(tmp_path / "bang", media, NOW)) == "ticket-wrong"
    rewritten(media, TICKET, root=sha256(other))
    assert code(lambda: enrolment.enroll(tmp_path / "bang", media, NOW)) == "ticket-wrong", "another repository"


def test_a_whole_ticket_of_another_office_shows_in_the_words_and_in_the_card(
    xa: Any, make_office: Callable[[str], Any], media: Path, tmp_path: Path
) -> None:
    """Somebody exchanges root and ticket: the board trusts them, and the office hears other words."""
    prepared(xa, media)
    ours = (media / ENROLMENT / TICKET).read_bytes()
    shutil.rmtree(media / ENROLMENT)
    other = make_office("khac")
    prepared(other, media)
    rewritten(media, TICKET, code=json.loads(ours)["code"])  # and even knows our code
    board = enrolment.enroll(tmp_path / "bang", media, NOW)
    assert code(lambda: sending.returned(xa.settings, media, NOW)) == "card-other-root"
    # … and writes the card anew as if the board had had our root
    root, key = sha256(repository(xa.settings).root_bytes()), board.key().public
    forged = proven(json.loads(ours)["code"], BOARD, key, root)
    rewritten(media, CARD, root=root, repository=repository(xa.settings).identity()[1], proof=forged)
    assert sending.returned(xa.settings, media, NOW).words != board.words(), "what people compare tells"


def test_an_exchanged_card_is_told_by_its_proof_or_by_its_words(xa: Any, media: Path, tmp_path: Path) -> None:
    ticket = prepared(xa, media)
    board = enrolment.enroll(tmp_path / "bang", media, NOW)
    thief = PrivateKey.generate().public
    path = media / ENROLMENT / CARD
    mine = Card.read(path.read_bytes())
    path.write_bytes(Card(BOARD, thief, mine.commune, mine.repository, mine.root, mine.proof).to_bytes())
    assert code(lambda: sending.returned(xa.settings, media, NOW)) == "card-no-ticket"
    knows = proven(ticket.code, BOARD, thief, str(mine.root))  # a copy of the stick was made on the way out
    path.write_bytes(Card(BOARD, thief, mine.commune, mine.repository, mine.root, knows).to_bytes())
    assert sending.returned(xa.settings, media, NOW).words != board.words()


def test_a_card_without_a_ticket_is_refused(xa: Any, media: Path, tmp_path: Path) -> None:
    root = repository(xa.settings).root_bytes()
    identity.enroll(tmp_path / "bang", board=BOARD, url=URL, root=root)
    (media / ENROLMENT).mkdir()
    shutil.copy(tmp_path / "bang/board.pub.json", media / ENROLMENT / CARD)
    assert code(lambda: sending.returned(xa.settings, media, NOW)) == "card-no-ticket"
    (media / ENROLMENT / CARD).write_bytes(b"{}")
    with pytest.raises(BadInput):
        sending.returned(xa.settings, media, NOW)


@pytest.mark.parametrize("name", [TICKET, ROOT, CARD, USED])
def test_links_on_the_stick_lead_nowhere(xa: Any, media: Path, tmp_path: Path, name: str) -> None:
    prepared(xa, media)
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    path = media / ENROLMENT / name
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    if name in (TICKET, ROOT):
        assert code(lambda: enrolment.enroll(tmp_path / "bang", media, NOW)) == "usb-strange"
        assert not (tmp_path / "bang/board.toml").exists()
    else:
        enrolment.enroll(tmp_path / "bang", media, NOW)
        assert not path.is_symlink()
    assert target.read_bytes() == b"mine"


def test_a_linked_folder_is_no_stick(xa: Any, media: Path, tmp_path: Path) -> None:
    prepared(xa, media)
    shutil.move(media / ENROLMENT, tmp_path / "elsewhere")
    (media / ENROLMENT).symlink_to(tmp_path / "elsewhere")
    assert code(lambda: enrolment.enroll(tmp_path / "bang", media, NOW)) == "usb-missing"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
GOOD = Ticket(
    "99999", "xã Thử", "a" * 64, BOARD, "Cổng xã", URL, None, Mode((384, 192), (0, 0, 384, 192), 0,
    Shape("led", 384, 192)), "b" * 64, "c" * 64, NOW, NOW + DAY,
)  # fmt: skip


@settings(deadline=None)
@given(st.sampled_from(sorted(json.loads(GOOD.to_bytes()))), JSON, st.binary(max_size=40), st.integers(0, 600))
def test_tickets_and_cards_are_read_or_refused(name: str, value: Any, noise: bytes, place: int) -> None:
    assert Ticket.read(GOOD.to_bytes()) == GOOD
    data = GOOD.to_bytes()
    changed = json.dumps(json.loads(data) | {name: value}).encode()
    for given_bytes in (changed, noise, data[:place] + noise + data[place:]):
        for read in (Ticket.read, Card.read, stick.Used.read):
            try:
                read(given_bytes)
            except BadFormat:
                continue


# ── the wall ─────────────────────────────────────────────────────────────────────────────────────


def welcome(width: int, height: int, kind: str = "led") -> Welcome:
    mode = Mode((max(width, 64), max(height, 64)), (0, 0, width, height), 0, Shape(kind, width, height))
    return Welcome(mode, BOARD, ("trống đồng", "cành đào", "áo mưa", "mắt kính"))


@pytest.mark.parametrize(
    ("width", "height", "pages"),
    [(1920, 1080, 1), (1080, 1920, 1), (384, 192, 1), (96, 192, 2), (192, 96, 2), (128, 64, 2), (64, 32, 5)],
)
def test_every_board_shows_its_words_if_need_be_by_turns(width: int, height: int, pages: int) -> None:
    new = welcome(width, height)
    turns = [new.page(NOW + timedelta(seconds=s)) for s in range(40)]
    assert sorted(set(turns)) == list(range(pages))
    drawn = [new.drawn((width, height), page) for page in range(pages)]
    assert len({pygame.image.tobytes(d, "RGB") for d in drawn}) == pages
    silent = Welcome(new.mode, BOARD, ()).drawn((width, height), 0)
    told = pygame.image.tobytes(drawn[0], "RGB") != pygame.image.tobytes(silent, "RGB")
    assert told == (pages == 1)


def test_the_words_can_be_read_off_the_wall(tmp_path: Path) -> None:
    """By a program that is not ours, with its marks or without: on an LCD and, enlarged, on a matrix of 384 × 192."""
    for width, height in ((1920, 1080), (384, 192)):
        new = welcome(width, height)
        data = pygame.image.tobytes(new.drawn((width, height), 0), "RGB")
        image = Image.frombytes("RGB", (width, height), data).crop((0, height * 43 // 100, width, height * 69 // 100))
        image = image.resize((1920, image.height * 1920 // width)).convert("L").point(lambda v: 255 - v)
        image.save(tmp_path / "words.png")
        read = subprocess.run(
            ["tesseract", tmp_path / "words.png", "-", "-l", "vie", "--psm", "6"], capture_output=True, text=True,
            check=True, timeout=60, env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        ).stdout  # fmt: skip
        found = {folded(w).strip() for w in re.split(r"[·•\n.\-:]", read)}
        assert {folded(w) for w in new.words} <= found, (width, read)


def test_from_a_bare_machine_to_a_board_that_shows_by_commands_alone(
    xa: Any, text: Callable[..., str], media: Path, tmp_path: Path, bangtin: Callable[..., Any]
) -> None:
    """Prepare, enrol, look at the wall, compare, enrol at the hub, and the first publication by stick."""
    folder, shot = tmp_path / "bang", tmp_path / "wall.png"
    done = bangtin("board", "prepare", BOARD, "--to", media, "--dir", xa.folder)
    assert done.returncode == 0 and "board enroll --usb" in done.stdout, done.stderr
    assert "--days" in bangtin("board", "prepare", BOARD, "--to", media, "--dir", xa.folder, "--days", "999").stderr
    done = bangtin("board", "enroll", "--usb", media, "--dir", folder)
    assert done.returncode == 0, done.stderr
    words = identity.load(folder).words()
    assert "   ".join(words) in done.stdout
    assert bangtin("board", "enroll", "--usb", media, "--dir", tmp_path / "khac").returncode == 3
    assert bangtin("board", "enroll", "--usb", media, "--dir", folder, "--board", "x").returncode == 2
    assert "   ".join(words) in bangtin("board", "status", "--dir", folder).stdout

    play = ("board", "play", "--dir", folder, "--headless", "--screenshot", shot, "--for", "1")
    subprocess.run([sys.executable, "-m", "signage", *map(str, play)], check=True, timeout=60)
    corner = Image.open(shot).convert("RGB").getpixel((1, 1))
    assert corner == (0xFF, 0x30, 0x30), "the test pattern's first corner, without being asked for"

    confirm = ("board", "confirm", media, "--dir", xa.folder)
    no = bangtin(*confirm, told="khác\n")
    assert no.returncode == 3 and "   ".join(words) in no.stdout
    yes = bangtin(*confirm, told="giống\n")
    assert yes.returncode == 0, yes.stderr
    (command,) = re.findall(r"bangtin (hub enroll .*)", yes.stdout)
    there = command.replace("/srv/hub", str(tmp_path / "hub")).split()
    heard = bangtin(*there)
    assert heard.returncode == 0 and "   ".join(words) in heard.stdout, heard.stderr

    today = f"{NOW:%Y-%m-%d 00:00}"
    xa.write("tin/a", text(date=today, start=today, end=""))
    xa.both("tin/a", now=NOW)
    publish(xa.settings, NOW)
    assert bangtin("publish", "--to-usb", media, "--dir", xa.folder).returncode == 0
    assert bangtin("board", "import-usb", media, "--dir", folder).returncode == 0
    subprocess.run([sys.executable, "-m", "signage", *map(str, play)], check=True, timeout=60)
    assert Image.open(shot).convert("RGB").getpixel((1, 1)) != corner, "the first publication ends it"


def test_words_are_the_same_for_who_computes_them_anew(xa: Any, media: Path, tmp_path: Path) -> None:
    prepared(xa, media)
    board = enrolment.enroll(tmp_path / "bang", media, NOW)
    card = Card.read((tmp_path / "bang/board.pub.json").read_bytes())
    assert spoken.words(card.key.public, str(card.root)) == board.words()


def test_an_unreadable_stick_leaves_no_half_board(xa: Any, media: Path, tmp_path: Path) -> None:
    prepared(xa, media)
    (media / ENROLMENT / ROOT).unlink()
    assert code(lambda: enrolment.enroll(tmp_path / "bang", media, NOW)) == "usb-unreadable"
    with pytest.raises(BadFormat):
        (media / ENROLMENT / TICKET).write_bytes(b"\0" * 100)
        enrolment.enroll(tmp_path / "bang", media, NOW)
    with pytest.raises((Refused, Unavailable)):
        identity.load(tmp_path / "bang")


def test_the_witness_sees_pattern_and_words_by_turns_and_then_the_first_publication(
    xa: Any, text: Callable[..., str], media: Path, tmp_path: Path, make_screen: Callable[[int, int], str]
) -> None:
    """A matrix of 128 × 64 on a real X server, watched by its own kiosk and by a program that is not ours."""
    path = xa.folder / "bangtin.toml"
    path.write_text(path.read_text("utf-8").replace("[0, 0, 384, 192]", "[0, 0, 128, 64]"), "utf-8")
    prepared(xa, media)
    folder, display = tmp_path / "bang", make_screen(1280, 720)
    board = enrolment.enroll(folder, media, NOW)
    assert board.mode is not None
    new = Welcome(board.mode, board.id, board.words())
    pages = [pygame.image.tobytes(new.drawn((128, 64), page), "RGB") for page in (0, 1)]
    env = {**os.environ, "DISPLAY": display}
    seen: set[int | None] = set()
    end = time.monotonic() + 60

    def wall() -> int | None:
        shown = ImageGrab.grab(xdisplay=display).convert("RGB").crop((0, 0, 128, 64)).tobytes()
        return pages.index(shown) if shown in pages else None

    words = [sys.executable, "-m", "signage", "board", "kiosk", "--dir", str(folder)]
    with subprocess.Popen(words, env=env) as kiosk:
        try:
            while not {0, 1} <= seen:
                assert time.monotonic() < end and kiosk.poll() is None, seen
                seen.add(wall())
            note = folder / "state/witness.json"
            while json.loads(note.read_bytes())["verdict"] not in ("match", "transition"):
                assert time.monotonic() < end, note.read_text()
            today = f"{NOW:%Y-%m-%d 00:00}"
            xa.write("tin/a", text(date=today, start=today, end=""))
            xa.both("tin/a", now=NOW)
            publish(xa.settings, NOW)
            sent(xa.settings, media)
            assert usb.take(board, media).error is None
            while wall() is not None:
                assert time.monotonic() < end, "the first publication ends it"
        finally:
            kiosk.terminate()
