"""What to mask and the masking itself, in a still and over a clip. What is public is named here; the hub's media know nothing else of detection.

A clip takes two passes: `Survey` looks at its frames and joins what was found into tracks; `Plan` then says for every frame what is hidden, before a thing
was first found too.
"""

from detection.decoding import to_frame as frame_of
from detection.errors import DetectionError, ModelError
from detection.redaction.areas import Hidden, Plan, hide
from detection.redaction.finding import Finder, ModelFinder
from detection.redaction.keeping import Clear, PickError, choose
from detection.redaction.pixels import block_px, pixelate, pixelate_whole
from detection.redaction.stills import areas_to_mask
from detection.redaction.survey import Survey
from detection.redaction.tracks import Track
from detection.redaction.values import Level, Pick, Sighting, Sort
from detection.types import Box, Frame, ModelUsed, Pixels

__all__ = [
    "Box",
    "Clear",
    "DetectionError",
    "Finder",
    "Frame",
    "Hidden",
    "Level",
    "ModelError",
    "ModelFinder",
    "ModelUsed",
    "Pick",
    "PickError",
    "Pixels",
    "Plan",
    "Sighting",
    "Sort",
    "Survey",
    "Track",
    "areas_to_mask",
    "block_px",
    "choose",
    "frame_of",
    "hide",
    "pixelate",
    "pixelate_whole",
]
