"""Where the demo works, and what it must not touch: an installation that people use."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, exists, inspect, select

from campaigns.life import NotAllowed
from campaigns.tables import campaign
from console.tables import account
from core.audit import audit
from core.database import Database
from core.roles import Role

ACTOR = "demo"
EMAIL = "demo@pregonero.example"
DEFAULT = "var/demo"  # not the service's own default: who tries the demo later does not try it on citizens

#: Who sits at the desk of the demo: (e-mail, name, role). They sign in with the demo's own password.
TEAM = (
    ("rosa@pregonero.example", "Rosa Peña", Role.OPERADOR),
    ("luz@pregonero.example", "Luz Rivas", Role.OPERADOR),
    ("marta@pregonero.example", "Marta Solís", Role.SUPERVISOR),
)

_ELSEWHERE = "Ponga otro DATA_DIR."
_DELETE = f"Si nada de eso le sirve, borre la carpeta {DEFAULT} y empiece de nuevo; si le sirve, ponga otro DATA_DIR."
_OURS = (ACTOR, EMAIL, *(email for email, _, _ in TEAM))


def data_dir(environ: Mapping[str, str]) -> Path:
    """DATA_DIR, or a directory of the demo's own where the environment names none."""
    return Path(environ.get("DATA_DIR") or DEFAULT).resolve()


def refuse_somebody_elses(url: str, *, fresh: bool, is_own_place: bool = False) -> None:
    """Raises NotAllowed where a database is of somebody else's, or, before it is emptied, holds anything of theirs.
    ``is_own_place``: it is in the directory of the demo's own, which may be deleted whole."""
    db = Database(url, 1)
    try:
        with db.begin() as tx:
            if not inspect(tx).has_table(campaign.name):
                return
            if _has_others(tx) and (fresh or not _has_been_here(tx)):
                raise NotAllowed(
                    "Esta base tiene campañas, usuarios o un padrón que no son de la demostración: no se toca nada. "
                    + (_DELETE if is_own_place else _ELSEWHERE)
                )
    finally:
        db.close()


def _has_others(tx: Connection) -> bool:
    theirs = (
        exists().where(campaign.c.submitted_by.not_in(_OURS)),
        exists().where(account.c.email.not_in(_OURS)),
        exists().where(audit.c.action == "beneficiaries.imported", audit.c.actor.not_in(_OURS)),
    )
    return any(tx.execute(select(*theirs)).one())


def _has_been_here(tx: Connection) -> bool:
    return tx.execute(select(exists().where(account.c.email == EMAIL))).scalar_one()
