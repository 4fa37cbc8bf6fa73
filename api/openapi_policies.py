"""What each policy asks for, inside the OpenAPI document: its facts, and a decision request that takes just those.

A request's body is one of these, told apart by `policy`; so a generated client has a type for each policy, and a
reader of the document sees every fact with its type, its bounds and its label. A component's name may hold only a few
characters, a policy's name any letters: the rest is written as its code between dots.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import cast

from api.fields import Field, object_schema
from api.library import Library
from api.openapi_movement import override_schema, states_schema
from api.openapi_schemas import Object, ref
from dsl.model import CheckedPolicy
from engine.benefits import stage_reads
from engine.schema import fact_schema

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_]")


def facts_name(policy: str) -> str:
    """The component that has a policy's facts."""
    return "Facts-" + _plain(policy)


def request_name(policy: str) -> str:
    """The component that has a decision request for a policy."""
    return "DecisionRequest-" + _plain(policy)


def policy_schemas(library: Library, fields: Iterable[Field]) -> Object:
    """Both components of every policy, and `DecisionRequest`, which is one of the requests."""
    fields = list(fields)
    found: Object = {"DecisionRequest": _any_request(library, fields)}
    for policy in library.policies.values():
        found[facts_name(policy.name)] = _facts(policy)
        found[request_name(policy.name)] = _request(policy, fields)
    return found


def _any_request(library: Library, fields: list[Field]) -> Object:
    if not library.policies:
        return object_schema(fields)
    mapping = {name: f"#/components/schemas/{request_name(name)}" for name in library.policies}
    return {
        "oneOf": [ref(request_name(name)) for name in library.policies],
        "discriminator": {"propertyName": "policy", "mapping": mapping},
    }


def _request(policy: CheckedPolicy, fields: list[Field]) -> Object:
    schema = object_schema(fields)
    properties = cast(Object, schema["properties"])
    own: Object = {
        **properties,
        "policy": {"const": policy.name, "description": f"GET /v1/policies/{policy.name} shows it."},
        "facts": ref(facts_name(policy.name)),
        "state": _described(properties, "state", states_schema(policy)),
        "override": _described(properties, "override", override_schema(policy)),
    }
    stages = [
        word
        for read in stage_reads(policy).values()
        for each in read.type.members
        for word in (each.key, each.name)
    ]
    about = cast(Object, properties["at"])["description"]
    own["at"] = {"description": about, "enum": [*dict.fromkeys(["all", *stages]), None]}
    return {"title": policy.name, **schema, "properties": own}


def _described(properties: Object, name: str, schema: Object) -> Object:
    """A policy's own schema of a field, with the field's description."""
    return {"description": cast(Object, properties[name])["description"], **schema}


def _facts(policy: CheckedPolicy) -> Object:
    """The facts' own schema; what it refers to within itself stands deeper here."""
    schema: Object = dict(fact_schema(policy))
    del schema["$schema"]  # the document's own dialect is the same
    base = f"#/components/schemas/{facts_name(policy.name)}"
    properties = cast(Mapping[str, Object], schema["properties"])
    schema["properties"] = {name: _moved(item, base) for name, item in properties.items()}
    return schema


def _moved(item: Object, base: str) -> Object:
    target = item.get("$ref")
    return {**item, "$ref": base + target[1:]} if isinstance(target, str) else item


def _plain(name: str) -> str:
    return _NOT_PLAIN.sub(lambda found: f".{ord(found[0]):x}.", name)
