"""What a caller hears where our service cannot be reached at all: a document that the carrier itself keeps (TwiML bin).

It is the number's voice fallback, asked where our webhook has failed for the last time, also in mid-call. It can read
nothing and play nothing of ours, so it holds texts and telephones alone (twilio.md §2.3).
"""

from pathlib import Path

from carrier.twiml import render
from carrier.verbs import Dial, Hangup, Redirect, Say, Verb
from ivr.line import Line, load_lines
from prompts.catalog import Catalog

RING_SECONDS = 25
_MOST = 10  # telephones that one Dial may ring at once (twilio.md §4, Dial)


def fallback_of(line: Line, lines_dir: Path | None, public_url: str) -> str:
    """The document of a line: an apology, and its duty telephones all at once, or its own person where it has none.

    On a helpline it ends by asking us again, so that nobody is ever let go (issue 3, §5); we find the call where it
    was. Raises CatalogFault.
    """
    catalog = Catalog.load(line.id, [lines_dir / "prompts"] if lines_dir else [])
    first, *others = (line.desk.duty_telephones or (line.operador,))[:_MOST]
    dial = Dial(first, None, line.numbers[0], RING_SECONDS, also=tuple(others))
    if line.desk.is_helpline:
        said = [_text(catalog, line, key) for key in ("common.trouble", "operator.danger")]
        return render([*said, dial, Redirect(f"{public_url}/voice/incoming")])
    before = [_text(catalog, line, key) for key in ("common.trouble", "common.transferring")]
    verbs: list[Verb] = [*before, dial, _text(catalog, line, "common.operator_number"), Hangup()]
    return render(verbs)


def numbers_of(lines_dir: Path | None, public_url: str) -> list[tuple[str, str, str, str]]:
    """(E.164, voice URL, status callback, fallback document) of every number of every line."""
    voice, status = f"{public_url}/voice/incoming", f"{public_url}/voice/status"
    return [
        (number, voice, status, document)
        for line in load_lines(lines_dir).values()
        for document in [fallback_of(line, lines_dir, public_url)]
        for number in (*line.numbers, *line.caller_ids)
    ]


def _text(catalog: Catalog, line: Line, key: str) -> Say:
    """Always the text: a recording of ours would not be there to be played."""
    said = catalog.say(key, line.values, line.country)
    return Say(said.text, said.voice, said.language)
