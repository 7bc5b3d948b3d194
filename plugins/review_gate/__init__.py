"""Gives a page only to bytes that people approved, and tells every page that was written.

A source whose bytes are not in the plan keeps the status `skip`. What may stand on a page comes
from the plan, which the office made from the signed text; this adapter compares and hands on.
A template is given nothing but the names that the office says it looks up.
"""

import hashlib
import json
from datetime import datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import msgspec
from jinja2 import StrictUndefined
from pelican import signals
from pelican.readers import BaseReader
from pelican.writers import Writer

_written = {}
_environments = []  # one of Jinja's for all generators and runs: templates are compiled once


def _sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class ApprovedText(BaseReader):
    """Reads an approved notice; anything else stays `skip`."""

    file_extensions = ["md"]  # noqa: RUF012 (Pelican's own form)

    def read(self, source_path):
        name = Path(source_path).relative_to(self.settings["PATH"]).as_posix()
        approved = self.settings["plan"]["sources"].get(name)
        if approved is None or _sha256(source_path) != approved["sha256"]:
            return "", {}
        view = approved["view"]
        return view["html"], {
            "status": "published",
            "title": view["title"],
            "slug": view["slug"],
            "url": view["url"],
            "save_as": view["url"],
            **({"template": "english"} if view["lang"] == "en" else {}),
            "date": datetime.fromisoformat(approved["date"]),
            "view": view,
        }


class ApprovedFile(BaseReader):
    """Lets an approved picture or attachment be copied; anything else stays `skip`."""

    file_extensions = ["static"]  # noqa: RUF012

    def read(self, source_path):
        name = Path(source_path).relative_to(self.settings["PATH"]).as_posix()
        approved = self.settings["plan"]["files"].get(name)
        good = approved is not None and _sha256(source_path) == approved["sha256"]
        return None, {"status": "published"} if good else {}


class Exact(Writer):
    """Writes pages that were given only what their template looks up."""

    def write_file(self, name, template, context, *args, **told):
        content = told.get("article") or told.get("page")
        sources = [content.view["statement"]] if content else told["sources"]
        offered = {kind: SimpleNamespace(view=told[kind].view) for kind in ("article", "page") if kind in told}
        offered |= {"here": told["here"]} if "here" in told else {}
        names = self.settings["plan"]["names"][template.name]
        given = {kind: value for kind, value in offered.items() if kind in names}
        super().write_file(name, template, {"localsiteurl": ""}, **given)
        path = Path(self.output_path) / name
        _written[name] = (_sha256(path), sources)


def _open_plan(pelican):
    _written.clear()
    pelican.settings["plan"] = msgspec.json.decode(Path(pelican.settings["BANGTIN_PLAN"]).read_bytes())


def _take_readers(readers):
    readers.reader_classes = {"md": ApprovedText, "static": ApprovedFile}


def _named(otherwise, thing, name):
    """What a template calls `thing.name`: nearly always a dict's value, which Jinja looks for last."""
    return thing[name] if type(thing) is dict and name in thing else otherwise(thing, name)


def _strict(generator):
    if not _environments:
        generator.env.undefined = StrictUndefined
        generator.env.auto_reload = False  # another theme is another process
        generator.env.getattr = partial(_named, generator.env.getattr)
        _environments.append(generator.env)
    generator.env = _environments[0]


def _exact(_pelican):
    return Exact


def _tell(pelican):
    Path(pelican.settings["BANGTIN_LEDGER"]).write_text(json.dumps(_written), encoding="utf-8")


def register():
    signals.get_generators.connect(_open_plan)  # the first thing in each run
    signals.readers_init.connect(_take_readers)
    signals.generator_init.connect(_strict)
    signals.get_writer.connect(_exact)
    signals.finalized.connect(_tell)
