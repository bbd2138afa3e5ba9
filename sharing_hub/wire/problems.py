"""The body of every error."""

from pydantic import BaseModel, ConfigDict


class Problem(BaseModel):
    """The body of every error: application/problem+json (RFC 9457)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
