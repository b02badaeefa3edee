"""A small issuer of OpenID Connect: real keys, real HTTP, and whatever lie a test wants."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import RSAKey


@dataclass
class Issuer:
    """What the issuer says; a test may change any of it."""

    port: int = 0
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signing: RSAKey | None = None
    """Another key than the published one."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Instead of what is true."""
    algorithm: str = "RS256"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def authorize(self, query: dict[str, str]) -> dict[str, str]:
        """Let somebody sign in: give what the browser brings back."""
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return {"code": code, "state": query["state"], "iss": self.url}

    def exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(form)
        known = self.codes.pop(form.get("code", ""), None)
        challenge = sha256(form.get("code_verifier", "").encode()).digest()
        wanted = urlsafe_b64encode(challenge).decode().rstrip("=")
        if known is None or known["code_challenge"] != wanted:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": known["client_id"],
            "sub": "u-1",
            "nonce": known["nonce"],
            "iat": now,
            "exp": now + 300,
            "email": "ann@example.org",
            "email_verified": True,
            **self.claims,
        }
        header = {"alg": self.algorithm, "kid": "one"}
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"id_token": jwt.encode(header, claims, self.signing or self.key)}


@contextmanager
def issuing() -> Iterator[Issuer]:
    """Run an issuer."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                self.say(
                    200,
                    {
                        "issuer": issuer.url,
                        "authorization_endpoint": f"{issuer.url}/authorize",
                        "token_endpoint": f"{issuer.url}/token",
                        "jwks_uri": f"{issuer.url}/keys",
                    },
                )
            else:
                self.say(200, {"keys": [issuer.key.as_dict(private=False)]})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self.say(*issuer.exchange({name: v[0] for name, v in parse_qs(body).items()}))

        def say(self, status: int, value: Any) -> None:
            text = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
