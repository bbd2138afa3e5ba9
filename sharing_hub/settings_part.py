"""What every part of the settings has in common."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A table of the settings: unknown keys are refused, nothing changes after start."""

    model_config = ConfigDict(extra="forbid", frozen=True)
