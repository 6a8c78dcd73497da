"""A part of the API: a blueprint whose arguments are checked as strictly as they are described."""

from http import HTTPStatus
from typing import Any

from flask import Request
from flask_smorest import Blueprint
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser

from api.problems import NO_TYPE, Refusal


class Parser(FlaskParser):
    """A parameter that does not exist is refused, in the address too: otherwise a misspelt one would be ignored."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}

    def load_json(self, req: Request, schema: Any) -> Any:
        """A body that does not say that it is JSON is not passed over. Raises Refusal."""
        if not req.is_json and req.get_data():
            raise Refusal(NO_TYPE, "Aquí se espera application/json. No se cambió nada.")
        return super().load_json(req, schema)


class Part(Blueprint):
    """``register_views_in_doc`` of the outermost one tells what every verb has in common."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._prepare_doc_cbks.append(_in_common)


def _in_common(doc: dict[str, Any], doc_info: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
    """The errors that a verb may answer, and the headers of its pace (components named in wiring.py)."""
    responses = doc.setdefault("responses", {})
    taken = {each["in"] for each in doc_info.get("arguments", {}).get("parameters", [])}
    statuses = {401, 403, 404, 429, 503}
    statuses |= {422} if taken else set()
    statuses |= {400, 409, 413} if method == "post" else set()
    statuses |= {415} if "application/json" in doc.get("requestBody", {}).get("content", {}) else set()
    for status in sorted(statuses):
        responses.setdefault(status, HTTPStatus(status).name)
    for status, response in responses.items():
        if isinstance(response, dict) and int(status) < 300:
            response.setdefault("headers", {}).update(
                {"RateLimit": "RateLimit", "RateLimit-Policy": "RateLimit-Policy"}
            )
    return doc
