"""Answers as JSON in UTF-8, as quickly as it can be had: for those who send many.

The text is what `engine.decision.json_text` writes. A library in C does the work; the few
values that it writes otherwise (very small decimals, with an exponent) or not at all (half a character) go
the plain way.
"""

from __future__ import annotations

import msgspec

from engine.decision import json_text

ENCODER = msgspec.json.Encoder(decimal_format="number")
# How an exponent looks. Where a label has it, the plain way is gone for nothing, that is all.
EXPONENTS = (b"E-", b"E+")


def encoded(value: object) -> bytes:
    """JSON in UTF-8, decimals with all their digits; half a character becomes `?`.

    Raises TypeError for what JSON answers of ours never hold.
    """
    try:
        text = ENCODER.encode(value)
    except UnicodeEncodeError:
        return json_text(value).encode("utf-8", "replace")
    if any(exponent in text for exponent in EXPONENTS):
        return json_text(value).encode("utf-8", "replace")
    return text
