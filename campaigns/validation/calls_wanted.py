"""People who said yes to being called: a campaign that asks them so owes each of them a call, which a person makes."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import ColumnElement, Connection, Row, and_, distinct, false, func, or_, select

from campaigns import results
from campaigns.tables import campaign
from campaigns.upload.request import Collected
from campaigns.upload.vocabulary import key_of
from campaigns.validation.deciding import collected_of
from campaigns.validation.keeping import Verdict, counted_print
from campaigns.validation.tables import collected_answer
from core.privacy import Vault

#: «¿Desea que le llamemos…?», «¿Quiere que alguien la llame?», «¿Le devolvemos la llamada?»; not «que no le llamemos».
_OFFER = re.compile(r"(?<!\bno )\bl[aeo]s? (llam\w+|devolv\w+ (la|su) llamada)|recibir (una|nuestra) llamada")


def yes_to_a_call(asked: Collected) -> str | None:
    """The key by which a question's answer asks for a call; None where the question offers none."""
    plain = unicodedata.normalize("NFKD", asked.sentence.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    yes = next((key for key, label in asked.options if key_of(label) == "si"), None)
    return yes if _OFFER.search(plain) else None


def are_offered(vault: Vault, row: Row) -> bool:
    """Whether a campaign (its row) offers a call in some question."""
    return any(yes_to_a_call(each) for each in collected_of(vault, row))


def people(tx: Connection, vault: Vault, row: Row) -> int:
    """How many of a campaign (its row) asked to be called, once each; they are counted when purged too."""
    mine = select(func.count(distinct(collected_answer.c.recipient_id)))
    return tx.execute(mine.where(_said_so(vault, row))).scalar_one() if are_offered(vault, row) else 0


def csv_pieces(tx: Connection, vault: Vault, campaign_id: int) -> Iterator[bytes]:
    """Their rows of the results file, some at a time. Raises NoSuchCampaign, NotAllowed."""
    return results.csv_pieces(tx, vault, campaign_id, _theirs(tx, vault, campaign_id))


def write(tx: Connection, vault: Vault, campaign_id: int, target: Path | BinaryIO, kind: str | None = None) -> int:
    """The same as a file; returns the rows. Raises NoSuchCampaign, NotAllowed, ValueError."""
    return results.write(tx, vault, campaign_id, target, kind, _theirs(tx, vault, campaign_id))


def _theirs(tx: Connection, vault: Vault, campaign_id: int) -> list[int]:
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).first()
    query = select(collected_answer.c.recipient_id)
    return list(tx.execute(query.where(_said_so(vault, row))).scalars()) if row is not None else []


def _said_so(vault: Vault, row: Row) -> ColumnElement[bool]:
    answers = collected_answer.c
    offers = [(each.number, key) for each in collected_of(vault, row) if (key := yes_to_a_call(each)) is not None]
    yes = (and_(answers.number == n, answers.stands_print == counted_print(vault, row.id, n, key)) for n, key in offers)
    return and_(answers.campaign_id == row.id, answers.state != Verdict.REJECTED, or_(false(), *yes))
