"""What the office tells boards of time and light; emergencies prepared beforehand, and drills."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signage.cli import main
from signage.dossier import Dossier, file_name
from signage.errors import BadInput
from signage.office.boards import reaches, rehearse
from signage.publication import BOARD_FOLDER, EMERGENCIES, EmergencyList, Light, Manifest, manifest_name
from signage.review import Statement
from signage.schedule import HORIZON, active
from signage.wire import sha256

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam
TEMPLATE = {
    "kind": "thien-tai", "category": "thien-tai-dich-benh", "start": "2026-11-20 00:00", "end": "", "class": "khan-cap",
    "prepared": "yes", "boards": "board:cong-xa",
}  # fmt: skip
ALERT = {
    "kind": "thien-tai", "category": "thien-tai-dich-benh", "class": "khan-cap", "start": "2026-11-22 08:00",
    "end": "2026-11-22 20:00", "level": "3", "source": "Đài", "bulletin_time": "2026-11-22 07:30",
    "boards": "board:cong-xa",
}  # fmt: skip


def manifest(office: Any, board: str = "cong-xa") -> Manifest:
    return Manifest.read(_newest(office.folder / "publication", manifest_name(board)))


def alarms(office: Any) -> list[Statement]:
    return [
        Statement.read(e.statement)
        for e in EmergencyList.read(_newest(office.folder / "publication", EMERGENCIES)).entries
    ]


def _newest(publication: Path, name: str) -> bytes:
    folder, _, file = name.rpartition("/")
    found = (publication / BOARD_FOLDER / "targets" / folder).glob(f"*.{file}")
    return max(found, key=lambda p: p.stat().st_mtime_ns).read_bytes()


def set_board(office: Any, text: str) -> None:
    path = office.folder / "bangtin.toml"
    path.write_text(path.read_text("utf-8").replace('groups = ["ngoai-troi"]', f'groups = ["ngoai-troi"]\n{text}'))


def test_a_board_record_goes_down_in_the_manifest(office: Any) -> None:
    set_board(office, 'dark = "22:30-04:30"\nnight = "18:00-06:00"\nnight_brightness = 40\nwake_level = 4\nfade_ms = 0')
    office.publish()
    told = manifest(office)
    assert (told.wake_level, told.sound, told.fade_ms) == (4, False, 0)
    assert (told.light.day, told.light.night) == (100, 40)
    for hour, dark, night in (
        (9, False, False),
        (18, False, True),
        (23, True, True),
        (4, True, True),
        (5, False, True),
    ):
        for day in (0, 1, 80):
            moment = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(days=day, hours=hour - 7)
            assert active(told.dark, moment) == dark, (day, hour)
            assert active(told.light.nights, moment) == night, (day, hour)
    assert max(high for _, high in told.dark) <= told.until and len(told.dark) <= HORIZON.days + 1
    lcd = manifest(office, "nha-van-hoa-3")
    assert (lcd.dark, lcd.light, lcd.fade_ms) == ((), Light(), 500)


def test_the_states_days_off_reach_a_manifest(office: Any, text: Any) -> None:
    path = office.folder / "bangtin.toml"
    path.write_text(path.read_text("utf-8").replace("[[hamlet]]", '[holidays]\nextra = ["2026-11-24"]\n[[hamlet]]', 1))
    office.write("tin/a", text(holidays="no", boards="board:cong-xa"))
    office.both("tin/a")
    office.publish()
    (item,) = manifest(office).items
    noon = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    assert [active(item.ranges, noon + timedelta(days=n)) for n in range(2)] == [True, False]


@pytest.fixture
def prepared(office: Any, text: Any) -> Any:
    """An office with an approved template `khan-cap/mau/lu`."""
    office.write("khan-cap/mau/lu", text(title="Khi có lũ", **TEMPLATE))
    office.both("khan-cap/mau/lu")
    office.publish()
    return office


def test_a_template_lies_on_the_boards_and_not_on_the_site(prepared: Any) -> None:
    told = manifest(prepared)
    (item,) = told.items
    dossier = Dossier.read((prepared.folder / "publication" / BOARD_FOLDER / file_name(item.dossier)).read_bytes())
    assert told.templates == (sha256(dossier.statement),) and item.ranges == ()
    site = prepared.folder / "publication"
    assert not list(site.glob("tin/lu.html")) and not alarms(prepared)
    assert not any("Khi có lũ" in p.read_text("utf-8") for p in site.glob("*.html"))


def test_an_emergency_names_its_template(prepared: Any, text: Any) -> None:
    prepared.write("khan-cap/2026/lu", text(title="Lũ lên", prepared_as="khan-cap/mau/lu", **ALERT))
    prepared.desk.raise_alert("khan-cap/2026/lu", prepared.person("p5", "duty"), NOW)
    prepared.publish()
    (alarm,) = alarms(prepared)
    assert alarm.alert and (alarm.alert["template"],) == manifest(prepared).templates


@pytest.mark.parametrize("ident", ["khan-cap/mau/khong-co", "tin/a"])
def test_what_it_names_must_be_a_template_in_force(prepared: Any, text: Any, ident: str) -> None:
    prepared.write("khan-cap/2026/lu", text(title="Lũ lên", prepared_as=ident, **ALERT))
    with pytest.raises(BadInput) as told:
        prepared.desk.raise_alert("khan-cap/2026/lu", prepared.person("p5", "duty"), NOW)
    assert [p.code for p in told.value.problems] == ["prepared-unknown"]


def test_a_template_that_is_taken_back_is_listed_no_more(prepared: Any) -> None:
    prepared.desk.take_back("khan-cap/mau/lu", "withdraw", prepared.person("p3", "approver"), NOW, "Sai số điện thoại")
    assert prepared.desk.template("khan-cap/mau/lu", NOW) is None
    prepared.publish()
    told = manifest(prepared)
    assert told.templates == () and len(told.withdrawn) == 1


def test_a_drill_is_signed_as_one(office: Any, text: Any) -> None:
    office.write("khan-cap/2026/dien-tap", text(title="Diễn tập", drill="yes", **ALERT))
    office.desk.raise_alert("khan-cap/2026/dien-tap", office.person("p5", "duty"), NOW)
    office.publish()
    (alarm,) = alarms(office)
    assert alarm.alert and alarm.alert["drill"] is True


def test_a_moment_far_ahead_is_rehearsed_and_changes_nothing(office: Any, text: Any, tmp_path: Any) -> None:
    """“What will this board show at 07:30 on 2 September?”, with manifests that reach 92 days."""
    office.write("khau-hieu/2-9", text(title="Mừng Quốc khánh", yearly="25/08-05/09", end="", boards="board:cong-xa"))
    office.both("khau-hieu/2-9")
    office.publish()
    before = {p: p.read_bytes() for p in (office.folder / "publication" / BOARD_FOLDER).rglob("*") if p.is_file()}
    asked = datetime(2027, 9, 2, 0, 30, tzinfo=UTC)
    assert manifest(office).items[0].ranges == () and not reaches(office.settings, "cong-xa", asked)
    rehearse(office.settings, tmp_path / "thu", asked, NOW)
    told = Manifest.read(_newest(tmp_path / "thu", manifest_name("cong-xa")))
    assert active(told.items[0].ranges, asked) and told.number > manifest(office).number
    assert {p: p.read_bytes() for p in before} == before
    assert reaches(office.settings, "cong-xa", NOW + timedelta(days=91))


def test_the_duty_person_names_a_template_and_nothing_more(prepared: Any, capsys: Any) -> None:
    """Title and words are the template's; a drill is one for boards and in the list."""
    words = ["--dir", str(prepared.folder), "--as", "p5", "--source", "Đài", "--level", "4"]
    assert main(["alert", "raise", *words, "--prepared", "khan-cap/mau/lu", "--name", "lu", "--drill"]) == 0
    (alarm,) = alarms(prepared)
    assert alarm.alert and alarm.title == "Khi có lũ" and alarm.alert["drill"] is True
    assert alarm.alert["words"] == "Ngừng cung cấp điện để sửa đường dây.", "the template's summary"
    capsys.readouterr()
    assert main(["alert", "list", "--dir", str(prepared.folder)]) == 0
    listed = capsys.readouterr().out
    assert "cấp 4 diễn tập" in listed and "khan-cap/mau/lu\tmẫu" in listed
    assert main(["alert", "raise", *words, "--prepared", "khan-cap/mau/khong-co"]) == 1
    assert main(["alert", "raise", *words]) == 2, "without a template title and text are needed"
