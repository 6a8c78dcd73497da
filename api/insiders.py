"""Who may look at the figures of the service: a monitor with its token; without one, this machine alone."""

from dataclasses import dataclass
from hmac import compare_digest

from flask import request

from core.addresses import is_loopback

_PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


@dataclass(frozen=True)
class Insiders:
    """``token``: METRICS_TOKEN, or none. ``is_public``: whether the service is reached from other machines.

    Behind a proxy on the same machine everybody comes from loopback. So without a token nobody is let in where the
    public address is another machine's, whatever a proxy says or leaves out.
    """

    token: str | None
    is_public: bool

    def may_look(self) -> bool:
        """Whether whoever asks at this moment is one."""
        if self.token:
            return compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {self.token}".encode())
        if self.is_public or any(name in request.headers for name in _PASSED_ON):
            return False
        return is_loopback(request.remote_addr or "")
