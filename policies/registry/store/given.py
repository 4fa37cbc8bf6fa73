"""What people hand to the store, taken as it may be kept: names, reasons, texts."""

from __future__ import annotations

import unicodedata

from policies.registry.store.problems import Refused

# In characters: nobody's name, nor anybody's reason, is longer.
LONGEST_NAME = 200
LONGEST_REASON = 4000

# Letters and marks that nobody sees (Unicode's Default_Ignorable_Code_Point, without its controls).
UNSEEN = (
    ("\u034f", "\u034f"),
    ("\u115f", "\u1160"),
    ("\u17b4", "\u17b5"),
    ("\u180b", "\u180f"),
    ("\u3164", "\u3164"),
    ("\ufe00", "\ufe0f"),
    ("\uffa0", "\uffa0"),
    ("\U000e0100", "\U000e01ef"),
)


def actor(name: str) -> str:
    """The name of whoever takes a step, without spaces around it, its letters composed (NFC).

    Raises `Refused` where that leaves nothing, and for a name with a character that nobody sees: it would pass for another's.
    """
    cleaned = unicodedata.normalize("NFC", " ".join(name.split()))
    seen = storable(cleaned) and not any(map(_unseen, cleaned)) and any(map(str.isalnum, cleaned))
    if not seen or len(cleaned) > LONGEST_NAME:
        raise Refused(
            "actor",
            f"every step is somebody's: a name of 1 to {LONGEST_NAME} characters is expected, none of them invisible",
            f"每一步都须有操作人：请给出 1 至 {LONGEST_NAME} 个字符的姓名，不含不可见字符",
        )
    return cleaned


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's: `Ann` and `ann` are, and so are `李娜` and `李 娜`, `Ｌｉ` and `Li`.

    Names that only look alike, such as a Latin and a Cyrillic `а`, are two: who a name belongs to, keys settle.
    """
    return folded(one) == folded(other)


def folded(name: str) -> str:
    """What is the same of all spellings of a name: letters, digits and signs, whatever their case, width and composition."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(letter for letter in plain if not letter.isspace() and not _unseen(letter))


def _unseen(letter: str) -> bool:
    """Whether a character takes no room: controls, what directs or joins others, fillers, selectors of a variant."""
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs") or any(
        first <= letter <= last for first, last in UNSEEN
    )


def reason(text: str | None, en: str, zh: str) -> str:
    """Why something is done; `en` and `zh` say what it is that needs one. Raises `Refused` where there is none."""
    cleaned = optional(text)
    if cleaned is None:
        raise Refused("no-reason", f"{en} needs a reason", f"{zh}须说明理由")
    return cleaned


def optional(text: str | None) -> str | None:
    """A remark that may be left out: without spaces around it, None where there is nothing."""
    cleaned = (text or "").strip()
    if len(cleaned) > LONGEST_REASON or not storable(cleaned):
        raise Refused(
            "remark",
            f"a reason or a comment is text of at most {LONGEST_REASON} characters",
            f"理由与说明应为不超过 {LONGEST_REASON} 个字符的文本",
        )
    return cleaned or None


def storable(text: str) -> bool:
    """Whether both databases can keep a text: one has no room for a NUL, neither for half a character."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def policy_text(text: str) -> str:
    """The text of a policy or of its tests. Raises `Refused` where it cannot be kept as it is."""
    if storable(text):
        return text
    raise Refused(
        "text",
        "the text holds a NUL or half a character and cannot be kept; save it again as UTF-8",
        "文本中含有 NUL 或不完整的字符，无法保存；请重新存为 UTF-8",
    )
