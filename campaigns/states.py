"""The life of a campaign and of an attempt: which states there are, and which may follow which."""

from enum import StrEnum


class CampaignState(StrEnum):
    """formato-v1, states. The value is the contract's, ``label`` what people read."""

    SUBMITTED = "submitted"  # received, not yet checked
    UNDER_REVIEW = "under_review"  # checked; a person decides
    RETURNED = "returned"  # sent back with observations
    APPROVED = "approved"  # good to dial
    SCHEDULED = "scheduled"  # waits for its first day
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"  # nobody is left to call
    CLOSED = "closed"  # and the report was made and sent
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    CampaignState.SUBMITTED: "Radicada",
    CampaignState.UNDER_REVIEW: "En verificación",
    CampaignState.RETURNED: "Devuelta",
    CampaignState.APPROVED: "Aprobada",
    CampaignState.SCHEDULED: "Programada",
    CampaignState.RUNNING: "En curso",
    CampaignState.PAUSED: "Pausada",
    CampaignState.FINISHED: "Finalizada",
    CampaignState.CLOSED: "Cerrada",
    CampaignState.CANCELLED: "Cancelada",
}

NEXT: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.SUBMITTED: frozenset({CampaignState.UNDER_REVIEW, CampaignState.RETURNED, CampaignState.CANCELLED}),
    CampaignState.UNDER_REVIEW: frozenset({CampaignState.RETURNED, CampaignState.APPROVED, CampaignState.CANCELLED}),
    CampaignState.RETURNED: frozenset({CampaignState.UNDER_REVIEW, CampaignState.CANCELLED}),
    CampaignState.APPROVED: frozenset({CampaignState.SCHEDULED, CampaignState.CANCELLED}),
    CampaignState.SCHEDULED: frozenset({CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.CANCELLED}),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.FINISHED, CampaignState.CANCELLED}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.FINISHED, CampaignState.CANCELLED}),
    CampaignState.FINISHED: frozenset({CampaignState.CLOSED}),
    CampaignState.CLOSED: frozenset(),
    CampaignState.CANCELLED: frozenset(),
}


#: The mode of a campaign that only texts: no version that does not know of texts takes it for one of calls.
TEXTS = "TEXTOS"


class Texting(StrEnum):
    """When a campaign sends texts; one that only calls has none of these."""

    ONLY = "only"  # it calls nobody
    BEFORE = "before"  # before the first call
    AFTER_FIRST = "after_first"  # once a call came to nothing
    AFTER_LAST = "after_last"  # once no more calls follow one that came to nothing


class Channel(StrEnum):
    """By what an attempt reaches somebody."""

    VOICE = "VOZ"
    TEXT = "SMS"


class AttemptState(StrEnum):
    """The life of one attempt (architecture, decision 5). A retry is a new attempt."""

    DUE = "due"  # waits for its moment
    ASKING = "asking"  # written down; the carrier is being asked
    UNKNOWN = "unknown"  # asked, and no answer came: never redialled on a guess
    PLACED = "placed"  # the carrier has the call
    ENDED = "ended"  # it is known what came of it
    NOT_PLACED = "not_placed"  # proven: the carrier never had it
    WITHDRAWN = "withdrawn"  # a rule or a person forbade it before it was asked


LIVE = (AttemptState.ASKING, AttemptState.UNKNOWN, AttemptState.PLACED)


class Progress(StrEnum):
    """How far the conversation of an attempt came: the last thing that is certain."""

    ANSWERED = "answered"  # our greeting began
    PERSON = "person"  # somebody pressed a key: whatever AMD says, it is no machine
    NOT_HERE = "not_here"  # key 2
    WRONG_NUMBER = "wrong_number"  # key 3
    PHONE_OPTED_OUT = "phone_opted_out"  # key 8 before verification
    FAILED_SECURITY = "failed_security"
    VERIFIED = "verified"
    MESSAGE_STARTED = "message_started"
    MESSAGE_HEARD = "message_heard"
    COLLECTED = "collected"  # every recolectar_N answered
    OPTED_OUT = "opted_out"  # key 8 after verification
    VOICEMAIL_LEFT = "voicemail_left"
