"""Names: what a policy declares, and what a word means.

The first pass declares every name with its type before anything is lowered, so the order of a file does not
matter. There is one namespace; only the values of an enumeration, the tiers of a ladder and the outcomes of a
choice live under their owner. A declaration that cannot be understood is known but broken: whoever reads it
is not told a second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest
from typing import TypeVar

from dsl import ast
from dsl.checker.context import Context, Symbol, SymbolKind, key_of
from dsl.checker.declared_types import declared_type, literal_type
from dsl.checker.describe import list_slots
from dsl.checker.members import ladder_members, members_of_choice
from dsl.diagnostics import did_you_mean
from dsl.messages import names as messages
from dsl.types import NUMBER, Kind, Member, Type
from dsl.vocabulary import needs_ticks

Node = TypeVar("Node", bound=ast.Statement)

# A kind of declaration as it stands in a sentence, in both languages.
_SORTS: dict[SymbolKind, tuple[str, str]] = {
    "fact": ("a fact", "指标"),
    "param": ("a parameter", "参数"),
    "value": ("a value", "计算"),
    "score": ("a score", "评分"),
    "ladder": ("a ladder", "等级"),
    "choice": ("a segment or a choice", "分层或判定"),
    "tags": ("a set of tags", "标签"),
    "benefit": ("a benefit", "权益"),
}


# ---------------------------------------------------------------- declaring


def collect(ctx: Context, brought_in: Iterable[ast.FactDecl | ast.SetDecl] = ()) -> None:
    """Declares every name of the policy, and the facts and parameters that it uses from elsewhere."""
    for shared in brought_in:
        _declare_statement(ctx, shared)
    tiers = ladder_members(_of_type(ctx, ast.TiersDecl))
    for node in ctx.policy.statements:
        if isinstance(node, ast.TiersDecl):
            _declare_ladder(ctx, node, tiers.get(node.name.word.text))
        else:
            _declare_statement(ctx, node)
    # Benefits of a matrix come last: a row may stand for a benefit that is declared below it.
    for matrix in _of_type(ctx, ast.MatrixDecl):
        _declare_rows(ctx, matrix)
    _warn_of_negated_names(ctx)


def _of_type(ctx: Context, kind: type[Node]) -> list[Node]:
    return [node for node in ctx.policy.statements if isinstance(node, kind)]


def _declare_statement(ctx: Context, node: ast.AnyStatement) -> None:
    match node:
        case ast.FactDecl(name=name, type=type):
            found = declared_type(ctx, type, name)
            declare(ctx, "fact", name, node, found, broken=found is None)
        case ast.SetDecl(name=name, type=None):
            found = literal_type([node.value, *(line.value for line in node.lines)])
            declare(ctx, "param", name, node, found, broken=found is None)
        case ast.SetDecl(name=name, type=ast.TypeName() as type):
            found = declared_type(ctx, type, name)
            declare(ctx, "param", name, node, found, broken=found is None)
        case ast.ValueDecl(name=name, type=None):
            declare(ctx, "value", name, node, None)
        case ast.ValueDecl(name=name, type=ast.TypeName() as type):
            found = declared_type(ctx, type, name)
            declare(ctx, "value", name, node, found, broken=found is None)
        case ast.ScoreDecl(name=name):
            declare(ctx, "score", name, node, NUMBER)
        case ast.ChoiceDecl(name=name, kind=kind):
            outcomes = Type(Kind.ENUM, members=members_of_choice(node.body), owner=key_of(name))
            if kind == "TAGS":
                declare(ctx, "tags", name, node, Type(Kind.LIST, item=outcomes))
            else:
                declare(ctx, "choice", name, node, outcomes)
        case ast.BenefitDecl(name=name):
            declare(ctx, "benefit", name, node, None)
        case _:
            # The other statements declare nothing in this namespace.
            return


def _declare_ladder(ctx: Context, node: ast.TiersDecl, members: tuple[Member, ...] | None) -> None:
    type = Type(Kind.TIER, members=members, owner=key_of(node.name)) if members else None
    declare(ctx, "ladder", node.name, node, type, broken=type is None)


def _declare_rows(ctx: Context, node: ast.MatrixDecl) -> None:
    """The benefits that are declared by standing in a matrix."""
    refused: set[str] = set()
    for table in node.tables:
        places = [at for at, heading in enumerate(table.head) if heading.keyword == "BENEFIT_HEAD"]
        for row in table.rows if places else ():
            cell = row.cells[places[0]] if places[0] < len(row.cells) else None
            match cell:
                case ast.ListCell(items=(ast.Ref(word=word),), alias=alias) if word.text not in refused:
                    known = ctx.symbols.get(word.text)
                    if known is None or known.of != "benefit":
                        refused |= {word.text} if known else set()
                        declare(ctx, "benefit", ast.Declared(word, alias, span=cell.span), node, None)
                case _:
                    # No name at all: the pass that lowers the matrix reports it.
                    continue


def declare(
    ctx: Context,
    of: SymbolKind,
    name: ast.Declared,
    node: ast.AnyStatement,
    type: Type | None,
    *,
    broken: bool = False,
) -> None:
    """Makes a name and its alias known; a name that is taken is reported."""
    symbol = Symbol(of, name.word.text, key_of(name), node, name.word.span, type, broken)
    for word in (name.word, *([name.alias] if name.alias else [])):
        if not word.ticked and word.text.isidentifier() and needs_ticks(word.text):
            ctx.report.add(messages.KEYWORD_NAME, word.span, name=word.text)
        first = ctx.symbols.setdefault(word.text, symbol)
        if first is not symbol:
            ctx.report.add(messages.DECLARED_TWICE, word.span, also=(first.span,), name=word.text)
    for member in _members(type):
        for text in {member.name, member.key}:
            ctx.owners.setdefault(text, symbol)


def _members(type: Type | None) -> tuple[Member, ...]:
    if type is None:
        return ()
    return type.item.members if type.item else type.members


def _warn_of_negated_names(ctx: Context) -> None:
    """`非上市` beside a declared `上市`: a reader would take one for the opposite of the other."""
    for word, symbol in [*ctx.symbols.items(), *ctx.owners.items()]:
        rest = word.removeprefix("非")
        if rest and rest != word and (rest in ctx.symbols or rest in ctx.owners):
            ctx.report.add(messages.NEGATED_NAME, symbol.span, name=word, rest=rest)


# ---------------------------------------------------------------- looking up


def symbol_of(ctx: Context, word: ast.Word) -> Symbol | None:
    """What a name was declared as; reports a name that was not, with the nearest one."""
    symbol = ctx.symbols.get(word.text)
    if symbol is None:
        unknown_name(ctx, word)
    return symbol


def fact_of(ctx: Context, word: ast.Word) -> Symbol | None:
    """A declared fact; reports anything else. Its `type` is None when its declaration is broken."""
    return _symbol_of_sort(ctx, word, "fact")


def ladder_of(ctx: Context, word: ast.Word) -> Symbol | None:
    """A declared ladder; reports anything else. `symbol.type.members` are its tiers, `symbol.node` its
    `ast.TiersDecl`.
    """
    return _symbol_of_sort(ctx, word, "ladder")


def choice_of(ctx: Context, word: ast.Word) -> Symbol | None:
    """A declared segment or choice; reports anything else."""
    return _symbol_of_sort(ctx, word, "choice")


def benefit_of(ctx: Context, word: ast.Word) -> Symbol | None:
    """A benefit, declared or standing in a matrix; reports anything else."""
    return _symbol_of_sort(ctx, word, "benefit")


def member_of(ctx: Context, word: ast.Word, type: Type) -> Member | None:
    """The value, tier or outcome of `type` that a word names; reports a word that names none."""
    member = member_named(ctx, word.text, type)
    if member is None:
        unknown_member(ctx, word, type)
    return member


def member_named(ctx: Context, text: str, type: Type) -> Member | None:
    """The member of a type with that name or key, found without going through all of them each time."""
    if not type.owner:
        return type.member(text)
    index = ctx.members.get(type.owner)
    if index is None:
        index = ctx.members[type.owner] = {}
        for member in type.members:
            index.setdefault(member.name, member)
            index.setdefault(member.key, member)
    return index.get(text)


def _symbol_of_sort(ctx: Context, word: ast.Word, wanted: SymbolKind) -> Symbol | None:
    symbol = ctx.symbols.get(word.text)
    if symbol is None:
        unknown_name(ctx, word, [name for name, each in ctx.symbols.items() if each.of == wanted])
        return None
    if symbol.of != wanted:
        (found_en, found_zh), (wanted_en, wanted_zh) = _SORTS[symbol.of], _SORTS[wanted]
        ctx.report.add(
            messages.WRONG_SORT,
            word.span,
            name=word.text,
            found_en=found_en,
            found_zh=found_zh,
            wanted_en=wanted_en,
            wanted_zh=wanted_zh,
        )
        return None
    return symbol


def unknown_name(ctx: Context, word: ast.Word, known: Iterable[str] | None = None) -> None:
    """Reports a name that nothing declares, with the nearest of `known` (all names), or with the owner of
    such a value.
    """
    if ctx.names_missing or word.text in ctx.unread_words:
        return
    hint = _belongs_to(ctx, word.text) or nearest(ctx, word.text, ctx.symbols if known is None else known)
    ctx.report.add(messages.NOT_DECLARED, word.span, hint=hint, name=word.text)


def unknown_member(ctx: Context, word: ast.Word, type: Type) -> None:
    """Reports a word that is no value of the type that it stands beside."""
    if word.text in ctx.unread_words:
        return
    values = [member.name for member in type.members]
    ctx.report.add(
        messages.NOT_A_MEMBER,
        word.span,
        hint=nearest(ctx, word.text, values),
        name=word.text,
        owner=type.owner,
        **list_slots(values=values),
    )


def _belongs_to(ctx: Context, text: str) -> tuple[str, str] | None:
    owner = ctx.owners.get(text)
    if owner is None:
        return None
    verb, verb_zh = ("contains", "包含") if owner.type and owner.type.item else ("is", "为")
    return (
        f"`{text}` is a value of `{owner.name}`: write `{owner.name} {verb} {text}`",
        f"`{text}` 是 `{owner.name}` 的取值：请写 `{owner.name} {verb_zh} {text}`",
    )


def nearest(ctx: Context, text: str, known: Iterable[str]) -> tuple[str, str] | None:
    """`did you mean`, for the first hundred problems: looking among thousands takes time."""
    if ctx.hints <= 0:
        return None
    ctx.hints -= 1
    words = list(known)
    folded = text.casefold()
    same = next((word for word in words if word.casefold() == folded), None)
    return did_you_mean(text, _alike(text, words) if same is None else [same]) if same != text else None


def _alike(text: str, words: list[str]) -> list[str]:
    """The few of many words that are worth a closer look: about as long, and of the same letters."""
    letters, length = set(text), len(text)
    return nlargest(40, words, key=lambda word: len(letters.intersection(word)) - abs(len(word) - length))
