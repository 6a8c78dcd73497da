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

_OURS = (ACTOR, EMAIL, *(email for email, _, _ in TEAM))


def data_dir(environ: Mapping[str, str]) -> Path:
    """DATA_DIR, or a directory of the demo's own where the environment names none."""
    return Path(environ.get("DATA_DIR") or DEFAULT).resolve()


def refuse_somebody_elses(url: str, *, fresh: bool) -> None:
    """Raises NotAllowed where a database is of somebody else's, or, before it is emptied, holds anything of theirs."""
    db = Database(url, 1)
    try:
        with db.begin() as tx:
            if not inspect(tx).has_table(campaign.name):
                return
            if _has_others(tx) and (fresh or not _has_been_here(tx)):
                raise NotAllowed(
                    "Esta base tiene campañas, usuarios o un padrón que no son de la demostración: no se toca nada."
                    " Ponga otro DATA_DIR."
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
