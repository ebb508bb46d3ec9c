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
# A procedure of grantc's that runs its second text where the first one, a query, counts nothing.
CALLS = re.compile(r'\."grantc_unless"\($')
# What may follow a `BEGIN`, or a T-SQL `DECLARE`, under the comment of these.
STARTS = re.compile(r"(BEGIN|DECLARE)\b")
FOLLOWS = re.compile(r"(DELETE FROM|INSERT INTO|TRUNCATE TABLE|COMMIT|IF @rows|DROP TABLE|EXEC sp_addrolemember)\b")
# A hostile text in the place of SQL, or of a column's type.
CODE = re.compile(r"hostile [\w-]+/(Custom|ColumnType)-")


@dataclass
class Tally:
    """What came of one platform."""

    files: int = 0
    statements: int = 0
    inner: int = 0
    shapes: int = 0
    accepted: int = 0
    analysed: int = 0
    excepted: Counter = field(default_factory=Counter)
    refused: list = field(default_factory=list)
    second: str = ""
    decisions: int = 0
    rows: int = 0
    cells: int = 0
    mismatches: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    policies: Counter = field(default_factory=Counter)  # what stands on tables where an engine ran it, by kind


@dataclass
class Seen:
    """A kind of statement: an example, where it stood first, how often."""

    text: str
    where: str
    times: int = 0
    code: bool = True  # whether it stands nowhere but beside a hostile text in the place of code


def judge(row, judge, items, tally):
    """Every `.sql` file of the items."""
    shapes = {}
    for item in items:
        expected = row.expected(item.folder)
        for name in expected:
            if not (item.folder / name).exists():
                tally.refused.append((f"{item.label}: {name}", "the file is missing", ""))
        for path in sorted(item.folder.glob("*.sql")):
            where = f"{item.label}: {path.name}"
            # A long script goes on in `30_views_002.sql`.
            if re.sub(r"_\d+\.sql$", ".sql", path.name) not in expected:
                tally.refused.append((where, "a file that nobody asked for", ""))
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
    headed, together = 0, False
    for statement in found:
        # The statements of a transaction, or of a batch with a variable, may share its comment.
        if statement.headed:
            headed += 1
            together = False
        elif not (together and FOLLOWS.match(statement.code)):
            tally.refused.append((where, "a statement without a comment of its own", statement.text))
            continue
        together |= bool(STARTS.match(statement.code))
        if lexical.DIALECTS[row.dialect].batches:
            for kind, token in statement.tokens:
                if kind in ("string", "name", "comment") and re.search(r"(?im)^\s*GO\s*$", token):
                    tally.refused.append((where, "a line `GO` inside a token ends the batch", statement.text))
        add(statement, where, shapes)
        for inner in inside(statement, row.dialect):
            tally.inner += 1
            tally.statements += 1
            add(inner, where, shapes)
    headers = len(re.findall(r"(?m)^\n-- ", "\n" + text.replace("\r\n", "\n")))
    if headers < headed:
        tally.refused.append((where, f"{headed} statements under {headers} comments", ""))
    if path.name in row.counts:
        pattern, kinds, each = row.counts[path.name]
        expected = each * sum(item.about["facts"].get(kind, 0) for kind in kinds)
        made = sum(1 for statement in found if pattern.match(statement.code))
        if made != expected:
            tally.refused.append((where, f"{made} statements for {expected} that the facts ask for", ""))


def analyse(row, judge, items, tally):
    """Every statement again, in the order of the files, with names and types looked up in the tables and in what came before it."""
    places, questions, told = [], [], Counter()
    for item in items:
        if CODE.match(item.label):
            continue
        found = [
            (f"{item.label}: {path.name}", statement.text)
            for path in sorted(item.folder.glob("*.sql"))
            for statement in lexical.statements(path.read_bytes().decode(), row.dialect)
        ]
        tables = [{"path": each["path"], "columns": [analysable(column) for column in each["columns"]]} for each in item.about["tables"] if each["columns"]]
        asked = []
        for _, text in found:
            for unread in row.unread:
                rewritten = unread.rewrite(text)
                told[unread.name] += rewritten is not None
                text = text if rewritten is None else rewritten
            asked.append(text)
        places.append(found)
        questions.append({"tables": tables, "statements": asked})
    for found, verdicts in zip(places, judge.analyse(questions), strict=True):
        for (where, text), verdict in zip(found, verdicts, strict=True):
            if verdict:
                tally.refused.append((where, verdict, text))
            else:
                tally.analysed += 1
    tally.notes += [f"{count} of them not as they stand, for the analyser refuses {name}" for name, count in told.items() if count]
    tally.notes.append(f"{tally.analysed} of {sum(map(len, places))} statements analysed, each with the tables and with what the statements before it made")


def analysable(column):
    """A column under the name that it has in what is analysed (`platforms.INTERNAL`)."""
    return {**column, "name": f"_{column['name'][1:]}" if column["name"].startswith("$") else column["name"]}


def add(statement, where, shapes):
    seen = shapes.setdefault(lexical.shape(statement), Seen(statement.text, where))
    seen.times += 1
    seen.code &= bool(CODE.match(where))


def inside(statement, dialect):
    """What the statement runs as a text."""
    before, calls, parts, joined = "", False, [], False
    for kind, token in statement.tokens:
        if kind == "string" and RUNS.search(before):
            text = lexical.inside(token, dialect)
            yield lexical.Statement(tuple(lexical.tokens(text, dialect)))
        before = (before + token)[-60:]
        calls = calls or statement.code.startswith("CALL ") and bool(CALLS.search(before))
        # A text may stand in pieces.
        if calls and kind == "string":
            text = lexical.inside(token, dialect)
            parts = [*parts[:-1], parts[-1] + text] if joined else [*parts, text]
        joined = token == "|" or joined and kind in ("space", "string")
    for text in parts:
        yield lexical.Statement(tuple(lexical.tokens(text, dialect)))


def exceptions(row, judge, shapes, refused, tally):
    """What the judge cannot read: judged without the forms, and counted under the name of each."""
    for kind, verdict in refused:
        # What a user wrote by hand there need not be SQL: that it is one statement is what its headers say.
        if shapes[kind].code:
            tally.excepted["SQL or a type of the user's own, which is none"] += shapes[kind].times
            continue
        text, used = kind, []
        for exception in row.exceptions:
            rewritten = exception.rewrite(text)
            if rewritten is not None:
                text = rewritten
                used.append(exception.name)
        if used and judge.judge([text]) == [None]:
            tally.excepted[" and ".join(used)] += shapes[kind].times
        else:
            tally.refused += [(shapes[kind].where, verdict, shapes[kind].text)] * shapes[kind].times
