"""The country in which a document or a telephone that is to be excluded is read: where the exclusion holds."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from campaigns.rules.exclusions import CannotExclude, Scope, check_scope
from campaigns.tables import campaign


def country_of(tx: Connection, scope: Scope, by_line: Mapping[str, str], said: str = "") -> str:
    """Its campaign's or its line's; for what holds everywhere the only one that there is, or the one that was ``said``.

    ``by_line``: the country of each line. A number read in another country would exclude somebody else, or nobody.
    Raises CannotExclude: there is no such campaign, or nobody said.
    """
    check_scope(tx, scope)
    told = by_line.get(scope.line, "") if scope.line else ""
    if scope.campaign_id is not None:
        told = tx.execute(select(campaign.c.country).where(campaign.c.id == scope.campaign_id)).scalar_one()
    if told:
        return told
    known = sorted(set(by_line.values()))
    found = said or (known[0] if len(known) == 1 else "")
    if found not in known:
        raise CannotExclude(f"Diga de qué país es: {', '.join(known)}.")
    return found
