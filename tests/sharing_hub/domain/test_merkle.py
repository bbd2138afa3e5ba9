"""The tree of RFC 6962: certificate transparency's own vectors, and properties against the RFC's recursive definition."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing_hub.domain import merkle

# The reference vectors of certificate transparency (google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
L01 = ROOTS[2]
L0 = ROOTS[1]
L1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
L23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
L4567 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
L4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
L67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
L0123 = ROOTS[4]
L45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSIONS = [
    (0, 1, []),
    (0, 8, [L1, L23, L4567]),
    (5, 8, [L4, L67, L0123]),
    (2, 3, [L01]),
    (1, 5, [L0, L23, L4]),
]
CONSISTENCIES = [
    (1, 1, []),
    (1, 8, [L1, L23, L4567]),
    (6, 8, [L45, L67, L0123]),
    (2, 5, [L23, L4]),
]
SIZES = st.integers(1, 70)


class Tree:
    """A tree that keeps every node, as the store does."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = [merkle.leaf_hash(leaf) for leaf in leaves]
        self.nodes: dict[merkle.Node, bytes] = {}
        self.frontiers = [merkle.Frontier()]
        for leaf in self.leaves:
            frontier, made = merkle.append(self.frontiers[-1], leaf)
            assert not set(dict(made)) & set(self.nodes)
            self.nodes.update(made)
            self.frontiers.append(frontier)

    def root(self, size: int) -> bytes:
        return self.frontiers[size].root()

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return merkle.hashed(merkle.inclusion_spans(index, size), self.nodes.__getitem__)

    def consistency(self, first: int, second: int) -> list[bytes]:
        return merkle.hashed(merkle.consistency_spans(first, second), self.nodes.__getitem__)


def mth(leaves: list[bytes]) -> bytes:
    """The RFC's definition, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


REFERENCE = Tree(LEAVES)
NUMBERED = Tree([str(number).encode() for number in range(70)])


def hexed(proof: list[bytes]) -> list[str]:
    return [one.hex() for one in proof]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_reference(size: int) -> None:
    assert REFERENCE.root(size).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSIONS)
def test_the_inclusion_proofs_are_those_of_the_reference(index: int, size: int, proof: list[str]) -> None:
    assert hexed(REFERENCE.inclusion(index, size)) == proof


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENCIES)
def test_the_consistency_proofs_are_those_of_the_reference(first: int, second: int, proof: list[str]) -> None:
    assert hexed(REFERENCE.consistency(first, second)) == proof


@pytest.mark.parametrize("size", range(71))
def test_a_grown_tree_has_the_root_of_the_definition(size: int) -> None:
    assert NUMBERED.root(size) == mth(NUMBERED.leaves[:size])


@given(SIZES, st.data())
def test_every_leaf_is_proved_and_no_other_is(size: int, data: st.DataObject) -> None:
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    proof = NUMBERED.inclusion(index, size)
    root = NUMBERED.root(size)
    assert merkle.includes(NUMBERED.leaves[index], index, size, proof, root)
    if other != index:
        assert not merkle.includes(NUMBERED.leaves[other], index, size, proof, root)
        assert not merkle.includes(NUMBERED.leaves[index], other, size, proof, root)


@given(SIZES, SIZES)
def test_every_smaller_tree_is_proved_to_be_the_beginning(one: int, other: int) -> None:
    first, second = sorted((one, other))
    proof = NUMBERED.consistency(first, second)
    assert merkle.is_consistent((first, second), proof, NUMBERED.root(first), NUMBERED.root(second))


@given(SIZES, st.data())
def test_a_proof_with_one_bit_changed_or_one_hash_more_or_less_proves_nothing(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, size - 1))
    root = NUMBERED.root(size)

    def proves_inclusion(proof: list[bytes]) -> bool:
        return merkle.includes(NUMBERED.leaves[index], index, size, proof, root)

    def proves_consistency(proof: list[bytes]) -> bool:
        return merkle.is_consistent((first, size), proof, NUMBERED.root(first), root)

    for proof, holds in (
        (NUMBERED.inclusion(index, size), proves_inclusion),
        (NUMBERED.consistency(first, size), proves_consistency),
    ):
        assert holds(proof)
        assert not holds([*proof, merkle.EMPTY_ROOT])
        for at, part in enumerate(proof):
            broken = bytes([part[0] ^ 1]) + part[1:]
            assert not holds([*proof[:at], broken, *proof[at + 1 :]])
            assert not holds(proof[:at] + proof[at + 1 :])


@given(st.integers(2, 70), st.data())
def test_a_tree_of_other_leaves_is_not_consistent(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, size - 1))
    altered = data.draw(st.integers(0, first - 1))
    leaves = [str(number).encode() for number in range(size)]
    leaves[altered] += b"!"
    other = Tree(leaves)
    proof = other.consistency(first, size)
    assert not merkle.is_consistent((first, size), proof, NUMBERED.root(first), other.root(size))


def test_what_does_not_exist_has_no_proof() -> None:
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="no leaf"):
            merkle.inclusion_spans(index, size)
        assert not merkle.includes(b"", index, size, [], merkle.EMPTY_ROOT)
    for first, second in ((0, 3), (4, 3)):
        with pytest.raises(ValueError, match="beginning"):
            merkle.consistency_spans(first, second)
        assert not merkle.is_consistent((first, second), [], b"", b"")
    with pytest.raises(ValueError, match="peaks"):
        merkle.Frontier(3, (b"x",))


def test_a_proof_at_a_million_entries_reads_few_nodes() -> None:
    million = 10**6
    for index in (0, 1, 524_287, 524_288, million - 1):
        assert len(merkle.nodes_of(merkle.inclusion_spans(index, million))) <= 40
    assert len(merkle.nodes_of(merkle.consistency_spans(999_999, million))) <= 40
