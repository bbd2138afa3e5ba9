"""Lists in the API: how many rows, from where on, and nothing sent again that the caller has."""

import hashlib
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel

from sharing_hub.domain import times

Limit = Annotated[int, Query(ge=1, le=500, description="Rows at most.")]
Time = Annotated[AwareDatetime, AfterValidator(times.possible)]
"""A time that a caller names; the store cannot hold every one that ISO 8601 can write."""
Before = Annotated[str | None, Query(max_length=80, description="The `next` of the page before.")]


def answer(request: Request, body: BaseModel) -> Response:
    """Return a view with its ETag, or 304 where the caller has it already."""
    text = body.model_dump_json().encode()
    tag = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in (known.strip() for known in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="application/json", headers=headers)
