"""Who may come in: the token of the address, the Host and the Origin that the address has. And what a page may load.

A page of a stranger can make a browser send requests to 127.0.0.1, and can point a name of its own there (DNS
rebinding). The first has no token and a foreign Origin, the second a foreign Host: all three are looked at, on requests
and on WebSockets.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A refusal: the HTTP status, and the code with which a WebSocket is closed (RFC 6455 leaves 4000 … 4999 to us).
REFUSALS = {"token": (403, 4403), "host": (421, 4421), "origin": (403, 4404), "visitors": (503, 4503)}
TOO_FAST, TOO_LONG = 4429, 1009


@dataclass(frozen=True)
class Guard:
    """Of one running server, which is reached at `host` : `port`."""

    host: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def url(self) -> str:
        """The address to open."""
        return f"http://{self._bracketed(self.host)}:{self.port}/?token={self.token}"

    @property
    def cookie(self) -> str:
        """The cookie that holds the token after the first request; cookies know no ports."""
        return f"actlab-{self.port}"

    def refuses(self, headers: Mapping[str, str], query: Mapping[str, str], cookies: Mapping[str, str]) -> str | None:
        """Why somebody may not come in: ``"host"``, ``"origin"``, ``"token"``; None: they may."""
        if not self._ours(headers.get("host", "")):
            return "host"
        origin = headers.get("origin")
        if origin is not None and not (origin.startswith("http://") and self._ours(origin.removeprefix("http://"))):
            return "origin"
        given = query.get("token") or cookies.get(self.cookie) or ""
        return None if hmac.compare_digest(given.encode(), self.token.encode()) else "token"

    def _ours(self, authority: str) -> bool:
        """Whether ``name:port`` is one that leads here without anybody's name server: an address, or localhost."""
        name, colon, port = authority.rpartition(":")
        if not colon or port != str(self.port):
            return False
        name = name.removeprefix("[").removesuffix("]").lower()
        if name in ("localhost", self.host.lower()):
            return name != "localhost" or self._loopback
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        # Listening on all addresses, any of them may be asked for; a number cannot be rebound.
        return address.is_loopback if self._loopback else self.host in ("0.0.0.0", "::")

    @property
    def _loopback(self) -> bool:
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def open_to_others(self) -> bool:
        """Whether other machines can reach it."""
        return not self._loopback

    @staticmethod
    def _bracketed(host: str) -> str:
        return f"[{host}]" if ":" in host else host

    def headers(self) -> dict[str, str]:
        """What every answer carries: nothing from elsewhere, in nobody's frame, kept by no cache."""
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        }
