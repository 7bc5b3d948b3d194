"""The tables of the first release."""

from alembic import op

from signage.hub.store.migrations.first import BETWEEN, path

revision, down_revision = "0001", None


def upgrade() -> None:
    """Make them all."""
    connection = op.get_bind()
    for statement in path(connection.dialect.name).read_text("utf-8").split(BETWEEN):
        connection.exec_driver_sql(statement.replace("%", "%%"))
