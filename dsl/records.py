"""Immutable records: what `@dataclass(frozen=True, slots=True)` makes, made several times as fast.

The trees have more than a hundred kinds of node. A dataclass compiles half a dozen methods for each of them
whenever Python starts, which costs a command more time than checking a policy does. Here only `__init__` is
compiled for each class, when its first record is made; the other methods are the same few functions for all.
To everybody else a record is a dataclass: `fields` and `replace` know it, `match` takes it apart, type
checkers see it as frozen, and assigning to it fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform, overload

Class = TypeVar("Class", bound=type)


@overload
def record(cls: Class, /) -> Class: ...
@overload
def record(*, kw_only: bool = False) -> Callable[[Class], Class]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type | None = None, /, *, kw_only: bool = False) -> Any:
    """Makes a class of annotated fields an immutable record; `kw_only` as for a dataclass."""
    if cls is None:
        return lambda cls: _made(cls, kw_only)
    return _made(cls, kw_only)


def _made(cls: type, kw_only: bool) -> Any:
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
    compared = [item.name for item in fields(made) if item.compare]
    made.__init__ = _constructed_later(made)
    made.__eq__, made.__hash__ = _equality(made, compared)
    made.__repr__ = _repr
    made.__setattr__ = made.__delattr__ = _refuse
    made.__getstate__, made.__setstate__ = _state, _restore
    return made


def _constructed_later(cls: Any) -> Any:
    """`__init__` that compiles the real one when it is first called: most commands make few of the kinds."""

    def first(self: Any, *given: Any, **named: Any) -> None:
        cls.__init__ = _constructor(cls)
        cls.__init__(self, *given, **named)

    return first


def _constructor(cls: type) -> Any:
    """`__init__` with a parameter for each field; it fills the slots directly, since assigning is refused."""
    positional = [item for item in fields(cls) if not item.kw_only]
    keywords = [item for item in fields(cls) if item.kw_only]
    parameters = [_parameter(item) for item in positional]
    parameters += ["*", *map(_parameter, keywords)] if keywords else []
    names: dict[str, Any] = {"_MISSING": MISSING}
    body = []
    for item in fields(cls):
        names[f"_set_{item.name}"] = getattr(cls, item.name).__set__
        names[f"_default_{item.name}"] = item.default
        value = item.name
        if item.default_factory is not MISSING:
            names[f"_make_{item.name}"] = item.default_factory
            value = f"_make_{item.name}() if {item.name} is _MISSING else {item.name}"
        body.append(f" _set_{item.name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()")
    exec(f"def __init__({', '.join(['self', *parameters])}):\n" + ("\n".join(body) or " pass"), names)
    return names["__init__"]


def _parameter(item: Field[Any]) -> str:
    if item.default_factory is not MISSING:
        return f"{item.name}=_MISSING"
    return item.name if item.default is MISSING else f"{item.name}=_default_{item.name}"


def _equality(cls: type, compared: list[str]) -> tuple[Any, Any]:
    """`==` and `hash` by the fields that take part in comparison."""
    values: Callable[[Any], Any] = attrgetter(*compared) if compared else lambda _: ()

    def equal(self: Any, other: Any) -> Any:
        if self is other:
            return True
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash((cls, values(self)))

    return equal, hashed


def _repr(self: Any) -> str:
    inside = ", ".join(f"{item.name}={getattr(self, item.name)!r}" for item in fields(self))
    return f"{type(self).__qualname__}({inside})"


def _refuse(self: Any, name: str, *_: object) -> None:
    raise FrozenInstanceError(f"`{name}` of a {type(self).__name__} cannot be changed")


def _state(self: Any) -> list[Any]:
    return [getattr(self, item.name) for item in fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for item, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, item.name, value)
