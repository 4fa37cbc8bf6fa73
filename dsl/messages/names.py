"""Sentences about names: what is declared, what a word means, the lines at the head of a policy, texts
brought in (E2xx, W2xx).
"""

from __future__ import annotations

from dsl.diagnostics import Code

NOT_DECLARED = Code(
    "E201",
    "`{name}` is not declared",
    "`{name}` 没有声明",
    "declare it with `fact`, `set`, `value` or `score`, or put text in quotes",
    "请用 `指标`、`参数`、`计算` 或 `评分` 声明它；如果是文字，请加引号",
)
DECLARED_TWICE = Code(
    "E202",
    "`{name}` is declared a second time",
    "`{name}` 重复声明",
    "give one of the two another name: all that a policy declares shares one set of names",
    "请给其中一个换名：政策中声明的一切共用一套名称",
)
RULE_TWICE = Code(
    "E204",
    "two rules have the name `{name}`",
    "两条规则的名称都是 `{name}`",
    "give one of them a name of its own: begin its line with a word and a colon, such as `late_payer:`",
    "请给其中一条单独命名：行首写名称和冒号，如 `付款拖延:`",
)
NOT_A_MEMBER = Code(
    "E205",
    "`{name}` is not a value of `{owner}`",
    "`{name}` 不是 `{owner}` 的取值",
    "write one of {values}",
    "请写 {values_zh} 之一",
)
VALUE_TWICE = Code(
    "E206",
    "the value `{name}` stands twice",
    "取值 `{name}` 出现两次",
    "leave one out, or give it another name",
    "请删去一个，或换名",
)
WRONG_SORT = Code(
    "E207",
    "`{name}` is {found_en}, and {wanted_en} belongs here",
    "`{name}` 是{found_zh}，这里应写{wanted_zh}",
    "write the name of {wanted_en}",
    "请写{wanted_zh}的名称",
)
BENEFIT_READ = Code(
    "E208",
    "`{name}` is a benefit, and benefits cannot be read in conditions or calculations",
    "`{name}` 是权益，条件和计算中不能读取权益",
    "write the condition on the tier or the fact that grants it",
    "请改写为授予该权益的等级或指标条件",
)
RING = Code(
    "E209",
    "`{name}` depends on itself: {ring}",
    "`{name}` 依赖于自身：{ring}",
    "change one of them so that it no longer reads the next",
    "请修改其中一个，使它不再读取下一个",
)
NEEDS_TYPE = Code(
    "E210",
    "the type of `{name}` cannot be told from what it reads",
    "无法由所读内容得知 `{name}` 的类型",
    "write its type, such as `value {name}: number`",
    "请写明类型，如 `计算 {name}: 数值`",
)
NO_POLICY_LINE = Code(
    "E211",
    "the policy has no name",
    "政策没有名称",
    'begin the file with a line such as `policy customer_grading "Customer grading"`',
    "请在文件开头写一行，如 `政策 customer_grading “客户分级”`",
)
POLICY_NOT_FIRST = Code(
    "E212",
    "the line `policy` does not come first",
    "`政策` 行不在最前",
    "move it to the top of the file",
    "请移到文件最上面",
)
HEADER_TWICE = Code(
    "E213",
    "`{keyword_en}` stands a second time",
    "`{keyword_zh}` 出现第二次",
    "keep one of the two lines",
    "请只保留一行",
)
UNKNOWN_CURRENCY = Code(
    "E214",
    "`{name}` is not a currency code",
    "`{name}` 不是币种代码",
    "write three capital letters, such as `CNY`, `USD` or `EUR`",
    "请写三个大写字母，如 `CNY`、`USD`、`EUR`",
)
UNKNOWN_TIMEZONE = Code(
    "E215",
    "`{name}` is not a time zone",
    "`{name}` 不是时区",
    'write a region and a city, such as `"Asia/Shanghai"`',
    "请写地区和城市，如 `“Asia/Shanghai”`",
)
ENDS_BEFORE_START = Code(
    "E216",
    "the policy ends on {end}, before it starts on {start}",
    "政策在 {end} 结束，早于开始日期 {start}",
    "write the earlier date after `from` and the later after `until`",
    "请把较早的日期写在 `自` 后面，较晚的写在 `至` 后面",
)
USE_NOT_FOUND = Code(
    "E217",
    "`{name}` cannot be found",
    "找不到 `{name}`",
    "write the path of a `.tier` file in the same folder as this policy, or below it",
    "请写本政策所在文件夹或其下级文件夹中 `.tier` 文件的路径",
)
USE_ALONE = Code(
    "E223",
    "`{name}` cannot be brought in here, where a text is checked alone, without its folder",
    "此处只检查单独一份文本，没有所在文件夹，无法引用 `{name}`",
    "check the policy as a file, or write what it takes from there into this text",
    "请以文件形式检查该政策，或把所需内容直接写进这份文本",
)
USE_RING = Code(
    "E218",
    "`{name}` leads back to a text that uses it",
    "引用 `{name}` 会绕回引用它的文件",
    "move what both need into a third file, and let both use that one",
    "请把两边都需要的内容放进第三个文件，再由两边引用",
)
USE_TOO_DEEP = Code(
    "E219",
    "`{name}` is brought in through more than {limit} files",
    "引用 `{name}` 经过了 {limit} 个以上的文件",
    "bring it in directly",
    "请直接引用",
)
USED_ERROR = Code(
    "E220",
    "`{name}` has a problem in line {line}",
    "`{name}` 第 {line} 行有问题",
)
USED_WARNING = Code(
    "W220",
    "`{name}` has something doubtful in line {line}",
    "`{name}` 第 {line} 行有可疑之处",
)
MONEY_WITHOUT_CURRENCY = Code(
    "E222",
    "`{name}` is an amount of money, but the policy names no currency",
    "`{name}` 是金额，但政策没有声明币种",
    "add a line such as `currency CNY` under `policy`",
    "请在 `政策` 下面加一行，如 `币种 CNY`",
)
KEYWORD_NAME = Code(
    "W202",
    "`{name}` is also a word of the language, and on some lines it would be read as that",
    "`{name}` 也是语言中的关键词，在有些行里会被读成关键词",
    "write `` `{name}` `` in backticks, here and where it is used, or give it another name",
    "请在此处和使用处都加反引号写作 `` `{name}` ``，或换一个名称",
)
NEGATED_NAME = Code(
    "W201",
    "`{name}` is a name of its own, not the opposite of `{rest}`",
    "`{name}` 是单独的名称，不是 `{rest}` 的反面",
    "write `非 {rest}` with a space for the opposite, or give this one a name that does not begin with `非`",
    "要表示相反，请在中间加空格写作 `非 {rest}`；否则请换一个不以 `非` 开头的名称",
)
