"""The database: what its errors say."""

import datetime
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from sharing_hub.store import tables
from tests.support import hub_site, messages


def test_an_error_of_the_database_tells_no_value_for_it_is_logged(tmp_path: Path) -> None:
    token = tables.EnrolmentToken(
        token_id=uuid.uuid4(), secret_sha256="the-hash-of-a-secret", site="north", created_by="test",
        created_at=messages.NOON, expires_at=messages.NOON + datetime.timedelta(days=1),
    )  # fmt: skip
    with hub_site.opened(tmp_path) as hub:
        with hub.database.writing() as session:
            session.execute(sa.text("DROP TABLE enrolment_tokens"))
        with pytest.raises(sa.exc.OperationalError) as failed, hub.database.writing() as session:
            session.add(token)
    assert "the-hash-of-a-secret" not in str(failed.value)
