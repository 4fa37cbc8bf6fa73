"""What a service with a store shows of versions, on its pages and in its description of itself."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from api.routes import history
from tests.api_client import post
from tests.store import POLICY, text
from tests.test_pages import page
from tests.test_store_calls import DECISIONS, app, client, codes, decided

__all__ = ["app", "client"]


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pages_of_versions(client: FlaskClient, lang: str) -> None:
    listed = client.get(f"/policies/grading/versions?lang={lang}").get_data(as_text=True)
    assert all(word in listed for word in ("ann", "bob", "because", "2026-08-01"))
    assert f'href="/policies/grading?lang={lang}&amp;version=2"' in listed
    shown = client.get(f"/policies/grading/versions/1/diff/2?lang={lang}").get_data(as_text=True)
    assert "Best" in shown
    assert "<script" not in shown.partition("<main")[2]
    old = client.get(f"/policies/grading?version=2&lang={lang}").get_data(as_text=True)
    assert "Best" in old
    assert "version=2" in old.partition('method="post"')[2].partition(">")[0]
    for path in (
        "/policies/grading?version=9",
        "/policies/grading/versions/1/diff/9",
        "/policies/x/versions",
    ):
        assert client.get(path).status_code == 404


def test_the_page_of_an_old_version_stays_with_it(client: FlaskClient) -> None:
    found = page(client.get("/policies/grading?version=2&lang=zh"))
    kept = {("version", "2"), ("lang", "zh")}
    assert {(each["name"], each["value"]) for each in found.all("input") if each["type"] == "hidden"} == kept
    links = [unquote(each["href"]) for each in found.all("a")]
    assert "/policies/grading?lang=zh&version=2" in links, "the one that empties the form"
    [exact] = [each for each in links if each.startswith("/v1/policies/grading/text")]
    assert client.get(exact).get_data(as_text=True) == text(label="Best")
    filled = page(client.get("/policies/grading?version=2&example=1&lang=zh"))
    assert "Best" in filled.text
    assert {"name": "fact.orders", "value": "500"}.items() <= filled.all("input")[2].items()
    assert {each["name"] for each in filled.all("input") if each["type"] == "hidden"} == {"version", "lang"}
    plain = page(client.get("/policies/grading"))
    assert not [each for each in plain.all("input") if each["type"] == "hidden"]
    assert "/policies/grading" in [each["href"] for each in plain.all("a")]


def test_the_text_of_a_version(client: FlaskClient) -> None:
    place = "/v1/policies/grading/text"
    newest = client.get(f"{place}?version=2")
    assert newest.get_data(as_text=True) == text(label="Best")
    assert client.get(place).data == client.get(f"{place}?version=1").data == POLICY.encode()
    assert (
        client.get(f"{place}?version=2", headers={"If-None-Match": newest.headers["ETag"]}).status_code == 304
    )
    assert codes(client.get(f"{place}?version=9"), 404) == {"": "no_such_version"}


def test_many_versions_are_turned_over(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "ON_A_PAGE", 1)
    newest = client.get("/policies/grading/versions?lang=zh").get_data(as_text=True)
    assert ('id="v2"' in newest, 'id="v1"' in newest) == (True, False)
    assert 'href="/policies/grading/versions?lang=zh&amp;before=2"' in newest
    oldest = client.get("/policies/grading/versions?before=2").get_data(as_text=True)
    assert ('id="v2"' in oldest, 'id="v1"' in oldest) == (False, True)
    assert 'href="/policies/grading/versions"' in oldest
    assert "before=" not in oldest.partition("<main")[2]
    for wrong in ("before=1", "before=x", "after=1"):
        assert client.get(f"/policies/grading/versions?{wrong}").status_code == 422


def test_two_versions_are_chosen(client: FlaskClient) -> None:
    page = client.get("/policies/grading/versions").get_data(as_text=True)
    assert 'action="/policies/grading/versions/diff"' in page
    chosen = client.get("/policies/grading/versions/diff?old=1&new=2&lang=zh")
    assert (chosen.status_code, chosen.location) == (303, "/policies/grading/versions/1/diff/2?lang=zh")
    assert client.get("/policies/grading/versions/diff?old=2&new=1").location.endswith("/versions/2/diff/1")
    assert codes(client.get("/policies/grading/versions/diff?old=1")) == {"new": "required"}
    assert client.get("/policies/x/versions/diff?old=1&new=2").status_code == 404


# ---------------------------------------------------------------- the description


def test_the_description_is_valid_and_complete(app: Flask, client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    validate(document)
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == routes


def test_the_description_tells_apart_what_has_one_status(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").get_json()["paths"]
    told = paths["/v1/export"]["get"]["responses"]["503"]["description"]
    assert all(f"urn:tierwise:problem:{kind}" in told for kind in ("not-signed", "store-unavailable"))
    assert "not-signed" not in paths["/v1/audit"]["get"]["responses"]["503"]["description"]
    for path, method in (
        ("/policies/{name}", "get"),
        ("/policies/{name}", "post"),
        ("/v1/policies/{name}/text", "get"),
    ):
        assert "version" in [each.get("name") for each in paths[path][method]["parameters"]], (path, method)


def test_the_documentation_offers_every_call_and_no_page(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").get_json()["paths"]
    offered = {(form["data-method"], form["data-path"]) for form in page(client.get("/docs")).all("form")}
    calls = {
        (method.upper(), path)
        for path, methods in paths.items()
        for method in methods
        if path.startswith("/v1/") or path in ("/openapi.json", "/healthz", "/readyz", "/metrics")
    }
    assert offered == calls
    assert ("GET", "/v1/export") in offered


def test_answers_are_as_described(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    made = decided(client, customer="C1")["decision_id"]
    draft = post(client, "/v1/policies", {"text": text(label="New")}, **{"X-Actor": "ann"})
    for name, reply in {
        "VersionList": client.get("/v1/policies/grading/versions"),
        "Version": client.get("/v1/policies/grading/versions/1"),
        "Differences": client.get("/v1/policies/grading/versions/1/diff/2"),
        "Draft": draft,
        "DraftList": client.get("/v1/drafts"),
        "EventList": client.get("/v1/audit"),
        "Record": client.get(f"{DECISIONS}/{made}"),
        "RecordList": client.get(DECISIONS),
        "Replayed": client.post(f"{DECISIONS}/{made}/replay"),
        "Health": client.get("/healthz"),
        "Policy": client.get("/v1/policies/grading"),
    }.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        OAS31Validator(schema).validate(reply.get_json())
