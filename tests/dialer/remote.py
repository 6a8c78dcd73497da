"""What the carrier answers, as Twilio writes it: its lists, page by page, and one call."""

from typing import Any

import responses

ACCOUNT = "AC" + "0" * 32
API = "http://127.0.0.1:1"
CALLS = f"{API}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
TO = [f"+5037100000{n}" for n in range(3)]
FAILED = {"status": 500, "json": {"code": 20500, "message": "x", "status": 500}}


def call(sid, to, status="in-progress", duration=None, answered_by=None) -> dict:
    return {"sid": sid, "to": to, "status": status, "duration": duration, "answered_by": answered_by}


def lists(twilio, *found, queued=(), caller_id=None):
    """What the carrier's list answers, and its list of queued calls; of one number of ours, where it is named."""
    ours = {"From": caller_id} if caller_id else {}
    queued_query = responses.matchers.query_param_matcher({"Status": "queued", **ours}, strict_match=False)
    twilio.get(CALLS, match=[queued_query], json=page(queued))
    twilio.get(CALLS, match=[responses.matchers.query_param_matcher(ours, strict_match=False)], json=page(found))


def page(found, next_uri=None) -> dict:
    return {"calls": list(found), "page": 0, "page_size": 1000, "next_page_uri": next_uri}


def fetched(twilio, sid, **answer: Any):
    twilio.get(f"{API}/2010-04-01/Accounts/{ACCOUNT}/Calls/{sid}.json", **answer)
