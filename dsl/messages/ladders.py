"""What can be wrong with a ladder, and what is kept for a later version: E5xx, W5xx, W8xx."""

from __future__ import annotations

from dsl.diagnostics import Code

NO_TIERS = Code(
    "E501",
    "the ladder `{ladder}` has no tiers",
    "等级 `{ladder}` 没有任何等级行",
    'write one tier a line, best first, such as `A "Key customer" from 80`, and end with `otherwise`',
    "每行写一个等级，从高到低，如 `A “关键客户” 自 80`，最后一行写 `其余`",
)
NOT_A_LADDER_BASIS = Code(
    "E502",
    "a ladder goes by a figure, and this is {kind}",
    "等级要依据一个数值，而这里是{kind_zh}",
    "name a score, a number, an amount, a percentage, a duration or a date after `by`",
    "在 `依` 后面写评分、数值、金额、百分比、时长或日期",
)
THRESHOLD_WITHOUT_BY = Code(
    "E503",
    "`{tier}` has a threshold, but the ladder does not say of what",
    "`{tier}` 写了分数线，但没有说明依据什么",
    "write `tiers {ladder} by` and the score, fact or value, or `{tier} when` and a condition",
    "写成 `等级 {ladder} 依` 加上评分、指标或计算值，或者写 `{tier} 当` 加上条件",
)
NO_OTHERWISE = Code(
    "E505",
    "the ladder `{ladder}` leaves out the customers below `{tier}`",
    "等级 `{ladder}` 没有覆盖 `{tier}` 以下的客户",
    "every customer needs a tier: end the ladder with a line such as `E otherwise`",
    "每个客户都要有等级：最后一行写成 `E 其余` 这样",
)
AFTER_OTHERWISE = Code(
    "E506",
    "`{tier}` stands after `otherwise` and can never be reached",
    "`{tier}` 写在 `其余` 之后，永远轮不到",
    "move the `otherwise` line to the end",
    "把 `其余` 那一行移到最后",
)
NOT_DESCENDING = Code(
    "E507",
    "`{tier}` starts at {threshold}, which is not below the {other_threshold} of `{other}`",
    "`{tier}` 从 {threshold} 起，没有低于 `{other}` 的 {other_threshold}",
    "tiers stand best first, each with a lower threshold than the one before it",
    "等级从高到低排列，每个等级的线都要低于上一个",
)
THRESHOLD_OPEN = Code(
    "W501",
    "the threshold of `{tier}` depends on the customer, so its order cannot be checked",
    "`{tier}` 的线因客户而异，无法检查先后顺序",
    "make sure that it is always below the tier before it, or use a number or a parameter",
    "请确认它总是低于上一个等级的线，或者改用数值或参数",
)
KEEP_ABOVE = Code(
    "E508",
    "keeping `{tier}` asks for {keep}, more than the {threshold} for reaching it",
    "保住 `{tier}` 要求 {keep}，比达到它的 {threshold} 还高",
    "write a keep threshold that is not above the tier's own",
    "保级线不能高于该等级自己的线",
)
NEVER_REACHED = Code(
    "W502",
    "`{tier}` can never be reached: `{score}` is never above {bound}",
    "`{tier}` 永远达不到：`{score}` 最高只有 {bound}",
    "lower the threshold, or widen the score's bounds",
    "降低分数线，或放宽评分的上限",
)
ALWAYS_REACHED = Code(
    "W503",
    "nobody falls below `{tier}`: `{score}` is never below {bound}",
    "没有客户会低于 `{tier}`：`{score}` 最低就是 {bound}",
    "raise the threshold, or leave out the tiers after it",
    "提高分数线，或去掉它后面的等级",
)
TIER_TWICE = Code(
    "E510",
    "`{tier}` stands twice in the ladder `{ladder}`",
    "`{tier}` 在等级 `{ladder}` 里出现了两次",
    "join the two conditions with `or`, or give one of them another name",
    "用 `或` 合并两个条件，或者给其中一个换个名字",
)
FLOOR_AT_WORST = Code(
    "W504",
    "a floor at `{tier}`, the last tier, changes nothing",
    "以最低等级 `{tier}` 保底不起作用",
    "name a better tier, or leave the line out",
    "写一个更高的等级，或删去这一行",
)
CAP_AT_BEST = Code(
    "W505",
    "a cap at `{tier}`, the first tier, changes nothing",
    "以最高等级 `{tier}` 封顶不起作用",
    "name a lower tier, or leave the line out",
    "写一个更低的等级，或删去这一行",
)
BY_UNUSED = Code(
    "W506",
    "`{ladder}` goes by a figure, but no tier has a threshold",
    "`{ladder}` 写了 `依`，却没有一个等级写分数线",
    "write thresholds such as `A from 80`, or leave out `by`",
    "写出 `A 自 80` 这样的线，或去掉 `依`",
)
LIKE_WITHOUT_BY = Code(
    "E512",
    "`{ladder}` takes the thresholds of `{other}`, but does not say for which figure",
    "`{ladder}` 沿用 `{other}` 的线，却没有说明依据哪个数值",
    "write `tiers {ladder} by X like {other}`, with the score, fact or value for X",
    "写成 `等级 {ladder} 依 X 同 {other}`，X 是评分、指标或计算值",
)
LIKE_WITH_TIERS = Code(
    "E513",
    "`{ladder}` takes its tiers from `{other}` and cannot have lines of its own for them",
    "`{ladder}` 的等级沿用 `{other}`，不能再写自己的等级行",
    "leave out `like {other}`, or these lines; floors and caps may stay",
    "去掉 `同 {other}`，或去掉这些行；保底和封顶可以保留",
)
LIKE_RING = Code(
    "E514",
    "these ladders take their thresholds from each other: {ring}",
    "这几个等级互相沿用：{ring}",
    "give one of them thresholds of its own",
    "让其中一个写出自己的线",
)
LIKE_WITHOUT_THRESHOLDS = Code(
    "E515",
    "`{other}` has no thresholds that another ladder could share",
    "`{other}` 没有可以沿用的线",
    "`like` shares thresholds such as `A from 80`; write out the conditions here instead",
    "`同` 只能沿用 `A 自 80` 这样的线；请在这里写出条件",
)
TABLE_HEAD = Code(
    "E516",
    "a ladder's table begins with the header `tier` or `requirement`",
    "等级表的第一个表头应为 `等级` 或 `要求`",
    "head the first column `tier` for a row a tier, or `requirement` for a column a tier",
    "每行一个等级时写 `等级`，每列一个等级时写 `要求`",
)
TABLE_MIXED = Code(
    "E517",
    "the tiers of `{ladder}` stand both in a table and in lines",
    "`{ladder}` 的等级一部分在表里，一部分在行里",
    "put all tiers into one table; only an `otherwise` line may follow it",
    "把所有等级写进同一张表；表后只能再写一行 `其余`",
)
BARE_NUMBER = Code(
    "E518",
    "`{value}` under `{column}` could mean at least or at most",
    "`{column}` 下的 `{value}` 看不出是至少还是至多",
    "head it `{column} at least`, or write `{value} or more` in the cell",
    "表头写 `{column} 不低于`，或在格子里写 `{value} 及以上`",
)
TIER_CELL = Code(
    "E520",
    "this cell should hold the name of a tier",
    "这一格应写等级名称",
    "write the tier's name, such as `A`, with its label in quotes behind it if it has one",
    "写等级的名称，如 `A`，需要时后面用引号写标签",
)
REQUIREMENT_CELL = Code(
    "E521",
    "the first cell of a requirement should name what is required",
    "要求表的第一格应写明要求什么",
    "write a fact, value or score here, such as `revenue at least`",
    "这里写指标、计算值或评分，如 `营收 不低于`",
)
TIER_HEADER = Code(
    "E522",
    "this header should be the name of a tier",
    "这个表头应是等级名称",
    "under `requirement` every further column is a tier: `| requirement | A | B | C |`",
    "`要求` 之后每一列都是一个等级：`| 要求 | A | B | C |`",
)
ROW_UNREACHABLE = Code(
    "E523",
    "`{tier}` can never be reached: whoever meets it also meets `{other}`, which stands before it",
    "`{tier}` 永远轮不到：满足它的客户也满足排在前面的 `{other}`",
    "the best tier stands first: turn the order round, or ask for more of `{other}`",
    "最高的等级排最前：调整顺序，或提高 `{other}` 的要求",
)
NOT_EVALUATED = Code(
    "W801",
    "`{what}` is checked and kept, but not evaluated yet: decisions do not depend on it",
    "`{what}` 已检查并保留，但本版本暂不计算，不影响判定结果",
)
KEEP_WITHOUT_MOVEMENT = Code(
    "W802",
    "without a movement of `{ladder}` nobody holds a tier: `keep from` says nothing",
    "`{ladder}` 没有升降级规则，没有人持有等级：`保级自` 不起作用",
    "add `movement of {ladder}`, or leave `keep from` out",
    "补上 `升降级 {ladder}`，或去掉 `保级自`",
)
AT_ONCE_WITHOUT_MOVEMENT = Code(
    "W804",
    "without a movement of `{ladder}` a cap always acts at once: `at once` says nothing",
    "`{ladder}` 没有升降级规则，封顶本来就立即生效：`立即` 不起作用",
    "add `movement of {ladder}`, or leave `at once` out",
    "补上 `升降级 {ladder}`，或去掉 `立即`",
)
FLOOR_AT_ONCE = Code(
    "E802",
    "`{tier}` is a floor here, and only a cap moves a customer at once",
    "这里的 `{tier}` 是保底，只有封顶才能立即生效",
    "leave `at once` out: how fast customers move up stands in the movement, as `move up at once`",
    "请去掉 `立即`：升级的快慢写在升降级里，如 `升级 立即`",
)
NO_SUCH_DAY = Code(
    "E801",
    "month {month} has no day {day}",
    "{month} 月没有 {day} 日",
    "write a day that every year has, such as `31 Dec`; for the end of February write `28 Feb`",
    "请写每年都有的日子，如 `12月31日`；二月底请写 `2月28日`",
)
EVENT_UNKNOWN = Code(
    "W803",
    "`{event}` is not declared as an event",
    "`{event}` 没有声明为事件",
    "declare it with `event {event}:` and its fields",
    "用 `事件 {event}：` 加上字段来声明",
)
