"""The schema's history (Alembic), shipped inside the package."""
