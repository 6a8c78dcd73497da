"""Calls as their webhooks: how each goes on is learnt of one that is really held, and written out for the others."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from sqlalchemy import text

from assembly import Parts
from campaigns import life
from campaigns.approval import approve
from campaigns.states import CampaignState
from campaigns.submission import submit
from core.clock import FixedClock
from core.roles import Role
from demo.invent import Citizen, citizen, formato
from drill.bench.asker import Call, ask, request
from drill.multiplied import HANDED_IN

LINE = "+50322373333"
_WHO = "bench"
_NEXT = re.compile(r'(?:action="([^"]+)"|<Redirect[^>]*>([^<]+)<)')
#: Told beside the list, so that the call has eight answers: three more data to be collected.
MORE_ASKED = {f"recolectar_{number}": f"¿Recibió usted la carta número {number}?" for number in (2, 3, 4)} | {
    f"recolectar_{number}_opciones": "1=Sí|2=No" for number in (2, 3, 4)
}


class Changed(Exception):
    """The conversation is not what the bench believes it to be: its keys lead elsewhere."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def keys_of(who: Citizen, collected: int = 1) -> list[str]:
    """From the greeting to the goodbye: it is they, both answers right, the message heard, go on, what is collected."""
    return ["1", who.ddmm, who.last4, "", "1", *["1"] * collected]


def launched(made: Parts, people: int, first: int = 0, **fields: str) -> list[int]:
    """A campaign of so many invented citizens, all of them called a moment ago and about to answer; its attempts.

    The call of each is named by ``sid_of``.
    """
    clock = FixedClock(HANDED_IN)
    data = formato([citizen(number) for number in range(first, first + people)], **fields)
    number = submit(made.db, made.vault, clock, made.campaign_lines, _WHO, "lista.csv", data).id
    with made.db.begin() as tx:
        approve(tx, clock.now(), number, _WHO, Role.SUPERVISOR, at_once=True, reason="medición")
        life.move(tx, clock.now(), number, CampaignState.RUNNING, _WHO)
        rows = tx.execute(text(_ON_THE_LINE), {"campaign": number, "now": clock.now()})
        attempts = sorted(rows.scalars())
    with made.db.at_once() as tx:
        tx.execute(text("vacuum analyze attempt, recipient, call"))
    return attempts


_ON_THE_LINE = """
update attempt set state = 'placed', asked_at = clock_timestamp(), started_at = :now,
  remote_sid = 'CA' || lpad(id::text, 32, '0') where campaign_id = :campaign returning id
"""


def sid_of(attempt_id: int) -> str:
    return f"CA{attempt_id:032}"


@dataclass(frozen=True)
class Way:
    """The addresses of a call's webhooks, in order. ``{attempt}``: whose call it is."""

    paths: tuple[str, ...]

    def requests(self, public_url: str, form: dict[str, str], keys: Sequence[str], attempt_id: int = 0) -> Call:
        """Of one call that goes this way: the greeting, each key, and the call's end where the way leads to it."""
        over = {"CallStatus": "completed", "CallDuration": "75", "SequenceNumber": "3"}
        forms = [{"Digits": digits, "CallStatus": "in-progress"} for digits in ("", *keys)] + [over]
        return [
            request(public_url, path.format(attempt=attempt_id), form | more)
            for path, more in zip(self.paths, forms, strict=False)
        ]


def learnt(
    public_url: str,
    address: str,
    form: dict[str, str],
    first: str,
    keys: Sequence[str],
    *,
    attempt_id: int = 0,
    end: str | None = None,
) -> Way:
    """The way of one call that is held now. ``first``: where it begins; ``end``: where its end is told, once we hung
    up. Raises Changed."""
    paths, path = [], first
    for digits in ("", *keys):
        if not path:
            raise Changed
        paths.append(path)
        known = form | {"Digits": digits, "CallStatus": "in-progress"}
        told = ask(address, [[request(public_url, path.format(attempt=attempt_id), known)]], 1)
        if told.wrong:
            raise Changed
        found = _NEXT.search(told.last.decode())
        after = urlsplit(unescape(found[1] or found[2])) if found else urlsplit("")
        path = f"{after.path}?{after.query}" if after.query else after.path
    if end is None:
        return Way(tuple(paths))
    if path:
        raise Changed
    return Way((*paths, end))
