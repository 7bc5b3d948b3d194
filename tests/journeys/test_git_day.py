"""A day at the git door: pushes to a bare repository at the office, what they publish, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from signage.office.serving import Server

ROOT = Path(__file__).parent.parent.parent
BANGTIN = (sys.executable, "-m", "signage")
Office = Any  # tests/conftest.py's


def ran(*words: object, cwd: Path, good: bool | None = True, **env: str) -> str:
    """What a command says; `good` None: it may fail."""
    line = list(map(str, words))
    usual = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "HOME": str(cwd), "LC_ALL": "C"}  # as over ssh
    done = subprocess.run(line, cwd=cwd, env={**usual, **env}, capture_output=True, timeout=120, check=False)
    told = (done.stdout + done.stderr).decode()
    assert good is None or (done.returncode == 0) == good, f"{line}: {told}"
    return told


@dataclass
class Machine:
    """A person's machine: a clone of the repository as `content/`, and that person's name in git."""

    office: Any
    person: str

    @property
    def clone(self) -> Path:
        folder: Path = self.office.folder / "content"
        return folder

    def git(self, *words: object, good: bool | None = True) -> str:
        return ran("git", *words, cwd=self.clone, good=good)

    def bangtin(self, *words: object, good: bool | None = True) -> str:
        return ran(*BANGTIN, *words, cwd=self.office.folder, good=good)

    def commit(self, *options: str, good: bool = True) -> str:
        self.git("add", "-A")
        return self.git("commit", "-qm", "việc hôm nay", *options, good=good)

    def push(self, *options: str, good: bool = True) -> str:
        return self.git("push", "-q", *options, "origin", "HEAD:main", good=good)

    def refused(self) -> str:
        """Commit past the machine's own check, and push: what the office answers; then all is as before."""
        before = self.git("rev-parse", "origin/main").strip()
        self.commit("--no-verify")
        told = self.push(good=False)
        assert "remote rejected" in told
        self.git("reset", "-q", "--hard", before)
        return told


@pytest.fixture
def commune(make_office: Callable[[str], Office], tmp_path: Path) -> tuple[Office, Machine, Machine]:
    """The office with its bare repository, the author's machine and the approver's."""
    office, bare = make_office("xa"), tmp_path / "xa.git"
    people = office.folder / "people.toml"
    for person in ("p1", "p3"):
        id_line = f'id = "{person}"'
        people.write_text(
            people.read_text("utf-8").replace(id_line, f'{id_line}\nemail = "{person}@x.example"'), "utf-8"
        )
    ran("git", "init", "-q", "--bare", "-b", "main", bare, cwd=tmp_path)
    ran(*BANGTIN, "git", "install", "--server", bare, cwd=office.folder)
    machines = []
    for person in ("p1", "p3"):
        folder = tmp_path / f"may-{person}"
        folder.mkdir()
        for name in ("bangtin.toml", "people.toml"):
            (folder / name).write_bytes((office.folder / name).read_bytes())
        for name in ("publication", "keys"):
            (folder / name).symlink_to(office.folder / name)
        ran("git", "clone", "-q", bare, "content", cwd=folder)
        machine = Machine(type(office)(folder), person)
        for key, value in (("user.name", person), ("user.email", f"{person}@x.example")):
            machine.git("config", key, value)
        assert "pre-commit" in machine.bangtin("git", "install")
        if not machines:  # the first push: .gitattributes, which `install` has written
            machine.commit()
            machine.push()
        machines.append(machine)
    author, approver = machines
    return office, author, approver


def test_a_git_day(commune: tuple[Office, Machine, Machine], text: Callable[..., str]) -> None:
    office, author, approver = commune
    server = Server(office.folder / "publication").start()
    page = f"{server.address}/tin/a.html"
    try:
        author.office.write("tin/a", text(title="Cắt điện", attachments="Kế hoạch.txt"))
        (author.clone / "tin/Kế hoạch.txt").write_text("Thôn 3: 07:00\n", "utf-8")
        author.bangtin("submit", "tin/a", "--as", "p1")
        author.commit()
        told = author.push()
        assert "Người viết: Người Biên Tập (p1), 1 commit." in told and "waits-for-approval" in told, told
        assert requests.get(page, timeout=5).status_code == 404, "nothing unapproved"

        approver.git("pull", "-q", "--rebase", "origin", "main")
        approver.bangtin("approve", "tin/a", "--as", "p3", "--yes")
        approver.commit()
        told = approver.push()
        assert "Người viết: Người Duyệt (p3), 1 commit." in told and "Đã phát hành số" in told, told
        assert "Cắt điện" in requests.get(page, timeout=5).text
        assert (office.folder / "content/tin/Kế hoạch.txt").read_bytes() == "Thôn 3: 07:00\n".encode()

        shown = requests.get(page, timeout=5).content
        for refuse in (signature_deleted, broken_notice, key_in_the_past, two_versions, history_rewritten):
            author.git("pull", "-q", "--rebase", "origin", "main")
            refuse(author, text)
            assert requests.get(page, timeout=5).content == shown, refuse
        assert not (office.folder / "content/tin/b.md").exists(), "only main reaches the office"
    finally:
        server.stop()


def signature_deleted(author: Machine, text: Callable[..., str]) -> None:
    for record in (author.clone / "so-duyet/records").glob("*.approve.*"):
        record.unlink()
    told = author.refused()
    assert "Sổ duyệt chỉ được thêm" in told and "bangtin withdraw" in told, (
        "a signature is not taken back by deleting it"
    )


def broken_notice(author: Machine, text: Callable[..., str]) -> None:
    author.office.write("tin/b", text(title="", attachments="so.pdf"))
    author.git("add", "-A")
    first = author.git("commit", "-qm", "hỏng", good=False)
    assert "tin/b.md" in first and "so.pdf" in first, "the author's own machine says so before"
    author.commit("--no-verify")
    author.git("push", "-q", "origin", "HEAD:nhap")  # another branch takes half-done work
    author.git("reset", "-q", "--soft", "HEAD~1")
    told = author.refused()
    assert "tin/b.md [Title]" in told and "“so.pdf”" in told, "all that is wrong, at once"


def key_in_the_past(author: Machine, text: Callable[..., str]) -> None:
    secret = author.clone / "tin/ghi-chu.txt"
    secret.write_bytes((author.office.folder / "keys/people/p1.pem").read_bytes())
    author.git("add", "-A")
    assert "khóa riêng" in author.git("commit", "-qm", "khóa", good=False)
    before = author.git("rev-parse", "HEAD").strip()
    author.commit("--no-verify")
    secret.unlink()
    author.commit()
    told = author.push(good=False)
    assert "tin/ghi-chu.txt: Đây là khóa riêng" in told and "coi như đã lộ" in told, "deleted by a later commit"
    assert "khóa riêng" in author.git("push", "-q", "origin", "HEAD:refs/heads/khac", good=False), "on no branch"
    author.git("reset", "-q", "--hard", before)


def two_versions(author: Machine, text: Callable[..., str]) -> None:
    main = author.git("rev-parse", "HEAD").strip()
    for branch, title in (("mot", "Cắt điện sáng"), ("hai", "Cắt điện chiều")):
        author.git("checkout", "-q", "-b", branch, main)
        author.office.write("tin/a", text(title=title, attachments="Kế hoạch.txt"))
        author.commit()
    assert "CONFLICT" in author.git("merge", "mot", good=False)
    author.git("add", "-A")  # with git's marks in it
    told = author.refused()
    assert "tin/a.md:1: Dòng 1 đến 5 là chỗ git ghép" in told and "field-twice" not in told, told
    author.git("checkout", "-q", "-B", "main", main)


def history_rewritten(author: Machine, text: Callable[..., str]) -> None:
    before = author.git("rev-parse", "HEAD").strip()
    author.git("reset", "-q", "--hard", "HEAD~1")
    author.office.write("tin/c", text(title="Khác"))
    author.commit()
    assert "viết lại lịch sử" in author.push("-f", good=False)
    assert "không xóa được" in author.git("push", "-q", "origin", ":main", good=False)
    author.git("reset", "-q", "--hard", before)
