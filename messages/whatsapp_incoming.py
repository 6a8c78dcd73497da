"""A message of a person as the carrier tells it, read into plain values (twilio.md §4, §9)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from carrier.messaging import WHATSAPP
from core.phones import looks_like_caller_id
from desk.chats.states import MediaKind

_MOST_MEDIA = 10
_SID = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
_MEDIA_SID = re.compile(r"/Media/(ME[0-9a-fA-F]{32})$")
_KINDS = {"image": MediaKind.IMAGE, "audio": MediaKind.AUDIO, "video": MediaKind.VIDEO}
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,12})?")


@dataclass(frozen=True)
class Came:
    """Something that came with a message. ``sid``: of its bytes at the carrier; None where it told none."""

    kind: MediaKind
    sid: str | None


@dataclass(frozen=True)
class IncomingMessage:
    """``from_``, ``to``: E.164; ``account``: the carrier's, which signed it."""

    sid: str
    account: str
    from_: str = field(repr=False)
    to: str
    text: str = field(repr=False)
    media: tuple[Came, ...] = ()


def read(form: Mapping[str, str]) -> IncomingMessage | None:
    """None for what is no message of somebody with a telephone: there is nobody to answer."""
    sid = form.get("MessageSid", "")
    from_, to = (_number(form.get(name, "")) for name in ("From", "To"))
    if from_ is None or to is None or not _SID.fullmatch(sid):
        return None
    place = _place(form)
    said = _chosen(form) or form.get("Body", "")
    return IncomingMessage(
        sid=sid,
        account=form.get("AccountSid", "")[:64],
        from_=from_,
        to=to,
        text="\n".join(each for each in (said.strip(), place) if each),
        media=tuple(_came(form, place) for place in range(_how_many(form))),
    )


def _number(address: str) -> str | None:
    return looks_like_caller_id(address.removeprefix(WHATSAPP)) if address.startswith(WHATSAPP) else None


def _chosen(form: Mapping[str, str]) -> str:
    """A button or a line of a list that was touched is as what it says."""
    return form.get("ButtonText", "") or form.get("ListTitle", "")


def _place(form: Mapping[str, str]) -> str:
    """A location, as words."""
    where = [form.get(name, "") for name in ("Latitude", "Longitude")]
    if not all(map(_NUMBER.fullmatch, where)):
        return ""
    named = [form.get(name, "").strip()[:200] for name in ("Label", "Address")]
    return "Ubicación: " + ". ".join([*filter(None, named), ", ".join(where)])


def _how_many(form: Mapping[str, str]) -> int:
    told = form.get("NumMedia", "")
    return min(int(told), _MOST_MEDIA) if told.isdecimal() and len(told) < 4 else 0


def _came(form: Mapping[str, str], place: int) -> Came:
    kind = _KINDS.get(form.get(f"MediaContentType{place}", "").partition("/")[0], MediaKind.FILE)
    found = _MEDIA_SID.search(form.get(f"MediaUrl{place}", "").partition("?")[0])
    return Came(kind, found[1] if found else None)
