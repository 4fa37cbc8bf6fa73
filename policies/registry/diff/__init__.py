"""What differs between two versions of a policy, said in words.

An auditor asks which rule is another, not which line of text. So two checked policies are compared rule by
rule, each by its stable name, and every difference is said in the policy's own words: what was, what is, and
whether it may decide about a customer. Another layout, other comments, or the same rules in the other
language are no difference.

    names.py       reading the old version with the names of the new one
    shapes.py      what two rules are compared by
    matching.py    which rule is which
    renames.py     what is called otherwise
    words.py       rules in words, both languages
    changes.py     the few ways in which anything is compared
    declared.py, rules.py, scores.py, ladders.py, benefits.py, over_time.py, examples.py
                   what each part of a policy consists of
    compare.py     the whole of two policies
    sentences.py   differences for people and for programs

It is pure: no file, no clock, no store.
"""

from policies.registry.diff.compare import differences
from policies.registry.diff.difference import Difference
from policies.registry.diff.sentences import Place, difference_json, place, sentence, summary, used_name

__all__ = [
    "Difference",
    "Place",
    "difference_json",
    "differences",
    "place",
    "sentence",
    "summary",
    "used_name",
]
