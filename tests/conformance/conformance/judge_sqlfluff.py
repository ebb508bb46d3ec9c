"""sqlfluff: a parser of many dialects that knows nothing of grantc.

In: statements, one text each. Out: for each `None`, or why it is refused.
Accepted means: a tree without an unparsable part, no violation, and exactly one statement in it, so that a text that hides a second
statement is refused whatever our own cutting said.
"""

import os
import re
from concurrent.futures import ProcessPoolExecutor

LEVEL = "parsed"


class Sqlfluff:
    """One dialect of it."""

    def __init__(self, dialect):
        from importlib.metadata import version

        self.dialect = dialect
        self.name = f"sqlfluff {version('sqlfluff')} `{dialect}`"

    def judge(self, texts):
        """The long ones first, so that no core waits for a late one."""
        order = sorted(range(len(texts)), key=lambda at: -len(texts[at]))
        verdicts = [None] * len(texts)
        if len(texts) < 8:
            for at in order:
                verdicts[at] = parse((self.dialect, texts[at]))
            return verdicts
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            asked = [(self.dialect, texts[at]) for at in order]
            for at, verdict in zip(order, pool.map(parse, asked, chunksize=4)):
                verdicts[at] = verdict
        return verdicts


_linters = {}


def parse(asked):
    """Why a statement is refused, if it is."""
    dialect, text = asked
    if dialect not in _linters:
        from sqlfluff.core import FluffConfig, Linter

        # `raw`: braces are no templates. Without limits: a long statement is read too.
        overrides = {"dialect": dialect, "templater": "raw", "large_file_skip_char_limit": 0, "large_file_skip_byte_limit": 0}
        _linters[dialect] = Linter(config=FluffConfig(overrides=overrides))
    try:
        parsed = _linters[dialect].parse_string(text)
        tree = parsed.tree
    except Exception as error:  # a judge that fails has accepted nothing
        return f"the parser failed: {type(error).__name__}: {error}"[:300]
    if tree is None:
        return "no tree"
    for part in tree.recursive_crawl("unparsable"):
        return f"unparsable: {part.raw[:160]!r}"
    for violation in parsed.violations:
        return f"{violation.desc()}"[:300]
    # sqlfluff takes every kind of line end for one.
    if tree.raw != re.sub("\r\n?", "\n", text):
        return "the tree is not the text"
    found = sum(1 for _ in tops(tree))
    return None if found == 1 else f"{found} statements in one"


def tops(tree):
    """Statements that stand in no other."""
    for part in tree.segments:
        if part.is_type("statement"):
            yield part
        elif part.is_type("batch"):
            yield from tops(part)
