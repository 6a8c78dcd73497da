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
check = SignatureCheck(lambda account: "12345", "https://example.com")


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
    assert not SignatureCheck(lambda account: token, url).is_valid(PATH, FORM, KNOWN)


def test_a_port_of_ones_own_belongs_to_the_address():
    signature = RequestValidator("t").compute_signature("http://127.0.0.1:8000/voice/status", {"A": "1"})
    assert SignatureCheck(lambda account: "t", "http://127.0.0.1:8000").is_valid("/voice/status", {"A": "1"}, signature)
    assert not SignatureCheck(lambda account: "t", "http://127.0.0.1:8001").is_valid(
        "/voice/status", {"A": "1"}, signature
    )


def test_each_account_signs_with_its_own_secret():
    """A trunk's secret, known to whoever runs that trunk, says nothing in the name of another."""
    several = SignatureCheck({"ACa": "of a", "ACb": "of b"}.get, "https://example.com")
    for account, token, is_theirs in [("ACa", "of a", True), ("ACb", "of a", False), ("ACc", "of a", False)]:
        form = {"AccountSid": account, "CallSid": "CA1"}
        signature = RequestValidator(token).compute_signature("https://example.com/voice/status", form)
        assert several.is_valid("/voice/status", form, signature) is is_theirs
    nameless = RequestValidator("of a").compute_signature("https://example.com/voice/status", {"CallSid": "CA1"})
    assert not several.is_valid("/voice/status", {"CallSid": "CA1"}, nameless)
