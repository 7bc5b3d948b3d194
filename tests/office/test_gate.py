"""Attacks on the site's gate: whatever breaks, unapproved words do not come out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from signage.errors import BadInput, Refused
from signage.office import starter
from signage.office.website import clean as website
from signage.office.website import plate
from signage.office.website.clean import build
from signage.office.website.ledger import Expected, compare
from signage.office.website.press import Press
from signage.wire import sha256

SECRET = "CHUA-DUOC-DUYET-4711"  # stands only in words that nobody approved
EXTRA = f"title: {SECRET}\ndate: 2026-11-20 09:00\nkind: tin\nstatus: published\n\n{SECRET}\n"


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """A copy of the shipped plugins that a test may spoil."""
    folder = tmp_path / "plugins"
    shutil.copytree(starter.plugins_folder(), folder)
    monkeypatch.setattr(starter, "plugins_folder", lambda: folder)
    return folder


def while_building(monkeypatch, *, before=None, after=None):
    """Do something to the scratch folder just before or after Pelican runs."""
    run = Press._run

    def spoiled(press):
        if before:
            before(press.folder)
        run(press)
        if after:
            after(press.folder)

    monkeypatch.setattr(Press, "_run", spoiled)


def refused(press, items):
    """Building refuses and leaves nothing; returns what it says."""
    with pytest.raises(Refused) as caught:
        press.build(items)
    assert not (press.folder / "site").exists()
    return caught.value.told("en")


def test_a_good_site_passes_and_tells_every_source(press):
    one = press.publish("a/mot", files={"45.pdf": b"%PDF-1.4 x"}, Attachments="45.pdf")
    ledger = press.ledger([one])
    assert ledger.outputs["tin/mot.html"].sources == (one.statement,)
    assert ledger.outputs["tep/mot/45.pdf"].sources == (one.statement,)
    assert one.statement in ledger.outputs["index.html"].sources
    site = press.folder / "site"
    on_disk = {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()}
    assert set(ledger.outputs) == on_disk


@pytest.mark.parametrize("names", [("reveiw_gate", "commune_pages"), ("commune_pages",), ("review_gate",), ()])
def test_a_gate_misspelt_or_left_out(press, monkeypatch, names):
    monkeypatch.setattr(plate, "PLUGINS", names)
    refused(press, [press.publish("a/mot")])


@pytest.mark.parametrize(
    "line",
    [
        "raise RuntimeError('broken')",
        "import no_such_module",
        "import os; os._exit(0)",
        "import sys; sys.exit(0)",
        "def broken(:",
    ],
)
def test_a_gate_that_fails_at_import(press, plugins, line):
    gate = plugins / "review_gate/__init__.py"
    gate.write_text(line + "\n" + gate.read_text())
    refused(press, [press.publish("a/mot")])


def test_a_gate_that_fails_in_register(press, plugins):
    with (plugins / "review_gate/__init__.py").open("a") as gate:
        gate.write("\n\ndef register():\n    raise RuntimeError('broken')\n")
    refused(press, [press.publish("a/mot")])


@pytest.mark.parametrize(
    "signal", ["initialized", "readers_init", "content_object_init", "content_written", "finalized"]
)
def test_a_gate_that_fails_in_a_signal_handler(press, plugins, signal):
    with (plugins / "commune_pages/__init__.py").open("a") as plugin:
        plugin.write("\n\ndef broken(*args, **kwargs):\n    raise RuntimeError('broken')\n")
        plugin.write(f"\n\nsignals.{signal}.connect(broken)\n")
    refused(press, [press.publish("a/mot")])


def test_a_gate_shadowed_by_a_module_of_the_same_name(press, plugins, monkeypatch):
    (plugins / "earlier.py").write_text(
        "import sys, types\nfake = types.ModuleType('review_gate')\nfake.register = lambda: None\n"
        "sys.modules['review_gate'] = fake\ndef register(): pass\n"
    )
    monkeypatch.setattr(plate, "PLUGINS", ("earlier", "review_gate", "commune_pages"))
    refused(press, [press.publish("a/mot")])


def test_a_gate_that_lets_everything_through(press, plugins, monkeypatch):
    gate = plugins / "review_gate/__init__.py"
    text = gate.read_text().replace('or _sha256(source_path) != approved["sha256"]', "")
    gate.write_text(text.replace('view["html"], {', "Path(source_path).read_text(), {"))
    while_building(monkeypatch, before=lambda work: (work / "staged/tin/mot.md").write_text(EXTRA))
    refused(press, [press.publish("a/mot")])


def test_a_staged_text_tampered_with_before_it_is_read(press, monkeypatch):
    while_building(monkeypatch, before=lambda work: (work / "staged/tin/mot.md").write_text(EXTRA))
    refused(press, [press.publish("a/mot"), press.publish("a/hai")])


def test_a_staged_text_tampered_with_and_put_back(press, plugins, monkeypatch):
    kept = {}

    def spoil(work):
        kept["text"] = (work / "staged/tin/mot.md").read_bytes()
        (work / "staged/tin/mot.md").write_text(EXTRA)

    def put_back(work):
        (work / "staged/tin/mot.md").write_bytes(kept["text"])

    while_building(monkeypatch, before=spoil, after=put_back)
    refused(press, [press.publish("a/mot"), press.publish("a/hai")])


@pytest.mark.parametrize("name", ["tin/them.md", "trang/them.md", "them.md", "tin/them.html", "tep/them.txt"])
def test_a_file_dropped_into_the_staging_folder(press, monkeypatch, name):
    while_building(monkeypatch, before=lambda work: (work / "staged" / name).write_text(EXTRA))
    refused(press, [press.publish("a/mot")])


def test_a_handed_over_plan_tampered_with(press, monkeypatch):
    def spoil(work):
        plan = json.loads((work / "plan.json").read_text())
        plan["sources"]["tin/mot.md"]["view"]["html"] = f"<p>{SECRET}</p>"
        (work / "plan.json").write_text(json.dumps(plan))

    while_building(monkeypatch, before=spoil)
    assert "words" in refused(press, [press.publish("a/mot")])


def test_a_title_tampered_with(press, monkeypatch):
    def spoil(work):
        plan = json.loads((work / "plan.json").read_text())
        plan["sources"]["tin/mot.md"]["view"]["title"] = SECRET
        (work / "plan.json").write_text(json.dumps(plan))

    while_building(monkeypatch, before=spoil)
    refused(press, [press.publish("a/mot")])


def two_notices(press):
    mot = press.publish("a/mot", files={"a.txt": b"so lieu"}, Attachments="a.txt")
    return [mot, press.publish("a/hai")]


@pytest.fixture(scope="module")
def printed(tmp_path_factory, press_in):
    """What Pelican left of `two_notices`, to be spoilt again and again."""
    press = press_in(tmp_path_factory.mktemp("printed"))
    kept = tmp_path_factory.mktemp("kept") / "work"
    with pytest.MonkeyPatch.context() as patch:
        while_building(patch, after=lambda work: shutil.copytree(work, kept))
        press.build(two_notices(press))
    return kept


def _append(name):
    def spoil(work):
        path = work / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(SECRET)

    return spoil


def _link(work):
    (work / "site/tin/lien-ket.html").symlink_to(work / "staged/tin/mot.md")


def _swap(work):
    one, two = work / "site/tin/mot.html", work / "site/tin/hai.html"
    words = one.read_bytes(), two.read_bytes()
    one.write_bytes(words[1])
    two.write_bytes(words[0])


@pytest.mark.parametrize(
    "spoil",
    [
        _append("tin/mot.html"), _append("index.html"), _append("drafts/x.html"), _append("tep/mot/a.txt"),
        _append("theme/site.css"), _append("tin/moi.html"), _link, _swap,
        lambda work: (work / "site/tin/mot.html").unlink(), lambda work: (work / "site/404.html").unlink(),
        lambda work: (work / "ledger.json").unlink(), lambda work: (work / "ledger.json").write_text("[]"),
        lambda work: (work / "ledger.json").write_text("{}"),
    ],
)  # fmt: skip
def test_a_finished_site_tampered_with(press, monkeypatch, spoil, printed):
    monkeypatch.setattr(Press, "_run", lambda press: shutil.copytree(printed, press.folder, dirs_exist_ok=True))
    while_building(monkeypatch, after=spoil)
    refused(press, two_notices(press))


def test_the_same_site_untampered_passes(press, monkeypatch, printed):
    monkeypatch.setattr(Press, "_run", lambda press: shutil.copytree(printed, press.folder, dirs_exist_ok=True))
    assert press.build(two_notices(press)).is_dir()


def test_a_file_that_is_not_the_one_that_was_signed(press):
    one = press.publish("a/mot", files={"45.pdf": b"%PDF signed"}, Attachments="45.pdf")
    one.files["45.pdf"].write_bytes(b"%PDF " + SECRET.encode())
    assert "45.pdf is not the file that was signed" in refused(press, [one])
    assert SECRET.encode() not in b"".join(p.read_bytes() for p in press.folder.glob("work-site/**/*.pdf"))


def test_what_pelican_is_told_skips_by_default(press):
    press.build([press.publish("a/mot")])
    told = (press.folder / "work-site/website/site_settings.py").read_text()
    assert "DEFAULT_METADATA = {'status': 'skip'}\n" in told and "PLUGINS = ['review_gate', 'commune_pages']\n" in told


def test_a_plugin_that_fails_after_all_was_written(press, plugins, monkeypatch):
    (plugins / "late.py").write_text(
        "from pelican import signals\ndef fail(sender): raise RuntimeError('late')\n"
        "def register(): signals.finalized.connect(fail)\n"
    )
    monkeypatch.setattr(plate, "PLUGINS", ("review_gate", "commune_pages", "late"))
    assert "site-generator" in refused(press, [press.publish("a/mot")])


@pytest.mark.parametrize("marks", [[], ["b" * 64], ["a" * 64, "a" * 64], ["a" * 64, "b" * 64]])
def test_a_page_with_another_mark_than_its_own(tmp_path, marks):
    page = "".join(f'<meta name="bangtin:statement" content="{mark}">' for mark in marks).encode()
    (tmp_path / "x.html").write_bytes(page)
    expected = {"x.html": Expected(("a" * 64,), statement="a" * 64)}
    with pytest.raises(Refused, match="mark"):
        compare(tmp_path, expected, {"x.html": (sha256(page), ("a" * 64,))})


def test_a_page_from_other_statements_than_planned(tmp_path):
    (tmp_path / "x.html").write_bytes(b"x")
    with pytest.raises(Refused, match="planned"):
        compare(tmp_path, {"x.html": Expected(("a",))}, {"x.html": (sha256(b"x"), ("a", "b"))})


@pytest.mark.parametrize(
    "line",
    [
        'PATH = "/"', 'ARTICLE_PATHS = [""]', 'THEME = "simple"', "DEFAULT_METADATA = {}", 'OUTPUT_PATH = "/tmp"',
        "PLUGINS = None", 'PLUGINS = ["reveiw_gate"]', 'PLUGIN_PATHS = ["x"]', "STATIC_PATHS = ['']",
        'PELICAN_CLASS = "os.system"', "JINJA_FILTERS = {}", "PLUGINS += ['x']", "import os",
        "open('proof', 'w')", "SITESUBTITLE = open('proof', 'w').name", "LINKS = [('x', 'javascript:alert(1)')]",
        "SITESUBTILE = 'x'", "DEFAULT_PAGINATION = 0", "MENU = [('Không có', 'khong-co.html')]", "PLUGINS = [",
    ],
)  # fmt: skip
def test_a_commune_conf_cannot_loosen_the_gate(press, line, monkeypatch):
    monkeypatch.chdir(press.folder)
    with pytest.raises(BadInput) as caught:
        press.build([press.publish("a/mot")], conf=line)
    assert caught.value.problems[0].told("vi")
    assert not (press.folder / "site").exists()
    assert not (press.folder / "proof").exists(), "pelicanconf.py was run"


def test_the_shipped_conf_is_good_and_a_look_is_taken(press):
    shipped = (starter.sample_root() / "pelicanconf.py").read_text(encoding="utf-8")
    website.read_look(starter.sample_root() / "pelicanconf.py")
    site = press.build([press.publish("a/mot")], conf=shipped.replace("Thông báo, văn bản và lịch", "Tin hằng ngày"))
    assert "Tin hằng ngày" in (site / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("slug", ["mot", "index"])
def test_two_pages_cannot_have_one_address(press, slug):
    items = [press.publish("a/mot"), press.publish("b/khac", Slug=slug)]
    items += [press.publish("trang/index", Kind="trang")] if slug == "index" else []
    with pytest.raises(BadInput):
        press.build(items)
    assert not (press.folder / "site").exists()


def test_the_environment_and_the_users_folder_do_not_reach_the_generator(press, monkeypatch, tmp_path):
    (tmp_path / "evil").mkdir()
    for name in ("review_gate", "markdown", "sitecustomize"):
        (tmp_path / "evil" / f"{name}.py").write_text("import os\nos._exit(0)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "evil"))
    monkeypatch.chdir(tmp_path / "evil")
    assert press.build([press.publish("a/mot")]).is_dir()


def test_a_site_is_never_built_over_another(press):
    items = [press.publish("a/mot")]
    press.build(items)
    before = (press.folder / "site/index.html").read_bytes()
    with pytest.raises(Exception, match="site-folder"):
        build(press.settings, [], press.folder / "site", now=items[0].approved_at, work=press.folder / "w")
    assert (press.folder / "site/index.html").read_bytes() == before


def test_scratch_leaves_other_files_alone(press):
    other = press.folder / "work-site/of-somebody.txt"
    other.parent.mkdir()
    other.write_text("x")
    press.build([press.publish("a/mot")])
    assert Path(other).read_text() == "x"
