"""Whether somebody can be called about a correction of theirs, and what is said where they cannot (R41)."""

from datetime import date

from beneficiaries.registry import Beneficiary
from procedures.facts import Proof, proof_of

_NOT_THERE = "No está en el padrón y no podremos llamarle: que pase por Ventanilla."
_NO_PHONE = "El padrón no tiene su teléfono y no podremos llamarle: que pase por Ventanilla."
_NO_NAME = "El padrón no tiene su nombre y no podremos llamarle: que pase por Ventanilla."
_NO_PROOF = "Sin recibo no podremos llamarle: que pase por Ventanilla."


def way_to(holder: Beneficiary | None, told_bill: str, today: date) -> tuple[Beneficiary, str, Proof] | str:
    """Who is called, on which telephone (E.164) and what proves that it is them; or why they cannot be, a sentence.

    ``told_bill``: as in ``proof_of``.
    """
    if holder is None:
        return _NOT_THERE
    if not holder.phone:
        return _NO_PHONE
    if not holder.name.strip():
        return _NO_NAME
    proof = proof_of(holder, told_bill, today)
    return (holder, holder.phone, proof) if proof is not None else _NO_PROOF
