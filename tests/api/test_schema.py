"""Whatever may be asked by the API's description, and much that may not: every answer is one that it describes.

schemathesis makes the requests: well-formed ones, which are not to be refused, and malformed ones, which are not to be
accepted. Nothing it sends may bring forth a 500, nor an answer that its description does not know.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from jsonschema import Draft202012Validator
from schemathesis.config import SchemathesisConfig

from assembly import Parts
from campaigns.rules import exclusions
from campaigns.rules.exclusions import Kind
from campaigns.rules.exclusions import Scope as Place
from core.clock import FixedClock
from tests.campaigns.builders import running, scheduled, submitted
from tests.slow import IS_WHOLE

EXAMPLES = 10 if IS_WHOLE else 5  # of each verb, beside those by which every limit of every field is touched
_SEEDED = 4  # campaigns, and exclusions

#: 422: a file that is no file, a telephone that is none; 409: not in this state; 403: not for this token.
_WELL_FORMED_AND_REFUSED = ["2xx", "403", "404", "409", "422"]
_CONFIG = {
    "generation": {
        "with-security-parameters": False
    },  # each request carries a good token; «ignored_auth» takes it away
    "checks": {"positive_data_acceptance": {"expected-statuses": _WELL_FORMED_AND_REFUSED}},
}


@pytest.fixture
def described(app: Flask, parts: Parts, request: pytest.FixtureRequest) -> schemathesis.BaseSchema:
    """The API with something in it for every verb to find."""
    request.node._nodeid = request.node.nodeid  # pytest 9.2 keeps it elsewhere, and schemathesis 4.32 looks here
    db, vault, clock = parts.db, parts.vault, parts.clock
    submitted(db, vault, clock, 2)
    submitted(db, vault, clock, 2, 10, fecha_fin="20/10/2026")
    scheduled(db, vault, clock, 2, 20)
    running(db, vault, clock, 2, 30)
    with db.begin() as tx:
        for number in range(_SEEDED):
            known = exclusions.value_of(Kind.PHONE, f"7123-456{number}", "SV")
            exclusions.add(tx, vault, clock.now(), "prueba", Kind.PHONE, known, Place(), "prueba")
    return schemathesis.openapi.from_wsgi("/api/openapi.json", app, config=SchemathesisConfig.from_dict(_CONFIG))


schema = schemathesis.pytest.from_fixture("described")


@pytest.mark.slow(30)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # an answer that nobody read to its end
@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: schemathesis.Case, clock: FixedClock, bearer: dict[str, str]):
    clock.advance(timedelta(seconds=1))  # no more than a program may ask in a minute
    for name, number in (case.path_parameters or {}).items():
        if type(number) is int and 0 < number < 2**63:
            case.path_parameters[name] = number % (_SEEDED + 1) + 1  # one of those that there are, or one that is not
    case.call_and_validate(headers=bearer)


@pytest.fixture
def bearer(token: Callable[..., str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(days=300)}"}


def test_the_description_is_openapi_3_1(app):
    """By the JSON Schema that the OpenAPI Initiative publishes (schemathesis carries it)."""
    from schemathesis.specs.openapi.definitions import OPENAPI_31

    answer = app.test_client().get("/api/openapi.json")
    assert answer.mimetype == "application/json"
    assert answer.json["openapi"] == "3.1.0"
    Draft202012Validator(OPENAPI_31).validate(answer.json)


def test_every_verb_is_described(app):
    described = app.test_client().get("/api/openapi.json").json["paths"]
    verbs = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    assert len(verbs) == sum("operationId" in told for path in described.values() for told in path.values())
