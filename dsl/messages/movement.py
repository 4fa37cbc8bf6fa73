"""What can be wrong with how tiers move over time: E8xx, W8xx."""

from __future__ import annotations

from dsl.diagnostics import Code

MOVEMENT_TWICE = Code(
    "E803",
    "`{ladder}` has two movements",
    "`{ladder}` 写了两段升降级规则",
    "put all its lines under one `movement of {ladder}`",
    "请把各行都写在同一个 `升降级 {ladder}` 下面",
)
LINE_TWICE = Code(
    "E804",
    "the movement of `{ladder}` says a second time {what}",
    "`{ladder}` 的升降级规则重复说明了{what_zh}",
    "leave one of the two out",
    "请删去其中一处",
)
REVIEW_MISSING = Code(
    "E805",
    "`{words}` waits for a review, and no line says when one is held",
    "`{words}` 要等到复核，却没有一行写明何时复核",
    "add a line such as `review monthly`, or write `at once`",
    "补一行 `复核 每月` 这样的内容，或改写 `立即`",
)
STEPS_WITHOUT_REVIEW = Code(
    "E806",
    "whoever moved up by `{words}` waits for a review before the next step, and no line says when one is held",
    "按 `{words}` 升级后，下一步要等到复核，却没有一行写明何时复核",
    "add a line such as `review monthly`, or leave the limit out",
    "补一行 `复核 每月` 这样的内容，或去掉步数限制",
)
AFTER_AT_ONCE = Code(
    "E807",
    "`{words}` counts reviews, and moving at once does not wait for any",
    "`{words}` 要数复核次数，而立即变动不等复核",
    "write `move down at review, {words}`, or leave `{words}` out",
    "请写 `降级 复核时，{words}`，或去掉 `{words}`",
)
ONLY_DOWN = Code(
    "E808",
    "`{words}` is said of moving down, and this line is about moving up",
    "`{words}` 说的是降级，而这一行写的是升级",
    "leave it out; how far up a review may move a customer is said by `one step at a time`",
    "请去掉；一次最多升几级请写 `逐级`",
)
GRACE_WITHOUT_PERIOD = Code(
    "E809",
    "grace comes after a time for which a tier is kept, and no line says for how long it is",
    "宽限期接在保级期之后，却没有一行写明保级多久",
    "add a line such as `keep a tier until end of year` or `keep a tier at least 6 months`",
    "补一行 `保级 至 年底` 或 `保级 至少 6个月` 这样的内容",
)
LENGTH = Code(
    "E810",
    "`{length}` is no whole number of days or months from 1 day to 100 years",
    "`{length}` 不是 1 天到 100 年之间的整天数或整月数",
    "movement goes by the day: write `1 day` or more, such as `30 days` or `2 months`",
    "升降级按天计算：请写至少 `1天`，如 `30天`、`2个月`",
)
COUNT = Code(
    "E811",
    "`{count}` is no number of {what} that can be counted",
    "`{count}` 不能用来数{what_zh}",
    "write a whole number from 1 to {most}",
    "请写 1 到 {most} 之间的整数",
)
REVIEW_DAYS = Code(
    "E812",
    "`{words}` does not say on which days a {every} review is held",
    "`{words}` 不能用来说明{every_zh}复核在哪天进行",
    "{help}",
    "{help_zh}",
)
RULE_TWICE = Code(
    "E813",
    "two lines of the movement have the name `{name}`",
    "升降级规则有两行的名称都是 `{name}`",
    'give one of them a reason of its own in quotes behind its condition, such as `hold while appeal "Appeal open"`',
    "请在其中一行的条件后面用引号写上不同的理由，如 `冻结当 申诉 “申诉处理中”`",
)
NOTICE_WITHOUT_DOWN = Code(
    "W805",
    "notice is given before moving down, and no line says when customers move down: `move down {at}` is taken",
    "写了降级前通知，却没有一行写明何时降级：现按 `降级 {at_zh}` 处理",
    "write that line, so that every reader sees it",
    "请把这一行写出来，让读者一目了然",
)
OSCILLATES = Code(
    "W806",
    "a customer at the lower edge of {tiers} of `{ladder}` can move up and down again and again",
    "处在 `{ladder}` 的 {tiers_zh} 下边缘的客户会反复升降",
    "give each a `keep from` below its threshold, or write `keep a tier at least 3 months`, `after 2 reviews in a row` or a week's notice",
    "请为它们写上低于门槛的 `保级自`，或写 `保级 至少 3个月`、`连续 2次复核后`，或提前一周通知",
)
FLOOR_AT_LAST = Code(
    "W807",
    "nobody is ever below `{tier}`, the last tier: `{words}` changes nothing",
    "`{tier}` 已是最低等级：`{words}` 不起作用",
    "name a better tier, or leave it out",
    "请写一个更高的等级，或去掉它",
)
AFTER_ONE = Code(
    "W808",
    "moving down at a review always comes after one: `{words}` changes nothing",
    "复核时降级本来就要经过一次复核：`{words}` 不起作用",
    "write 2 reviews or more, or leave it out",
    "请写 2 次或更多，或去掉它",
)
STEPS_ALL = Code(
    "W809",
    "`{ladder}` has {tiers} tiers, so nobody can move further than `{words}` anyway",
    "`{ladder}` 共 {tiers} 个等级，本来就不会超过 `{words}`",
    "write fewer steps, or leave it out",
    "请写更少的级数，或去掉它",
)
DROP_COVERED = Code(
    "W810",
    "everybody moves down at once anyway: this condition changes nothing",
    "所有人本来就立即降级：这个条件不起作用",
    "write `move down at review` for the others, or give notice or keep a tier for some time",
    "请为其他客户写 `降级 复核时`，或写降级前通知、保级期",
)
FREEZE_OVER = Code(
    "W811",
    "the freeze ends on {until}, before the policy comes into force on {start}: it never acts",
    "冻结到 {until} 为止，早于政策生效日 {start}：永远不起作用",
    "write a later date, or leave the line out",
    "请写更晚的日期，或删去这一行",
)
ALWAYS_SAME = Code(
    "W812",
    "this is the same for every customer on every day",
    "这个条件对每位客户、每一天都一样",
    "ask for something that is known of the customer, or leave the line out",
    "请写与客户有关的条件，或删去这一行",
)
KEEP_SHORT = Code(
    "W813",
    "`{length}` is no longer than the time between two reviews: whoever moved up at a review is kept until the next anyway",
    "`{length_zh}` 不长于两次复核的间隔：复核时升级的客户本来就会保到下一次复核",
    "write a longer time, or leave the line out",
    "请写更长的时间，或删去这一行",
)
WINDOW_SHORT = Code(
    "W814",
    "a review looks back over `{length}`, less than the time since the last one: what happened in between counts nowhere",
    "复核只考察 `{length_zh}`，短于两次复核的间隔：中间的业绩不会计入任何一次复核",
    "look back over a longer time, or review more often",
    "请考察更长的时间，或更频繁地复核",
)
NOTICE_LONG = Code(
    "W815",
    "notice of `{length}` is longer than the shortest time between two reviews, {days} days: the next one can be held before it has run out",
    "`{length_zh}` 的通知期长于两次复核的最短间隔 {days} 天：通知期未满就可能到了下一次复核",
    "give shorter notice, or review less often",
    "请缩短通知期，或降低复核频率",
)
REVIEW_UNUSED = Code(
    "W816",
    "nothing of `{ladder}` waits for its reviews: customers move up and down at once",
    "`{ladder}` 没有什么要等复核：升级和降级都是立即进行",
    "write `at review` where a review is to decide, or leave the line out",
    "请在应由复核决定的地方写 `复核时`，或删去这一行",
)
WINDOW_OPEN = Code(
    "W817",
    "a review looks at the {part} so far, and none is held on its last day: what comes after the last review counts nowhere",
    "复核只考察本{part_zh}至今，而{part_zh}末最后一天没有复核：最后一次复核之后的业绩不会计入任何一次复核",
    "review on that day as well (`{day}`), or look back over a fixed time",
    "请在那一天也复核（`{day_zh}`），或考察固定的时长",
)
FLOOR_AT_FIRST = Code(
    "W818",
    "`{tier}` is the best tier: with `{words}` nobody ever moves down by this line",
    "`{tier}` 已是最高等级：写了 `{words}`，没有人会因这一行降级",
    "name a lower tier, or leave the line out",
    "请写一个更低的等级，或删去这一行",
)
VALIDITY_SHORT = Code(
    "W819",
    "a tier that is renewed at the review of {review} is kept through {last}, and the next review is on {next}: it runs out in between",
    "{review} 复核时续期的等级只保到 {last}，下一次复核却在 {next}：等级会在两次复核之间到期",
    "keep a tier for longer, or review more often",
    "请延长保级期，或更频繁地复核",
)
DROP_HELD = Code(
    "W820",
    "while this condition holds nobody moves at all: nobody ever moves down at once by it",
    "这个条件成立时，升降级正被冻结：永远不会有人因此立即降级",
    "take this case out of what holds movement, or leave this line out",
    "请把这种情形从冻结条件中去掉，或删去这一行",
)
LINKED = Code(
    "W821",
    "`{ladder}` moves, and goes by `{other}`, which moves as well: on the days between two decisions `{ladder}` does not follow `{other}`",
    "`{ladder}` 会升降，又取决于同样会升降的 `{other}`：两次决策之间，`{ladder}` 不会随 `{other}` 变化",
    "go by facts and scores instead; or ask on every review day of `{other}`, as a history does by itself",
    "请改按指标和得分评定；或在 `{other}` 的每个复核日都作一次决策（历史推演会自动这样做）",
)
FREEZE_UNKNOWN = Code(
    "W822",
    "whoever has no `{fact}` is frozen for good: nobody is moved while it is not known until when the freeze lasts",
    "没有 `{fact}` 的客户会一直冻结：冻结到何日未知时，不会升降任何人",
    "give the fact a day gone by for a default (`default 2000-01-01`), or write `hold while` with a condition",
    "请给该指标一个已过去的默认日期（`默认 2000-01-01`），或改写为 `冻结当` 加条件",
)
