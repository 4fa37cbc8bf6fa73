"""Sentences about the text itself: its bytes, its characters, its words and the shape of its lines (E0xx, E1xx)."""

from __future__ import annotations

from dsl.diagnostics import Code

TOO_LARGE = Code(
    "E001",
    "the policy has {size} bytes, more than the {limit} that are read",
    "政策文件有 {size} 字节，超过可读取的 {limit} 字节",
    "split it, and bring the shared facts in with `use`",
    "请拆分文件，公用指标用 `引用` 带入",
)
UTF_16 = Code(
    "E002",
    "the file is UTF-16, not UTF-8",
    "文件是 UTF-16 编码，不是 UTF-8",
    "save it again with the encoding UTF-8",
    "请以 UTF-8 编码另存",
)
NOT_TEXT = Code(
    "E003",
    "line {line} holds bytes that are neither UTF-8 nor GB18030 text",
    "第 {line} 行的字节既不是 UTF-8 也不是 GB18030 文本",
    "save the policy as plain text with the encoding UTF-8",
    "请把政策存为 UTF-8 编码的纯文本",
)
TOO_MANY = Code(
    "E004",
    "there are more problems than the {limit} that are listed",
    "问题超过所列的 {limit} 个",
    "mend the first ones and check again",
    "请先改正前面的问题，再次检查",
)

BAD_CHARACTER = Code(
    "E101",
    "`{char}` ({name}) has no meaning here",
    "`{char}`（{name}）在这里没有含义",
    "leave it out, or put the text in quotes",
    "请删去，或把文字放进引号",
)
INVISIBLE = Code(
    "E102",
    "there is an invisible character here ({name})",
    "这里有一个看不见的字符（{name}）",
    "delete it; text pasted from a chat or a web page often brings some along",
    "请删去；从聊天或网页粘贴的文字常会带入",
)
LOOKALIKE = Code(
    "E103",
    "`{char}` in `{word}` is {name}, which only looks like `{plain}`",
    "`{word}` 中的 `{char}` 是 {name}，只是看上去像 `{plain}`",
    "type `{fixed}` instead",
    "请改写为 `{fixed}`",
)
UNCLOSED = Code(
    "E104",
    "the text that begins with {quote} is not closed on its line",
    "以 {quote} 开始的文字没有在本行结束",
    "close it with {closing}",
    "请用 {closing} 结束",
)
BAD_NUMBER = Code(
    "E105",
    "`{text}` is not a number that can be read",
    "`{text}` 不是可以读懂的数字",
    "write it like 500,000 or 500k or 50万 or 15%; in a list leave the thousands commas out",
    "请写成 500,000、500k、50万 或 15%；列表中请不要用千分位逗号",
)
LONG_NUMBER = Code(
    "E106",
    "the number has {digits} digits, more than the {limit} that can be kept",
    "这个数字有 {digits} 位，超过可保存的 {limit} 位",
)
CHINESE_DISCOUNT = Code(
    "E107",
    "`{text}` may be read as a price or as a discount",
    "`{text}` 可能指价格，也可能指折扣",
    "write the discount as a percentage: `{percent}`",
    "请把折扣写成百分比：`{percent}`",
)
NO_SUCH_DATE = Code(
    "E108",
    "`{text}` is not a day of the calendar",
    "日历上没有 `{text}` 这一天",
    "write a date as year-month-day, like 2026-01-31",
    "日期请写成 年-月-日，如 2026-01-31",
)
FOREIGN_OPERATOR = Code(
    "E109",
    "`{text}` is not an operator of this language",
    "`{text}` 不是本语言的运算符",
    "write `{instead}`",
    "请写 `{instead}`",
)
TOO_DEEP = Code(
    "E110",
    "brackets are nested more than {limit} deep",
    "括号嵌套超过 {limit} 层",
    "give a part of it a name with `value`",
    "请用 `计算` 给其中一部分命名",
)
TOO_LONG = Code(
    "E111",
    "the expression has more than {limit} operators",
    "表达式的运算符超过 {limit} 个",
    "give parts of it names with `value`",
    "请用 `计算` 给其中的部分命名",
)

LIST_COMMA = Code(
    "E113",
    "`{text}` in a list may be one number or several",
    "列表中的 `{text}` 可能是一个数，也可能是几个数",
    "leave the thousands comma out: `{plain}`",
    "请去掉千分位逗号：`{plain}`",
)
OTHER_DATE = Code(
    "E114",
    "`{text}` is not how a date is written here",
    "`{text}` 不是这里的日期写法",
    "write `{instead}`",
    "请写 `{instead}`",
)
SHORT_UNIT = Code(
    "E115",
    "`{text}` has a unit that is too short to read",
    "`{text}` 的单位太短，读不懂",
    "write `{instead}`",
    "请写 `{instead}`",
)
SINGLE_QUOTES = Code(
    "E116",
    "texts do not stand in single quotes",
    "文字不能放在单引号里",
    'write them as "…"',
    "请写成 “…”",
)
NO_SEMICOLON = Code(
    "E117",
    "a line needs no sign at its end",
    "行末不需要标点",
    "leave `{text}` out",
    "请去掉 `{text}`",
)
NO_RECORDS = Code(
    "E118",
    "`{text}` reads a field of records, which are not available yet",
    "`{text}` 要读取明细的字段，目前还不能使用",
    "give the figure as a fact of its own",
    "请把这个数直接作为指标给出",
)

RULE_TOO_LONG = Code(
    "E112",
    "the line has more than {limit} words and signs",
    "这一行超过 {limit} 个词和符号",
    "write one rule a line",
    "请一行只写一条规则",
)

UNEXPECTED = Code(
    "E121",
    "`{found}` cannot stand here; expected {expected}",
    "这里不能写 `{found}`；应为 {expected_zh}",
)
ENDS_EARLY = Code(
    "E122",
    "the line ends too early; expected {expected}",
    "这一行没有写完；应为 {expected_zh}",
)
NO_STATEMENT = Code(
    "E123",
    "the line `{text}` belongs to no statement",
    "这一行 `{text}` 不属于任何语句",
    "begin a statement with its keyword, such as `fact`, `score` or `tiers`, and a space",
    "语句须以关键词开头，如 `指标`、`评分`、`等级`，后面加空格",
)
NO_TABLE = Code(
    "E125",
    "`{statement}` takes no table",
    "`{statement}` 语句下面不能有表格",
)
NO_LINE_BUT_TABLE = Code(
    "E126",
    "`{statement}` takes a table, not lines",
    "`{statement}` 语句下面须是表格，不能是行",
    "begin the line with `|` and put its parts into columns",
    "请以 `|` 开头，把各部分放进各列",
)
EMPTY_CELL = Code(
    "E127",
    "the cell is empty",
    "单元格是空的",
    "write `-` for anything, or for deliberately none",
    "任意值或特意不给，请写 `-`",
)
OPEN_ROW = Code(
    "E128",
    "the row does not end with `|`",
    "这一行没有以 `|` 结束",
    "end it with `|`",
    "请以 `|` 结束",
)
KEYWORD_AS_NAME = Code(
    "E129",
    "`{word}` is a word of the language and cannot be a name as it stands",
    "`{word}` 是语言的关键词，不能直接用作名称",
    "write it in backticks wherever it stands, or take another name: {ticked}",
    "请在每一处都加反引号，或换一个名称：{ticked}",
)
NOT_AVAILABLE = Code(
    "E130",
    "`{word}` is a word of the language that is not available yet",
    "`{word}` 是语言的保留词，目前还不能使用",
    "leave it out for now",
    "目前请先不用",
)
UNREADABLE_RUN = Code(
    "E131",
    "`{run}` cannot be read whole: it is no declared name, and it cannot be cut into names and keywords",
    "`{run}` 无法整体读懂：它不是已声明的名称，也不能拆成名称和关键词",
    "put spaces between the words, or declare the name",
    "请在词之间加空格，或先声明名称",
)
LABEL_TWICE = Code(
    "E132",
    "there are two labels",
    "这里有两个说明文字",
    "keep one of them",
    "请只保留一个",
)
NAME_WITH_DIGIT = Code(
    "E133",
    "`{word}` begins with a digit, so it is not read as a name",
    "`{word}` 以数字开头，不会读作名称",
    "write it in backticks: {ticked}",
    "请加反引号：{ticked}",
)
CAPITAL_KEYWORD = Code(
    "E134",
    "`{word}` is not a word of the language; keywords are written in small letters",
    "`{word}` 不是语言的关键词；关键词用小写",
    "write `{instead}`",
    "请写 `{instead}`",
)
NO_OPTION = Code(
    "E135",
    "what follows the comma is no option of this line",
    "逗号后面的内容不是本行的选项",
    "take the comma out, or write one of: {options}",
    "请去掉逗号，或写其中之一：{options_zh}",
)
