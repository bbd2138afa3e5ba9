"""The visible watermark: agency, person, time and the export's id, tiled faintly over the picture and solid along its lower edge.

OpenCV 5 draws Korean with the fonts it carries (Rubik, OFL-1.1; WenQuanYi Micro Hei, Apache-2.0), so no font is shipped or looked for.
"""

import datetime

import cv2
import numpy as np
import numpy.typing as npt

from sharing_hub.media import plan

Pixels = npt.NDArray[np.uint8]

KOREA = datetime.timezone(datetime.timedelta(hours=9), "KST")
_FONT = "sans"
_FAINT = 22
"""How much lighter the tiled letters and darker their shadow are, of 255: to be read on any picture, and not in its way."""
_SLANT_DEGREES = 18.0
_BAND_SHARE, _LEAST_BAND_PX = 0.04, 20
_BAND_DARKNESS = 0.3
_LEAST_LETTER_PX = 8


class Mark:
    """A watermark drawn once for pictures of one size, its running time once a second."""

    def __init__(self, wanted: plan.Watermark, width_px: int, height_px: int) -> None:
        self._wanted = wanted
        self._font = cv2.FontFace(_FONT)
        self._size = (width_px, height_px)
        self._light, self._dark = self._tiles()
        self._band_px = min(height_px, max(_LEAST_BAND_PX, round(_BAND_SHARE * height_px)))
        self._second = -1
        self._band = np.zeros((self._band_px, width_px, 3), np.uint8)

    def draw(self, bgr: Pixels, time_s: float) -> Pixels:
        """Return the picture with the watermark.

        Args:
            bgr: uint8 (h, w, 3).
            time_s: seconds from the first frame.
        """
        out = np.asarray(cv2.subtract(cv2.add(bgr, self._light), self._dark), np.uint8)
        self._write_band(int(time_s))
        lower = out[-self._band_px :]
        lower[:] = cv2.add(np.asarray(lower * np.float32(_BAND_DARKNESS), np.uint8), self._band)
        return out

    def lines(self, second: int) -> str:
        """Return what is written along the lower edge."""
        wanted = self._wanted
        told = [wanted.agency, wanted.person, f"제공 {_time(wanted.issued_at)}", wanted.watermark_id]
        if wanted.captured_at is not None:
            told.insert(2, f"촬영 {_time(wanted.captured_at + datetime.timedelta(seconds=second))}")
        return " · ".join(told)

    def _write_band(self, second: int) -> None:
        if second == self._second:
            return
        self._second = second
        band = np.zeros((self._band_px, self._size[0]), np.uint8)
        text = self.lines(second)
        letter_px = self._fitting(text, round(0.62 * self._band_px))
        self._write(band, text, (6, round(0.5 * (self._band_px + 0.72 * letter_px))), letter_px, 255)
        self._band = _three(band)

    def _tiles(self) -> tuple[Pixels, Pixels]:
        """Return what is added to and taken from every picture, uint8 (h, w, 3)."""
        width, height = self._size
        letter_px = max(12, round(min(width, height) / 28))
        wanted = self._wanted
        text = f"{wanted.agency} {wanted.person} {_time(wanted.issued_at)} {wanted.watermark_id}"
        side = int(np.hypot(width, height)) + 4 * letter_px
        sheet = np.zeros((side, side), np.uint8)
        step_x, step_y = self._width_of(text, letter_px) + 4 * letter_px, 5 * letter_px
        for row, y in enumerate(range(letter_px, side, step_y)):
            for x in range(-(row % 2) * step_x // 2, side, step_x):
                self._write(sheet, text, (x, y), letter_px, 255)
        turn = cv2.getRotationMatrix2D((side / 2, side / 2), _SLANT_DEGREES, 1.0)
        sheet = np.asarray(cv2.warpAffine(sheet, turn, (side, side)), np.uint8)
        top, left = (side - height) // 2, (side - width) // 2
        letters = sheet[top : top + height, left : left + width]
        shadow = np.roll(letters, (1, 1), (0, 1))
        faint = np.float32(_FAINT / 255)
        light = np.asarray(letters * faint, np.uint8)
        dark = np.asarray(cv2.subtract(shadow, letters) * faint, np.uint8)
        return _three(light), _three(dark)

    def _write(self, sheet: Pixels, text: str, at: tuple[int, int], letter_px: int, light: int) -> None:
        cv2.putText(sheet, text, at, (light, light, light), self._font, letter_px, 500)

    def _width_of(self, text: str, letter_px: int) -> int:
        rect = cv2.getTextSize((0, 0), text, (0, 0), self._font, letter_px, 500)
        return int(rect[2])

    def _fitting(self, text: str, letter_px: int) -> int:
        """Return the size of letters with which a text fits the picture's width."""
        room = self._size[0] - 12
        while letter_px > _LEAST_LETTER_PX and self._width_of(text, letter_px) > room:
            letter_px -= 1
        return letter_px


def _time(at: datetime.datetime) -> str:
    return at.astimezone(KOREA).strftime("%Y-%m-%d %H:%M:%S")


def _three(grey: Pixels) -> Pixels:
    return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))
