"""Cuts scripts into statements, as each platform's own client does.

In: a script and a dialect. Out: tokens; statements; a statement's shape; the text inside a literal.
Invariant: the tokens of a text, joined, are the text. A text in which a quote or comment never ends is told, not repaired.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """What starts a token, and where it ends. Patterns are tried in order."""

    name: str
    patterns: tuple
    batches: bool = False  # T-SQL: `GO` on a line of its own ends a batch

    def __post_init__(self):
        common = (
            # A line break alone, so that the blanks before a `GO` are part of it.
            ("space", r"\n|[^\S\n]+"),
            ("number", r"\d+(?:\.\d+)?"),
            ("word", r"[^\W\d]\w*"),
            ("semicolon", r";"),
            ("other", r"."),
        )
        every = [("go", r"(?im:^[ \t]*GO[ \t]*$)")] if self.batches else []
        every += [*self.patterns, *common]
        joined = "|".join(f"(?P<k{at}>{pattern})" for at, (_, pattern) in enumerate(every))
        object.__setattr__(self, "kinds", [kind for kind, _ in every])
        object.__setattr__(self, "pattern", re.compile(joined, re.DOTALL))


LINE = ("comment", r"--[^\n]*(?:\n|$)")
HASH_LINE = ("comment", r"#[^\n]*(?:\n|$)")
SLASH_LINE = ("comment", r"//[^\n]*(?:\n|$)")
BLOCK = ("comment", r"/\*.*?\*/")
NESTED = ("open", r"/\*")  # cut by hand: a pattern cannot count
DOUBLE = ("name", r'"(?:[^"]|"")*"')
BACKTICK = ("name", r"`(?:[^`]|``)*`")
BACKTICK_BACKSLASH = ("name", r"`(?:[^`\\]|\\.)*`")
BRACKETS = ("name", r"\[(?:[^\]]|\]\])*\]")
PLAIN = ("string", r"[Nn]?'(?:[^']|'')*'")
BACKSLASH = ("string", r"[Ee]?'(?:[^'\\]|\\.|'')*'")
DOUBLE_STRING = ("string", r'"(?:[^"\\]|\\.)*"')
RAW = ("string", r"""[rR](?:'[^']*'|"[^"]*")""")
DOLLARS = ("string", r"\$\$.*?\$\$")
TAGGED_DOLLARS = ("string", r"(?P<tag>\$\w*\$).*?(?P=tag)")
TRIPLE = ("string", r"""[rRbB]{0,2}(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\")""")
GOOGLE = ("string", r"""[rRbB]{0,2}(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")""")
OPEN = ("unclosed", r"""/\*|['"`]|\$\$""")
OPEN_BRACKETS = ("unclosed", r"""/\*|['"\[]""")

# Where a lexical rule was read, so that a reader can check it (2026-11-25):
# docs.snowflake.com/en/sql-reference/data-types-text (backslash, $$), /sql-reference/identifiers-syntax, /sql-reference/literals-table;
# spark.apache.org/docs/latest/sql-ref-literals.html, docs.databricks.com/sql/language-manual/sql-ref-identifiers;
# docs.aws.amazon.com/redshift/latest/dg/r_names.html and r_QUOTE_LITERAL.html; learn.microsoft.com/sql/t-sql/language-elements/slash-star-comment-transact-sql and
# sql-server-utilities-statements-go; cloud.google.com/bigquery/docs/reference/standard-sql/lexical; trino.io/docs/current/language.
DIALECTS = {
    each.name: each
    for each in (
        Dialect("snowflake", (LINE, SLASH_LINE, BLOCK, DOLLARS, BACKSLASH, DOUBLE, OPEN)),
        Dialect("databricks", (LINE, NESTED, RAW, BACKSLASH, DOUBLE_STRING, BACKTICK, OPEN)),
        Dialect("redshift", (LINE, NESTED, TAGGED_DOLLARS, BACKSLASH, DOUBLE, OPEN)),
        Dialect("tsql", (LINE, NESTED, PLAIN, DOUBLE, BRACKETS, OPEN_BRACKETS), batches=True),
        Dialect("bigquery", (LINE, HASH_LINE, BLOCK, TRIPLE, GOOGLE, BACKTICK_BACKSLASH, OPEN)),
        Dialect("trino", (LINE, BLOCK, PLAIN, DOUBLE, OPEN)),
    )
}


class Unclosed(Exception):
    """A quote or comment that never ends."""


def tokens(text, dialect):
    """The tokens of a text: pairs of kind and text."""
    dialect = DIALECTS[dialect]
    found, at = [], 0
    while at < len(text):
        match = dialect.pattern.match(text, at)
        # Named groups inside a pattern come after the group of the pattern itself: the first that matched is it.
        kind = next(dialect.kinds[int(name[1:])] for name, got in match.groupdict().items() if got is not None and name[1:].isdigit())
        end = _nested(text, at) if kind == "open" else match.end()
        if kind == "unclosed":
            raise Unclosed(f"what opens here never ends: {text[at:at + 60]!r}")
        found.append(("comment" if kind == "open" else kind, text[at:end]))
        at = end
    return found


def _nested(text, at):
    """The end of a comment that may hold comments."""
    depth = 0
    for mark in re.finditer(r"/\*|\*/", text[at:]):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return at + mark.end()
    raise Unclosed(f"a comment never ends: {text[at:at + 60]!r}")


@dataclass(frozen=True)
class Statement:
    """What stands between two ends of statements."""

    tokens: tuple

    @property
    def text(self):
        """The whole text, comments too."""
        return "".join(text for _, text in self.tokens).strip()

    @property
    def code(self):
        """Without the comments before it."""
        rest = list(self.tokens)
        while rest and rest[0][0] in ("comment", "space"):
            rest.pop(0)
        return "".join(text for _, text in rest).strip()

    @property
    def headed(self):
        """Whether it has a comment of its own before it: grantc writes one above every statement."""
        before = []
        for kind, text in self.tokens:
            if kind not in ("comment", "space"):
                break
            before.append(text)
        return "--" in "".join(before)


def statements(text, dialect):
    """The statements of a script; with T-SQL the batches, of which those that declare a variable are cut into their statements.

    What holds nothing but comments is none.
    """
    found, current = [], []
    batches, declared = DIALECTS[dialect].batches, False
    for kind, token in tokens(text, dialect):
        if kind == "word" and all(before in ("comment", "space") for before, _ in current):
            declared |= token == "DECLARE"
        if kind == "go" or (kind == "semicolon" and (not batches or declared)):
            found.append(current)
            current, declared = [], declared and kind != "go"
        else:
            current.append((kind, token))
    found.append(current)
    meaningful = [each for each in found if any(kind not in ("space", "comment", "semicolon") for kind, _ in each)]
    return [Statement(tuple(each)) for each in meaningful]


PLAIN_NAME = re.compile(r'(?:"\w+"|`[\w.-]+`|\[\w+\])', re.ASCII)
PLAIN_STRING = re.compile(r"""([A-Za-z]{0,2})(?:'[\w .,:@*#%=+-]*'|"[\w .,:@*#%=+-]*")""", re.ASCII)


def shape(statement):
    """The statement with plain names, numbers and texts made alike: equal shapes are one and the same to a parser.

    Whatever is odd (quotes, backslashes, comment marks, letters outside ASCII) stays as it is, and so do words.
    """
    out = []
    for kind, text in statement.tokens:
        if kind == "name" and PLAIN_NAME.fullmatch(text):
            text = text[0] + "x" + text[-1]
        elif kind == "string" and "--" not in text and (match := PLAIN_STRING.fullmatch(text)) and len(text) > len(match.group(1)) + 2:
            text = f"{match.group(1)}{text[-1]}x{text[-1]}"
        elif kind == "number":
            text = "9.9" if "." in text else "9"
        elif kind == "comment" and re.fullmatch(r"--[ \w,:.]*\n?", text, re.ASCII):
            text = "-- x\n"
        elif kind == "space":
            text = "\n" if "\n" in text else " "
        out.append(text)
    return "".join(out).strip()


ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}


def inside(literal, dialect):
    """The text that a string literal stands for: what `EXECUTE IMMEDIATE '…'` and `EXEC(N'…')` run."""
    body = literal[literal.index("'") + 1 : -1].replace("''", "'")
    if dialect == "tsql":
        return body
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match.group(1), match.group(1)), body, flags=re.DOTALL)
