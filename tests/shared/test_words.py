"""Lettering, the wire, keys, durable files, settings: the small shared words."""

import os
import stat
import threading
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage import durable, errors
from signage.dossier import Dossier
from signage.errors import BadInput, Refused, Unavailable
from signage.keys import RECORD_TYPE, REPORT_TYPE, PrivateKey, Sealed
from signage.lettering import folded, legacy_encoding, nfc
from signage.publication import EmergencyList, Item, Manifest, Mode, Shape
from signage.report import (
    MAX_FAULTS,
    MAX_FRAME,
    MAX_PLAYS,
    MAX_REPORT,
    MAX_VERSION,
    About,
    Frame,
    Machine,
    Play,
    Report,
    Showing,
    Wear,
    open_report,
)  # fmt: skip
from signage.schedule import HORIZON, VIETNAM_TIME, Pattern, active, merged, next_change, ranges
from signage.settings import load
from signage.wire import BadFormat, Fields, canonical, parse, to_moment, when

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

# ── lettering ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Th«ng b¸o vÒ viÖc c¾t ®iÖn", "TCVN3"),
        ("Thoâng baùo veà vieäc caét ñieän", "VNI"),
        ("Thông báo về việc cắt điện; bà Müller và ông Jürgen; khuếch, ngoằn ngoèo, quạu", None),
        ("Diện tích 120 m², 25 °C, ±3, 5 µg, «trích»", None),
    ],
)
def test_old_encodings_are_told_from_vietnamese(text: str, encoding: str | None) -> None:
    assert legacy_encoding(nfc(text)) == encoding


def test_folding_knows_d_with_a_bar() -> None:
    assert folded("Đường điện ĐỊA phương") == "duong dien dia phuong"


# ── wire ─────────────────────────────────────────────────────────────────────────────────────────


def test_canonical_json_is_one_form() -> None:
    assert canonical({"b": 1, "a": "đ"}) == '{"a":"đ","b":1}'.encode()
    with pytest.raises(BadFormat):
        canonical({"a": 0.5})


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"v":2}', b'{"v":true}', b'{"v":1' + b"[" * 5000, b"\xff{}",
                                  b'{"v":NaN}'])  # fmt: skip
def test_bad_json_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(BadFormat):
        parse(data, limit=100_000)


def test_a_field_that_stands_twice_is_refused() -> None:
    with pytest.raises(BadFormat):
        parse(b'{"v":1,"a":1,"a":2}', limit=100)


@pytest.mark.parametrize(
    "text",
    [
        "2026-1-2T3:4:5Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22 02:00:00Z",
        "2026-11-22T02:00:00Z\n",
        "2026-02-30T00:00:00Z",
        "٢٠٢٦-11-22T02:00:00Z",
    ],
)
def test_a_moment_has_one_form(text: str) -> None:
    with pytest.raises(ValueError):
        to_moment(text)


@pytest.mark.parametrize("name", ["lcd-1920x1080", "led-64x32"])
def test_a_shape_has_one_name(name: str) -> None:
    assert Shape.named(name).name == name


@pytest.mark.parametrize("name", ["lcd-01920x1080", "lcd-+1x1", "lcd-1_0x10", "lcd- 1x1", "oled-1x1", "lcd-0x1",
                                  "lcd-9000x1", "lcd-1x1x1", "lcd"])  # fmt: skip
def test_no_other_name_is_a_shape(name: str) -> None:
    with pytest.raises(ValueError):
        Shape.named(name)


def test_the_largest_report_fits_an_envelope() -> None:
    payload = b"x" * MAX_REPORT
    assert Sealed.read(PrivateKey.generate().seal(payload, REPORT_TYPE), REPORT_TYPE).payload == payload


def test_a_report_with_everything_at_its_limit_is_read() -> None:
    play, title = Play("a" * 64, NOW, 10**9), "\U0002000b" * 200
    full = Report(
        commune="20506", repository="d" * 64, board="b" * 64, seq=2**53, prev="c" * 64, sent=NOW, publication=2**53,
        showing=Showing("emergency", "d" * 64, "e" * 64, title, NOW), verdict="transition", layer="surface",
        plays=(play,) * MAX_PLAYS, faults=(("f" * 64, NOW),) * MAX_FAULTS, clock_state="suspect",
        clock_offset_ms=-(2**53), sync_last_ok=NOW, sync_error=title, machine=Machine(2**53, 2**53, 2**53, 150),
        frame=Frame(b"x" * MAX_FRAME, NOW, "surface"),
        about=About(*["ữ" * MAX_VERSION] * 6, 2**53, Wear("m" * 64, (255, 255), 255)),
    )  # fmt: skip
    _, read = open_report(full.sealed(PrivateKey.generate()))
    assert read == full


def test_an_emergency_with_slides_for_many_shapes_is_read_back() -> None:
    entry = Dossier(b'{"a":"' + b"x" * 60_000 + b'"}', (b"y" * 6000,))
    listed = EmergencyList(1, NOW, (entry,) * 20, (entry,) * 20)
    assert EmergencyList.read(listed.to_bytes()) == listed
    with pytest.raises(BadFormat):  # cut short, it would be another record
        EmergencyList.read(EmergencyList(1, NOW, (Dossier(b"{}", (b"y" * 9000,)),)).to_bytes())


def test_size_is_limited() -> None:
    with pytest.raises(BadFormat, match="more than"):
        parse(b'{"v":1}', limit=3)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_moments_survive(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    assert to_moment(when(whole)) == whole


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(
    st.text(), c), max_leaves=10))  # fmt: skip
def test_reading_any_value_raises_only_bad_format(value: object) -> None:
    fields = Fields({"x": value})
    for read in (fields.text, fields.sha, fields.when, fields.name, fields.integer, fields.boolean, fields.object):
        try:
            read("x")
        except BadFormat as error:
            assert error.where == "$.x"


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────


def test_keys_are_secret_files_that_are_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "p1.pem"
    key = PrivateKey.generate()
    key.save(path, "mật khẩu dài")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(Refused, match="key-exists"):
        PrivateKey.generate().save(path)
    assert PrivateKey.load(path, "mật khẩu dài").public == key.public
    for wrong in (None, "sai"):
        with pytest.raises(Refused, match="key-locked"):
            PrivateKey.load(path, wrong)
    assert key.public.public not in repr(key)


def test_a_record_can_not_be_taken_for_a_report() -> None:
    sealed = PrivateKey.generate().seal(b"{}", RECORD_TYPE)
    with pytest.raises(BadFormat, match="payloadType"):
        Sealed.read(sealed, REPORT_TYPE)


def test_only_the_key_that_signed_counts() -> None:
    key, other = PrivateKey.generate(), PrivateKey.generate()
    sealed = Sealed.read(key.seal(b"{}", RECORD_TYPE), RECORD_TYPE)
    assert sealed.signed_by(key.public) and not sealed.signed_by(other.public)


# ── durable ──────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a" / "b.json"
    durable.write(path, b"old")

    def crash(*_: object) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="power cut"):
        durable.write(path, b"new")
    assert path.read_bytes() == b"old" and [p.name for p in path.parent.iterdir()] == ["b.json"]


def test_unchanged_files_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert durable.write_if_changed(path, b"x")
    before = path.stat().st_mtime_ns
    assert not durable.write_if_changed(path, b"x")
    assert path.stat().st_mtime_ns == before


def test_readers_never_see_half(tmp_path: Path) -> None:
    path, stop, seen = tmp_path / "a", threading.Event(), set()
    durable.write(path, b"0" * 100_000)

    def read() -> None:
        while not stop.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for digit in b"123456789":
        durable.write(path, bytes([digit]) * 100_000)
    stop.set()
    reader.join()
    assert all(len(data) == 100_000 and len(set(data)) == 1 for data in seen)


def test_one_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with durable.only_one(lock), pytest.raises(Unavailable, match="locked"), durable.only_one(lock):
        pass
    with durable.only_one(lock):
        pass


# ── schedule ─────────────────────────────────────────────────────────────────────────────────────


def local(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=VIETNAM_TIME)


@pytest.mark.parametrize(
    ("hours", "days", "moment", "shown"),
    [
        (None, (), local(23, 3), True),
        ((5, 21), (), local(23, 4), False),
        ((5, 21), (), local(23, 5), True),
        ((5, 21), (), local(23, 21), False),
        ((22, 4), (), local(23, 23), True),  # over midnight
        ((22, 4), (), local(24, 3), True),
        ((22, 4), (0,), local(24, 3), True),  # Monday's night goes on into Tuesday
        ((22, 4), (0,), local(24, 23), False),
        ((5, 21), (5, 6), local(23, 9), False),  # the 23rd is a Monday
        ((5, 21), (5, 6), local(28, 9), True),
        (None, (0,), local(23, 0), True),
        (None, (0,), local(24, 0), False),
    ],
)
def test_dayparts(hours: tuple[int, int] | None, days: tuple[int, ...], moment: datetime, shown: bool) -> None:
    spans = ranges(
        local(20, 0), local(30, 0), since=NOW,
        pattern=Pattern((time(hours[0]), time(hours[1])) if hours else None, frozenset(days)),
    )  # fmt: skip
    assert active(spans, moment) is shown


def test_validity_and_horizon_are_kept() -> None:
    far = NOW + timedelta(days=1000)
    ((low, high),) = ranges(NOW, far, since=NOW)
    assert (low, high) == (NOW, NOW + HORIZON)
    assert ranges(NOW - timedelta(days=9), NOW - timedelta(days=5), since=NOW) == []


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=8), st.integers(-5, 80))
def test_merging_keeps_the_same_time(parts: list[tuple[int, int]], hour: int) -> None:
    spans = [(NOW + timedelta(hours=a), NOW + timedelta(hours=a + b)) for a, b in parts]
    moment = NOW + timedelta(hours=hour, minutes=30)
    assert active(merged(spans), moment) == any(low <= moment < high for low, high in spans)
    edges = (edge for span in merged(spans) for edge in span if edge > moment)
    edge = next_change(merged(spans), moment)
    assert edge == min(edges, default=None)
    if edge:
        assert active(merged(spans), edge - timedelta(seconds=1)) != active(merged(spans), edge)


# ── publication ──────────────────────────────────────────────────────────────────────────────────


def manifest() -> Manifest:
    mode = Mode((1280, 720), (0, 0, 384, 192), 0, Shape("led", 384, 192))
    item = Item("b" * 64, ((NOW, NOW + timedelta(hours=1)),), 3)
    return Manifest("99999", "xã Thử", "d" * 64, "cong-xa", "Cổng", 7, NOW, NOW + HORIZON, mode, (item,), ("a" * 64,))


def test_a_manifest_survives_the_wire() -> None:
    assert Manifest.read(manifest().to_bytes()) == manifest()
    emergencies = EmergencyList(1, NOW, (Dossier(b'{"a":1}', (b"{}",)),))
    assert EmergencyList.read(emergencies.to_bytes()) == emergencies


def test_a_viewport_must_fit_its_output_and_shape() -> None:
    good = manifest().to_bytes()
    for old, new in ((b"[0,0,384,192]", b"[1000,0,384,192]"), (b"led-384x192", b"led-384x191"),
                     (b'"rotate":0', b'"rotate":90'), (b'"rotate":0', b'"rotate":45'),
                     (b"[1280,720]", b"[8192,8192]"), (b"[1280,720]", b"[4097,2160]")):  # fmt: skip
        assert old in good
        with pytest.raises(BadFormat):
            Manifest.read(good.replace(old, new))
    for most in (b"[4096,2160]", b"[8192,1080]"):
        Manifest.read(good.replace(b"[1280,720]", most))


# ── settings ─────────────────────────────────────────────────────────────────────────────────────


def test_all_problems_of_both_files_at_once(tmp_path: Path) -> None:
    (tmp_path / "bangtin.toml").write_text(
        'v = 1\ncolour = "x"\n[commune]\ncode = "123"\nname = "xã A"\nphone = 5\nsite = "nope"\n'
        '[[hamlet]]\nid = "a"\nname = "A"\n[[hamlet]]\nid = "a"\nname = "B"\n'
        '[[board]]\nid = "x"\nname = "X"\nkind = "led"\noutput = [100, 100]\nviewport = [50, 50, 100, 100]\n'
    )
    (tmp_path / "people.toml").write_text('[[person]]\nid = "p1"\nname = "A"\nroles = ["boss"]\n')
    with pytest.raises(BadInput) as caught:
        load(tmp_path)
    found = {(p.code, p.field) for p in caught.value.problems}
    assert {("setting-shape", "commune.code"), ("setting-missing", "commune.province"), ("setting-unknown", "colour"),
            ("setting-type", "commune.phone"), ("viewport-outside", "board[0].viewport"), ("setting-twice", "hamlet"),
            ("setting-shape", "person[0].roles")} <= found  # fmt: skip


def test_a_misspelt_setting_is_answered_with_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "bangtin.toml").write_text('v = 1\n[commune]\ncodes = "12345"\n')
    (tmp_path / "people.toml").write_text("")
    with pytest.raises(BadInput) as caught:
        load(tmp_path)
    (problem,) = [p for p in caught.value.problems if p.code == "setting-unknown"]
    assert "code" in problem.told("vi")


def test_a_setting_that_no_board_would_read_is_refused_at_the_desk(tmp_path: Path) -> None:
    (tmp_path / "bangtin.toml").write_text(
        f'v = 1\n[commune]\nname = "{"x" * 201}"\n'
        '[[board]]\nid = "x"\nname = "X"\nkind = "led"\noutput = [100, 100]\ngroups = ["Ngoài trời"]\n'
    )
    keys = '[[person.key]]\npublic = ""\n' * 21
    (tmp_path / "people.toml").write_text(f'[[person]]\nid = "p1"\nname = "A"\nroles = ["author"]\n{keys}')
    with pytest.raises(BadInput) as caught:
        load(tmp_path)
    found = {(p.code, p.field) for p in caught.value.problems}
    assert {("text-long", "commune.name"), ("setting-shape", "board[0].groups"),
            ("setting-type", "person[0].key")} <= found  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ("brightness = 39", ("brightness-low", "board[0].brightness")),
        ("night_brightness = 19", ("brightness-low", "board[0].night_brightness")),
        ("wake_level = 5", ("setting-shape", "board[0].wake_level")),
        ('dark = "18:00-08:01"', ("night-long", "board[0].dark")),
        ('dark = "08:00-08:00"', ("night-long", "board[0].dark")),
        ('dark = "20:00-04:00"\nnight = "04:00-10:30"', ("night-long", "board[0].night")),
        ("output = [8192, 8192]", ("output-large", "board[0].output")),
        ('brightness = 40\nnight_brightness = 20\nwake_level = 4\ndark = "22:30-04:30"\nnight = "18:00-08:00"', None),
        ("output = [8192, 1080]", None),
    ],
)
def test_a_record_that_would_put_a_board_out_is_refused_at_the_desk(
    tmp_path: Path, lines: str, wrong: tuple[str, str] | None
) -> None:
    output = "" if "output" in lines else "output = [100, 100]\n"
    (tmp_path / "bangtin.toml").write_text(f'v = 1\n[[board]]\nid = "x"\nname = "X"\nkind = "lcd"\n{output}{lines}\n')
    (tmp_path / "people.toml").write_text("")
    with pytest.raises(BadInput) as caught:
        load(tmp_path)
    told = [p for p in caught.value.problems if p.field and p.field.startswith("board")]
    assert [(p.code, p.field) for p in told] == ([wrong] if wrong else [])
    assert all("{" not in p.told("vi") for p in told)


def test_settings_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    for name in ("bangtin.toml", "people.toml"):
        (tmp_path / name).mkdir()
    with pytest.raises(BadInput) as wrong:
        load(tmp_path)
    assert [(p.code, p.file) for p in wrong.value.problems] == [
        ("settings-unreadable", "bangtin.toml"), ("settings-unreadable", "people.toml"),
    ]  # fmt: skip


def test_no_settings_at_all_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        load(tmp_path)
    assert "bangtin init" in caught.value.told("vi")


# ── errors ───────────────────────────────────────────────────────────────────────────────────────


def test_every_sentence_is_there_in_both_languages() -> None:
    for code in errors.codes():
        assert errors.sentence(code, "vi") and errors.sentence(code, "en"), code
        assert bool(errors.remedy(code, "vi")) == bool(errors.remedy(code, "en")), code
