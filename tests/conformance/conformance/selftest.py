"""A judge that accepts everything is worthless: good statements must pass and broken ones must not, before anything else is asked."""

from pathlib import Path

from . import bodies

# What the statements that are analysed may name.
TABLES = (("t", "c", "STRING"), ("Staff", "pay", "NUMERIC(10, 2)"), ("staff", "born", "DATE"))


def run(row, judge):
    """What the judge got wrong, and how many it was asked."""
    if row.key == "Trino":
        return bodies.trino_selftest(judge)
    if row.key == "S3":
        return bodies.s3_selftest(judge)
    parts = read(row.dialect)
    good, bad, excepted = parts["good"], parts["bad"], parts["excepted"]
    told = judge.judge(good + bad)
    wrong = [f"good, and refused: {text}: {verdict}" for text, verdict in zip(good, told) if verdict]
    wrong += [f"broken, and accepted: {text}" for text, verdict in zip(bad, told[len(good) :]) if verdict is None]
    # What an exception lets through is of its form, and a broken statement is of none.
    wrong += [f"of no exception's form: {text}" for text in excepted if judge.judge([without(row, text)]) != [None]]
    wrong += [f"broken, and let through: {text}" for text in bad if without(row, text) != text and judge.judge([without(row, text)]) == [None]]
    named = names(row, judge) if row.analysed else []
    return wrong + [text for text in named if text], len(told) + len(excepted) + len(named)


def names(row, judge):
    """What a judge that looks up names and types got wrong of each statement, with the same tables."""
    parts = read(row.dialect)
    tables = [{"path": ["p", "d", name], "columns": [{"name": column, "type": of}]} for name, column, of in TABLES]
    told = judge.analyse([{"tables": tables, "statements": text.split(";\n")} for text in parts["named"] + parts["unnamed"]])
    good, bad = told[: len(parts["named"])], told[len(parts["named"]) :]
    wrong = [any(verdicts) and f"good, and refused: {text}: {verdicts}" for text, verdicts in zip(parts["named"], good, strict=True)]
    # What stands before the last statement is there for it.
    return wrong + [
        not (verdicts[-1] and not any(verdicts[:-1])) and f"names what is not there, and is not refused for it alone: {text}: {verdicts}"
        for text, verdicts in zip(parts["unnamed"], bad, strict=True)
    ]


def without(row, text):
    """A statement without the forms that the judge cannot read."""
    for exception in row.exceptions:
        rewritten = exception.rewrite(text)
        text = text if rewritten is None else rewritten
    return text


def read(dialect):
    """The statements of `selftest/<dialect>.txt`, each under a line `%% good`, `%% bad` or `%% excepted`; those that are analysed, under
    `%% named` and `%% unnamed`, may be several."""
    text = (Path(__file__).parents[1] / "selftest" / f"{dialect}.txt").read_text()
    found = {"good": [], "bad": [], "excepted": [], "named": [], "unnamed": []}
    for part in text.split("%% ")[1:]:
        word, _, statement = part.partition("\n")
        found[word].append(statement.strip())
    return found
