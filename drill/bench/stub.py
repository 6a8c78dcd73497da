"""A carrier that takes every call after so long and tells nothing of it: ``python -m drill.bench.stub port seconds``.

It says at ``/told`` when each was asked for (seconds of its own watch).
"""

import asyncio
import json
import re
import sys
import time

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_REASON = {200: "OK", 201: "Created", 404: "Not Found"}


class Stub:
    def __init__(self, takes: float) -> None:
        """``takes``: seconds from the asking to the answer."""
        self._takes = takes
        self._asked: list[float] = []

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._hear, "127.0.0.1", port, backlog=2048)
        async with server:
            await server.serve_forever()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                if length:
                    await reader.readexactly(int(length[1]))
                status, answer = await self._answer(head.split(b"\r\n", 1)[0].decode())
                body = json.dumps(answer).encode()
                told = f"HTTP/1.1 {status} {_REASON[status]}\r\nContent-Type: application/json\r\n"
                writer.write(f"{told}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, line: str) -> tuple[int, object]:
        if line.startswith("POST ") and "/Calls.json" in line:
            self._asked.append(time.monotonic())
            number = len(self._asked)
            await asyncio.sleep(self._takes)
            return 201, {"sid": f"CA{number:032x}", "status": "queued"}
        return (200, self._asked) if line.startswith("GET /told") else (404, {"code": 20404, "status": 404})


if __name__ == "__main__":
    asyncio.run(Stub(float(sys.argv[2])).serve(int(sys.argv[1])))
