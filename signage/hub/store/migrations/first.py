"""Write the statements of the first revision from `tables`, one file for each kind of store.

Only until the first release; from then on these files stay as they are for ever.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement, SetColumnComment, SetTableComment

from ..tables import metadata

KINDS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}
BETWEEN = ";\n\n"  # stands in no statement


def path(kind: str) -> Path:
    return Path(__file__).parent / "versions" / f"0001_{kind}.sql"


def statements(kind: str) -> str:
    """All that makes the tables of an empty store."""
    dialect = make_url(KINDS[kind]).get_dialect()()
    found: list[DDLElement] = []
    for table in metadata.sorted_tables:
        found += [CreateTable(table), *map(CreateIndex, sorted(table.indexes, key=lambda index: str(index.name)))]
        if dialect.supports_comments:
            found += [SetTableComment(table), *map(SetColumnComment, table.columns)]
    told = (str(each.compile(dialect=dialect)).strip() for each in found)
    return BETWEEN.join("\n".join(line.rstrip() for line in one.splitlines()) for one in told) + "\n"


if __name__ == "__main__":
    for kind in KINDS:
        path(kind).write_text(statements(kind), "utf-8")
