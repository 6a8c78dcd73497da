"""What is written about a correction to the people of the institution (R40): nothing of whom it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from cases.corrections.corrections import Correction
from core.privacy import Vault
from core.roles import Role
from procedures import letters
from procedures.letters import Notice, People

_COMPARE = "Antes de corregir, compárela con una fuente que no sea quien llamó, y escriba con cuál."
_TELL = "Le quedó la tarea de avisar a la persona."
_TASK_LEFT = "Quedó en Coordinación la tarea de avisar a la persona."


@dataclass(frozen=True)
class Letters:
    """What they need."""

    vault: Vault
    public_url: str
    people: People

    def ask(self, tx: Connection, now: datetime, about: Correction, case_id: int, actor: str) -> None:
        """To whoever decides, but for ``actor``, who asked. ``case_id``: the one from which it was asked for."""
        told = (f"Hay una corrección por revisar: {about.label.lower()}, caso {case_id}.", _COMPARE)
        for email in self.people(tx, about.kind.roles, about.line):
            if email != actor:
                self._write(tx, now, about, "correction_asked", email, told)

    def reply(self, tx: Connection, now: datetime, done: Correction, how_told: str) -> None:
        """To whoever asked for it (R40)."""
        told = (f"La corrección del caso {done.case_id} quedó {done.state.label.lower()}.", how_told)
        self._write(tx, now, done, "correction_decided", done.asked_by, told)

    def give_back(self, tx: Connection, now: datetime, about: Correction, why: str) -> None:
        """To whoever decides: it could not be made."""
        told = (f"La corrección del caso {about.case_id} no se pudo hacer. {why}",)
        for email in self.people(tx, about.kind.roles, about.line):
            self._write(tx, now, about, "correction_given_back", email, told)

    def unannounced(self, tx: Connection, now: datetime, about: Correction, why: str) -> None:
        """To Coordinación: no text of ours tells its telephone of the change."""
        for email in self.people(tx, (Role.COORDINADOR,), about.line):
            self._write(tx, now, about, "correction_unannounced", email, (why, _TASK_LEFT))

    def pin_unannounced(self, tx: Connection, now: datetime, post_id: int, line: str, at: datetime, why: str) -> None:
        """To Coordinación: a PIN was changed, and no text of ours tells its holder. ``at``: when, by their clock."""
        when = f"{at:%d/%m/%Y a las %H:%M}"
        told = (
            f"El {when} se cambió un PIN en la línea, y el SMS que se lo avisa a la persona no le llegó. {why}".strip()
        )
        letters.leave(
            tx,
            self.vault,
            now,
            self.people(tx, (Role.COORDINADOR,), line),
            Notice(
                kind="pin_unannounced",
                subject=f"Un cambio de PIN sin avisar, del {when}",
                told=(told.strip(),),
                link=f"Busque esa llamada, y avísele por otro medio:\n{self.public_url}/llamadas/sin-persona",
                line=line,
                once=f"pin_unannounced:{post_id}",
            ),
        )

    def leave_telling(self, tx: Connection, now: datetime, about: Correction, why: str, *, is_theirs: bool) -> None:
        """To whoever asked for it: no call of ours told the person. ``is_theirs``: they are to, not Coordinación."""
        told = (why, _TELL if is_theirs else _TASK_LEFT)
        self._write(tx, now, about, "correction_untold", about.asked_by, told)

    def _write(self, tx: Connection, now: datetime, about: Correction, kind: str, to: str, told: Iterable[str]) -> None:
        letters.leave(
            tx,
            self.vault,
            now,
            [to],
            Notice(
                kind=kind,
                subject=f"Caso {about.case_id}: corrección del padrón",
                told=tuple(told),
                link=letters.see(f"{self.public_url}/casos/correcciones/{about.id}"),
                line=about.line,
                case_id=about.case_id,
                once=f"{kind}:{about.id}",
            ),
        )
