"""Fingerprints are HMAC-SHA-256, however they are computed: what is in a database must be found again."""

import hmac

from hypothesis import given
from hypothesis import strategies as st

from core.privacy import Vault

KEY = "a key for tests alone, of no use elsewhere"
texts = st.text(st.characters(codec="utf-8"), max_size=200)


@given(kind=texts, value=texts)
def test_a_fingerprint_is_the_hmac_of_kind_and_value(kind, value):
    key = hmac.digest(KEY.encode(), b"pregonero:fingerprint", "sha256")
    assert Vault(KEY).fingerprint(kind, value) == hmac.digest(key, f"{kind}\x00{value}".encode(), "sha256")
