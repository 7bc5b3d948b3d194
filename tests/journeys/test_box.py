"""The office box is lost, and another goes on; the office is empty, and an emergency reaches the board all the same."""

import contextlib
import io
import re
import shlex
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signage.board import identity, tending
from signage.board.identity import Board
from signage.board.shelf import Shelf
from signage.cli import main
from signage.office import backup
from signage.office.publish import publish, repository
from signage.office.serving import Server
from signage.schedule import VIETNAM_TIME
from signage.settings import load

Office = Any  # tests/conftest.py's
Text = Callable[..., str]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)
ROOT = Path(__file__).parent.parent.parent
BOARD = "nha-van-hoa-3"
SECRET = "chim bồ câu bay"


def bangtin(*words: object, code: int = 0) -> str:
    """Run a command; everything that it said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        done = main([str(word) for word in words])
    assert done == code, said.getvalue()
    return said.getvalue()


def days(since: datetime = NOW) -> dict[str, str]:
    """A notice's hours: from the day before until four days after."""
    local = since.astimezone(VIETNAM_TIME)
    return {"start": f"{local - DAY:%Y-%m-%d} 00:00", "end": f"{local + 4 * DAY:%Y-%m-%d} 23:00"}


@contextmanager
def served(publication: Path, port: int = 0) -> Iterator[Server]:
    server = Server(publication, "127.0.0.1", port).start()
    try:
        yield server
    finally:
        server.stop()


def shown(board: Board) -> tuple[int, set[str], list[str]]:
    """What a round of the board's sync left it with: the number, titles, emergencies."""
    outcome = tending.once(board)
    assert outcome.error is None, outcome.why
    held = Shelf(board.shelf).holding(board.root(), board.identity, datetime.now(UTC))
    assert held
    playlist = held.playlist
    return playlist.number, {e.title for e in playlist.entries}, [e.title for e in playlist.emergencies]


@pytest.fixture(autouse=True)
def quick_guesses(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The passphrase is stretched for a thief, not for tests; the guide alone does it as it is."""
    if "guide" not in request.node.name:
        monkeypatch.setitem(backup._SCRYPT, "n", 2**10)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "mat-khau"
    path.write_text(SECRET + "\n", "utf-8")
    return path


def notice(office: Office, text: Text, name: str, title: str, now: datetime) -> None:
    office.write(f"tin/{name}", text(title=title, **days()))
    office.both(f"tin/{name}", now=now)
    office.publish(now)


@pytest.fixture(scope="module")
def made_once() -> dict[str, Path]:
    """Where the lost office's files lie after they were made the first time."""
    return {}


@pytest.fixture
def lost(
    office: Office, text: Text, tmp_path: Path, secret: Path, made_once: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Board, Server]]:  # fmt: skip
    """Backed up with one notice; then another was published, a board has seen it, and the machine is gone.

    What is left: `xa.tar`, and `may-chu-trang`, the static host that boards ask.
    """
    copy = tmp_path / "may-chu-trang"
    if "folder" not in made_once:
        made_once["folder"] = tmp_path_factory.mktemp("lost")
        notice(office, text, "a", "Trước khi sao lưu", NOW - 3 * MINUTE)
        bangtin("backup", made_once["folder"] / "xa.tar", "--dir", office.folder, "--passphrase-file", secret)
        notice(office, text, "b", "Sau khi sao lưu", NOW - MINUTE)
        shutil.copytree(office.folder / "publication", made_once["folder"] / copy.name)
    shutil.rmtree(office.folder)
    shutil.copytree(made_once["folder"], tmp_path, dirs_exist_ok=True)
    root = (copy / "board/metadata/1.root.json").read_bytes()
    with served(copy) as server:
        board = identity.enroll(tmp_path / "bang", board=BOARD, url=server.address, hub=None, root=root)
        assert len(shown(board)[1]) == 2
        yield board, server


@pytest.mark.parametrize("where", ["address", "nowhere"])
def test_another_box_goes_on_and_the_same_board_follows(
    lost: tuple[Board, Server], tmp_path: Path, secret: Path, where: str
) -> None:
    board, server = lost
    folder, copy = tmp_path / "xa-moi", tmp_path / "may-chu-trang"
    before = shown(board)[0]
    at = {"address": ["--served", server.address], "nowhere": []}[where]
    said = bangtin("restore", tmp_path / "xa.tar", folder, "--passphrase-file", secret, *at)
    assert ("mới hơn bản sao lưu" in said) == (where != "nowhere")
    assert "audit-restored" in bangtin("audit", "verify", "--dir", folder) or where == "nowhere"
    bangtin("publish", "--dir", folder)
    for name in ("metadata", "targets", "dossiers", "slides"):
        shutil.copytree(folder / f"publication/board/{name}", copy / f"board/{name}", dirs_exist_ok=True)
    number, titles, _ = shown(board)
    assert number > before and titles == {"Trước khi sao lưu"}, "what was signed since the backup must be signed again"
    assert bangtin("audit", "verify", "--dir", folder)


def test_what_was_withdrawn_since_the_backup_stays_withdrawn(
    office: Office, text: Text, tmp_path: Path, secret: Path
) -> None:
    """And what was approved since is approved: its records are among those that are served."""
    notice(office, text, "a", "Thu hồi sau khi sao lưu", NOW - 5 * MINUTE)
    office.write("tin/b", text(title="Duyệt sau khi sao lưu", **days()))
    office.submit("tin/b", now=NOW - 4 * MINUTE)
    bangtin("backup", tmp_path / "xa.tar", "--dir", office.folder, "--passphrase-file", secret)
    office.desk.take_back("tin/a", "withdraw", office.person("p3", "approver"), NOW - 3 * MINUTE, "Sai")
    office.approve("tin/b", now=NOW - 2 * MINUTE)
    office.publish(NOW - MINUTE)
    copy = office.folder.rename(tmp_path / "may-chu-trang") / "publication"
    folder = tmp_path / "xa-moi"
    bangtin("restore", tmp_path / "xa.tar", folder, "--passphrase-file", secret, "--served", copy)
    bangtin("publish", "--dir", folder)
    with served(folder / "publication") as server:
        root = (folder / "publication/board/metadata/1.root.json").read_bytes()
        board = identity.enroll(tmp_path / "bang", board=BOARD, url=server.address, hub=None, root=root)
        assert shown(board)[1] == {"Duyệt sau khi sao lưu"}
    assert "Sai" in (folder / "publication/tin/a.html").read_text("utf-8")


@pytest.mark.long
def test_versions_do_not_go_back_after_a_second_loss(lost: tuple[Board, Server], tmp_path: Path, secret: Path) -> None:
    """The floor is part of the next backup."""
    first, second = tmp_path / "xa-2", tmp_path / "xa-3"
    bangtin("restore", tmp_path / "xa.tar", first, "--passphrase-file", secret)
    bangtin("backup", tmp_path / "2.tar", "--dir", first, "--passphrase-file", secret)
    bangtin("restore", tmp_path / "2.tar", second, "--passphrase-file", secret)
    repos = [repository(load(folder)) for folder in (first, second)]
    assert repos[0].behind and repos[1].next_version("lich") >= repos[0].next_version("lich") > 4


def test_a_backup_holds_no_offline_key_and_no_readable_one(office: Office, tmp_path: Path, secret: Path) -> None:
    pems = {p.relative_to(office.folder / "keys").as_posix() for p in (office.folder / "keys").rglob("*.pem")}
    online = {"lich.pem", "snapshot.pem", "timestamp.pem"}
    assert {"root.pem", "targets.pem", "people/p3.pem"} <= pems
    office.publish()
    for more, expected in (([], online), (["--with-offline"], pems)):
        path, folder = tmp_path / f"{len(more)}.tar", tmp_path / f"xa-{len(more)}"
        bangtin("backup", path, "--dir", office.folder, "--passphrase-file", secret, *more)
        assert path.stat().st_mode & 0o777 == 0o600
        assert b"PRIVATE KEY" not in path.read_bytes()
        bangtin("restore", path, folder, "--passphrase-file", secret)
        restored = {p.relative_to(folder / "keys").as_posix(): p for p in (folder / "keys").rglob("*.pem")}
        assert set(restored) == expected
        for name, pem in restored.items():
            assert pem.stat().st_mode & 0o777 == 0o600
            assert pem.read_bytes() == (office.folder / "keys" / name).read_bytes()


def test_a_backup_is_whole_or_refused(office: Office, text: Text, tmp_path: Path, secret: Path) -> None:
    office.write("tin/a", text(**days()))
    office.both("tin/a", now=NOW)
    office.publish(NOW)
    path, folder = tmp_path / "xa.tar", tmp_path / "xa-moi"
    bangtin("backup", path, "--dir", office.folder, "--passphrase-file", secret)
    whole = path.read_bytes()
    with tarfile.open(path) as tar:
        marks = {m.name: m.offset_data for m in tar}
    wrong = tmp_path / "sai"
    wrong.write_text("mật khẩu khác\n", "utf-8")
    assert "backup-locked" in bangtin("restore", path, folder, "--passphrase-file", wrong, code=3)
    for name in ("bangtin.toml", "content/tin/a.md", "muc-luc.json", "khoa.bin", "nhat-ky/00000001.jsonl"):
        place = marks[name] + 60
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert "backup-" in bangtin("restore", path, folder, "--passphrase-file", secret, code=3), name
    path.write_bytes(whole[: len(whole) // 2])
    assert "backup-damaged" in bangtin("restore", path, folder, "--passphrase-file", secret, code=3)
    assert not folder.exists() and not list(tmp_path.glob(".bangtin-tmp-*"))
    path.write_bytes(whole)
    bangtin("restore", path, folder, "--passphrase-file", secret)
    assert "folder-taken" in bangtin("restore", path, folder, "--passphrase-file", secret, code=3)


@pytest.mark.parametrize(
    "name", ["../ngoai", "/tmp/ngoai", "content/../../ngoai", "keys/root.pem", "content/link", "content/thua"]
)
def test_a_backup_writes_nothing_outside(tmp_path: Path, secret: Path, name: str) -> None:
    path = tmp_path / "xa.tar"
    with tarfile.open(path, "w") as tar:
        info = tarfile.TarInfo(name)
        if name == "content/link":
            info.type, info.linkname = tarfile.SYMTYPE, "/etc"
        if name == "content/thua":  # a sparse file
            info.pax_headers = {"GNU.sparse.size": str(2**42), "GNU.sparse.map": "0,0"}
        tar.addfile(info)
    before = set(tmp_path.rglob("*"))
    assert "backup-damaged" in bangtin("restore", path, tmp_path / "xa", "--passphrase-file", secret, code=3)
    assert set(tmp_path.rglob("*")) == before


def test_an_alarm_waits_for_no_backup(
    office: Office, text: Text, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gigabytes of films go to a slow disk at night."""
    notice(office, text, "a", "Trước", NOW)
    real, met = backup._add, []

    def slow(tar: tarfile.TarFile, file: Path, name: str) -> tuple[int, str]:
        if name.startswith("content/") and not met:
            met.append(publish(office.settings, NOW + MINUTE, patience_s=0).number)
        return real(tar, file, name)

    monkeypatch.setattr(backup, "_add", slow)
    backup.backup(office.settings, tmp_path / "xa.tar", SECRET, NOW)
    assert met


def test_what_is_served_may_be_older_than_what_boards_saw(
    lost: tuple[Board, Server], tmp_path: Path, secret: Path
) -> None:
    """A cache, or somebody on the line, answers with last week's: versions go on beyond all that there can be."""
    board, _ = lost
    before, folder, first = shown(board)[0], tmp_path / "xa-moi", tmp_path / "xa-dau"
    bangtin("restore", tmp_path / "xa.tar", first, "--passphrase-file", secret)
    stale = first / "publication"  # as at the backup
    bangtin("restore", tmp_path / "xa.tar", folder, "--passphrase-file", secret, "--served", stale)
    bangtin("publish", "--dir", folder)
    copy = tmp_path / "may-chu-trang"
    for name in ("metadata", "targets", "dossiers", "slides"):
        shutil.copytree(folder / f"publication/board/{name}", copy / f"board/{name}", dirs_exist_ok=True)
    assert shown(board)[0] > before


@pytest.mark.parametrize("told", ["", "\n", "ngắn\n"])
def test_an_empty_file_is_no_passphrase(office: Office, tmp_path: Path, told: str) -> None:
    """`box install` has the file made empty: forgotten so, every night's backup would hold the keys for anybody."""
    (tmp_path / "mat-khau").write_text(told, "utf-8")
    words = ("backup", tmp_path / "xa.tar", "--dir", office.folder, "--passphrase-file", tmp_path / "mat-khau")
    assert "passphrase-short" in bangtin(*words, code=2) and not (tmp_path / "xa.tar").exists()


def test_another_communes_publication_is_not_taken_over(
    lost: tuple[Board, Server], make_office: Callable[[str], Office], tmp_path: Path, secret: Path
) -> None:
    other = make_office("xa-khac")
    other.publish(NOW)
    said = bangtin("restore", tmp_path / "xa.tar", tmp_path / "moi", "--passphrase-file", secret, "--served",
                   other.folder / "publication", code=3)  # fmt: skip
    assert "served-other" in said and not (tmp_path / "moi").exists()


# ── the guide, and the units ─────────────────────────────────────────────────────────────────────


def test_the_guide_command_by_command(office: Office, text: Text, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/may-van-phong.md, in its order, in the commune's folder; ten minutes are enough for what it asks."""
    page = (ROOT / "docs/may-van-phong.md").read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) >= 9 and all(line.startswith("bangtin ") for line in commands)
    notice(office, text, "a", "Một thông báo", NOW - MINUTE)
    monkeypatch.chdir(office.folder)
    monkeypatch.setattr("getpass.getpass", lambda _: SECRET)
    with served(office.folder / "publication") as server:
        for command in commands:
            bangtin(*shlex.split(command.replace("https://dongmau.example", server.address))[1:])
    assert (office.folder / "xa-moi/publication/tin/a.html").exists()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_reads_the_units_and_finds_them_closed(tmp_path: Path) -> None:
    """Exposure from 0 to 10 by systemd's own count; below 2 is its "OK". Who publishes has no network at all."""
    for folder in ("srv/xa/publication", "srv/xa/keys", "srv/sao-luu"):
        (tmp_path / folder).mkdir(parents=True)
    bangtin("box", "install", "--dir", "/srv", "--store", "/srv", "--program", "/bin/true", "--root", tmp_path)
    units = sorted((tmp_path / "etc/systemd/system").iterdir())
    assert len(units) == 6
    words = ["systemd-analyze", "verify", "--man=no", *map(str, units)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.stdout + done.stderr == ""
    for unit in (u for u in units if u.suffix == ".service"):
        words = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout
        assert ("PrivateNetwork=yes" in unit.read_text("utf-8")) == (unit.stem != "bangtin-serve")


@pytest.mark.parametrize("folder", ["/srv/xã", "/srv/a b", "/srv/%h", "/srv/$HOME"])
def test_paths_that_systemd_reads_otherwise_are_refused(folder: str) -> None:
    assert "install-path" in bangtin("box", "install", "--dir", folder, "--print", code=2)
    assert "install-path" in bangtin("box", "install", "--dir", "/srv", "--store", folder, "--print", code=2)
