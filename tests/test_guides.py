"""The guides are true: each command in them exists, and the officer's and approver's are run as written."""

import contextlib
import getpass
import importlib.util
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from signage.cli import main, parser
from signage.keys import PrivateKey
from signage.schedule import VIETNAM_TIME

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.glob("*.md")])
Office = Any  # tests/conftest.py's


def commands(page: Path) -> list[str]:
    """Every line of a shell block, and every inline code, that begins with `bangtin`."""
    text = page.read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("bangtin ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_command_in_a_document_exists(page: Path) -> None:
    for command in commands(page):
        told = io.StringIO()
        with contextlib.redirect_stderr(told):
            try:
                parser().parse_args(shlex.split(command)[1:])
            except SystemExit:
                pytest.fail(f"{page.name}: {command}\n{told.getvalue()}")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    words = re.sub(r"`[^`\n]*`", "", page.read_text("utf-8"))
    for target in re.findall(r"\]\((?!https?:)([^)#\s]+)[)#]", words):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_commands_page_is_what_the_program_says() -> None:
    spec = importlib.util.spec_from_file_location("commands_page", DOCS / "commands.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "lenh.md").read_text("utf-8") == module.page(), "run docs/commands.py"


def test_the_readme_is_short_and_its_targets_exist() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert readme.count("\n") < 100
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for document in (readme, (DOCS / "engineering.md").read_text("utf-8")):
        for target in re.findall(r"`?make ([a-z-]+)", document):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def run(
    command: str, office: Office, told: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)[1:]
    return subprocess.run(
        [sys.executable, "-m", "signage", *words],
        cwd=office.folder,
        env={**os.environ, **(env or {})},
        input=told,
        capture_output=True,
        text=True,
        timeout=90,
    )


def test_the_commands_of_officer_and_approver(office: Office) -> None:
    """docs/viet-thong-bao.md and docs/nguoi-duyet.md, command by command, in order.

    What they do on pages and in folders is followed in tests/journeys/test_guides_day.py.
    """
    year = f"{datetime.now(VIETNAM_TIME):%Y}"
    officer, approver = (
        [c.replace("/2026/", f"/{year}/") for c in commands(DOCS / name) if "--web" not in c]
        for name in ("viet-thong-bao.md", "nguoi-duyet.md")
    )
    for command in officer:
        done = run(command, office)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        if command.startswith("bangtin new"):
            path = office.folder / f"content/thong-bao/{year}/cat-dien-thon-3.md"
            blank = r"\[điền: (?:[^\]]*ví dụ )?([^\]]*)\]"  # its example, or the words that say what belongs there
            path.write_text(re.sub(blank, r"\1", path.read_text("utf-8")), "utf-8")
    for command in approver:
        done = run(command, office, told="duyệt\n")
        refused = "--all" in command  # nothing waits any more
        assert done.returncode == (3 if refused else 0), f"{command}\n{done.stdout}{done.stderr}"


def test_the_page_of_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """docs/nghi-thuc-khoa.md, command by command, in order, with passphrases and keys on sticks."""
    sticks, folder = tmp_path / "media", tmp_path / "xa-an-binh"
    monkeypatch.setattr(getpass, "getpass", lambda *_: "chim bồ câu trắng")  # a keyboard; test_keys.py has a real one

    def typed(command: str, where: Path) -> str:
        where.mkdir(exist_ok=True)
        monkeypatch.chdir(where)
        monkeypatch.setattr(sys, "stdin", io.StringIO("duyệt\n"))
        code, told = main(shlex.split(command)[1:]), capsys.readouterr()
        assert code == 0, f"{command}\n{told.out}{told.err}"
        return told.out

    init, *written = [c.replace("/media/", f"{sticks}/") for c in commands(DOCS / "nghi-thuc-khoa.md")]
    answers = ["--code=12345", "--name=xã An Bình", "--province=tỉnh Mẫu", "--phone=0299 000 0000", "--duty=Thắng",
               "--site=https://anbinh.example", "--author=Lan", "--approver=Nam", "--deputy=Hà"]  # fmt: skip
    holders = [w for n in (1, 2, 3) for w in ("--root-holder", f"Người {n}", "--keys-to", str(sticks / f"usb{n}"))]
    for number in (1, 2, 3, 4):
        (sticks / f"usb{number}").mkdir(parents=True)
    typed(f"{init} --root-keys 3 {shlex.join([*answers, *holders])}", tmp_path)
    typed("bangtin submit trang/lien-he khau-hieu/thuong-truc --as p1", folder)
    typed("bangtin approve --all --as p2", folder)
    public = ""
    for command in written:
        own = command.startswith("bangtin people key")
        other = PrivateKey.generate().public.public if "tinh" in command else public
        told = typed(re.sub(r"64-chữ-số\S*", other, command), tmp_path / "may-p8" if own else folder)
        if own:
            public = told.splitlines()[2].strip()
        if command.startswith("bangtin people countersign --as"):
            assert "Đã ký thay 2 thông báo" in told
    assert len(list(folder.glob("publication/board/metadata/*.root.json"))) == 5
    assert "not-submitted" in typed("bangtin check", folder), "what nobody submitted is all that is left"


def test_the_folders_door(office: Office, text: Callable[..., str]) -> None:
    """`bangtin publish --watch`: an approval that arrives in the folder is published, a change that is not is not."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    page = office.folder / "publication/tin/a.html"
    words = [sys.executable, "-m", "signage", "publish", "--watch"]
    with subprocess.Popen(words, cwd=office.folder, env=env, stdout=subprocess.PIPE, text=True) as watching:
        try:
            assert watching.stdout
            assert any("Đã phát hành" in line for line in watching.stdout), "the first one"
            office.write("tin/a", text(title="Đã duyệt"))
            office.both("tin/a")
            assert any(page.exists() for line in watching.stdout if "Đã phát hành" in line)
            before = page.read_bytes()
            office.write("tin/a", text(title="Chưa duyệt"))
            assert any("Đã phát hành" in line for line in watching.stdout), "it looked"
            assert page.read_bytes() == before
        finally:
            watching.terminate()
