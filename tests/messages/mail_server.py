"""A mail server on loopback that speaks just enough SMTP (RFC 5321), and answers as it is told."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread


class MailServer(socketserver.ThreadingTCPServer):
    """``answers``: what it says to a command instead of yes, such as {"RCPT": "550 nobody"}; ``taken``: the letters."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answers: dict[str, str] = {}
        self.taken: list[bytes] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say(self.server.answers.get("CONNECT", "220 loopback"))
        while line := self.rfile.readline():
            verb = line.split()[0].decode().upper()
            refusal = self.server.answers.get(verb)
            if refusal:
                self._say(refusal)
            elif verb == "DATA":
                self._say("354 go on")
                letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                self._say(self.server.answers.get("LETTER", "250 taken"))
                if "LETTER" not in self.server.answers:
                    self.server.taken.append(letter)
            else:
                self._say("221 bye" if verb == "QUIT" else "250 yes")
            if verb == "QUIT":
                return

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def a_mail_server() -> Iterator[MailServer]:
    """One that listens for as long as the block lasts."""
    with MailServer() as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
