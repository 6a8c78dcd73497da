"""Who may know of a campaign: everybody whose role looks at campaigns, or, of a reserved one, named people only (R43).

The one gate of every list, search, report, export and screen. Whoever may not read a campaign is not told that there
is one: absent from what lists, not found by its number.
"""

from collections.abc import Collection
from datetime import datetime
from difflib import get_close_matches

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, literal, or_, select, update

from campaigns.intake.tables import intake
from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.tables import attempt, campaign
from campaigns.upload.vocabulary import CampaignType, key_of
from core import audit
from core.mail_address import EMAIL_PRINT, valid_address
from core.privacy import Vault
from core.roles import Role

RESERVED_KINDS = frozenset({CampaignType.TRANSACCIONES_INUSUALES})  #: R43: of these nobody knows who is not named
MOST_NAMED = 50
_LIKE_ENOUGH = 0.5  # of difflib's ratio: «inusuales» alone is; to reserve one campaign too many harms nobody
RESERVED_NAME = "una campaña reservada"  #: what is said in place of its name, where something has to be said
_ANSWER_FOR_CAMPAIGNS = frozenset({Role.SUPERVISOR, Role.COORDINADOR, Role.DIRECTOR})


def visible_to(vault: Vault, email: str, role: Role) -> ColumnElement[bool]:
    """The condition on ``campaign`` under which this account may know of it; never null.

    A requesting area knows what it handed in or asked for, and nothing else (R82); anybody else every campaign that is
    not reserved too. Being named, having handed it in or being who the request says that asks always suffices.
    """
    own = own_of(vault, email)
    return own if role is Role.MISIONAL else or_(is_open(), own)


def own_of(vault: Vault, email: str) -> ColumnElement[bool]:
    """The condition on ``campaign`` under which it is theirs: handed in, asked for, or naming them as a reader."""
    return _is_theirs(email.lower()) | _asked_for(vault, email.lower())


def is_open() -> ColumnElement[bool]:
    """The condition on ``campaign`` under which it is not reserved: for whoever reads on nobody's behalf."""
    return and_(campaign.c.kind.not_in(RESERVED_KINDS), campaign.c.named_readers.is_(None))


def may_read(tx: Connection, vault: Vault, campaign_id: int, email: str, role: Role) -> bool:
    """Whether this account may know of this campaign; False as well where there is none."""
    query = select(campaign.c.id).where(campaign.c.id == campaign_id, visible_to(vault, email, role))
    return tx.execute(query).first() is not None


def ids_visible_to(vault: Vault, email: str, role: Role) -> Select:
    """The same as a subquery of ids, for tables that point at a campaign: ``post.c.campaign_id.in_(…)``."""
    return select(campaign.c.id).where(visible_to(vault, email, role)).correlate(None)


def attempts_hidden_from(vault: Vault, email: str, role: Role) -> Select:
    """Ids of the calls of reserved campaigns that this account may not know of."""
    return (
        select(attempt.c.id)
        .join(campaign, campaign.c.id == attempt.c.campaign_id)
        .where(~is_open(), ~visible_to(vault, email, role))
        .correlate(None)
    )


def is_reserved(row: Row) -> bool:
    """Whether only named people know of a campaign, given as its row (kind, named_readers)."""
    return row.kind in RESERVED_KINDS or row.named_readers is not None


def is_named(row: Row, email: str) -> bool:
    """Whether this account handed it in or was named; ``row``: submitted_by, named_readers."""
    return email.lower() in (row.submitted_by.lower(), *(row.named_readers or ()))


def may_name(row: Row, email: str, role: Role) -> bool:
    """Whether this account may name others: who handed it in, and those named whose role answers for campaigns."""
    return row.submitted_by == email or (is_named(row, email) and role in _ANSWER_FOR_CAMPAIGNS)


def kind_meant(written: str) -> str:
    """The type of a request that could not be made out, from what stands under ``tipo_campana``; empty where that is
    none. What only looks like a reserved one is taken for it: nobody else may learn of it from a typing error."""
    key = key_of(written)
    kinds = {key_of(kind): kind for kind in CampaignType}
    reserved = get_close_matches(key, [key_of(kind) for kind in RESERVED_KINDS], 1, _LIKE_ENOUGH)
    return kinds.get(key) or (kinds[reserved[0]] if reserved else "")


def at_first(tx: Connection, kind: str, actor: str, replaces: int | None) -> list[str] | None:
    """Who is named as a file comes in: of a reserved kind whoever brings it, and those named on what it corrects."""
    query = select(campaign.c.named_readers, campaign.c.submitted_by).where(campaign.c.id == replaces)
    before = tx.execute(query).first() if replaces is not None else None
    if kind not in RESERVED_KINDS and (before is None or before.named_readers is None):
        return None
    kept = [before.submitted_by.lower(), *(before.named_readers or ())] if before else []
    return list(dict.fromkeys([actor.lower(), *kept]))


def name_reader(tx: Connection, now: datetime, campaign_id: int, actor: str, email: str) -> bool:
    """Lets one more account know of a campaign; False where it was named already. It is reserved from then on.

    Whoever calls has seen to it that ``actor`` may, and that there is such an account. Raises NoSuchCampaign,
    NotAllowed: no e-mail, too many.
    """
    address = (valid_address(email) or "").lower()
    if not address:
        raise NotAllowed("Escriba el correo con el que la persona entra.")
    row = _locked(tx, campaign_id)
    named = list(row.named_readers or [row.submitted_by.lower()])
    if address in named:
        return False
    if len(named) >= MOST_NAMED:
        raise NotAllowed(f"Ya hay {MOST_NAMED} personas nombradas: quite antes a alguna.")
    _keep(tx, campaign_id, [*named, address])
    audit.record(tx, now, actor, "campaign.reader_named", "campaign", campaign_id, account=address)
    return True


def unname_reader(tx: Connection, now: datetime, campaign_id: int, actor: str, email: str) -> bool:
    """Takes an account off the list; False where it was not on it. The campaign stays reserved.

    Raises NoSuchCampaign, NotAllowed: who handed it in always knows of it.
    """
    row, address = _locked(tx, campaign_id), email.strip().lower()
    if address == row.submitted_by.lower():
        raise NotAllowed("Quien subió el archivo siempre la ve: no se puede quitar.")
    named = list(row.named_readers or ())
    if address not in named:
        return False
    _keep(tx, campaign_id, [each for each in named if each != address])
    audit.record(tx, now, actor, "campaign.reader_unnamed", "campaign", campaign_id, account=address)
    return True


def readers_of(tx: Connection, campaign_id: int) -> list[str]:
    """Who alone may know of it, whoever handed it in first; nobody in particular where it is not reserved.

    Raises NoSuchCampaign.
    """
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).first()
    if row is None:
        raise NoSuchCampaign
    return list(dict.fromkeys([row.submitted_by.lower(), *(row.named_readers or ())])) if is_reserved(row) else []


def _locked(tx: Connection, campaign_id: int) -> Row:
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id).with_for_update(key_share=True)).first()
    if row is None:
        raise NoSuchCampaign
    return row


def _keep(tx: Connection, campaign_id: int, named: Collection[str]) -> None:
    tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(named_readers=list(named)))


def _is_theirs(email: str) -> ColumnElement[bool]:
    named = func.coalesce(literal(email) == func.any(campaign.c.named_readers), False)
    return or_(campaign.c.submitted_by == email, named)


def _asked_for(vault: Vault, email: str) -> ColumnElement[bool]:
    asked = intake.alias()  # a query that joins the table itself keeps its own
    mine = (asked.c.campaign_id == campaign.c.id, asked.c.requester_print == vault.fingerprint(EMAIL_PRINT, email))
    return select(asked.c.campaign_id).where(*mine).correlate(campaign).exists()
