"""Redshift's plans run by PostgreSQL, statement by statement: half-way, nobody may see what neither end shows.

In: the pairs that `worlds.rs --plans` wrote. Each runs its first version, then the plan; after each statement, or transaction,
every account asks every table and every view that ever stood before it. Each row must be one that an end shows this account, each
of its cells what an end that shows the row has there, or NULL; who has it clear at one end may meet it as a mask
of either end shows it: less than clear. A denial is always fine. After the last statement the answers
must be those of the second version (`Run.question`). Statements are rewritten as those of artefacts are.
Out: mismatches, and what was counted. A plan whose protecting statements come last must be seen, or the asking is blind.
"""

import json
import re
import time
from dataclasses import dataclass

import psycopg

from . import answers, inputs, lexical
from .redshift import Run, quoted

# What takes or tightens: it may not come late.
PROTECTS = re.compile(r"(REVOKE|DELETE)\b")
# So many plans in a wrong order need to be told apart.
ENOUGH = 3


@dataclass
class Counts:
    """What was run."""

    pairs: int = 0
    longer: int = 0  # plans with too many steps, which were not run
    statements: int = 0
    prefixes: int = 0
    questions: int = 0
    late: int = 0  # plans run with what protects at their end
    seen: int = 0  # of these, told
    narrow: int = 0  # plans run in the order of never-narrower too, where it is another
    gaps: int = 0  # of these, those in whose usual order somebody goes without for a while


def run(engine, asked, scratch, tally):
    """Every pair; what was counted goes into the notes."""
    start, counts = time.monotonic(), Counts()
    for label, folder in inputs.pairs(asked.plan_worlds, asked.seed, scratch):
        before, after = (json.loads((folder / f"{end}.json").read_text()) for end in ("before", "after"))
        steps = transactions((folder / "plan.sql").read_text())
        if not steps:
            continue
        if len(steps) > asked.plan_steps:
            counts.longer += 1
            continue
        counts.pairs += 1
        counts.statements += sum(map(len, steps))
        item, known = inputs.Item(label, "Redshift", folder / "before", before), len(tally.mismatches)
        prefixes(engine, item, after, steps, tally, counts)
        if (folder / "narrow.sql").exists():
            counts.narrow += 1
            prefixes(engine, item, after, transactions((folder / "narrow.sql").read_text()), tally, counts, kept=True)
            usual = type(tally)()
            prefixes(engine, item, after, steps, usual, Counts(), kept=True)
            counts.gaps += any("both ends give it" in reason for _, reason, _ in usual.mismatches)
        late = sorted(steps, key=lambda step: bool(PROTECTS.match(step[0])))
        # What was told of the right order says nothing of the wrong one.
        if late != steps and len(tally.mismatches) == known and counts.seen < ENOUGH:
            counts.late += 1
            wrong = type(tally)()
            prefixes(engine, item, after, late, wrong, Counts())
            counts.seen += any("at neither end" in reason for _, reason, _ in wrong.mismatches)
    if counts.narrow and not counts.gaps:
        tally.mismatches.append(("plans", "in no plan's usual order is anybody denied for a while: the questions are blind", ""))
    if not counts.seen:
        tally.mismatches.append(("plans", f"of {counts.late} plans in a wrong order none was seen: the questions are blind", ""))
    tally.notes.append(
        f"{engine.name} ran {counts.pairs} plans, {counts.statements} statements ({counts.longer} plans of more than {asked.plan_steps} steps"
        f" were not run: --plan-steps): after each of {counts.prefixes} steps no account saw more than"
        f" before or after ({counts.questions} questions), and after the last what it should; of {counts.late} plans whose revocations were put"
        f" last, {counts.seen} were told apart; {counts.narrow} plans ran with --order never-narrower too, and no account was denied half-way what both ends give it, as some are in the usual order of {counts.gaps} of them ({time.monotonic() - start:.0f} s)"
    )


def transactions(text):
    """The statements of a plan, those of a transaction together."""
    steps, inside = [], False
    for statement in lexical.statements(text, "redshift"):
        if inside:
            steps[-1].append(statement.code)
        else:
            steps.append([statement.code])
        inside = (inside or statement.code == "BEGIN") and statement.code != "COMMIT"
    return steps


def prefixes(engine, item, after, steps, tally, counts, kept=False):
    """One plan; whether what both ends give is kept all the way."""
    with engine.fresh() as connection:
        run = Halfway(connection, item, after, tally, counts, kept)
        run.build(run.accounts)
        for at, step in enumerate(steps):
            for code in step:
                run.statement("plan.sql", code)
            counts.prefixes += 1
            run.everybody(f"after {at + 1} of {len(steps)} steps, the last of them {step[-1] if len(step) == 1 else step[1]}")
        run.tables = [table for table in after["tables"] if table["columns"]]
        for table in run.tables:
            for account in run.accounts:
                run.question(table, account)
                counts.questions += 1


class Halfway(Run):
    """A plan under way."""

    def __init__(self, connection, item, after, tally, counts, kept):
        super().__init__(connection, item, tally)
        self.accounts = self.possible(dict.fromkeys([*item.about["accounts"], *after["accounts"]]))
        self.ends = {tuple(table["path"]): (table, other) for table, other in zip(item.about["tables"], after["tables"])}
        self.counts = counts
        self.kept = kept
        self.fine = {}

    def everybody(self, where):
        """Every account asks for everything."""
        for path, ends in self.ends.items():
            if not ends[0]["columns"]:
                continue
            database, schema, last = path
            base = f"{quoted(f'{database}/{schema}')}.{quoted(last)}"
            for relation in filter(None, (base, self.views.get(path))):
                for account in self.accounts:
                    self.half(ends, relation, account, where)
            for account in set(ends[0]["readers"]) & set(ends[1]["readers"]) & set(self.accounts) if self.kept else ():
                if not self.fine.get((self.views.get(path), account)) and all(end["answers"].get(account) for end in ends):
                    self.tally.mismatches.append((self.item.label, f"{account} on {path} {where}: both ends give it, and nothing is there", ""))

    def half(self, ends, relation, account, where):
        """What one account sees of one relation."""
        self.counts.questions += 1
        try:
            seen = self.select(relation, account, ends[0]) or []
        except psycopg.errors.UndefinedTable:
            seen = []
        except psycopg.Error as error:
            self.tally.mismatches.append((self.item.label, f"{account} on {relation} {where}: {error}", ""))
            return
        # Most steps change nothing for most.
        if self.fine.get((relation, account)) == seen:
            return
        self.fine[relation, account] = seen
        if row := beyond(ends, account, seen):
            self.tally.mismatches.append((self.item.label, f"{account} on {relation} {where}: at neither end is {row}", ""))


def beyond(ends, account, seen):
    """A row of those seen that neither end has, if there is one: each must stand for another row of the table."""
    columns = ends[0]["columns"]
    shown = {}
    for table in ends:
        for at, cells in table["answers"].get(account, ()):
            shown.setdefault(at, []).append(cells)

    def fits(row, at):
        for place, (cell, column) in enumerate(zip(row, columns)):
            own = [cells[place] for cells in shown[at]]
            # Whoever knows the value learns nothing from a masked form of it.
            if ends[0]["rows"][at][place] in own:
                own += [form for table in ends for form in table["forms"][at][place]]
            if cell is not None and not any(answers.fits(cell, wanted, column) for wanted in own):
                return False
        return True

    places = [[at for at in shown if fits(row, at)] for row in seen]
    taken = {}

    def place(index, tried):
        for at in places[index]:
            if at not in tried:
                tried.add(at)
                if at not in taken or place(taken[at], tried):
                    taken[at] = index
                    return True
        return False

    return next((row for index, row in enumerate(seen) if not place(index, set())), None)
