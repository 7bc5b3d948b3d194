"""Publishing: what citizens and boards can fetch is what was approved, whole, at every moment."""

import argparse
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from tuf.api.metadata import Metadata, Root

from signage import durable
from signage.dossier import Dossier
from signage.errors import BangtinError, Unavailable
from signage.office.manifests import Edition, emergencies_kept
from signage.office.metafiles import KEEP_VERSIONS
from signage.office.publish import Publisher, clock_doubt, publish, repository
from signage.office.repository import LIVES, ONLINE
from signage.office.serving import Server
from signage.publication import EmergencyList, Manifest
from signage.review import Record, Statement
from signage.wire import sha256

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
Office = Any  # tests/conftest.py's
Text = Callable[..., str]


def manifest(office: Office, board: str = "cong-xa") -> Manifest:
    return Manifest.read(repository(office.settings).current(f"lich/{board}.json") or b"")


def pages(office: Office) -> str:
    folder = office.folder / "publication"
    return "\n".join(p.read_text("utf-8") for p in folder.rglob("*") if p.suffix in (".html", ".atom", ".xml", ".json"))


def test_what_is_approved_is_published_and_nothing_else(office: Office, text: Text) -> None:
    office.write("tin/a", text(title="Đã duyệt"))
    office.write("tin/b", text(title="Mới trình"))
    office.write("tin/c", text(title="Chưa trình"))
    office.submit("tin/a", "tin/b")
    office.approve("tin/a")
    outcome = office.publish()
    assert outcome.notices == 1
    assert "Đã duyệt" in pages(office) and "Mới trình" not in pages(office) and "Chưa trình" not in pages(office)
    (item,) = manifest(office).items
    served = office.folder / "publication/board"
    data = (served / f"dossiers/{item.dossier}.json").read_bytes()
    assert sha256(data) == item.dossier
    dossier = Dossier.read(data)
    assert [Statement.read(dossier.statement).title] == ["Đã duyệt"]
    assert [Record.read(record).act for record in dossier.records] == ["submit", "approve"]
    for slide in (served / "slides").iterdir():
        assert sha256(slide.read_bytes()) == slide.stem


def test_one_damaged_file_stops_no_other_notice(office: Office, text: Text) -> None:
    for name in "abc":
        office.write(f"tin/{name}", text(title=f"Tin {name}"))
    office.both("tin/a", "tin/b", "tin/c")
    book, found = office.desk.book, {s.statement.notice: s.statement for s in office.desk.standings()}
    book.file(found["tin/a"].text, "md").write_text("khác")
    next(iter(book.slides(found["tin/b"]))).unlink()
    outcome = office.publish()
    assert {(p.code, p.file) for p in outcome.problems} == {("book-file", "tin/a.md"), ("book-file", "tin/b.md")}
    assert outcome.notices == 1 and len(manifest(office).items) == 1 and "Tin c" in pages(office)


def test_a_second_publication_of_the_same_changes_no_byte(office: Office, text: Text) -> None:
    office.write("tin/a", text())
    office.both("tin/a")
    office.publish()
    before = {p: p.read_bytes() for p in (office.folder / "publication").rglob("*") if p.is_file()}
    outcome = office.publish(NOW + timedelta(minutes=5))
    after = {p: p.read_bytes() for p in (office.folder / "publication").rglob("*") if p.is_file()}
    assert before == after and (outcome.files_written, outcome.files_removed) == (0, 0)


def test_boards_get_only_what_is_theirs(office: Office, text: Text) -> None:
    office.write("tin/a", text(boards="board:nha-van-hoa-3"))
    office.write("tin/b", text(boards="none"))
    office.both("tin/a", "tin/b")
    office.publish()
    assert not manifest(office).items and len(manifest(office, "nha-van-hoa-3").items) == 1
    assert (office.folder / "publication/tin/b.html").exists()


def test_expired_leaves_the_boards_and_stays_on_the_site(office: Office, text: Text) -> None:
    office.write("tin/a", text())
    office.both("tin/a")
    first = office.publish()
    assert first.next_change == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    office.publish(NOW + timedelta(days=10))
    assert not manifest(office).items
    assert "hết hiệu lực" in (office.folder / "publication/tin/a.html").read_text("utf-8").lower()


def test_withdrawn_leaves_everything_but_a_marker(office: Office, text: Text) -> None:
    office.write("tin/a", text(title="Tin nhầm", body="Nội dung nhầm."))
    office.both("tin/a")
    office.publish()
    office.desk.take_back("tin/a", "withdraw", office.person("p3", "approver"), NOW + timedelta(hours=1), "Sai ngày")
    office.publish(NOW + timedelta(hours=1))
    assert "Nội dung nhầm" not in pages(office) and "Sai ngày" in pages(office)
    board = manifest(office)
    assert not board.items and board.withdrawn[0].records
    assert (office.folder / f"publication/board/records/{board.withdrawn[0].records[0]}.json").exists()


def test_emergencies_go_out_and_are_cancelled(office: Office, text: Text) -> None:
    fields = {"class": "khan-cap", "kind": "thien-tai", "level": "4", "source": "Đài KTTV",
              "bulletin_time": "2026-11-22 08:00", "start": "2026-11-22 08:00", "end": "2026-11-22 20:00"}  # fmt: skip
    office.write("khan-cap/lu", text(title="Lũ lên", **fields))
    office.desk.raise_alert("khan-cap/lu", office.person("p5", "duty"), NOW)
    office.publish()

    def emergencies() -> EmergencyList:
        return EmergencyList.read(repository(office.settings).current("lich/khan-cap.json") or b"")

    assert len(emergencies().entries) == 1 and not manifest(office).items
    assert "Lũ lên" in (office.folder / "publication/index.html").read_text("utf-8")
    office.desk.take_back("khan-cap/lu", "withdraw", office.person("p5", "duty"), NOW, "Lũ rút")
    office.publish(NOW + timedelta(minutes=1))
    assert not emergencies().entries and len(emergencies().cancelled) == 1
    assert "Lũ lên" not in (office.folder / "publication/index.html").read_text("utf-8")


def test_boards_fetch_the_emergencies_again_only_when_they_say_something_new(office: Office, text: Text) -> None:
    """Most publications are of a notice; a hash of the list that changes costs every board a request."""

    def signed(at: datetime, notice: str) -> tuple[bytes, int]:
        office.write(notice, text(title=notice))
        office.both(notice)
        office.publish(at)
        return repository(office.settings).current("lich/khan-cap.json") or b"", manifest(office).number

    first, before = signed(NOW, "tin/a")
    again, number = signed(NOW + timedelta(minutes=1), "tin/b")
    assert again == first and EmergencyList.read(first).number == before < number
    # A restored office goes on above what boards may have seen, and one whose clock was wrong takes back what it said.
    repository(office.settings).set_floor(10)
    above, number = signed(NOW + timedelta(minutes=2), "tin/c")
    assert EmergencyList.read(above).number == number > before + 10
    earlier = Edition.at(repository(office.settings).identity()[1], number + 1, NOW)
    lich = {"lich/khan-cap.json": EmergencyList(earlier.number, earlier.made, ()).to_bytes()}
    assert emergencies_kept(lich, repository(office.settings), earlier) == lich


def test_a_site_that_is_not_what_was_approved_leaves_the_old_one(
    office: Office, text: Text, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.write("tin/a", text(title="Bản một"))
    office.both("tin/a")
    office.publish()
    before = (office.folder / "publication/tin/a.html").read_bytes()
    (office.folder / "pelicanconf.py").write_text("raise RuntimeError('x')\n")
    office.write("tin/a", text(title="Bản hai"))
    office.both("tin/a", now=NOW + timedelta(minutes=1))
    with pytest.raises(BangtinError):
        office.publish(NOW + timedelta(minutes=1))
    assert (office.folder / "publication/tin/a.html").read_bytes() == before
    assert len(manifest(office).items) == 1, "the boards do not wait for the site"


@pytest.mark.parametrize("refused", [False, True])
def test_what_was_changed_in_place_leaves_boards_and_site(office: Office, text: Text, refused: bool) -> None:
    """It is looked for after the site; also where the site is refused."""
    for name in "ab":
        office.write(f"tin/{name}", text(title=f"Tin {name}"))
    office.both("tin/a", "tin/b")
    with closing(Publisher(office.settings)) as stays:
        stays.publish(office.settings, NOW)
        statement = next(s.statement for s in office.desk.standings() if s.statement.notice == "tin/a")
        with office.desk.book.file(statement.text, "md").open("r+b") as file:
            file.write(b"x")
        if refused:
            (office.folder / "pelicanconf.py").write_text("raise RuntimeError('x')\n")
            with pytest.raises(BangtinError):
                stays.publish(office.settings, NOW + timedelta(minutes=1))
        else:
            outcome = stays.publish(office.settings, NOW + timedelta(minutes=1))
            assert [(p.code, p.file) for p in outcome.problems if p.severity == "error"] == [("book-file", "tin/a.md")]
            site = [p for p in (office.folder / "publication").rglob("*.html") if "Tin a" in p.read_text("utf-8")]
            assert not site and "Tin b" in pages(office)
    (item,) = manifest(office).items
    dossier = Dossier.read((office.folder / f"publication/board/dossiers/{item.dossier}.json").read_bytes())
    assert Statement.read(dossier.statement).title == "Tin b"


def test_two_publications_at_once(office: Office) -> None:
    """An alert waits for the watching office to finish, and not for ever."""
    lock = office.folder / "state/publish.lock"
    with durable.only_one(lock):
        with pytest.raises(Unavailable, match="locked"):
            publish(office.settings, NOW, patience_s=0.1)
        waiting = threading.Thread(target=office.publish)
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join(20)
    assert not waiting.is_alive() and (office.folder / "publication/index.html").exists()


# ── the repository ───────────────────────────────────────────────────────────────────────────────


def test_offline_keys_are_not_needed_to_publish(office: Office, text: Text) -> None:
    for role in ("root", "targets"):
        (office.folder / f"keys/{role}.pem").unlink()
    office.write("tin/a", text())
    office.both("tin/a")
    assert office.publish().number > 1


def test_the_root_names_its_commune(office: Office) -> None:
    root = Metadata[Root].from_bytes(repository(office.settings).root_bytes()).signed
    named = root.unrecognized_fields["bangtin"]
    assert named["commune"] == "99999" and len(named["repository"]) == 64
    assert repository(office.settings).fingerprint == sha256(repository(office.settings).root_bytes())


def test_signatures_are_renewed_before_they_run_out(office: Office) -> None:
    repo = repository(office.settings)
    office.publish()
    later = NOW + LIVES["timestamp"] * 0.6
    assert {life.role: life.share_left < 0.5 for life in repo.lives(later)}["timestamp"]
    office.publish(later)
    assert all(life.share_left > 0.5 for life in repo.lives(later) if life.role == "timestamp")


def test_timestamps_of_two_publications_differ_by_a_second(office: Office, text: Text) -> None:
    """nginx's ETag is seconds and size."""
    path = office.folder / "publication/board/metadata/timestamp.json"
    seen = set()
    for i in range(3):
        office.write("tin/a", text(title=f"Tin {i}"))
        office.both("tin/a", now=NOW + timedelta(minutes=i))
        office.publish(NOW + timedelta(minutes=i))
        seen.add(int(path.stat().st_mtime))
    assert len(seen) == 3


def test_old_versions_are_pruned_and_roots_are_kept(office: Office) -> None:
    repo = repository(office.settings)
    for i in range(KEEP_VERSIONS + 5):
        repo.publish({"lich/x.json": b"%d" % i}, NOW)
    names = [p.name for p in repo.metadata.iterdir()]
    assert sum(n.endswith(".lich.json") for n in names) == KEEP_VERSIONS and "1.root.json" in names
    assert len(list((repo.targets / "lich").iterdir())) == KEEP_VERSIONS


# ── serving ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def server(tmp_path: Path) -> Any:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "index.html").write_text("<p>trang</p>")
    (folder / "sub").mkdir()
    (tmp_path / "secret").write_text("khóa")
    (folder / "link").symlink_to(tmp_path / "secret")
    running = Server(folder).start()
    yield running
    running.stop()


@pytest.mark.parametrize("path", ["/../secret", "/%2e%2e/secret", "/link", "/sub/", "/none", "//etc/passwd"])
def test_nothing_outside_is_served_and_nothing_is_listed(server: Server, path: str) -> None:
    session = requests.Session()
    request = requests.Request("GET", server.address + "/").prepare()
    request.url = server.address + path
    answer = session.send(request)
    assert answer.status_code == 404 and "khóa" not in answer.text


def test_a_kept_connection_and_fresh_pages(server: Server) -> None:
    with requests.Session() as session:
        for _ in range(3):
            answer = session.get(server.address + "/")
            assert answer.text == "<p>trang</p>" and answer.headers["Cache-Control"] == "no-cache"


def test_readers_see_whole_states_while_publishing(office: Office, text: Text) -> None:
    """Whatever the moment, what timestamp.json leads to is all there."""
    office.write("tin/a", text(title="Tin 0"))
    office.both("tin/a")
    office.publish()
    server = Server(office.folder / "publication").start()
    stop, broken, rounds = threading.Event(), [], []

    def follow(session: requests.Session) -> None:
        base = server.address + "/board/"
        stamp = session.get(base + "metadata/timestamp.json").json()["signed"]
        number = stamp["meta"]["snapshot.json"]["version"]
        snapshot = session.get(f"{base}metadata/{number}.snapshot.json").json()["signed"]
        lich = session.get(f"{base}metadata/{snapshot['meta']['lich.json']['version']}.lich.json").json()["signed"]
        digest = lich["targets"]["lich/cong-xa.json"]["hashes"]["sha256"]
        board = Manifest.read(session.get(f"{base}targets/lich/{digest}.cong-xa.json").content)
        for item in board.items:
            assert session.get(f"{base}dossiers/{item.dossier}.json").status_code == 200
        assert session.get(server.address + "/index.html").text.rstrip().endswith("</html>")

    def read() -> None:
        with requests.Session() as session:
            while not stop.is_set():
                try:
                    follow(session)
                except Exception as error:
                    broken.append(error)
                rounds.append(1)

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(1, 4):
        office.write("tin/a", text(title=f"Tin {i}"))
        office.both("tin/a", now=NOW + timedelta(minutes=i))
        office.publish(NOW + timedelta(minutes=i))
    stop.set()
    reader.join()
    server.stop()
    assert not broken and len(rounds) > 3


def test_a_clock_in_the_wrong_year_is_doubted(office: Office, text: Text, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is signed; an alarm is only warned, and being told once is enough for one publication."""
    from signage.cli import publishing

    office.publish()
    for days, doubted in ((0, False), (39, False), (41, True), (365, True), (-1, True)):
        assert (clock_doubt(office.settings, NOW + timedelta(days=days)) is not None) == doubted
    office.publish(datetime.now(UTC) + timedelta(days=400))
    before = repository(office.settings).version("lich")
    args = argparse.Namespace(lang="vi", clock_is_right=False)
    with pytest.raises(Unavailable) as caught:
        publishing.publish_once(office.settings, args)
    assert caught.value.code == "office-clock" and caught.value.exit_code == 1
    assert repository(office.settings).version("lich") == before
    args.clock_is_right = True
    publishing.publish_once(office.settings, args)
    assert not args.clock_is_right
    publishing.publish_once(office.settings, args)
    office.publish(datetime.now(UTC) + timedelta(days=400))
    publishing.publish_once(office.settings, argparse.Namespace(lang="vi"))
    assert "office-clock" in capsys.readouterr().out


def test_an_office_that_is_put_right_takes_back_what_it_said_of_time(office: Office, text: Text) -> None:
    """Though nothing else has changed: boards that know no better have taken that for the time."""
    office.write("tin/a", text())
    office.both("tin/a")
    ahead = NOW + timedelta(days=2)  # within the same notices and hours
    office.publish(ahead)
    wrong = manifest(office)
    office.publish(NOW)
    right = manifest(office)
    assert (wrong.made, right.made) == (ahead, NOW) and right.number > wrong.number
    assert all(life.share_left <= 1 for life in repository(office.settings).lives(NOW) if life.role in ONLINE)
