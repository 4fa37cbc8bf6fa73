"""Expressions of the checked model -> Python expressions.

A condition becomes one that gives True, False or, where something in it may be unknown, None. What cannot be
unknown costs no test: `a and b` of two decided conditions is Python's own `and`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Literal, assert_never

from dsl.model import (
    Arith,
    Compare,
    Const,
    Contains,
    DateMath,
    Expr,
    IsUnknown,
    Logic,
    Not,
    OneOf,
    Read,
    Round,
    Today,
)
from dsl.types import Kind, Type
from engine.compiled.draft import Draft, Fragment, Sort

# Beyond this a part is given a name: Python's parser takes about a hundred brackets inside each other.
DEEPEST = 20
PYTHON = {"=": "==", "<>": "!="}

Texts = Sequence[str]


def expression(draft: Draft, expr: Expr) -> Fragment:
    """The Python for an expression."""
    made = _expression(draft, expr)
    return draft.kept(made) if made.depth > DEEPEST else made


def _expression(draft: Draft, expr: Expr) -> Fragment:
    match expr:
        case Const():
            return draft.literal(expr.value)
        case Read():
            return draft.read(expr)
        case Today():
            return Fragment("day", simple=True)
        case Arith():
            return arithmetic(draft, expr.op, [expression(draft, arg) for arg in expr.args])
        case Round():
            return _rounded(draft, expr)
        case DateMath():
            return _date_math(draft, expr, [expression(draft, arg) for arg in expr.args])
        case Compare() | Logic() | Not() | OneOf() | Contains() | IsUnknown():
            return _condition(draft, expr)
        case _:
            assert_never(expr)


def _condition(draft: Draft, expr: Compare | Logic | Not | OneOf | Contains | IsUnknown) -> Fragment:
    match expr:
        case Compare():
            left, right = expression(draft, expr.left), expression(draft, expr.right)
            return compared(draft, expr.op, left, right, expr.left.type)
        case Logic():
            return joined(draft, expr.op, [expression(draft, arg) for arg in expr.args])
        case Not():
            return negated(draft, expression(draft, expr.inner))
        case OneOf():
            items = [expression(draft, item) for item in expr.items]
            return one_of(draft, expression(draft, expr.inner), items, expr.inner.type)
        case Contains():
            sides = [expression(draft, expr.item), expression(draft, expr.inner)]
            return lifted(draft, sides, lambda texts: f"({texts[0]} in {texts[1]})")
        case IsUnknown():
            inner = expression(draft, expr.inner)
            return Fragment(f"({inner.text} is None)", depth=inner.depth + 1) if inner.optional else FALSE
        case _:
            assert_never(expr)


def _rounded(draft: Draft, expr: Round) -> Fragment:
    inner = [expression(draft, expr.inner)]

    def rounded(texts: Texts) -> str:
        return f"round_to({texts[0]}, {expr.places})"

    return lifted(draft, inner, rounded, "number", plain=True, whole=not expr.places)


FALSE = Fragment("False", simple=True, value=False)


def lifted(
    draft: Draft,
    args: Sequence[Fragment],
    make: Callable[[Texts], str],
    sort: Sort = "other",
    *,
    whole: bool = False,
    plain: bool = False,
) -> Fragment:
    """What `make` writes of the arguments' texts; None where one of them is. Whole numbers are plain always."""
    tests, texts = [], []
    for arg in args:
        test, text = tested(draft, arg)
        tests += [f"{test} is None"] if arg.optional else []
        texts.append(text)
    text = make(texts)
    if tests:
        text = f"(None if {' or '.join(tests)} else {text})"
    whole = whole or sort == "int"
    return Fragment(text, sort, bool(tests), whole, plain or whole, depth=_deeper(args))


def _deeper(args: Sequence[Fragment]) -> int:
    return 1 + max((arg.depth for arg in args), default=0)


def tested(draft: Draft, arg: Fragment) -> tuple[str, str]:
    """How something is looked at first, and how it is named after that."""
    if arg.simple or not arg.optional:
        return arg.text, arg.text
    name = draft.fresh()
    return f"({name} := {arg.text})", name


# ---------------------------------------------------------------- conditions


def joined(draft: Draft, op: Literal["and", "or"], conditions: Sequence[Fragment]) -> Fragment:
    """Kleene `and`, `or`: first what cannot be unknown, which Python joins by itself."""
    if len(conditions) == 1:
        return conditions[0]
    if not conditions:
        return Fragment(str(op == "and"), simple=True)
    parts = [each.text for each in conditions if not each.optional]
    open_ = [each for each in conditions if each.optional]
    if open_:
        parts.append(open_[0].text if len(open_) == 1 else _kleene(draft, op, open_))
    text = f"({f' {op} '.join(parts)})"
    return Fragment(text, optional=bool(open_), depth=_deeper(conditions))


def _kleene(draft: Draft, op: str, conditions: Sequence[Fragment]) -> str:
    """One that settles it; else unknown when one is; else the other value."""
    settles, other = ("False", "True") if op == "and" else ("True", "False")
    looked = [tested(draft, each) for each in conditions]
    settled = " or ".join(f"{test} is {settles}" for test, _ in looked)
    unknown = " or ".join(f"{name} is None" for _, name in looked)
    return f"({settles} if {settled} else None if {unknown} else {other})"


def negated(draft: Draft, condition: Fragment) -> Fragment:
    """The opposite; of unknown, unknown."""
    return lifted(draft, [condition], lambda texts: f"(not {texts[0]})")


def compared(draft: Draft, op: str, left: Fragment, right: Fragment, type: Type) -> Fragment:
    """A comparison. A better tier is the greater one."""
    sign = PYTHON.get(op, op)
    if type.kind is Kind.TIER and op not in PYTHON:
        places = draft.constant({member.key: -place for place, member in enumerate(type.members)})
        return lifted(
            draft, [left, right], lambda texts: f"({places}[{texts[0]}] {sign} {places}[{texts[1]}])"
        )
    sides = _comparable(draft, [left, right])
    return lifted(draft, sides, lambda texts: f"({texts[0]} {sign} {texts[1]})")


def one_of(draft: Draft, inner: Fragment, items: Sequence[Fragment], type: Type) -> Fragment:
    """`in`: at once among constants, else a comparison with each."""
    values = [item.value for item in items]
    if not items:
        return FALSE
    if len(items) > 1 and inner.sort != "fraction" and all(value is not None for value in values):
        among = draft.constant(frozenset(values))
        return lifted(draft, [inner], lambda texts: f"({texts[0]} in {among})")
    inner = draft.kept(inner)
    return joined(draft, "or", [compared(draft, "=", inner, item, type) for item in items])


# ---------------------------------------------------------------- sorts of numbers


def _comparable(draft: Draft, sides: Sequence[Fragment]) -> list[Fragment]:
    """Both as fractions where one is; beside one of Python's whole numbers, a whole constant as another."""
    if any(side.sort == "int" for side in sides):
        sides = [as_int(draft, side) if side.whole and side.value is not None else side for side in sides]
    return _alike(draft, sides)


def _alike(draft: Draft, args: Sequence[Fragment]) -> list[Fragment]:
    """All as fractions where one of them is a fraction."""
    if all(arg.sort != "fraction" for arg in args):
        return list(args)
    return [as_fraction(draft, arg) for arg in args]


def as_fraction(draft: Draft, arg: Fragment) -> Fragment:
    """A number as a fraction."""
    if arg.sort == "fraction":
        return arg
    if isinstance(arg.value, Decimal):
        return Fragment(draft.constant(Fraction(arg.value)), "fraction", simple=True)
    return lifted(draft, [arg], lambda texts: f"Fraction({texts[0]})", "fraction")


def as_int(draft: Draft, arg: Fragment) -> Fragment:
    """A number that is whole as one of Python's."""
    if arg.sort == "int":
        return arg
    if isinstance(arg.value, Decimal):
        text = draft.constant(int(arg.value))
        return Fragment(text, "int", whole=True, plain=True, simple=True, value=arg.value)
    return lifted(draft, [arg], lambda texts: f"int({texts[0]})", "int")


def as_decimal(draft: Draft, arg: Fragment) -> Fragment:
    """A number as a decimal, exactly; a fraction that never ends is the reference's to tell."""
    if arg.sort == "number":
        return arg
    if isinstance(arg.value, Decimal):
        return draft.literal(arg.value)
    name = "decimal_of" if arg.sort == "int" else "ended"
    return lifted(draft, [arg], lambda texts: f"{name}({texts[0]})", "number", whole=arg.whole, plain=True)


def of_one_sort(draft: Draft, args: Sequence[Fragment]) -> list[Fragment]:
    """Numbers of one sort, so that any of them may be the one that is taken; anything else as it is."""
    sorts = {arg.sort for arg in args}
    if len(sorts) == 1:
        return list(args)
    if "fraction" in sorts:
        return [as_fraction(draft, arg) for arg in args]
    whole = all(arg.whole for arg in args)
    return [(as_int if whole else as_decimal)(draft, arg) for arg in args]


# ---------------------------------------------------------------- calculations


def arithmetic(draft: Draft, op: str, args: Sequence[Fragment]) -> Fragment:
    """A calculation with numbers (or the least or greatest of dates)."""
    if op == "/":
        return lifted(draft, args, lambda texts: f"quotient({texts[0]}, {texts[1]})", "fraction")
    if op == "^":
        exponent = args[1].value
        assert isinstance(exponent, Decimal), "the checker takes constant exponents only"
        base = as_fraction(draft, args[0])
        return lifted(draft, [base], lambda texts: f"({texts[0]} ** {int(exponent)})", "fraction")
    if op in ("min", "max"):
        args = [draft.kept(arg) for arg in of_one_sort(draft, args)]
        plain, whole = all(arg.plain for arg in args), all(arg.whole for arg in args)
        return lifted(draft, args, partial(_calculated, op), args[0].sort, whole=whole, plain=plain)
    if all(arg.whole for arg in args):
        return lifted(draft, [as_int(draft, arg) for arg in args], partial(_calculated, op), "int")
    args = _alike(draft, args)
    draft.exact = draft.exact or args[0].sort != "fraction"
    # A product of decimals may be a negative zero: it is not plain, and becomes so before it is shown.
    sort: Sort = "fraction" if args[0].sort == "fraction" else "number"
    return lifted(draft, args, partial(_calculated, op), sort)


def _calculated(op: str, texts: Texts) -> str:
    match op:
        case "+" | "-":
            return f"({f' {op} '.join(texts)})"
        case "neg":
            return f"(-{texts[0]})"
        case "*":
            return f"({' * '.join(texts)})"
        case "min" | "max" if len(texts) == 2:
            sign = "<" if op == "min" else ">"
            return f"({texts[0]} if {texts[0]} {sign} {texts[1]} else {texts[1]})"
        case "min" | "max":
            return f"{op}({', '.join(texts)})"
        case _:
            raise ValueError(f"there is no operator {op}")


def _date_math(draft: Draft, expr: DateMath, args: Sequence[Fragment]) -> Fragment:
    match expr.op:
        case "add_days":
            args = [args[0], as_fraction(draft, args[1])]
            sign = "-" if expr.sign < 0 else ""
            return lifted(draft, args, lambda texts: f"add_seconds({texts[0]}, {sign}{texts[1]})")
        case "add_months":
            sign = "-" if expr.sign < 0 else ""
            return lifted(draft, args, lambda texts: f"add_months({texts[0]}, {sign}int({texts[1]}))")
        case "start" | "end":
            return lifted(draft, args, lambda texts: f"{expr.op}_of({texts[0]}, {draft.constant(expr.unit)})")
        case "year":
            return _whole(draft, args, lambda texts: f"{texts[0]}.year")
        case "since":
            unit = draft.constant(expr.unit)
            return _whole(draft, args, lambda texts: f"since({texts[0]}, day, {unit})")
        case "between":
            return _whole(draft, args, lambda texts: f"days_between({texts[0]}, {texts[1]}).numerator")
        case _:
            assert_never(expr.op)


def _whole(draft: Draft, args: Sequence[Fragment], make: Callable[[Texts], str]) -> Fragment:
    return lifted(draft, args, make, "int")
