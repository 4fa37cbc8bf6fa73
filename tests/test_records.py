"""Records behave as frozen dataclasses do."""

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass, replace

import pytest

from dsl.records import record


@record(kw_only=True)
class Base:
    """What every shape has."""

    place: int = field(default=0, compare=False)


@record
class Circle(Base):
    """A record with a field of its own, positional, before the inherited one."""

    radius: int
    names: list[str] = field(default_factory=list)


@record
class Square:
    """The same field as the circle's: never equal to one."""

    radius: int


@record
class Empty:
    """No field at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainBase:
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PlainCircle(PlainBase):
    radius: int
    names: list[str] = field(default_factory=list)


def test_it_is_made_as_a_dataclass_is() -> None:
    circle, plain = Circle(3, ["a"], place=7), PlainCircle(3, ["a"], place=7)
    assert (circle.radius, circle.names, circle.place) == (plain.radius, plain.names, plain.place)
    assert repr(circle) == repr(plain).replace("PlainCircle", "Circle")
    assert Circle.__match_args__ == PlainCircle.__match_args__
    assert [item.name for item in fields(circle)] == [item.name for item in fields(plain)]
    assert is_dataclass(circle)
    assert not hasattr(circle, "__dict__")


def test_a_factory_makes_a_new_value_each_time() -> None:
    assert Circle(1).names == []
    assert Circle(1).names is not Circle(1).names


@pytest.mark.parametrize("arguments", [(), (1, [], 5), (1, [], 5, 6)])
def test_wrong_arguments_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        Circle(*arguments)  # type: ignore[arg-type]


def test_equality_and_hash_leave_out_what_is_not_compared() -> None:
    assert Square(3) == Square(3)
    assert Square(3) != Square(4)
    assert hash(Square(3)) == hash(Square(3))
    assert Circle(3, place=1) == Circle(3, place=2)
    assert Circle(3) != Square(3)  # type: ignore[comparison-overlap]
    assert Empty() == Empty()
    assert len({Empty(), Empty(), Square(1), Square(1), Square(2)}) == 3


def test_it_cannot_be_changed() -> None:
    square = Square(3)
    with pytest.raises(FrozenInstanceError):
        square.radius = 4  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del square.radius
    with pytest.raises(FrozenInstanceError):
        square.colour = "red"  # type: ignore[attr-defined]
    assert square.radius == 3


def test_replace_match_copy_and_pickle() -> None:
    circle = Circle(3, ["a"], place=7)
    assert replace(circle, radius=4) == Circle(4, ["a"])
    assert replace(circle, radius=4).place == 7
    match circle:
        case Circle(radius, names, place=place):
            assert (radius, names, place) == (3, ["a"], 7)
    assert copy.deepcopy(circle) == circle
    assert pickle.loads(pickle.dumps(circle)).place == 7
