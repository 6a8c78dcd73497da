"""Finds a person of a campaign by exactly one thing that is known of them. Keyed hashes are compared where there are.

A document has its hash since the import; a telephone since it was dialled. Whatever has none is looked for by opening
the rows one after the other, for a few seconds at most.
"""

import json
import threading
import time
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum

from sqlalchemy import Connection, Row, select

from campaigns.rules.exclusions import CannotExclude, Kind, documents_of, value_of
from campaigns.tables import attempt, recipient
from campaigns.upload.vocabulary import COLUMN_BY_KEY, key_of
from core.database import may_take_its_time
from core.privacy import Vault

LONGEST_S = 10.0  # of opening rows: about a million of them
_TOO_LONG = "La lista es demasiado larga para buscar así: búsquelo por documento o por su fila."
_AT_ONCE = 1_000
_one_at_a_time = threading.Lock()  # of a process: opening rows takes a whole core


class By(StrEnum):
    """What is known of them."""

    DOCUMENT = "documento"
    PHONE = "telefono"
    ID = "id"

    @property
    def label(self) -> str:
        return {"documento": "Documento", "telefono": "Teléfono", "id": "Identificador (id_registro)"}[self.value]


class CannotFind(Exception):
    """What was typed cannot be such a thing, or the list is too long. One sentence in Spanish, without it."""


def find(tx: Connection, vault: Vault, row: Row, by: By, written: str, most: int) -> list[Row]:
    """The people of a campaign (its row) who have it, in the upload's order, at most ``most``. Raises CannotFind."""
    match by:
        case By.DOCUMENT:
            return _by_document(tx, vault, row, written, most)
        case By.PHONE:
            return _by_phone(tx, vault, row, _phone(written, row.country), most)
        case By.ID:
            return _by_id(tx, vault, row, written.strip(), most)


def _phone(written: str, country: str) -> str:
    try:
        return value_of(Kind.PHONE, written, country)
    except CannotExclude as problem:
        raise CannotFind(str(problem)) from problem


def _by_document(tx: Connection, vault: Vault, row: Row, written: str, most: int) -> list[Row]:
    prints = [vault.fingerprint("document", number) for number in documents_of(written, row.country)]
    if not prints:
        raise CannotFind("El documento no se puede leer: escriba sus letras y dígitos.")
    mine = (recipient.c.campaign_id == row.id, recipient.c.person_print.in_(prints))
    return list(tx.execute(select(recipient).where(*mine).order_by(recipient.c.row).limit(most)))


def _by_phone(tx: Connection, vault: Vault, row: Row, e164: str, most: int) -> list[Row]:
    dialled = select(attempt.c.recipient_id).where(
        attempt.c.to_print == vault.fingerprint("phone", e164), attempt.c.campaign_id == row.id
    )
    found = tx.execute(select(recipient).where(recipient.c.id.in_(dialled)).order_by(recipient.c.row).limit(most)).all()
    if found:
        return list(found)
    return _opened(
        tx, vault, row.id, {f'"{e164}"'}, lambda data: e164 in (data["contact"] or {}).get("phones", []), most
    )


def _by_id(tx: Connection, vault: Vault, row: Row, written: str, most: int) -> list[Row]:
    names = [COLUMN_BY_KEY.get(key_of(heading)) for heading in row.headings]
    if "id_registro" not in names:
        raise CannotFind("El archivo de esta campaña no trae identificadores: busque por documento o por fila.")
    column = names.index("id_registro")
    needles = {json.dumps(written, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)}
    return _opened(
        tx,
        vault,
        row.id,
        needles,
        lambda data: column < len(data["cells"]) and data["cells"][column].strip() == written,
        most,
    )


def _opened(
    tx: Connection, vault: Vault, campaign_id: int, needles: set[str], fits: Callable[[dict], bool], most: int
) -> list[Row]:
    """People whose sealed data have one of the ``needles`` somewhere, and ``fits``. Raises CannotFind."""
    may_take_its_time(tx)  # to wait for its turn
    if not _one_at_a_time.acquire(timeout=LONGEST_S):
        raise CannotFind("Alguien más está buscando: vuelva a intentarlo en unos segundos.")
    try:
        until, found = time.monotonic() + LONGEST_S, list[int]()
        query = select(recipient.c.id, recipient.c.data_sealed).where(recipient.c.campaign_id == campaign_id)
        with closing(tx.execute(query, execution_options={"yield_per": _AT_ONCE})) as rows:
            for some in rows.partitions():
                for recipient_id, sealed in some:
                    opened = vault.open(sealed)
                    if any(needle in opened for needle in needles) and fits(json.loads(opened)):
                        found.append(recipient_id)
                if len(found) >= most:
                    break
                if time.monotonic() > until:
                    raise CannotFind(_TOO_LONG)
        people = select(recipient).where(recipient.c.id.in_(found[:most])).order_by(recipient.c.row)
        return list(tx.execute(people))
    finally:
        _one_at_a_time.release()
