"""Writes the pages that are no notice's own (home, lists, register, archive, feed), as planned."""

from pelican import signals
from pelican.generators import Generator


class CommunePages(Generator):
    """Lays each planned page out with its template."""

    def generate_output(self, writer):
        plan = self.settings["plan"]
        rows = plan["rows"]
        for page in plan["pages"]:
            listed = {name: [rows[s] for s in page["here"].get(name, ())] for name in plan["listed"]}
            template = self.env.get_template(page["template"])
            told = {"sources": page["sources"], "here": {**page["here"], **listed}}
            writer.write_file(page["path"], template, self.context, **told)


def _generators(_pelican):
    return CommunePages


def register():
    signals.get_generators.connect(_generators)
