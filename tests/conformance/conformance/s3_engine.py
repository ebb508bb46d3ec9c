"""S3's artefacts given to the emulator of Access Grants through boto3, then every account asks for every key.

The emulator (`tests/support/s3_emulator`) knows callers by their access key. Every question goes over HTTP as boto3 writes it;
every tenth is asked by boto3 too, which takes ten times as long, and must be answered the same.
"""

import http.client
import json
import subprocess
from importlib.metadata import version
from urllib.parse import quote

from .inputs import ROOT, TARGET, cargo

REGION = "eu-central-1"
CENTER = "arn:aws:sso:::instance/ssoins-1111111111111111"
STRANGER = "arn:aws:iam::999999999999:role/stranger"
DENIED = "AccessDenied"


def differs(allowed, wanted):
    """Whether an answer is not the reference's: `gap` takes both, as less than the reference is told there."""
    return wanted != "gap" and allowed != (wanted == "yes")


def identities(account, groups):
    """What a caller is: an IAM principal, or a directory user with his groups."""
    if account.startswith("arn:"):
        return [["IAM", account]]
    return [["DIRECTORY_USER", account], *(["DIRECTORY_GROUP", group] for group, members in groups.items() if account in members)]


class Emulator:
    """One process for all."""

    lacks = "nothing"

    def __init__(self, scratch):
        cargo("build", "--locked", "--quiet", "--example", "s3_emulator")
        program = TARGET / "debug" / "examples" / "s3_emulator"
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        self.port = int(self.process.stdout.readline())
        self.line = http.client.HTTPConnection("127.0.0.1", self.port)
        self.name = f"the emulator, boto3 {version('boto3')}"
        self.clients = {}
        self.grants = self.by_boto = self.narrowed = self.noticed = 0

    def close(self):
        """It ends with its input."""
        self.line.close()
        self.process.stdin.close()
        self.process.wait(timeout=10)

    def takes(self, item):
        """Everything."""
        return True

    def told(self, integrations, tally):
        """What was done."""
        return (
            f"{self.name}: {self.grants} grants of {integrations} integrations were created, and {tally.decisions} times an account asked for a key"
            f" with a permission, {self.by_boto} of them by boto3 too; {self.narrowed} were denied with a gap that says so;"
            f" {self.noticed} wrong answers, made on purpose, were noticed"
        )

    def client(self, key):
        """boto3 as the caller of an access key."""
        import boto3
        from botocore.config import Config

        if key not in self.clients:
            made = boto3.session.Session().client(
                "s3control", region_name=REGION, endpoint_url=f"http://127.0.0.1:{self.port}", aws_access_key_id=key,
                aws_secret_access_key="secret", config=Config(retries={"max_attempts": 0}),
            )  # fmt: skip
            # AWS's rules put the account before every host; this one is as it is.
            made.meta.events.register("before-send.s3-control", self.here)
            self.clients[key] = made
        return self.clients[key]

    def here(self, request, **_):
        """Takes the account out of the host."""
        host = f"127.0.0.1:{self.port}"
        request.url = f"http://{host}/" + request.url.split("/", 3)[3]

    def ask(self, item, tally):
        """Creates what the artefacts say and asks; what is wrong goes into the tally."""
        Run(self, item, tally).all()


class Run:
    """One integration in an empty emulator."""

    def __init__(self, emulator, item, tally):
        self.emulator, self.item, self.tally = emulator, item, tally
        self.about = item.about["s3"]
        self.account = "000000000000"
        self.callers = {name: f"CALLER{at}" for at, name in enumerate([*self.about["answers"], STRANGER])}

    def wrong(self, reason):
        """Tells it."""
        self.tally.mismatches.append((self.item.label, reason, ""))

    def all(self):
        """Set-up, artefacts, questions."""
        callers = {key: identities(name, self.about["groups"]) for name, key in self.callers.items()}
        self.emulator.line.request("PUT", "/_emulator", json.dumps({"callers": callers}))
        reply = self.emulator.line.getresponse()
        reply.read()
        if reply.status != 200:
            self.wrong(f"the emulator answers {reply.status}")
            return
        self.create()
        nobody = {access: ["no"] * len(self.about["keys"]) for access in ("read", "write")}
        for name, key in self.callers.items():
            answers = self.about["answers"].get(name, nobody)
            for at, target in enumerate(self.about["keys"]):
                read, write = answers["read"][at], answers["write"][at]
                both = "no" if "no" in (read, write) else "gap" if "gap" in (read, write) else "yes"
                for permission, wanted in (("READ", read), ("WRITE", write), ("READWRITE", both)):
                    self.question(name, key, target, permission, wanted)
        self.notices()

    def create(self):
        """The instance, the locations and the grants, from the files as they stand."""
        admin, folder = self.emulator.client("ADMIN"), self.item.folder
        locations, grants = (json.loads((folder / name).read_text()) for name in ("locations.json", "access-grants.json"))
        self.account = next((body["AccountId"] for body in locations + grants if "AccountId" in body), self.account)
        admin.create_access_grants_instance(AccountId=self.account, IdentityCenterArn=CENTER)
        ids = {"default": "default"}
        for body in locations:
            made = admin.create_access_grants_location(**{"AccountId": self.account, **body})
            ids[body["LocationScope"]] = made["AccessGrantsLocationId"]
        # One that is somebody else's to register is there before.
        for scope in sorted({body["AccessGrantsLocationId"] for body in grants} - {each for each in ids if each != "default" or "s3://" in ids}):
            scope = "s3://" if scope == "default" else scope
            made = admin.create_access_grants_location(AccountId=self.account, LocationScope=scope, IAMRoleArn="arn:aws:iam::000000000000:role/other")
            ids[scope] = made["AccessGrantsLocationId"]
        self.made = []
        for body in grants:
            place = ids[body["AccessGrantsLocationId"]]
            try:
                made = admin.create_access_grant(**{"AccountId": self.account, **body, "AccessGrantsLocationId": place})
            except admin.exceptions.ClientError as error:
                self.wrong(f"{error} for {json.dumps(body)}")
                continue
            self.made.append((made["AccessGrantId"], body["Grantee"]["GranteeIdentifier"]))
        self.emulator.grants += len(self.made)

    def question(self, name, key, target, permission, wanted):
        """One answer, compared."""
        self.tally.decisions += 1
        self.tally.cells += 1
        allowed = self.plain(key, target, permission)
        if self.tally.decisions % 10 == 0:
            self.emulator.by_boto += 1
            if self.boto(key, target, permission) != allowed:
                self.wrong(f"boto3 is answered otherwise: {name} {permission} {target}")
        self.emulator.narrowed += wanted == "gap" and not allowed
        if differs(allowed, wanted):
            self.wrong(f"{name} {'gets' if allowed else 'does not get'} {permission} on {target}; the reference says {wanted}")

    def plain(self, key, target, permission):
        """As boto3 writes it."""
        path = f"/v20180820/accessgrantsinstance/dataaccess?target={quote(target, safe='')}&permission={permission}"
        authorization = f"AWS4-HMAC-SHA256 Credential={key}/20260615/{REGION}/s3/aws4_request"
        self.emulator.line.request("GET", path, headers={"x-amz-account-id": self.account, "authorization": authorization})
        reply = self.emulator.line.getresponse()
        text = reply.read().decode()
        if reply.status == 200:
            return True
        if f"<Code>{DENIED}</Code>" not in text:
            self.wrong(f"{target}: {reply.status} {text}")
        return False

    def boto(self, key, target, permission):
        """By boto3."""
        client = self.emulator.client(key)
        try:
            client.get_data_access(AccountId=self.account, Target=target, Permission=permission)
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != DENIED:
                raise
            return False
        return True

    def notices(self):
        """A grant too many and a grant too few, made on purpose: the comparison must not take them."""
        admin = self.emulator.client("ADMIN")
        found = {"yes": None, "no": None}
        for name, answers in self.about["answers"].items():
            for target, word in zip(self.about["keys"], answers["read"]):
                if name.startswith("arn:aws:iam::") and word in found and found[word] is None:
                    found[word] = (name, target)
        if found["no"]:
            name, target = found["no"]
            location = admin.list_access_grants_locations(AccountId=self.account)["AccessGrantsLocationsList"]
            if any(each["LocationScope"] == "s3://" for each in location):
                admin.create_access_grant(
                    AccountId=self.account, AccessGrantsLocationId="default", Permission="READ", S3PrefixType="Object",
                    AccessGrantsLocationConfiguration={"S3SubPrefix": target.removeprefix("s3://")},
                    Grantee={"GranteeType": "IAM", "GranteeIdentifier": name},
                )  # fmt: skip
                self.notice(name, target, "no")
        if found["yes"]:
            name, target = found["yes"]
            for grant, grantee in self.made:
                if grantee == name:
                    admin.delete_access_grant(AccountId=self.account, AccessGrantId=grant)
            self.notice(name, target, "yes")

    def notice(self, name, target, wanted):
        """Whether the answer differs now."""
        if differs(self.plain(self.callers[name], target, "READ"), wanted):
            self.emulator.noticed += 1
        else:
            self.wrong(f"a wrong answer is taken too: {name} on {target}")
