"""What can be done to a picture, an incident or the rules, in the words that policies, grants and the ledger share; and how much is masked."""

from typing import Literal, get_args

Action = Literal[
    "ReceiveAlert", "ViewStill", "ViewLive", "ViewRecorded", "ControlPTZ", "RequestExport", "ApproveExport", "Export", "Unmask", "Reshare",
    "Hold", "Destroy", "ExportForTraining", "SearchPlate", "IdentifyFace", "ManagePolicy", "ReadAudit",
]  # fmt: skip
ACTIONS: tuple[str, ...] = get_args(Action)
PICTURES: frozenset[Action] = frozenset({"ViewStill", "ViewLive", "ViewRecorded", "ControlPTZ", "Export", "Unmask"})
"""Those that show somebody something: they need a purpose, a legal basis, an incident or request, a second factor and training."""

MaskLevel = Literal["none", "faces_and_plates", "people_and_plates", "whole"]
MASK_LEVELS: tuple[str, ...] = get_args(MaskLevel)
"""From clear to nothing to be seen; a later one masks all that an earlier one masks."""

ExportMode = Literal["none", "masked", "original"]
"""What may be taken away: nothing, a masked derivative, or the sealed original."""


def masks_as_much(level: MaskLevel, needed: MaskLevel) -> bool:
    """Say whether `level` masks at least what `needed` masks."""
    return MASK_LEVELS.index(level) >= MASK_LEVELS.index(needed)
