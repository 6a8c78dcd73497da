"""The last look before a call, as a table."""

import pytest

from campaigns.outcomes import Outcome
from campaigns.rules.exclusions import Dial, Never, OtherPhone, decide
from dialer.queries import Claimed

NEVER = Never(Outcome.EXCLUDED)


@pytest.mark.parametrize(
    ("person", "phone_is", "phone", "phones", "spent", "decision"),
    [
        (False, False, 0, 1, 0b000, Dial()),
        (True, False, 0, 3, 0b000, NEVER),
        (True, True, 0, 3, 0b000, NEVER),
        (False, True, 0, 1, 0b000, NEVER),
        (False, True, 0, 2, 0b000, OtherPhone(1, 0b001)),
        (False, True, 1, 2, 0b000, OtherPhone(0, 0b010)),
        (False, True, 0, 3, 0b010, OtherPhone(2, 0b011)),
        (False, True, 2, 3, 0b011, NEVER),
    ],
)
def test_what_becomes_of_a_claimed_attempt(person, phone_is, phone, phones, spent, decision):
    claimed = Claimed(1, 1, 1, phone, "+50371000000", "+50322373333", b"x", phones, spent)
    assert decide(claimed, person_excluded=person, phone_excluded=phone_is, phones=phones) == decision
