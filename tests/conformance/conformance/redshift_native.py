"""Redshift's artefacts with `enforcement: native` on PostgreSQL: the tables themselves are granted and asked.

All four scripts are run twice, as they say that they may be: the second time, nothing is there to make. Then every account asks every
table as itself. At last what the manual refuses is tried: every ATTACH again, of a policy that is not there, and on another table.
"""

import re

import psycopg

from . import answers, lexical
from .redshift import Run, name, quoted, rewritten
from .redshift_policies import Policies, Refused


def fold(text):
    """A name as Redshift stores it, quoted or not."""
    return "".join(each.lower() if each.isascii() else each for each in text)


class Native(Run):
    """One integration in a fresh database."""

    def __init__(self, connection, item, tally):
        super().__init__(connection, item, tally)
        self.tables = [{**table, "path": list(map(fold, table["path"]))} for table in self.tables]
        self.database = fold(item.about["database"])
        # The scripts run in one database, and name nothing of others.
        self.paths = {tuple(table["path"]) for table in self.tables if table["path"][0] == self.database}
        self.schemas = {path[1]: f"{path[0]}/{path[1]}" for path in self.paths}
        self.policies, self.attached = None, []

    def all(self):
        """Schema and rows, artefacts twice, questions, and what must be refused."""
        super().all()
        self.wrong()

    def scripts(self):
        """All of them, twice."""
        self.policies = Policies(self.connection, {here: schema for schema, here in self.schemas.items()})
        super().scripts()
        super().scripts()

    def statement(self, file, code):
        """One statement of the artefacts."""
        try:
            code = self.due(code)
            if code is None or self.run(code):
                return
        except (Refused, psycopg.Error) as error:
            self.tally.mismatches.append((f"{self.item.label}: {file}", str(error)[:300], code))
            return
        super().statement(file, code)

    def due(self, code):
        """What is to be run: of what a procedure of ours asks for, that which is not there yet."""
        if role := re.match(r"CALL .*_create_role\"\((.*)\)$", code, re.DOTALL):
            known = self.connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [lexical.inside(role[1], "redshift")])
            return None if known.fetchone() else code
        if re.match(r'CALL "(?:[^"]|"")*"\."grantc_unless"\(', code):
            counted, statement = (lexical.inside(token, "redshift") for kind, token in lexical.tokens(code, "redshift") if kind == "string")
            [count] = self.connection.execute(counted).fetchone()
            return None if count else statement
        return code

    def run(self, code):
        """Whether it is about policies, and was run."""
        done = self.policies.run(rewritten(code, self.paths))
        if done and code.startswith("ATTACH"):
            self.attached.append(code)
            self.tally.policies["masks" if code.startswith("ATTACH MASKING") else "filters"] += 1
        return done

    def rewritten(self, code):
        """A schema alone stands in the only database."""
        usage = re.match(r'GRANT USAGE ON SCHEMA ("(?:[^"]|"")*") ', code)
        if usage and (here := self.schemas.get(name(usage[1]))):
            code = code.replace(usage[1], quoted(here), 1)
        return super().rewritten(code)

    def question(self, table, account):
        """What the account reads of the table itself."""
        database, schema, last = table["path"]
        base = f"{quoted(f'{database}/{schema}')}.{quoted(last)}"
        self.tally.decisions += 1
        try:
            seen = self.select(base, account, table)
        except psycopg.Error as error:
            self.tally.mismatches.append((self.item.label, f"{account} on {base}: {error}", ""))
            return
        may = account in table["readers"]
        if may != (seen is not None):
            self.tally.mismatches.append((self.item.label, f"{account} {'does not read' if may else 'reads'} {base}", ""))
        elif may:
            answers.compare(self.item, table, account, seen, self.tally)

    def wrong(self):
        """What the manual refuses must be refused here."""
        self.policies.run('CREATE MASKING POLICY "odd MASKING" WITH ("v" interval) USING (v)')
        self.policies.run('CREATE RLS POLICY "odd RLS" WITH ("no such column" interval) USING (true)')
        for code in self.attached:
            kind, policy = re.match(r'ATTACH (MASKING|RLS) POLICY ("(?:[^"]|"")*")', code).groups()
            self.refused("twice", code)
            self.refused("a policy that is not there", code.replace(policy, '"no such policy"', 1))
            self.refused("inputs of another type", code.replace(policy, f'"odd {kind}"', 1))
        if masks := [code for code in self.attached if code.startswith("ATTACH MASKING")]:
            self.priorities(masks[0])

    def priorities(self, code):
        """Beside a mask for everybody, at priority 0, one for a role stands above it, and nowhere else."""
        policy = re.match(r'ATTACH MASKING POLICY ("(?:[^"]|"")*")', code)[1]
        made = self.policies.policies[name(policy)]
        inputs = ", ".join(f"{quoted(each)} {kind}" for each, kind in zip(made.inputs, self.policies.types(made.shape, made.inputs)))
        self.policies.run(f'CREATE MASKING POLICY "same inputs" WITH ({inputs}) USING ({quoted(made.inputs[0])})')
        self.connection.execute('CREATE ROLE "a role"')
        other = code.replace(policy, '"same inputs"', 1)
        to_role = re.sub(r"TO PUBLIC$", 'TO "a role"', other)
        self.refused("another policy for everybody", f"{other} PRIORITY 1")
        self.refused("another policy of one priority", to_role)

    def refused(self, what, code):
        """The statement must be refused, by the model itself."""
        try:
            self.policies.run(rewritten(code, self.paths))
        except Refused:
            return
        self.tally.mismatches.append((self.item.label, f"ATTACH is not refused: {what}", code))
