"""What an agent is told to do: the values that the configuration file becomes. Checked where they are made and trusted after."""

import datetime
from dataclasses import dataclass, field
from pathlib import Path

from detection import profile

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Source:
    """Where a stream is and how to fetch it.

    Attributes:
        url: with user and password; kept out of every representation.
        transport: "tcp" or "udp".
        ca_file: PEM file to check an rtsps camera's certificate with; empty for the system's.
        verify: False takes any certificate.
    """

    url: str = field(repr=False)
    transport: str = "tcp"
    ca_file: str = ""
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Keep:
    """How long one camera's recording is kept, and how much of it."""

    seconds: float
    max_bytes: int


SPOOL = Keep(seconds=120.0, max_bytes=GIB)
"""What a camera that is not recorded keeps on the disk all the same, so that clips can be made."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Whether a camera is recorded, and what is kept."""

    on: bool
    keep: Keep


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera.

    Attributes:
        camera_id: its name on the wire and in folders.
        main, sub: its streams.
        latitude, longitude: WGS 84 degrees.
        profile: what it is watched for.
        time_zone: in which the profile's hours are meant; None for the machine's own.
    """

    camera_id: str
    name: str
    main: Source
    sub: Source | None
    recording: Recording
    profile: profile.CameraProfile
    latitude: float | None = None
    longitude: float | None = None
    time_zone: datetime.tzinfo | None = None

    def week_minute(self, time_s: float) -> int:
        """Return the local minute of the week at a UTC time: Monday 00:00 is 0."""
        local = datetime.datetime.fromtimestamp(time_s, self.time_zone)
        return (local.weekday() * 24 + local.hour) * 60 + local.minute


@dataclass(frozen=True, slots=True)
class Disk:
    """When the disk counts as nearly full, in free bytes: first it is told, then the oldest recordings leave, at last recording stops."""

    warn_bytes: int = 4 * GIB
    free_bytes: int = 2 * GIB
    stop_bytes: int = GIB // 2


@dataclass(frozen=True, slots=True)
class Clips:
    """How much of the time around an event its clip holds."""

    before_s: float = 10.0
    after_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Detector:
    """Which model looks, and how many sessions of it.

    Attributes:
        folder: of models and manifest; None for those that come with the program.
        model: a name in the manifest; empty for no detector: only camera health is watched.
        workers: sessions, each on one thread; 0 for one per core.
    """

    folder: Path | None = None
    model: str = "nanodet"
    workers: int = 0


@dataclass(frozen=True, slots=True)
class Agent:
    """Everything agent.toml says."""

    site: str
    state_dir: Path
    cameras: tuple[Camera, ...]
    disk: Disk = field(default_factory=Disk)
    clips: Clips = field(default_factory=Clips)
    detector: Detector = field(default_factory=Detector)
    heartbeat_s: float = 10.0
    log_level: str = "info"
