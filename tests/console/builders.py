"""An office to look at, people who come in, and a Formato small enough to be read here."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from io import BytesIO
from itertools import cycle
from threading import Event, Thread

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import Connection, insert, select, update

from campaigns import attempts, life
from campaigns.campaign_line import CampaignLine
from campaigns.importing import import_campaign
from campaigns.states import AttemptState, CampaignState, Progress
from campaigns.tables import attempt, campaign
from campaigns.template import write_formato
from campaigns.upload.lines_known import LineKnown
from campaigns.upload.tables import import_progress
from console.access import Visitor
from console.accounts import find_account
from console.office import Office
from console.tables import account as account_table
from core.clock import Clock, FixedClock
from core.database import Database
from core.documents import dui_check_digit
from core.privacy import Vault
from core.roles import Role

PASSWORD = "una frase larga de prueba"
NUMBER = "+50322373333"

LINE = CampaignLine(
    LineKnown("dgs", "SV", "Dirección de Prueba", frozenset({NUMBER})),
    NUMBER,
    "Gracias por atender.",
    "Sus datos se usan solo para esta llamada.",
)

_FIELDS = {
    "formato_version": "V1",
    "entidad": "Dirección de Prueba",
    "area_misional": "Registro",
    "nombre_solicitante": "Alguien Inventado",
    "correo_solicitante": "registro@ejemplo.gob.sv",
    "nombre_campana": "Notificación de expediente",
    "tipo_campana": "INFORMATIVA",
    "finalidad": "NOTIFICACION",
    "canal": "VOZ",
    "modo": "AUTOMATICA",
    "pais": "SV",
    "fecha_solicitud": "23/11/2026",
    "fecha_inicio": "30/11/2026",
    "fecha_fin": "18/12/2026",
    "mensaje_guion": "Hola {primer_nombre}, su expediente está listo.",
    "requiere_preguntas_seguridad": "NO",
    "numero_devolucion_llamada": "2237-3333",
    "base_legal_tratamiento": "Ley de prueba",
    "contiene_datos_sensibles": "NO",
}
_COLUMNS = (
    *("id_registro", "tipo_documento", "numero_documento", "primer_nombre", "primer_apellido"),
    *("fecha_nacimiento", "telefono_1"),
)


def dui(number: int) -> str:
    """An invented DUI, right in its check digit."""
    first = f"{number:08}"
    return f"{first}-{dui_check_digit(first)}"


def person(number: int, *, phone: str | None = None, document: str | None = None) -> tuple[str, ...]:
    """A row of Contactos."""
    telephone = phone if phone is not None else f"7{2340000 + number:07}"
    return (str(number), "DUI", document or dui(4000000 + number), "Ana", "Inventada", "05/03/1980", telephone)


def formato(people: Iterable[tuple[str, ...]], **fields: str) -> bytes:
    """A Formato as a coordinator hands it in."""
    rows = list(people)
    written = {**_FIELDS, "cantidad_registros": str(len(rows)), **fields}
    target = BytesIO()
    write_formato(target, list(written.items()), _COLUMNS, rows)
    return target.getvalue()


def forty(**fields: str) -> bytes:
    """Forty people: row 13 with a telephone that lacks a digit, row 22 with a DUI that lost its zero."""
    return formato(_forty(), **fields)


def forty_in_csv(**fields: str) -> bytes:
    """The same forty, in other rows: for whoever asks what comes after the upload. A workbook is read by a process of
    its own, which takes longer than most tests."""
    people = _forty()
    written = {**_FIELDS, "cantidad_registros": str(len(people)), **fields}
    lines = [f"#{name};{value}" for name, value in written.items()]
    return "\r\n".join([*lines, "", ";".join(_COLUMNS), *map(";".join, people)]).encode()


def row_in_csv(number: int) -> int:
    """The row in which ``forty_in_csv`` has its person of this number, the first being 1."""
    return len(_FIELDS) + len(("cantidad_registros", "", "headings")) + number


def _forty() -> list[tuple[str, ...]]:
    people = [person(n) for n in range(1, 41)]
    people[11] = person(12, phone="2234-567")
    people[20] = person(21, document=dui(4000021).lstrip("0"))
    return people


def account(db: Database, clock: Clock, role: Role, email: str = "") -> str:
    """Someone who may come in; returns the e-mail."""
    email = email or f"{role.lower()}@ejemplo.gob.sv"
    named = {"email": email, "name": role.title(), "role": role}
    with db.begin() as tx:
        tx.execute(insert(account_table).values(**named, password_hash=_hash(), created_at=clock.now()))
    return email


@cache
def _hash() -> str:
    """Of PASSWORD, made once, and cheap to try: argon2 is slow on purpose, and proves no more by it."""
    return PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)


def is_in(client: FlaskClient, db: Database, email: str) -> None:
    """Signed in already, without the slow door; test_sign_in.py goes through it."""
    with db.begin() as tx:
        number = tx.execute(select(account_table.c.id).where(account_table.c.email == email)).scalar_one()
        found = find_account(tx, number)
    assert found
    with client.session_transaction() as session:
        session["_user_id"] = Visitor(found).get_id()


def come_in(client: FlaskClient, email: str) -> None:
    """Signs in at the door, as anyone does."""
    answer = client.post("/entrar", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.text


def upload(client: FlaskClient, data: bytes, name: str = "", where: str = "/campanas/nueva") -> int:
    """Hands in a file, has it imported, and returns the campaign's number."""
    name = name or ("formato.xlsx" if data.startswith(b"PK") else "formato.csv")
    answer = client.post(where, data={"file": (BytesIO(data), name)}, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text
    number = int(answer.location.split("/")[2])
    import_now(client.application.extensions["office"], number)
    return number


def import_now(here: Office, campaign_id: int) -> None:
    """What the worker does with a file that was received."""
    import_campaign(here.db, here.vault, here.clock, here.lines, campaign_id)


@contextmanager
def importing(here: Office) -> Iterator[None]:
    """A worker that imports what is received, as soon as it sees it, as long as the block lasts."""
    is_over = Event()

    def work() -> None:
        while not is_over.wait(0.05):
            with here.db.begin() as tx:
                waiting = tx.execute(select(import_progress.c.campaign_id)).scalars().all()
            for campaign_id in waiting:
                import_now(here, campaign_id)

    worker = Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        is_over.set()
        worker.join()


def called(db: Database, vault: Vault, clock: FixedClock, campaign_id: int) -> None:
    """The campaign's first calls were made: a few each minute, each with what came of it, the last ones still live."""
    with db.begin() as tx:
        clock.jump_to(tx.execute(select(campaign.c.starts_at).where(campaign.c.id == campaign_id)).scalar_one())
        clock.advance(timedelta(hours=8, minutes=5))
        life.move(tx, clock.now(), campaign_id, CampaignState.RUNNING, "dialer")
        mine = (attempt.c.campaign_id == campaign_id, attempt.c.state == AttemptState.DUE)
        ids = list(tx.execute(select(attempt.c.id).where(*mine).order_by(attempt.c.id)).scalars())
    fates = cycle(_FATES)
    for n, attempt_id in enumerate(ids[:-5]):
        status, progress, answered_by = next(fates)
        with db.begin() as tx:
            _place(tx, clock, attempt_id, progress)
            if n < len(ids) - 8:
                attempts.end_call(tx, clock.now(), attempt_id, status, 30 + n, answered_by)
        clock.advance(timedelta(seconds=9 + n % 7))


_FATES = (
    ("completed", Progress.MESSAGE_HEARD, "human"),
    ("completed", Progress.MESSAGE_HEARD, "human"),
    ("no-answer", None, None),
    ("completed", Progress.MESSAGE_HEARD, "human"),
    ("busy", None, None),
    ("completed", Progress.MESSAGE_STARTED, "human"),
    ("completed", Progress.WRONG_NUMBER, "human"),
    ("completed", Progress.OPTED_OUT, "human"),
    ("completed", None, "machine_end_beep"),
)


def _place(tx: Connection, clock: FixedClock, attempt_id: int, progress: Progress | None) -> None:
    placed = {"state": AttemptState.PLACED, "started_at": clock.now(), "remote_sid": f"CA{attempt_id:032}"}
    tx.execute(update(attempt).where(attempt.c.id == attempt_id).values(**placed, progress=progress))
