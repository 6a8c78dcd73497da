"""A telephone in the terminal, on the local carrier that a service is on: desks ring, and operators take the call."""

import asyncio
import contextlib
import sys
import threading

import aiohttp
import click

from core.phones import CALLING_CODE
from demo.typed import HANG_UP, keys_in

#: Of nobody: whose telephone it is.
_NOBODYS = {"SV": "78880009", "CO": "3008880009", "MX": "5588880009"}
_ENDED = {"person": "Usted colgó.", "application": "La línea colgó."}


def hold(api_url: str, country: str, number: str) -> None:
    """Calls ``number`` from a telephone of that country, at the carrier that listens at ``api_url``, to the call's end.

    Raises ClickException where that telephone is in use in another terminal.
    """
    asyncio.run(_Handset().hold(api_url, f"{CALLING_CODE[country]}{_NOBODYS[country]}", number))


class _Handset:
    """One call. From a keyboard, what is typed goes at once; from a file, one row when a key is waited for."""

    def __init__(self) -> None:
        self._rows: asyncio.Queue[str | None] = asyncio.Queue()  # None: there will be no more
        self._heard = asyncio.Event()  # something, since the last row
        self._asked = asyncio.Event()
        self._is_typed = sys.stdin.isatty()

    async def hold(self, api_url: str, own: str, number: str) -> None:
        threading.Thread(target=self._read, args=(asyncio.get_running_loop(),), daemon=True).start()
        async with (
            aiohttp.ClientSession(api_url) as http,
            http.ws_connect("/local/phone", params={"number": own}) as socket,
        ):
            sending = asyncio.ensure_future(self._send(socket))
            try:
                await self._listen(socket, number)
            finally:
                sending.cancel()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """On a thread of its own, which ends with the process: a keyboard that is read cannot be let go of."""
        with contextlib.suppress(RuntimeError):  # the call is over
            for row in sys.stdin:
                loop.call_soon_threadsafe(self._rows.put_nowait, row)
            loop.call_soon_threadsafe(self._rows.put_nowait, None)

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse, number: str) -> None:
        async for message in socket:
            match message.json():
                case {"event": "ready"}:
                    await socket.send_json({"do": "dial", "to": number})
                case {"event": "refused"}:
                    raise click.ClickException("Ya hay una llamada de esta clase en otra terminal.")
                case {"event": "said", "text": str(text), **more}:
                    click.echo(f"  {'— ' if more.get('from') else ''}{text}")
                    self._heard.set()
                case {"event": "listening"} if self._heard.is_set():
                    self._asked.set()
                case {"event": "ended", "by": by}:
                    click.echo(f"  ({_ENDED.get(by, 'La llamada terminó.')})", err=True)
                    return
            sys.stdout.flush()

    async def _send(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            if not self._is_typed:
                await self._asked.wait()
            row = await self._rows.get()
            self._asked.clear()
            self._heard.clear()
            if row is None or row.strip().lower() in HANG_UP:
                await socket.send_json({"do": "hangup"})
            elif keys := keys_in(row):
                for key in keys:
                    await socket.send_json({"do": "key", "key": key})
            elif row.strip():
                await socket.send_json({"do": "say", "text": row.strip()})
