"""People who come, leave, lose a key: what it does to people.toml, to what is on show, and on a real board."""

import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signage.board import identity
from signage.cli import main
from signage.errors import Refused
from signage.keys import PrivateKey
from signage.office import starter
from signage.office.peoplefile import PeopleFile
from signage.office.publish import publish, repository, signed_people
from signage.schedule import VIETNAM_TIME
from signage.settings import load
from tests.board.conftest import Kiosk, Wire

Office = Any  # tests/conftest.py's
Text = Callable[..., str]
LED = "cong-xa"


def run(office: Office, *words: object) -> int:
    return main([*map(str, words), "--dir", str(office.folder)])


def local(moment: datetime, form: str = "%Y-%m-%d %H:%M") -> str:
    return format(moment.astimezone(VIETNAM_TIME), form)


@pytest.fixture
def board(office: Office, tmp_path: Path) -> Iterator[Kiosk]:
    """A board of this commune that fetches over HTTP."""
    wire = Wire(office.folder / "publication")
    root = repository(office.settings).root_bytes()
    yield Kiosk(identity.enroll(tmp_path / "bang", board=LED, url=wire.url, root=root))
    wire.stop()


def shown(office: Office, text: Text, *ids: str, days: int = 20) -> None:
    """These notices, approved yesterday by p3, on show for some days."""
    now = datetime.now(UTC)
    for ident in ids:
        words = text(
            title=f"Tin {ident}",
            boards=f"board:{LED}",
            start=local(now - timedelta(days=2)),
            end=local(now + timedelta(days=days)),
        )
        office.write(ident, words)
    office.both(*ids, now=now - timedelta(days=1))


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def test_what_people_wrote_in_the_file_stays(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    path = office.folder / "people.toml"
    with_notes = path.read_text("utf-8").replace('"Người Duyệt"', '"Người Duyệt"   # Phó Chủ tịch')
    path.write_text(with_notes.replace('id = "p5"', '# trực từ 2026\nid = "p5"'), "utf-8")
    assert run(office, "people", "add", "p8", "--name", "Tên “mới”", "--role", "approver", "--no-passphrase") == 0
    assert run(office, "people", "rotate", "p3", "--no-passphrase") == 0
    assert run(office, "people", "revoke", "p5", "--left", "2026-11-20") == 0
    assert "Không còn ai có khóa để trực ban" in capsys.readouterr().out
    assert run(office, "people", "revoke", "p1", "--stolen", "2026-11-20 08:00") == 0
    written = path.read_text("utf-8")
    assert "# Phó Chủ tịch" in written and "# trực từ 2026" in written
    people = {p["id"]: p for p in tomllib.loads(written)["person"]}
    assert [len(people[p].get("key", [])) for p in ("p1", "p3", "p8")] == [1, 2, 1]
    assert people["p5"]["key"][0]["until"] == "2026-11-20T17:00:00Z", "the whole day, in Vietnam"
    assert people["p1"]["void_from"] == "2026-11-20T01:00:00Z"
    assert repository(office.settings).current("people.json") == office.settings.people.to_bytes()


def test_a_file_in_another_form_is_written_anew(office: Office) -> None:
    path = office.folder / "people.toml"
    persons = tomllib.loads(path.read_text("utf-8"))["person"]
    inline = ", ".join(
        "{" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in p.items() if k != "key") + "}" for p in persons
    )
    path.write_text(f"v = 1\n# ghi chú\nperson = [{inline}]\n", "utf-8")
    people = PeopleFile(office.folder)
    people.void("p3", "2026-11-20T00:00:00Z")
    people.write()
    assert "không giữ được" in path.read_text("utf-8").splitlines()[2]
    assert load(office.folder).people.get("p3").void_from  # type: ignore[union-attr]


def test_a_bad_change_leaves_the_file_as_it_was(office: Office) -> None:
    before = (office.folder / "people.toml").read_bytes()
    shared = load(office.folder).people.people[0].keys[0].key.public
    add = ("people", "add", "p8", "--name", "A", "--role", "author")
    assert run(office, *add, "--public", shared) == 1, "another person's key"
    assert run(office, *add, "--public", "12") == 2
    assert run(office, *add, "--public", shared, "--until", "hôm nay") == 1
    assert run(office, "people", "add", "../p8", "--name", "A", "--role", "author", "--no-passphrase") == 1
    assert run(office, "people", "add", "p3", "--name", "A", "--role", "author", "--no-passphrase") == 3
    assert run(office, "people", "revoke", "p9", "--left") == 3
    assert (office.folder / "people.toml").read_bytes() == before


def test_what_somebody_wrote_into_the_file_is_not_signed_along(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the shared folder or git an officer's machine reaches people.toml; the targets key comes out seldom."""
    path, thief = office.folder / "people.toml", PrivateKey.generate().public
    key = f'[[person.key]]\npublic = "{thief.public}"\nfrom = "2026-01-01T00:00:00Z"\n'
    wrong = '\n[[person]]\nid = "p9"\nname = "Ai đó"\nroles = ["approver"]\n' + key
    path.write_text(path.read_text("utf-8") + wrong, "utf-8")
    before = path.read_bytes()
    for change in (("add", "p8", "--name", "A", "--role", "author", "--no-passphrase"),
                   ("rotate", "p3", "--no-passphrase"), ("revoke", "p3", "--left")):  # fmt: skip
        assert run(office, "people", *change) == 3
        assert "people sign" in capsys.readouterr().err
    assert path.read_bytes() == before and signed_people(office.settings).get("p9") is None
    assert run(office, "people", "sign") == 0, "whoever signs the file as it is reads what is new in it"
    told = capsys.readouterr().out
    assert "p9" in told and thief.fingerprint in told and "p3" not in told


def test_a_key_made_on_ones_own_machine(
    office: Office, text: Text, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The private half never leaves it; the public half is read aloud and counts once it is signed."""
    own = tmp_path / "may-p8"
    secret = tmp_path / "secret"
    secret.write_text("chim bồ câu\n", "utf-8")
    assert main(["people", "key", "p8", "--dir", str(own), "--new-passphrase-file", str(secret)]) == 0
    public = capsys.readouterr().out.splitlines()[2].strip()
    key = own / "keys/people/p8.pem"
    assert PrivateKey.load(key, "chim bồ câu").public.public == public and key.stat().st_mode & 0o777 == 0o600
    grouped = " ".join(public[i : i + 4] for i in range(0, 64, 4)).upper()
    assert run(office, "people", "add", "p8", "--name", "Mới", "--role", "approver", "--public", grouped) == 0
    office.write("tin/a", text())
    office.submit("tin/a", now=datetime.now(UTC))
    approve = ("approve", "tin/a", "--as", "p8", "--yes", "--key", key, "--passphrase-file", secret)
    assert run(office, *approve) == 0
    assert not (office.folder / "keys/people/p8.pem").exists()
    assert main(["people", "key", "p8", "--dir", str(own), "--no-passphrase"]) == 3, "never over a key"
    assert main(["people", "key", "p8", "--dir", str(own), "--again", "--no-passphrase"]) == 0
    assert PrivateKey.load(own / "keys/people/p8-cu.pem", "chim bồ câu").public.public == public


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────


def test_who_leaves_keeps_what_they_signed(office: Office, text: Text, board: Kiosk) -> None:
    shown(office, text, "tin/a")
    assert run(office, "people", "revoke", "p3", "--left") == 0
    publish(office.settings, datetime.now(UTC))
    assert board.sync().error is None and board.shown() == {"Tin tin/a"}
    office.write("tin/b", text(title="Sau"))
    office.submit("tin/b", now=datetime.now(UTC))
    with pytest.raises(Refused, match="may-not-sign"):
        office.approve("tin/b", now=datetime.now(UTC) + timedelta(seconds=2))


def test_a_new_key_of_the_same_person(office: Office, text: Text, board: Kiosk) -> None:
    shown(office, text, "tin/a")
    old = PrivateKey.load(starter.person_key(office.folder, "p3"))
    assert run(office, "people", "rotate", "p3", "--no-passphrase") == 0
    assert PrivateKey.load(starter.person_key(office.folder, "p3")).public != old.public
    shown_later = datetime.now(UTC) + timedelta(seconds=1)
    office.write("tin/b", text(title="Tin tin/b", end=local(shown_later + timedelta(days=9))))
    office.both("tin/b", now=shown_later)
    publish(office.settings, shown_later)
    assert board.sync().error is None and board.shown() == {"Tin tin/a", "Tin tin/b"}


# ── stolen ───────────────────────────────────────────────────────────────────────────────────────


def test_stolen_then_countersigned_in_one_batch(
    office: Office, text: Text, board: Kiosk, capsys: pytest.CaptureFixture[str]
) -> None:
    """An approver's key is stolen: what leans on it falls, a deputy signs the same files, and it is back."""
    shown(office, text, "tin/a", "tin/b")
    publish(office.settings, datetime.now(UTC))
    assert board.sync().error is None and board.shown() == {"Tin tin/a", "Tin tin/b"}
    statements = sorted(p.name for p in (office.folder / "content/so-duyet/statements").iterdir())
    assert run(office, "people", "add", "p4", "--name", "Chủ tịch", "--role", "approver", "--no-passphrase") == 0
    capsys.readouterr()
    week_ago = local(datetime.now(UTC) - timedelta(days=7), "%Y-%m-%d")
    assert run(office, "people", "revoke", "p3", "--stolen", week_ago) == 0
    told = capsys.readouterr().out
    assert "tin/a" in told and "tin/b" in told and "đã mất phê duyệt" in told
    assert "bangtin people countersign --as" in told
    publish(office.settings, datetime.now(UTC))
    assert board.sync().error is None and board.shown() == set()
    assert not (office.folder / "publication/tin/a.html").exists()
    assert run(office, "people", "countersign", "--as", "p3", "--yes") == 3, "not with the stolen key"
    assert run(office, "people", "countersign", "--as", "p2", "--list") == 0
    assert run(office, "people", "countersign", "--as", "p4", "--yes") == 0
    publish(office.settings, datetime.now(UTC) + timedelta(seconds=1))
    assert board.sync().error is None and board.shown() == {"Tin tin/a", "Tin tin/b"}
    assert sorted(p.name for p in (office.folder / "content/so-duyet/statements").iterdir()) == statements
    assert (office.folder / "publication/tin/a.html").exists()
    assert run(office, "people", "countersign", "--as", "p4", "--yes") == 3, "nothing is left to sign"


def test_what_was_signed_before_the_theft_is_countersigned_for_boards_that_were_away(
    office: Office, text: Text, board: Kiosk, capsys: pytest.CaptureFixture[str]
) -> None:
    """A board that had not seen the record before takes nothing of a stolen key, whatever its date says."""
    shown(office, text, "tin/a")
    publish(office.settings, datetime.now(UTC) - timedelta(hours=2))
    assert run(office, "people", "add", "p4", "--name", "Chủ tịch", "--role", "approver", "--no-passphrase") == 0
    assert run(office, "people", "revoke", "p3", "--stolen", local(datetime.now(UTC) - timedelta(hours=1))) == 0
    assert "chỉ còn trên bảng đã kiểm tra trước" in capsys.readouterr().out
    publish(office.settings, datetime.now(UTC))
    assert board.sync().error is None and board.shown() == set()
    assert list(board.why().values()) == ["no-approver"]
    assert run(office, "people", "countersign", "--as", "p4", "--yes") == 0
    publish(office.settings, datetime.now(UTC) + timedelta(seconds=1))
    assert board.sync().error is None and board.shown() == {"Tin tin/a"}


def test_author_and_approver_both_stolen_need_two_others(
    office: Office, text: Text, board: Kiosk, capsys: pytest.CaptureFixture[str]
) -> None:
    shown(office, text, "tin/a")
    for person, role in (("p6", "author"), ("p7", "approver")):
        assert run(office, "people", "add", person, "--name", person, "--role", role, "--no-passphrase") == 0
    for person in ("p1", "p3"):
        assert run(office, "people", "revoke", person, "--stolen", "2020-01-01") == 0
    capsys.readouterr()
    assert run(office, "people", "countersign", "--as", "p6", "--yes") == 0
    assert "còn cần một người khác ký" in capsys.readouterr().out
    publish(office.settings, datetime.now(UTC))
    board.sync()
    assert board.shown() == set(), "one person is never enough"
    assert run(office, "people", "countersign", "--as", "p7", "--yes") == 0
    publish(office.settings, datetime.now(UTC) + timedelta(seconds=1))
    board.sync()
    assert board.shown() == {"Tin tin/a"}


def test_an_author_does_not_countersign_their_own_notice_as_approver(
    office: Office, text: Text, capsys: pytest.CaptureFixture[str]
) -> None:
    """p2 may do both, but never both for one notice: it goes on asking for somebody else."""
    shown(office, text, "tin/a")
    office.write("tin/b", text(title="Tin tin/b", end=local(datetime.now(UTC) + timedelta(days=9))))
    office.submit("tin/b", person="p2", now=datetime.now(UTC) - timedelta(days=1))
    office.approve("tin/b", now=datetime.now(UTC) - timedelta(days=1))
    assert run(office, "people", "revoke", "p3", "--stolen", "2020-01-01") == 0
    assert run(office, "people", "countersign", "--as", "p2", "--yes") == 0
    assert run(office, "people", "countersign", "--as", "p2", "--yes") == 3
    capsys.readouterr()
    assert run(office, "people", "countersign", "--list") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("tin/b\t") and line.endswith("cần: người duyệt")


def test_what_ended_or_was_withdrawn_is_not_asked_for(
    office: Office, text: Text, capsys: pytest.CaptureFixture[str]
) -> None:
    shown(office, text, "tin/a", "tin/b")
    shown(office, text, "tin/c", days=-1)
    assert run(office, "withdraw", "tin/b", "--as", "p1", "--reason", "Sai") == 0
    assert run(office, "people", "revoke", "p3", "--stolen", "2020-01-01") == 0
    capsys.readouterr()
    assert run(office, "people", "countersign", "--list") == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == ["tin/a"]


# ── a wider hand ─────────────────────────────────────────────────────────────────────────────────


def test_a_provinces_duty_person_raises_alarms_and_nothing_else(
    office: Office, text: Text, board: Kiosk, capsys: pytest.CaptureFixture[str]
) -> None:
    """Limited by class and until a date, and revocable; the boards hold to it themselves."""
    end = local(datetime.now(UTC) + timedelta(days=30), "%Y-%m-%d")
    limits = ("--class", "khan-cap", "--until", end, "--no-passphrase")
    assert run(office, "people", "add", "tinh-truc", "--name", "Sở", "--role", "duty", *limits) == 0
    assert run(office, "people", "add", "tinh-soan", "--name", "Sở", "--role", "author", *limits) == 0
    assert run(office, "people", "rotate", "tinh-truc", "--no-passphrase") == 0
    _, second = load(office.folder).people.get("tinh-truc").keys  # type: ignore[union-attr]
    assert local(second.until, "%Y-%m-%d %H:%M") > end and second.until < datetime.now(UTC) + timedelta(days=32)
    office.write("tin/a", text())
    capsys.readouterr()
    assert run(office, "submit", "tin/a", "--as", "tinh-soan") == 3
    assert "class-not-theirs" in capsys.readouterr().err
    alarm = ("alert", "raise", "--as", "tinh-truc", "--level", "3", "--source", "Đài KTTV", "--hours", "2",
             "--title", "Lũ lên", "--text", "Di dời ngay.")  # fmt: skip
    assert run(office, "people", "add", "truc-khac", "--name", "Khác", "--role", "duty", "--class", "uu-tien",
               "--no-passphrase") == 0  # fmt: skip
    assert run(office, *(word if word != "tinh-truc" else "truc-khac" for word in alarm)) == 3
    assert not list((office.folder / "content").rglob("khan-cap-*.md")), "a refused alarm leaves no file"
    assert run(office, *alarm) == 0
    assert board.sync().error is None and board.shown() == {"Lũ lên"}
    assert run(office, "people", "revoke", "tinh-truc", "--stolen", "2020-01-01") == 0
    assert run(office, "publish") == 0
    assert board.sync().error is None and board.shown() == set()


def test_a_provinces_pair_shows_its_clips_until_its_day(
    office: Office, text: Text, board: Kiosk, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two persons of the province under the same rule: one writes, another approves, one class, until a date."""
    now = datetime.now(UTC)
    end = local(now + timedelta(days=30), "%Y-%m-%d")
    for person, role in (("tinh-soan", "author"), ("tinh-duyet", "approver")):
        assert run(office, "people", "add", person, "--name", person, "--role", role, "--class", "uu-tien",
                   "--until", end, "--no-passphrase") == 0  # fmt: skip
    fields = {"class": "uu-tien", "boards": f"board:{LED}", "start": local(now - timedelta(days=1))}
    office.write("tin/tinh", text(title="Của tỉnh", end=local(now + timedelta(days=60)), **fields))
    assert run(office, "submit", "tin/tinh", "--as", "tinh-soan") == 0
    assert run(office, "approve", "tin/tinh", "--as", "tinh-duyet", "--yes") == 0
    assert run(office, "publish") == 0, "its end is near, but lent keys remind nobody"
    assert board.sync().error is None and board.shown() == {"Của tỉnh"}
    office.write("tin/sau", text(title="Sau hạn", **fields))
    with pytest.raises(Refused, match="may-not-sign"):
        office.submit("tin/sau", person="tinh-soan", now=now + timedelta(days=32))


def test_an_approver_of_other_classes_is_told_so(office: Office, text: Text) -> None:
    assert run(office, "people", "add", "p8", "--name", "Sở", "--role", "approver", "--class", "khan-cap",
               "--no-passphrase") == 0  # fmt: skip
    office.write("tin/a", text())
    office.submit("tin/a", now=datetime.now(UTC))
    with pytest.raises(Refused, match="class-not-theirs"):
        office.approve("tin/a", person="p8", now=datetime.now(UTC))
    office.approve("tin/a", now=datetime.now(UTC))


def test_people_list_for_programs(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(office, "people", "revoke", "p3", "--stolen", "2026-11-20") == 0
    capsys.readouterr()
    assert run(office, "people", "list", "--json") == 0
    told = {p["id"]: p for p in json.loads(capsys.readouterr().out)}
    assert told["p3"]["void_from"] == "2026-11-19T17:00:00Z" and told["p1"]["void_from"] is None
    assert run(office, "people", "list") == 0
    assert "khóa bị lấy cắp từ 00:00 ngày 20/11/2026" in capsys.readouterr().out
