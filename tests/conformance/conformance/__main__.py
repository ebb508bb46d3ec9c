"""`tests/conformance/run`: every statement and file of the fixtures and of random worlds, given to the best judge of its platform.

Exit 1 if anything is refused, a judge fails its self-test, or a judge cannot be had.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import bodies, inputs, scripts, selftest
from .install import Missing
from .platforms import ROWS


def main():
    """The command."""
    arguments = argparse.ArgumentParser(prog="tests/conformance/run")
    arguments.add_argument("--worlds", type=int, default=1000, metavar="N", help="so many random worlds [default: 1000]")
    arguments.add_argument("--trino-worlds", type=int, default=150, metavar="N", help="so many of them through Trino itself [default: 150]")
    arguments.add_argument("--engine-worlds", type=int, default=150, metavar="N", help="so many of them on other engines [default: 150]")
    arguments.add_argument("--plan-worlds", type=int, default=40, metavar="N", help="so many plans run step by step [default: 40]")
    arguments.add_argument("--plan-steps", type=int, default=100, metavar="N", help="of so many steps at most [default: 100]")
    arguments.add_argument("--injections", type=int, default=1, metavar="N", help="so many of 23 slices of hostile texts, judged [default: 1]")
    arguments.add_argument("--seed", type=int, default=20_261_123, help="of the random worlds")
    arguments.add_argument("--show", type=int, default=10, metavar="N", help="so many refusals of each platform [default: 10]")
    keys = [row.key for row in ROWS]
    arguments.add_argument("platform", nargs="*", help=f"of {', '.join(keys)} [default: all]")
    asked = arguments.parse_args()
    if unknown := [each for each in asked.platform if each not in keys]:
        arguments.error(f"no platform {unknown}: they are {', '.join(keys)}")
    rows = [row for row in ROWS if not asked.platform or row.key in asked.platform]
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(judge_all(rows, asked, Path(scratch)))


def judge_all(rows, asked, scratch):
    """Every row; the exit code."""
    print(f"{asked.worlds} random worlds of seed {asked.seed}", flush=True)
    binary, items, reports = inputs.gather(asked.worlds, asked.seed, scratch)
    hostile = inputs.hostile(asked.injections, scratch / "hostile")
    failed = False
    for name, refusal in schemas(binary, reports):
        print(f"REFUSED {name}: {refusal}")
        failed = True
    table = []
    for row in rows:
        start = time.monotonic()
        try:
            judge = row.judge()
            wrong, tested = selftest.run(row, judge)
            tally = judge_row(row, judge, items, hostile, asked)
            if row.engine:
                run_engine(row, items, asked, scratch, tally)
        except Missing as error:
            print(f"{row.key}: the judge cannot be had: {error}", flush=True)
            failed = True
            continue
        for each in wrong:
            print(f"{row.key}: the judge is wrong: {each}")
        failed |= bool(wrong or tally.refused or tally.mismatches)
        say(row, tally, asked.show)
        cells = [row.key, judge.name, row.level, tested, tally.files, tally.statements, tally.shapes, tally.accepted]
        cells += [len(tally.refused), sum(tally.excepted.values()), tally.decisions or "", tally.cells or ""]
        cells += [len(tally.mismatches) if tally.decisions else "", f"{time.monotonic() - start:.0f} s"]
        table.append((row, tally, cells))
    show(table)
    print(f"\n{'something is refused or differs' if failed else 'nothing is refused, nothing differs'}")
    return 1 if failed else 0


def judge_row(row, judge, items, hostile, asked):
    """One platform."""
    hostile = [item for item in hostile if item.api_type == row.api_type]
    mine = [item for item in items if item.api_type == row.api_type]
    tally = scripts.Tally()
    if not mine:
        tally.refused.append((row.key, "no integration of this platform wrote anything", ""))
    if row.key == "Trino":
        mine = first(mine, asked.trino_worlds)
        if asked.worlds > asked.trino_worlds:
            tally.notes.append(f"of the random worlds, the first {asked.trino_worlds}: --trino-worlds asks for more")
    if row.key == "Trino":
        # The engine makes the tables, and of a type that is none it can make none.
        made = [item for item in hostile if "/ColumnType-" not in item.label]
        tally.notes += [f"{len(hostile) - len(made)} hostile texts in the place of a type were left out"] if len(made) < len(hostile) else []
        hostile = made
    if hostile:
        tally.notes.append(f"{len(hostile)} of the integrations judged have a hostile text in some place")
    mine += hostile
    bodies.json_files(row, mine, tally)
    if row.key == "Trino":
        bodies.trino(judge, mine, tally)
    elif row.key == "S3":
        bodies.s3(row, judge, mine, tally)
    else:
        scripts.judge(row, judge, mine, tally)
        if row.analysed:
            scripts.analyse(row, judge, mine, tally)
    return tally


def first(items, worlds):
    """All fixtures, and so many worlds, with views and with policies on tables."""
    random = [item for item in items if item.label.startswith("world ")]
    native = [item for item in random if "-native/" in item.label]
    views = [item for item in random if "-native/" not in item.label]
    return [item for item in items if not item.label.startswith("world ")] + views[:worlds] + native[:worlds]


def run_engine(row, items, asked, scratch, tally):
    """Every fixture and some worlds: each account asks every table, and is told what the reference says."""
    engine = row.engine(scratch / row.key)
    every = first([item for item in items if item.api_type == row.api_type], asked.engine_worlds)
    mine = [item for item in every if engine.takes(item)]
    if len(mine) < len(every):
        tally.notes.append(f"{engine.name} lacks what {len(every) - len(mine)} integrations need: {engine.lacks}")
    try:
        for item in mine:
            engine.ask(item, tally)
        if row.plans:
            row.plans(engine, asked, scratch / "plans", tally)
    finally:
        engine.close()
    usual = (
        f"{engine.name} ran the artefacts of {len(mine)} integrations: {tally.decisions} times an account asked a table,"
        f" {tally.rows} rows and {tally.cells} cells as the reference shows them"
    )
    tally.notes.append(engine.told(len(mine), tally) if row.key == "S3" else usual)
    if tally.policies:
        stood = ", ".join(f"{count} {kind}" for kind, count in sorted(tally.policies.items()))
        tally.notes.append(f"policies on the tables themselves: {stood}")
    elif row.native:
        tally.mismatches.append((row.key, "no policy on a table was run", ""))
    if not tally.cells:
        tally.mismatches.append((row.key, "nothing was compared", ""))


def schemas(binary, reports):
    """`report.json`, which holds every gap, against the schema that grantc publishes."""
    from jsonschema import Draft202012Validator

    schema = json.loads(subprocess.run([binary, "schema", "report"], check=True, capture_output=True, text=True).stdout)
    for name, report in reports:
        for error in Draft202012Validator(schema).iter_errors(report):
            yield f"{name}/report.json", error.message


def say(row, tally, most):
    """What was refused."""
    for word, found in (("REFUSED", tally.refused), ("MISMATCH", tally.mismatches)):
        for where, reason, text in found[:most]:
            print(f"{row.key}: {word} in {where}: {reason[:900]}")
            if text:
                print("    " + text[:700].replace("\n", "\n    "))
        if len(found) > most:
            print(f"{row.key}: … and {len(found) - most} more")
    sys.stdout.flush()


def show(table):
    """The table, and what stands under it."""
    head = ["platform", "judge", "level", "self-test", "files", "statements", "shapes", "accepted", "refused", "excepted"]
    head += ["decisions", "cells", "mismatches", "took"]
    rows = [head, *([str(cell) for cell in cells] for _, _, cells in table)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    print()
    for row in rows:
        print("  ".join(cell.ljust(width) if at < 3 else cell.rjust(width) for at, (cell, width) in enumerate(zip(row, widths))))
    for row, tally, _ in table:
        print(f"\n{row.key}")
        for note in tally.notes:
            print(f"  {note}")
        if tally.inner:
            print(f"  {tally.inner} of the statements stand in a text that another one runs")
        if tally.second:
            print(f"  second opinion: {tally.second} of {tally.statements}")
        for form, times in tally.excepted.items():
            pages = [each.page for each in row.exceptions if each.name in form]
            print(f"  excepted, {times} times: {form}; the rest of the statement was judged{''.join('; ' + page for page in pages)}")
        print(f"  unproven: {row.unproven}")


if __name__ == "__main__":
    main()
