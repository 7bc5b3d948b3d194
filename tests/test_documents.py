"""The documents are held against the code: formats and their limits, messages, verbs, commands."""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.util
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tuf.api.metadata import Metadata, Root

from signage import dossier, keys, publication, report, settings, stick
from signage.board import trust
from signage.cli import parser
from signage.errors import BadInput, BangtinError, Refused, Unavailable, WrongUse, codes
from signage.hub import roster
from signage.keys import RECORD_TYPE, REPORT_TYPE, PrivateKey, Sealed
from signage.notice import KINDS, header, read_file, reading
from signage.notice.canonical import digest
from signage.notice.vocabulary import CATEGORIES, CLASSES
from signage.publication import EmergencyList, Manifest
from signage.report import Report
from signage.review import Approval, People, Record, Statement, approval, people, record, slide, statement
from signage.settings import table
from signage.wire import BadFormat, canonical, sha256

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
FORMATS = (DOCS / "formats.md").read_text("utf-8")
NAMES = sorted(p.stem for p in (DOCS / "schemas").glob("*.json"))
KEY = PrivateKey.generate()

_spec = importlib.util.spec_from_file_location("write_documents", DOCS / "write.py")
assert _spec and _spec.loader
write = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(write)


def schema(name: str) -> dict[str, Any]:
    return json.loads((DOCS / "schemas" / f"{name}.json").read_text("utf-8"))


def examples(name: str) -> list[Any]:
    if name in ("settings", "people-settings"):
        return [tomllib.loads(text) for text in write.blocks(FORMATS, f"toml {name}")]
    return [json.loads(text) for text in write.blocks(FORMATS, f"json {name}")]


AREA = {"area": [8, 160, 368, 24]}
PARTS: dict[str, dict[tuple[str | int, ...], Any]] = {  # what an example may have besides, by where it stands
    "statement": {
        ("slides", "led-384x192", 0, "ticker"): {
            **AREA, "ink": "#ffffff", "paper": "#000000", "text": "Chữ chạy", "size": 16,
        },
        ("slides", "led-384x192", 0, "film"): {
            **AREA, "file": "a" * 64, "size": 9, "type": "video/mp4", "ms": 2000, "around": "b" * 64,
        },
        ("alert",): {
            "level": 3, "source": "Đài", "bulletin_time": "2026-11-20T02:30:00Z", "words": "Di dời ngay.",
            "template": "c" * 64, "drill": True,
        },
    },
    "board": {("proof",): "d" * 64},
    "report": {("sync", "usb"): "2026-11-20T02:30:00Z"},
    "manifest": {
        ("templates",): ["a" * 64], ("wake_level",): 4, ("sound",): True, ("fade_ms",): 500,
        ("safe",): True,
        ("light",): {"day": 90, "night": 40, "nights": [["2026-11-20T11:00:00Z", "2026-11-20T23:00:00Z"]]},
    },
}  # fmt: skip


def example(name: str) -> Any:
    return examples(name)[0]


def full(name: str) -> Any:
    """The example, with every part that it may have."""
    value = example(name)
    for spot, part in PARTS.get(name, {}).items():
        value = put(value, spot, part)
    return value


# ── the readers ──────────────────────────────────────────────────────────────────────────────────


def _root(value: Any, _: Path) -> None:
    root = Root(unrecognized_fields={"bangtin": value}, consistent_snapshot=True)
    root.add_key(KEY.public.tuf(), "root")
    metadata = Metadata(root)
    metadata.sign(KEY.signer())
    trust.built_in(metadata.to_bytes())


def _card(value: Any, folder: Path) -> None:
    (folder / "board.pub.json").write_bytes(canonical(value))
    roster.read_card(folder / "board.pub.json")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(map(_toml, value)) + "]" if isinstance(value, list) else json.dumps(value)


def _settings(value: Any, folder: Path, name: str = "settings") -> None:
    for file, other in (("bangtin.toml", "settings"), ("people.toml", "people-settings")):
        values = value if name == other else example(other)
        (folder / file).write_text("".join(f"{k} = {_toml(v)}\n" for k, v in values.items()), "utf-8")
    settings.load(folder)


READERS: dict[str, Callable[[Any, Path], object]] = {
    "statement": lambda v, _: Statement.read(canonical(v)),
    "envelope": lambda v, _: Sealed.read(canonical(v), RECORD_TYPE),
    "record": lambda v, _: Record.read(KEY.seal(canonical(v), RECORD_TYPE)),
    "dossier": lambda v, _: dossier.Dossier.read(canonical(v)),
    "people": lambda v, _: People.read(canonical(v)),
    "manifest": lambda v, _: Manifest.read(canonical(v)),
    "emergencies": lambda v, _: EmergencyList.read(canonical(v)),
    "report": lambda v, _: Report.read(canonical(v)),
    "board": _card,
    "ticket": lambda v, _: stick.Ticket.read(canonical(v)),
    "root": _root,
    "settings": _settings,
    "people-settings": lambda v, f: _settings(v, f, "people-settings"),
}  # fmt: skip
REFUSALS = (BadFormat, BadInput, Refused)


def test_every_schema_is_one_and_has_a_reader_and_an_example() -> None:
    assert set(NAMES) == set(READERS)
    marked = set(re.findall(r"^```(?:json|toml) (\S+)$", FORMATS, re.MULTILINE))
    assert marked == set(NAMES)
    for name in NAMES:
        Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_example_fits_its_schema_and_its_reader(name: str, tmp_path: Path) -> None:
    for value in examples(name):
        Draft202012Validator(schema(name)).validate(value)
        if name == "envelope" and value["payloadType"] == REPORT_TYPE:
            report.open_report(canonical(value))
            continue
        READERS[name](value, tmp_path)


# ── schema and reader agree ──────────────────────────────────────────────────────────────────────

Spot = tuple[str | int, ...]
# At these limits something else forbids the value: it must agree with a neighbour.
TIED = {"keyid", "public", "output", "viewport", "rotate", "shape", "hamlet", "area", "payload", "sig", "data"}


def node(full: dict[str, Any], part: dict[str, Any], value: Any) -> dict[str, Any]:
    """The part of a schema that says how `value` must be, references followed."""
    if "$ref" in part:
        return node(full, full["$defs"][part["$ref"].rsplit("/", 1)[1]], value)
    if "anyOf" in part:
        return {} if value is None else node(full, part["anyOf"][0], value)
    return part


def walk(full: dict[str, Any], part: dict[str, Any], value: Any, spot: Spot = ()) -> Iterator[tuple[Spot, Any, Any]]:
    part = node(full, part, value)
    yield spot, part, value
    if isinstance(value, dict):
        for name, inner in value.items():
            rule = part.get("properties", {}).get(name, part.get("additionalProperties", {}))
            yield from walk(full, rule if isinstance(rule, dict) else {}, inner, (*spot, name))
    elif isinstance(value, list) and value:
        for place, rule in enumerate(part.get("prefixItems") or [part.get("items", {})]):
            yield from walk(full, rule, value[place], (*spot, place))


def put(value: Any, spot: Spot, new: Any) -> Any:
    """A copy of `value` with `new` at `spot`; `...` deletes."""
    if not spot:
        return new
    value = copy.deepcopy(value)
    at = value
    for step in spot[:-1]:
        at = at[step]
    if new is ...:
        del at[spot[-1]]
    else:
        at[spot[-1]] = new
    return value


def bad(part: dict[str, Any], value: Any) -> Iterator[Any]:
    """Values that the schema forbids here."""
    if part.get("type") == "string":
        yield 7
    if "pattern" in part or "enum" in part or "contentEncoding" in part:
        yield "!\n"
    if "const" in part:
        yield 2 if part["const"] == 1 else "text/html"
    if "maxLength" in part:
        yield "a" * (part["maxLength"] + 1)
    if part.get("minLength"):
        yield ""
    if part.get("type") == "integer":
        yield from (part["minimum"] - 1, part["maximum"] + 1, True)
    if part.get("type") == "boolean":
        yield "yes"
    if "maxItems" in part and value:
        yield [value[0]] * (part["maxItems"] + 1)
    if "minItems" in part:
        yield value[:-1]
    if "maxProperties" in part:
        extra = {f"lcd-{n}x{n}": [] for n in range(1, part["maxProperties"] + 2)}
        yield extra if part.get("additionalProperties", {}).get("type") == "array" else dict.fromkeys(extra, "")
    if part.get("additionalProperties") is False:
        yield {**value, "zzz": 1}


def good(part: dict[str, Any]) -> Iterator[Any]:
    """Values at the limits that the schema allows here."""
    if "maxLength" in part and "pattern" not in part:
        yield from ("a" * part["maxLength"], "a" * part.get("minLength", 0))
    if part.get("type") == "integer":
        yield from (part["minimum"], part["maximum"])
    if part.get("type") == "object" and part.get("additionalProperties") is None:
        yield "more"
    yield from part.get("enum", ())


def read(name: str, value: Any, folder: Path) -> bool:
    try:
        READERS[name](value, folder)
    except REFUSALS:
        return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_what_the_schema_forbids_the_reader_refuses(name: str, tmp_path: Path) -> None:
    value, whole = full(name), schema(name)
    for spot, part, here in walk(whole, whole, value):
        if name == "report" and spot == ("frame", "type"):
            continue  # the hub looks at the bytes, not at what they are called
        for wrong in bad(part, here):
            assert not read(name, put(value, spot, wrong), tmp_path), (spot, wrong)
        for required in part.get("required", ()):
            assert not read(name, put(value, (*spot, required), ...), tmp_path), (spot, required)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_schema_allows_the_reader_reads(name: str, tmp_path: Path) -> None:
    value, whole = full(name), schema(name)
    for spot, part, here in walk(whole, whole, value):
        if set(spot) & TIED:
            continue
        for right in () if spot == ("payloadType",) else good(part):
            new = {**here, "more": [{}]} if right == "more" else right
            assert read(name, put(value, spot, new), tmp_path), (spot, right)
        for optional in set(part.get("properties", ())) - set(part.get("required", ())):
            if optional in here and optional not in TIED:
                assert read(name, put(value, (*spot, optional), ...), tmp_path), (spot, optional)


LIMITS = [
    ("statement", "properties/files/maxItems", statement.MAX_FILES),
    ("statement", "properties/boards/maxItems", statement.MAX_BOARDS),
    ("statement", "properties/slides/maxProperties", statement.MAX_SHAPES),
    ("statement", "properties/slides/additionalProperties/maxItems", statement.MAX_SLIDES),
    ("statement", "properties/drawn_by/maxProperties", statement.MAX_DRAWN_BY),
    ("statement", "properties/kind/enum", list(KINDS)),
    ("statement", "properties/class/enum", list(CLASSES)),
    ("statement", "$defs/slide/properties/size/maximum", slide.MAX_SLIDE),
    ("statement", "$defs/slide/properties/dwell_ms/minimum", slide.MIN_DWELL),
    ("statement", "$defs/slide/properties/dwell_ms/maximum", slide.MAX_DWELL),
    ("statement", "$defs/slide/properties/type/enum", list(slide.SLIDE_TYPES)),
    ("statement", "$defs/ticker/properties/text/maxLength", slide.MAX_TICKER),
    ("statement", "$defs/ticker/properties/size/maximum", slide.LETTERS[1]),
    ("statement", "$defs/film/properties/size/maximum", slide.MAX_FILM),
    ("statement", "$defs/film/properties/ms/minimum", slide.MIN_FILM_MS),
    ("statement", "$defs/film/properties/ms/maximum", slide.MAX_DWELL),
    ("statement", "$defs/film/properties/type/enum", list(slide.FILM_TYPES)),
    ("statement", "$defs/file/properties/size/maximum", slide.MAX_FILM),
    ("statement", "$defs/alert/properties/words/maxLength", statement.MAX_WORDS),
    ("envelope", "properties/payloadType/enum", [RECORD_TYPE, REPORT_TYPE]),
    ("record", "properties/act/enum", list(record.ACTS)),
    ("record", "properties/role/enum", list(record.ROLES)),
    ("people", "properties/people/maxItems", people.MAX_PEOPLE),
    ("people", "$defs/person/properties/keys/maxItems", people.MAX_KEYS),
    ("people", "$defs/person/properties/roles/maxItems", len(record.ROLES)),
    ("manifest", "properties/items/maxItems", publication.MAX_ITEMS),
    ("manifest", "properties/evergreen/maxItems", publication.MAX_ITEMS),
    ("manifest", "properties/withdrawn/maxItems", publication.MAX_REMOVED),
    ("manifest", "properties/hidden/maxItems", publication.MAX_REMOVED),
    ("manifest", "$defs/removed/properties/records/maxItems", dossier.MAX_RECORDS),
    ("manifest", "properties/templates/maxItems", publication.MAX_ITEMS),
    ("manifest", "properties/fade_ms/maximum", publication.MAX_FADE),
    ("manifest", "$defs/ranges/maxItems", publication.MAX_RANGES),
    ("manifest", "$defs/mode/properties/output/items/maximum", publication.MAX_OUTPUT),
    ("manifest", "$defs/mode/properties/viewport/items/maximum", publication.MAX_OUTPUT),
    ("manifest", "$defs/mode/properties/rotate/enum", list(publication.ROTATIONS)),
    ("emergencies", "properties/entries/maxItems", publication.MAX_EMERGENCIES),
    ("emergencies", "properties/cancelled/maxItems", publication.MAX_EMERGENCIES),
    ("emergencies", "$defs/entry/properties/statement/maxLength", dossier.MAX_WORDS),
    ("emergencies", "$defs/entry/properties/statement/maxLength", statement.MAX_STATEMENT),
    ("emergencies", "$defs/entry/properties/records/items/maxLength", dossier.MAX_ENVELOPE),
    ("emergencies", "$defs/entry/properties/records/maxItems", dossier.MAX_RECORDS),
    ("dossier", "properties/statement/maxLength", dossier.MAX_WORDS),
    ("dossier", "properties/records/items/maxLength", dossier.MAX_ENVELOPE),
    ("dossier", "properties/records/maxItems", dossier.MAX_RECORDS),
    ("report", "properties/plays/maxItems", report.MAX_PLAYS),
    ("report", "properties/faults/maxItems", report.MAX_FAULTS),
    ("report", "properties/verdict/enum", list(report.VERDICTS)),
    ("report", "properties/clock/properties/state/enum", list(report.CLOCKS)),
    ("report", "$defs/frame/properties/data/maxLength", report.MAX_FRAME * 4 // 3 + 4),
    ("settings", "properties/hamlet/maxItems", table.MAX_TABLES),
    ("settings", "$defs/days/maxItems", table.MAX_DAYS),
    ("settings", "properties/board/maxItems", table.MAX_TABLES),
    ("settings", "$defs/board/properties/groups/maxItems", table.MAX_NAMES),
    ("settings", "$defs/board/properties/name/maxLength", table.MAX_SETTING),
    ("settings", "$defs/board/properties/output/items/maximum", table.MAX_OUTPUT),
    ("settings", "$defs/board/properties/brightness/minimum", publication.DAY_LEAST),
    ("settings", "$defs/board/properties/night_brightness/minimum", publication.NIGHT_LEAST),
    ("settings", "$defs/board/properties/wake_level/maximum", publication.WAKES_ALWAYS),
    ("people-settings", "properties/person/maxItems", table.MAX_TABLES),
    ("people-settings", "properties/person/maxItems", people.MAX_PEOPLE),
    ("people-settings", "$defs/person/properties/key/maxItems", people.MAX_KEYS),
]  # fmt: skip


@pytest.mark.parametrize(("name", "where", "constant"), LIMITS)
def test_a_limit_of_the_schemas_is_that_of_the_code(name: str, where: str, constant: Any) -> None:
    found = schema(name)
    for step in where.split("/"):
        found = found[step]
    assert found == constant


WHOLE = {
    "statement": statement.MAX_STATEMENT, "envelope": keys.MAX_ENVELOPE, "record": record.MAX_RECORD,
    "dossier": dossier.MAX_DOSSIER,
    "people": people.MAX_PEOPLE_BYTES, "manifest": publication.MAX_MANIFEST,
    "emergencies": publication.MAX_EMERGENCY_LIST, "report": report.MAX_REPORT, "board": stick.MAX_CARD,
    "ticket": stick.MAX_TICKET,
    "settings": settings.reading.MAX_SETTINGS, "people-settings": settings.reading.MAX_SETTINGS,
}  # fmt: skip


def test_the_limits_of_the_whole_are_those_of_the_code() -> None:
    rows = re.findall(r"^\|[^|]*\| \[([\w-]+)\]\([^)]*\) \|([^|]*)\|", FORMATS, re.MULTILINE)
    told = {name: int(number[1].replace(",", "")) for name, text in rows if (number := re.match(r" ([\d,]+) b", text))}
    assert told == WHOLE
    for name, most in WHOLE.items():
        assert f"{most:,} bytes" in schema(name)["title"], name


# ── the examples belong together ─────────────────────────────────────────────────────────────────


def test_the_worked_digest_is_right(tmp_path: Path) -> None:
    written, _ = write.blocks(FORMATS, "text notice")
    (text,), (worked,) = write.blocks(FORMATS, "text canonical"), write.blocks(FORMATS, "text digest")
    path = tmp_path / f"{write.NOTICE}.md"
    path.parent.mkdir(parents=True)
    places = reading.Places(frozenset({"cong-xa"}), frozenset({"ngoai-troi"}), frozenset({"thon-3"}))
    for same in (written, written.replace("\n", "\r\n"), written.replace("Title:", "TITLE:  "), text):
        path.write_text(same, "utf-8")
        notice, problems = read_file(path, tmp_path, places)
        assert notice and not problems
        assert (notice.text.decode(), notice.digest) == (text, worked.strip())
    assert worked.strip() == sha256(text.encode() + b"\n") == example("statement")["digest"]
    files = [reading.SourceFile("b.pdf", "1" * 64, 5), reading.SourceFile("a.jpg", "2" * 64, 5)]
    told = f"{text}\na.jpg {'2' * 64}\nb.pdf {'1' * 64}\n"
    assert digest(text.encode(), files) == sha256(told.encode())


def test_the_example_is_approved_published_and_reported() -> None:
    listed = People.read(canonical(example("people")))
    shown = Statement.read(canonical(example("statement")))
    submit, approve, sent = (canonical(e) for e in examples("envelope"))
    records = [Record.read(data) for data in (submit, approve)]
    answer = approval(shown, records, listed)
    assert isinstance(answer, Approval) and list(answer.records) == records
    assert json.loads(records[0].sealed.payload) == example("record")
    assert [shown.sha256 + "\n"] == write.blocks(FORMATS, "text statement-name")
    manifest = Manifest.read(canonical(example("manifest")))
    whole = canonical(example("dossier"))
    assert dossier.Dossier.read(whole) == dossier.Dossier(shown.to_bytes(), (submit, approve))
    assert [i.dossier for i in manifest.items] == [sha256(whole)]
    assert {"commune": manifest.commune, "repository": manifest.repository} == example("root")
    (alert,) = EmergencyList.read(canonical(example("emergencies"))).entries
    raised = approval(Statement.read(alert.statement), map(Record.read, alert.records), listed)
    assert isinstance(raised, Approval)
    sealed, told = report.open_report(sent)
    assert sealed.signed_by(keys.PublicKey(example("board")["public"]))
    assert canonical(example("report")) == sealed.payload and told.publication == manifest.number
    public = {k["public"] for p in example("people-settings")["person"] for k in p.get("key", ())}
    assert public == {k.key.public for p in listed.people for k in p.keys}


def test_the_examples_can_be_made_again(tmp_path: Path) -> None:
    made = write.examples(FORMATS, tmp_path)
    assert set(made) == set(re.findall(r"<!-- made: (\S+) -->\n", FORMATS))
    assert made["canonical"] + "\n" == write.blocks(FORMATS, "text canonical")[0]
    assert json.loads(made["record"])["act"] == example("record")["act"]


# ── notices ──────────────────────────────────────────────────────────────────────────────────────


def section(name: str) -> str:
    return FORMATS.split(f"\n## {name}\n", 1)[1].split("\n## ", 1)[0]


def field_rows() -> dict[str, list[str]]:
    rows = re.findall(r"^\| `([\w-]+)` \|(.*)\|$", section("Notice"), re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split("|")] for name, rest in rows}


def test_the_table_of_fields_is_the_codes() -> None:
    assert set(field_rows()) == set(header.FIELDS)
    forbidden = section("Notice").split("Not allowed:", 1)[1].split("\n\n", 1)[0]
    assert {f.lower() for f in re.findall(r"`(\w+)`", forbidden)} == set(header.FORBIDDEN)


@pytest.mark.parametrize("name", [n for n, r in field_rows().items() if re.search(r"\d characters$", r[-1])])
def test_a_field_may_be_as_long_as_the_table_says(name: str, tmp_path: Path) -> None:
    most = int(field_rows()[name][-1].split()[0])
    fields = dict(re.findall(r"^([\w-]+): (.*)$", write.blocks(FORMATS, "text notice")[1], re.MULTILINE))
    for length, fits in ((most, True), (most + 1, False)):
        more = {"Number": "45/TB-UBND", "Issuer": "UBND", name: "a" * length}
        words = "".join(f"{k}: {v}\n" for k, v in {**fields, **more}.items()) + "\nChữ.\n"
        (tmp_path / "a.md").write_text(words, "utf-8")
        notice, problems = read_file(tmp_path / "a.md", tmp_path, reading.Places(*[frozenset[str]()] * 3))
        assert bool(notice) == fits and {p.code for p in problems} <= {"text-long", "slug-bad", "field-idle"}


def test_kinds_classes_and_categories_are_the_codes() -> None:
    for start, known in (("Kinds:", KINDS), ("Categories:", CATEGORIES)):
        listed = section("Notice").split(start, 1)[1].split(";" if start == "Kinds:" else "\n\n", 1)[0]
        assert re.findall(r"`([\w-]+)`", listed) == list(known)
    assert set(re.findall(r"`([\w-]+)`", field_rows()["Class"][1])) == set(CLASSES)


def test_exit_codes_are_the_codes() -> None:
    rows = re.findall(r"^\| (\d) \|", section("Exit codes"), re.MULTILINE)
    kinds = (BangtinError, Unavailable, BadInput, WrongUse, Refused)
    assert {int(row) for row in rows} == {0} | {kind.exit_code for kind in kinds}


# ── messages ─────────────────────────────────────────────────────────────────────────────────────

SOURCES = [p for p in sorted((ROOT / "signage").rglob("*.py")) if "sample" not in p.parts]
SOURCES += sorted((ROOT / "plugins").rglob("*.py"))
RAISED = {"Problem", "Hint", "Unavailable", "BadInput", "WrongUse", "Refused", "BangtinError", "_No", "problem"}


def told() -> Iterator[tuple[str, str]]:
    """(where, code) of each code that a call names: `Refused("x")`, `read.problem("x")`, `t.wrong(name, "x")`."""
    for path in SOURCES:
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            place = 0 if name in RAISED else 1 if name == "wrong" else None
            if place is not None and len(call.args) > place:
                argument = call.args[place]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield f"{path.relative_to(ROOT)}:{call.lineno}", argument.value


def test_every_code_that_is_raised_has_its_sentences() -> None:
    assert not [(where, code) for where, code in told() if code not in codes()]


def test_every_sentence_belongs_to_a_code_that_is_used() -> None:
    words = {
        part.value for path in SOURCES for part in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }  # fmt: skip
    starts = tuple(w for w in words if re.fullmatch(r"[a-z]+-", w))  # f"expired-{role}"
    assert [code for code in sorted(codes() - words) if not code.startswith(starts)] == []


def test_the_page_of_codes_is_what_the_program_says() -> None:
    page = (DOCS / "ma-loi.md").read_text("utf-8")
    assert page.endswith("\n" + write.code_table()), "run: python docs/write.py codes"


def verbs(of: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    actions = (a for a in of._actions if isinstance(a, argparse._SubParsersAction))
    return {verb: inner for action in actions for verb, inner in action.choices.items()}


def unknown(command: str) -> str:
    """The first word of `bangtin …` that the program does not know, or "" (values are not looked at)."""
    of = parser()
    for word in command.split()[1:]:
        options = {option for action in of._actions for option in action.option_strings}
        missing = verbs(of) and re.fullmatch(r"[a-z]+", word) and word not in verbs(of)
        if missing or (word.startswith("--") and word.split("=")[0] not in options):
            return word
        of = verbs(of).get(word, of)
    return ""


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "signage/messages.toml", *sorted(DOCS.glob("*.md"))],
                         ids=lambda p: p.name)  # fmt: skip
def test_no_page_and_no_message_names_a_command_that_does_not_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    named = re.findall(r"`(bangtin [^`\n]*)`", text)
    named += re.findall(r"^(?:vi_do|en_do) = \"(?:[^\"]*: )?(bangtin [^\"]*)", text, re.MULTILINE)
    assert not [(command, word) for command in named if (word := unknown(command))]
