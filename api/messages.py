"""What the service says when it refuses something, in both languages.

A problem has a kind (its HTTP status and its title); each bad field has a code (its sentence and its help).
Both are stable: programs read them, people read the sentences. `{words}` are filled in. What is wrong with
facts is said by `engine.facts`, what is wrong with a policy by `dsl.messages`; here is the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

from dsl.diagnostics import Lang

Words = tuple[str, str]


def in_lang(words: Words, lang: Lang) -> str:
    """One of a pair of sentences, English and Chinese."""
    return words[0 if lang == "en" else 1]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem document: its status, its title, and its sentence where none is better."""

    name: str
    status: int
    title: Words
    detail: Words

    @property
    def type(self) -> str:
        """The `type` of the document: a name, not an address."""
        return f"urn:tierwise:problem:{self.name}"


INVALID_JSON = Kind(
    "invalid-json",
    400,
    ("Not readable as JSON", "无法作为 JSON 读取"),
    ("the body is not JSON", "请求正文不是 JSON"),
)
BAD_REQUEST = Kind(
    "bad-request",
    400,
    ("Request not understood", "无法理解请求"),
    ("the request does not follow HTTP", "请求不符合 HTTP 规范"),
)
NOT_FOUND = Kind(
    "not-found",
    404,
    ("Not found", "未找到"),
    (
        "there is nothing at this address; /openapi.json lists what there is",
        "该地址没有内容；/openapi.json 列出了全部接口",
    ),
)
METHOD_NOT_ALLOWED = Kind(
    "method-not-allowed",
    405,
    ("Method not allowed", "不支持该方法"),
    ("this address does not take {method}; it takes {allowed}", "该地址不接受 {method}，可用：{allowed}"),
)
TOO_LARGE = Kind(
    "too-large",
    413,
    ("Too large", "内容过大"),
    ("the body has more than {limit} bytes", "请求正文超过 {limit} 字节"),
)
UNSUPPORTED = Kind(
    "unsupported-media-type",
    415,
    ("Media type not supported", "不支持的内容类型"),
    ("the body must be {wanted}, and `{given}` was sent", "请求正文应为 {wanted}，收到的是 `{given}`"),
)
PACKED: Words = (
    "the body is packed (Content-Encoding `{given}`); send it as it is",
    "请求正文经过压缩（Content-Encoding 为 `{given}`）；请不压缩直接发送",
)
INVALID = Kind(
    "invalid-request",
    422,
    ("Request not valid", "请求内容有误"),
    ("some fields are not as they should be; `errors` names each of them", "部分字段有误，`errors` 逐一列出"),
)
TOO_MANY_ROWS = Kind(
    "too-many-rows",
    422,
    ("Too many rows", "行数过多"),
    (
        "a batch has at most {limit} rows; the rows from this one on were not graded",
        "一次批量最多 {limit} 行；从本行起未分级",
    ),
)
BROKEN_ARRAY = Kind(
    "broken-array",
    400,
    ("Array broken off", "数组不完整"),
    ("{reason}; what follows was not graded", "{reason}；其后内容未分级"),
)
BROKEN_OFF = Kind(
    "body-broken-off",
    400,
    ("Body broken off", "请求正文不完整"),
    ("the body is shorter than its Content-Length says", "请求正文短于 Content-Length 所声明的长度"),
)
OTHER_COUNT: Words = (
    "`rows` says {said}, and {came} came; the batch broke off on the way, and nothing was graded",
    "`rows`为 {said}，但收到 {came} 行；批量在传输中断开，未作任何分级",
)
EMPTY_BATCH = Kind(
    "empty-batch",
    400,
    ("Nothing to grade", "没有可分级的内容"),
    (
        "the body holds neither a JSON array with something in it nor a line of JSON",
        "请求正文既不是有内容的 JSON 数组，也没有任何一行 JSON",
    ),
)
UNEXPECTED = Kind(
    "internal-error",
    500,
    ("Something went wrong here", "服务内部出错"),
    (
        "the service could not answer, through no fault of the request; tell its operators the request_id",
        "服务未能作答，与请求内容无关；请将 request_id 告知运维人员",
    ),
)
NOT_READY = Kind("not-ready", 503, ("Not ready", "尚未就绪"), ("no policy is loaded", "尚未载入任何政策"))

UNAUTHORIZED = Kind(
    "unauthorized",
    401,
    ("Who is calling?", "请表明身份"),
    (
        "this call needs a key that works; send it as `Authorization: Bearer tw_…`",
        "此接口需要有效的密钥；请以 `Authorization: Bearer tw_…` 发送",
    ),
)
FORBIDDEN = Kind(
    "forbidden",
    403,
    ("Not allowed", "没有权限"),
    ("this call needs the role `{role}`, which this key has not", "此接口需要角色 `{role}`，该密钥没有"),
)
OTHER_SITE: Words = (
    "a page of another site may not call this service",
    "不允许其他网站的页面调用本服务",
)
CONFLICT = Kind(
    "conflict",
    409,
    ("Somebody was faster", "已被他人抢先"),
    ("it has moved on since you looked; look again", "它在你查看之后已有变动；请重新查看"),
)
REFUSED = Kind(
    "step-refused",
    422,
    ("Step not allowed", "不允许这一步"),
    ("the rules of publication do not allow this", "发布规则不允许这样做"),
)
UNAVAILABLE = Kind(
    "store-unavailable",
    503,
    ("The store does not answer", "存储库不可用"),
    ("the store {reason}", "存储库{reason_zh}"),
)

NOT_SIGNED = Kind(
    "not-signed",
    503,
    ("Nothing to sign with", "无法签名"),
    (
        "the service cannot use its signing key; its operators find in the log why",
        "服务无法使用其签名密钥；运维人员可在日志中查到原因",
    ),
)

KINDS = (
    INVALID_JSON,
    BAD_REQUEST,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    TOO_LARGE,
    UNSUPPORTED,
    INVALID,
    TOO_MANY_ROWS,
    BROKEN_ARRAY,
    BROKEN_OFF,
    EMPTY_BATCH,
    UNAUTHORIZED,
    FORBIDDEN,
    CONFLICT,
    REFUSED,
    UNEXPECTED,
    NOT_READY,
    UNAVAILABLE,
    NOT_SIGNED,
)


@dataclass(frozen=True, slots=True)
class Message:
    """What is said of one bad field, and what to send instead."""

    text: Words
    help: Words = ("", "")


# By code. `{expected}` and `{got}` are filled from the field's own description and from what came.
FIELDS: dict[str, Message] = {
    "required": Message(
        ("`{name}` is missing", "缺少 `{name}`"),
        ("add it: {expected}", "请补上：{expected_zh}"),
    ),
    "wrong_type": Message(
        ("`{name}` must be {expected}, but {got} came", "`{name}` 应为{being_zh}，但收到的是 {got}"),
    ),
    "unknown_field": Message(
        ("`{name}` is not a field of this call", "此接口没有字段 `{name}`"),
        ("the fields are {known}", "可用字段：{known}"),
    ),
    "too_many_unknown": Message(
        ("{count} more names are no fields of this call", "另有 {count} 个名称不是此接口的字段"),
    ),
    "given_twice": Message(
        ("`{name}` is given twice", "`{name}` 给了两次"),
        ("keep one of the two", "请只保留其中一个"),
    ),
    "none_and_some": Message(
        (
            "`{name}` has values ticked, and “none of these” beside them",
            "`{name}` 既勾了取值，又勾了“以上都没有”",
        ),
        ("untick the one or the others", "请只保留其中一种"),
    ),
    "unknown_policy": Message(
        ("there is no policy {got}", "没有名为 {got} 的政策"),
        ("GET /v1/policies lists what there is", "GET /v1/policies 列出全部政策"),
    ),
    "no_versions": Message(
        ("{got}: this service keeps no versions of a policy", "{got}：本服务不保存政策版本"),
        ("write `{policy}`, which is decided with as it stands", "请只写 `{policy}`，按现行文本判定"),
    ),
    "no_such_version": Message(
        ("`{policy}` has no version {got}", "政策 `{policy}` 没有版本 {got}"),
        ("GET /v1/policies/{policy}/versions lists them", "GET /v1/policies/{policy}/versions 列出全部版本"),
    ),
    "several_versions": Message(
        (
            "{got} may be one of several versions of `{policy}` ({numbers}), which differ in their texts or in what they use",
            "{got} 可指政策 `{policy}` 的多个版本（{numbers}），其文本或所引用的文本不同",
        ),
        ("name the version by its number", "请用版本号指定"),
    ),
    "two_versions": Message(
        ("`policy` and `version` name two versions", "`policy` 与 `version` 指定了两个版本"),
        ("keep one of the two", "请只保留其中一个"),
    ),
    "not_in_force": Message(
        (
            "no version of `{policy}` that was known then holds on {day}",
            "{day} 没有当时已知且有效的 `{policy}` 版本",
        ),
        ("ask for another `as_of`, or name a `version`", "请换一个 `as_of`，或指定 `version`"),
    ),
    "not_known_then": Message(
        ("version {got} was not published yet at `known_at`", "在 `known_at` 时版本 {got} 尚未发布"),
        ("leave one of the two out", "请去掉其中一个"),
    ),
    "must_record": Message(
        ("this service records every decision", "本服务记录每一次判定"),
        ("leave `record` out", "请去掉 `record`"),
    ),
    "no_such_time": Message(
        ("`{name}`: {got} is no point in time", "`{name}`：{got} 不是时间"),
        (
            "write a day as `2026-03-03`, or a time as `2026-03-03T09:30:00+08:00`",
            "日期请写成 `2026-03-03`，时间请写成 `2026-03-03T09:30:00+08:00`",
        ),
    ),
    "no_such_value": Message(
        ("`{name}` cannot be {got}", "`{name}` 不能是 {got}"),
        ("write one of {expected}", "请写以下之一：{expected_zh}"),
    ),
    "no_such_day": Message(
        ("`{name}`: {got} is not a day of the calendar", "`{name}`：日历上没有 {got} 这一天"),
        ("write a date as `2026-01-31`", "日期请写成 `2026-01-31`"),
    ),
    "date_out_of_range": Message(
        ("`{name}` must be {expected}, but {got} came", "`{name}` 应为{being_zh}，但收到的是 {got}"),
    ),
    "unstorable": Message(
        ("`{name}` holds a NUL or half a character", "`{name}` 含有 NUL 或不完整的字符"),
        ("write it in whole characters", "请使用完整的字符"),
    ),
    "too_long": Message(
        ("`{name}` has more than {limit} characters", "`{name}` 超过 {limit} 个字符"),
    ),
    "too_many_bytes": Message(
        ("`{name}` has more than {limit} bytes", "`{name}` 超过 {limit} 字节"),
    ),
    "row_too_long": Message(
        ("the row has more than {limit} bytes", "该行超过 {limit} 字节"),
    ),
    "needs_state": Message(
        ("`{name}` is laid over a state, and there is no `state`", "`{name}` 需与 `state` 一同给出"),
        (
            "send the `state` of the answer before, or `{{}}` where there is none",
            "请一并发送上次回答的 `state`；尚无状态时写 `{{}}`",
        ),
    ),
    "not_available": Message(
        (
            "`{name}` needs a service with a store, and this one has none",
            "`{name}` 需要带存储库的服务，而本服务没有存储库",
        ),
        ("leave it out, or start the service with `--database`", "请去掉它，或用 `--database` 启动服务"),
    ),
}
