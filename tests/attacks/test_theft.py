"""The office's box is stolen, with its online keys: from the thief's best move to the office's first notice after it.

By the real verbs, as docs/nghi-thuc-khoa.md and docs/may-van-phong.md say them.
"""

import shutil
from datetime import timedelta

import pytest

from signage.board import identity
from signage.office import backup
from signage.office.publish import repository
from signage.office.repository import ONLINE, Repository
from signage.office.serving import Server
from signage.publication import EMERGENCIES, EmergencyList, Manifest, manifest_name
from tests.attacks.conftest import still_shows
from tests.attacks.test_office import HIGHEST
from tests.board.conftest import BOARD, DAY, NOW, Kiosk
from tests.journeys.test_box import bangtin, notice

MINUTE = timedelta(minutes=1)
HOST = "may-chu-trang"  # the static host that boards ask; who can put files there is heard, not believed


@pytest.fixture
def commune(make_office):
    return make_office("xa")


def put_on_the_host(folder, publication):
    shutil.rmtree(folder / HOST, ignore_errors=True)
    shutil.copytree(publication, folder / HOST)


def by_the_thief(publication, keys):
    """The highest number, 300 days ahead, under the highest versions; what was withdrawn is back in it."""
    thief = Repository(publication / "board", keys)
    files = {name: thief.current(name) for name in (manifest_name(BOARD), EMERGENCIES)}
    manifest, alarms = Manifest.read(files[manifest_name(BOARD)]), EmergencyList.read(files[EMERGENCIES])
    later = {"number": HIGHEST, "made": NOW + 300 * DAY}
    for role in ONLINE:
        metadata = thief._read(role)
        metadata.signed.version = 10**15
        thief._write(role, metadata)
    thief.publish(
        {
            manifest_name(BOARD): Manifest(**{**vars(manifest), **later}).to_bytes(),
            EMERGENCIES: EmergencyList(**{**vars(alarms), **later}).to_bytes(),
        },
        NOW,
    )


def test_a_stolen_office_is_heard_no_more_and_the_true_one_again(commune, text, tmp_path, monkeypatch):
    monkeypatch.setitem(backup._SCRYPT, "n", 2**10)
    secret = tmp_path / "mat-khau"
    secret.write_text("chim bồ câu bay\n", "utf-8")
    notice(commune, text, "a", "Thật", NOW - 5 * MINUTE)
    notice(commune, text, "b", "Rút", NOW - 4 * MINUTE)
    put_on_the_host(tmp_path, commune.folder / "publication")
    server = Server(tmp_path / HOST, "127.0.0.1", 0).start()
    try:
        root = repository(commune.settings).root_bytes()
        board = Kiosk(identity.enroll(tmp_path / "bang", board=BOARD, url=server.address, root=root))
        assert board.sync().error is None
        still_shows(board, "Thật", "Rút")
        safe = tmp_path / "ket-sat"  # what lies in the safe of the office, and never on the box
        safe.mkdir()
        for role in ("root", "targets"):
            shutil.move(commune.folder / f"keys/{role}.pem", safe)
        with_it = tmp_path / "lay-di"
        shutil.copytree(commune.folder, with_it)
        commune.desk.take_back("tin/b", "withdraw", commune.person("p3", "approver"), NOW - 3 * MINUTE, "Sai ngày")
        commune.publish(NOW - 2 * MINUTE)
        put_on_the_host(tmp_path, commune.folder / "publication")
        assert board.sync().error is None
        still_shows(board, "Thật")
        bangtin("backup", tmp_path / "xa.tar", "--dir", commune.folder, "--passphrase-file", secret)
        shutil.rmtree(commune.folder)

        by_the_thief(with_it / "publication", with_it / "keys")
        put_on_the_host(tmp_path, with_it / "publication")
        assert board.sync().error is None and board.held().publication.manifest.number == HIGHEST
        still_shows(board, "Thật")

        new = tmp_path / "xa-moi"
        bangtin("restore", tmp_path / "xa.tar", new, "--passphrase-file", secret)
        bangtin("keys", "rotate", "online", "--dir", new, "--key", safe / "root.pem", "--key", safe / "targets.pem")
        bangtin("publish", "--dir", new)
        put_on_the_host(tmp_path, new / "publication")
        assert board.sync().error is None and board.held().publication.manifest.number < HIGHEST
        still_shows(board, "Thật")
        assert {r.code for r in board.held().playlist.refused} == set()

        put_on_the_host(tmp_path, with_it / "publication")
        assert board.sync().error == "tuf-refused"
        still_shows(board, "Thật")
    finally:
        server.stop()
