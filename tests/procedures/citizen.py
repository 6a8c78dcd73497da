"""A citizen at a telephone of the local carrier, who hears what the line says and presses what they would."""

import asyncio
import threading
from collections.abc import Sequence

import aiohttp

HANGS_UP = "(hangs up)"
Rules = Sequence[tuple[str, str]]  # what they hear, and the keys they press; of several the first one


class Citizen:
    """Has one telephone. Each call is heard to its end."""

    def __init__(self, carrier: str, number: str) -> None:
        self.number = number
        self._carrier = carrier

    def call(self, line: str, rules: Rules) -> list[str]:
        """Dials a line, and presses by these rules until the call ends; what was heard."""
        return self._take(rules, line)

    def wait_for_a_call(self, rules: Rules) -> "Waiting":
        """Answers the next call, whenever it comes."""
        return Waiting(self, rules)

    def _take(self, rules: Rules, dials: str | None) -> list[str]:
        return asyncio.run(asyncio.wait_for(self._hold(rules, dials), 120))

    async def _hold(self, rules: Rules, dials: str | None) -> list[str]:
        said: list[str] = []
        async with (
            aiohttp.ClientSession(self._carrier) as http,
            http.ws_connect("/local/phone", params={"number": self.number}) as socket,
        ):
            async for message in socket:
                match message.json():
                    case {"event": "ready"} if dials:
                        await socket.send_json({"do": "dial", "to": dials})
                    case {"event": "ringing"}:
                        await socket.send_json({"do": "answer"})
                    case {"event": "said", "text": str(text)}:
                        said.append(text)
                        await _answer(socket, _pressed(rules, text))
                    case {"event": "ended"}:
                        return said
        return said


class Waiting:
    """A call that is to come."""

    def __init__(self, citizen: Citizen, rules: Rules) -> None:
        self._heard: list[str] = []
        self._thread = threading.Thread(target=self._run, args=(citizen, rules), daemon=True)
        self._thread.start()

    def _run(self, citizen: Citizen, rules: Rules) -> None:
        self._heard = citizen._take(rules, None)

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def heard(self, seconds: float) -> list[str]:
        """What the line said, once the call is over."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "nobody called, or the call did not end"
        return self._heard


async def _answer(socket: aiohttp.ClientWebSocketResponse, presses: str) -> None:
    """While the line still speaks, as people who know what comes do."""
    if presses == HANGS_UP:
        await socket.send_json({"do": "hangup"})
        return
    for key in presses:
        await socket.send_json({"do": "key", "key": key})


def _pressed(rules: Rules, text: str) -> str:
    return next((presses for hears, presses in rules if hears in text), "")
