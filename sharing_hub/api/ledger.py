"""The ledger's door: entries, proofs and checkpoints for auditors and administrators; co-signatures from witnesses."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from sharing_hub.api import callers, dependencies, problems
from sharing_hub.services import checkpoints, ledger_reading

ROUTER = APIRouter(prefix="/v1/ledger", tags=["ledger"], responses=problems.documented(401, 403, 422))
MAX_SIZE = 2**53 - 1
Number = Annotated[int, Query(ge=0, le=MAX_SIZE, description="An entry's number, from 0.")]
Size = Annotated[int, Query(ge=1, le=MAX_SIZE, description="How many entries a tree has.")]


class Cosignature(BaseModel):
    """A witness's signature over a checkpoint (C2SP tlog-cosignature)."""

    model_config = ConfigDict(extra="forbid")

    size: Annotated[int, Field(ge=1, le=MAX_SIZE)]
    signature: Annotated[str, Field(min_length=1, max_length=500, description="The line: — NAME BASE64")]


class KeyView(BaseModel):
    """The ledger's public key, as signed notes write it. Keep it: every checkpoint is verified with it."""

    key: str


@ROUTER.get("/key", operation_id="getLedgerKey")
def get_key(hub: dependencies.HubHere, viewer: callers.TheCaller) -> KeyView:
    """Return the ledger's public key."""
    ledger_reading.require_keeper(viewer)
    return KeyView(key=hub.ledger_key.public.text())


@ROUTER.get(
    "/checkpoint",
    operation_id="getLedgerCheckpoint",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **problems.documented(404)},
)
def get_checkpoint(
    hub: dependencies.HubHere, viewer: callers.TheCaller, size: Annotated[int | None, Query(ge=1, le=MAX_SIZE)] = None
) -> Response:
    """Return the latest checkpoint, or that of a size, as a signed note (C2SP tlog-checkpoint)."""
    with hub.database.reading() as session:
        note = ledger_reading.checkpoint(session, viewer, size)
    return Response(note, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "private, no-cache"})


@ROUTER.get("/entries", operation_id="listLedgerEntries")
def list_entries(
    hub: dependencies.HubHere,
    viewer: callers.TheViewer,
    start: Annotated[int, Query(alias="from", ge=0, le=MAX_SIZE, description="The first entry's number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ledger_reading.EntriesView:
    """Return entries in order."""
    with hub.database.reading() as session:
        return ledger_reading.page(session, viewer, start, limit)


@ROUTER.get("/proof/inclusion", operation_id="proveLedgerInclusion", responses=problems.documented(404))
def prove_inclusion(
    hub: dependencies.HubHere, viewer: callers.TheCaller, index: Number, size: Size
) -> ledger_reading.InclusionView:
    """Prove that the ledger of `size` entries holds entry `index`."""
    with hub.database.reading() as session:
        return ledger_reading.inclusion(session, viewer, index, size)


@ROUTER.get("/proof/consistency", operation_id="proveLedgerConsistency", responses=problems.documented(404))
def prove_consistency(
    hub: dependencies.HubHere, viewer: callers.TheCaller, first: Size, second: Size
) -> ledger_reading.ConsistencyView:
    """Prove that the ledger of `first` entries is the beginning of that of `second`."""
    with hub.database.reading() as session:
        return ledger_reading.consistency(session, viewer, first, second)


@ROUTER.post("/cosignatures", operation_id="cosignLedgerCheckpoint", status_code=204, response_class=Response)
def cosign(hub: dependencies.HubHere, cosignature: Cosignature) -> Response:
    """Keep a registered witness's signature over a checkpoint. The signature is what proves the caller; a repeat does nothing."""
    said = (cosignature.size, cosignature.signature, hub.clock())
    with hub.database.reading() as session:  # who has proved nothing takes no turn at writing from those who have
        checkpoints.require_witness(session, *said)
    with hub.database.writing() as session:
        checkpoints.cosign(session, *said)
    return Response(status_code=204)
