"""A judge that accepts everything is worthless: good statements must pass and broken ones must not, before anything else is asked."""

from pathlib import Path

from . import bodies


def run(row, judge):
    """What the judge got wrong, and how many it was asked."""
    if row.key == "Trino":
        return bodies.trino_selftest(judge)
    if row.key == "S3":
        return bodies.s3_selftest(judge)
    good, bad = read(row.dialect)
    told = judge.judge(good + bad)
    wrong = [f"good, and refused: {text}: {verdict}" for text, verdict in zip(good, told) if verdict]
    wrong += [f"broken, and accepted: {text}" for text, verdict in zip(bad, told[len(good) :]) if verdict is None]
    return wrong, len(told)


def read(dialect):
    """The statements of `selftest/<dialect>.txt`, each under a line `%% good` or `%% bad`."""
    text = (Path(__file__).parents[1] / "selftest" / f"{dialect}.txt").read_text()
    found = {"good": [], "bad": []}
    for part in text.split("%% ")[1:]:
        word, _, statement = part.partition("\n")
        found[word].append(statement.strip())
    return found["good"], found["bad"]
