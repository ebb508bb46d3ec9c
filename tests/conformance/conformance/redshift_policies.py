"""Redshift's policies on tables, as the manual has them, held by PostgreSQL where it has the like.

Row-level security is PostgreSQL's own: an attached policy is a restrictive policy for its grantee, beside a permissive one that lets
whoever has a policy at all, so that several hold together (CONJUNCTION TYPE AND) and who has none sees no row. Masks are a model:
at the first ATTACH the table goes into a schema that nobody asks, and a view of its name, which asks with its reader's rights, so that
row security is the reader's and comes first, shows each masked column as the policy of the highest priority makes it.
A policy's expression is a function of its inputs that runs with the rights of a role made for the policy: it reads what the policy was
granted and nothing else. `current_user` in it is who asks (INFERRED, as docs/platforms.md says): the session's user.
What the manual refuses is `Refused` (r_CREATE_*, r_ATTACH_*_POLICY, t_ddm-hierarchy, t_ddm-considerations, t_rls_usage, read 2026-11-25).
Nothing is detached, altered or dropped here: artefacts do not.
"""

import json
import re
from dataclasses import dataclass, field

from . import lexical

SCHEMA = """
CREATE SCHEMA policies; GRANT USAGE ON SCHEMA policies TO PUBLIC;
CREATE SCHEMA masked; GRANT USAGE ON SCHEMA masked TO PUBLIC;
CREATE TABLE shim.svv_masking_policy (policy_database text, policy_name text);
CREATE TABLE shim.svv_rls_policy (poldb text, polname text);
CREATE TABLE shim.svv_attached_masking_policy
  (policy_name text, schema_name text, table_name text, grantee_type text, priority int, output_columns text);
CREATE TABLE shim.svv_rls_attached_policy (polname text, relschema text, relname text, granteekind text);
"""


class Refused(Exception):
    """What Redshift would not do."""


@dataclass
class Policy:
    """A policy: its function, the table whose columns are its inputs, and whose rights it has."""

    kind: str
    inputs: list
    shape: str
    function: str
    owner: str
    shows: int  # the type of what it makes


@dataclass
class Attached:
    """A mask on a column."""

    policy: str
    inputs: list
    grantee: str
    priority: int


@dataclass
class Protected:
    """A table with policies: where its rows are, and what stands on it."""

    rows: str
    masks: dict = field(default_factory=dict)  # column -> [Attached]
    filters: set = field(default_factory=set)  # (policy, grantee)


def name(token):
    """What a quoted name names."""
    return token[1:-1].replace('""', '"') if token.startswith('"') else token


def quoted(text):
    """A name, quoted."""
    return '"' + text.replace('"', '""') + '"'


def literal(text):
    """A text, quoted; backslashes count."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


class Reader:
    """A statement, read from left to right."""

    def __init__(self, code):
        self.tokens = lexical.tokens(code, "redshift")
        self.at = 0

    def skip(self):
        """Blanks and comments."""
        while self.at < len(self.tokens) and self.tokens[self.at][0] in ("space", "comment"):
            self.at += 1

    def take(self, *words):
        """Whether these words come next; if so, they are read."""
        start = self.at
        for word in words:
            self.skip()
            if self.at == len(self.tokens) or self.tokens[self.at][1].upper() != word:
                self.at = start
                return False
            self.at += 1
        return True

    def need(self, *words):
        """These words, or it is no statement of the manual's."""
        if not self.take(*words):
            raise Refused(f"{' '.join(words)} is missing")

    def one(self):
        """The next token."""
        self.skip()
        if self.at == len(self.tokens):
            raise Refused("it ends too early")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def bracket(self):
        """The text in the bracket that opens here."""
        self.need("(")
        start, depth = self.at, 1
        while depth:
            if self.at == len(self.tokens):
                raise Refused("a bracket never ends")
            depth += {"(": 1, ")": -1}.get(self.tokens[self.at][1], 0)
            self.at += 1
        return "".join(token for _, token in self.tokens[start : self.at - 1])

    def relation(self):
        """`"schema"."table"`."""
        schema = name(self.one())
        self.need(".")
        return schema, name(self.one())

    def end(self):
        """Nothing comes any more."""
        self.skip()
        if self.at < len(self.tokens):
            raise Refused(f"too much: {self.one()}")


def names(text):
    """Of a list of names, or of names and types."""
    depth, out, fresh = 0, [], True
    for kind, token in lexical.tokens(text, "redshift"):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if fresh and kind != "space":
            out.append(name(token))
        fresh = depth == 0 and (token == "," or (fresh and kind == "space"))
    return out


def subqueries(text):
    """Every `SELECT` inside of a bracket."""
    tokens = lexical.tokens(text, "redshift")
    for at, (_, token) in enumerate(tokens):
        if token == "(" and "".join(each for _, each in tokens[at + 1 :]).lstrip().upper().startswith("SELECT"):
            reader = Reader(text)
            reader.at = at
            yield reader.bracket()


class Policies:
    """The policies of a database, and where they stand."""

    def __init__(self, connection, origin):
        self.connection, self.origin = connection, origin  # origin: PostgreSQL's schema -> Redshift's
        self.policies, self.tables = {}, {}
        connection.execute(SCHEMA)

    def run(self, code):
        """Runs a statement about policies, whether it is one."""
        reader = Reader(code)
        for kind in ("MASKING", "RLS"):
            if reader.take("CREATE", kind, "POLICY"):
                self.create(kind, reader)
                return True
            if reader.take("ATTACH", kind, "POLICY"):
                {"MASKING": self.mask, "RLS": self.filter}[kind](reader)
                return True
        if reader.take("ALTER", "TABLE"):
            self.switch(reader)
            return True
        if reader.take("GRANT", "SELECT", "ON", "TABLE"):
            schema, table = reader.relation()
            if reader.take("TO", "MASKING", "POLICY"):
                self.lets(self.known("MASKING", name(reader.one())), schema, table)
                return True
        return False

    def known(self, kind, policy):
        """A policy of that kind."""
        if policy not in self.policies or self.policies[policy].kind != kind:
            raise Refused(f"no {kind} policy {policy}")
        return self.policies[policy]

    def create(self, kind, reader):
        """`CREATE … POLICY p [WITH (inputs)] USING (expression)`."""
        policy = name(reader.one())
        if policy in self.policies:
            raise Refused(f"policy {policy} is there already")
        columns = reader.bracket() if reader.take("WITH") else ""
        reader.need("USING")
        expression = self.asking(reader.bracket())
        reader.end()
        number = len(self.policies)
        shape, function, owner = f"policies.shape_{number}", f"policies.policy_{number}", quoted(f"policy {number}")
        self.connection.execute(f"CREATE TABLE {shape} ({columns})")
        for query in subqueries(expression):
            # Correlated subqueries are refused, and so is one that says nothing by itself.
            self.connection.execute(f"EXPLAIN {query}")
        shown = self.connection.execute(f"SELECT ({expression}) FROM {shape} AS masked_table LIMIT 0").description[0].type_code
        [kind_shown] = self.connection.execute(f"SELECT format_type({shown}, NULL)").fetchone()
        if kind == "RLS" and kind_shown != "boolean":
            raise Refused(f"policy {policy} gives a {kind_shown}")
        self.connection.execute(f"CREATE ROLE {owner}")
        self.connection.execute(
            f"CREATE FUNCTION {function} ({columns}) RETURNS {kind_shown} LANGUAGE sql STABLE SECURITY DEFINER AS {literal(f'SELECT ({expression})')}"
        )
        self.connection.execute(f"ALTER FUNCTION {function} OWNER TO {owner}")
        self.policies[policy] = made = Policy(kind, names(columns), shape, function, owner, shown)
        if kind == "RLS":
            for query in subqueries(expression):
                for schema, table in re.findall(r' FROM ("(?:[^"]|"")*")\.("(?:[^"]|"")*")', query):
                    self.lets(made, name(schema), name(table))
        system, columns = {"RLS": ("svv_rls_policy", "poldb, polname"), "MASKING": ("svv_masking_policy", "policy_database, policy_name")}[kind]
        self.connection.execute(f"INSERT INTO shim.{system} ({columns}) VALUES (current_database(), {literal(policy)})")

    @staticmethod
    def asking(expression):
        """Whoever asks is the session's user, as the function has rights of its own."""
        tokens = lexical.tokens(expression, "redshift")
        return "".join("session_user" if kind == "word" and token.lower() == "current_user" else token for kind, token in tokens)

    def lets(self, policy, schema, table):
        """A policy may read a table."""
        self.connection.execute(f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {policy.owner}")
        self.connection.execute(f"GRANT SELECT ON TABLE {quoted(schema)}.{quoted(table)} TO {policy.owner}")

    def types(self, relation, columns):
        """The types of these columns, with their lengths."""
        rows = self.connection.execute(
            f"SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = {literal(relation)}::regclass AND attnum > 0"
        )
        known = dict(rows.fetchall())
        if missing := [each for each in columns if each not in known]:
            raise Refused(f"no column {missing} of {relation}")
        return [known[each] for each in columns]

    def suits(self, policy, relation, columns):
        """The policy's inputs are columns of the same types."""
        made, given = self.types(policy.shape, policy.inputs), self.types(relation, columns)
        if made != given:
            raise Refused(f"inputs {made} are not the columns {given}")

    def protected(self, schema, table):
        """A table, which must be one."""
        at = f"{quoted(schema)}.{quoted(table)}"
        if at not in self.tables:
            found = self.connection.execute(f"SELECT relkind, relacl IS NOT NULL FROM pg_class WHERE oid = to_regclass({literal(at)})").fetchone()
            if not found or found[0] != "r":
                raise Refused(f"no table {at}")
            if found[1]:
                raise Refused(f"{at} is granted already, before it is protected")
            self.tables[at] = Protected(at)
        return at, self.tables[at]

    def mask(self, reader):
        """`ATTACH MASKING POLICY p ON s.t (c) [USING (inputs)] TO grantee [PRIORITY n]`."""
        policy = name(reader.one())
        made = self.known("MASKING", policy)
        reader.need("ON")
        schema, table = reader.relation()
        [column] = outputs = names(reader.bracket())
        inputs = names(reader.bracket()) if reader.take("USING") else outputs
        reader.need("TO")
        grantee, priority = reader.one(), int(reader.one()) if reader.take("PRIORITY") else 0
        reader.end()
        at, held = self.protected(schema, table)
        self.suits(made, held.rows, inputs)
        shown = self.connection.execute(f"SELECT {quoted(column)} FROM {held.rows} LIMIT 0").description[0].type_code
        if shown != made.shows:
            raise Refused(f"{policy} makes another type than that of {column}")
        others = held.masks.get(column, [])
        if any(each.grantee == grantee for each in others):
            raise Refused(f"{column} has a policy for {grantee}")
        if any(each.priority == priority and each.policy != policy for each in others):
            raise Refused(f"{column} has a policy of priority {priority}")
        everybody = [each.priority for each in [*others, Attached(policy, inputs, grantee, priority)] if each.grantee == "PUBLIC"]
        if everybody and min([priority, *(each.priority for each in others)]) < everybody[0]:
            raise Refused(f"{column}: PUBLIC has not the lowest priority")
        held.masks.setdefault(column, []).append(Attached(policy, inputs, grantee, priority))
        self.show(at, held, table)
        kind = "public" if grantee == "PUBLIC" else "role"
        cells = [policy, self.origin.get(schema, schema), table, kind]
        self.connection.execute(
            f"INSERT INTO shim.svv_attached_masking_policy VALUES ({', '.join(map(literal, cells))}, {priority},"
            f" {literal('[' + json.dumps(column, ensure_ascii=False) + ']')})"
        )

    def show(self, at, held, table):
        """The view in the table's place."""
        if held.rows == at:
            moved = f"rows_{len(self.tables)}"
            schema = at[: -len(quoted(table)) - 1]
            self.connection.execute(f"ALTER TABLE {at} RENAME TO {moved}")
            self.connection.execute(f"ALTER TABLE {schema}.{moved} SET SCHEMA masked")
            held.rows = f"masked.{moved}"
            self.connection.execute(f"GRANT SELECT ON {held.rows} TO PUBLIC")
        columns = [column for (column,) in self.connection.execute(
            f"SELECT attname FROM pg_attribute WHERE attrelid = {literal(held.rows)}::regclass AND attnum > 0 ORDER BY attnum"
        ).fetchall()]  # fmt: skip
        shown = ", ".join(f"{self.cell(column, held)} AS {quoted(column)}" for column in columns)
        self.connection.execute(f"DROP VIEW IF EXISTS {at}")
        self.connection.execute(f"CREATE VIEW {at} WITH (security_invoker = true) AS SELECT {shown} FROM {held.rows}")

    def cell(self, column, held):
        """A column, as the policy of the highest priority that concerns the asker makes it."""
        out = quoted(column)
        for each in sorted(held.masks.get(column, ()), key=lambda each: each.priority):
            call = f"{self.policies[each.policy].function}({', '.join(map(quoted, each.inputs))})"
            out = call if each.grantee == "PUBLIC" else f"CASE WHEN pg_has_role({literal(name(each.grantee))}, 'member') THEN {call} ELSE {out} END"
        return out

    def filter(self, reader):
        """`ATTACH RLS POLICY p ON s.t TO grantee`."""
        policy = name(reader.one())
        made = self.known("RLS", policy)
        reader.need("ON")
        schema, table = reader.relation()
        reader.need("TO")
        grantee = reader.one()
        reader.end()
        _, held = self.protected(schema, table)
        self.suits(made, held.rows, made.inputs)
        if (policy, grantee) in held.filters:
            raise Refused(f"{policy} stands there for {grantee}")
        held.filters.add((policy, grantee))
        number = len(held.filters)
        call = f"{made.function}({', '.join(map(quoted, made.inputs))})"
        self.connection.execute(f"CREATE POLICY rows_{number} ON {held.rows} AS RESTRICTIVE FOR SELECT TO {grantee} USING ({call})")
        self.connection.execute(f"CREATE POLICY lets_{number} ON {held.rows} FOR SELECT TO {grantee} USING (true)")
        cells = [policy, self.origin.get(schema, schema), table, "public" if grantee == "PUBLIC" else "role"]
        self.connection.execute(f"INSERT INTO shim.svv_rls_attached_policy VALUES ({', '.join(map(literal, cells))})")

    def switch(self, reader):
        """`ALTER TABLE s.t ROW LEVEL SECURITY ON CONJUNCTION TYPE AND`."""
        schema, table = reader.relation()
        reader.need("ROW", "LEVEL", "SECURITY", "ON")
        if reader.take("CONJUNCTION", "TYPE"):
            reader.need("AND")
        reader.end()
        at = f"{quoted(schema)}.{quoted(table)}"
        held = self.tables[at] if at in self.tables else self.protected(schema, table)[1]
        self.connection.execute(f"ALTER TABLE {held.rows} ENABLE ROW LEVEL SECURITY")
