"""Sentences about tables: what no row holds, what none can reach, which rows are in each other's way (E4xx,
W4xx).

`where` is a set of customers in the policy's own words; those words differ between the languages, hence
`where_zh`.
"""

from __future__ import annotations

from dsl.diagnostics import Code

GAP = Code(
    "E401",
    "no row for {where}",
    "没有适用于 {where_zh} 的行",
    "add a row for it, or end with a row of `-`",
    "请为它加一行，或在最后加一行 `-`",
)
NEVER_REACHED = Code(
    "E402",
    "this row is never reached: everything in it is already taken by {lines}",
    "这一行永远轮不到：其中的情况都已由{lines_zh}处理",
    "delete it, move it up, or change its cells",
    "请删去它、上移，或修改单元格",
)
BANDS_CROSS = Code(
    "E403",
    "this row crosses the one in {lines}: both hold for {where}",
    "这一行与{lines_zh}交叉：{where_zh} 时两行都成立",
    "let one band end where the other begins, or put one wholly inside the other",
    "请让一段在另一段的起点结束，或让一段完全包含另一段",
)
BOTH_HOLD = Code(
    "E404",
    "`{name}` allows exactly one outcome, but this and {lines} both hold for {where}",
    "`{name}` 只允许一个结果，但 {where_zh} 时这一行与{lines_zh}同时成立",
    "change one of the two so that they no longer meet, or leave out `exactly one`",
    "请修改其中一行使两者不再重叠，或去掉 `唯一`",
)
VALUE_SKIPPED = Code(
    "E405",
    "{value} lies between two bands: one ends before it, the next starts at {next}",
    "{value} 落在两段之间：前一段在它之前结束，后一段从 {next} 开始",
)
RANGE_EMPTY = Code(
    "E406",
    "there is nothing in `{column}` from {low} to {high}",
    "`{column}` 从 {low_zh} 到 {high_zh} 之间没有任何值",
    "write the smaller one first; `X to Y` leaves out Y",
    "请先写小的；`X 至 Y` 不含 Y",
)
NEVER_MATCHES = Code(
    "E407",
    "this row can never match: `{column}` is {domain}, and the cell asks for {cell}",
    "这一行永远不会匹配：`{column}` 的取值范围是 {domain_zh}，而单元格要求 {cell_zh}",
    "change the cell, or delete the row",
    "请修改单元格，或删去这一行",
)
NEVER_UNKNOWN = Code(
    "E408",
    "this row can never match: `{column}` is never unknown, as it has a default or is required",
    "这一行永远不会匹配：`{column}` 有默认值或为必填，不会未知",
    "delete the row, or leave out the default",
    "请删去这一行，或去掉默认值",
)
COLUMNS_EXCLUDE = Code(
    "E409",
    "this row can never match: its cells exclude each other",
    "这一行永远不会匹配：各单元格互相排斥",
    "two columns ask about the same thing; change one of the two cells",
    "有两列问的是同一件事；请修改其中一格",
)
COLUMN_NOT_FIXED = Code(
    "W401",
    "`{column}` is compared with something that depends on the customer, "
    "so gaps and overlaps in this column are not checked",
    "`{column}` 与因客户而异的内容比较，因此这一列不检查遗漏和重叠",
    "compare with numbers or parameters, or end the table with a row of `-`",
    "请与数字或参数比较，或在表格最后加一行 `-`",
)
TOO_LARGE = Code(
    "W402",
    "the rows of `{name}` are too many and too varied to be checked wholly for gaps and overlaps",
    "`{name}` 的行太多、组合太复杂，无法完整检查遗漏和重叠",
    "split it into several tables with fewer columns, and end it with a row of `-`",
    "请拆成几张列数较少的表，并在最后加一行 `-`",
)
NOT_SHOWN_COMPLETE = Code(
    "W403",
    "it cannot be shown that one of the lines of `{name}` always holds",
    "无法证明 `{name}` 总有一行成立",
    "end it with `otherwise`, or with a row of `-`",
    "请在最后写 `其余`，或加一行 `-`",
)
LINE_NEVER_REACHED = Code(
    "W404",
    "this line is never reached: everything in it is already taken by {lines}",
    "这一行永远轮不到：其中的情况都已由{lines_zh}处理",
    "delete it, move it up, or change its condition",
    "请删去它、上移，或修改条件",
)
NOT_YET_MATCHING = Code(
    "W405",
    "this row never matches: as things are, `{column}` is {domain}, and the cell asks for {cell}",
    "这一行不会匹配：按现有规则，`{column}` 的取值范围是 {domain_zh}，而单元格要求 {cell_zh}",
    "change the cell, or the rules of `{column}`",
    "请修改单元格，或修改 `{column}` 的规则",
)
