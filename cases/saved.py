"""What saving an attention gives."""

from dataclasses import dataclass

from cases.consultations import CaseState


@dataclass(frozen=True)
class Saved:
    """The case that an attention left. ``is_repeated``: the day's case for this document took it in."""

    case_id: int
    outcome: CaseState
    is_repeated: bool = False
