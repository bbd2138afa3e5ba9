"""The Merkle tree of RFC 6962 (and RFC 9162): roots, appends, proofs and their verification, on hashes alone.

A node is named by its level and position: (0, 5) is leaf 5, (2, 1) the complete subtree over leaves 4 to 7. A complete subtree never changes, so
the nodes that an append completes can be stored for ever, and a proof over any size reads a few of them.

Source: RFC 6962 section 2.1; RFC 9162 sections 2.1.3 and 2.1.4 (verification).
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

EMPTY_ROOT = hashlib.sha256(b"").digest()
_LEAF, _NODE = b"\x00", b"\x01"

_POSITION_BITS = 48

Node = tuple[int, int]
Span = tuple[int, int]
Lookup = Callable[[Node], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of an entry."""
    return hashlib.sha256(_LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node above two others."""
    return hashlib.sha256(_NODE + left + right).digest()


def number_of(node: Node) -> int:
    """Return the number under which a node is stored. (SQLite finds a list of numbers by their key, and a list of pairs by reading all.)"""
    level, position = node
    return (level << _POSITION_BITS) | position


def node_of(number: int) -> Node:
    """Return the node that is stored under a number."""
    return number >> _POSITION_BITS, number & ((1 << _POSITION_BITS) - 1)


@dataclass(frozen=True, slots=True)
class Frontier:
    """What must be known of a tree to append to it: its size and its complete subtrees, the largest first.

    Attributes:
        peaks: the hashes of `peaks_of(0, size)`, in that order.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} leaves has {self.size.bit_count()} peaks, not {len(self.peaks)}")

    def root(self) -> bytes:
        """Return the tree's root."""
        return folded(self.peaks)


def append(frontier: Frontier, leaf: bytes) -> tuple[Frontier, list[tuple[Node, bytes]]]:
    """Add a leaf's hash; return the frontier after it and the nodes it completes, the leaf first."""
    level, position = 0, frontier.size
    peaks = [*frontier.peaks, leaf]
    made = [((level, position), leaf)]
    while position % 2 == 1:
        right, left = peaks.pop(), peaks.pop()
        level, position = level + 1, position // 2
        peaks.append(node_hash(left, right))
        made.append(((level, position), peaks[-1]))
    return Frontier(frontier.size + 1, tuple(peaks)), made


def peaks_of(start: int, end: int) -> list[Node]:
    """Return the complete subtrees that make up leaves `start` to `end`, left to right.

    Args:
        start: a multiple of the largest power of two within the span, as in every span that the RFC's recursion makes.
    """
    nodes: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def folded(peaks: Iterable[bytes]) -> bytes:
    """Return the hash of a span, of its complete subtrees' hashes from left to right."""
    root: bytes | None = None
    for peak in reversed(list(peaks)):
        root = peak if root is None else node_hash(peak, root)
    return EMPTY_ROOT if root is None else root


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Return the spans whose hashes prove leaf `index` in the tree of `size` leaves, the nearest first.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    spans: list[Span] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """Return the spans whose hashes prove that the tree of `first` leaves is the beginning of that of `second`.

    Raises:
        ValueError: not 0 < first <= second.
    """
    if not 0 < first <= second:
        raise ValueError(f"a tree of {first} leaves is not the beginning of one of {second}")
    spans: list[Span] = []
    start, end, whole = 0, second, True
    while first < end:
        middle = start + _split(end - start)
        if first <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start, whole = middle, False
    if not whole:
        spans.append((start, end))
    return spans[::-1]


def nodes_of(spans: Iterable[Span]) -> list[Node]:
    """Return the nodes that hashing these spans reads."""
    return [node for start, end in spans for node in peaks_of(start, end)]


def hashed(spans: Iterable[Span], lookup: Lookup) -> list[bytes]:
    """Return the hash of each span: a proof."""
    return [folded(lookup(node) for node in peaks_of(start, end)) for start, end in spans]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether `proof` shows that leaf `index` of the tree with this root is `leaf` (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at % 2 == 1 or at == last:
            found = node_hash(sibling, found)
            while at % 2 == 0 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(sizes: Span, proof: Sequence[bytes], first_root: bytes, second_root: bytes) -> bool:
    """Say whether `proof` shows that the second tree goes on from the first, `sizes` leaves each (RFC 9162 2.1.4.2)."""
    first, second = sizes
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    path = [first_root, *proof] if first.bit_count() == 1 else list(proof)
    if not path:
        return False
    at, last = first - 1, second - 1
    while at % 2 == 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at % 2 == 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while at % 2 == 0 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
