"""Fixtures that several folders of tests share."""

from collections.abc import Iterator

import pytest

from tests.support import demos


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[demos.RunningDemo]:
    """One running demo for all tests that only look at it; starting it takes a while."""
    with demos.RunningDemo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that look at the demo, so that they can run alone: its cameras keep both cores busy for as long as it runs."""
    for item in items:
        if "demo" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.demo)
    items.sort(key=lambda item: item.get_closest_marker("demo") is not None)
