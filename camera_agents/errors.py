"""The agent's errors. Each message says what is wrong, where, and what to do.

```
AgentError
├── SettingsError           agent.toml is refused: every fault with its line and remedy
├── CaptureError            a camera's stream; `state` is what its operator sees
├── SegmentDamaged          a recording file
├── RecordingsError         the index of recordings cannot be read or written
├── LookFailed              a detector that failed at one look
├── StillError              a still that cannot be made
├── ClipError               a clip that cannot be made
├── IdentityError           the agent's key or enrolment
│   ├── NotEnrolled
│   └── EnrolmentFailed
├── OutboxError             the durable list of what is decided and not yet delivered
├── MediaStoreError         files under their hash
│   └── MediaStoreFull
└── HubError                talking to the hub
    ├── HubUnreachable      no answer: try again later
    ├── HubUnauthorised     the hub does not know this agent (now): try again later
    ├── HubBusy             5xx, 408, 425, 429: try again later
    ├── HubRefused          final: the same message will be refused again
    ├── UploadConflict      the upload stands elsewhere
    └── UploadDamaged       the finished upload did not have its hash
```
"""

from pathlib import Path

from sharing_hub.wire import v1


class AgentError(Exception):
    """Root of everything this package raises on purpose."""


class SettingsError(AgentError):
    """The configuration is refused.

    Attributes:
        faults: one line each: file, line number, what is wrong and what to write instead.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class CaptureError(AgentError):
    """A camera's stream could not be opened or went wrong. The message never holds its address or credentials.

    Attributes:
        state: the camera state to show until the next attempt succeeds.
    """

    def __init__(self, state: v1.CameraState, message: str) -> None:
        super().__init__(message)
        self.state = state


class SegmentDamaged(AgentError):
    """A segment file does not hold what it should."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")
        self.path = path


class RecordingsError(AgentError):
    """The index of recordings cannot be read or written (disk full, damaged)."""


class LookFailed(AgentError):
    """The detector failed at one look."""


class StillError(AgentError):
    """A still cannot be made."""


class ClipError(AgentError):
    """There is nothing to make the clip from; the message says why."""


class IdentityError(AgentError):
    """The agent's key or enrolment cannot be used."""


class NotEnrolled(IdentityError):
    """There is no identity yet."""


class EnrolmentFailed(IdentityError):
    """The hub was not the one the token names, or it refused the token."""


class OutboxError(AgentError):
    """The outbox cannot be opened or written."""


class MediaStoreError(AgentError):
    """A media file cannot be kept."""


class MediaStoreFull(MediaStoreError):
    """The disk is nearly full: media give way so that alarms keep flowing."""


class HubError(AgentError):
    """A request to the hub did not do what it was for."""


class HubUnreachable(HubError):
    """No answer came (refused, timed out, cut, TLS not trusted)."""


class HubUnauthorised(HubError):
    """401 or 403: the hub does not accept this agent's token, for now."""


class HubBusy(HubError):
    """The hub answered that it cannot do it now.

    Attributes:
        retry_after_s: the least wait the hub asked for, 0 when it did not say.
    """

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class HubRefused(HubError):
    """The hub will never accept this message."""

    def __init__(self, problem: v1.Problem) -> None:
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem


class UploadConflict(HubError):
    """409: the upload stands at another offset than the agent thought."""

    def __init__(self, status: v1.UploadStatus) -> None:
        super().__init__(f"the hub holds {status.offset_bytes} bytes")
        self.status = status


class UploadDamaged(HubError):
    """422 after the last chunk: what arrived does not have the manifest's hash."""
