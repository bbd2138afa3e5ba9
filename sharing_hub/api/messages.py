"""Wire messages as request bodies: read from the bytes, strictly, and shown in the API's documentation."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


def body_of(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """Return the dependency that reads a `model` from a request's body. A wrong one is answered 422 by `problems`."""

    async def read(request: Request) -> M:
        return model.model_validate_json(await request.body())

    return read


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """Return what tells OpenAPI that the body is a `model`."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}", by_alias=True)
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
