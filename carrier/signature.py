"""Who may call our webhooks: whoever signed the request with our token (twilio.md §1)."""

from collections.abc import Callable, Mapping
from hmac import compare_digest

from twilio.request_validator import RequestValidator


class SignatureCheck:
    """Checks ``X-Twilio-Signature`` against our public address, never against what the request says of itself."""

    def __init__(self, token_of: Callable[[str], str | None], public_url: str) -> None:
        """``token_of``: the secret of an account by its sid; None: an account that is not ours."""
        self._token_of, self._public_url = token_of, public_url
        self._validators: dict[str, RequestValidator] = {}

    def is_valid(self, path_and_query: str, form: Mapping[str, str], signature: str) -> bool:
        """``path_and_query`` as requested, ``form`` every field received. Anything odd is a no.

        As a rule it is made over the address as it is; the validator tries it with and without a port, which takes
        three times as long.
        """
        url = self._public_url + path_and_query
        try:
            token = self._token_of(form.get("AccountSid", ""))
            if token is None:
                return False
            validator = self._validators.get(token) or self._validators.setdefault(token, RequestValidator(token))
            expected = validator.compute_signature(url, form)
            return compare_digest(expected, signature) or bool(validator.validate(url, form, signature))
        except Exception:  # the validator raises on what it cannot read: a stranger's problem, not ours
            return False
