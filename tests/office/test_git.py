"""The git door: what a commit or push may bring, byte by byte, and how it reaches `content/`."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from signage import durable
from signage.cli import main
from signage.cli.publishing import WATCHING
from signage.errors import Problem, Refused, Unavailable, WrongUse
from signage.notice import read_file
from signage.office import commits, delivery, hooks, pushes
from signage.office.commits import Git
from signage.office.delivery import deliver

ROOT = Path(__file__).parent.parent.parent
RECIPES = ROOT / "docs/git"
Office = Any  # tests/conftest.py's


@dataclass
class Clone:
    """A repository that is the office's `content/`."""

    office: Any

    @property
    def folder(self) -> Path:
        found: Path = self.office.folder / "content"
        return found

    def git(self, *words: object) -> str:
        name = ("-c", "user.name=A", "-c", "user.email=a@x.example", "-c", "commit.gpgsign=false")
        line = ["git", *name, *map(str, words)]
        return subprocess.run(line, cwd=self.folder, check=True, capture_output=True).stdout.decode()

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD").strip()

    def laid(self, path: str, data: bytes, mode: str = "100644") -> str:
        """A commit with this one path more, made past the file system and git's own care."""
        env = {**os.environ, "GIT_INDEX_FILE": str(self.folder / ".git/laid")}
        blob = subprocess.run(["git", "hash-object", "-w", "--stdin"], cwd=self.folder, input=data, check=True,
                              capture_output=True).stdout.decode().strip()  # fmt: skip
        for line in (["read-tree", "HEAD"], ["update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}"]):
            subprocess.run(["git", *line], cwd=self.folder, env=env, check=True)
        tree = subprocess.run(["git", "write-tree"], cwd=self.folder, env=env, check=True, capture_output=True)
        return self.git("commit-tree", "-p", "HEAD", "-m", "x", tree.stdout.decode().strip()).strip()

    def problems(self, old: str | None, new: str) -> list[Problem]:
        return pushes.problems(Git(self.folder), self.office.settings, old, new)

    def errors(self, old: str | None, new: str) -> set[tuple[str, str]]:
        return {(p.code, p.file) for p in self.problems(old, new) if p.severity == "error"}


@pytest.fixture
def clone(office: Office, text: Callable[..., str]) -> Clone:
    """With one approved notice and its review book committed."""
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=office.folder / "content", check=True)
    hooks.guard_bytes(office.folder / "content")
    office.write("tin/a", text(attachments="so.csv"))
    (office.folder / "content/tin/so.csv").write_bytes(b"a,b\n1,2\n")
    office.both("tin/a")
    made = Clone(office)
    made.commit()
    return made


def test_what_is_good_passes(clone: Clone) -> None:
    assert not clone.errors(None, "HEAD"), "the whole archive, at the first push"
    assert not clone.problems("HEAD", "HEAD")


@pytest.mark.parametrize(
    ("path", "data", "mode", "code"),
    [
        ("tin/lien-ket", b"/etc/passwd", "120000", "git-link"),
        ("tin/Ảnh.jpg".replace("Ả", unicodedata.normalize("NFD", "Ả")), b"x", "100644", "git-name-nfd"),
        ("tin/SO.csv", b"x", "100644", "git-name-twice"),
        ("Tin/b.csv", b"x", "100644", "git-name-twice"),
        ("tin/khoa.txt", b"\n-----BEGIN OPENSSH %s KEY-----\n" % b"PRIVATE", "100644", "git-key"),
        ("tin/khoa.bin", b"\0\n-----BEGIN ENCRYPTED %s KEY-----\n" % b"PRIVATE", "100644", "git-key"),
        ("keys/lich", b"x", "100644", "git-key"),
        ("tin/p1.PEM", b"x", "100644", "git-key"),
        ("tin/a:b.txt", b"x", "100644", "git-path"),
        ("tin/a\\b.txt", b"x", "100644", "git-path"),
        ("tin/con.txt", b"x", "100644", "folder-name-reserved"),
        ("tin/AUX/b.txt", b"x", "100644", "folder-name-reserved"),
        ("tin/cuối .txt", b"x", "100644", "folder-name-end"),
        ("so-duyet/files/" + "0" * 64 + ".webp", b"x", "100644", "git-book-name"),
        ("so-duyet/records/a.json", b"{}", "100644", "git-book-name"),
        ("so-duyet/statements/" + "0" * 64 + ".json", b"{}", "100644", "git-book-name"),
        ("so-duyet/khac.txt", b"x", "100644", "git-book-name"),
        ("tin/TB 45.md", b"Title: x\n\nx\n", "100644", "file-name"),
    ],
)
def test_what_is_odd_is_refused_and_named(clone: Clone, path: str, data: bytes, mode: str, code: str) -> None:
    assert (code, path) in clone.errors("HEAD", clone.laid(path, data, mode))


def test_large_files_are_not_taken(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (commits, pushes):
        monkeypatch.setattr(module, "MAX_BLOB", 1000)
    assert ("git-large", "tin/lon.zip") in clone.errors("HEAD", clone.laid("tin/lon.zip", b"x" * 1001))


def test_an_old_fault_stops_nobody_else(clone: Clone, text: Callable[..., str]) -> None:
    """Only what a push changes is judged, with the notices whose picture or attachment it takes away."""
    clone.office.write("tin/hong", "Title: x\n\nx\n")
    broken = clone.commit()
    clone.office.write("tin/tot", text(title="Tốt"))
    good = clone.commit()
    assert not clone.errors(broken, good)
    (clone.folder / "tin/so.csv").rename(clone.folder / "tin/So.csv")  # in Explorer: git of Windows sees no rename
    told = {(p.code, p.file): p for p in clone.problems(good, clone.commit())}
    assert "So.csv" in told["file-spelt", "tin/a.md"].told(), "the name as it is spelt now"


def test_one_address_for_two_notices(clone: Clone, text: Callable[..., str]) -> None:
    before = clone.git("rev-parse", "HEAD").strip()
    clone.office.write("tin/khac/a", text(title="Trùng"))
    clone.office.write("tin/b", text(title="Riêng", slug="c"))
    clone.office.write("tin/c", text(title="Trùng với Slug"))
    assert clone.errors(before, clone.commit()) == {
        ("slug-twice", "tin/khac/a.md"), ("slug-twice", "tin/b.md"), ("slug-twice", "tin/c.md")
    }  # fmt: skip


def test_two_versions_in_one_file(clone: Clone, text: Callable[..., str]) -> None:
    words = text(body="Lời chung.\n<<<<<<< HEAD\nLời một.\n=======\nLời hai.\n>>>>>>> khac")
    path = clone.office.write("tin/x", words)
    _, found = read_file(path, clone.folder, clone.office.settings.places)
    (one,) = [p for p in found if p.severity == "error"]
    last = words[: words.index(">>>>>>>")].count("\n") + 1
    assert (one.code, one.line, one.values["last"]) == ("merge-conflict", last - 4, last)
    assert f"Dòng {last - 4} đến {last}" in one.told()


def test_line_ends_of_windows(clone: Clone, tmp_path: Path) -> None:
    """With `core.autocrlf`, as git is installed on Windows, what was signed and attached stays as it is."""
    subprocess.run(["git", "clone", "-q", "-c", "core.autocrlf=true", clone.folder, tmp_path / "w"], check=True)
    theirs = {
        p.relative_to(tmp_path / "w") for p in (tmp_path / "w").rglob("*") if p.is_file() and ".git" not in p.parts
    }
    changed = {p for p in theirs if (tmp_path / "w" / p).read_bytes() != (clone.folder / p).read_bytes()}
    assert Path("tin/so.csv") in theirs and changed == {Path("tin/a.md")}, "a notice's own text may"
    there = type(clone.office)(clone.office.folder)
    (there.folder / "content/tin/a.md").write_bytes((tmp_path / "w/tin/a.md").read_bytes().replace(b"\n", b"\r\n"))
    assert not there.desk.problems(there.desk.read(), there.desk.standings()), "still what was approved"


def test_without_the_guard_it_is_said(clone: Clone) -> None:
    (clone.folder / ".gitattributes").unlink()
    clone.office.write("tin/b", "x")
    assert "git-attributes" in {p.code for p in clone.problems("HEAD", clone.commit())}
    assert hooks.guard_bytes(clone.folder) and not hooks.guard_bytes(clone.folder)
    (clone.folder / ".gitattributes").write_text("*.jpg binary\n")
    assert hooks.guard_bytes(clone.folder)
    assert (clone.folder / ".gitattributes").read_text().splitlines() == ["*.jpg binary", *pushes.GUARDED]


# ── delivery ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def there(clone: Clone, make_office: Callable[[str], Office]) -> Office:
    """Another office to which the clone's commits are delivered."""
    office = make_office("kia")
    deliver(Git(clone.folder), office.settings, "main")
    return office


def test_delivery_brings_exactly_what_was_committed(clone: Clone, there: Office, text: Callable[..., str]) -> None:
    for path in clone.git("ls-files", "-z").split("\0")[:-1]:
        if not path.startswith("."):
            assert (there.folder / "content" / path).read_bytes() == (clone.folder / path).read_bytes(), path
    (clone.folder / "tin/so.csv").rename(clone.folder / "tin/So.csv")
    clone.office.write("tin/a", text(attachments="So.csv"))
    clone.commit()
    done = deliver(Git(clone.folder), there.settings, "main")
    assert (done.written, done.removed) == (2, 1)
    assert sorted(p.name for p in (there.folder / "content/tin").iterdir()) == ["So.csv", "a.md"]
    assert deliver(Git(clone.folder), there.settings, "main").written == 0


def test_what_the_office_changed_is_kept(clone: Clone, there: Office) -> None:
    mine = there.write("tin/a", "sửa tại máy văn phòng")
    own = there.write("tin/rieng", "chỉ có ở đây")
    (clone.folder / "tin/a.md").write_text("theo git")
    clone.commit()
    (problem,) = deliver(Git(clone.folder), there.settings, "main").problems
    assert problem.code == "git-kept-aside" and mine.read_text() == "theo git" and own.exists()
    assert (there.folder / problem.values["kept"]).read_text("utf-8") == "sửa tại máy văn phòng"


def test_a_file_where_a_folder_was_and_a_folder_where_a_file_was(clone: Clone, there: Office) -> None:
    """One such push must not stop every later one."""
    (clone.folder / "kho/cu").mkdir(parents=True)
    (clone.folder / "kho/cu/a.txt").write_text("a")
    clone.commit()
    deliver(Git(clone.folder), there.settings, "main")
    mine = there.folder / "content"
    (clone.folder / "kho/cu/a.txt").unlink()
    (clone.folder / "kho/cu").rmdir()
    (clone.folder / "kho").rmdir()
    (clone.folder / "kho").write_text("nay là tệp", "utf-8")
    clone.commit()
    assert not deliver(Git(clone.folder), there.settings, "main").problems
    assert (mine / "kho").read_text("utf-8") == "nay là tệp"

    (mine / "rieng").mkdir()
    (mine / "rieng/ghi.txt").write_text("của máy văn phòng", "utf-8")
    (mine / "moi").write_text("tệp của máy văn phòng", "utf-8")
    (clone.folder / "rieng").write_text("theo git", "utf-8")
    (clone.folder / "moi").mkdir()
    (clone.folder / "moi/b.txt").write_text("theo git", "utf-8")
    clone.commit()
    told = deliver(Git(clone.folder), there.settings, "main").problems
    assert [p.code for p in told] == ["git-kept-aside"] * 2
    kept = {p.file: there.folder / p.values["kept"] for p in told}
    assert (kept["rieng"] / "ghi.txt").exists() and kept["moi"].read_text("utf-8") == "tệp của máy văn phòng"
    assert (mine / "rieng").read_text("utf-8") == (mine / "moi/b.txt").read_text("utf-8") == "theo git"


def test_nothing_takes_the_books_own_name(clone: Clone, there: Office) -> None:
    book = there.folder / "content/so-duyet"
    clone.git("rm", "-rq", "so-duyet")
    clone.git("commit", "-qm", "x")
    new = clone.laid("so-duyet", b"x")
    assert ("git-book-name", "so-duyet") in clone.errors("HEAD", new)
    clone.git("update-ref", "refs/heads/main", new)
    deliver(Git(clone.folder), there.settings, "main")
    assert (book / "records").is_dir() and any((book / "records").iterdir())


def test_the_book_only_grows_whatever_git_says(clone: Clone, there: Office) -> None:
    """A host that rewrites history, or was taken over, takes no signature back."""
    book = there.folder / "content/so-duyet"
    before = {p: p.read_bytes() for p in book.rglob("*") if p.is_file()}
    record = next((clone.folder / "so-duyet/records").iterdir())
    other = next((clone.folder / "so-duyet/statements").iterdir())
    record.unlink()
    other.write_bytes(b"{}")
    clone.commit()
    done = deliver(Git(clone.folder), there.settings, "main")
    assert {p.code for p in done.problems} == {"git-book-changed"}
    assert {p: p.read_bytes() for p in book.rglob("*") if p.is_file()} == before


def test_nothing_is_written_outside_or_through_a_link(clone: Clone, there: Office) -> None:
    new = clone.laid("tin/ra-ngoai", b"/etc", "120000")
    clone.git("update-ref", "refs/heads/main", new)
    deliver(Git(clone.folder), there.settings, "main")
    assert not (there.folder / "content/tin/ra-ngoai").exists()
    assert (
        not pushes.safe("../x") and not pushes.safe("a/../x") and not pushes.safe("/x") and not pushes.safe("a/.GIT/x")
    )


def test_a_power_cut_in_the_middle(clone: Clone, there: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b", "c", "d"):
        clone.office.write(f"tin/{name}", "x")
    clone.commit()
    left, write = 2, delivery.durable.write

    def torn(path: Path, data: bytes, **options: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        write(path, data, **options)

    monkeypatch.setattr(delivery.durable, "write", torn)
    with pytest.raises(KeyboardInterrupt):
        deliver(Git(clone.folder), there.settings, "main")
    monkeypatch.undo()
    deliver(Git(clone.folder), there.settings, "main")
    assert all((there.folder / f"content/tin/{name}.md").exists() for name in "bcd")


def test_an_office_that_watches_publishes_by_itself(
    clone: Clone, there: Office, text: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    clone.office.write("tin/b", text(title="Mới"))
    clone.commit()
    words = ["git", "deliver", "--repository", str(clone.folder), "--dir", str(there.folder)]
    with durable.only_one(there.settings.state / WATCHING):  # as `publish --watch` holds it
        assert main(words) == 0
    told = capsys.readouterr().out
    assert "1 tệp mới hay đổi" in told and "Máy văn phòng đang tự phát hành" in told and "số" not in told
    assert (there.folder / "content/tin/b.md").exists()
    assert main(words) == 0
    assert "Đã phát hành số" in capsys.readouterr().out, "and where nobody watches, the push does"


# ── hooks and recipes ────────────────────────────────────────────────────────────────────────────


def test_hooks_of_others_are_left_alone(clone: Clone, tmp_path: Path) -> None:
    mine = clone.folder / ".git/hooks/pre-commit"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("#!/bin/sh\necho mine\n")
    git = Git.around(clone.folder)
    with pytest.raises(Refused, match="not ours"):
        hooks.install(git, hooks.WRITERS, clone.office.folder)
    assert "mine" in mine.read_text()
    mine.unlink()
    assert hooks.install(git, hooks.WRITERS, clone.office.folder) == [mine]
    assert hooks.install(git, hooks.WRITERS, clone.office.folder), "ours is written anew"
    assert os.access(mine, os.X_OK)
    with pytest.raises(WrongUse):
        hooks.prepare_server(git)
    with pytest.raises(Unavailable):
        Git.around(tmp_path)


def test_a_commune_as_one_repository(office: Office, text: Callable[..., str]) -> None:
    """`content/` below the top: the hook that `bangtin init` lays judges it there too."""
    (office.folder / ".gitignore").write_text("/keys/\n/publication/\n/state/\n")
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=office.folder, check=True)
    subprocess.run(["git", "config", "user.email", "a@x.example"], cwd=office.folder, check=True)
    subprocess.run(["git", "config", "user.name", "A"], cwd=office.folder, check=True)
    hooks.install(Git.around(office.folder / "content"), hooks.WRITERS, office.folder)
    office.write("tin/a", text(title=""))
    subprocess.run(["git", "add", "-A"], cwd=office.folder, check=True)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    line = ["git", "commit", "-qm", "x"]
    done = subprocess.run(line, cwd=office.folder, env=env, capture_output=True, text=True)
    assert done.returncode and "tin/a.md [Title]" in done.stderr, done.stderr
    office.write("tin/a", text())
    subprocess.run(["git", "add", "-A"], cwd=office.folder, check=True)
    subprocess.run(line, cwd=office.folder, env=env, check=True)


def steps(recipe: Path) -> list[tuple[dict[str, str], str]]:
    """What a recipe runs, in order, with the variables that it sets itself."""
    told = yaml.safe_load(recipe.read_text("utf-8"))
    if "jobs" in told:
        return [
            ({**told["env"], **step.get("env", {})}, step["run"])
            for job in told["jobs"].values() for step in job["steps"] if "run" in step
        ]  # fmt: skip
    jobs = [told[stage] for stage in told["stages"]]
    return [(told["variables"], line) for job in jobs for line in job["script"]]


@pytest.mark.parametrize("recipe", sorted(RECIPES.glob("*.yml")), ids=lambda p: p.stem)
def test_a_recipe_refuses_and_delivers(
    recipe: Path, clone: Clone, make_office: Callable[[str], Office], text: Callable[..., str], tmp_path: Path
) -> None:
    """The recipe's own lines in bash, with the variables that GitLab, GitHub and Gitea set."""
    office, program = make_office("kia"), tmp_path / "bin/bangtin"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m signage "$@"\n')
    program.chmod(0o755)
    lines = steps(recipe)
    assert {line for _, line in lines if "git check" in line} and {line for _, line in lines if "git deliver" in line}

    def run(old: str, new: str) -> list[int]:
        told = {"CI_COMMIT_BEFORE_SHA": old, "CI_COMMIT_SHA": new, "GITHUB_SHA": new}
        given = {"github.server_url": "file://", "github.repository": str(clone.folder / ".git").removesuffix(".git"),
                 "github.event.pull_request.base.sha || github.event.before": old, "github.token": "x"}  # fmt: skip
        codes, work = [], tmp_path / f"work-{new}"
        subprocess.run(["git", "clone", "-q", clone.folder, work], check=True)
        for variables, line in lines:
            filled = {k: _filled(v, given) for k, v in variables.items()}
            env = {
                **os.environ,
                **filled,
                **told,
                "XA": str(office.folder),
                "PATH": f"{program.parent}:{os.environ['PATH']}",
            }
            codes.append(subprocess.run(["bash", "-euc", line], cwd=work, env=env, capture_output=True).returncode)
            if codes[-1]:
                break
        return codes

    first = clone.git("rev-parse", "HEAD").strip()
    assert run("0" * 40, first)[-1] == 0
    assert (office.folder / "content/tin/a.md").exists()
    next((clone.folder / "so-duyet/records").iterdir()).unlink()
    assert run(first, clone.commit())[-1] == 1, "a signature is deleted: the check fails, nothing is delivered"


def _filled(value: str, given: dict[str, str]) -> str:
    for name, told in given.items():
        value = value.replace("${{ " + name + " }}", told)
    assert "${{" not in value, value
    return value
