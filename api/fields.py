"""The fields of a request's body, each described once.

A `Field` says what a value must be, for people, for programs (its JSON schema, which goes into the OpenAPI
document) and for the reader that takes it in. `read_object` reads a whole body by its fields and reports
everything wrong with it at once. An optional field that is null counts as left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from api.errors import BadField, bad_field
from api.messages import Words
from dsl.diagnostics import nearest
from engine.facts_problems import pointer

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
# Unknown names that are reported one by one; finding what was meant takes its time.
MOST_UNKNOWN = 20
# What both databases keep as a whole number.
LARGEST = 2**31 - 1
# From FIRST_DAY to LAST_DAY.
_WITHIN = "^(19|20|21)[0-9]{2}-"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Behind the year, a day or a time as RFC 3339 writes it; the seconds may be left out.
_INSTANT = "[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2}))?"
_MOMENT = re.compile(f"[0-9]{{4}}-{_INSTANT}")

Schema = Mapping[str, object]


class Refused(Exception):
    """A value that its field does not take."""

    def __init__(self, why: BadField) -> None:
        self.why = why
        super().__init__(why.detail[0])


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, what it must be, in words and as a schema, and how it is read (see `Refused`)."""

    name: str
    about: str
    expected: Words
    schema: Schema
    read: Callable[[Field, object], object]
    required: bool = False

    def wrong_type(self, value: object) -> Refused:
        """The value is of another type than the field's."""
        return self.refused("wrong_type", value)

    def refused(self, code: str, value: object, limit: int = 0) -> Refused:
        """The value is refused under a code of `api.messages`."""
        why = bad_field(
            code, pointer(self.name), name=self.name, expected=self.expected, got=value, limit=f"{limit:,}"
        )
        return Refused(why)


def text(name: str, about: str, limit: int, *, required: bool = False) -> Field:
    """A text of one character up to `limit`."""

    def read(field: Field, value: object) -> str:
        if not isinstance(value, str) or not value:
            raise field.wrong_type(value)
        if len(value) > limit:
            raise field.refused("too_long", ..., limit=limit)
        return value

    schema = {"type": "string", "minLength": 1, "maxLength": limit}
    return Field(name, about, ("a text", "文本"), schema, read, required)


def digest(name: str, about: str, *, required: bool = False) -> Field:
    """A SHA-256 in small hexadecimal digits."""

    def read(field: Field, value: object) -> str:
        if not isinstance(value, str) or not _DIGEST.fullmatch(value):
            raise field.wrong_type(value)
        return value

    expected = ("a SHA-256 of 64 digits from `0` to `f`", "64 位的 SHA-256，由 `0` 至 `f` 组成")
    return Field(name, about, expected, {"type": "string", "pattern": "^[0-9a-f]{64}$"}, read, required)


def choice(name: str, about: str, values: Sequence[str]) -> Field:
    """One of a few words."""

    def read(field: Field, value: object) -> str:
        if not isinstance(value, str):
            raise field.wrong_type(value)
        if value not in values:
            raise field.refused("no_such_value", value)
        return value

    listed = ", ".join(f"`{value}`" for value in values)
    return Field(name, about, (listed, listed.replace(", ", "、")), {"enum": list(values)}, read)


def choices(name: str, about: str, values: Sequence[str]) -> Field:
    """One or more of a few words, each once; required."""

    def read(field: Field, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
            raise field.wrong_type(value)
        if len(set(value)) < len(value) or not set(value).issubset(values):
            raise field.refused("no_such_value", value)
        return tuple(value)

    listed = ", ".join(f"`{value}`" for value in values)
    expected = (f"a list of {listed}", f"由 {listed.replace(', ', '、')} 组成的列表")
    schema = {"type": "array", "items": {"enum": list(values)}, "minItems": 1, "uniqueItems": True}
    return Field(name, about, expected, schema, read, required=True)


def day(name: str, about: str) -> Field:
    """A calendar day, `2026-01-31`."""

    def read(field: Field, value: object) -> date:
        if not isinstance(value, str):
            raise field.wrong_type(value)
        try:
            found = date.fromisoformat(value) if _DAY.fullmatch(value) else None
        except ValueError:
            found = None
        if found is None:
            raise field.refused("no_such_day", value)
        if not FIRST_DAY <= found <= LAST_DAY:
            raise field.refused("date_out_of_range", value)
        return found

    expected = (
        f"a date from {FIRST_DAY} to {LAST_DAY}, such as `2026-01-31`",
        f"{FIRST_DAY} 至 {LAST_DAY} 之间的日期，如 `2026-01-31`",
    )
    within = f"{_WITHIN}[0-9]{{2}}-[0-9]{{2}}$"
    return Field(name, about, expected, {"type": "string", "format": "date", "pattern": within}, read)


def instant(name: str, about: str) -> Field:
    """A point in time, `2026-03-03T09:30:00+08:00`, or a day; for which end of it a day stands, `about` says."""

    def read(field: Field, value: object) -> date:
        if not isinstance(value, str):
            raise field.wrong_type(value)
        if not _MOMENT.fullmatch(value):  # Python reads more spellings than the schema allows
            raise field.refused("no_such_time", value)
        try:
            found = date.fromisoformat(value) if _DAY.fullmatch(value) else datetime.fromisoformat(value)
        except ValueError:
            raise field.refused("no_such_time", value) from None
        if not FIRST_DAY.year <= found.year <= LAST_DAY.year:
            raise field.refused("date_out_of_range", value)
        return found

    expected = (
        f"a day or a time with its zone, from {FIRST_DAY} to {LAST_DAY}",
        f"{FIRST_DAY} 至 {LAST_DAY} 之间的日期，或带时区的时间",
    )
    within = f"{_WITHIN}{_INSTANT}$"
    schema = {"type": "string", "pattern": within, "anyOf": [{"format": "date"}, {"format": "date-time"}]}
    return Field(name, about, expected, schema, read)


def number(name: str, about: str, *, required: bool = False, least: int = 1) -> Field:
    """A whole number from `least` on."""

    def read(field: Field, value: object) -> int:
        exact = int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value
        if isinstance(exact, bool) or not isinstance(exact, int) or not least <= exact <= LARGEST:
            raise field.wrong_type(value)
        return exact

    expected = (f"a whole number from {least} to {LARGEST:,}", f"{least} 至 {LARGEST:,} 的整数")
    schema = {"type": "integer", "minimum": least, "maximum": LARGEST}
    return Field(name, about, expected, schema, read, required)


def switch(name: str, about: str) -> Field:
    """Yes or no."""

    def read(field: Field, value: object) -> bool:
        if not isinstance(value, bool):
            raise field.wrong_type(value)
        return value

    return Field(name, about, ("`true` or `false`", "`true` 或 `false`"), {"type": "boolean"}, read)


def count(name: str, about: str, most: int, least: int = 0, *, required: bool = False) -> Field:
    """How many, in the digits of an address."""

    def read(field: Field, value: object) -> int:
        digits = value if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value) else ""
        if not digits or not least <= int(digits) <= most:
            raise field.wrong_type(value)
        return int(digits)

    expected = (f"a whole number from {least} to {most:,}", f"{least} 至 {most:,} 的整数")
    if not least:
        expected = (f"a whole number up to {most:,}", f"不超过 {most:,} 的整数")
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Field(name, about, expected, schema, read, required)


def mapping(name: str, about: str, *, required: bool = False) -> Field:
    """An object; what is in it, somebody else reads."""

    def read(field: Field, value: object) -> Mapping[str, object]:
        if not isinstance(value, dict):
            raise field.wrong_type(value)
        return value

    expected = ("an object of names and values", "由名称和值组成的对象")
    return Field(name, about, expected, {"type": "object"}, read, required)


def texts(name: str, about: str) -> Field:
    """An object of texts by name."""

    def read(field: Field, value: object) -> Mapping[str, str]:
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise field.wrong_type(value)
        return value

    expected = ("an object of names and texts", "由名称和文本组成的对象")
    schema = {"type": "object", "additionalProperties": {"type": "string"}}
    return Field(name, about, expected, schema, read)


def later(name: str, schema: Schema) -> Field:
    """A field that only a service with a store can honour: a service of files refuses it, since it must not be ignored."""

    def read(field: Field, _: object) -> None:
        raise field.refused("not_available", ...)

    about = "Needs a service with a store: refused unless null."
    return Field(name, about, ("null", "null"), {**schema, "type": "null"}, read)


def only_false(name: str) -> Field:
    """A switch that only a service with a store can turn on."""

    def read(field: Field, value: object) -> bool:
        if not isinstance(value, bool):
            raise field.wrong_type(value)
        if value:
            raise field.refused("not_available", ...)
        return False

    about = "Keeping a record of the decision needs a service with a store: refused unless false."
    return Field(name, about, ("`false`", "`false`"), {"const": False}, read)


def read_object(body: object, fields: Sequence[Field]) -> tuple[dict[str, object], list[BadField]]:
    """The values of a body's fields, and everything that is wrong with it. A field left out has no value."""
    if not isinstance(body, dict):
        expected = ("a JSON object", "JSON 对象")
        return {}, [bad_field("wrong_type", "", name="body", expected=expected, got=body)]
    values: dict[str, object] = {}
    wrong: list[BadField] = []
    for field in fields:
        value = body.get(field.name)
        if value is None:
            if field.required:
                wrong.append(_missing(field))
            continue
        try:
            values[field.name] = field.read(field, value)
        except Refused as refused:
            wrong.append(refused.why)
    return values, wrong + unknown_fields(body, [field.name for field in fields])


def _missing(field: Field) -> BadField:
    return bad_field("required", pointer(field.name), name=field.name, expected=field.expected)


def unknown_fields(given: Iterable[str], names: Sequence[str]) -> list[BadField]:
    """The names that are no fields, each with what was probably meant; of too many, how many more."""
    unknown = [name for name in given if name not in names]
    if not unknown:
        return []
    known = ", ".join(f"`{item}`" for item in names)
    wrong = [
        bad_field("unknown_field", pointer(name), name=name, known=known, hint=nearest(name, names))
        for name in unknown[:MOST_UNKNOWN]
    ]
    if len(unknown) > MOST_UNKNOWN:
        wrong.append(bad_field("too_many_unknown", "", count=f"{len(unknown) - MOST_UNKNOWN:,}"))
    return wrong


def object_schema(fields: Sequence[Field]) -> dict[str, object]:
    """The JSON schema of a body with these fields."""
    return {
        "type": "object",
        "properties": {field.name: _property(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, object]:
    described = {"description": field.about}
    if field.required or field.schema.get("type") == "null":
        return {**described, **field.schema}
    return {**described, "anyOf": [field.schema, {"type": "null"}]}
