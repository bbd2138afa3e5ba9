"""What can go wrong in the sample camera.

CameraError
├── OptionError      a command-line value that cannot be used
├── MediaError       a file that cannot be served
├── KnobError        a fault setting that is unknown or out of range
└── RequestError     an RTSP request that cannot be answered as asked; carries the status
"""


class CameraError(Exception):
    """Anything the sample camera raises on purpose."""


class OptionError(CameraError):
    """A command-line value that cannot be used."""


class MediaError(CameraError):
    """A file that cannot be served."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


class KnobError(CameraError):
    """A fault setting that is unknown or out of range."""


class RequestError(CameraError):
    """An RTSP request that cannot be answered as asked.

    Attributes:
        status: the RTSP status code to answer with.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
