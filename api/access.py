"""Who may call what. A service of files is open as it always was; one with a store asks who is calling.

`RIGHTS` has every call and the role that it needs; the table in docs/http.md is made from it, and the service does not start
with a call that is not in it. A caller shows a key (`Authorization: Bearer tw_…`; a browser asks for it and sends it as the
password). What is done is done in the name of the key.

Where no key was ever made, whoever is on the service's own machine may do everything, under the name that the header
`X-Actor` gives, else as `local`; nobody else is let in. That the caller sits there is seen from the connection. A proxy would
lend its place to everybody, and a page of some site its reader's: requests that say that they came through one are turned
away, and so are those which a browser sends for another site. But a proxy is known only by the headers that it adds. One that
adds none (nginx as it comes, `socat`, a tunnel of `ssh`) looks like somebody at this machine, and lets everybody in: before
anything is put in front, a key has to be made.
"""

from __future__ import annotations

import ipaddress
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from flask import Flask, g, request

from api import messages
from api.errors import Problem, problem
from api.messages import Words

if TYPE_CHECKING:
    from policies.registry.store.connect import Store
    from policies.registry.store.keys import Key, Keyring, Role

# The role that a call needs; None: no key. `reader` comes with every role.
RIGHTS: Mapping[str, Role | None] = MappingProxyType(
    {
        "GET /healthz": None,
        "GET /readyz": None,
        "GET /static/<name>": None,
        "GET /": "reader",
        "GET /docs": "reader",
        "GET /openapi.json": "reader",
        "GET /metrics": "reader",
        "GET /policies/<name>": "reader",
        "GET /policies/<name>/versions": "reader",
        "GET /policies/<name>/versions/diff": "reader",
        "GET /policies/<name>/versions/<int:a>/diff/<int:b>": "reader",
        "POST /v1/check": "reader",
        "GET /v1/policies": "reader",
        "GET /v1/policies/<name>": "reader",
        "GET /v1/policies/<name>/text": "reader",
        "GET /v1/policies/<name>/schema": "reader",
        "GET /v1/policies/<name>/versions": "reader",
        "GET /v1/policies/<name>/versions/<int:number>": "reader",
        "GET /v1/policies/<name>/versions/<int:a>/diff/<int:b>": "reader",
        "GET /v1/drafts": "reader",
        "GET /v1/drafts/<int:id>": "reader",
        "POST /policies/<name>": "evaluator",
        "POST /v1/decisions": "evaluator",
        "POST /v1/decisions/batch": "evaluator",
        "POST /v1/policies": "author",
        "POST /v1/policies/<name>/rollback": "author",
        "PUT /v1/drafts/<int:id>": "author",
        "POST /v1/drafts/<int:id>/check": "author",
        "POST /v1/drafts/<int:id>/submit": "author",
        "POST /v1/drafts/<int:id>/withdraw": "author",
        "POST /v1/drafts/<int:id>/approve": "approver",
        "POST /v1/drafts/<int:id>/reject": "approver",
        "POST /v1/drafts/<int:id>/publish": "approver",
        "GET /v1/decisions": "auditor",
        "GET /v1/decisions/<id>": "auditor",
        "POST /v1/decisions/<id>/replay": "auditor",
        "GET /decisions": "auditor",
        "GET /decisions/<id>": "auditor",
        "POST /decisions/<id>": "auditor",
        "GET /v1/audit": "auditor",
        "POST /v1/verify": "auditor",
        "GET /v1/export": "auditor",
        "POST /v1/erasures": "admin",
        "GET /v1/keys": "admin",
        "POST /v1/keys": "admin",
        "POST /v1/keys/<int:id>/revoke": "admin",
    }
)

LOCAL = "local"
ACTOR = "X-Actor"
# What most proxies add; one that adds none of them cannot be told from a caller at this machine.
THROUGH = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="tierwise", Basic realm="tierwise", charset="UTF-8"'}


class NotProtected(Exception):
    """A service that anybody could reach, and that has no keys; `words` say what to do."""

    def __init__(self, host: str) -> None:
        self.words: Words = (
            f"`{host}` can be reached from other machines, and the store has no keys; make one first:"
            " `tierwise keys create NAME --role admin`",
            f"其他机器可以访问 `{host}`，而存储库还没有密钥；请先创建：`tierwise keys create 姓名 --role admin`",
        )
        super().__init__(self.words[0])


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: `name` is who did it, in events and records. `key` is None for a caller on this machine."""

    name: str
    key: Key | None = None

    def may(self, role: Role | None) -> bool:
        """Whether the caller may do what a role may."""
        return role is None or self.key is None or self.key.may(role)


def protect(store: Store, host: str, address: str) -> bool:
    """Whether a store has keys. Raises `NotProtected` where it has none and `address` can be reached from elsewhere."""
    from policies.registry.store.keys import Keyring

    keys = not Keyring(store).empty()
    if not keys and not is_local(address):
        raise NotProtected(host)
    return keys


def is_local(address: str | None) -> bool:
    """Whether an address is this machine's own, and no other machine reaches it."""
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)


def install(app: Flask, keyring: Keyring | None) -> None:
    """Asks every call of the app who is calling; to be installed when all routes are. Without a keyring all are let in."""
    if keyring is not None:
        missing = {
            f"{method} {rule.rule}"
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        } - set(RIGHTS)
        assert not missing, f"calls that nobody was given the right to: {sorted(missing)}"

    @app.before_request
    def admit() -> None:
        g.caller = Caller(LOCAL)
        if keyring is None or request.url_rule is None or request.method == "OPTIONS":
            return
        method = "GET" if request.method == "HEAD" else request.method
        role = RIGHTS[f"{method} {request.url_rule.rule}"]
        if role is None:
            return
        if method != "GET":
            _refuse_other_sites()
        g.caller = _caller(keyring)
        if not g.caller.may(role):
            raise problem(messages.FORBIDDEN, role=role)


def caller() -> Caller:
    """Who is calling."""
    found: Caller = g.caller
    return found


def _caller(keyring: Keyring) -> Caller:
    secret = _secret()
    if secret is not None:
        key = keyring.find(secret)
        if key is None:
            raise problem(messages.UNAUTHORIZED, headers=CHALLENGE)
        return Caller(key.name, key)
    if not keyring.empty() or not _from_here():
        raise problem(messages.UNAUTHORIZED, headers=CHALLENGE)
    return Caller(_actor())


def _secret() -> str | None:
    """The key that came with the request; None where none did."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            try:
                return b64decode(rest, validate=True).decode("utf-8").partition(":")[2]
            except ValueError:
                return ""
        case _:
            return None


def _from_here() -> bool:
    """Whether the caller sits at this machine, as far as can be told: not through a proxy that says nothing of itself."""
    host = _host_name()
    named = host == "localhost" or host.endswith(".localhost") or is_local(host)
    return is_local(request.remote_addr) and named and not any(name in request.headers for name in THROUGH)


def _host_name() -> str:
    """What the caller calls the service by, without the port; empty, and nobody's, where that cannot be read."""
    try:
        return urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return ""


def _actor() -> str:
    """The name that a caller without a key goes by; names that are not English are written as in addresses (`%E6%9D%8E`)."""
    return unquote(request.headers.get(ACTOR, "")).strip() or LOCAL


def _refuse_other_sites() -> None:
    """Browsers say for which site they act; a key or a place at this machine is not theirs to lend."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    told = site in ("same-origin", "none")
    seen = site is None and (origin is None or _is_own(origin))
    if not told and not seen:
        raise Problem(messages.FORBIDDEN, messages.OTHER_SITE)


def _is_own(origin: str) -> bool:
    """Whether an origin is this service; one that cannot be read is another site."""
    try:
        return urlsplit(origin).netloc == request.host
    except ValueError:
        return False
