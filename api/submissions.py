"""A file handed in by a program: of its own area, and once however often it is sent (Idempotency-Key)."""

import hashlib
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from api.problems import KEY_REUSED, Refusal, invalid
from api.seen import is_of
from api.system import System
from api.tables import api_submission
from api.tokens import Token
from campaigns.life import NotAllowed
from campaigns.receiving import receive
from campaigns.tables import campaign

KEPT = timedelta(days=1)


class _Repeated(Exception):
    """The same request came before, or at the same moment: what it brought now is not stored."""


def submit(
    world: System, token: Token, filename: str, data: bytes, replaces: int | None, key: str | None
) -> tuple[int, bool]:
    """Receives a file. The campaign's id, and whether an earlier request with this key had brought it already.

    Raises Refusal (of another area, the key of another request), Unreadable, NoSuchCampaign, NotAllowed.
    """
    printed = _print(world, filename, data, replaces)
    now = world.clock.now()
    if key is not None and (found := _before(world, token, now, key, printed)) is not None:
        return found, True
    admit = partial(_admit, world, token, now, key, printed)
    given = (world.db, world.vault, world.clock, world.lines, token.actor, filename, data, replaces)
    try:
        return receive(*given, admit=admit), False
    except (_Repeated, NotAllowed):
        # NotAllowed as well: the other one may have corrected the campaign that this one says it corrects.
        if key is None or (found := _before(world, token, now, key, printed)) is None:
            raise
        return found, True


def _admit(
    world: System, token: Token, now: datetime, key: str | None, printed: bytes, tx: Connection, campaign_id: int
) -> None:
    """In the transaction that stores the campaign. Of two requests with one key the second waits here for the first."""
    area = tx.execute(select(campaign.c.area).where(campaign.c.id == campaign_id)).scalar_one()
    if area and not is_of(token, area):
        raise invalid("file", f"area_misional: este acceso es del área «{token.area}»; el Formato es de otra.")
    if key is None:
        return
    tx.execute(delete(api_submission).where(api_submission.c.at <= now - KEPT))
    mine = {"token_id": token.id, "key_print": _key_print(world, key)}
    row = {**mine, "request_print": printed, "campaign_id": campaign_id, "at": now}
    kept = insert(api_submission).values(**row).on_conflict_do_nothing().returning(api_submission.c.campaign_id)
    if tx.execute(kept).first() is None:
        raise _Repeated


def _before(world: System, token: Token, now: datetime, key: str, printed: bytes) -> int | None:
    mine = (api_submission.c.token_id == token.id, api_submission.c.key_print == _key_print(world, key))
    with world.db.begin() as tx:
        row = tx.execute(select(api_submission).where(*mine, api_submission.c.at > now - KEPT)).first()
    if row is None:
        return None
    if bytes(row.request_print) != printed:
        raise Refusal(KEY_REUSED)
    return int(row.campaign_id)


def _key_print(world: System, key: str) -> bytes:
    return world.vault.fingerprint("idempotency key", key)


def _print(world: System, filename: str, data: bytes, replaces: int | None) -> bytes:
    digest = hashlib.sha256(data).hexdigest()
    return world.vault.fingerprint("api submission", f"{digest}\x00{filename}\x00{replaces or ''}")
