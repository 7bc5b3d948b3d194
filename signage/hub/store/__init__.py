"""The hub's store: SQLite in the hub's folder, or PostgreSQL by URL; the same tables and the same SQL.

    tables       every table, column by column
    engine       open it, read at one moment, write in one transaction
    migrations   how the tables came to be as they are (Alembic), run when it is opened
    bulk         many rows in one statement
    parts        thousands of rows in short transactions
    backup       all of it into one file, and back

Whoever reads or writes does it in small modules of functions that take a `Connection`.
"""

from .engine import Store, open_store

__all__ = ["Store", "open_store"]
