"""A judge that accepts everything is worthless: good statements must pass and broken ones must not, before anything else is asked."""

from pathlib import Path

from . import bodies


def run(row, judge):
    """What the judge got wrong, and how many it was asked."""
    if row.key == "Trino":
        return bodies.trino_selftest(judge)
    if row.key == "S3":
        return bodies.s3_selftest(judge)
    good, bad, excepted = read(row.dialect)
    told = judge.judge(good + bad)
    wrong = [f"good, and refused: {text}: {verdict}" for text, verdict in zip(good, told) if verdict]
    wrong += [f"broken, and accepted: {text}" for text, verdict in zip(bad, told[len(good) :]) if verdict is None]
    # What an exception lets through is of its form, and a broken statement is of none.
    wrong += [f"of no exception's form: {text}" for text in excepted if judge.judge([without(row, text)]) != [None]]
    wrong += [f"broken, and let through: {text}" for text in bad if without(row, text) != text and judge.judge([without(row, text)]) == [None]]
    return wrong, len(told) + len(excepted)


def without(row, text):
    """A statement without the forms that the judge cannot read."""
    for exception in row.exceptions:
        rewritten = exception.rewrite(text)
        text = text if rewritten is None else rewritten
    return text


def read(dialect):
    """The statements of `selftest/<dialect>.txt`, each under a line `%% good`, `%% bad` or `%% excepted`."""
    text = (Path(__file__).parents[1] / "selftest" / f"{dialect}.txt").read_text()
    found = {"good": [], "bad": [], "excepted": []}
    for part in text.split("%% ")[1:]:
        word, _, statement = part.partition("\n")
        found[word].append(statement.strip())
    return found["good"], found["bad"], found["excepted"]
