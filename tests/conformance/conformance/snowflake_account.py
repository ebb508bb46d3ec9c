"""What Snowflake's scripts leave behind: roles, grants, policies and where they stand. Names are told apart to the letter.

In: statements, one by one. Out: `policies`, `masks`, `rows`, `active`, `reads`. A statement that breaks a rule of the manual that
depends on what is there (an object that is missing, a policy that stands there already, a signature that does not fit) is `Refused`.
Rules: docs.snowflake.com/en/sql-reference/sql/create-masking-policy, create-row-access-policy, alter-table, alter-masking-policy,
grant-privilege; docs.snowflake.com/en/user-guide/security-row-intro, security-access-control-overview (2026-11-26).
"""

import re
from dataclasses import dataclass, replace

from . import lexical

NAME = r'"(?:[^"]|"")*"'
PATH = rf"(?:{NAME}\.)*{NAME}"
TEXT = r"'(?:[^'\\]|\\.|'')*'"
KIND = r"(MASKING|ROW ACCESS) POLICY"


class Refused(Exception):
    """Snowflake would not run it."""


@dataclass(frozen=True)
class Policy:
    """A masking policy or a row access policy."""

    arguments: tuple  # of names and types
    returns: str
    expression: str


def path(text):
    """`"A"."b"` as names."""
    return tuple(each[1:-1].replace('""', '"') for each in re.findall(NAME, text))


def arguments(text):
    """`VAL VARCHAR(16), A1 MAP(VARCHAR, NUMBER(38,0))`: names and types."""
    depth, parts = 0, [""]
    for each in text:
        depth += {"(": 1, ")": -1}.get(each, 0)
        if each == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += each
    return tuple(tuple(each.strip().split(" ", 1)) for each in parts)


class Account:
    """One account of Snowflake: `tables` (path -> columns) and `users` are there before."""

    def __init__(self, tables, users, data):
        self.tables, self.users, self.data = tables, set(users), data
        self.places = {(each[0],) for each in tables} | {each[:2] for each in tables}
        self.roles, self.held, self.granted = {"PUBLIC"}, {}, {}
        self.policies, self.masks, self.rows = {}, {}, {}

    FORMS = (
        (rf"CREATE ROLE IF NOT EXISTS ({NAME}) COMMENT = {TEXT}", "create_role"),
        (rf"CREATE (?:DATABASE|SCHEMA) IF NOT EXISTS ({PATH})(?: COMMENT = {TEXT})?", "create_place"),
        (rf"CREATE TABLE IF NOT EXISTS ({PATH}) \(.*\) COMMENT = {TEXT}", "create_table"),
        (r"BEGIN TRANSACTION|COMMIT|DELETE FROM .*|INSERT INTO .*", "entitlements"),
        (rf"CREATE {KIND} IF NOT EXISTS ({PATH}) AS \((.*?)\) RETURNS (\S+(?: \S+)*?) -> (.*) COMMENT = {TEXT}", "create_policy"),
        (rf"ALTER {KIND} ({PATH}) SET BODY -> (.*)", "alter_policy"),
        (rf"ALTER (?:TABLE|VIEW) ({PATH}) MODIFY COLUMN ({NAME}) SET MASKING POLICY ({PATH})(?: USING \((.*)\))?( FORCE)?", "set_mask"),
        (rf"ALTER (?:TABLE|VIEW) ({PATH})(?: DROP ROW ACCESS POLICY ({PATH}),)? ADD ROW ACCESS POLICY ({PATH}) ON \((.*)\)", "add_rows"),
        (rf"EXECUTE IMMEDIATE ({TEXT})", "execute"),
        (rf"GRANT ROLE ({NAME}) TO USER ({NAME})", "grant_role"),
        (rf"GRANT (\w+) ON (?:[A-Z ]+?) ({PATH}) TO ROLE ({NAME})", "grant"),
    )

    def run(self, code):
        """One statement."""
        for form, method in self.FORMS:
            if found := re.fullmatch(form, code, re.DOTALL):
                getattr(self, method)(code, *found.groups())
                return
        raise Refused("nothing here knows this statement")

    def create_role(self, _, name):
        self.roles.update(path(name))

    def create_place(self, _, name):
        self.inside(path(name))
        self.places.add(path(name))

    def create_table(self, code, name):
        self.inside(path(name))
        self.data(code, path(name))

    def entitlements(self, code):
        self.data(code, None)

    def inside(self, name):
        """What the name stands in must be there."""
        if len(name) > 1 and name[:-1] not in self.places:
            raise Refused(f"there is no {name[:-1]}")

    def create_policy(self, _, kind, name, signature, returns, expression):
        self.inside(path(name))
        policy = Policy(arguments(signature), returns, expression)
        if returns != ("BOOLEAN" if kind == "ROW ACCESS" else policy.arguments[0][1]):
            raise Refused(f"it returns {returns}")
        self.policies.setdefault((kind, path(name)), policy)

    def alter_policy(self, _, kind, name, expression):
        self.policies[kind, path(name)] = replace(self.policy(kind, name), expression=expression)

    def policy(self, kind, name):
        """One that is there."""
        if (kind, path(name)) not in self.policies:
            raise Refused(f"there is no policy {name}")
        return self.policies[kind, path(name)]

    def fits(self, kind, name, table, columns):
        """A policy over columns of a table: they are there, and as many as its signature asks for."""
        if missing := set(columns) - set(self.tables.get(table, ())):
            raise Refused(f"{table} has no {missing}")
        if len(columns) != len(self.policy(kind, name).arguments):
            raise Refused(f"its signature has other columns than {columns}")
        return (kind, path(name)), columns

    def apart(self, table, masks, filtered):
        """A column stands in the signature of a masking policy or of a row access policy, not of both."""
        if both := set(filtered) & {column for columns in masks for column in columns}:
            raise Refused(f"{both} of {table} stand in policies of both kinds")

    def set_mask(self, _, table, column, name, using, force):
        place = path(table), path(column)[0]
        policy, columns = self.fits("MASKING", name, place[0], path(using) if using else (place[1],))
        if columns[0] != place[1]:
            raise Refused("the first column of USING is not the masked one")
        if place in self.masks and not force:
            raise Refused("another policy stands there")
        self.apart(table, [columns], self.rows.get(place[0], (None, ()))[1])
        self.masks[place] = policy, columns

    def add_rows(self, _, table, dropped, name, columns):
        place = path(table)
        attached = self.fits("ROW ACCESS", name, place, path(columns))
        stands = self.rows.get(place, (None, ()))[0]
        if stands != (("ROW ACCESS", path(dropped)) if dropped else None):
            raise Refused(f"{stands} stands there, and {dropped} is dropped")
        self.apart(table, [of for (where, _), (_, of) in self.masks.items() if where == place], attached[1])
        self.rows[place] = attached

    def execute(self, _, text):
        """`BEGIN …; EXCEPTION WHEN OTHER THEN …; END`."""
        parts = [each.code for each in lexical.statements(lexical.inside(text, "snowflake"), "snowflake")]
        tried, caught = "BEGIN ", "EXCEPTION WHEN OTHER THEN "
        if len(parts) != 3 or not parts[0].startswith(tried) or not parts[1].startswith(caught) or parts[2] != "END":
            raise Refused("nothing here knows this block")
        try:
            self.run(parts[0].removeprefix(tried))
        except Refused:
            self.run(parts[1].removeprefix(caught))

    def role(self, name):
        """One that is there."""
        (role,) = path(name)
        if role not in self.roles:
            raise Refused(f"there is no role {role}")
        return role

    def grant_role(self, _, role, user):
        if path(user)[0] not in self.users:
            raise Refused(f"there is no user {user}")
        self.held.setdefault(path(user)[0], set()).add(self.role(role))

    def grant(self, _, privilege, on, role):
        if path(on) not in self.places and path(on) not in self.tables:
            raise Refused(f"there is no {on}")
        self.granted.setdefault((privilege, path(on)), set()).add(self.role(role))

    def active(self, user):
        """The roles of a session: one is primary, all others secondary, and what any of them holds counts."""
        return self.held.get(user, set()) | {"PUBLIC"}

    def reads(self, user, table):
        """SELECT on the table, and USAGE on what it stands in."""
        wanted = [("SELECT", table), ("USAGE", table[:2]), ("USAGE", table[:1])]
        return all(self.granted.get(each, set()) & self.active(user) for each in wanted)
