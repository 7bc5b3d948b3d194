"""The ceremony, the repository's keys and their rotations, and secrets that never reach a repository."""

import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tuf.api.metadata import Metadata, Root

from signage.cli import main
from signage.errors import Refused
from signage.keys import ROUNDS, PrivateKey
from signage.office.publish import repository
from signage.office.repository import LIVES
from signage.office.safe import Safe
from signage.settings import load
from signage.wire import when
from tests.browsing import chromium

ROOT = Path(__file__).parent.parent.parent
PRIVATE = re.compile(rb"-----BEGIN ([A-Z]+ )*PRIVATE KEY-----")
Office = Any  # tests/conftest.py's
COMMUNE = ["--code", "12345", "--name", "xã An Bình", "--province", "tỉnh Mẫu", "--phone", "0299 000 0000",
           "--site", "https://anbinh.example", "--author", "Lan", "--approver", "Nam", "--duty", "Thắng"]  # fmt: skip
HOLDERS = ["--root-holder", "Chủ tịch <Hà>", "--root-holder", "Phó Chủ tịch An", "--root-holder", "Phong bì"]


def run(folder: Path, *words: object) -> int:
    return main([*map(str, words), "--dir", str(folder)])


@pytest.fixture
def commune(tmp_path: Path) -> Path:
    """A commune of 2-of-3 root keys, each on a stick of its own, without passphrases."""
    sticks = [w for n in (1, 2, 3) for w in ("--keys-to", str(tmp_path / f"usb{n}"))]
    for number in (1, 2, 3):
        (tmp_path / f"usb{number}").mkdir()
    folder = tmp_path / "xa"
    words = [*COMMUNE, "--no-passphrase", "--root-keys", "3", "--root-threshold", "2", *HOLDERS, *sticks]
    assert main(["init", str(folder), *words]) == 0
    return folder


def safe(folder: Path) -> Safe:
    settings = load(folder)
    return Safe(settings.publication / "board", settings.keys)


def stick(folder: Path, number: int, name: str = "") -> list[str]:
    return ["--key", str(folder.parent / f"usb{number}" / (name or f"root-{number}.pem"))]


# ── the ceremony ─────────────────────────────────────────────────────────────────────────────────


def at_a_terminal(words: list[str], answers: list[str]) -> str:
    """`bangtin` as people meet it: each answer is typed when a question ends in “: ”."""
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "signage", *words], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    os.close(theirs)
    seen, asked = b"", 0
    while True:
        try:
            part = os.read(mine, 4096)
        except OSError:  # the other end has closed
            break
        seen += part
        if seen.endswith(b": ") and asked < len(answers):
            os.write(mine, answers[asked].encode() + b"\n")
            asked += 1
    os.close(mine)
    assert process.wait(60) == 0, seen.decode()
    assert asked == len(answers), seen.decode()
    return seen.decode()


def test_a_ceremony_at_the_table(tmp_path: Path) -> None:
    """What each key is, who keeps it, where it goes; each holder's own passphrase."""
    folder, usb = tmp_path / "xa", tmp_path / "usb1"
    usb.mkdir()
    asked = ["", "", ""]  # no deputy; 3 root keys of which 2 sign, as advised
    asked += ["Chủ tịch Hà", str(tmp_path / "chua-cam"), str(usb), "Phó Chủ tịch An", "", "Phong bì trong tủ", ""]
    names = ["root-1", "root-2", "root-3", "targets", "p1", "p2", "p3"]
    asked += [secret for name in names for secret in [f"mật khẩu của {name}"] * 2]
    told = at_a_terminal(["init", str(folder), *COMMUNE], asked)
    for words in ("hai lãnh đạo, và một phong bì trong tủ sắt", "cần 2 trong 3 khóa", "Chép", "Phiếu khôi phục"):
        assert words in told
    assert "Phó Chủ tịch An" in told and "mật khẩu của root" not in told, "a passphrase is never on the screen"
    root = Metadata[Root].from_bytes(repository(load(folder)).root_bytes()).signed
    assert root.roles["root"].threshold == 2 and len(root.roles["root"].keyids) == 3
    files = {name: folder / f"keys/{'people/' if name[0] == 'p' else ''}{name}.pem" for name in names}
    files["root-1"] = usb / "root-1.pem"
    for name, path in files.items():
        assert path.stat().st_mode & 0o777 == 0o600
        PrivateKey.load(path, f"mật khẩu của {name}")
        with pytest.raises(Refused):
            PrivateKey.load(path, "mật khẩu của targets" if name != "targets" else "mật khẩu của root-1")


def test_one_root_key_is_possible_and_called_weaker(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "xa"), *COMMUNE, "--no-passphrase"]) == 0
    assert "yếu hơn. Thêm sau: bangtin keys rotate root --root-keys 3" in capsys.readouterr().out
    assert run(tmp_path / "xa", "keys", "rotate", "root", "--root-keys", "3", "--root-threshold", "2",
               "--no-passphrase") == 0  # fmt: skip
    assert len(safe(tmp_path / "xa").role("root").keys) == 3 and safe(tmp_path / "xa").role("root").threshold == 2


@pytest.mark.parametrize(("keys", "threshold"), [(3, 4), (0, 0), (10, 2), (-1, 1)])
def test_a_root_that_nobody_could_sign_is_not_made(tmp_path: Path, keys: int, threshold: int) -> None:
    words = ["--root-keys", str(keys), "--root-threshold", str(threshold), "--no-passphrase"]
    expected = 2 if keys else 0  # 0 is "not said": one key
    assert main(["init", str(tmp_path / "xa"), *COMMUNE, *words]) == expected
    assert (tmp_path / "xa").exists() == (expected == 0)


def test_the_recovery_sheet_is_one_page_without_a_secret(commune: Path) -> None:
    sheet = (commune / "keys/phieu-khoi-phuc.html").read_text("utf-8")
    first = repository(load(commune)).fingerprint
    with chromium() as browser:
        page = browser.new_page()
        page.goto((commune / "keys/phieu-khoi-phuc.html").as_uri())
        words = page.inner_text("body")
        pdf = page.pdf(prefer_css_page_size=True)
    assert first in "".join(words.split())
    assert "Chủ tịch <Hà>" in words and "Nam" in words and "cần 2 trong 3 khóa" in words
    for key in safe(commune).role("root").keys:
        assert key.fingerprint in words
    assert not PRIVATE.search(sheet.encode())
    secret = (commune.parent / "usb1/root-1.pem").read_text().splitlines()[1]
    assert secret not in sheet
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 1


@pytest.mark.parametrize("secret", ["tám ký tự", "x" * 200, "mật khẩu “có dấu”"])
def test_a_locked_key_is_pkcs8_that_any_tool_opens(tmp_path: Path, secret: str) -> None:
    """With many more rounds than the library's 2,048, which eight characters on a lost stick do not bear."""
    key, path = PrivateKey.generate(), tmp_path / "a.pem"
    key.save(path, secret)
    assert PrivateKey.load(path, secret).public == key.public
    for wrong in (f"{secret}x", None):
        with pytest.raises(Refused, match="key-locked"):
            PrivateKey.load(path, wrong)
    (tmp_path / "secret").write_text(secret, "utf-8")
    openssl = ["openssl", "pkey", "-in", path, "-passin", f"file:{tmp_path / 'secret'}", "-pubout", "-outform", "DER"]
    assert subprocess.run(openssl, capture_output=True, check=True).stdout[-32:].hex() == key.public.public
    told = subprocess.run(["openssl", "asn1parse", "-in", path], capture_output=True, check=True, text=True).stdout
    assert f":{ROUNDS:X}" in told.replace(":0", ":") and "hmacWithSHA256" in told and "aes-256-cbc" in told


# ── rotations ────────────────────────────────────────────────────────────────────────────────────


def test_two_of_three_holders_replace_the_third(commune: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rotate = ["keys", "rotate", "root", "--replace", "root-2", "--holder", "Phó Chủ tịch mới", "--no-passphrase"]
    before = (commune / "publication/board/metadata/timestamp.json").read_bytes()
    assert run(commune, *rotate) == 3, "no key is here: they are on sticks"
    assert "Chủ tịch <Hà>, Phó Chủ tịch An, Phong bì" in capsys.readouterr().err
    assert run(commune, *rotate, *stick(commune, 1)) == 3, "one of two is not enough"
    assert run(commune, *rotate, *stick(commune, 1), "--key", commune / "keys/targets.pem") == 3
    assert "key-not-of-role" in capsys.readouterr().err
    assert (commune / "publication/board/metadata/timestamp.json").read_bytes() == before
    assert safe(commune).version("root") == 1
    new = commune.parent / "usb4"
    whole = [*rotate, *stick(commune, 1), *stick(commune, 3), "--keys-to", new]
    assert run(commune, *whole) == 2, "no stick is mounted there: no folder is made instead"
    new.mkdir()
    assert "chính đĩa của máy này" not in capsys.readouterr().out
    assert run(commune, *whole) == 0
    assert "chính đĩa của máy này" in capsys.readouterr().out
    assert (new / "root-4.pem").exists() and safe(commune).version("root") == 2
    assert len(list((commune / "publication/board/metadata").glob("*.root.json"))) == 2
    again = ["keys", "renew", "root", *stick(commune, 1)]
    assert run(commune, *again, *stick(commune, 2)) == 3, "the lost key counts no more"
    assert run(commune, *again, *stick(commune, 4, "root-4.pem")) == 0
    assert run(commune, "keys", "rotate", "root", "--no-passphrase", *stick(commune, 1), *stick(commune, 3)) == 2
    assert "key-replace" in capsys.readouterr().err


def test_a_passphrase_for_each_stick(tmp_path: Path) -> None:
    """Two holders, each with their own: a file may hold a line for each."""
    folder = tmp_path / "xa"
    assert main(["init", str(folder), *COMMUNE, "--no-passphrase", "--root-keys", "3"]) == 0
    for number in (1, 2):
        path = folder / f"keys/root-{number}.pem"
        key = PrivateKey.load(path)
        path.unlink()
        key.save(path, f"bí mật số {number}")
    secrets = tmp_path / "secrets"
    secrets.write_text("bí mật số 2\nbí mật số 1\n", "utf-8")
    assert run(folder, "keys", "renew", "root", "--passphrase-file", secrets) == 0
    secrets.write_text("bí mật số 2\nbí mật khác\n", "utf-8")
    assert run(folder, "keys", "renew", "root", "--passphrase-file", secrets) == 3


@pytest.mark.parametrize("role", ["lich", "snapshot", "timestamp", "targets"])
def test_every_other_key_is_rotated_too(commune: Path, role: str) -> None:
    old = safe(commune).role(role).keys
    signers = [*stick(commune, 1), *stick(commune, 3)] if role != "lich" else []
    assert run(commune, "keys", "rotate", role, "--no-passphrase", *signers) == 0
    (new,) = safe(commune).role(role).keys
    assert new not in old
    assert PrivateKey.load(commune / f"keys/{role}.pem").public == new
    assert not list((commune / "keys").glob("*-next.pem"))
    assert run(commune, "publish") == 0 and run(commune, "people", "sign") == 0
    if role == "targets":
        assert run(commune, "people", "sign", "--key", commune / "keys/thoi-dung/targets.pem") == 3


def test_a_stolen_office_gets_three_new_keys_at_once(commune: Path) -> None:
    """Also when not one of the old ones is left."""
    for role in ("lich", "snapshot", "timestamp"):
        (commune / f"keys/{role}.pem").unlink()
    sticks = [*stick(commune, 1), *stick(commune, 3)]
    before = sorted(p.name for p in (commune / "publication/board/metadata").iterdir())
    assert run(commune, "keys", "rotate", "timestamp", *sticks) == 3, "the others sign what follows"
    assert run(commune, "keys", "renew", "root", *sticks) == 3
    assert sorted(p.name for p in (commune / "publication/board/metadata").iterdir()) == before
    assert run(commune, "keys", "rotate", "online", *sticks) == 0
    assert run(commune, "publish") == 0 and safe(commune).version("root") == 2
    for role in ("lich", "snapshot", "timestamp"):
        assert (PrivateKey.load(commune / f"keys/{role}.pem").public,) == safe(commune).role(role).keys


def test_a_targets_rotation_cut_short_is_finished_by_renewing(commune: Path) -> None:
    repo, now = safe(commune), datetime.now(UTC)
    fresh = PrivateKey.generate()
    fresh.save(commune / "keys/targets-next.pem")
    repo._name_in_root({"targets": fresh}, now, [PrivateKey.load(Path(stick(commune, n)[1])) for n in (1, 2)])
    assert run(commune, "keys", "renew", "targets") == 0
    assert run(commune, "people", "sign") == 0 and run(commune, "publish") == 0
    root = Metadata[Root].from_bytes(repo.signed("root")).signed
    targets = Metadata.from_bytes(repo.signed("targets"))
    root.verify_delegate("targets", targets.signed_bytes, targets.signatures)


def test_a_rotation_cut_short_is_finished_by_the_next_publication(commune: Path) -> None:
    """Killed after the metadata named the new key, before its file took the old one's place."""
    repo, now = safe(commune), datetime.now(UTC)
    fresh = PrivateKey.generate()
    fresh.save(commune / "keys/timestamp-next.pem")
    roots = [PrivateKey.load(Path(stick(commune, n)[1])) for n in (1, 2)]
    repo._name_in_root({"timestamp": fresh}, now, roots)
    assert run(commune, "publish") == 0
    assert PrivateKey.load(commune / "keys/timestamp.pem").public == fresh.public
    timestamp = Metadata.from_bytes((repo.metadata / "timestamp.json").read_bytes())
    root = Metadata[Root].from_bytes(repo.signed("root")).signed
    root.verify_delegate("timestamp", timestamp.signed_bytes, timestamp.signatures)


def test_keys_list_tells_who_holds_what(commune: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(commune, "keys", "list", "--json") == 0
    root, targets, *online = json.loads(capsys.readouterr().out)
    assert [k["holder"] for k in root["keys"]] == ["Chủ tịch <Hà>", "Phó Chủ tịch An", "Phong bì"]
    assert not any(k["here"] for k in root["keys"]) and root["threshold"] == 2
    assert targets["keys"][0]["here"] and all(k["here"] for one in online for k in one["keys"])
    assert all(one["percent_left"] == 100 for one in (root, targets, *online))


# ── whose turn it is ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("left", "code", "mark"), [(0.35, 0, ""), (0.25, 0, "! "), (0.05, 1, "✗ ")])
def test_publish_says_whose_turn_it_is(
    office: Office, capsys: pytest.CaptureFixture[str], left: float, code: int, mark: str
) -> None:
    """At 30 % of the life of `targets` people are told; below 10 % all is published, and the exit code says so."""
    signed = datetime.now(UTC) - LIVES["targets"] * (1 - left)
    repo = safe(office.folder)
    repo.renew("root", datetime.now(UTC), [PrivateKey.load(office.folder / "keys/root.pem")])
    repo.renew("targets", signed, [PrivateKey.load(office.folder / "keys/targets.pem")])
    repo.refresh(datetime.now(UTC))
    repo._snapshot(datetime.now(UTC))
    assert run(office.folder, "publish") == code
    told = [line for line in capsys.readouterr().out.splitlines() if "role-ends" in line]
    assert [line[:2] for line in told] == ([mark] if mark else [])
    if code:
        assert run(office.folder, "keys", "renew", "targets") == 0
        assert run(office.folder, "publish") == 0


def test_a_persons_key_that_ends_is_told(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    path = office.folder / "people.toml"
    end = when(datetime.now(UTC) + timedelta(days=60))
    first = re.search(r'until = "([^"]+)"', path.read_text("utf-8"))
    assert first
    path.write_text(path.read_text("utf-8").replace(f'until = "{first[1]}"', f'until = "{end}"', 1), "utf-8")
    since = re.search(r'from = "([^"]+)"', path.read_text("utf-8"))
    assert since
    path.write_text(path.read_text("utf-8").replace(since[0], 'from = "2024-01-01T00:00:00Z"', 1), "utf-8")
    assert run(office.folder, "people", "sign") == 0
    assert run(office.folder, "publish") == 1
    assert "Người Biên Tập" in capsys.readouterr().out
    assert run(office.folder, "people", "rotate", "p1", "--no-passphrase") == 0
    assert run(office.folder, "publish") == 0


# ── secrets stay out of git ──────────────────────────────────────────────────────────────────────


def test_no_private_key_is_in_this_project() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    assert len(paths) > 100
    found = [p for p in paths if p.is_file() and (p.suffix == ".pem" or PRIVATE.search(p.read_bytes()))]
    assert not found


def git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@x.example", "GIT_COMMITTER_NAME": "A",
           "GIT_COMMITTER_EMAIL": "a@x.example"}  # fmt: skip
    return subprocess.run(["git", *words], cwd=folder, env=env, capture_output=True, text=True, timeout=60)


def test_a_communes_git_refuses_private_keys(tmp_path: Path) -> None:
    """`init` switches its hook on where the folder is a repository; `.gitignore` alone can be overruled."""
    folder = tmp_path / "xa"
    folder.mkdir()
    assert git(folder, "init", "-q").returncode == 0
    assert main(["init", str(folder), *COMMUNE, "--no-passphrase"]) == 0
    git(folder, "add", ".")
    assert "keys/" not in git(folder, "ls-files").stdout
    assert git(folder, "commit", "-qm", "xã").returncode == 0
    git(folder, "add", "-f", "keys/people/p1.pem")
    refused = git(folder, "commit", "-qm", "khóa")
    assert refused.returncode == 1 and "keys/people/p1.pem" in refused.stderr
    git(folder, "rm", "-q", "--cached", "keys/people/p1.pem")
    locked = folder / "content/anh.txt"
    PrivateKey.generate().save(locked, "mật khẩu dài")
    git(folder, "add", "-f", "content/anh.txt")
    assert git(folder, "commit", "-qm", "khóa").returncode == 1, "an encrypted one by another name too"
    git(folder, "rm", "-q", "--cached", "content/anh.txt")
    (folder / "content/tin.txt").write_text("chữ", "utf-8")
    git(folder, "add", "content/tin.txt")
    assert git(folder, "commit", "-qm", "tin").returncode == 0
