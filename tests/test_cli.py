"""The command line: exit codes, languages, JSON, and never a traceback."""

import json
import os
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
        timeout=90, env={**os.environ, "PYTHONIOENCODING": "utf-8"},
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
    sheet = folder / "state/duyet/index.html"
    html = sheet.read_text("utf-8")
    shown = [p.name for p in sheet.parent.glob("*.webp")]
    assert shown and all(f'src="{name}"' in html for name in shown)
    for name in shown:
        assert (sheet.parent / name).read_bytes() == (folder / "content/so-duyet/files" / name).read_bytes()
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


@pytest.mark.parametrize("kind", ["cat-dien", "tin", "thien-tai", "hop-thon"])
def test_new_makes_a_file_to_fill_in(office: Office, kind: str) -> None:
    made = bangtin("new", kind, "--name", "thu", "--dir", office.folder)
    assert made.returncode == 0
    missing = bangtin("check", "--dir", office.folder)
    assert missing.returncode == 1 and "[Summary]" in missing.stderr
    assert bangtin("new", kind, "--name", "thu", "--dir", office.folder).returncode == 1


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
