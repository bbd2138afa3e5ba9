"""Fixtures that several folders of tests share."""

from collections.abc import Iterator

import pytest

from tests.support import demos


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[demos.RunningDemo]:
    """One running demo for all tests that only look at it; starting it takes a while."""
    with demos.RunningDemo(tmp_path_factory.mktemp("demo")) as running:
        yield running


LONGEST_FIRST = ("faults/test_kill_rounds", "faults/", "e2e/", "sample_streams/test_misbehaving", "browser/")
"""Where the tests are that take longest: they begin first, so that no core waits for the last of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that look at the demo, so that they can run alone (its cameras keep both cores busy), and begin with the longest."""
    for item in items:
        if "demo" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.demo)
    items.sort(
        key=lambda item: next((i for i, place in enumerate(LONGEST_FIRST) if place in item.nodeid), len(LONGEST_FIRST))
    )
