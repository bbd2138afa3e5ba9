"""State as bytes and back: what a camera's pipeline remembers, kept with an event so that it can be gone through again.

Only plain values, arrays and objects of this package's own classes are written, each in a form of its own; reading makes objects without running any of
their code and knows no other classes, so that a file from elsewhere can be wrong but can do nothing. What is shared stays shared.
Functions are never written: where state is read onto a value that was newly made, they stay those of that value.
"""

import dataclasses
import functools
import json
import sys
import types as python
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

import numpy as np

from detection import errors

MAX_BYTES = 64 * 1024 * 1024
"""Of one state, before it is compressed."""
MAX_NODES = 1_000_000
_MAGIC = b"JKS1"
_PACKAGE = "detection."
_SCALARS = (bool, int, float, str, type(None))
_ARRAY_KINDS = "biuf"
_FUNCTIONS = (python.FunctionType, python.MethodType, python.BuiltinMethodType, functools.partial)


class SnapshotError(errors.DetectionError):
    """A value cannot be kept, or bytes cannot be read as one."""


def freeze(value: object, for_onto: bool = False) -> bytes:
    """Return the value as bytes, uncompressed and quickly made; later changes of the value do not touch them.

    Args:
        for_onto: it will be read onto a newly made value, which has the functions that are left out here.

    Raises:
        SnapshotError: something in it is of no form that is kept; the message says where.
    """
    writer = _Writer(for_onto)
    root = writer.write(value, "")
    header = json.dumps({"root": root, "nodes": writer.nodes}, separators=(",", ":")).encode()
    made = b"".join((len(header).to_bytes(8, "little"), header, *writer.blocks))
    if len(made) > MAX_BYTES:
        raise SnapshotError(f"the state has {len(made)} bytes, {MAX_BYTES} are kept at most")
    return made


def thaw(data: bytes, onto: Any = None) -> Any:
    """Return the value of `freeze`.

    Args:
        onto: a value of the same form that was newly made: its objects are given the state read, so that what points at them goes on to. An
            object whose parts are only made in use has a method `make_parts`, which is called first.

    Raises:
        SnapshotError: the bytes are not in its form.
    """
    try:
        size = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + size])
        if len(header["nodes"]) > MAX_NODES:
            raise ValueError(f"has more than {MAX_NODES} nodes")
        return _Reader(header["nodes"], memoryview(data)[8 + size :]).read(header["root"], onto)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as e:
        raise SnapshotError(f"the state cannot be read: {e!r}") from e


def pack(value: object) -> bytes:
    """Return the value frozen and compressed, as a file holds it."""
    return _MAGIC + zlib.compress(freeze(value), 1)


def unpack(data: bytes) -> Any:
    """Return the value of `pack`.

    Raises:
        SnapshotError: the bytes are not in its form, or hold more than is kept.
    """
    if not data.startswith(_MAGIC):
        raise SnapshotError(f"is no state of this version (it begins with {data[:4]!r}, not {_MAGIC!r})")
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(data[len(_MAGIC) :], MAX_BYTES + 1)
    except zlib.error as e:
        raise SnapshotError(f"the state is damaged: {e}") from e
    if not unpacker.eof:
        raise SnapshotError(f"the state is cut off, or holds more than {MAX_BYTES} bytes")
    return thaw(raw)


class _Writer:
    """Turns values into nodes; a value met twice is written once."""

    def __init__(self, for_onto: bool) -> None:
        self._for_onto = for_onto
        self.nodes: list[Any] = []
        self.blocks: list[bytes | memoryview] = []
        self._size = 0
        self._known: dict[int, int] = {}
        self._alive: list[object] = []

    def write(self, value: object, path: str) -> Any:
        """Return a scalar as it is, a reference [i] to its node for everything else."""
        if type(value) in _SCALARS:
            return value
        known = self._known.get(id(value))
        if known is None:
            known = len(self.nodes)
            self._known[id(value)] = known
            self._alive.append(value)
            self.nodes.append(None)
            self.nodes[known] = self._node(value, path)
        return [known]

    def _node(self, value: Any, path: str) -> list[Any]:
        kind = type(value)
        if kind is dict or kind is Counter:
            pairs = [[self.write(k, path), self.write(v, f"{path}[{k!r}]")] for k, v in value.items()]
            return ["dict" if kind is dict else "counter", pairs]
        if kind in (set, frozenset):  # in an order of its own: equal states are equal bytes
            return [kind.__name__, [self.write(item, f"{path}[{item!r}]") for item in sorted(value, key=repr)]]
        if kind in (list, tuple):
            return [kind.__name__, [self.write(item, f"{path}[{i}]") for i, item in enumerate(value)]]
        if kind is deque:
            return ["deque", value.maxlen, [self.write(item, f"{path}[{i}]") for i, item in enumerate(value)]]
        if kind is np.ndarray and value.dtype.kind in _ARRAY_KINDS:
            return ["array", value.dtype.str, list(value.shape), *self._block(_bytes_of(value))]
        if kind is bytes:
            return ["bytes", *self._block(value)]
        if isinstance(value, np.generic) and value.dtype.kind in _ARRAY_KINDS:
            return ["number", value.dtype.str, value.item()]
        if self._for_onto and isinstance(value, _FUNCTIONS):
            return ["function"]
        if not kind.__module__.startswith(_PACKAGE) or callable(value):
            raise SnapshotError(
                f"{path or 'the value'} is a {kind.__module__}.{kind.__qualname__}, of no form that is kept"
            )
        name = f"{kind.__module__}:{kind.__qualname__}"
        if isinstance(value, Enum):
            return ["enum", name, value.value]
        parts = {key: self.write(getattr(value, key), f"{path}.{key}") for key in _attributes(value)}
        return ["object", name, parts]

    def _block(self, data: bytes | memoryview) -> tuple[int, int]:
        begin, self._size = self._size, self._size + len(data)
        self.blocks.append(data)
        return begin, len(data)


class _Reader:
    """Turns nodes back into values."""

    def __init__(self, nodes: list[Any], blocks: memoryview) -> None:
        self._nodes = nodes
        self._blocks = blocks
        self._made: dict[int, Any] = {}

    def read(self, written: Any, onto: Any = None) -> Any:
        if not isinstance(written, list):
            return written
        (number,) = written
        if number not in self._made:
            self._make(number, onto)
        return self._made[number]

    def _make(self, number: int, onto: Any) -> None:
        form, *rest = self._nodes[number]
        makers: dict[str, Callable[..., None]] = {
            "dict": self._dict, "counter": self._dict, "list": self._list, "tuple": self._tuple, "set": self._tuple,
            "frozenset": self._tuple, "deque": self._deque, "object": self._object,
        }  # fmt: skip
        if form in makers:
            makers[form](number, onto, form, *rest)
        elif form == "function":
            if not isinstance(onto, _FUNCTIONS):
                raise ValueError("a function was left out that is not here")
            self._made[number] = onto
        else:
            self._made[number] = self._leaf(form, *rest)

    def _dict(self, number: int, onto: Any, form: str, pairs: list[Any]) -> None:
        made: dict[Any, Any] = {} if form == "dict" else Counter()
        self._made[number] = made
        for key, value in pairs:
            name = self.read(key)
            made[name] = self.read(value, onto.get(name) if isinstance(onto, dict) else None)

    def _list(self, number: int, onto: Any, _form: str, items: list[Any]) -> None:
        made: list[Any] = []
        self._made[number] = made
        made.extend(self.read(item, below) for item, below in _beside(items, onto))

    def _tuple(self, number: int, onto: Any, form: str, items: list[Any]) -> None:
        kind = {"tuple": tuple, "set": set, "frozenset": frozenset}[form]
        self._made[number] = kind(self.read(item, below) for item, below in _beside(items, onto))

    def _deque(self, number: int, _onto: Any, _form: str, longest: int | None, items: list[Any]) -> None:
        made: deque[Any] = deque(maxlen=longest)
        self._made[number] = made
        made.extend(self.read(item) for item in items)

    def _object(self, number: int, onto: Any, _form: str, name: str, parts: dict[str, Any]) -> None:
        kind = _class(name)
        made: Any = onto if type(onto) is kind and not _is_frozen(kind) else object.__new__(kind)
        if made is onto and hasattr(made, "make_parts"):
            made.make_parts()
        self._made[number] = made
        allowed = _slots(kind)
        for key, value in parts.items():
            if key.startswith("__") or (key not in allowed and not hasattr(made, "__dict__")):
                raise ValueError(f"{name} has no attribute {key!r}")
            object.__setattr__(made, key, self.read(value, getattr(onto, key, None) if type(onto) is kind else None))

    def _leaf(self, form: str, *rest: Any) -> Any:
        if form == "array":
            dtype, shape, begin, size = rest
            item = np.dtype(str(dtype))
            if item.kind not in _ARRAY_KINDS:
                raise ValueError(f"an array of {dtype} is not kept")
            return np.frombuffer(self._part(begin, size), item).reshape(shape).copy()
        if form == "bytes":
            return bytes(self._part(*rest))
        if form == "number":
            return np.dtype(str(rest[0])).type(rest[1])
        if form == "enum":
            kind = _class(rest[0])
            if not issubclass(kind, Enum):
                raise ValueError(f"{rest[0]} is no enumeration")
            return kind(rest[1])
        raise ValueError(f"unknown form {form!r}")

    def _part(self, begin: int, size: int) -> memoryview:
        if not 0 <= begin <= begin + size <= len(self._blocks):
            raise ValueError(f"bytes {begin} to {begin + size} are not there")
        return self._blocks[begin : begin + size]


def _bytes_of(array: np.ndarray) -> bytes | memoryview:
    """Return an array's bytes without a copy where that can be: they are copied once, when everything is joined."""
    if not array.size:
        return b""
    whole: Any = np.ascontiguousarray(array)
    return memoryview(whole).cast("B")


def _beside(items: list[Any], onto: Any) -> Iterable[tuple[Any, Any]]:
    """Return each item with the member of `onto` in its place; None where the two are not alike."""
    alike = isinstance(onto, list | tuple) and len(onto) == len(items)
    return zip(items, onto if alike else [None] * len(items), strict=True)


def _is_frozen(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) and bool(kind.__dataclass_params__.frozen)  # type: ignore[attr-defined]


def _attributes(value: object) -> list[str]:
    """Return the names of an object's attributes that are set."""
    kind: Any = type(value)
    names = [name for name in _slots(kind) if hasattr(value, name)]
    return [*names, *getattr(value, "__dict__", {})]


@functools.cache
def _slots(kind: type) -> tuple[str, ...]:
    found: list[str] = []
    for one in kind.__mro__:
        slots = one.__dict__.get("__slots__", ())
        found += [slots] if isinstance(slots, str) else list(slots)
    return tuple(name for name in found if not name.startswith("__"))


def _class(name: str) -> type:
    """Return a class of this package by its name, if its module is loaded; no module is loaded for it."""
    module_name, _, qualified = name.partition(":")
    module = sys.modules.get(module_name) if module_name.startswith(_PACKAGE) else None
    found: Any = module
    for part in qualified.split("."):
        found = vars(found).get(part) if found is not None else None
    if not isinstance(found, type) or found.__module__ != module_name:
        raise ValueError(f"{name!r} is no class that states are made of")
    return found
