"""Sentences about types: what can be calculated, compared and written where (E3xx)."""

from __future__ import annotations

from dsl.diagnostics import Code

# ---------------------------------------------------------------- calculations and comparisons

NO_SUCH_OPERATION = Code(
    "E301",
    "`{sign}` cannot join {left} and {right}",
    "`{sign_zh}` 不能连接{left_zh}和{right_zh}",
    "check the type of each side; {allowed}",
    "请检查两边的类型；{allowed_zh}",
)
NOT_COMPARABLE = Code(
    "E302",
    "{left} cannot be compared with {right}",
    "{left_zh}不能与{right_zh}比较",
    "compare with {left} instead",
    "请与{left_zh}比较",
)
NO_ORDER = Code(
    "E303",
    "{left} has no order, so `{sign}` says nothing about it",
    "{left_zh}没有大小之分，不能用 `{sign_zh}`",
    "use `is`, `is not` or `in`",
    "请用 `为`、`不为` 或 `属于`",
)
WRONG_TYPE = Code(
    "E304",
    "{expected} belongs here, and this is {found}",
    "这里应为{expected_zh}，实际是{found_zh}",
    "write {expected}, such as {sample}",
    "请写{expected_zh}，如 {sample_zh}",
)
NOT_A_CONDITION = Code(
    "E305",
    "`{words}` is {found}, not a condition",
    "`{words}` 是{found_zh}，不是条件",
    "compare it with something, such as `{sample}`",
    "请把它与某个值比较，如 `{sample_zh}`",
)
MIXED_LOGIC = Code(
    "E306",
    "`and` and `or` are mixed, and that can be read in two ways",
    "`且` 与 `或` 混用，有两种读法",
    "put brackets: either `{first}`, or `{second}`",
    "请加括号：写作 `{first}`，或写作 `{second}`",
)
OFFER_IN = Code(
    "E307",
    "`{value}` is a value, not a condition of its own",
    "`{value}` 是取值，不能单独作条件",
    "write `{fixed}`",
    "请写 `{fixed_zh}`",
)
MONTHS_OR_MINUTES = Code(
    "E308",
    "`{number}` is a number here ({value}), and a time belongs here",
    "`{number}` 在这里是数字（{value}），而这里应写时间",
    "write `{digits} months` or `{digits} minutes`",
    "请写 `{digits}个月` 或 `{digits}分钟`",
)
NEEDS_UNIT = Code(
    "E309",
    "`{number}` needs a unit of time",
    "`{number}` 缺少时间单位",
    "write `{number} days`, `{number} hours` or `{number} minutes`",
    "请写 `{number}天`、`{number}小时` 或 `{number}分钟`",
)
PERIOD_AS_DURATION = Code(
    "E310",
    "months, quarters and years have no fixed length, so they are not compared with {other} or used as one",
    "月、季度、年没有固定长度，不能与{other_zh}比较，也不能代替它",
    "write days, or compare dates: `D + 6 months <= today`, `months since D >= 6`",
    "请改写为天数，或比较日期：`日期 + 6个月 <= 今天`、`距今月数 日期 >= 6`",
)
DIVISION_UNROUNDED = Code(
    "E311",
    "a division here needs to say how it is rounded",
    "这里的除法需要写明如何取整",
    "close the whole expression with `rounded to 2 places`; one side of a comparison may be a single `/`",
    "请在整个算式末尾写 `四舍五入到 2 位小数`；只有比较的一侧是单个 `/` 时可以不写",
)
BAD_EXPONENT = Code(
    "E312",
    "an exponent is a whole number from 0 to {limit}",
    "指数应为 0 到 {limit} 的整数",
    "write a number such as `^ 2`",
    "请写数字，如 `^ 2`",
)
BAD_PLACES = Code(
    "E313",
    "a number is rounded to 0 up to {limit} places",
    "小数位数应为 0 到 {limit}",
    "write `rounded to 2 places`",
    "请写 `四舍五入到 2 位小数`",
)
WRONG_CURRENCY = Code(
    "E314",
    "`{mark}` is not the currency of this policy, which is `{currency}`",
    "`{mark}` 与本政策的币种 `{currency}` 不符",
    "write the amount in `{currency}`; amounts are never converted",
    "请用 `{currency}` 书写金额；系统不做换算",
)
NO_CURRENCY = Code(
    "E315",
    "`{mark}` stands before a number, but the policy names no currency",
    "数字前写了 `{mark}`，但政策没有声明币种",
    "add a line such as `currency CNY` under `policy`",
    "请在 `政策` 下面加一行，如 `币种 CNY`",
)
NOT_A_CONSTANT = Code(
    "E316",
    "a fixed value belongs here, not something to work out",
    "这里应写固定值，不能写需要计算的内容",
    "write {expected}, such as {sample}",
    "请写{expected_zh}，如 {sample_zh}",
)
OTHER_ENUMERATION = Code(
    "E317",
    "the values of `{left}` and of `{right}` are different sets and cannot be compared",
    "`{left}` 与 `{right}` 的取值是两套，不能比较",
    "compare each with its own values",
    "请各自与自己的取值比较",
)
BAD_PERIOD = Code(
    "E319",
    "`{words}` is not a whole number of months between 1 and {limit}",
    "`{words}` 不是 1 到 {limit} 之间的整月数",
    "write whole months, or days",
    "请写整月数，或写天数",
)
NEEDS_PERCENT = Code(
    "E320",
    "`{number}` is a plain number, and a percentage belongs here",
    "`{number}` 是普通数字，这里应写百分比",
    "write `{number}%`, or `{hundredfold}%` if it was meant as a fraction",
    "请写 `{number}%`；如果原意是小数，请写 `{hundredfold}%`",
)
NOT_A_LIST = Code(
    "E321",
    "`contains` asks a list, and this is {found}",
    "`包含` 只用于列表，这里是{found_zh}",
    "use `is` or `in`",
    "请用 `为` 或 `属于`",
)
LIST_COMPARED = Code(
    "E322",
    "a list is not compared as a whole",
    "列表不能整体比较",
    "write `{words} contains` and one of its values",
    "请写 `{words} 包含` 加上其中一个值",
)
NO_FUNCTION = Code(
    "E323",
    "`{sign}` does not take {found}",
    "`{sign_zh}` 不能用于{found_zh}",
    "{allowed}",
    "{allowed_zh}",
)

# ---------------------------------------------------------------- facts and parameters

OPTION_TWICE = Code(
    "E330",
    "the option `{option_en}` stands twice",
    "选项 `{option_zh}` 出现两次",
    "keep one of the two",
    "请只保留一个",
)
REQUIRED_DEFAULT = Code(
    "E331",
    "`{name}` is required and has a default, so the default can never be used",
    "`{name}` 既必填又有默认值，默认值永远用不上",
    "leave out `required` or `default`",
    "请删去 `必填` 或 `默认`",
)
BOUND_WITHOUT_ORDER = Code(
    "E332",
    "{found} has no least and no greatest value",
    "{found_zh}没有最小值和最大值",
    "leave the option out",
    "请删去该选项",
)
BOUNDS_CROSSED = Code(
    "E333",
    "the lower bound {low} is above the upper bound {high}",
    "下限 {low} 高于上限 {high}",
    "exchange the two",
    "请对调两个数",
)
DEFAULT_OUTSIDE = Code(
    "E334",
    "the default of `{name}` lies outside its own bounds",
    "`{name}` 的默认值超出自己的上下限",
    "change the default or the bounds",
    "请修改默认值或上下限",
)
BAD_DECIMALS = Code(
    "E335",
    "{found} cannot have {decimals} decimals",
    "{found_zh}不能有 {decimals} 位小数",
    "write at most {limit}, and only after number, money or percent",
    "最多写 {limit} 位，且只用于数值、金额、百分比",
)
NO_DIRECTION = Code(
    "E336",
    "{found} cannot go up or down",
    "{found_zh}没有升降之分",
    "write `customer can change` without a direction",
    "请只写 `客户可改变`，不写方向",
)
TOO_FEW_VALUES = Code(
    "E337",
    "`{name}` has only one value to choose from",
    "`{name}` 只有一个取值可选",
    "list at least two values, such as `one of high, low`",
    "请至少列出两个取值，如 `选项 高, 低`",
)
NOT_WHOLE = Code(
    "E338",
    "`{number}` is not a whole number",
    "`{number}` 不是整数",
    "write it without decimals, or declare `number` instead of `whole number`",
    "请去掉小数，或把类型从 `整数` 改为 `数值`",
)
TOO_WIDE = Code(
    "E339",
    "`{number}` has more digits than {type} holds ({whole} before the point, {places} after)",
    "`{number}` 的位数超出{type_zh}的范围（小数点前 {whole} 位，后 {places} 位）",
    "write a shorter number, or a wider type such as `money with 6 decimals`",
    "请写短一些的数，或加宽类型，如 `金额 保留 6 位小数`",
)
DATE_TWICE = Code(
    "E340",
    "`{name}` has two values from {date} on",
    "`{name}` 从 {date} 起有两个值",
    "keep one of the two lines",
    "请只保留一行",
)
DATES_OUT_OF_ORDER = Code(
    "E341",
    "the line from {date} stands below a later one",
    "自 {date} 起的一行排在更晚的日期下面",
    "write the dates from the earliest to the latest",
    "请按日期从早到晚书写",
)

# ---------------------------------------------------------------- values and scores

EMPTY_STATEMENT = Code(
    "E345",
    "`{name}` does not say what it is",
    "`{name}` 没有写明内容",
    "write `=` and an expression behind it, or lines or a table below it",
    "请在后面写 `=` 和算式，或在下面写规则行或表格",
)
TWO_BODIES = Code(
    "E346",
    "`{name}` has an expression and lines of its own",
    "`{name}` 既有算式又有规则行",
    "keep one of the two, or make the lines a statement with a name of its own",
    "请只保留一种，或把规则行单独声明",
)
OTHERWISE_NOT_LAST = Code(
    "E347",
    "what follows `otherwise` is never reached",
    "`其余` 之后的内容永远用不到",
    "move the `otherwise` line to the end",
    "请把 `其余` 行移到最后",
)
NO_OTHERWISE = Code(
    "E348",
    "`{name}` leaves open what it is when none of its lines holds",
    "`{name}` 没有写明各行都不成立时的取值",
    "end it with a line such as `0 otherwise`",
    "请在最后加一行，如 `0 其余`",
)
GRADUATED_SHAPE = Code(
    "E350",
    "`{name}` is graduated and needs one table of brackets, with one column and the rates",
    "`{name}` 是阶梯计算，需要一张档位表：一列档位，一列比例",
    "write `| {by} | outcome |` and a row a bracket below it",
    "请在下面写 `| {by} | 结果 |`，每档一行",
)
GRADUATED_BAND = Code(
    "E351",
    "a bracket goes from one amount up to the next",
    "每一档应从一个数到下一个数",
    "write `below X` or `0 to X` first, `X to Y` in between and `X or more` last",
    "第一档写 `低于 X` 或 `0 至 X`，中间写 `X 至 Y`，最后写 `X 及以上`",
)
GRADUATED_GAP = Code(
    "E352",
    "this bracket does not begin where the one above it ends",
    "这一档的起点与上一档的终点不一致",
    "begin it with the number at which the bracket above ends",
    "请从上一档结束的数开始",
)
GRADUATED_START = Code(
    "E353",
    "the first bracket does not begin at nothing",
    "第一档不是从零开始",
    "write `below X` or `0 to X` in the first row",
    "请在第一行写 `低于 X` 或 `0 至 X`",
)
GRADUATED_TYPE = Code(
    "E354",
    "{found} cannot be cut into brackets with rates",
    "{found_zh}不能按档位乘以比例",
    "name an amount or a number after `graduated by`, and write numbers or percentages as rates",
    "请在 `阶梯依` 后写金额或数值，比例写数字或百分比",
)
GRADUATED_END = Code(
    "E355",
    "the last bracket ends, and what lies above it has no rate",
    "最后一档有终点，超出部分没有比例",
    "write `X or more` in the last row",
    "请在最后一行写 `X 及以上`",
)
STEP_MISSING = Code(
    "E362",
    "{found} is counted in steps, and no step is given",
    "{found_zh}要按步长计分，这里没有写步长",
    "write `per {sample} of` and the name; only whole numbers are counted one by one",
    "请写 `每 {sample_zh} 的` 加名称；只有整数可以逐一计数",
)
STEP_NOT_POSITIVE = Code(
    "E363",
    "a step of {step} is never taken",
    "步长 {step} 无法计数",
    "write a step above zero",
    "请写大于零的步长",
)
CAP_NEGATIVE = Code(
    "E364",
    "the limit of the points is below zero",
    "分数上限小于零",
    "write how many points it may be at most, without a sign: the line's own sign decides the direction",
    "请写最多多少分，不带符号：加还是减由行首的符号决定",
)
STEP_NOT_FIXED = Code(
    "E365",
    "the step and the limit of points are fixed values or parameters",
    "步长和分数上限应为固定值或参数",
    "write a number, or the name of a `set` line",
    "请写数字，或写 `参数` 的名称",
)

# ---------------------------------------------------------------- tables

NO_OUTCOME_HEADING = Code(
    "E370",
    "the last column is the outcome and is headed {wanted}",
    "最后一列是结果，表头应写{wanted_zh}",
    "write {wanted} in the last cell of the first row",
    "请在第一行最后一格写{wanted_zh}",
)
ROW_CELLS = Code(
    "E371",
    "this row has {cells}, and the header has {wanted}",
    "这一行有 {cells_zh}，表头有 {wanted} 格",
    "write one cell under each header; `-` stands for anything",
    "请在每个表头下写一格；`-` 表示任意",
)
HEADING_NOT_READABLE = Code(
    "E372",
    "only the last column may be headed `{heading}`",
    "只有最后一列的表头可以写 `{heading}`",
    "write the name of a fact, value or score, or put this one in backticks if it is a name",
    "请写指标、计算或评分的名称；如果它就是名称，请加反引号",
)
TO_IN_DATES = Code(
    "E373",
    "`to` leaves open whether the last day belongs to it",
    "`至` 没有说明是否包含最后一天",
    "write `from {low} until {high}`: both days are included",
    "请写 `自 {low} 至 {high}`：包含两端",
)
UNTIL_NOT_DATES = Code(
    "E374",
    "`from … until` is for dates, and this column holds {found}",
    "`自 … 至` 只用于日期，这一列是{found_zh}",
    "write `{low} to {high}`, which leaves out {high}, or `between {low} and {high}`",
    "请写 `{low} 至 {high}`（不含 {high}），或 `介于 {low} 与 {high}`",
)
RANGE_EMPTY = Code(
    "E375",
    "nothing lies between {low} and {high}",
    "{low} 与 {high} 之间没有任何值",
    "write the smaller one first",
    "请先写小的",
)
HEADING_LIST = Code(
    "E376",
    "`{heading}` is a list, and a cell cannot say what of it is meant",
    "`{heading}` 是列表，单元格无法说明指其中哪一个",
    "head the column with a value of its own, such as `value has_it: yes/no = {heading} contains …`",
    "请另写一个计算作表头，如 `计算 含有: 是否 = {heading} 包含 …`",
)
TABLE_EMPTY = Code(
    "E377",
    "the table has no rows below its header",
    "表头下面没有数据行",
    "write one row for each case",
    "请为每种情况写一行",
)
TABLE_NARROW = Code(
    "E378",
    "the table has an outcome but nothing that it depends on",
    "表格只有结果列，没有条件列",
    "write at least one column before the last one",
    "请在最后一列之前至少写一列",
)
TIER_RANGE = Code(
    "E379",
    "`to` leaves open which tiers belong to it",
    "`至` 没有说明包含哪些等级",
    "list the tiers, or write `{low} or more`",
    "请逐个列出等级，或写 `{low} 及以上`",
)
OUTCOME_CELL = Code(
    "E380",
    "an outcome is one value, and this cell holds something else",
    "结果格应是一个值，这里不是",
    "write one value, or `-` where there is deliberately none",
    "请写一个值；确实没有时写 `-`",
)
RANGE_BY_MINUS = Code(
    "E382",
    "`{words}` takes one value away from the other, and a cell is a value or a range",
    "`{words}` 是减法，而单元格应是一个值或一个区间",
    "did you mean {range}? where the difference is meant, write it in brackets",
    "是不是想写 {range_zh}？确实要相减时请加括号",
)
HEADING_IN_ROW = Code(
    "E381",
    "`{words}` is a header, and this cell belongs to a row",
    "`{words}` 是表头的写法，不能写在数据行里",
    "write it in the first row, or give the cell a value",
    "请写在第一行，或在单元格里写一个值",
)
HALF_RANGE = Code(
    "W301",
    "`{low}` has no `{power}`, and `{high}` has one: this begins at {low}",
    "`{low}` 没有写 `{power}`，而 `{high}` 写了：这里从 {low} 起",
    "did you mean `{fixed}`, with `{power}` on both ends?",
    "是不是想写 `{fixed}`，两端都带 `{power}`？",
)
SECOND_HEADER = Code(
    "E384",
    "this row reads like the header of another table",
    "这一行像是另一张表的表头",
    "leave an empty line before it: then it begins a second table",
    "请在它前面空一行：这样它就是第二张表的开头",
)
DIVISION_BY_ZERO = Code(
    "E324",
    "`{words}` is zero, and nothing can be divided by zero",
    "`{words}` 是零，零不能作除数",
    "write what it is to be divided by",
    "请写正确的除数",
)
HELD_ELSEWHERE = Code(
    "E383",
    "`held {ladder}` is the tier that a customer held before the day, and only the lines of a movement may ask for it",
    "`现有 {ladder}` 是客户在当日之前的等级，只有 `升降级` 的各行可以读取",
    "write `{ladder}` alone: where the ladder has a movement, that is the tier held",
    "只写 `{ladder}` 即可：有升降级规则时，它就是客户当前持有的等级",
)
HELD_WITHOUT_MOVEMENT = Code(
    "E385",
    "`{ladder}` has no movement, so nobody holds a tier of it before the day",
    "`{ladder}` 没有升降级规则，当日之前没有人持有它的等级",
    "write `{ladder}` alone, or add `movement of {ladder}`",
    "只写 `{ladder}`，或补上 `升降级 {ladder}`",
)
