"""Trunks: accounts at a carrier, each with its numbers, its pace and its cap."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from core.tariffs import EVERY_TRUNK, Tariff, TextTariff

TWILIO = "https://api.twilio.com"
#: The trunk of a campaign that names none; and of an installation without a file, the only one.
DEFAULT = "default"
#: The trunk of campaigns in mode OPERADOR: no dialer ever holds it, so none claims, counts or reconciles their calls.
OPERATED = "puesto"


@dataclass(frozen=True)
class Trunk:
    """One account at a carrier, or a part of it with a pace of its own (architecture, decision 6).

    ``numbers``: E.164, what it may show to whoever is called; ``countries``: where it may call; empty: any.
    ``api_key``, ``api_secret``: of the telephones in the browsers of the desk; None: they have none there.
    ``texts_per_second``: none of them is on a line, so they have no cap.
    """

    name: str
    account_sid: str
    auth_token: str = field(repr=False)
    api_url: str
    calls_per_second: float
    max_live_calls: int
    ring_seconds: int
    is_active: bool = True  #: False: no new calls, and those it has are followed to their end
    numbers: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    tariff: Tariff | None = None
    api_key: str | None = None
    api_secret: str | None = field(default=None, repr=False)
    texts_per_second: float = 1.0
    text_tariff: TextTariff | None = None

    @property
    def account(self) -> tuple[str, str, str]:
        """What a client of the carrier needs: sid, token, address."""
        return self.account_sid, self.auth_token, self.api_url

    def may_carry(self, country: str, shown: Collection[str]) -> bool:
        """Whether it calls this country now and may show each of these numbers."""
        if not self.is_active:
            return False
        return (not self.countries or country in self.countries) and (not self.numbers or self.numbers >= {*shown})


@dataclass(frozen=True)
class Trunks:
    """Every trunk, in the order in which they are preferred; one at least."""

    each: tuple[Trunk, ...]
    tariffs: Mapping[str, Tariff] = field(default_factory=dict)  #: by name; ``""``: of every trunk that is not named
    text_tariffs: Mapping[str, TextTariff] = field(default_factory=dict)  #: the same, of texts

    @property
    def first(self) -> Trunk:
        return self.each[0]

    def named(self, name: str) -> Trunk | None:
        return next((trunk for trunk in self.each if trunk.name == name), None)

    def of_account(self, account_sid: str) -> Trunk | None:
        """Whose account it is; where all are of one account, that one, whatever it calls itself."""
        found = next((trunk for trunk in self.each if trunk.account_sid == account_sid), None)
        is_alone = all(trunk.account_sid == self.first.account_sid for trunk in self.each)
        return found or (self.first if is_alone else None)

    def token_of(self, account_sid: str) -> str | None:
        """The secret with which this account signs; None: it is not ours."""
        trunk = self.of_account(account_sid)
        return trunk.auth_token if trunk else None

    def of_number(self, number: str) -> Trunk:
        """The trunk that a number of ours belongs to; the first one where none names it."""
        return next((trunk for trunk in self.each if number in trunk.numbers), self.first)

    def carrying(self, name: str, country: str, shown: Collection[str], resting: Collection[str] = ()) -> Trunk | None:
        """Which trunk places the calls of a campaign that is ``name``'s, now that some are ``resting``.

        Its own; while that one rests, or is gone from the file, the first other that may carry it. With no other it
        stays where it is; None: it is nobody's, and waits.
        """
        own = self.named(name)
        if own is not None and not own.may_carry(country, shown):
            own = None  # it takes no more calls, or the number is no longer its
        if own is not None and name not in resting:
            return own
        able = (each for each in self.each if each.name not in resting and each.may_carry(country, shown))
        return next(able, own)

    def meant(self, name: str, country: str, shown: Collection[str]) -> Trunk:
        """Which trunk is to be reckoned with for such a campaign, when all is well."""
        return self.carrying(name, country, shown) or self.first

    def tariff_of(self, name: str) -> Tariff | None:
        """What a call costs there; None: nobody said."""
        return self.tariffs.get(name) or self.tariffs.get(EVERY_TRUNK)

    def text_tariff_of(self, name: str) -> TextTariff | None:
        """What a text costs there; None: nobody said."""
        return self.text_tariffs.get(name) or self.text_tariffs.get(EVERY_TRUNK)
