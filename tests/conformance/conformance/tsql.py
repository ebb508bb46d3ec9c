"""T-SQL read by hand and written for DuckDB: queries and conditions, with the types and collations that decide what they mean.

In: a text of T-SQL and the columns of the relations that it names. Out: SQL of DuckDB with T-SQL's result: texts compare by their
collation and without the blanks at their end, `LEN` leaves these out, `+` joins texts, `HASHBYTES` is of UTF-16 for `nvarchar`, and
a text that goes into a `varchar` loses what the collation's code page lacks.
Invariant: what is not known here is `Unknown`, never passed on: a spelling that only DuckDB understands is told.
"""

from dataclasses import dataclass, replace

from . import lexical, tsql_calls
from .tsql_types import Unknown, Value, cast, collated, key, known_type, merged, quoted, text_literal


@dataclass(frozen=True)
class Relation:
    """What a query may read: SQL of DuckDB, its columns by name in lower case, and what it reads itself."""

    sql: str
    columns: dict
    reads: frozenset = frozenset()


class Reader:
    """A text from its first token to its last. `relations`: path in lower case -> `Relation`."""

    def __init__(self, text, relations):
        self.tokens = [(kind, token) for kind, token in lexical.tokens(text, "tsql") if kind not in ("space", "comment")]
        self.at, self.relations, self.scopes, self.reads = 0, relations, [], set()

    # Tokens.

    def peek(self, ahead=0):
        """The next token as the language compares it: words without case, names and texts as they are."""
        if self.at + ahead >= len(self.tokens):
            return ""
        kind, token = self.tokens[self.at + ahead]
        return token.upper() if kind == "word" else token

    def kind(self, ahead=0):
        """What the next token is."""
        return self.tokens[self.at + ahead][0] if self.at + ahead < len(self.tokens) else "end"

    def take(self, *words):
        """Whether these come next; then they are read."""
        found = all(self.peek(ahead) == word and self.kind(ahead) not in ("name", "string") for ahead, word in enumerate(words))
        self.at += len(words) if found else 0
        return found

    def want(self, *words):
        """These must come next."""
        if not self.take(*words):
            rest = " ".join(token for _, token in self.tokens[self.at : self.at + 12])
            raise Unknown(f"not {' '.join(words)} but: {rest}")

    def next(self):
        """Reads whatever comes next."""
        if self.at >= len(self.tokens):
            raise Unknown("the text ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def ended(self):
        """Nothing may be left."""
        if self.at < len(self.tokens):
            self.want("the end")

    # Names.

    def name(self):
        """A name, quoted or plain."""
        kind, token = self.next()
        if kind == "name":
            return token[1:-1].replace("]]", "]") if token.startswith("[") else token[1:-1].replace('""', '"')
        if kind == "word":
            return token
        raise Unknown(f"no name: {token}")

    def path(self):
        """Names with points between them."""
        parts = [self.name()]
        while self.take("."):
            parts.append(self.name())
        return parts

    def relation(self, path):
        """What a path names."""
        path = tuple(part.lower() for part in path)
        self.reads.add(path)
        found = self.relations.get(path)
        if not found:
            raise Unknown(f"no relation {path}")
        return found

    # Queries.

    def query(self):
        """`SELECT …`: SQL and its columns, pairs of name and value."""
        self.want("SELECT")
        start, scope = self.at, {}
        self.scopes.append(scope)
        # FROM tells what the columns before it are.
        self.skip()
        sources = self.sources(scope) if self.take("FROM") else []
        end, self.at = self.at, start
        items = [self.item()]
        while self.take(","):
            items.append(self.item())
        self.at = end
        where = f" WHERE {self.condition()}" if self.take("WHERE") else ""
        self.scopes.pop()
        shown = ", ".join(f"{value.sql} AS {quoted(name)}" if name else value.sql for name, value in items)
        sql = f"SELECT {shown}{' FROM ' + ' CROSS JOIN '.join(sources) if sources else ''}{where}"
        if self.take("UNION", "ALL"):
            sql += f" UNION ALL {self.query()[0]}"
        return sql, items

    def skip(self):
        """To the end of a list: its FROM, its WHERE, or what closes it."""
        depth = 0
        while self.kind() != "end":
            token = self.peek() if self.kind() not in ("name", "string") else ""
            if depth == 0 and token in ("FROM", "WHERE", "UNION", ")"):
                return
            depth += {"(": 1, ")": -1}.get(token, 0)
            self.at += 1

    def sources(self, scope):
        """What stands behind FROM."""
        found = []
        while not found or self.take("CROSS", "JOIN"):
            if self.take("("):
                sql, items = self.query()
                self.want(")")
                relation = Relation(f"({sql})", {name.lower(): value for name, value in items})
                alias = self.name()
            else:
                path = self.path()
                relation = self.relation(path)
                plain = self.kind() in ("word", "name") and self.peek() not in ("WHERE", "CROSS", "UNION")
                alias = self.name() if plain else ""
            scope[(alias.lower(),) if alias else tuple(part.lower() for part in path)] = relation, alias
            found.append(f"{relation.sql} {quoted(alias)}" if alias else relation.sql)
        return found

    def item(self):
        """`expression AS name`."""
        value = self.expression()
        return (self.name() if self.take("AS") else None), value

    def column(self, path):
        """A column of the nearest relation that has it."""
        name, before = path[-1].lower(), tuple(part.lower() for part in path[:-1])
        for scope in reversed(self.scopes):
            for known, (relation, alias) in scope.items():
                if name in relation.columns and (not before or before == known):
                    place = quoted(alias) if alias else relation.sql
                    return replace(relation.columns[name], sql=f"{place}.{quoted(path[-1])}")
        raise Unknown(f"no column {path}")

    # Conditions.

    def condition(self):
        """What WHERE, WHEN and IF take."""
        found = self.either()
        if found.kind != "condition":
            raise Unknown(f"no condition: {found.sql}")
        return found.sql

    def either(self):
        """`a OR b`, or a value."""
        found = self.both()
        while self.take("OR"):
            found = Value(f"({found.sql} OR {self.both().sql})", "condition")
        return found

    def both(self):
        """`a AND b`."""
        found = self.negation()
        while self.take("AND"):
            found = Value(f"({found.sql} AND {self.negation().sql})", "condition")
        return found

    def negation(self):
        """`NOT a`."""
        return Value(f"(NOT {self.negation().sql})", "condition") if self.take("NOT") else self.predicate()

    def predicate(self):
        """A comparison, or a value alone."""
        if self.take("EXISTS", "("):
            sql, _ = self.query()
            self.want(")")
            return Value(f"EXISTS ({sql})", "condition")
        left = self.expression()
        if self.take("IS"):
            word = "IS NOT NULL" if self.take("NOT") else "IS NULL"
            self.want("NULL")
            return Value(f"({left.sql} {word})", "condition")
        no = "NOT " if self.take("NOT") else ""
        if self.take("IN", "("):
            return self.among(left, no)
        if self.take("LIKE"):
            return self.like(left, no)
        operator = ""
        while self.peek() in ("<", ">", "=") and self.kind() == "other":
            operator += self.next()[1]
        if not operator and not no:
            return left
        if operator not in ("=", "<>", "<", ">", "<=", ">="):
            raise Unknown(f"no operator {no}{operator}")
        one, other = compared(left, self.expression())
        return Value(f"({one} {operator} {other})", "condition")

    def among(self, left, no):
        """`a IN (…)`."""
        if self.peek() == "SELECT":
            sql, [(_, shown)] = self.query()
            self.want(")")
            one, other = compared(left, replace(shown, sql="q.v"))
            return Value(f"({one} {no}IN (SELECT {other} FROM ({sql}) q(v)))", "condition")
        found = [self.expression()]
        while self.take(","):
            found.append(self.expression())
        self.want(")")
        pairs = [compared(left, each) for each in found]
        joined = " OR ".join(f"{one} = {other}" for one, other in pairs)
        return Value(f"({no}({joined}))", "condition")

    def like(self, left, no):
        """`a LIKE b`. Blanks at the end count of `nvarchar` only: of `varchar`, only patterns that end in `%` are alike here."""
        pattern = self.expression()
        escape = self.expression() if self.take("ESCAPE") else None
        if not pattern.literal or not (left.national or pattern.literal.endswith("%")):
            raise Unknown("a LIKE of varchar, or of a pattern that is no literal")
        bare = pattern.literal.replace("\\\\", "").replace("\\[", "") if escape else pattern.literal
        if "[" in bare or (escape and escape.literal != "\\"):
            raise Unknown(f"a pattern with a class of characters, or another escape: {pattern.sql}")
        ending = f" ESCAPE {escape.sql}" if escape else ""
        word = "ILIKE" if "_CI" in merged(left, pattern, True).collation else "LIKE"
        return Value(f"({left.sql} {no}{word} {pattern.sql}{ending})", "condition")

    # Values.

    def expression(self):
        """Sums and texts joined."""
        found = self.product()
        while self.kind() == "other" and self.peek() in ("+", "-"):
            operator, other = self.next()[1], self.product()
            if "text" in (found.kind, other.kind):
                if operator != "+" or {found.kind, other.kind} != {"text"}:
                    raise Unknown(f"{found.kind} {operator} {other.kind}")
                found = joined(found, other)
            else:
                found = numbers(found, operator, other)
        return found

    def product(self):
        """Products and remainders."""
        found = self.unary()
        while self.kind() == "other" and self.peek() in ("*", "%"):
            found = numbers(found, self.next()[1], self.unary())
        return found

    def unary(self):
        """`-a`, `a COLLATE b`."""
        if self.take("-"):
            found = self.unary()
            return numbers(Value("0", "number"), "-", found)
        found = self.primary()
        while self.take("COLLATE"):
            found = collated(found, self.name())
        return found

    def primary(self):
        """What stands alone."""
        kind, token = self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")
        if kind == "number":
            self.at += 1
            return Value(token, "number")
        if kind == "string":
            self.at += 1
            return text_literal(lexical.inside(token, "tsql"), token[0] in "Nn")
        if self.take("("):
            found = self.scalar() if self.peek() == "SELECT" else self.either()
            self.want(")")
            return replace(found, sql=f"({found.sql})")
        if self.take("@"):
            return Value(f"getvariable({text_literal(self.name(), False).sql})", "number")
        if self.take("NULL"):
            return Value("NULL", "null")
        if self.take("CASE"):
            return self.case()
        if kind == "word" and self.peek(1) == "(":
            return self.call()
        return self.column(self.path())

    def scalar(self):
        """A query in brackets, as a value."""
        sql, [(_, value)] = self.query()
        return replace(value, sql=sql, literal=None)

    def case(self):
        """`CASE WHEN … THEN … ELSE … END`: its type is that of its branches."""
        sql, found = "CASE", None
        while self.take("WHEN"):
            condition = self.condition()
            self.want("THEN")
            value = self.expression()
            sql += f" WHEN {condition} THEN {value.sql}"
            found = merged(found, value) if found else value
        if self.take("ELSE"):
            value = self.expression()
            sql += f" ELSE {value.sql}"
            found = merged(found, value)
        self.want("END")
        return replace(found, sql=f"{sql} END", literal=None)

    def call(self):
        """A function."""
        name = self.next()[1].upper()
        self.want("(")
        if name in ("CAST", "TRY_CAST"):
            value = self.expression()
            self.want("AS")
            found = cast(value, self.type(), "", name.startswith("TRY"))
        elif name in ("CONVERT", "TRY_CONVERT"):
            of = self.type()
            self.want(",")
            value = self.expression()
            style = self.next()[1] if self.take(",") else ""
            found = cast(value, of, style, name.startswith("TRY"))
        elif name in ("DATEADD", "DATEDIFF"):
            unit = self.name().lower()
            self.want(",")
            found = tsql_calls.dates(name, unit, self.arguments())
        elif name == "COUNT_BIG" and self.take("*"):
            found = Value("count(*)", "number")
        else:
            found = tsql_calls.call(name, [] if self.peek() == ")" else self.arguments())
        self.want(")")
        return found

    def arguments(self):
        """Expressions with commas between them."""
        found = [self.expression()]
        while self.take(","):
            found.append(self.expression())
        return found

    def type(self):
        """A type's name, with its lengths."""
        text = self.name()
        if self.take("("):
            text += "("
            while not self.take(")"):
                text += self.next()[1]
            text += ")"
        return known_type(text)


def numbers(left, operator, right):
    """Arithmetic of numbers."""
    if any(each.kind not in ("number", "bit", "null") for each in (left, right)):
        raise Unknown(f"{left.kind} {operator} {right.kind}")
    return Value(f"({left.sql} {operator} {right.sql})", "number")


def joined(left, right):
    """Two texts in one: `nvarchar(n)` and `varchar(n)` end after 4,000 and 8,000, `max` does not."""
    both, sql = merged(left, right), f"({left.sql} || {right.sql})"
    if None in (left.length, right.length):
        return replace(both, sql=sql, literal=None, length=None)
    most = 4_000 if both.national else 8_000
    length = min(left.length + right.length, most)
    return replace(both, sql=sql if length < most else f"left({sql}, {most})", literal=None, length=length)


def compared(left, right):
    """Both sides as DuckDB may compare them."""
    kinds = {left.kind, right.kind} - {"null"}
    if kinds == {"text"}:
        collation = merged(left, right, True).collation
        return key(left.sql, collation), key(right.sql, collation)
    if kinds == {"date", "time"}:
        return f"CAST({left.sql} AS TIMESTAMP)", f"CAST({right.sql} AS TIMESTAMP)"
    if len(kinds) == 1 or kinds == {"bit", "number"}:
        return left.sql, right.sql
    raise Unknown(f"{left.kind} compared with {right.kind}")
