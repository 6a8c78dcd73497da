"""How campaigns of one priority share a trunk's pace: each in proportion to its share, however large it is."""

from collections.abc import Mapping

CATCHES_UP = 10.0  # calls, at a share of one: who had nothing due for an hour does not get the next hour alone


class Shares:
    """Whose turn it is: the one that has had least for its share (stride scheduling).

    A campaign of a million and one of ten each get every second call. Who comes in later begins level with the one that
    has had most.
    """

    def __init__(self) -> None:
        self._had: dict[int, float] = {}  #: calls for each unit of its share

    def allot(self, shares: Mapping[int, int], calls: int) -> dict[int, int]:
        """How many of the next ``calls`` each of these campaigns (id → share) is to place; none is taken yet."""
        for newcomer in shares.keys() - self._had.keys():
            self._had[newcomer] = self._level(newcomer)
        turns = dict.fromkeys(shares, 0)
        had = {each: self._level(each) for each in shares}
        for _ in range(calls if shares else 0):
            chosen = min(had, key=lambda each: (had[each], each))
            turns[chosen] += 1
            had[chosen] += 1 / max(shares[chosen], 1)
        return turns

    def took(self, campaign_id: int, share: int, calls: int) -> None:
        """The campaign placed so many."""
        self._had[campaign_id] = self._level(campaign_id) + calls / max(share, 1)

    def _level(self, campaign_id: int) -> float:
        most = max(self._had.values(), default=0.0)
        return max(self._had.get(campaign_id, most), most - CATCHES_UP)
