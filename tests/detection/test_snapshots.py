"""State as bytes and back: nothing lost, what is shared stays shared, and nothing from elsewhere is run."""

import json
import math
import zlib
from collections import Counter, deque
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection import profile, snapshots, types
from detection.triggers import presence, sightings

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(max_size=20),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@given(plain)
def test_plain_values_come_back_as_they_were(value: object) -> None:
    assert snapshots.unpack(snapshots.pack(value)) == value


def test_every_other_form_comes_back_as_it_was() -> None:
    value = {
        "deque": deque([1, 2], maxlen=5), "set": {types.Kind.FIRE}, "frozen": frozenset({1}), "count": Counter(a=2),
        "number": np.float32(0.1), "rule": profile.ZoneRule("picture", types.Kind.CROWD), "inf": math.inf,
    }  # fmt: skip
    read = snapshots.thaw(snapshots.freeze(value))
    assert read == value
    assert read["deque"].maxlen == 5 and type(read["count"]) is Counter and type(read["number"]) is np.float32
    assert next(iter(read["set"])) is types.Kind.FIRE


@pytest.mark.parametrize("array", [np.arange(6).reshape(2, 3), np.zeros((0, 4), np.float32), np.eye(3, dtype=bool).T])
def test_arrays_come_back_writable_and_apart_from_the_original(array: np.ndarray) -> None:
    data = snapshots.freeze(array)
    before = array.copy()
    array[...] = 1
    read = snapshots.thaw(data)
    assert np.array_equal(read, before) and read.dtype == before.dtype and read.shape == before.shape
    read[...] = 0


def test_objects_keep_their_attributes_and_what_they_share() -> None:
    path = (types.PathPoint(0.0, 0.5, 0.5),)
    track = types.Track(1, types.ObjectClass.PERSON, (0.0, 0.0, 1.0, 1.0), 0.5, 0.0, 0.0, path)
    seen = sightings.Sighting(0.0, track, (0.5, 0.5), 0.2, (0.5, 0.5), (0.0, 0.0, 1.0, 1.0))
    stays = {1: presence.Stay(seen, 0.0, 2), 2: presence.Stay(seen, 1.0, 3, key="k")}
    read = snapshots.thaw(snapshots.freeze(stays))
    assert read == stays
    assert read[1].last is read[2].last


def test_a_list_that_holds_itself_comes_back() -> None:
    ring: list[Any] = [1]
    ring.append(ring)
    read = snapshots.thaw(snapshots.freeze(ring))
    assert read[1] is read


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"a": [lambda: 0]}, r"\['a'\]\[0\] is a builtins\.function"),
        ({"rng": np.random.default_rng()}, r"\['rng'\] is a numpy"),
        (np.array([object()]), "of no form that is kept"),
        (types.Track, "of no form"),
        (object(), r"builtins\.object"),
    ],
)
def test_what_is_of_no_form_is_refused_with_its_place(value: object, said: str) -> None:
    with pytest.raises(snapshots.SnapshotError, match=said):
        snapshots.freeze(value)


class Holder:
    """Stands for a part of a pipeline: state, and functions of its own."""

    __module__ = "detection.snapshots"


def test_functions_stay_those_of_the_value_that_state_is_read_onto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "Holder", Holder, raising=False)

    def make(count: int) -> Any:
        made: Any = Holder()
        made.count, made.own = count, lambda: made.count
        return made

    fresh = {"a": make(0)}
    read = snapshots.thaw(snapshots.freeze({"a": make(7)}, for_onto=True), fresh)
    assert read["a"] is fresh["a"]
    assert read["a"].own() == 7
    with pytest.raises(snapshots.SnapshotError, match="a function was left out"):
        snapshots.thaw(snapshots.freeze({"a": make(7)}, for_onto=True))


def forged(*nodes: object, blocks: bytes = b"") -> bytes:
    header = json.dumps({"root": [0], "nodes": list(nodes)}).encode()
    return len(header).to_bytes(8, "little") + header + blocks


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff" * 40, forged(["object", "os:system", {}]), forged(["object", "detection.pathlib:Path", {}]),
        forged(["object", "detection.bench:subprocess.Popen", {}]), forged(["object", "detection.models:Path", {}]),
        forged(["object", "detection.types:Kind.FIRE", {}]), forged(["enum", "detection.types:Frame", 1]),
        forged(["object", "detection.types:PathPoint", {"__class__": 1}]),
        forged(["object", "detection.types:PathPoint", {"other": 1}]), forged(["array", "|O", [1], 0, 8], blocks=b"x" * 8),
        forged(["array", "<f4", [2], 0, 400]), forged(["array", "<f4", [3], 0, 8], blocks=b"x" * 8), forged(["list", [[7]]]),
        forged(["tuple", [[0]]]), forged(["unknown"]), forged(),
    ],
)  # fmt: skip
def test_bytes_from_elsewhere_are_refused(data: bytes) -> None:
    with pytest.raises(snapshots.SnapshotError):
        snapshots.thaw(data)


def test_a_file_that_unpacks_to_more_than_is_kept_is_refused() -> None:
    bomb = b"JKS1" + zlib.compress(b"\0" * (snapshots.MAX_BYTES + 2))
    with pytest.raises(snapshots.SnapshotError, match="more than"):
        snapshots.unpack(bomb)


@pytest.mark.parametrize("cut", [0, 3, 10, -1])
def test_a_file_that_is_cut_off_or_of_another_version_is_refused(cut: int) -> None:
    with pytest.raises(snapshots.SnapshotError):
        snapshots.unpack(snapshots.pack(list(range(100)))[:cut])


def test_too_large_a_state_is_refused() -> None:
    with pytest.raises(snapshots.SnapshotError, match="are kept at most"):
        snapshots.freeze(np.zeros(snapshots.MAX_BYTES + 1, np.uint8))
