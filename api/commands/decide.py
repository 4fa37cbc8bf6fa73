"""`tierwise decide`: one customer, or a file of them, graded by a policy."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import click

from api.terminal import (
    FILE,
    POLICY,
    Progress,
    Speaking,
    Stop,
    coloured,
    day_option,
    lang_option,
    tell,
    write,
)
from dsl.diagnostics import Lang

if TYPE_CHECKING:
    from api.messages import Kind
    from api.readers_rows import Customers, Row
    from dsl.model import CheckedPolicy
    from engine.decision import Decision
    from engine.facts import FactsError
    from engine.facts_problems import FactProblem
    from engine.movement.outcomes import States
    from engine.movement.states import Override

Explain = Literal["none", "reasons", "full"]

# So many refused rows are named on standard error; every one of them has its line in the answer.
MOST_COMPLAINTS = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every customer."""

    policy: CheckedPolicy
    as_of: date
    lang: Lang
    engine: str
    explain: Explain
    at: str | None
    states: States | None = None
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A row and what came of it: a decision, or what is wrong with the row, in the shapes of the contract."""

    row: Row
    content: Mapping[str, object]
    complaints: tuple[str, ...] = ()


@click.command("decide", cls=Speaking)
@click.argument("policy", type=POLICY)
@click.option(
    "--facts", "facts", type=FILE, metavar="FILE", help="JSON, NDJSON or CSV; - reads standard input."
)
@click.option(
    "--state",
    type=FILE,
    metavar="FILE",
    help="Where the customer stands: the `state` of the answer before, or {}. Asks for movement.",
)
@click.option(
    "--override", type=FILE, metavar="FILE", help="What somebody decides by hand from now on; needs --state."
)
@click.option("--history", type=FILE, metavar="FILE", help="A customer through time, in place of --facts.")
@day_option("--as-of", help="The date that is asked about. [default: today where the policy is]")
@day_option("--known-at", help="Of a policy of the store: only versions published by the end of this day.")
@lang_option("Language of labels and messages.")
@click.option("--engine", metavar="NAME", help="Which engine decides; all decide alike.")
@click.option(
    "--explain",
    type=click.Choice(["none", "reasons", "full"]),
    default="reasons",
    show_default=True,
    help="How much is explained; full says why no better tier was reached.",
)
@click.option("--at", metavar="STAGE", help="List the benefits of this stage, or of all.")
@click.option(
    "--keep", multiple=True, metavar="COLUMN", help="Carry a column over into the answers; repeatable."
)
@click.option(
    "--table/--json",
    "table",
    default=None,
    help="A table for people, or JSON. [default: a table on a terminal]",
)
@click.pass_context
def command(
    ctx: click.Context,
    policy: str,
    facts: str | None,
    state: str | None,
    override: str | None,
    history: str | None,
    as_of: date | None,
    known_at: date | None,
    lang: Lang,
    engine: str | None,
    explain: Explain,
    at: str | None,
    keep: tuple[str, ...],
    table: bool | None,
) -> None:
    """Grade customers: the tier, the benefits, and why.

    POLICY is a .tier file, or one of the store: NAME (the version in force), NAME@3 or NAME@sha256:... One JSON object
    gives one decision; a JSON array, NDJSON or CSV gives a line for each customer. A row that cannot be read is
    reported in its place, and the command ends with 1.

    With --state the tiers move as the policy's movement says: the answer has the tier held, why, what comes,
    and the state for the next time. A history is [{"on": DATE, "facts": {...}, "override"?: {...}}, ...], or an
    object a line: facts stay until others come, null forgets; the answer is a line a date.

    \b
    Examples:
      tierwise decide b2b_grading.tier --facts customer.json
      tierwise decide b2b_grading.tier --facts customers.csv --as-of 2026-12-31 --table
      tierwise decide b2b_grading@2 --facts customer.json
      echo '{"order_amount": 500000}' | tierwise decide b2b_grading.tier --facts - --explain full
      tierwise decide b2b_grading.tier --facts customer.json --state state.json
      tierwise decide b2b_grading.tier --history customer_history.json --table
    """
    _fit_together(facts, state, override, history, as_of, keep)
    checked = _policy(policy, lang, as_of, known_at)
    for_people = sys.stdout.isatty() if table is None else table
    if history is not None:
        _history(history, checked, lang, _engine(engine), explain, at, state, for_people)
        return
    assert facts is not None, "else something did not fit together"
    question = _question(checked, _day(as_of, checked), lang, _engine(engine), explain, at, state, override)
    ctx.exit(1 if _graded(facts, question, keep, for_people) else 0)


# ---------------------------------------------------------------- the question


def _fit_together(
    facts: str | None,
    state: str | None,
    override: str | None,
    history: str | None,
    as_of: date | None,
    keep: tuple[str, ...],
) -> None:
    """Sees to it that the options make one question. Raises `Stop`."""
    if (facts is None) == (history is None):
        raise Stop(
            "give either --facts FILE, for one day, or --history FILE, for a customer through time",
            "请给出 --facts FILE（某一日），或 --history FILE（历史过程），二者取一",
        )
    given = (("--as-of", as_of is not None), ("--override", override is not None), ("--keep", bool(keep)))
    extra = next((name for name, there in given if there), None)
    if history is not None and extra is not None:
        raise Stop(
            f"{extra} does not go with --history, whose entries have dates, facts and overrides of their own",
            f"{extra} 不能与 --history 同用：历史记录中的每一条自带日期、指标和人工干预",
        )
    if override is not None and state is None:
        raise Stop(
            "--override is laid over a state: give --state FILE as well, `{}` in it where there is none yet",
            "--override 需与 --state FILE 一同给出；尚无状态时，文件中写 `{}`",
        )
    if [facts, state, override, history].count("-") > 1:
        raise Stop("only one file can be read from standard input", "标准输入只能读取一个文件")


def _question(
    policy: CheckedPolicy,
    day: date,
    lang: Lang,
    engine: str,
    explain: Explain,
    at: str | None,
    state: str | None,
    override: str | None,
) -> Question:
    """What is asked of every customer, with the state and the override out of their files."""
    if state is None:
        return Question(policy, day, lang, engine, explain, at)
    from api.over_time import override_in, states_in

    new = None if override is None else override_in(override, policy, day)
    return Question(policy, day, lang, engine, explain, at, states_in(state, policy), new)


def _policy(reference: str, lang: Lang, as_of: date | None, known_at: date | None) -> CheckedPolicy:
    """The policy; where it has errors they are shown, and that is the end."""
    from api.policy_argument import policy_of

    why = f"`{reference}` has errors, so nobody is graded by it", f"`{reference}` 有错误，无法据此分级"
    return policy_of(reference, lang, why, as_of, known_at)


def _day(day: date | None, policy: CheckedPolicy) -> date:
    if day is not None:
        return day
    from api.clock import today

    try:
        return today(policy)
    except (OSError, ValueError, LookupError) as error:
        raise Stop(
            f"there is no timezone `{policy.timezone}`; write one such as `Asia/Shanghai`, or use --as-of",
            f"没有时区 `{policy.timezone}`，请写成 `Asia/Shanghai` 这样，或使用 --as-of",
        ) from error


def _engine(name: str | None) -> str:
    from engine.engines import DEFAULT_ENGINE, ENGINES

    if name is None:
        return DEFAULT_ENGINE
    if name not in ENGINES:
        known = ", ".join(f"`{word}`" for word in ENGINES)
        raise Stop(f"there is no engine `{name}`; there is {known}", f"没有引擎 `{name}`，可用：{known}")
    return name


# ---------------------------------------------------------------- the answers


def _graded(path: str, question: Question, keep: tuple[str, ...], for_people: bool) -> bool:
    """Grades the customers of a file, and says whether a row was refused. Raises `Stop`."""
    from api.readers import read_customers

    lang = question.lang
    with read_customers(path, question.policy, keep) as customers:
        for note in customers.notes:
            tell(f"tierwise: {note[0]}", f"tierwise：{note[1]}", lang)
        if question.states is not None and not customers.single:
            raise Stop(
                f"--state is of one customer, and {path} may hold several; decide each with its own",
                f"--state 只属于一位客户，而 {path} 可能有多位；请逐位判定",
            )
        answers = _told(_answers(customers, question), customers, lang)
        if for_people:
            return _show(answers, customers.single, question, keep)
        return _write(answers, at_once=path == "-")


def _answers(customers: Customers, question: Question) -> Iterator[Answer]:
    from api.answers import answer
    from engine.engines import decide
    from engine.facts import FactsError, read_facts, read_row

    for row in customers.rows:
        if row.problem is not None:
            yield _unreadable(row, question.lang)
            continue
        try:
            texts = {name: str(cell) for name, cell in row.facts.items()}
            facts = read_row(question.policy, texts) if row.cells else read_facts(question.policy, row.facts)
            decision = decide(
                question.policy,
                facts,
                as_of=question.as_of,
                lang=question.lang,
                engine=question.engine,
                explain=question.explain,
                at=question.at,
                customer=row.customer,
                states=question.states,
                override=question.override,
            )
        except FactsError as error:
            yield _refused(row, error, question.lang)
            continue
        kept = {"kept": dict(row.kept)} if row.kept else {}
        yield Answer(row, {**answer(decision), **kept})


def _unreadable(row: Row, lang: Lang) -> Answer:
    from api.messages import INVALID, INVALID_JSON

    assert row.problem is not None
    kind = INVALID_JSON if row.problem.json else INVALID
    return Answer(row, _error_line(row, kind, row.problem.problems, lang), row.problem.messages(lang))


def _refused(row: Row, error: FactsError, lang: Lang) -> Answer:
    from api.messages import INVALID
    from api.readers_rows import told

    complaints = tuple(told(item, lang) for item in error.problems)
    return Answer(row, _error_line(row, INVALID, error.problems, lang), complaints)


def _error_line(row: Row, kind: Kind, problems: tuple[FactProblem, ...], lang: Lang) -> dict[str, object]:
    """What stands in place of a decision: the same problem document as in an answer of the service."""
    from api.errors import Problem, of_facts, unreadable
    from api.messages import INVALID_JSON
    from engine.facts import FactsError

    error = FactsError(problems)
    found = unreadable(error) if kind is INVALID_JSON else Problem(kind, errors=of_facts(error))
    line: dict[str, object] = {"error": found.document(lang), "row": row.number, "customer": row.customer}
    return {**line, "kept": dict(row.kept)} if row.kept else line


def _history(
    path: str,
    policy: CheckedPolicy,
    lang: Lang,
    engine: str,
    explain: Explain,
    at: str | None,
    state: str | None,
    for_people: bool,
) -> None:
    """A customer through time: a line of JSON for each date, or a table."""
    from api.over_time import history_in, states_in
    from engine.facts import FactsError, read_facts
    from engine.history import decisions

    states = None if state is None else states_in(state, policy)
    entries = history_in(path, policy)
    found = decisions(
        policy,
        entries,
        lambda known: read_facts(policy, known),
        lang=lang,
        engine=engine,
        explain=explain,
        at=at,
        states=states,
    )
    try:
        if for_people:
            from api.timeline import timeline

            write(timeline(found, policy, lang, coloured(sys.stdout)))
        else:
            _write_dates(found, at_once=path == "-")
    except FactsError as error:
        raise Stop(error.message("en"), error.message("zh")) from error


def _write_dates(found: Iterator[Decision], *, at_once: bool) -> None:
    """A line a date: what movement did first, then the rest of the decision."""
    from api.answers import answer
    from engine.decision import dumps

    for decision in found:
        content = answer(decision)
        first = {"on": content["as_of"]}
        first |= {key: content[key] for key in ("held", "computed", "transitions", "state", "movement")}
        write(dumps(first | content) + "\n", at_once=at_once)


# ---------------------------------------------------------------- telling them


def _told(answers: Iterator[Answer], customers: Customers, lang: Lang) -> Iterator[Answer]:
    """The answers, while complaints and progress go to standard error."""
    progress = Progress(customers.size)
    count = complained = 0
    for count, each in enumerate(answers, 1):
        if each.complaints:
            complained += 1
            if complained <= MOST_COMPLAINTS:
                progress.clear()
                _complain(each, customers.single, lang)
        yield each
        progress.show(count, customers.position)
    progress.clear()
    if complained > MOST_COMPLAINTS:
        more = complained - MOST_COMPLAINTS
        rows = "row" if more == 1 else "rows"
        tell(
            f"tierwise: and {more} more {rows} that cannot be read", f"tierwise：另有 {more} 行无法读取", lang
        )
    if complained and not customers.single:
        rows = "row" if complained == 1 else "rows"
        tell(
            f"tierwise: {count - complained} of {count} customers graded, {complained} {rows} cannot be read",
            f"tierwise：{count} 位客户中 {count - complained} 位已分级，{complained} 行无法读取",
            lang,
        )


def _complain(each: Answer, single: bool, lang: Lang) -> None:
    name = each.row.customer
    who = (f" ({name})", f"（{name}）") if name else ("", "")
    place = ("", "") if single else (f"row {each.row.number}{who[0]}: ", f"第 {each.row.number} 行{who[1]}：")
    for complaint in each.complaints:
        tell(f"tierwise: {place[0]}{complaint}", f"tierwise：{place[1]}{complaint}", lang)


def _write(answers: Iterator[Answer], *, at_once: bool) -> bool:
    """A line of JSON each; says whether a row was refused."""
    from engine.decision import dumps

    refused = False
    for each in answers:
        write(dumps(each.content) + "\n", at_once=at_once)
        refused = refused or bool(each.complaints)
    return refused


def _show(answers: Iterator[Answer], single: bool, question: Question, keep: tuple[str, ...]) -> bool:
    """A report of one decision, or a table of many; says whether a row was refused."""
    from api.report import Table, report

    if single:
        only = next(answers)
        next(answers, None)  # so that what remains to be told is told
        if not only.complaints:
            write(report(only.content, question.policy, question.lang, coloured(sys.stdout)))
        return bool(only.complaints)
    table = Table(question.policy, question.lang, keep)
    refused = False
    for each in answers:
        table.add(each.row, each.content)
        refused = refused or bool(each.complaints)
    write(table.text(coloured(sys.stdout)))
    return refused
