"""AWS's own model of its API (botocore) and CloudFormation's schema (cfn-lint), for the bodies of S3 Access Grants.

In: bodies of CreateAccessGrant and CreateAccessGrantsLocation. Out: for each `None`, or why it is refused.
botocore's own validator knows shapes, required and unknown keys; the enumerations, patterns and lengths are in the same model, and are read here.
"""

import json
from importlib.metadata import version

import regex

OPERATIONS = {"access-grants.json": "CreateAccessGrant", "locations.json": "CreateAccessGrantsLocation"}


class S3:
    """Both."""

    def __init__(self):
        import botocore.session
        from botocore.validate import ParamValidator

        self.service = botocore.session.get_session().get_service_model("s3control")
        self.validator = ParamValidator()
        self.name = f"botocore {version('botocore')}, cfn-lint {version('cfn-lint')}"

    def judge(self, bodies):
        """`bodies`: pairs of operation and body. cfn-lint sees each kind of body once."""
        verdicts = [self.model(operation, body) for operation, body in bodies]
        unlike = {}
        for at, (operation, body) in enumerate(bodies):
            if verdicts[at] is None:
                unlike.setdefault((operation, json.dumps(body, sort_keys=True)), []).append(at)
        keys = list(unlike)
        for start in range(0, len(keys), 400):
            for key, reason in cloudformation(keys[start : start + 400]).items():
                for at in unlike[key]:
                    verdicts[at] = reason
        return verdicts

    def model(self, operation, body):
        """What AWS's model says."""
        shape = self.service.operation_model(operation).input_shape
        report = self.validator.validate(body, shape)
        if report.has_errors():
            return report.generate_report()
        return next(limits(body, shape, ""), None)


def limits(value, shape, at):
    """Enumerations, patterns and lengths."""
    limit = shape.metadata
    if shape.type_name == "structure":
        for key, inner in value.items():
            yield from limits(inner, shape.members[key], f"{at}.{key}")
    elif shape.type_name == "list":
        for inner in value:
            yield from limits(inner, shape.member, f"{at}[]")
    elif shape.type_name == "string":
        if limit.get("enum") and value not in limit["enum"]:
            yield f"{at}: {value!r} is none of {limit['enum']}"
        if "pattern" in limit and not regex.fullmatch(limit["pattern"], value):
            yield f"{at}: {value!r} does not match {limit['pattern']}"
    if isinstance(value, (str, list)) and not limit.get("min", 0) <= len(value) <= limit.get("max", 1 << 30):
        yield f"{at}: {len(value)} is not between {limit.get('min', 0)} and {limit.get('max')}"


def cloudformation(keys):
    """What cfn-lint says of a template that holds them all: reasons by key."""
    from cfnlint.api import lint

    resources, owners = {}, {}
    for at, (operation, text) in enumerate(keys):
        body = json.loads(text)
        body.pop("AccountId", None)
        if "IAMRoleArn" in body:
            body["IamRoleArn"] = body.pop("IAMRoleArn")
        kind = "AccessGrant" if operation == "CreateAccessGrant" else "AccessGrantsLocation"
        resources[f"R{at}"] = {"Type": f"AWS::S3::{kind}", "Properties": body}
        owners[f"R{at}"] = (operation, text)
    # Letters outside ASCII as they are: half of a surrogate pair is no character to a YAML reader.
    template = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}, ensure_ascii=False)
    found = {}
    for match in lint(template, regions=["eu-central-1"]):
        path = getattr(match, "path", None) or []
        if match.rule.id.startswith("E"):
            key = owners.get(path[1]) if len(path) > 1 else None
            for each in [key] if key else owners.values():
                found.setdefault(each, f"{match.rule.id}: {match.message}")
    return found
