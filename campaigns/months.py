"""The month that people hear where a campaign's texts say ``{mes}``: that of the day on which each is called or written
to (R45). Whoever approves it is told which, since beginning sooner, or a period of two months, makes it another one."""

import json
from datetime import date
from typing import Any

from core.privacy import Vault
from prompts.speech import MONTHS


def months_of(vault: Vault, row: Any, first: date) -> tuple[str, date | None, str]:
    """(the month, from when another one is said, that one) of a campaign (its row) whose first call is on ``first``;
    empty where no text of it names the month, None where its last day is of the same one."""
    asked = json.loads(vault.open(row.request_sealed))["request"]
    if not asked or "{mes}" not in json.dumps(asked, ensure_ascii=False):
        return "", None, ""
    turns = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    said = MONTHS[first.month - 1]
    return (said, turns, MONTHS[turns.month - 1]) if row.ends_on >= turns else (said, None, "")
