"""Sentences about what is allowed and yet rarely meant, about protected facts, and about numbers without
measure (E9xx, W9xx).
"""

from __future__ import annotations

from dsl.diagnostics import Code

PROTECTED_DECIDES = Code(
    "E901",
    "the protected fact `{fact}` decides `{name}`: {chain}",
    "受保护的指标 `{fact}` 影响 `{name_zh}`：{chain_zh}",
    "leave it out of scores, tiers, benefits, movement and `applies when`, "
    "or take `protected` off its declaration if that is meant",
    "请不要用它决定评分、等级、权益、升降级或 `适用于`；如确有此意，请去掉其声明中的 `受保护`",
)
TOO_WIDE = Code(
    "E902",
    "this may come to a number of {digits} digits, more than the {most} that are calculated with",
    "这里的结果可能有 {digits} 位数字，超过可计算的 {most} 位",
    "write fewer powers and products, or close an inner part with `rounded to 2 places`",
    "请减少乘方和连乘，或用 `四舍五入到 2 位小数` 结束其中一部分",
)
DOES_NOT_FIT = Code(
    "E903",
    "`{value}` has more digits than `{name}` can have ({whole} before the point, {places} after)",
    "`{value}` 的位数超出 `{name}` 的范围（小数点前 {whole} 位，后 {places} 位）",
    "write a shorter number; where a type is declared it may be wider, such as `money with 6 decimals`",
    "请写短一些的数；写明类型的地方可以加宽小数位，如 `金额 保留 6 位小数`",
)
PROTECTED_ELSEWHERE = Code(
    "W901",
    "the protected fact `{fact}` takes part in `{name}`: {chain}",
    "受保护的指标 `{fact}` 参与 `{name_zh}`：{chain_zh}",
    "make sure that this is meant and allowed",
    "请确认这样做是有意的，并且是允许的",
)
FACT_UNUSED = Code(
    "W902",
    "nothing reads the fact `{name}`",
    "没有任何规则读取指标 `{name}`",
    "use it in a rule, or delete its line",
    "请在规则中使用它，或删去这一行",
)
PARAM_UNUSED = Code(
    "W903",
    "nothing reads the parameter `{name}`",
    "没有任何规则读取参数 `{name}`",
    "write its name where its value stands, or delete it",
    "请在写有该数值的地方改用其名称，或删去它",
)
VALUE_UNUSED = Code(
    "W904",
    "nothing reads the value `{name}`: it only stands in the answer",
    "没有任何规则读取计算 `{name}`，它只出现在结果中",
    "use it in a rule, or delete it; if it is meant to be seen, give it a label or expect it in an example",
    "请在规则中使用它；如果只是给人看，请加标签或写进示例；否则请删去",
)
UNKNOWN_BELOW = Code(
    "W905",
    "where `{fact}` is unknown, {lines} above cannot be decided either, so this line settles nothing",
    "`{fact}` 未知时，上面的{lines_zh}也无法判定，仅靠这一行得不出结果",
    "move this line to the top",
    "请把这一行移到最上面",
)
ALWAYS = Code(
    "W906",
    "this always holds: {domain}",
    "这个条件总是成立：{domain_zh}",
    "leave the condition out, or change what it asks for",
    "请去掉这个条件，或修改它的要求",
)
NEVER = Code(
    "W907",
    "this never holds: {domain}",
    "这个条件永远不成立：{domain_zh}",
    "leave the line out, or change the condition",
    "请去掉这一行，或修改条件",
)
CONTRADICTION = Code(
    "W908",
    "this never holds: its parts exclude each other",
    "这个条件永远不成立：各部分互相排斥",
    "change one of the parts; `or` may be meant instead of `and`",
    "请修改其中一部分；可能应写 `或` 而不是 `且`",
)
EVERYTHING = Code(
    "W909",
    "this always holds: its parts together leave nothing out",
    "这个条件总是成立：各部分合起来没有遗漏",
    "leave the condition out, or change one of its parts; `and` may be meant instead of `or`",
    "请去掉这个条件，或修改其中一部分；可能应写 `且` 而不是 `或`",
)
