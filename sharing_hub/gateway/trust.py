"""Which authorities prove the others that the hub speaks to."""

import ssl
from pathlib import Path

from sharing_hub import errors


def context(further: Path | None) -> ssl.SSLContext:
    """Return the system's authorities, and those of a file.

    Raises:
        SettingsError: the file cannot be used.
    """
    made = ssl.create_default_context()
    if further is not None:
        try:
            made.load_verify_locations(further)
        except (OSError, ssl.SSLError) as e:
            raise errors.SettingsError(f"[delivery] ca_file {further}: cannot be used ({e}); give a PEM file") from e
    return made
