"""What can be wrong with a choice, with tags, a benefit or a piece of advice: E6xx and W6xx."""

from __future__ import annotations

from dsl.diagnostics import Code

# ---------------------------------------------------------------- choices and tags

NO_OUTCOMES = Code(
    "E601",
    "`{name}` has no outcomes",
    "`{name}` 没有任何结果",
    'write a line for each, such as `"HQ sales" when region is national`',
    "每个结果写一行，如 `“总部销售” 当 区域 为 全国`",
)
NO_CHOICE_OTHERWISE = Code(
    "E602",
    "`{name}` leaves out the customers for whom none of its lines holds",
    "`{name}` 没有覆盖所有条件都不成立的客户",
    'end it with a line such as `"Others" otherwise`',
    "最后补一行，如 `“其他” 其余`",
)
LINE_AFTER_OTHERWISE = Code(
    "E603",
    "nothing after `otherwise` can be reached in `{name}`",
    "`{name}` 里 `其余` 之后的内容永远轮不到",
    "move the `otherwise` line to the end",
    "把 `其余` 那一行移到最后",
)
BOTH_HOLD = Code(
    "E605",
    "`{name}` allows exactly one outcome, but both of these lines hold for {case}",
    "`{name}` 只允许一个结果，但 {case} 时这两行同时成立",
    "change one of the conditions so that they no longer meet, or leave out `exactly one`",
    "修改其中一个条件使两者不再重叠，或去掉 `唯一`",
)
CHOICE_NONE = Code(
    "E606",
    "`{name}` gives exactly one outcome, so `-` cannot be one",
    "`{name}` 必须给出一个结果，不能写 `-`",
    'name the outcome, such as `"None"`',
    "写出结果的名称，如 `“无”`",
)
OWNER_ELSEWHERE = Code(
    "E608",
    "only an outcome of a segment may name its owner",
    "只有分层的结果可以写负责人",
    "write `segment {name}` instead, or leave the owner out",
    "改写成 `分层 {name}`，或去掉负责人",
)
TAGS_OTHERWISE = Code(
    "E609",
    "tags are all that hold, so `otherwise` has no meaning in `{name}`",
    "标签取所有成立的，`{name}` 里不能写 `其余`",
    "write `when` and a condition, or use `choose` for exactly one outcome",
    "写 `当` 加条件；如果只要一个结果，请用 `判定`",
)
OUTCOME_LABELS_DIFFER = Code(
    "W601",
    "the outcome `{outcome}` of `{name}` has two texts: `{first}` and `{second}`",
    "`{name}` 的结果 `{outcome}` 有两种文字：`{first}` 和 `{second}`",
    "write the same text on both lines",
    "两行写相同的文字",
)

# ---------------------------------------------------------------- benefits

MATRIX_NO_BENEFIT = Code(
    "E620",
    "the table has no column headed `benefit`",
    "权益表缺少表头为 `权益` 的列",
    "head the columns like this: `| stage | benefit | A | B | C |`",
    "表头写成 `| 阶段 | 权益 | A | B | C |` 这样",
)
MATRIX_HEADER = Code(
    "E621",
    "`{header}` is neither a tier of `{ladder}` nor the fact of its stages",
    "`{header}` 既不是 `{ladder}` 的等级，也不是阶段指标",
    "beside `benefit`, a column is a tier ({tiers}) or the fact named after `at`",
    "除 `权益` 外，每一列是一个等级（{tiers_zh}）或 `于` 后面的指标",
)
MATRIX_COLUMN_TWICE = Code(
    "E622",
    "the column `{header}` stands twice",
    "`{header}` 列出现了两次",
    "leave one of them out",
    "删去其中一列",
)
MATRIX_TIER_MISSING = Code(
    "E623",
    "the table has no column for {tiers}",
    "权益表缺少 {tiers_zh} 列",
    "add the column; `-` in a cell means that the benefit is not granted",
    "补上这一列；不给予的格子写 `-`",
)
MATRIX_NO_STAGE_COLUMN = Code(
    "E624",
    "the benefits stand at `{fact}`, but the table has no column `{fact}`",
    "权益按 `{fact}` 区分，但表里没有 `{fact}` 列",
    "add the column, or leave out `at {fact}`",
    "补上这一列，或去掉 `于 {fact}`",
)
STAGE_NOT_ENUM = Code(
    "E625",
    "`{fact}` is not an enumeration, so its values cannot be stages",
    "`{fact}` 不是选项类型，它的值不能作为阶段",
    "name a fact of the type `one of …` after `at`",
    "`于` 后面写类型为 `选项` 的指标",
)
STAGE_CELL = Code(
    "E626",
    "this cell should hold one value of `{fact}`, or `-` for any",
    "这一格应写 `{fact}` 的一个值，或用 `-` 表示任意",
    "its values are {values}",
    "它的值有 {values_zh}",
)
BENEFIT_CELL = Code(
    "E627",
    "this cell should hold the name of a benefit",
    "这一格应写权益的名称",
    "write a name, such as `order_discount`, with its label in quotes behind it if it has one",
    "写一个名称，如 `订单折扣`，需要时后面用引号写标签",
)
BENEFIT_ROW_TWICE = Code(
    "E628",
    "`{benefit}` stands twice {where}",
    "`{benefit}` {where_zh} 出现了两次",
    "join the two rows, or give one of them another stage",
    "合并这两行，或给其中一行写另一个阶段",
)
GRANT_CELL = Code(
    "E629",
    "this cell should hold what the tier is granted: one value, or `-` for nothing",
    "这一格应写该等级得到什么：一个值，或 `-` 表示不给",
    "write a value such as `15%`, `4 days` or a text in quotes",
    "写 `15%`、`4 天` 或引号里的文字",
)
CELLS_DIFFER = Code(
    "E630",
    "`{benefit}` is {kind} in one cell and {other} in another",
    "`{benefit}` 在一格里是{kind_zh}，在另一格里是{other_zh}",
    "write all cells of a benefit as the same kind of value",
    "同一权益的各格要写同一种值",
)
GRANTS_NOTHING = Code(
    "E632",
    "nothing says what `{benefit}` grants",
    "没有说明 `{benefit}` 给予什么",
    "write `= value`, add lines, give it a row in `benefits of`, or make it `yes/no`",
    "写 `= 值`，或加上几行，或在 `权益表` 里给它一行，或把类型改成 `是否`",
)
ROW_ALL_NONE = Code(
    "W602",
    "`{benefit}` is granted to no tier in this row",
    "这一行里没有任何等级得到 `{benefit}`",
    "fill in a cell, or leave the row out",
    "填一格，或删去这一行",
)
ROW_TURNS = Code(
    "W603",
    "in the row of `{benefit}`, `{better}` is worse off than `{worse}`, the tier below it",
    "`{benefit}` 这一行里，较高的 `{better}` 反而不如 `{worse}`",
    "put the values in order; where less is better, declare the benefit with `less is better`",
    "请调整数值的顺序；如果越少越好，请在权益声明里写 `越少越好`",
)
GRANTED_TWICE = Code(
    "W604",
    "several rules can grant `{benefit}` to one customer; the first of them stands",
    "同一客户可能有几条规则给予 `{benefit}`，以最先写的为准",
    "add `best of` or `sum of` to the benefit, or make the rules exclude each other",
    "给权益加上 `取最优` 或 `累加`，或让这些规则互不重叠",
)
COMBINE_BOTH = Code(
    "E634",
    "`{benefit}` cannot be both the best and the sum of its rules",
    "`{benefit}` 不能既取最优又累加",
    "keep one of `best of` and `sum of`",
    "`取最优` 和 `累加` 只保留一个",
)
CANNOT_COMBINE = Code(
    "E635",
    "`{option}` has no meaning for a benefit that is {kind}",
    "{kind_zh}类型的权益不能写 `{option}`",
    "leave the option out: the first rule that holds stands",
    "去掉这个选项：以最先成立的规则为准",
)
FOR_TIERS = Code(
    "E636",
    "`{tier}` is not a tier of any ladder",
    "`{tier}` 不是任何等级体系里的等级",
    "name tiers after `for`, such as `for A, B`",
    "在 `限` 后面写等级，如 `限 A、B`",
)
FOR_LADDERS = Code(
    "E637",
    "no one ladder has all of these tiers: {tiers}",
    "没有哪个等级体系同时包含这些等级：{tiers_zh}",
    "name tiers of one ladder, or write `when` with a condition",
    "只写同一个等级体系的等级，或写 `当` 加条件",
)
AT_UNKNOWN = Code(
    "E638",
    "`{stage}` is not a value of any fact",
    "`{stage}` 不是任何指标的值",
    "name a value of an enumeration after `at`, such as `at contract`",
    "在 `于` 后面写某个选项指标的值，如 `于 合同`",
)
AT_AMBIGUOUS = Code(
    "E639",
    "`{stage}` is a value of {facts}",
    "{facts_zh} 都有值 `{stage}`",
    "write `when {fact} is {stage}` instead",
    "改写成 `当 {fact} 为 {stage}`",
)
AT_OTHER_STAGE = Code(
    "E640",
    "`{benefit}` is declared at `{declared}`, and this row stands at `{stage}`",
    "`{benefit}` 声明在 `{declared}`，而这一行在 `{stage}`",
    "leave `at {declared}` out of the declaration, or change the row",
    "从声明里去掉 `于 {declared}`，或修改这一行",
)
DATES_ORDER = Code(
    "E641",
    "the benefit ends on {end}, before it begins on {start}",
    "权益在 {end} 结束，早于开始的 {start}",
    "write the earlier date first; both days are included",
    "先写较早的日期；两天都包含在内",
)
QUOTA_NUMBER = Code(
    "E642",
    "a quota is a whole number from 1 on, and this is {value}",
    "次数应为不小于 1 的整数，而这里是 {value}",
    "write `2 per year`",
    "写成 `2 次每年`",
)
NOT_WITH_ITSELF = Code(
    "E644",
    "`{benefit}` cannot give way to itself",
    "`{benefit}` 不能与自己互斥",
    "name another benefit after `not with`",
    "在 `不可同享` 后面写另一个权益",
)
NOT_WITH_RING = Code(
    "E645",
    "each of these benefits would make the next give way: {ring}",
    "这些权益互相排斥，分不出以谁为准：{ring}",
    "write `not with` only on the benefit that stays",
    "只在保留的那个权益上写 `不可同享`",
)
OTHERWISE_COMBINED = Code(
    "E646",
    "`otherwise` has no meaning where several rules hold together",
    "几条规则可以同时成立时，不能写 `其余`",
    "write `when` and a condition, or leave out `best of` or `sum of`",
    "写 `当` 加条件，或去掉 `取最优`、`累加`",
)
BENEFIT_AFTER_OTHERWISE = Code(
    "E647",
    "nothing after a line without a condition can be reached in `{benefit}`",
    "`{benefit}` 里没有条件的那一行之后永远轮不到",
    "move that line to the end, or add `best of` or `sum of`",
    "把那一行移到最后，或加上 `取最优` 或 `累加`",
)
LESS_OF_TEXT = Code(
    "E648",
    "`less is better` has no meaning for {kind}",
    "{kind_zh}类型不能写 `越少越好`",
    "leave it out",
    "去掉它",
)

FOR_IN_MATRIX = Code(
    "E649",
    "`{benefit}` says for which tiers it is, and so does its row in `benefits of`",
    "`{benefit}` 的声明和权益表里的行都写了给哪些等级",
    "leave `for` out of the declaration, and write `-` for the tiers that do not get it",
    "去掉声明里的 `限`，在表里给不给予的等级写 `-`",
)
OPTION_ON_LINE = Code(
    "E650",
    "`{option}` is about the benefit as a whole, not about one of its lines",
    "`{option}` 是对整个权益的规定，不能写在其中一行",
    "move it to the benefit's first line",
    "把它移到权益的第一行",
)

# ---------------------------------------------------------------- advice

ROLE = Code(
    "E660",
    "`{role}` is not a choice whose outcome could name who acts",
    "`{role}` 不是判定或分层，不能由它得出由谁执行",
    'name a choice or a segment, or put the role in quotes: `to "{role}"`',
    "写一个判定或分层的名称，或给角色加上引号：`交给 “{role}”`",
)
PRIORITY = Code(
    "E661",
    "a priority is a whole number from 1 on, and this is {value}",
    "优先级应为不小于 1 的整数，而这里是 {value}",
    "1 comes first: write `priority 1`",
    "1 最优先：写成 `优先级 1`",
)
