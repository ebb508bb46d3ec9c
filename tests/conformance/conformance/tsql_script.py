"""The statements of Synapse's scripts, in the forms that they have: what they make, who is in which role, who may read what.

In: a batch, read by `Reader`, and the run that it changes. A form that is not here is `Unknown`.
"""

from dataclasses import replace

from . import lexical
from .tsql import Reader, Relation
from .tsql_types import DATABASE, Unknown, Value, duck_text, known_type, quoted


def place(path):
    """A path of T-SQL as DuckDB's: schemas have a prefix, so that none is one of DuckDB's own."""
    return f"{quoted('s:' + path[0])}.{quoted(path[1])}"


def held(kind, collation=DATABASE):
    """A column of a type."""
    return Value("", kind.kind, kind.national, collation, firmness=1, length=kind.length)


def bracketed(path):
    """A path as OBJECT_ID is asked for it."""
    return ".".join("[" + part.replace("]", "]]") + "]" for part in path)


class Statement:
    """One statement of a batch."""

    def __init__(self, run, reader):
        self.run_, self.reader, self.execute = run, reader, run.connection.execute

    def run(self):
        """Runs what comes next."""
        reader = self.reader
        if reader.take("IF"):
            sql = reader.condition()
            if self.execute(f"SELECT {sql}").fetchone()[0]:
                self.run()
            else:
                reader.at = self.end()
            return
        for words, made in FORMS.items():
            if reader.take(*words):
                made(self)
                return
        reader.want("a statement of ours")

    def end(self):
        """Where the statement under a false IF ends."""
        at = self.reader.at
        while at < len(self.reader.tokens) and self.reader.tokens[at][0] != "semicolon":
            at += 1
        return at

    def text(self):
        """A literal, or a variable that holds a text."""
        if self.reader.take("@"):
            return self.execute(f"SELECT getvariable({duck_text(self.reader.name())})").fetchone()[0]
        kind, token = self.reader.next()
        if kind != "string":
            raise Unknown(f"no literal: {token}")
        return lexical.inside(token, "tsql")

    def there(self, path, kind):
        """Notes an object."""
        self.execute("INSERT INTO objects SELECT 1 + count(*), ?, ? FROM objects", [bracketed(path), kind])

    def declare(self):
        """`DECLARE @name type = expression`."""
        self.reader.want("@")
        name = self.reader.name()
        self.reader.type()
        self.reader.want("=")
        self.execute(f"SET VARIABLE {quoted(name)} = {self.reader.expression().sql}")

    def throw(self):
        """What stops a script must not come up here."""
        raise Unknown("the script stops with an error of its own")

    def exec(self):
        """`EXEC(N'…')`: a batch of its own."""
        text = self.text()
        self.reader.want(")")
        inner = Reader(text, self.run_.relations)
        Statement(self.run_, inner).run()
        inner.ended()

    def add_member(self):
        """`EXEC sp_addrolemember role, member`."""
        role = self.text()
        self.reader.want(",")
        member = self.text()
        for name in (role, member):
            if not self.execute('SELECT 1 FROM "s:sys"."database_principals" WHERE lower("name") = lower(?)', [name]).fetchone():
                raise Unknown(f"no principal {name}")
        self.run_.members.setdefault(role.lower(), set()).add(member.lower())

    def create_schema(self):
        """`CREATE SCHEMA s AUTHORIZATION dbo`."""
        name = self.reader.name()
        self.reader.want("AUTHORIZATION")
        if self.reader.name() != "dbo":
            raise Unknown("a schema that is not dbo's breaks the chain of owners")
        self.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted('s:' + name)}")
        self.execute('INSERT INTO "s:sys"."schemas" VALUES (?)', [name])

    def create_role(self):
        """`CREATE ROLE r`."""
        self.execute('INSERT INTO "s:sys"."database_principals" VALUES (?, ?)', [self.reader.name(), "R"])

    def create_table(self):
        """`CREATE TABLE s.t (column type COLLATE c NOT NULL, …) WITH (…)`."""
        reader, columns, named = self.reader, [], {}
        path = reader.path()
        reader.want("(")
        while not columns or reader.take(","):
            column, kind = reader.name(), reader.type()
            reader.want("COLLATE")
            named[column.lower()] = held(kind, reader.name())
            reader.want("NOT", "NULL")
            columns.append(f"{quoted(column)} {kind.duck} NOT NULL CHECK (length({quoted(column)}) <= {kind.length})")
        reader.want(")", "WITH", "(", "DISTRIBUTION", "=", "REPLICATE", ",", "HEAP", ")")
        self.execute(f"CREATE TABLE {place(path)} ({', '.join(columns)})")
        self.there(path, "U")
        self.run_.relations[self.run_.key(path)] = Relation(place(path), named)

    def drop_table(self):
        """`DROP TABLE s.t`."""
        path = self.reader.path()
        self.execute(f"DROP TABLE {place(path)}")
        self.execute("DELETE FROM objects WHERE name = ?", [bracketed(path)])
        del self.run_.relations[self.run_.key(path)]

    def view(self, new):
        """`CREATE VIEW s.v AS …`, `ALTER VIEW s.v AS …`."""
        path = self.reader.path()
        self.reader.want("AS")
        self.reader.reads.clear()
        sql, items = self.reader.query()
        if new == (self.run_.key(path) in self.run_.relations):
            raise Unknown(f"the view {path} is {'there' if new else 'not there'}")
        self.execute(f"CREATE OR REPLACE VIEW {place(path)} AS {sql}")
        if new:
            self.there(path, "V")
        named = {name.lower(): replace(value, firmness=min(value.firmness, 1)) for name, value in items}
        self.run_.relations[self.run_.key(path)] = Relation(place(path), named, frozenset(self.reader.reads))

    def insert(self):
        """`INSERT INTO s.t (…) SELECT …`."""
        path = self.reader.path()
        self.reader.want("(")
        columns = [self.reader.name()]
        while self.reader.take(","):
            columns.append(self.reader.name())
        self.reader.want(")")
        sql, _ = self.reader.query()
        self.execute(f"INSERT INTO {place(path)} ({', '.join(map(quoted, columns))}) {sql}")

    def delete(self):
        """`DELETE FROM s.t WHERE …`."""
        path = self.reader.path()
        relation = self.reader.relation(path)
        self.reader.scopes.append({self.run_.key(path): (relation, "")})
        self.reader.want("WHERE")
        self.execute(f"DELETE FROM {relation.sql} WHERE {self.reader.condition()}")
        self.reader.scopes.pop()

    def give(self, into):
        """`GRANT SELECT ON OBJECT::s.v TO r`, and DENY."""
        self.reader.want("SELECT", "ON", "OBJECT", ":", ":")
        path = self.run_.key(self.reader.path())
        if path not in self.run_.relations:
            raise Unknown(f"no object {path}")
        self.reader.want("TO")
        name = self.reader.name()
        if not self.execute('SELECT 1 FROM "s:sys"."database_principals" WHERE lower("name") = lower(?)', [name]).fetchone():
            raise Unknown(f"no principal {name}")
        into.setdefault(path, set()).add(name.lower())


FORMS = {
    ("DECLARE",): Statement.declare,
    ("THROW",): Statement.throw,
    ("EXEC", "("): Statement.exec,
    ("EXEC", "SP_ADDROLEMEMBER"): Statement.add_member,
    ("CREATE", "SCHEMA"): Statement.create_schema,
    ("CREATE", "ROLE"): Statement.create_role,
    ("CREATE", "TABLE"): Statement.create_table,
    ("DROP", "TABLE"): Statement.drop_table,
    ("CREATE", "VIEW"): lambda statement: statement.view(True),
    ("ALTER", "VIEW"): lambda statement: statement.view(False),
    ("INSERT", "INTO"): Statement.insert,
    ("DELETE", "FROM"): Statement.delete,
    ("GRANT",): lambda statement: statement.give(statement.run_.given),
    ("DENY",): lambda statement: statement.give(statement.run_.denied),
}
