"""What can be wrong with an example: E7xx and W7xx."""

from __future__ import annotations

from dsl.diagnostics import Code

EXAMPLE_TWICE = Code(
    "E701",
    "there are two examples named `{example}`",
    "有两个示例都叫 `{example}`",
    "give every example a name of its own",
    "每个示例取一个不同的名字",
)
NOTHING_EXPECTED = Code(
    "W701",
    "the example `{example}` expects nothing, so it tests nothing",
    "示例 `{example}` 没有写应得结果，什么也没有检验",
    "add a line such as `expect grade = A`",
    "补一行 `应得 等级 = A` 这样的内容",
)
GIVEN_TWICE = Code(
    "E703",
    "`{name}` is given twice in the example `{example}`",
    "示例 `{example}` 里 `{name}` 给了两次",
    "leave one of them out",
    "删去其中一个",
)
GIVEN_OP = Code(
    "E704",
    "`given` takes a plain value for `{name}`",
    "`已知` 里的 `{name}` 只能给一个确定的值",
    "write `{name} = value`, or `{name} is unknown`",
    "写成 `{name} = 值`，或 `{name} 为 未知`",
)
NOT_GRADED_GIVEN = Code(
    "E712",
    "`{words}` is a result, and only facts can be given",
    "`{words}` 是结果，已知里只能写指标",
    "write it under `expect`",
    "写到 `应得` 里",
)
OUT_OF_BOUNDS = Code(
    "E705",
    "{value} is {side} what `{name}` allows, `{bound}`",
    "{value} {side_zh} `{name}` 允许的范围：`{bound}`",
    "write a value that the fact allows, or change the fact's bounds",
    "写一个指标允许的值，或修改指标的范围",
)
REQUIRED_UNKNOWN = Code(
    "E706",
    "`{name}` is required and cannot be unknown",
    "`{name}` 是必填指标，不能为未知",
    "give it a value",
    "给它一个值",
)
EXPECT_FACT = Code(
    "E707",
    "`{name}` is {what}, and an example expects what the policy computes",
    "`{name}` 是{what_zh}，应得里只能写政策算出的结果",
    "expect a score, a value, a ladder, a segment, tags or a benefit; a fact belongs under `given`",
    "应得里写评分、计算值、等级、分层、标签或权益；指标写在 `已知` 里",
)
EXPECT_OP = Code(
    "E708",
    "`{words}` is no way to say what is expected of `{name}`",
    "不能用 `{words}` 表示 `{name}` 的应得结果",
    "{allowed}",
    "{allowed_zh}",
)
EXPECT_TWICE = Code(
    "E709",
    "the example `{example}` expects two things of `{name}`",
    "示例 `{example}` 对 `{name}` 写了两个应得结果",
    "leave one of them out",
    "删去其中一个",
)
EXPECT_RANGE = Code(
    "E710",
    "the range from {low} to {high} is empty",
    "从 {low} 到 {high} 的范围是空的",
    "write the lower figure first",
    "先写较小的数",
)
NOT_GRADED_WITH = Code(
    "E711",
    "the example `{example}` expects no grading, and results besides",
    "示例 `{example}` 既写了不分级，又写了其他结果",
    "a customer that is not graded has no results: expect one or the other",
    "不分级的客户没有结果：二者只写其一",
)
EXPECT_BEFORE_DAYS = Code(
    "E713",
    "the example `{example}` expects something before its first `on` line, so it is not said on which day",
    "示例 `{example}` 在第一个 `于` 之前就写了应得结果，没有说明是哪一天",
    "write the day behind the example's name, or move the line below an `on` line",
    "请在示例名称后写日期，或把这一行移到某个 `于` 之下",
)
DAYS_OUT_OF_ORDER = Code(
    "E714",
    "{day} does not come after {before}, the day before it in the story",
    "{day} 没有晚于上一步的日期 {before}",
    "write the days of a story in order, each once",
    "请按先后顺序书写各个日期，每个日期只写一次",
)
NO_STORY = Code(
    "E715",
    "`{words}` happens over time, and this example has a single day",
    "`{words}` 是随时间发生的，而这个示例只有一天",
    "write it below a line such as `on 2026-03-31`; on a single day expect `{name} =` and a tier",
    "请写在 `于 2026-03-31` 这样的一行之下；只有一天时请写 `{name} =` 加等级",
)
NO_MOVEMENT = Code(
    "E716",
    "`{words}` cannot happen: `{name}` has no movement",
    "`{words}` 不会发生：`{name}` 没有升降级规则",
    "add `movement of {name}`, or expect `{name} =` and a tier",
    "请补上 `升降级 {name}`，或写 `{name} =` 加等级",
)
MOVES_NO_LADDER = Code(
    "E717",
    "`{words}` is said of a ladder, and `{name}` is none",
    "`{words}` 只能用于等级，而 `{name}` 不是等级",
    "write the name of a ladder that has a movement",
    "请写有升降级规则的等级名称",
)
LEADS_NOWHERE = Code(
    "E718",
    "`{words}` leads to no other tier",
    "`{words}` 不会变到别的等级",
    "leave `{tier}` out",
    "请去掉 `{tier}`",
)
GIVEN_MISSING = Code(
    "W702",
    "the example `{example}` gives no value for the required fact `{name}`",
    "示例 `{example}` 没有给必填指标 `{name}` 的值",
    "add `{name} =` and a value to its `given` line",
    "在 `已知` 里补上 `{name} =` 加一个值",
)
