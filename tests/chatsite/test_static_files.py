"""Scripts and style sheets as a running site sends them."""

import http.client
import re
from contextlib import closing

from tests import servers

Answer = tuple[int, http.client.HTTPMessage, bytes]


def ask(site: servers.Site, path: str, method: str = "GET", **headers: str) -> Answer:
    with closing(http.client.HTTPConnection(servers.HOST, site.port)) as connection:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def test_static_files_are_compressed_kept_for_ever_and_sent_in_parts(site: servers.Site) -> None:
    _, _, page = ask(site, "/accounts/login/")
    path = re.search(r'href="(/static/css/[^"]+\.css)"', page.decode())
    assert path
    style = path.group(1)

    status, headers, plain = ask(site, style)
    assert (status, headers["Content-Length"]) == (200, str(len(plain)))
    assert headers["Content-Type"].startswith("text/css")
    assert "immutable" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"

    status, headers, packed = ask(site, style, Accept_Encoding="br, gzip")
    assert (status, headers["Content-Encoding"], headers["Vary"]) == (200, "br", "Accept-Encoding")
    assert len(packed) < len(plain) / 2

    assert ask(site, style, "HEAD")[::2] == (200, b"")
    assert ask(site, style, If_None_Match=headers["ETag"], Accept_Encoding="br")[::2] == (304, b"")
    status, headers, part = ask(site, style, Range="bytes=10-19")
    assert (status, part, headers["Content-Range"]) == (206, plain[10:20], f"bytes 10-19/{len(plain)}")
    assert ask(site, style, Range=f"bytes={len(plain)}-")[0] == 416
    assert ask(site, style, "POST")[0] == 405
    assert ask(site, "/static/css/none.css")[0] == 404
    assert ask(site, "/static/../manage.py")[0] in (400, 404)
