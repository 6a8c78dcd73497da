"""``pregonero talk LINE``: a call held in the terminal, through the real webhooks.

Where a service runs on the local carrier, as a telephone of that carrier, so that its desk knows of the call as of any
other. Where none runs, with no carrier at all.
"""

import asyncio
import sys
from collections.abc import Mapping

import click

from app import create_app
from assembly import Parts
from campaigns.rules.standing import held
from carrier.local.account import LOCAL_ACCOUNT
from carrier.local.events import Dialled, Event, Said
from carrier.local.in_process import run_call
from carrier.local.line import HungUp
from carrier.local.sids import new_sid
from carrier.local.signing import signature
from carrier.local.stopwatch import Stopwatch
from core.processes.listening import answers
from demo import handset
from demo.typed import HANG_UP, keys_in
from ivr.line import Line

_SERVED = (
    "El servicio está en marcha sobre esta base, y desde aquí no se alcanza su red local: ponga el mismo CARRIER_BIND "
    "con que arrancó (con la demostración en otro puerto, el suyo más 100), o llame por teléfono."
)


class TerminalLine:
    """A person at a keyboard: a row of keys and Enter; Enter alone is silence; «c» hangs up."""

    def __init__(self) -> None:
        self.watch = Stopwatch()
        self._keys: list[str] = []

    async def hear(self, text: str, seconds: float, *, listening: bool = False) -> str | None:
        if text and self._keys == [""]:
            self._keys = []  # the row was long enough: its end is no silence at the next question
        await self.watch.spend(seconds)
        return None

    async def press(self, timeout: float) -> str | None:
        if not self._keys:
            self._keys = self._read()
        key = self._keys.pop(0)
        return key or None

    def _read(self) -> list[str]:
        try:
            typed = input("  teclas> ").strip().lower()
        except EOFError:
            raise HungUp from None
        if typed in HANG_UP:
            raise HungUp
        return [*keys_in(typed), ""]  # and then silence, which ends a row that is too short


def talk(parts: Parts, line_id: str) -> int:
    """Holds a call with a line to its end.

    Raises UsageError where there is no such line, and ClickException where a service runs whose carrier cannot be had
    from here: its desk would look there for a call that is not, and take the caller for gone.
    """
    line = parts.lines.get(line_id)
    if line is None:
        raise click.UsageError(f"No hay ninguna línea «{line_id}». Hay: {', '.join(parts.lines)}.")
    with parts.db.begin() as tx:
        is_served = held(tx)
    if not is_served:
        click.echo(f"{_invitation(line)} Enter solo es silencio.", err=True)
        _hold_with_no_carrier(parts, line)
        return 0
    carrier = parts.settings.trunks.first.api_url
    if not parts.settings.is_local_carrier or not answers(f"{carrier}/local/calls"):
        raise click.ClickException(_SERVED)
    click.echo(f"{_invitation(line)} Lo demás que escriba lo oye quien esté en la llamada.", err=True)
    handset.hold(carrier, line.country, line.numbers[0])
    return 0


def _invitation(line: Line) -> str:
    return f"{line.entidad}, {line.numbers[0]}. Escriba teclas y Enter; «c» cuelga."


def _hold_with_no_carrier(parts: Parts, line: Line) -> None:
    client = create_app(parts).test_client()

    async def fetch(method: str, url: str, params: Mapping[str, str]) -> tuple[int, str, str]:
        headers = {"X-Twilio-Signature": signature(parts.settings.trunks.first.auth_token, method, url, params)}
        path = url.removeprefix(parts.settings.public_url)
        answer = client.post(path, data=dict(params), headers=headers)
        return answer.status_code, answer.content_type, answer.text

    sid, voice = new_sid("CA"), f"{parts.settings.public_url}/voice"
    held = run_call(
        from_="anonymous",
        to=line.numbers[0],
        fetch=fetch,
        line=TerminalLine(),
        url=f"{voice}/incoming",
        on_event=_show,
        call_sid=sid,
    )
    try:
        asyncio.run(held)
    finally:  # as a carrier tells it: a call that never ends is waited for, by a rehearsal's clock for ever
        over = {"CallSid": sid, "AccountSid": LOCAL_ACCOUNT, "CallStatus": "completed", "SequenceNumber": "9"}
        asyncio.run(fetch("POST", f"{voice}/status", over))


def _show(event: Event) -> None:
    match event:
        case Said(text=text) if text:
            click.echo(f"  {text}")
        case Dialled(numbers=numbers):
            click.echo(f"  (se marca {', '.join(numbers)}: en la terminal nadie contesta)")
    sys.stdout.flush()
