"""The padrón as every room asks it: in a transaction of its own where it is ours, with none open where it is not."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from beneficiaries.patience import Patience
from beneficiaries.registry import Beneficiary, Registry, Standing
from core.database import Database

T = TypeVar("T")


class Padron:
    """The port for who holds no transaction: open none around these. Share one a process.

    Each may raise RegistryDown, also where as many as may wait for a padrón elsewhere do; what was written may then
    have been, and is said again by the same ``made_by`` without harm. The rest as in ``registry.Registry``.
    """

    def __init__(self, db: Database, registry: Registry, patience: Patience) -> None:
        self._db = db
        self._registry = registry
        self._patience = patience

    def ask(self, question: Callable[[Registry, Any], T]) -> T:
        """What the question, of the registry and a transaction (None: it is elsewhere), returns or raises."""
        if self._registry.is_elsewhere:
            return self._patience.ask(lambda: question(self._registry, None))
        with self._db.begin() as tx:
            return question(self._registry, tx)

    def find(self, document: str) -> Beneficiary | None:
        return self.ask(lambda registry, tx: registry.find(tx, document))

    def search(self, *, document: str = "", phone: str = "", limit: int = 20) -> list[Beneficiary]:
        return self.ask(lambda registry, tx: registry.search(tx, document=document, phone=phone, limit=limit))

    def linked_to(self, bill: str) -> str | None:
        return self.ask(lambda registry, tx: registry.linked_to(tx, bill))

    def link_bill(self, document: str, bill: str, made_by: str) -> None:
        self.ask(lambda registry, tx: registry.link_bill(tx, document, bill, made_by))

    def correct_birth_date(self, document: str, birth_date: date, made_by: str) -> None:
        self.ask(lambda registry, tx: registry.correct_birth_date(tx, document, birth_date, made_by))

    def correct_name(self, document: str, name: str, made_by: str) -> None:
        self.ask(lambda registry, tx: registry.correct_name(tx, document, name, made_by))

    def set_standing(self, document: str, standing: Standing, made_by: str) -> None:
        self.ask(lambda registry, tx: registry.set_standing(tx, document, standing, made_by))
