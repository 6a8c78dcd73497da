"""Who may call our webhooks. The known answer is Twilio's own (twilio.md, webhook signature)."""

import pytest
from twilio.request_validator import RequestValidator

from carrier.signature import SignatureCheck

FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}
KNOWN = "L/OH5YylLD5NRKLltdqwSvS0BnU="
PATH = "/myapp.php?foo=1&bar=2"
check = SignatureCheck("12345", "https://example.com")


def test_the_known_answer():
    assert check.is_valid(PATH, FORM, KNOWN)


@pytest.mark.parametrize(
    ("path", "form", "signature"),
    [
        (PATH, FORM, ""),
        (PATH, FORM, KNOWN.lower()),
        (PATH, FORM, "ñ"),
        (PATH, {**FORM, "Digits": "1235"}, KNOWN),
        (PATH, {**FORM, "Extra": ""}, KNOWN),
        (PATH, {}, KNOWN),
        ("/myapp.php?foo=1", FORM, KNOWN),
        ("/myapp.php?bar=2&foo=1", FORM, KNOWN),
        ("//evil.example" + PATH, FORM, KNOWN),
        (PATH, {"Digits": 7}, KNOWN),  # nothing that the validator can read
    ],
)
def test_anything_else_is_a_stranger(path, form, signature):
    assert not check.is_valid(path, form, signature)


@pytest.mark.parametrize(("token", "url"), [("12346", "https://example.com"), ("12345", "http://example.com")])
def test_another_token_or_another_address(token, url):
    assert not SignatureCheck(token, url).is_valid(PATH, FORM, KNOWN)


def test_a_port_of_ones_own_belongs_to_the_address():
    signature = RequestValidator("t").compute_signature("http://127.0.0.1:8000/voice/status", {"A": "1"})
    assert SignatureCheck("t", "http://127.0.0.1:8000").is_valid("/voice/status", {"A": "1"}, signature)
    assert not SignatureCheck("t", "http://127.0.0.1:8001").is_valid("/voice/status", {"A": "1"}, signature)
