"""People who write by themselves, for load and rehearsal: who asks a thing, who brings papers, who is lost, who goes
silent. Seconds are simulated."""

import asyncio
from collections import Counter
from itertools import cycle

from carrier.local.chats.writing import write
from carrier.local.network import Network

#: What each does: words to write, ``(photo)`` and its like to send; after each they wait for an answer, but after «…».
PEOPLE: dict[str, tuple[str, ...]] = {
    "pregunta": ("Hola", "1", "gracias"),
    "con papeles": ("Hola", "5", "Quiero pedir el subsidio", "(photo)…", "(bill)…", "¿Con eso basta?", "Gracias"),
    "no entiende": ("Hola", "el de mi mamá", "no sé", "ayúdeme"),
    "se calla": ("Hola", "5"),
    "manda de todo": ("😀😀😀", "(voice)", "(place)", "(document)", "x" * 10_000, "2"),
}
MOST = 500
PATIENCE_S = 600.0
_PAUSE_S = 4.0


class Crowd:
    """Those who write at present, and what came of those who did."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.writing = 0

    def begin(self, network: Network, count: int, to: str) -> None:
        """So many people begin to write, each from a number of their own and a moment after the one before."""
        for nth, (kind, steps) in zip(range(count), cycle(PEOPLE.items()), strict=False):
            self.writing += 1
            network.spawn(self._live(network, kind, steps, f"+5037810{nth:04}", to, nth))

    async def _live(self, network: Network, kind: str, steps: tuple[str, ...], number: str, to: str, nth: int) -> None:
        network.chats.listen(number)
        try:
            await asyncio.sleep(nth * 0.2 * network.personas.speed)
            for step in steps:
                said, waits = step.removesuffix("…"), not step.endswith("…")
                sends = said.strip("()") if said.startswith("(") else ""
                write(network, number, to, "" if sends else said, sends)
                if waits and await network.chats.answer_within(number, PATIENCE_S * network.personas.speed + 5) is None:
                    self.done["sin respuesta"] += 1
                    return
                await asyncio.sleep(_PAUSE_S * network.personas.speed)
            self.done[kind] += 1
        finally:
            self.writing -= 1
            network.chats.stop_listening(number)
