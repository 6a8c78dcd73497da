"""What THEN says of cases, orders, letters and texts: looked up in the database, and in the shared folder."""

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from campaigns.tables import recipient
from cases.tables import case_, case_event, correction, gift, order_step, task, work_order
from core.post import post
from demo.invent import Citizen, formato
from tests.beneficiaries.builders import is_pin_in_force

if TYPE_CHECKING:
    from tests.procedures.playing import Procedure

OLD_PIN = "8305"
ANA = Citizen(0, "00016297-5", "Ana", "López", date(1960, 3, 5), ("+50370001234",))


class Found:
    """One method a word, which gives all that is found; what the line says is to be among it."""

    def __init__(self, play: "Procedure") -> None:
        self._play = play
        self.reported: list[str] = []

    def knows(self, word: str) -> bool:
        return hasattr(self, f"_{word}")

    def of(self, word: str) -> list[str]:
        with self._play.stage.db.begin() as tx:
            return getattr(self, f"_{word}")(tx)

    def holds(self, word: str, rest: str) -> bool:
        found = self.of(word)
        return not found if rest == "none" else rest in found

    def formato(self, fields: dict[str, str]) -> bytes:
        """The Formato of a campaign of one person, Ana."""
        return formato([ANA], **fields)

    def _case(self, tx: Connection) -> list[str]:
        """``case C08 CERRADO``: the newest one alone."""
        row = tx.execute(select(case_).order_by(case_.c.id.desc()).limit(1)).first()
        return [f"{row.subject} {row.state}"] if row else []

    def _cases(self, tx: Connection) -> list[str]:
        return [str(tx.execute(select(func.count()).select_from(case_)).scalar_one())]

    def _channel(self, tx: Connection) -> list[str]:
        return list(tx.execute(select(case_.c.channel)).scalars())

    def _order(self, tx: Connection) -> list[str]:
        """``order ENLACE ABIERTA``; ``none``."""
        return [f"{row.kind} {row.state}" for row in tx.execute(select(work_order))]

    def _suborders(self, tx: Connection) -> list[str]:
        """``suborders RECEPCION, REGISTRO``: in their order."""
        rows = tx.execute(select(order_step.c.step).order_by(order_step.c.place)).scalars().all()
        return [", ".join(rows)] if rows else []

    def _linked(self, tx: Connection) -> list[str]:
        """``linked 00016297-5 4407719``: on which bill."""
        people = [self._play.parts.world.registry.find(tx, each) for each in ("000162975", "045678903")]
        return [f"{each.document[:8]}-{each.document[8]} {each.bill}" for each in people if each and each.bill]

    def _named(self, tx: Connection) -> list[str]:
        """``named Ana López``: Ana, in the padrón."""
        person = self._play.parts.world.registry.find(tx, "000162975")
        return [person.name] if person is not None else []

    def _pin(self, tx: Connection) -> list[str]:
        """``pin new``: Ana's."""
        person = self._play.parts.world.registry.find(tx, "000162975")
        assert person is not None
        is_old = is_pin_in_force(tx, self._play.parts.vault, "000162975", OLD_PIN)
        return ["old" if is_old else "new"] if person.has_pin else []

    def _gift(self, tx: Connection) -> list[str]:
        """``gift accepted F-12``: with its form; ``gift refused``."""
        rows = tx.execute(select(gift))
        return [f"accepted {row.form_number}" if row.is_accepted else "refused" for row in rows]

    def _task(self, tx: Connection) -> list[str]:
        """``task UNIT COORDINADOR``: one that is open."""
        rows = tx.execute(select(task).where(task.c.ended_at.is_(None)))
        return [f"{row.kind} {', '.join(row.to_roles)}" for row in rows]

    def _correction(self, tx: Connection) -> list[str]:
        return list(tx.execute(select(correction.c.state)).scalars())

    def _letter(self, tx: Connection) -> list[str]:
        """``letter carla: Caso 1: vence pronto``."""
        rows = tx.execute(select(post).where(post.c.channel == "MAIL"))
        return [f"{self._play.parts.vault.open(row.to_sealed).split('@')[0]}: {row.subject}" for row in rows]

    def _text(self, tx: Connection) -> list[str]:
        """``text reference sent``: by SMS."""
        return [f"{row.kind} {row.state}" for row in tx.execute(select(post).where(post.c.channel == "SMS"))]

    def _outcome(self, tx: Connection) -> list[str]:
        """``outcome contacto_titular.cobro``: of whom a campaign called."""
        return [each for each in tx.execute(select(recipient.c.outcome)).scalars() if each]

    def _history(self, tx: Connection) -> list[str]:
        """``history ADDED``: the kinds of what happened to the cases."""
        return list(tx.execute(select(case_event.c.kind)).scalars())

    def _reported(self, tx: Connection) -> list[str]:
        """``reported 3``: how many periods went to the shared folder."""
        return [str(len(self.reported))]
