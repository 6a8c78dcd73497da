"""A request on its way: who receives it, the letters that were written, the jobs that wait."""

from datetime import datetime

from sqlalchemy import select

from campaigns.intake.reception import Reception
from campaigns.states import CampaignState
from campaigns.submission import Submitted, submit
from campaigns.tables import campaign
from core.clock import Clock
from core.countries import COUNTRIES
from core.database import Database
from core.post import post
from core.privacy import Vault
from demo.invent import citizen, formato
from tests.campaigns.builders import LINES

AREA = "area@subsidios.example"
REQUESTER = "operaciones@subsidios.example"  # demo.invent: correo_solicitante
ADDRESS = "https://voz.example"


def reception_of(db: Database, vault: Vault, clock: Clock, days: int = 5) -> Reception:
    return Reception(db, vault, clock, ADDRESS, "Dirección General de Subsidios", COUNTRIES["SV"].zone, days)


def handed_in(
    db: Database, vault: Vault, clock: Clock, people: int = 3, replaces: int | None = None, **fields: str
) -> Submitted:
    """A list of invented citizens, handed in by the area itself."""
    data = formato([citizen(number) for number in range(people)], **fields)
    return submit(db, vault, clock, LINES, AREA, "lista.csv", data, replaces)


def work(reception: Reception) -> list[str]:
    """Does what waits, as the worker does, and what that leaves behind; the names of the jobs."""
    done: list[str] = []
    while True:
        with reception.db.begin() as tx:
            waiting = tx.exec_driver_sql(
                "delete from procrastinate_jobs where task_name in ('intake.tell', 'intake.compare')"
                " returning id, task_name, args"
            ).all()
        if not waiting:
            return done
        for _, task, arguments in sorted(waiting):
            done.append(task)
            if task == "intake.tell":
                reception.tell(**arguments)
            else:
                reception.compare(**arguments)


def letters(db: Database, vault: Vault, kind: str | None = None) -> list[tuple[str, str, str]]:
    """(to, subject, body) of each that was written, the oldest first."""
    query = select(post).order_by(post.c.id)
    with db.begin() as tx:
        rows = list(tx.execute(query.where(post.c.kind == kind) if kind else query))
    return [(vault.open(row.to_sealed), row.subject, vault.open(row.body_sealed)) for row in rows]


def state_of(db: Database, campaign_id: int) -> CampaignState:
    with db.begin() as tx:
        return CampaignState(tx.execute(select(campaign.c.state).where(campaign.c.id == campaign_id)).scalar_one())


def local(told: str) -> datetime:
    """``2026-11-28 09:00`` in El Salvador."""
    return datetime.fromisoformat(f"{told}-06:00")
