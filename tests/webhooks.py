"""The application, asked as a carrier asks it: every request signed, nothing patched, no socket."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask
from twilio.request_validator import RequestValidator


@dataclass
class Webhooks:
    """A Fetch of the local carrier's interpreter, over the Flask application."""

    app: Flask
    public_url: str
    token: str
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)  #: address, parameters, answer
    doubled: bool = False  #: each request is made twice, as a carrier's retry would be

    async def __call__(self, method: str, url: str, params: Mapping[str, str]) -> tuple[int, str, str]:
        first = self.post(url, params)
        if self.doubled:
            assert self.post(url, params) == first, "a repeated webhook gets the answer it got before"
        return first

    def post(self, url: str, params: Mapping[str, str]) -> tuple[int, str, str]:
        """One signed POST: status, content type, body."""
        headers = {"X-Twilio-Signature": RequestValidator(self.token).compute_signature(url, dict(params))}
        path = url.removeprefix(self.public_url)
        answer = self.app.test_client().post(path, data=dict(params), headers=headers)
        self.asked.append((url, dict(params), answer.text))
        return answer.status_code, answer.content_type or "", answer.text
