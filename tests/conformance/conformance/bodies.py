"""Judges files that are no scripts: JSON everywhere, Trino's rules and groups, the bodies of S3 Access Grants."""

import copy
import json
import tempfile
from pathlib import Path

from . import answers, scripts
from .judge_s3 import OPERATIONS

PLACEHOLDER = "a location named by its scope until AWS has given it an id (docs/platforms.md)"


def _unlike(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError(f"a key stands twice in {keys}")
    return dict(pairs)


def parse(path):
    """Strictly: UTF-8, no key twice, no NaN."""

    def constant(word):
        raise ValueError(f"{word} is no JSON")

    return json.loads(path.read_bytes().decode(), object_pairs_hook=_unlike, parse_constant=constant)


def json_files(row, items, tally):
    """All that end in `.json` or `.ndjson`; each file is one statement."""
    for item in items:
        wanted = [name for name in row.expected(item.folder) if name.endswith(".json")]
        found = [path for path in item.folder.glob("*.*json") if path.name != "about.json"]
        for name in wanted:
            if not (item.folder / name).exists():
                tally.refused.append((f"{item.label}: {name}", "the file is missing", ""))
        for path in sorted(found):
            tally.files += 1
            try:
                if path.suffix == ".ndjson":
                    for line in path.read_text().splitlines():
                        json.loads(line, object_pairs_hook=_unlike)
                else:
                    parse(path)
            except ValueError as error:
                tally.refused.append((f"{item.label}: {path.name}", str(error), ""))


def s3(row, judge, items, tally):
    """Every body is one statement."""
    asked, places, excepted = [], [], 0
    for item in items:
        locations = {body.get("LocationScope") for body in json.loads((item.folder / "locations.json").read_text())}
        for name, operation in OPERATIONS.items():
            for body in json.loads((item.folder / name).read_text()):
                tally.statements += 1
                if body.get("AccessGrantsLocationId") in locations:
                    body, excepted = {**body, "AccessGrantsLocationId": "id"}, excepted + 1
                    places.append((f"{item.label}: {name}", True))
                else:
                    places.append((f"{item.label}: {name}", False))
                asked.append((operation, body))
    for (where, placeholder), verdict, (_, body) in zip(places, judge.judge(asked), asked):
        if verdict is not None:
            tally.refused.append((where, verdict, json.dumps(body)))
        elif placeholder:
            tally.excepted[PLACEHOLDER] += 1
        else:
            tally.accepted += 1
    tally.shapes = len({json.dumps(each, sort_keys=True) for each in asked})


def trino(judge, items, tally):
    """A statement is a mask or a filter; each rule file is loaded, each account's access asked."""
    rules = decisions = code = 0
    for item, told in zip(items, judge.judge([item.folder for item in items])):
        tally.files += 2
        tally.statements += told.get("analysed", 0)
        rules, decisions = rules + told.get("rules", 0), decisions + told.get("decisions", 0)
        if scripts.CODE.match(item.label):
            # A text in the place of SQL of the user's own.
            code += len(told["refused"])
            tally.statements -= len(told["refused"])
        else:
            tally.refused += [(item.label, reason, "") for reason in told["refused"]]
        for answer in told.get("answers", []):
            compare(item, answer, tally)
    tally.accepted = tally.statements - len(tally.refused)
    tally.shapes = tally.statements
    tally.notes += [f"{code} masks refused that a project's own `custom` wrote"] if code else []
    tally.notes.append(
        f"{rules} rules loaded; {decisions} questions who may read what, answered as grantc's model answers them;"
        f" {tally.rows} rows and {tally.cells} cells as the reference shows them"
    )


def compare(item, answer, tally):
    """What one account saw of one table."""
    table, account = item.about["tables"][answer["table"]], answer["account"]
    where = f"{account} on {'.'.join(table['path'])}"
    tally.decisions += 1
    if "failed" in answer:
        tally.mismatches.append((item.label, f"{where}: {answer['failed']}", ""))
        return
    answers.compare(item, table, account, answer["rows"], tally)


GOOD_RULE = {
    "table": "t", "catalog": "c", "schema": "s", "group": "\\Qg\\E", "privileges": ["SELECT"],
    "filter": "contains(current_groups(), 'g') AND \"b\" > 0",
    "columns": [{"name": "a", "mask": "CASE WHEN \"a\" IS NULL THEN CAST(NULL AS varchar) ELSE 'x' END"}],
}  # fmt: skip


def trino_selftest(judge):
    """A good rule, and seven that must be refused; those that are not."""
    def broken(**change):
        rule = copy.deepcopy(GOOD_RULE)
        rule.update(change)
        return rule

    def mask(text):
        return broken(columns=[{"name": "a", "mask": text}])

    rules = [
        GOOD_RULE, mask("CASE WHEN THEN 1 END"), mask("no_such_function(\"a\")"), mask("5 > 'x'"), mask("ARRAY[1]"),
        broken(filter="\"no_such_column\" = 1"), broken(unknown_key=1), broken(filter="true; DROP TABLE t"),
    ]  # fmt: skip
    about = {
        "facts": {}, "accounts": ["u", "v"],
        "tables": [{
            "path": ["c", "s", "t"], "readers": ["u"],
            "columns": [{"name": "a", "type": "varchar"}, {"name": "b", "type": "bigint"}],
        }],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        folders = []
        for at, rule in enumerate(rules):
            folder = Path(scratch, str(at))
            folder.mkdir()
            catalogs = [{"group": "g", "catalog": "c", "allow": "read-only"}]
            (folder / "rules.json").write_text(json.dumps({"catalogs": catalogs, "tables": [rule]}))
            (folder / "groups.txt").write_text("g:u\n")
            (folder / "about.json").write_text(json.dumps(about))
            folders.append(folder)
        told = judge.judge(folders)
    wrong = [f"good, and refused: {told[0]['refused']}"] if told[0]["refused"] else []
    return wrong + [f"broken, and accepted: {rule}" for rule, each in zip(rules[1:], told[1:]) if not each["refused"]], len(rules)


GOOD_BODY = {
    "AccountId": "123456789012", "AccessGrantsLocationId": "default", "Permission": "READ",
    "AccessGrantsLocationConfiguration": {"S3SubPrefix": "lake/a/*"},
    "Grantee": {"GranteeType": "IAM", "GranteeIdentifier": "arn:aws:iam::123456789012:role/a"},
    "Tags": [{"Key": "grantc", "Value": "p"}],
}  # fmt: skip


def s3_selftest(judge):
    """A good body, and six that must be refused; those that are not."""
    changes = [
        {}, {"Permission": "SELECT"}, {"Grantee": {"GranteeType": "ROLE"}}, {"Unknown": 1}, {"AccountId": "12"},
        {"AccessGrantsLocationId": "s3://x/"}, {"Tags": [{"Key": "grantc", "Value": "a,b"}]},
    ]  # fmt: skip
    told = judge.judge([("CreateAccessGrant", {**GOOD_BODY, **change}) for change in changes])
    wrong = [f"good, and refused: {told[0]}"] if told[0] else []
    return wrong + [f"broken, and accepted: {change}" for change, each in zip(changes[1:], told[1:]) if each is None], len(changes)
