"""Alembic's entry: runs the history over the connection it was given."""

from typing import Any, Literal

from alembic import context

from sharing_hub.store import columns, metadata


def _render(kind: str, thing: Any, autogen: Any) -> str | Literal[False]:
    """Write our column types as what the database sees, so that history does not import the code of today."""
    if kind == "type" and isinstance(thing, columns.UtcTime):
        return "sa.DateTime()"
    if kind == "type" and isinstance(thing, columns.WireValue):
        return "sa.Text()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata.METADATA,
    render_as_batch=True,
    render_item=_render,
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
