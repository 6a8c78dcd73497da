"""Who may call our webhooks: whoever signed the request with our token (twilio.md §1)."""

from collections.abc import Mapping

from twilio.request_validator import RequestValidator


class SignatureCheck:
    """Checks ``X-Twilio-Signature`` against our public address, never against what the request says of itself."""

    def __init__(self, auth_token: str, public_url: str) -> None:
        self._validator = RequestValidator(auth_token)
        self._public_url = public_url

    def is_valid(self, path_and_query: str, form: Mapping[str, str], signature: str) -> bool:
        """``path_and_query`` as requested, ``form`` every field received. Anything odd is a no."""
        try:
            return bool(self._validator.validate(self._public_url + path_and_query, form, signature))
        except Exception:  # the validator raises on what it cannot read: a stranger's problem, not ours
            return False
