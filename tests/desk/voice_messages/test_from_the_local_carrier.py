"""A message of the local carrier itself: fetched, deleted there, heard here."""

import asyncio
import io
import wave

from carrier.local.account import LOCAL_ACCOUNT, LOCAL_TOKEN
from carrier.local.config import CarrierConfig
from carrier.local.personas import read_personas
from carrier.local.recordings.book import Recording
from carrier.local.server import serving
from carrier.recordings import Recordings
from desk.voice_messages import inbox
from desk.voice_messages.fetching import Fetcher
from tests.desk.voice_messages.builders import left, sid
from tests.ports import free_port


def test_it_is_fetched_and_is_there_no_more(db, vault, clock, tmp_path):
    with db.begin() as tx:
        number = left(tx, vault, clock.now())

    async def scene() -> bool:
        config = CarrierConfig(
            bind=f"127.0.0.1:{free_port()}",
            account_sid=LOCAL_ACCOUNT,
            auth_token=LOCAL_TOKEN,
            ledger_path=tmp_path / "carrier.jsonl",
        )
        async with serving(config, read_personas("speed = 0\n")) as network:
            now = network.clock.now()
            network.recordings.save(Recording(sid(1), "CA" + "0" * 32, now, now, 3))
            recordings = Recordings(LOCAL_ACCOUNT, LOCAL_TOKEN, f"http://{config.bind}")
            await asyncio.to_thread(Fetcher(db, vault, clock, lambda account: recordings).fetch, number)
            return network.recordings.find(sid(1)) is None

    assert asyncio.run(scene())
    with db.begin() as tx:
        heard = inbox.hear(tx, vault, clock.now(), number, "ana@ejemplo.gob.sv")
        found = inbox.one(tx, vault, ["dgs"], number)
    assert heard is not None and found is not None
    with wave.open(io.BytesIO(heard)) as sound:
        assert round(sound.getnframes() / sound.getframerate()) == 3
    assert found.is_here
