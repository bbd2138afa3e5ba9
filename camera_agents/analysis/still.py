"""The two pictures of an event: the frame as it was, and the same with every person and plate hidden."""

from dataclasses import dataclass
from typing import Literal

import cv2

from camera_agents import errors
from detection import redaction, types

_QUALITY = 88


@dataclass(frozen=True, slots=True)
class Stills:
    """JPEG files of one frame.

    Attributes:
        clear: evidence.
        masked: what goes out with the alarm.
        masking: "regions" where a detector said what to hide, "whole" where none did.
    """

    clear: bytes
    masked: bytes
    masking: Literal["regions", "whole"]
    width_px: int
    height_px: int


def make(frame: types.Frame, found: types.Detections | None, tracks: tuple[types.Track, ...]) -> Stills:
    """Return both pictures.

    Args:
        frame: the frame at which the event was raised.
        found: what a detector found in the whole of it; None when none looked: then the whole picture is hidden.
        tracks: objects followed at that moment, hidden as well.

    Raises:
        StillError: the picture cannot be coded, or is too small to be one.
    """
    bgr = frame.bgr()
    if not bgr.size:
        raise errors.StillError(f"a frame of {frame.width_px}x{frame.height_px} is no picture")
    height, width = bgr.shape[:2]
    if found is None:
        masked = redaction.pixelate_whole(bgr)
    else:
        masked = redaction.pixelate(bgr, redaction.areas_to_mask(found, tracks, width, height))
    return Stills(_jpeg(bgr), _jpeg(masked), "whole" if found is None else "regions", width, height)


def _jpeg(bgr: types.Pixels) -> bytes:
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise errors.StillError("the frame cannot be coded as JPEG")
    return data.tobytes()
