"""Requests to a site: who asks, what refusals mean, and asking again where that helps."""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import httpx

from chatsite_client.backoff import Backoff
from chatsite_client.errors import BadCertificate, NotASite, Refused, SignedOut, Unreachable

TIMEOUT = httpx.Timeout(20, connect=10)
# Seconds for which a request is tried again while the site is away or asks for patience.
PATIENCE = 10.0
USER_AGENT = "chatsite-client"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def address_of(site: str) -> str:
    """Return a site's address as ``https://host[:port]``; without a scheme it is https, but on this machine http."""
    text = site.strip().rstrip("/")
    if "://" not in text:
        scheme = "http" if urlsplit(f"//{text}").hostname in LOOPBACK else "https"
        text = f"{scheme}://{text}"
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.username:
        raise NotASite(f"{site} is no address of a site. It looks like https://chat.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def is_readable_on_the_way(site: str) -> bool:
    """Whether others on the network could read what is sent: the address is neither https nor on this machine."""
    parts = urlsplit(site)
    return parts.scheme != "https" and parts.hostname not in LOOPBACK


class Transport:
    """Speaks to one site as one person. ``patience``: seconds for which what failed in passing is tried again."""

    def __init__(self, site: str, *, token: str | None = None, patience: float = PATIENCE) -> None:
        self.site = address_of(site)
        self.token = token
        self.patience = patience
        # The system's certificates (SSL_CERT_FILE names others), for the socket too.
        self.tls = ssl.create_default_context() if self.site.startswith("https:") else None
        # Programs are known by their token; a cookie that was kept would make a second account of it.
        self._client = httpx.AsyncClient(
            base_url=self.site,
            timeout=TIMEOUT,
            verify=self.tls or False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"User-Agent": USER_AGENT},
            limits=httpx.Limits(max_connections=8),
        )

    async def close(self) -> None:
        await self._client.aclose()

    @property
    def credentials(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    async def call(
        self, method: str, path: str, body: object = None, *, query: Mapping[str, object] = {}, retry: bool = True
    ) -> Any:
        """Return the JSON of an answer (None without one). Raises what ``request`` raises."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if body is not None else {}
        params = {name: str(value) for name, value in query.items() if value is not None}
        answer = await self.request(method, path, content=content, headers=headers, params=params, retry=retry)
        return self.json_of(answer) if answer.content else None

    async def request(  # noqa: PLR0913 (what a request is made of)
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] = {},
        params: Mapping[str, str] | None = None,
        retry: bool = True,
    ) -> httpx.Response:
        """Ask once, and again while it fails in passing. Raises Refused, SignedOut, Unreachable, BadCertificate.

        All requests of the API may be sent twice: what makes something has a name of its own (``client_id``,
        ``Idempotency-Key``, ``Upload-Offset``).
        """
        until, backoff = time.monotonic() + (self.patience if retry else 0), Backoff()
        while True:
            try:
                return await self._ask(method, path, content=content, headers=headers, params=params)
            except (Unreachable, Refused) as error:
                if isinstance(error, Refused) and not error.is_passing:
                    raise
                wait = max(getattr(error, "retry_after", None) or 0, backoff.next())
                if time.monotonic() + wait > until:
                    raise
            await asyncio.sleep(wait)

    async def _ask(
        self, method: str, path: str, *, content: bytes | None, headers: Mapping[str, str], params: Any
    ) -> httpx.Response:
        with told_plainly(self.site):
            answer = await self._client.request(
                method, path, content=content, headers={**self.credentials, **headers}, params=params
            )
        if not answer.is_success:
            raise refusal_of(answer)
        return answer

    async def ask_allauth(self, method: str, path: str, body: object, device: str | None) -> httpx.Response:
        """Ask allauth's app client, once: what it refuses says more than a status."""
        headers = {"X-Session-Token": self.token} if self.token else {}
        if device:
            headers["Cookie"] = device
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        with told_plainly(self.site):
            return await self._client.request(method, path, content=content, headers=headers)

    @asynccontextmanager
    async def stream(self, path: str, headers: Mapping[str, str] = {}, **query: str) -> AsyncIterator[httpx.Response]:
        """Open an answer that is too large to hold; its bytes are read by ``pieces``."""
        with told_plainly(self.site):
            request = self._client.build_request("GET", path, params=query, headers={**self.credentials, **headers})
            answer = await self._client.send(request, stream=True)
        try:
            if not answer.is_success:
                with told_plainly(self.site):
                    await answer.aread()
                raise refusal_of(answer)
            yield answer
        finally:
            await answer.aclose()

    async def pieces(self, answer: httpx.Response) -> AsyncIterator[bytes]:
        with told_plainly(self.site):
            async for piece in answer.aiter_bytes():
                yield piece

    def json_of(self, answer: httpx.Response) -> Any:
        try:
            return answer.json()
        except ValueError:
            raise NotASite(f"What answers at {self.site} is no Chatsite.") from None


class told_plainly:  # noqa: N801 (it reads as the clause that it is)
    """Turns what httpx raises into this library's errors."""

    def __init__(self, site: str) -> None:
        self._site = site

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpx.HTTPError):
            raise error_of(error, self._site) from error


def error_of(error: BaseException, site: str) -> Unreachable | BadCertificate:
    """Return the error of this library for one of the network's."""
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return BadCertificate(
                f"The certificate of {site} is not valid ({cause.verify_message}). Nothing was sent there."
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return Unreachable(f"{site} does not answer in time. Try again later.")
    return Unreachable(f"{site} cannot be reached. Check the address and your network, or try again later.")


def refusal_of(answer: httpx.Response) -> Refused | NotASite:
    """Return the refusal that an answer is."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    code, detail = str(problem.get("code", "")), str(problem.get("detail", ""))
    retry_after = seconds_in(answer.headers.get("Retry-After"), problem.get("retry_after"))
    if not code:
        if answer.is_redirect or (answer.status_code == 404 and not problem):
            return NotASite(f"There is no Chatsite at {answer.request.url.copy_with(path='/', query=None)}")
        code = "try_again" if answer.status_code >= 500 else "refused"
        detail = detail or f"The site answered with {answer.status_code} {answer.reason_phrase}. Try again later."
    kind = SignedOut if answer.status_code == 401 else Refused
    return kind(detail, code=code, status=answer.status_code, retry_after=retry_after, problem=problem)


def seconds_in(*values: object) -> float | None:
    for value in values:
        try:
            return max(0.0, float(value))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            continue
    return None
