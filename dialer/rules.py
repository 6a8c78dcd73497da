"""The last look before a call is placed, as campaigns has it: an operator's calls are looked at in the same way."""

from campaigns.exclusions import Decision, Dial, Never, OtherPhone, decide, excluded_prints

__all__ = ["Decision", "Dial", "Never", "OtherPhone", "decide", "excluded_prints"]
