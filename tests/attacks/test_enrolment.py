"""The first moment of a board: whose root it takes for good, and who can make it take another."""

import pytest

from signage.board import identity
from signage.board.download import Line
from signage.errors import Refused, WrongUse
from tests.attacks.conftest import GOOD, still_shows
from tests.board.conftest import BOARD, Kiosk


def test_enrolment_without_root_or_fingerprint(tmp_path, wire):
    with pytest.raises(WrongUse, match="enroll-root-missing"):
        identity.enroll(tmp_path / "b", board="x", url=wire.url)


def test_wrong_root_at_enrolment(office, tmp_path, wire, another):
    other = another("other")
    with pytest.raises(Refused, match="fingerprint-differs"):
        identity.enroll(
            tmp_path / "b", board="x", url=wire.url, fingerprint=other.repository.fingerprint,
            fetch_root=lambda _: office.repository.root_bytes(),
        )  # fmt: skip
    assert not (tmp_path / "b" / "board.toml").exists()


def test_a_whole_false_office_on_the_line_at_enrolment(office, good, wire, another, tmp_path):
    """It serves its own root, and a publication that its own people approved; the sheet in the hand says another."""
    thief = another("thief")
    thief.show(thief.statement("giả"))
    thief.publish()
    wire.changes["/board/"] = lambda _: None
    for path in sorted((thief.served / "metadata").iterdir()):
        wire.changes["/metadata/" + path.name] = lambda _, path=path: path.read_bytes()
    sheet = office.repository.fingerprint

    def enrol(folder):
        ask = Line().small
        return identity.enroll(
            folder, board=BOARD, url=wire.url, fingerprint=sheet,
            fetch_root=lambda url: ask(f"{url}/board/metadata/1.root.json", limit=identity.MAX_ROOT),
        )  # fmt: skip

    with pytest.raises(Refused, match="fingerprint-differs"):
        enrol(tmp_path / "b")
    wire.changes.clear()
    board = Kiosk(enrol(tmp_path / "b"))
    assert board.sync().error is None
    still_shows(board, GOOD)


def test_a_board_with_another_communes_root_takes_nothing_of_ours(office, good, wire, another, tmp_path):
    root = another("other").repository.root_bytes()
    board = Kiosk(identity.enroll(tmp_path / "b", board=BOARD, url=wire.url, root=root))
    assert board.sync().error == "tuf-refused"
    still_shows(board)  # its own safe slide
    still_shows(good, GOOD)


def test_a_short_fingerprint_is_not_enough(office, tmp_path, wire):
    with pytest.raises(WrongUse, match="fingerprint-short"):
        identity.enroll(
            tmp_path / "b", board="x", url=wire.url, fingerprint=office.repository.fingerprint[:31],
            fetch_root=lambda _: office.repository.root_bytes(),
        )  # fmt: skip


def test_a_file_that_is_no_root(tmp_path, wire, office):
    for data in (b"", b"{}", office.metadata("timestamp.json").read_bytes(), b"[" * 100_000):
        with pytest.raises(Refused, match="trust-"):
            identity.enroll(tmp_path / "b", board="x", url=wire.url, root=data)


def test_enrolling_over_a_board_needs_again_and_keeps_its_key(office, good):
    root = office.repository.root_bytes()
    with pytest.raises(Refused, match="enrolled-already"):
        identity.enroll(good.board.folder, board="nha-van-hoa-3", url="http://x", root=root)
    key = good.board.key().public
    again = identity.enroll(
        good.board.folder, board="nha-van-hoa-3", url="http://x", root=root, again=True, hub="https://h/"
    )
    assert again.key().public == key and again == identity.load(good.board.folder)
    assert again.hub == "https://h"
    still_shows(good, GOOD)


def test_typed_fingerprint_with_spaces_and_colons(office, tmp_path, wire):
    typed = ":".join(office.repository.fingerprint[i : i + 4].upper() for i in range(0, 32, 4)) + " "
    made = identity.enroll(
        tmp_path / "b", board="x", url=wire.url + "/", fingerprint=typed,
        fetch_root=lambda _: office.repository.root_bytes(),
    )  # fmt: skip
    assert made.url == wire.url and (made.folder / "key.pem").stat().st_mode & 0o777 == 0o600
