"""Webhook signatures and addresses, by twilio.md §1."""

import pytest

from carrier.local.signing import final_url, signature, signed_url


def test_the_documented_vector() -> None:
    """The fields of the security page, as they were reproduced."""
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    made = signature("12345", "POST", "https://example.com/myapp.php?foo=1&bar=2", fields)
    assert made == "L/OH5YylLD5NRKLltdqwSvS0BnU="


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        pytest.param("https://u:p@h:8443/x?a=1", "https://h/x?a=1", id="HTTPS: user, password and port dropped"),
        pytest.param("http://u:p@h:8000/x", "http://h:8000/x", id="HTTP: the port is kept"),
        pytest.param("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x", id="nothing to drop"),
    ],
)
def test_the_address_that_is_signed(url: str, signed: str) -> None:
    assert signed_url(url) == signed


@pytest.mark.parametrize(
    ("method", "url", "final"),
    [
        pytest.param("POST", "http://h/x#rc=2", "http://h/x", id="the fragment is never sent"),
        pytest.param("POST", "http://h/x?", "http://h/x", id="a bare question mark is dropped"),
        pytest.param("GET", "http://h/x?a=1#rc=2", "http://h/x?a=1&To=%2B503", id="GET: appended to the query"),
        pytest.param("GET", "http://h", "http://h/?To=%2B503", id="GET: a query of its own"),
    ],
)
def test_the_address_that_is_requested(method: str, url: str, final: str) -> None:
    assert final_url(method, url, {"To": "+503"}) == final
