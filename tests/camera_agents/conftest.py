"""What the agent's tests set up again and again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from camera_agents.sending import delivery, identity, mediastore, outbox
from tests.support import agent_state


@pytest.fixture
def clock() -> agent_state.Clock:
    return agent_state.Clock()


@pytest.fixture
def box(tmp_path: Path, clock: agent_state.Clock) -> Iterator[outbox.Outbox]:
    opened = agent_state.open_outbox(tmp_path, clock)
    yield opened
    opened.close()


@pytest.fixture
def sender(box: outbox.Outbox) -> delivery.Delivery:
    return delivery.Delivery(box)


@pytest.fixture
def store(tmp_path: Path) -> mediastore.MediaStore:
    return agent_state.open_media(tmp_path)


@pytest.fixture
def me(tmp_path: Path) -> identity.Identity:
    return agent_state.enrolled(tmp_path)
