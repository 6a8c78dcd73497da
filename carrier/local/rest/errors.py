"""What REST answers when it does not do what it was asked, in Twilio's shape (twilio.md §3.3)."""

from aiohttp import web


class RestError(Exception):
    """A refusal. The message tells a developer what to change; it repeats nothing of what was sent."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status

    def response(self) -> web.Response:
        headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if self.status == 401 else None
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return web.json_response(body, status=self.status, headers=headers)


def not_found() -> RestError:
    return RestError(20404, "The requested resource was not found", 404)
