"""Security answers: compared, never stored. Low assurance: they open a message, never a PIN (requirements.md §7)."""

from collections.abc import Sequence

from core.privacy import Vault


def answer_print(vault: Vault, campaign_id: int, row: int, number: int, answer: str) -> bytes:
    """The keyed hash of the answer of one person to question ``number`` (0 is the first).

    Bound to its row: equal answers of two people cannot be told to be equal. Leading zeros do not count, since a
    household of four may be keyed as 4 or 04.
    """
    return vault.fingerprint("answer", f"{campaign_id}:{row}:{number}:{answer.lstrip('0')}")


def answer_prints(
    vault: Vault, campaign_id: int, number: int, rows: Sequence[int], answers: Sequence[str]
) -> list[bytes]:
    """``answer_print`` of the answers of several people to one question, each with its row."""
    given = zip(rows, answers, strict=True)
    return vault.fingerprint_each("answer", [f"{campaign_id}:{row}:{number}:{told.lstrip('0')}" for row, told in given])
