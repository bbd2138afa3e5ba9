"""The check beside a hub that runs: what happens meanwhile is nothing wrong, and what is wrong is found all the same."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from sharing_hub import hub as hubs
from sharing_hub.services import check
from sharing_hub.store import blobs
from tests.support import hub_media, hub_site


class BusyFolder(blobs.FolderBlobs):
    """A media folder where something happens just before it is listed for the first time."""

    def __init__(self, folder: Path, happens: Callable[[], object]) -> None:
        super().__init__(folder)
        self._happens: list[Callable[[], object]] = [happens]

    def blobs(self) -> Iterable[tuple[str, int]]:
        while self._happens:
            self._happens.pop()()
        return super().blobs()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hubs.Hub]:
    with hub_site.opened(tmp_path) as hub:
        yield hub


def found(hub: hubs.Hub, happens: Callable[[], object]) -> list[str]:
    store = BusyFolder(hub.settings.media_dir, happens)
    return [str(one) for one in check.of_running(hub.database.reading, store, hub.ledger_key.public)]


def test_a_file_that_arrives_while_it_is_checked_is_nothing_wrong(hub: hubs.Hub) -> None:
    site = hub_site.enrol(hub)
    arrives = lambda: hub_media.store(hub, site, b"a still that comes meanwhile")  # noqa: E731
    with hub.database.reading() as session:
        once = list(check.findings(session, BusyFolder(hub.settings.media_dir, arrives), hub.ledger_key.public))
    assert [one.what for one in once if one.wrong] == ["28 bytes that belong to nothing"], "one look alone would say so"
    assert found(hub, lambda: hub_media.store(hub, site, b"another one")) == []


def test_a_file_that_belongs_to_nothing_stays_wrong(hub: hubs.Hub) -> None:
    digest = hashlib.sha256(b"stray").hexdigest()
    path = hub.settings.media_dir / digest[:2] / digest
    path.parent.mkdir(parents=True)
    path.write_bytes(b"stray")
    assert found(hub, lambda: None) == [f"WRONG: file {digest}: 5 bytes that belong to nothing"]
