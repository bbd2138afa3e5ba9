"""Every table of the hub, known: whoever compares the schema with the code, or makes it, imports this."""

from sharing_hub.store import (
    delivery_tables,
    identity_tables,
    ledger_tables,
    oversight_tables,
    request_tables,
    sharing_tables,
    tables,
)

MODULES = (
    tables,
    ledger_tables,
    sharing_tables,
    delivery_tables,
    request_tables,
    oversight_tables,
    identity_tables,
)
"""Where tables are defined; a new module of tables is added here."""
METADATA = tables.Table.metadata
