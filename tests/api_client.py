"""Two small policies and a client for the HTTP tests."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.config import Config
from api.library import library_of
from dsl.checker import compile_policy
from dsl.source import Source

GRADING = """\
policy grading "Customer grading" ("客户分级")
owner "Customer operations"
effective from 2026-01-01
currency CNY
timezone "Asia/Shanghai"

fact order_amount: money "Orders of the last 12 months", at least 0, required
fact referrals: whole number "Customers they referred", default 0
fact listed: yes/no "Listed company"
fact stage: one of contract, renewal "Where the account stands", default contract
fact since: date "Customer since"

score total between 0 and 100
  orders: +10 per 100k of order_amount up to 80 "Orders"
  referral: +5 per referrals up to 20 "Recommends us"

tiers grade by total
  A "Key customer" ("关键客户") from 60
  B "Value customer" from 30
  C "Ordinary customer" otherwise
  at least B when listed "Listed company"

benefits of grade at stage
| stage    | benefit  | A   | B  | C |
| contract | discount | 15% | 8% | - |
"""

CHINESE = """\
政策 续约 “续约分级”
币种 CNY
指标 金额数 (amount)： 金额 “年签约额”
等级 续约等级
  高 “高价值” 当 金额数 不低于 100万
  低 “其他” 其余
"""

POLICIES = (GRADING, CHINESE)
CONFIG = Config(max_body=64 * 1024, max_batch=1024 * 1024, max_rows=50, max_policy=16 * 1024)


def make_app(config: Config = CONFIG) -> Flask:
    """The service with both policies."""
    app = create_app(config, library_of(compile_policy(Source(text, "test.tier")) for text in POLICIES))
    app.testing = False  # an unexpected error must become a 500, as it would in earnest
    return app


def post(client: FlaskClient, path: str, body: object, **headers: str) -> TestResponse:
    """Sends JSON."""
    return client.post(path, data=json.dumps(body), content_type="application/json", headers=headers)


def question(**fields: Any) -> dict[str, Any]:
    """A good decision request, but for what `fields` say."""
    good = {"policy": "grading", "facts": {"order_amount": 500000}, "as_of": "2026-11-21"}
    return {name: value for name, value in (good | fields).items() if value is not ...}


def problem_of(reply: TestResponse, status: int) -> dict[str, Any]:
    """The problem document that a reply must be."""
    assert reply.status_code == status, reply.get_data(as_text=True)
    assert reply.content_type == "application/problem+json"
    document: dict[str, Any] = json.loads(reply.data)
    assert document["status"] == status
    assert document["type"].startswith("urn:tierwise:problem:")
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == reply.headers["X-Request-Id"]
    for item in document["errors"]:
        assert item["code"]
        assert item["detail"]
        assert "pointer" in item or "parameter" in item
    return document


def lines_of(reply: TestResponse) -> list[dict[str, Any]]:
    """The lines of a batch's answer."""
    assert reply.status_code == 200, reply.get_data(as_text=True)
    assert reply.content_type == "application/x-ndjson"
    return [json.loads(line) for line in reply.data.splitlines()]
