"""Gives a page only to bytes that people approved, and tells every page that was written.

A source whose bytes are not in the plan keeps the status `skip`. What may stand on a page comes
from the plan, which the office made from the signed text; this adapter compares and hands on.
"""

import hashlib
import json
from datetime import datetime
from pathlib import Path

from jinja2 import StrictUndefined
from pelican import signals
from pelican.readers import BaseReader

_written = {}


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


def _open_plan(pelican):
    pelican.settings["plan"] = json.loads(Path(pelican.settings["BANGTIN_PLAN"]).read_text(encoding="utf-8"))


def _take_readers(readers):
    readers.reader_classes = {"md": ApprovedText, "static": ApprovedFile}


def _strict(generator):
    generator.env.undefined = StrictUndefined


def _note(path, context):
    content = context.get("article") or context.get("page")
    sources = [content.view["statement"]] if content else context["sources"]
    name = Path(path).relative_to(context["OUTPUT_PATH"]).as_posix()
    _written[name] = (_sha256(path), sources)


def _tell(pelican):
    Path(pelican.settings["BANGTIN_LEDGER"]).write_text(json.dumps(_written), encoding="utf-8")


def register():
    signals.initialized.connect(_open_plan)
    signals.readers_init.connect(_take_readers)
    signals.generator_init.connect(_strict)
    signals.content_written.connect(_note)
    signals.finalized.connect(_tell)
