"""A sentence of a catalogue → the verb that makes it be heard."""

from collections.abc import Mapping

from carrier.verbs import Play, Say
from prompts.catalog import Catalog


def spoken(catalog: Catalog, key: str, values: Mapping[str, object], country: str, public_url: str) -> Say | Play:
    """The recording, where the catalogue names one; else the text, with the catalogue's voice."""
    sentence = catalog.say(key, values, country)
    if sentence.audio_url:
        return Play(public_url + sentence.audio_url)
    return Say(sentence.text, sentence.voice, sentence.language)
