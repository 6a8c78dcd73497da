"""A way to the database by TCP, as a process of its own: ``python -m tests.dialer.relay ADDRESS PORT TO PORT``.

Stopped (SIGSTOP), nothing comes through any more, and nothing is refused.
"""

import asyncio
import sys
from contextlib import suppress


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _serve(address: str, port: int, host: str, to_port: int) -> None:
    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        socket = f"{host}/.s.PGSQL.{to_port}"
        far = asyncio.open_unix_connection(socket) if host[0] == "/" else asyncio.open_connection(host, to_port)
        its_reader, its_writer = await far
        await asyncio.gather(_pump(reader, its_writer), _pump(its_reader, writer))

    async with await asyncio.start_server(relay, address, port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
