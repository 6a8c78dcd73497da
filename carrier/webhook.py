"""What every webhook of the carrier's has: a signature before anything is believed, and its call and numbers."""

from flask import Blueprint, abort, request
from werkzeug.datastructures import ImmutableMultiDict

from carrier.signature import SignatureCheck
from core import logs

#: Our server may be starting again: the carrier asks up to three times more (twilio.md §2.3). What is asked for with
#: this address must bear being asked twice.
TRY_AGAIN = "#rc=3&rt=4000&rp=5xx,ct,rt"


def refuse_strangers(blueprint: Blueprint, signature: SignatureCheck) -> None:
    """Every request of the blueprint is checked first; whoever did not sign it gets a 403."""

    @blueprint.before_request
    def check() -> None:
        path = request.full_path if request.query_string else request.path
        if not signature.is_valid(path, request.form, request.headers.get("X-Twilio-Signature", "")):
            abort(403)
        request.form = _keepable(request.form)
        logs.is_about(call_sid(), number("attempt"))

    @blueprint.teardown_request
    def forget(_error: BaseException | None) -> None:
        logs.is_about()  # the thread answers others next


def _keepable(form: ImmutableMultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    """What was signed, without the character NUL: PostgreSQL keeps no text with one in it, and nobody means it."""
    told = list(form.items(multi=True))
    if not any("\0" in value for _, value in told):
        return form
    return type(form)((name, value.replace("\0", "")) for name, value in told)


def call_sid() -> str:
    return request.form.get("CallSid", "")[:64]


def account_sid() -> str:
    """The account whose call it is: of one of our trunks, since it signed."""
    return request.form.get("AccountSid", "")[:64]


def error_code() -> int | None:
    """Why a text did not arrive, in the carrier's own numbers."""
    written = request.form.get("ErrorCode", "")
    return int(written) if written.isdecimal() and len(written) < 9 else None


def number(name: str) -> int:
    """A number that our own address carried; 0 for none."""
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0
