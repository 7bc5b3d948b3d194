"""What Alembic runs around the revisions: on the connection that `upgrade` gave it, in its transaction."""

from alembic import context

from signage.hub.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transaction_per_migration=False
)
context.run_migrations()
