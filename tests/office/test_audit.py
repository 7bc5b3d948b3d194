"""The audit log: what the office saw and did, in lines that nobody changes, removes or moves unnoticed."""

import contextlib
import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signage import durable
from signage.cli import main
from signage.errors import Problem
from signage.office import archive, audit
from signage.office.desk import Desk
from signage.office.inquiry import inquire
from signage.office.publish import publish, repository, signed_people
from signage.office.repository import Repository
from signage.office.standing import in_force
from signage.publication import EMERGENCIES
from signage.review import sign
from signage.settings import Settings, load
from signage.wire import canonical, sha256

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Office = Any  # tests/conftest.py's
Text = Callable[..., str]


@dataclass
class Said:
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def bangtin(capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs a command; its exit code, and what it said."""

    def run(*words: object) -> Said:
        capfd.readouterr()
        code = main([str(word) for word in words])
        return Said(code, *capfd.readouterr())

    return run


def log(office: Office) -> list[audit.Entry]:
    return audit.log_of(office.settings).entries


def told(office: Office) -> list[str]:
    return [entry.what for entry in log(office)]


def found(office: Office) -> list[Problem]:
    return inquire(office.settings, repository(office.settings))[1]


def faults(office: Office) -> set[str]:
    return {p.code for p in found(office) if p.severity == "error"}


@pytest.fixture(scope="module")
def made_once() -> dict[str, Path]:
    """Where the busy office lies after it was made the first time."""
    return {}


@pytest.fixture
def busy(office: Office, text: Text, made_once: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that has published twice, with an emergency that came and went, and a submission still waiting."""
    if "folder" not in made_once:
        made_once["folder"] = shutil.copytree(made(office, text).folder, tmp_path_factory.mktemp("busy") / "xa")
    shutil.rmtree(office.folder)
    shutil.copytree(made_once["folder"], office.folder)
    return office


def made(office: Office, text: Text) -> Office:
    office.write("tin/a", text(title="Bản một"))
    office.both("tin/a")
    office.write("khan-cap/lu", text(
        title="Lũ lên nhanh", kind="thien-tai", **{"class": "khan-cap"}, category="thien-tai-dich-benh", level="3",
        source="Đài", bulletin_time="2026-11-22 08:00", start="2026-11-22 08:00", end="2026-11-22 20:00",
    ))  # fmt: skip
    office.desk.raise_alert("khan-cap/lu", office.person("p5", "duty"), NOW)
    office.publish()
    office.desk.take_back("khan-cap/lu", "withdraw", office.person("p5", "duty"), NOW + MINUTE, "Hết lũ")
    office.publish(NOW + 2 * MINUTE)
    office.write("tin/b", text(title="Chờ duyệt"))
    office.submit("tin/b", now=NOW + 3 * MINUTE)
    office.publish(NOW + 4 * MINUTE)
    return office


def test_everything_that_happened_is_a_line(busy: Office) -> None:
    assert told(busy) == [
        "root", "people", "record", "record", "record", "alert-raised", "publication",
        "record", "alert-cancelled", "publication", "record",
    ]  # fmt: skip
    entries = log(busy)
    acts = [(e.facts["act"], e.facts["person"], e.facts["notice"]) for e in entries if e.what == audit.RECORD]
    assert sorted(acts[:3]) == [("approve", "p3", "tin/a"), ("approve", "p5", "khan-cap/lu"), ("submit", "p1", "tin/a")]
    assert acts[3:] == [("withdraw", "p5", "khan-cap/lu"), ("submit", "p1", "tin/b")]
    withdrawn = next(e for e in entries if e.facts.get("act") == "withdraw")
    assert withdrawn.facts["said"] == "2026-11-22T02:01:00Z" and withdrawn.at == NOW + 2 * MINUTE, "its date, and ours"
    assert [e.n for e in entries] == list(range(1, 12)) and entries[0].prev == audit.START
    last = [e for e in entries if e.what == audit.PUBLICATION][-1].facts
    repo = repository(busy.settings)
    assert last["number"] == repo.version("lich")
    assert last["files"][EMERGENCIES] == sha256(repo.current(EMERGENCIES) or b"")
    assert not found(busy)
    busy.publish(NOW + 5 * MINUTE)
    assert len(log(busy)) == 11, "nothing new, nothing to write"


def test_new_people_are_a_line(busy: Office) -> None:
    repo = repository(busy.settings)
    repo.sign_people(busy.settings.people.to_bytes(), NOW + DAY)
    busy.publish(NOW + DAY)
    seen = [e.facts["version"] for e in log(busy) if e.what == audit.TARGETS]
    assert seen == [1, repo.version("targets")] == [1, 2] and not found(busy)


def test_a_record_that_counts_for_nothing_is_no_line(busy: Office) -> None:
    """Else whoever may write into the folder could fill the log."""
    standing = next(iter(busy.desk.standings()))
    stranger = busy.person("p3", "approver").key
    busy.desk.book.put_record(
        sign(stranger, act="withdraw", statement=standing.sha256, person="p1", role="author", at=NOW)
    )
    busy.publish(NOW + 5 * MINUTE)
    assert len(log(busy)) == 11


# ── edits ────────────────────────────────────────────────────────────────────────────────────────


def edited(data: bytes, draw: Callable[[Any], Any]) -> bytes:
    """One line changed, removed, doubled or moved, or the file cut, at any place."""
    lines = data.splitlines(keepends=True)
    how = draw(st.sampled_from(["byte", "gone", "twice", "swap", "cut", "insert"]))
    at = draw(st.integers(0, len(lines) - 1))
    if how == "byte":
        place = draw(st.integers(0, len(data) - 1))
        other = draw(st.integers(0, 255).filter(lambda b: b != data[place]))
        return data[:place] + bytes([other]) + data[place + 1 :]
    if how == "cut":
        return data[: draw(st.integers(0, len(data) - 1))]
    if how == "insert":
        place = draw(st.integers(0, len(data) - 1))  # after the end: a half-written line, which is no line
        return data[:place] + draw(st.sampled_from([b" ", b"\n", b"x", b"\r\n"])) + data[place:]
    if how == "gone":
        del lines[at]
    elif how == "twice":
        lines.insert(draw(st.integers(0, len(lines))), lines[at])
    else:
        other_line = draw(st.integers(0, len(lines) - 1).filter(lambda n: n != at))
        lines[at], lines[other_line] = lines[other_line], lines[at]
    return b"".join(lines)


@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_single_edit_is_found(busy: Office, data: st.DataObject) -> None:
    (path,) = (busy.folder / audit.FOLDER).glob("*.jsonl")
    whole = path.with_suffix(".whole")
    if not whole.exists():
        shutil.copy(path, whole)
    path.write_bytes(changed := edited(whole.read_bytes(), data.draw))
    try:
        assert changed == whole.read_bytes() or faults(busy)
    finally:
        shutil.copy(whole, path)


def test_a_log_that_is_gone_or_unsigned_is_found(busy: Office) -> None:
    folder = busy.folder / audit.FOLDER
    (folder / audit.HEAD).unlink()
    assert faults(busy) == {"audit-seal"}
    for path in folder.glob("*.jsonl"):
        path.unlink()
    assert "audit-cut" in faults(busy), "the publication itself vouches for it"


def test_a_tail_cut_off_with_its_signed_head_is_missed_by_the_publication(busy: Office) -> None:
    """Whoever keeps an older copy of the whole folder cannot put it back: what is served knows better."""
    folder, older = busy.folder / audit.FOLDER, busy.folder / "older"
    shutil.copytree(folder, older)
    busy.approve("tin/b", now=NOW + 5 * MINUTE)
    busy.publish(NOW + 6 * MINUTE)
    assert not found(busy)
    shutil.rmtree(folder)
    shutil.copytree(older, folder)
    assert faults(busy) == {"audit-cut"}


def test_publishing_goes_on_and_the_log_remembers_that_it_was_changed(busy: Office) -> None:
    (path,) = (busy.folder / audit.FOLDER).glob("*.jsonl")
    path.write_bytes(path.read_bytes().replace(b'"p3"', b'"p2"', 1))
    busy.approve("tin/b", now=NOW + 5 * MINUTE)
    outcome = busy.publish(NOW + 6 * MINUTE)
    assert "audit-broken" in {p.code for p in outcome.problems} and outcome.number == 4
    assert told(busy).count("broken") == 1
    busy.publish(NOW + 7 * MINUTE)
    assert told(busy).count("broken") == 1, "said once"
    assert {"audit-chain"} <= faults(busy) and "audit-was-broken" in {p.code for p in found(busy)}


def test_a_line_that_somebody_wrote_stops_neither_publishing_nor_the_auditor(busy: Office) -> None:
    (path,) = (busy.folder / audit.FOLDER).glob("*.jsonl")
    head = audit.read(path.parent).head
    for n, what in enumerate(("people", "publication", "root"), start=head.n + 1):
        false = {"v": 1, "n": n, "prev": head.sha256, "at": "2026-11-22T02:00:00Z", "what": what}
        line = canonical({**false, "version": ["x"], "number": "x"})
        path.write_bytes(path.read_bytes() + line + b"\n")
        head = audit.Head(n, sha256(line))
    before = found(busy)
    assert [p.values for p in before if p.code == "audit-unsealed"] == [{"n": head.n - 2, "last": head.n}]
    assert busy.publish(NOW + 6 * MINUTE).number and len(found(busy)) == len(before)


def test_a_signature_taken_out_of_the_book_is_missed(busy: Office) -> None:
    (withdrawal,) = (busy.folder / "content/so-duyet/records").glob("*.withdraw.*")
    withdrawal.unlink()
    assert faults(busy) == {"audit-record-gone"}


def test_a_publication_of_somebody_elses_office_is_found(busy: Office) -> None:
    """The online keys stolen, and used elsewhere: the log of this office knows nothing of it."""
    repo = repository(busy.settings)
    old = {name: repo.current(name) or b"" for name in (EMERGENCIES, "lich/cong-xa.json")}
    repo.publish({**old, "lich/x.json": b"{}"}, NOW + DAY)
    assert faults(busy) == {"audit-publication"}


# ── power cuts ───────────────────────────────────────────────────────────────────────────────────


class PowerCut(BaseException):
    """Not an error: nothing runs after it."""


def test_power_cut_between_the_log_and_the_publication(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    busy.approve("tin/b", now=NOW + 5 * MINUTE)

    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as off:
        off.setattr(Repository, "publish", cut)
        with pytest.raises(PowerCut):
            busy.publish(NOW + 6 * MINUTE)
    assert told(busy)[-1] == "publication" and not faults(busy)
    assert {p.code for p in found(busy)} == {"audit-unpublished"}
    busy.publish(NOW + 7 * MINUTE)
    assert [p.code for p in found(busy)] == ["audit-unpublished"] and log(busy)[-1].facts["number"] == 4


def test_a_publication_cut_before_its_timestamp_is_made_again(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else boards would hear of it only with the next change."""
    busy.approve("tin/b", now=NOW + 5 * MINUTE)

    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as off:
        off.setattr(Repository, "_timestamp", cut)
        with pytest.raises(PowerCut):
            busy.publish(NOW + 6 * MINUTE)
    assert not repository(busy.settings).served
    busy.publish(NOW + 7 * MINUTE)
    assert repository(busy.settings).served and not faults(busy)


@pytest.mark.long
def test_power_cut_at_every_write_of_a_publication(
    busy: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was on disk then: the next publication goes on, boards are told of it, and the log is whole."""
    monkeypatch.setattr("signage.office.publish.Publisher._build", lambda *_: None)
    monkeypatch.setattr("os.fsync", lambda _: None)
    busy.approve("tin/b", now=NOW + 5 * MINUTE)
    for part in (busy.folder / "publication").iterdir():
        if part.name != "board":
            shutil.rmtree(part) if part.is_dir() else part.unlink()
    before = shutil.copytree(busy.folder, tmp_path / "before")
    real = {name: getattr(durable, name) for name in ("write", "append", "remove")}
    done, most, cut = 0, 0, True

    def cutting(name: str) -> Callable[..., Any]:
        def act(*given: Any, **more: Any) -> Any:
            nonlocal done
            done += 1
            if done > most:
                raise PowerCut
            return real[name](*given, **more)

        return act

    while cut:
        shutil.rmtree(busy.folder)
        shutil.copytree(before, busy.folder)
        with monkeypatch.context() as off:
            for name in real:
                off.setattr(durable, name, cutting(name))
            done = 0
            with contextlib.suppress(PowerCut):
                busy.publish(NOW + 6 * MINUTE)
        cut = done > most
        assert not faults(busy), f"right after a cut at write {most}"
        busy.publish(NOW + 7 * MINUTE)
        assert not faults(busy) and repository(busy.settings).served, f"a cut at write {most}"
        kept = archive.at(busy.folder / archive.FOLDER, NOW + 8 * MINUTE)
        assert kept and kept.lich == repository(busy.settings).signed("lich")
        most += 1
    assert most > 12, "it did cut"


def test_power_cut_in_the_middle_of_a_line(busy: Office) -> None:
    (path,) = (busy.folder / audit.FOLDER).glob("*.jsonl")
    with path.open("ab") as file:
        file.write(b'{"at":"2026-11-22T02:05:00Z","n":12,')
    assert [(p.code, p.severity) for p in found(busy)] == [("audit-torn", "warning")]
    busy.approve("tin/b", now=NOW + 5 * MINUTE)
    busy.publish(NOW + 6 * MINUTE)
    assert not found(busy) and [e.n for e in log(busy)] == list(range(1, len(log(busy)) + 1))


@pytest.mark.long
def test_a_long_log_goes_on_in_another_file(busy: Office, text: Text, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MAX_SEGMENT", 2000)
    for i in range(3):
        busy.write("tin/a", text(title=f"Lần {i}"))
        busy.both("tin/a", now=NOW + (6 + i) * MINUTE)
        busy.publish(NOW + (6 + i) * MINUTE)
    paths = sorted((busy.folder / audit.FOLDER).glob("*.jsonl"))
    assert len(paths) == 3 and not found(busy)
    for gone in paths:
        data = gone.read_bytes()
        gone.unlink()
        assert faults(busy), gone.name
        gone.write_bytes(data)


# ── a stolen key ─────────────────────────────────────────────────────────────────────────────────


def stolen(office: Office, person: str, since: datetime, now: datetime) -> None:
    path = office.folder / "people.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace(f'id = "{person}"\n', f'id = "{person}"\nvoid_from = "{since:%Y-%m-%dT%H:%M:%SZ}"\n'))
    repository(office.settings).sign_people(office.settings.people.to_bytes(), now)


def approved(settings: Settings) -> set[str]:
    return {i for i, s in in_force(Desk(settings, signed_people(settings)).standings()).items() if not s.withdrawn}


def test_a_stolen_key_counts_only_where_the_log_saw_it_before(office: Office, text: Text, tmp_path: Path) -> None:
    """The thief dates his approval back to before the theft; the office has not seen it then."""
    office.write("tin/a", text(title="Duyệt thật"))
    office.both("tin/a")
    office.publish(NOW + MINUTE)
    theft = NOW + DAY
    office.write("tin/b", text(title="Duyệt giả, đề ngày trước khi mất khóa"))
    office.submit("tin/b", now=NOW + 2 * MINUTE)
    office.approve("tin/b", now=NOW + 3 * MINUTE)
    stolen(office, "p3", theft, NOW + 2 * DAY)
    elsewhere = tmp_path / "may-khac"
    shutil.copytree(office.folder, elsewhere, ignore=shutil.ignore_patterns(audit.FOLDER))
    office.publish(NOW + 2 * DAY)
    assert approved(office.settings) == {"tin/a"}
    assert not (office.folder / "publication/tin/b.html").exists()
    assert (office.folder / "publication/tin/a.html").exists()
    assert approved(load(elsewhere)) == {"tin/a", "tin/b"}, "without a log there is only the signer's word"


@pytest.mark.long
def test_before_the_theft_the_log_makes_no_difference(office: Office, text: Text) -> None:
    office.write("tin/a", text())
    office.both("tin/a")
    office.publish()
    stolen(office, "p3", NOW + DAY, NOW + DAY)
    office.publish(NOW + DAY)
    assert approved(office.settings) == {"tin/a"}


# ── by commands ──────────────────────────────────────────────────────────────────────────────────


def test_verify_and_export_by_commands(busy: Office, bangtin: Callable[..., Said]) -> None:
    good = bangtin("audit", "verify", "--dir", busy.folder)
    assert good.returncode == 0 and "11" in good.stdout, good.stderr
    table = bangtin("audit", "export", "--csv", "--dir", busy.folder).stdout
    assert table.startswith("\ufeff"), "so that Excel reads it as UTF-8"
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert len(rows) == 11 and rows[2]["Họ tên"] in ("Người Biên Tập", "Người Trực", "Người Duyệt")
    assert [r["Lý do"] for r in rows if r["Việc"] == "Thu hồi"] == ["Hết lũ"]
    assert rows[-1]["Thời điểm"] == "2026-11-22 09:04:00"
    lines = json.loads(bangtin("audit", "export", "--json", "--dir", busy.folder).stdout)
    assert [line["n"] for line in lines] == list(range(1, 12))
    one_day = ("audit", "export", "--json", "--dir", busy.folder, "--from", "2026-11-23", "--to", "2026-11-23")
    assert json.loads(bangtin(*one_day).stdout) == []
    (path,) = (busy.folder / audit.FOLDER).glob("*.jsonl")
    path.write_bytes(path.read_bytes().replace(b'"p3"', b'"p2"', 1))
    bad = bangtin("audit", "verify", "--dir", busy.folder)
    assert bad.returncode == 3 and "audit-chain" in bad.stdout and "audit-broken" in bad.stderr


def test_no_cell_is_a_formula(busy: Office, bangtin: Callable[..., Said]) -> None:
    """What a person typed as a reason must not run in the auditor's spreadsheet."""
    reasons = ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\t=1"]
    for n, (act, reason) in enumerate(zip(["hide", "show", "hide", "show", "withdraw"], reasons, strict=True)):
        busy.desk.take_back("tin/a", act, busy.person("p3", "approver"), NOW + (5 + n) * MINUTE, reason)
    busy.publish(NOW + DAY)
    table = bangtin("audit", "export", "--csv", "--dir", busy.folder).stdout.removeprefix("\ufeff")
    cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
    assert {"'" + reason for reason in reasons} <= set(cells)
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


def test_an_officers_machine_has_no_log(office: Office, bangtin: Callable[..., Said]) -> None:
    answer = bangtin("audit", "verify", "--dir", office.folder)
    assert answer.returncode == 3 and "audit-none" in answer.stderr


# ── the archive ──────────────────────────────────────────────────────────────────────────────────


def test_each_publication_is_kept_once(busy: Office) -> None:
    folder = busy.folder / archive.FOLDER
    assert sorted(p.name for p in folder.rglob("*.xz")) == [
        "20261122T020000Z-2-1.json.xz", "20261122T020200Z-3-1.json.xz"
    ]  # fmt: skip
    first, second = (archive.at(folder, NOW + n * MINUTE) for n in (1, 3))
    assert first and second and first.files[EMERGENCIES] != second.files[EMERGENCIES]
    assert second.lich == repository(busy.settings).signed("lich")
    assert archive.at(folder, NOW - MINUTE) is None


def test_a_publication_that_a_power_cut_left_unkept_is_kept_by_the_next(
    busy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy.approve("tin/b", now=NOW + 5 * MINUTE)
    keep, times = archive.keep, []

    def cut(*given: Any) -> Path | None:
        times.append(1)
        if len(times) == 2:
            raise PowerCut
        return keep(*given)

    with monkeypatch.context() as off:
        off.setattr(archive, "keep", cut)
        with pytest.raises(PowerCut):
            publish(busy.settings, NOW + 6 * MINUTE)
    busy.publish(NOW + DAY)
    names = {p.name for p in (busy.folder / archive.FOLDER).rglob("*.xz")}
    assert "20261122T020600Z-4-1.json.xz" in names, "under the moment when it was made"
