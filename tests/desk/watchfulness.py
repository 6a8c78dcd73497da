"""The promise of the whole house, watched in every scenario: nobody who calls is left alone, nor cut off."""

import re
import threading
import time
from dataclasses import dataclass, field

from tests.desk.telephones import HASTE, Exchange, Telephone

ALONE = 4.0  # seconds with nobody and nothing
ANNOUNCED = 6.0  # seconds after a sentence that asks to wait: the next one is due after ten, which are hastened
EVERY = 0.05
_ASKS_TO_WAIT = re.compile(r"cuelgue|espere|Un momento|marque|[Ll]lamada|llamando|puede colgar")
_GOODBYE = re.compile(r"Hasta luego|servicio es gratuito|Gracias por su atención|Lo sentimos|llame al")


@dataclass
class Watch:
    """Looks at each citizen's telephone twenty times a second."""

    exchange: Exchange
    citizens: list[Telephone] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _since: dict[str, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def end(self) -> list[str]:
        """What was found."""
        self._stop.set()
        self._thread.join(5)
        return self.faults

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            for telephone in list(self.citizens):
                self._look(telephone)

    def _look(self, telephone: Telephone) -> None:
        now = time.monotonic()
        last = telephone.heard[-1] if telephone.heard else None
        is_spoken_to = last is not None and now < last.at + last.seconds * HASTE
        if not telephone.is_in_call or is_spoken_to or self.exchange.company(telephone):
            self._since[telephone.number] = now
            return
        limit = ANNOUNCED if last is not None and not last.who and _ASKS_TO_WAIT.search(last.text) else ALONE
        if now - self._since.setdefault(telephone.number, now) > limit:
            after = last.text if last else "the answer"
            self.faults.append(f"alone for more than {limit:g} s, after «{after}»")
            self._since[telephone.number] = now

    def check_ends(self) -> None:
        """Whom we hung up was told goodbye, by a document or, where we had called them, by a person."""
        for telephone in self.citizens:
            for by, last in telephone.ends:
                if by != "person" and not (by == "application" and (not last or _GOODBYE.search(last))):
                    self.faults.append(f"hung up by the {by} after «{last}»")
