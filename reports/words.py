"""How moments, days and codes are written in a report."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.outcomes import LABELS, Outcome
from campaigns.states import CampaignState
from prompts.speech import MONTHS

NOT_CALLED, NOT_TEXTED = "Sin llamar", "Sin mensaje"
_WHO = {"dialer": "el marcador", "system": "el sistema", "ivr": "la línea", "checks": "la revisión automática"}
#: What of a campaign's trail a report tells as news.
_NEWS = {
    "campaign.submitted": "Se recibió el archivo",
    "campaign.verified": "La verificó un profesional",
    "campaign.turn_set": "Se cambió su turno",
    "campaign.return_refused": "El área no aceptó la devolución",
    **{
        f"campaign.{state}": state.label
        for state in (
            *(CampaignState.RETURNED, CampaignState.APPROVED, CampaignState.RUNNING, CampaignState.PAUSED),
            *(CampaignState.FINISHED, CampaignState.CLOSED, CampaignState.CANCELLED),
        )
    },
}


def day(value: date) -> str:
    """``23/11/2026``."""
    return f"{value:%d/%m/%Y}"


def short_day(value: date) -> str:
    """``23 nov``."""
    return f"{value.day} {MONTHS[value.month - 1][:3]}"


def moment(value: datetime | None, zone: ZoneInfo) -> str:
    """``23/11/2026 10:04``."""
    return f"{value.astimezone(zone):%d/%m/%Y %H:%M}" if value else "—"


def zone_told(value: datetime, zone: ZoneInfo) -> str:
    """``UTC−06:00``."""
    minutes = int((value.astimezone(zone).utcoffset() or timedelta()).total_seconds()) // 60
    return f"UTC{'−' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def outcome(code: str | None, not_yet: str = NOT_CALLED) -> str:
    return LABELS[Outcome(code)] if code else not_yet


def news(action: str) -> str | None:
    """A line of the trail in words; None for what is no news to whoever asked."""
    return _NEWS.get(action)


def who(actor: str, people: Mapping[str, str] | None = None) -> str:
    """``people``: names by e-mail."""
    return _WHO.get(actor) or (people or {}).get(actor, actor)


def plain(code: str) -> str:
    """``NUEVOS_BENEFICIARIOS`` → ``Nuevos beneficiarios``."""
    return code.replace("_", " ").capitalize()
