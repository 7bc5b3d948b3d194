"""The command line: exit codes, languages, JSON, and never a traceback."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Office = Any  # tests/conftest.py's
Text = Callable[..., str]


def bangtin(*words: object, cwd: Path | None = None, told: str = "") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "signage", *map(str, words)], cwd=cwd, input=told, capture_output=True, text=True,
        timeout=90, start_new_session=True, env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_exit_codes(office: Office, text: Text) -> None:
    folder = office.folder
    office.write("tin/a", text())
    assert bangtin("check", "--dir", folder).returncode == 0
    assert bangtin("publish", "--dir", folder).returncode == 0
    office.write("tin/b", text(kind="cat-diem"))
    assert bangtin("check", "--dir", folder).returncode == 1
    assert bangtin("nothing").returncode == 2
    assert bangtin("submit", "--as", "p1", "--dir", folder).returncode == 2
    assert bangtin("approve", "tin/a", "--as", "p3", "--yes", "--dir", folder).returncode == 3
    assert bangtin("submit", "tin/a", "--as", "p3", "--dir", folder).returncode == 3
    assert bangtin("check", "--dir", folder / "none").returncode == 1


def test_languages_before_and_after_the_verb(office: Office, text: Text) -> None:
    office.write("tin/a", text(kind="cat-diem"))
    vietnamese = bangtin("check", "--dir", office.folder).stderr
    assert (
        "Kind" in vietnamese and "cat-dien" in vietnamese and "không nhận" in vietnamese and "choice-bad" in vietnamese
    )
    for words in (("--lang", "en", "check"), ("check", "--lang", "en")):
        assert "cannot be “cat-diem”" in bangtin(*words, "--dir", office.folder).stderr


def test_json_for_programs(office: Office, text: Text) -> None:
    office.write("tin/a", text(kind="cat-diem"))
    answer = json.loads(bangtin("check", "--json", "--dir", office.folder).stdout)
    (problem,) = [p for p in answer["problems"] if p["severity"] == "error"]
    assert not answer["ok"] and (problem["code"], problem["file"], problem["line"]) == ("choice-bad", "tin/a.md", 3)


def test_the_whole_desk_by_commands(office: Office, text: Text) -> None:
    folder = office.folder
    path = office.write("tin/a", text())
    assert "chờ người khác duyệt" in bangtin("submit", path, "--as", "p1", "--dir", folder).stdout
    assert "tin/a" in bangtin("approve", "--list", "--dir", folder).stdout
    refused = bangtin("approve", "tin/a", "--as", "p3", "--dir", folder, told="không\n")
    assert refused.returncode == 3
    done = bangtin("approve", "tin/a", "--as", "p3", "--dir", folder, told="duyệt\n")
    assert done.returncode == 0, done.stderr
    (sheet,) = (folder / "state/duyet").glob("*/tin/a.html")
    html = sheet.read_text("utf-8")
    shown = list(sheet.parents[1].glob("hinh/*.webp"))
    assert shown and all(f'src="../hinh/{slide.name}"' in html for slide in shown)
    for slide in shown:
        assert slide.read_bytes() == (folder / "content/so-duyet/files" / slide.name).read_bytes()
    assert "số" in bangtin("publish", "--dir", folder).stdout
    assert (folder / "publication/tin/a.html").exists()
    withdrawn = bangtin("withdraw", "tin/a", "--as", "p3", "--reason", "Sai", "--dir", folder)
    assert withdrawn.returncode == 0, withdrawn.stderr


def test_an_alert_is_raised_listed_and_cancelled(office: Office) -> None:
    folder = office.folder
    raised = bangtin("alert", "raise", "--as", "p5", "--dir", folder, "--title", "Lũ lên nhanh",
                     "--text", "Di dời ngay.", "--level", "4", "--source", "Đài KTTV", "--hours", "2",
                     "--name", "lu")  # fmt: skip
    assert raised.returncode == 0, raised.stderr
    listed = bangtin("alert", "list", "--dir", folder).stdout
    assert "Lũ lên nhanh" in listed and "cấp 4" in listed
    ident = listed.split("\t")[0]
    assert bangtin("alert", "cancel", ident, "--as", "p5", "--dir", folder).returncode == 0
    assert not bangtin("alert", "list", "--dir", folder).stdout


def test_an_alert_with_bad_words_leaves_nothing(office: Office) -> None:
    raised = bangtin("alert", "raise", "--as", "p5", "--dir", office.folder, "--title", "x" * 300, "--text", "Chạy.",
                     "--level", "4", "--source", "Đài", "--name", "lu")  # fmt: skip
    assert raised.returncode == 1 and "text-long" in raised.stderr
    assert not list((office.folder / "content").rglob("lu.md"))


@pytest.mark.parametrize("kind", ["cat-dien", "thien-tai"])
def test_new_makes_a_file_to_fill_in(office: Office, kind: str) -> None:
    made = bangtin("new", kind, "--name", "thu", "--dir", office.folder)
    assert made.returncode == 0
    missing = bangtin("check", "--dir", office.folder)
    assert missing.returncode == 1 and "[Summary]" in missing.stderr
    assert set(re.findall(r"\(([a-z-]+)\)$", missing.stderr, re.MULTILINE)) == {"blank-left"}
    path = next((office.folder / "content").rglob("thu.md"))
    refused = bangtin("submit", path, "--as", "p1", "--dir", office.folder)
    assert refused.returncode == 1 and "blank-left" in refused.stderr
    assert bangtin("new", kind, "--name", "thu", "--dir", office.folder).returncode == 1


def test_check_and_submit_remind_and_forbid_nothing(office: Office, text: Text) -> None:
    folder, phone = office.folder, "0983 123 456"
    office.write("tin/a", text(body=f"Gọi {phone}."))
    answer = json.loads(bangtin("check", "--json", "--dir", folder).stdout)
    (hint,) = [p for p in answer["problems"] if p["code"].startswith("hint-")]
    assert answer["ok"] and (hint["code"], hint["severity"], hint["file"]) == ("hint-phone", "warning", "tin/a.md")
    assert phone in (folder / "content/tin/a.md").read_text("utf-8").split("\n")[hint["line"] - 1]
    submitted = bangtin("submit", "tin/a", "--as", "p1", "--dir", folder)
    assert submitted.returncode == 0 and "(hint-phone)" in submitted.stdout
    assert "hint-phone" not in bangtin("check", "--dir", folder).stdout  # it is the approver's now
    settings = folder / "bangtin.toml"
    settings.write_text(settings.read_text("utf-8").replace("[commune]", f'[commune]\nphones = ["{phone}"]'), "utf-8")
    office.write("tin/b", text(body=f"Xin gọi {phone}."))
    assert "hint-phone" not in bangtin("check", "--dir", folder).stdout
    settings.write_text(settings.read_text("utf-8").replace(phone, "gọi anh A"), "utf-8")
    assert "commune.phones" in bangtin("check", "--dir", folder).stderr


def test_people_count_only_when_signed(office: Office, text: Text) -> None:
    path = office.folder / "people.toml"
    path.write_text(path.read_text("utf-8").replace("Người Duyệt", "Người Duyệt Mới").replace(
        'roles = ["approver"]', 'roles = ["approver", "duty"]'), "utf-8")  # fmt: skip
    assert "people-unsigned" in bangtin("check", "--dir", office.folder).stdout
    assert bangtin("people", "sign", "--dir", office.folder).returncode == 0
    assert "people-unsigned" not in bangtin("check", "--dir", office.folder).stdout


def test_init_never_over_a_commune(office: Office) -> None:
    again = bangtin("init", office.folder, "--sample", "--no-passphrase")
    assert again.returncode == 3 and "folder-taken" in again.stderr


def test_keys_of_people_are_locked_by_their_passphrases(tmp_path: Path) -> None:
    """`init` asks each person twice; a short or differing answer is asked again; nothing is readable without."""
    answers = {"code": "12345", "name": "xã An Bình", "province": "tỉnh Mẫu", "phone": "0299 000 0000",
               "site": "https://anbinh.example", "author": "A", "approver": "B", "duty": "C"}  # fmt: skip
    words = [w for name, value in answers.items() for w in (f"--{name}", value)]
    typed = ["ngắn", "mật khẩu gốc", "khác hẳn nhau", *["mật khẩu gốc"] * 2]
    typed += [
        secret
        for who in ("danh sách người", "tác giả", "người duyệt", "trực ban")
        for secret in [f"mật khẩu {who}"] * 2
    ]
    made = bangtin("init", tmp_path / "xa", *words, told="\n".join(typed) + "\n")
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "xa"
    for key in ("root", "targets", "people/p1", "people/p2", "people/p3"):
        assert b"ENCRYPTED" in (folder / f"keys/{key}.pem").read_bytes()
    for path in (folder / "keys").rglob("*.pem"):
        assert path.stat().st_mode & 0o777 == 0o600
    secret = tmp_path / "secret"
    for text, code in (("sai mật khẩu", 3), ("mật khẩu tác giả", 0)):
        secret.write_text(text + "\n", "utf-8")
        done = bangtin("submit", "--all", "--as", "p1", "--passphrase-file", secret, "--dir", folder)
        assert done.returncode == code, done.stderr
        assert text not in done.stdout + done.stderr
    assert bangtin("people", "sign", "--passphrase-file", secret, "--dir", folder).returncode == 3


def test_an_author_may_not_approve_even_by_init(tmp_path: Path) -> None:
    words = ["--code", "12345", "--name", "xã A", "--province", "B", "--phone", "1", "--site", "https://a.example",
             "--author", "Nguyễn A", "--approver", "nguyễn a", "--duty", "C"]  # fmt: skip
    assert bangtin("init", tmp_path / "xa", *words).returncode == 2
    assert not (tmp_path / "xa").exists()


def test_preview_shows_a_draft_and_a_board(office: Office, text: Text) -> None:
    office.write("tin/a", text(title="Bản nháp", body="| Thôn | Giờ |\n|---|---|\n| 3 | 07:30 |"))
    assert bangtin("preview", "tin/a", "--dir", office.folder).returncode == 0
    folder = office.folder / "state/xem-truoc"
    (page,) = (path.read_text("utf-8") for path in folder.glob("*/tin/a.html"))
    assert '<section class="bang"' in page, "the very HTML of the website's page"
    assert "Bản nháp" in page and len(list(folder.glob("*/hinh/*.webp"))) >= 2
    office.publish()
    seen = bangtin("preview", "--board", "cong-xa", "--at", "2026-11-22 09:00", "--dir", office.folder)
    assert seen.returncode == 0, seen.stderr
    assert (folder / "cong-xa.png").stat().st_size > 1000
    assert bangtin("preview", "--board", "none", "--dir", office.folder).returncode == 1


def test_an_office_without_the_hub_s_libraries_does_its_work(tmp_path: Path) -> None:
    blocked = "sqlalchemy alembic argon2 starlette uvicorn"
    code = f"""
import sys
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked.split()!r}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Gone())
from signage.cli import main
assert main(["duties", "--dir", {str(tmp_path)!r}]) in (0, 1)
sys.exit(main(["hub", "account", "list", "--dir", {str(tmp_path)!r}]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and 'pip install "bangtin[hub]"' in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
