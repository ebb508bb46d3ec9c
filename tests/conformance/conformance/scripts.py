"""Judges scripts: cuts them, counts what came out in ways that do not depend on the cutting, and asks the judge.

Invariant: every statement ends up in exactly one of accepted, excepted, refused. A statement that a literal lets out has no
comment of its own above it, and is more than the facts account for: refused either way (law 7).
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from . import lexical

# What runs a text as a statement: Snowflake's EXECUTE IMMEDIATE, T-SQL's EXEC(N'…').
RUNS = re.compile(r"\b(EXECUTE\s+IMMEDIATE\s*|EXEC(UTE)?\s*\(\s*)$", re.IGNORECASE)


@dataclass
class Tally:
    """What came of one platform."""

    files: int = 0
    statements: int = 0
    inner: int = 0
    shapes: int = 0
    accepted: int = 0
    excepted: Counter = field(default_factory=Counter)
    refused: list = field(default_factory=list)
    second: str = ""
    notes: list = field(default_factory=list)


@dataclass
class Seen:
    """A kind of statement: an example, where it stood first, how often."""

    text: str
    where: str
    times: int = 0


def judge(row, judge, items, tally):
    """Every `.sql` file of the items."""
    shapes = {}
    for item in items:
        for name in row.files:
            path = item.folder / name
            where = f"{item.label}: {name}"
            if not path.exists():
                tally.refused.append((where, "the file is missing", ""))
                continue
            if name.endswith(".sql"):
                tally.files += 1
                try:
                    cut(row, item, path, where, shapes, tally)
                except (lexical.Unclosed, UnicodeDecodeError) as error:
                    tally.refused.append((where, str(error), ""))
    tally.shapes = len(shapes)
    kinds = list(shapes)
    verdicts = judge.judge(kinds)
    again = []
    for kind, verdict in zip(kinds, verdicts):
        if verdict is None:
            tally.accepted += shapes[kind].times
        else:
            again.append((kind, verdict))
    exceptions(row, judge, shapes, again, tally)
    if row.second:
        second = row.second()
        opinions = second.judge([shapes[kind].text for kind in kinds])
        taken = sum(shapes[kind].times for kind, opinion in zip(kinds, opinions) if opinion is None)
        tally.second = f"{second.name} also parses {taken}"


def cut(row, item, path, where, shapes, tally):
    """The statements of one file."""
    text = path.read_bytes().decode()
    found = lexical.statements(text, row.dialect)
    tally.statements += len(found)
    for statement in found:
        if not statement.headed:
            tally.refused.append((where, "a statement without a comment of its own", statement.text))
            continue
        if lexical.DIALECTS[row.dialect].batches:
            for kind, token in statement.tokens:
                if kind in ("string", "name", "comment") and re.search(r"(?im)^\s*GO\s*$", token):
                    tally.refused.append((where, "a line `GO` inside a token ends the batch", statement.text))
        add(statement, where, shapes)
        for inner in inside(statement, row.dialect):
            tally.inner += 1
            tally.statements += 1
            add(inner, where, shapes)
    headers = len(re.findall(r"(?m)^\n-- ", "\n" + text.replace("\r\n", "\n"))) if not item.sample else len(found)
    if headers < len(found):
        tally.refused.append((where, f"{len(found)} statements under {headers} comments", ""))
    if item.about and path.name in row.counts:
        pattern, kinds, each = row.counts[path.name]
        expected = each * sum(item.about["facts"].get(kind, 0) for kind in kinds)
        made = sum(1 for statement in found if pattern.match(statement.code))
        if made != expected:
            tally.refused.append((where, f"{made} statements for {expected} that the facts ask for", ""))


def add(statement, where, shapes):
    shapes.setdefault(lexical.shape(statement), Seen(statement.text, where)).times += 1


def inside(statement, dialect):
    """What the statement runs as a text."""
    before = ""
    for kind, token in statement.tokens:
        if kind == "string" and RUNS.search(before):
            text = lexical.inside(token, dialect)
            yield lexical.Statement(tuple(lexical.tokens(text, dialect)))
        before = (before + token)[-60:]


def exceptions(row, judge, shapes, refused, tally):
    """What the judge cannot read: judged without the form, and counted under its name."""
    for kind, verdict in refused:
        for exception in row.exceptions:
            rewritten = exception.rewrite(kind)
            if rewritten is not None and judge.judge([rewritten]) == [None]:
                tally.excepted[exception] += shapes[kind].times
                break
        else:
            tally.refused += [(shapes[kind].where, verdict, shapes[kind].text)] * shapes[kind].times
