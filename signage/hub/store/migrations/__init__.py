"""How the tables came to be as they are: Alembic's revisions, shipped with the program, run when a store is opened.

Until the first release nothing is deployed: a change of the tables is a change of the first revision, whose
statements are written by `python -m signage.hub.store.migrations.first` (a test says when they are out of date).
After it, each change is a revision of its own in `versions/`, and `HEAD` names the last.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

HEAD = "0001"
_LOCK = 0x62616E67  # of PostgreSQL: two hubs that start together make the tables once


def version(connection: Connection) -> str | None:
    """The revision that the store is at; None for a store without one."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def has_tables(connection: Connection) -> bool:
    return bool(inspect(connection).get_table_names())


def known() -> set[str]:
    """All revisions that this program has."""
    from alembic.script import ScriptDirectory

    return {revision.revision for revision in ScriptDirectory(str(Path(__file__).parent)).walk_revisions()}


def upgrade(connection: Connection) -> None:
    """To `HEAD`, inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
