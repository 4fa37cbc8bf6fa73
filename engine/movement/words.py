"""What movement does, in sentences: what happened, why a customer holds what he holds, and what comes.

Each sentence stands once here, in both languages. What goes into them (names of tiers, days, thresholds) is
ready text by then; which of them is said, `told`, `why` and `coming` beside it decide.
"""

from __future__ import annotations

from datetime import date

from dsl.diagnostics import Lang
from dsl.keywords import spelling
from dsl.model import Lapse
from engine.movement.states import OverrideKind


def pick(lang: Lang, en: str, zh: str) -> str:
    """The one of two sentences that belongs to a language."""
    return en if lang == "en" else zh


def joined(parts: list[str], lang: Lang) -> str:
    """Several sentences as one."""
    return pick(lang, "; ", "；").join(parts)


def lapse_words(lapse: Lapse, lang: Lang) -> str:
    """A length of time: `6 months`, `30天`."""
    counted = ((lapse.months, "MONTHS", "month"), (lapse.days, "DAYS", "day"))
    if lang == "zh":
        return "零".join(f"{count}{spelling(unit, lang)}" for count, unit, _ in counted if count)
    return " and ".join(
        f"{count} {one if count == 1 else spelling(unit, lang)}" for count, unit, one in counted if count
    )


# ---------------------------------------------------------------- what happened


def entered(tier: str, lang: Lang) -> str:
    return pick(lang, f"enters at {tier}", f"首次定级为 {tier}")


def went_up(before: str, after: str, lang: Lang) -> str:
    return pick(lang, f"moves up from {before} to {after}", f"由 {before} 升为 {after}")


def went_down(before: str, after: str, why: str | None, lang: Lang) -> str:
    """`why` is the label of what dropped the customer at once, where it has one."""
    plain = pick(lang, f"moves down from {before} to {after}", f"由 {before} 降为 {after}")
    return plain if why is None else pick(lang, f"{plain}: {why}", f"{plain}：{why}")


def beneath_an_override(text: str, lang: Lang) -> str:
    """A move that the rules made while somebody held another tier by hand."""
    return pick(lang, f"{text} (beneath an override)", f"{text}（在人工干预之下）")


def left(tier: str, lang: Lang) -> str:
    return pick(lang, f"leaves {tier}: not graded any more", f"不再分级，不再是 {tier}")


def announced(to: str, due: date | None, promised: bool, lang: Lang) -> str:
    """A move down that is decided; `promised` where the policy gives notice of it."""
    if promised:
        return pick(lang, f"notice is given: {to} from {due}", f"已通知：自 {due} 起降为 {to}")
    return pick(lang, f"is to move down to {to} on {due}", f"将于 {due} 降为 {to}")


def withdrawn(to: str | None, promised: bool, lang: Lang) -> str:
    """A move down that is not made; `to` is where it would have led, where that is known."""
    there, zh_there = ("", "") if to is None else (f" to {to}", f"为 {to} ")
    if promised:
        return pick(lang, f"the notice of moving down{there} is withdrawn", f"撤回降{zh_there or '级'}的通知")
    return pick(lang, f"does not move down{there} after all", f"不再降{zh_there.strip() or '级'}")


def renewed(tier: str, through: date | None, lang: Lang) -> str:
    """Through which day a tier is valid, now or anew."""
    return pick(lang, f"{tier} is valid until {through}", f"{tier} 有效期至 {through}")


def postponed(why: str, lang: Lang) -> str:
    return pick(lang, f"the review is postponed: {why}", f"复核推迟：{why}")


def overridden(kind: OverrideKind, tier: str | None, told: str, lang: Lang) -> str:
    """An override, with who decided it and until when in `told`."""
    at, zh_at = (tier or "where they are", tier or "原等级")
    match kind:
        case "set":
            return pick(lang, f"set to {at} {told}", f"人工定为 {zh_at}，{told}")
        case "floor":
            return pick(lang, f"not below {at} {told}", f"人工保底 {zh_at}，{told}")
        case "freeze":
            return pick(lang, f"frozen at {at} {told}", f"人工冻结在 {zh_at}，{told}")
        case "retain":
            return pick(lang, f"at least {at} is retained {told}", f"人工至少保留 {zh_at}，{told}")


def decided_by(author: str, end: date, reason: str, lang: Lang) -> str:
    """Who decided an override, until when, and why."""
    return pick(lang, f"until {end} by {author}: {reason}", f"至 {end} 止，由 {author} 决定：{reason}")


def override_over(change: tuple[str, str] | None, lang: Lang) -> str:
    """An override that is over; `change` is the tier held before and after, where it is another."""
    if change is None:
        return pick(lang, "the override is over", "人工干预到期")
    before, after = change
    return pick(
        lang,
        f"the override is over: from {before} to {after}",
        f"人工干预到期，由 {before} 变为 {after}",
    )


# ---------------------------------------------------------------- why


def not_known(names: list[str], lang: Lang) -> str:
    """What is not known; without a name, that it is undecided."""
    listed = pick(lang, ", ", "、").join(f"`{name}`" for name in names)
    return (
        pick(lang, f"not known: {listed}", f"{listed} 未知")
        if names
        else pick(lang, "undecided", "尚不能确定")
    )


def keeps(tier: str, why: str, lang: Lang, until: date | None = None) -> str:
    """`keeps B until 2027-01-31: tier kept at least 6 months`; `until` is the day before the next move, where one comes."""
    if until is None:
        return pick(lang, f"keeps {tier}: {why}", f"保留 {tier}：{why}")
    return pick(lang, f"keeps {tier} until {until}: {why}", f"{tier} 保留至 {until}：{why}")


def keeps_unknown(tier: str, names: list[str], lang: Lang) -> str:
    """Somebody keeps a tier while it is not known what he would have."""
    return pick(
        lang, f"keeps {tier} while {not_known(names, 'en')}", f"{not_known(names, 'zh')}，暂保留 {tier}"
    )


def keeps_to_review(tier: str, on: date, why: str, lang: Lang) -> str:
    """`keeps B until the review of 2026-12-31: missed 1 of 2 reviews in a row`; `why` may be empty."""
    plain = pick(lang, f"keeps {tier} until the review of {on}", f"{tier} 保留至 {on} 的复核")
    return pick(lang, f"{plain}: {why}", f"{plain}：{why}") if why else plain


def only_at_review(lang: Lang) -> str:
    return pick(lang, "moves at a review only", "只在复核时升降")


def held_while(label: str, lang: Lang) -> str:
    return pick(lang, f"held while {label}", f"因“{label}”暂停升降")


def frozen_until(end: date | None, label: str | None, lang: Lang, *, masked: bool) -> str:
    """A freeze, until a day that is known or not, or that is not to be told."""
    if masked:
        until = pick(lang, "until a day that is masked", "至已脱敏的日期")
    elif end is None:
        until = pick(lang, "until a day that is not known", "至未知日期")
    else:
        until = pick(lang, f"until {end}", f"至 {end}")
    told = "" if label is None else pick(lang, f": {label}", f"：{label}")
    return pick(lang, f"frozen {until}{told}", f"冻结{until}{told}")


def enough_to_keep(score: str | None, tier: str, threshold: str | None, over: bool, lang: Lang) -> str:
    """`56 is enough to keep B (from 55)`; without figures where they are masked."""
    if score is None or threshold is None:
        return pick(lang, f"enough to keep {tier}", f"达到保留 {tier} 的条件")
    asked, asked_zh = (
        (f"over {threshold}", f"超过 {threshold}") if over else (f"from {threshold}", f"{threshold} 起")
    )
    return pick(lang, f"{score} is enough to keep {tier} ({asked})", f"{score} 足以保留 {tier}（{asked_zh}）")


def at_least(length: Lapse, lang: Lang) -> str:
    told = lapse_words(length, lang)
    return pick(lang, f"tier kept at least {told}", f"等级至少保留 {told}")


def notice_given(to: str, given: date, lang: Lang) -> str:
    return pick(lang, f"notice of {to} given on {given}", f"已于 {given} 通知将降为 {to}")


def decided_on(to: str, given: date, lang: Lang) -> str:
    return pick(lang, f"the move down to {to} was decided on {given}", f"{given} 已定降为 {to}")


def missed_of(missed: int, after: int, lang: Lang) -> str:
    told = f"missed {missed} of {after} reviews in a row"
    if missed == 0:
        told = f"moves down only after {after} missed reviews in a row"
    return pick(lang, told, f"须连续 {after} 次复核未达标，目前 {missed} 次")


def still_valid(lang: Lang) -> str:
    return pick(lang, "still valid", "仍在有效期内")


def in_grace(through: date, length: Lapse, lang: Lang) -> str:
    told = lapse_words(length, lang)
    return pick(lang, f"{told} grace after {through}", f"{through} 到期后宽限 {told}")


def notice_to_come(length: Lapse, lang: Lang) -> str:
    told = lapse_words(length, lang)
    return pick(lang, f"{told} notice before moving down", f"降级须提前 {told} 通知")


def never_below(tier: str, lang: Lang) -> str:
    return pick(lang, f"never moves down below {tier}", f"不会降到 {tier} 以下")


def at_most(steps: int, lang: Lang) -> str:
    tiers = "tier" if steps == 1 else "tiers"
    return pick(lang, f"moves at most {steps} {tiers} at a time", f"每次最多变动 {steps} 级")


# ---------------------------------------------------------------- what comes


def to_move_up(to: str, on: date, reviewed: bool, lang: Lang) -> str:
    if reviewed:
        return pick(lang, f"moves up to {to} at the review of {on}", f"将在 {on} 复核时升为 {to}")
    return pick(lang, f"moves up to {to} on {on}", f"将于 {on} 升为 {to}")


def to_drop(to: str, on: date, reviewed: bool, unless: tuple[str, str] | None, lang: Lang) -> str:
    """`drops to C at the review of 2026-03-01 unless total reaches 60`; `unless` names the score and the threshold."""
    when = pick(
        lang,
        f"at the review of {on}" if reviewed else f"on {on}",
        f"在 {on} 复核时" if reviewed else f"于 {on} ",
    )
    if unless is None:
        return pick(lang, f"drops to {to} {when}", f"将{when}降为 {to}")
    score, threshold = unless
    return pick(
        lang, f"drops to {to} {when} unless {score} {threshold}", f"若 {score} {threshold}，将{when}降为 {to}"
    )


def reaching(threshold: str, over: bool, lang: Lang) -> str:
    """What a score has to do: in English what keeps the tier, in Chinese what loses it."""
    if over:
        return pick(lang, f"goes above {threshold}", f"未超过 {threshold}")
    return pick(lang, f"reaches {threshold}", f"未达到 {threshold}")


def by_override(to: str | None, on: date, over: bool, lang: Lang) -> str:
    """A tier that an override gives, or that its end brings back."""
    tier = to or pick(lang, "no tier", "无等级")
    if over:
        return pick(
            lang, f"{tier} from {on}, when the override is over", f"人工干预到期，自 {on} 起为 {tier}"
        )
    return pick(lang, f"{tier} from {on}, by an override", f"按人工干预，自 {on} 起为 {tier}")
