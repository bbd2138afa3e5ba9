"""What the links of a file's manifest prove: that nothing of what was wanted was left out without a reason. Pure.

The agent's signatures are verified before (`services.media`); here only what the links say is compared.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sharing_hub.wire import chain, v1

State = Literal["complete", "incomplete", "contradicted"]
MAX_DETAIL = 500


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a place in a chain proves.

    Attributes:
        state: complete: every second wanted is in the file, or has a reason in what the agent signed; incomplete: some second has not;
            contradicted: the links are others than those that came with an earlier file, so that one of the two chains was made up.
        detail: which seconds, and what was recorded and is not in the file.
    """

    state: State
    detail: str


def signed_links(place: v1.ChainPlace) -> tuple[v1.SignedLink, ...]:
    """Return every link of a place, its own last."""
    return (*place.links, place.own)


def fault(manifest: v1.MediaManifest) -> str:
    """Return what is wrong with a manifest's place in its chain, empty when it holds together."""
    place = manifest.chain
    if place is None:
        return ""
    own, file, links = place.own.link, place.own.link.file, [signed.link for signed in place.links]
    if own.what != manifest.form or file is None:
        return f"its own link is of a {own.what}"
    if (file.sha256, file.length_bytes, file.starts_at, file.ends_at) != (
        manifest.sha256, manifest.length_bytes, manifest.starts_at, manifest.ends_at,
    ):  # fmt: skip
        return "its own link is of another file"
    if any(link.camera_id != manifest.camera_id for link in (*links, own)):
        return "a link is of another camera"
    for before, link in itertools.pairwise(links):
        if not chain.follows(link, before):
            return f"link {link.sequence} does not follow on link {before.sequence}"
    if links and own.sequence <= links[-1].sequence:
        return "its own link stands before those of what it was cut from"
    if links and own.sequence == links[-1].sequence + 1 and not chain.follows(own, links[-1]):
        return "its own link does not follow on those of what it was cut from"
    return ""


def judge(manifest: v1.MediaManifest, place: v1.ChainPlace, wanted: chain.Span) -> Verdict:
    """Say whether every second of `wanted` is in the file or has a reason, and is accounted for in the chain."""
    links = [signed.link for signed in place.links]
    told = [(gap.starts_at, gap.ends_at) for gap in manifest.gaps]
    step = chain.longest_step(manifest.stream.fps if manifest.stream else 0.0)
    untold = chain.uncovered(wanted, [(manifest.starts_at, manifest.ends_at), *told], step)
    open_end = [(place.open_from, wanted[1])] if place.open_from is not None and place.open_from < wanted[1] else []
    accounted = [*chain.recorded(links), *chain.explained(links), *open_end, *told]
    unlinked = chain.uncovered(wanted, accounted, step)
    parts = [f"{_text(span)} is not in it, and no reason is given" for span in untold]
    parts += [f"{_text(span)} is in no link of the chain" for span in unlinked]
    parts += list(_left_out(manifest, links, wanted, step.total_seconds()))
    if open_end:
        parts.append(f"from {_time(open_end[0][0])} on the segment was not finished and has no link")
    return Verdict("incomplete" if untold or unlinked else "complete", "; ".join(parts)[:MAX_DETAIL])


def contradiction(place: v1.ChainPlace, known: Mapping[int, str]) -> str:
    """Return where a place's links are others than those known, empty when they agree.

    Args:
        known: hashes of this camera's links that came before, by sequence.
    """
    for signed in signed_links(place):
        link = signed.link
        for sequence, sha256 in ((link.sequence, link.sha256()), (link.sequence - 1, link.previous)):
            if known.get(sequence, sha256) != sha256:
                return f"link {sequence} is another than the one that came with an earlier file"
    return ""


def _left_out(
    manifest: v1.MediaManifest, links: list[v1.ChainLink], wanted: chain.Span, least_s: float
) -> Iterator[str]:
    """Tell what the chain has and the file has not, with the reason that the file's manifest gives."""
    for gap in manifest.gaps:
        for begin, end in chain.recorded(links):
            both = (max(gap.starts_at, begin, wanted[0]), min(gap.ends_at, end, wanted[1]))
            if (both[1] - both[0]).total_seconds() > least_s:
                yield f"{_text(both)} was recorded and is not in it: {gap.reason}"


def _text(span: chain.Span) -> str:
    return f"{_time(span[0])} to {_time(span[1])}"


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
