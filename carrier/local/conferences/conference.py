"""A conference and who is in it, as REST shows them."""

from array import array
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    INIT = "init"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"


class Ended(StrEnum):
    """Why a conference ended."""

    VIA_API = "conference-ended-via-api"
    MODERATOR_LEFT = "participant-with-end-conference-on-exit-left"
    MODERATOR_KICKED = "participant-with-end-conference-on-exit-kicked"
    LAST_KICKED = "last-participant-kicked"
    LAST_LEFT = "last-participant-left"


class Left(StrEnum):
    """Why a participant left."""

    HUNG_UP = "participant_hung_up"
    VIA_API = "participant_updated_via_api"
    MODERATOR_ENDED = "moderator_ended_conference"
    CONFERENCE_ENDED = "conference_ended_via_api"
    NOT_ADDED = "participant_add_failed"


@dataclass(slots=True)
class Conference:
    """``callback_*`` are those of the first participant; later ones change nothing (twilio.md §4)."""

    sid: str
    account_sid: str
    friendly_name: str
    created_at: datetime
    updated_at: datetime
    status: str = Status.INIT
    callback_url: str | None = None
    callback_method: str = "POST"
    callback_events: tuple[str, ...] = ("start", "end")
    reason_ended: str | None = None
    call_sid_ending: str | None = None
    sequence: int = 0  #: of the last callback
    lines: "array[int]" = field(default_factory=lambda: array("q"))  #: its places in the ledger

    @property
    def is_over(self) -> bool:
        return self.status == Status.COMPLETED


@dataclass(slots=True)
class Participant:
    """One call in a conference, or on its way into it. URLs are absolute; ``wait_url`` and ``hold_url`` None: music."""

    conference_sid: str
    account_sid: str
    call_sid: str
    created_at: datetime
    updated_at: datetime
    label: str = ""
    muted: bool = False
    hold: bool = False
    hold_url: str | None = None
    hold_method: str = "GET"
    coaching: bool = False
    call_sid_to_coach: str | None = None
    start_on_enter: bool = True
    end_on_exit: bool = False
    beep: str = "true"
    wait_url: str | None = None
    wait_method: str = "POST"
    is_connected: bool = False
