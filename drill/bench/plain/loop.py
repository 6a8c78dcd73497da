"""A loop on ``client.calls.create``, as samples write it: ``python -m drill.bench.plain.loop API_URL calls``."""

import sys
import time
from urllib.parse import urlsplit, urlunsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client


class _There(TwilioHttpClient):
    """At another host, which twilio-python has no option for."""

    def request(self, method, url, *args, **kwargs):
        return super().request(method, urlunsplit(urlsplit(url)._replace(scheme="http", netloc=_HOST)), *args, **kwargs)


if __name__ == "__main__":
    _HOST = urlsplit(sys.argv[1]).netloc
    client = Client("AC" + "0" * 32, "local", http_client=_There())
    client.calls.create(to="+50370000000", from_="+50322373333", url="http://127.0.0.1/voice/outbound")
    began = time.perf_counter()
    for n in range(int(sys.argv[2])):
        client.calls.create(to=f"+5037{n:07}", from_="+50322373333", url="http://127.0.0.1/voice/outbound")
    sys.stdout.write(f"{int(sys.argv[2]) / (time.perf_counter() - began)}\n")
