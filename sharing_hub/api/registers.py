"""The registers that the law asks for, as files: /v1/registers/a.csv, b.html and so on. Handing one out is itself a ledger entry."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from sharing_hub.api import callers, dependencies, problems
from sharing_hub.domain import ledger
from sharing_hub.services import register_columns, register_forms, registers

ROUTER = APIRouter(prefix="/v1/registers", tags=["registers"], responses=problems.documented(401, 403, 422))
Month = Annotated[str, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="YYYY-MM, Korean time.")]


@ROUTER.get(
    "/{letter}.{form}",
    operation_id="getRegister",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}, "text/html": {}}}},
)
def get_register(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    request: Request,
    letter: register_columns.Letter,
    form: Literal["csv", "html"],
    month: Month,
) -> Response:
    """Return a register of a month: a provision to third parties, b personal video, c access record."""
    registers.require_reader(viewer)
    by = ledger.Actor("operator", viewer.name, str(viewer.operator_id), viewer.role)
    with hub.database.writing() as session:  # on record, durably, before the first byte
        registers.note_export(session, by, letter, month, form, dependencies.source_address(request), hub.clock())
    with hub.database.reading() as session:
        register = registers.read(session, viewer, letter, month)
    headers = {"Cache-Control": "private, no-store"}
    if form == "html":
        headers["Content-Security-Policy"] = register_forms.POLICY
        return Response(register_forms.as_html(register), headers=headers, media_type="text/html; charset=utf-8")
    headers["Content-Disposition"] = f'attachment; filename="register-{letter}-{month}.csv"'
    return Response(register_forms.as_csv(register), headers=headers, media_type="text/csv; charset=utf-8")
