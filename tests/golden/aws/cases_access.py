"""Who asks, where, and whether they may: keys, roles, accounts, endpoints, certificates, proxies, options of the file."""

import json
import os
import shutil
import subprocess

from cloud import Reply, aliases, fault, identity, instances, query_fault, role
from world import KEY, SECRET, Wrong, case, equal, failed, fine, said

HOST = "ip-10-0-0-%d.internal"
ROLE = "arn:aws:iam::444455556666:role/reader"
OTHER = "arn:aws:iam::777788889999:role/reader"

# ---- refused ----

REFUSALS = {
    "AuthFailure": (401, ["the keys are wrong", "…TEST from"]),
    "InvalidClientTokenId": (403, ["the access key does not exist"]),
    "SignatureDoesNotMatch": (403, ["the secret key is not that of the access key"]),
    "UnauthorizedOperation": (403, ["the identity needs the permission ec2:DescribeInstances"]),
    "OptInRequired": (401, ["has not enabled this region"]),
    "Blocked": (403, ["the account is blocked"]),
    "SomethingNew": (400, []),
}
for _code, (_status, _words) in REFUSALS.items():

    def _refusal(world, code=_code, status=_status, words=_words):
        w = world(lambda request: fault(code, "no & no".replace("&", "&amp;"), status))
        failed(w.run(), "DescribeInstances was refused", code + ": no & no", "eu-west-1", "req-fault", *words)
        equal(w.cloud.count("DescribeInstances"), 1, "requests")

    case("refused: " + _code)(_refusal)


@case("refused, with terminal escapes in the message")
def _(world):
    w = world(lambda request: fault("Odd\x1b[31m", "red \x1b]0;title\x07 text".replace("\x1b", "&#x9b;").replace("\x07", ""), 400))
    result = w.run()
    failed(result)
    if any(ord(c) < 32 and c not in "\n\t" or 0x7F <= ord(c) < 0xA0 for c in result.err):
        raise Wrong("control characters come through: %r" % result.err)


@case("strict_permissions: false makes a refusal an empty inventory")
def _(world):
    w = world(lambda request: fault("UnauthorizedOperation", status=403))
    result = w.run(config="regions: [eu-west-1]\nstrict_permissions: false\n")
    fine(result, [])


@case("strict_permissions: false is about permissions only")
def _(world):
    w = world(lambda request: fault("AuthFailure", status=401))
    failed(w.run(config="regions: [eu-west-1]\nstrict_permissions: false\n"), "AuthFailure")


@case("all regions, and none may be listed")
def _(world):
    w = world(lambda request: fault("UnauthorizedOperation", status=403))
    failed(w.run(config="{}\n".replace("{}", "filters: {}")), "DescribeRegions", "regions: [")


@case("all regions that the account has")
def _(world):
    names = "".join("<item><regionName>%s</regionName></item>" % name for name in ("eu-west-1", "eu-north-1"))
    w = world(lambda request: "<DescribeRegionsResponse><regionInfo>%s</regionInfo></DescribeRegionsResponse>" % names
              if request.action == "DescribeRegions" else instances([1 if request.region == "eu-west-1" else 2]))
    fine(w.run(config="filters: {}\n"), [HOST % 1, HOST % 2])


@case("no credentials anywhere")
def _(world):
    w = world(lambda request: instances([1]))
    failed(w.run(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None), "credentials")
    equal(len(w.cloud.requests), 0, "requests")


# ---- roles and what expires ----


def with_role(reply_of, renewals=True):
    """STS gives a role; EC2 answers with what reply_of says."""

    def script(request):
        if request.action == "AssumeRole":
            if request.number > 1 and not renewals:
                return query_fault("AccessDenied", "not any more")
            return role(request.form["RoleArn"], request.number)
        return reply_of(request)

    return script


def expires_on_second_page(request):
    if not request.form.get("NextToken"):
        return instances([1], "p2")
    return instances([2]) if request.key.endswith("2") else fault("RequestExpired", "expired", 400)


@case("a role expires between pages: assumed again, and on it goes")
def _(world):
    w = world(with_role(expires_on_second_page))
    fine(w.run(config="regions: [eu-west-1]\nassume_role_arn: %s\n" % ROLE), [HOST % 1, HOST % 2])
    equal([r.action for r in w.cloud.requests],
          ["AssumeRole", "DescribeInstances", "DescribeInstances", "AssumeRole", "DescribeInstances"], "requests")
    equal(w.cloud.requests[0].key, KEY, "who assumes")
    equal(w.cloud.requests[-1].key, "ASIA4444555566662", "who asks in the end")


@case("a role expires between pages, and cannot be had again")
def _(world):
    w = world(with_role(expires_on_second_page, renewals=False))
    failed(w.run(config="regions: [eu-west-1]\nassume_role_arn: %s\n" % ROLE), "AssumeRole", "not any more", "trust policy")
    equal(w.cloud.count("DescribeInstances"), 2, "requests")


@case("a role that is expired as soon as it is given ends")
def _(world):
    w = world(with_role(lambda request: fault("ExpiredToken", "the token has expired")))
    failed(w.run(config="regions: [eu-west-1]\nassume_role_arn: %s\n" % ROLE), "ExpiredToken")
    equal(w.cloud.count("AssumeRole"), 2, "renewals")
    equal(w.cloud.count("DescribeInstances"), 2, "requests")


@case("twenty regions whose role expires assume it once")
def _(world):
    def script(request):
        if request.key.endswith("2"):
            return instances([int(request.region.rpartition("-")[2])])
        return fault("ExpiredToken")

    w = world(with_role(script))
    regions = ", ".join("eu-west-%d" % n for n in range(1, 21))
    fine(w.run(config="regions: [%s]\nassume_role_arn: %s\n" % (regions, ROLE)), [HOST % n for n in range(1, 21)])
    equal(w.cloud.count("AssumeRole"), 2, "AssumeRole")


@case("keys of the environment that have expired")
def _(world):
    w = world(lambda request: fault("ExpiredToken", "the token has expired"))
    failed(w.run(AWS_SESSION_TOKEN="hush-token-of-the-user"), "ExpiredToken", "environment")
    if w.cloud.count("DescribeInstances") > 2:
        raise Wrong("asked %d times" % len(w.cloud.requests))


@case("a role that may not be assumed")
def _(world):
    w = world(lambda request: query_fault("AccessDenied", "is not authorized to perform: sts:AssumeRole"))
    failed(w.run(config="regions: [eu-west-1]\nassume_role_arn: %s\n" % ROLE), "AssumeRole", "not authorized", "trust policy")
    equal(w.cloud.count("AssumeRole"), 1, "requests")


# ---- accounts ----


def two_accounts(request):
    if request.action == "AssumeRole":
        return role(request.form["RoleArn"], 1)
    account = request.key[4:16]
    if request.action == "GetCallerIdentity":
        return identity(account)
    if request.action == "ListAccountAliases":
        return aliases("live-" + account[:4])
    return instances([4 if account.startswith("4") else 7])


@case("two accounts, with what they are called")
def _(world):
    w = world(two_accounts)
    result = w.run(config="regions: [eu-west-1]\naccounts:\n  - %s\n  - {name: other, role_arn: '%s', external_id: xyz}\n" % (ROLE, OTHER))
    fine(result, [HOST % 4, HOST % 7])
    hostvars = json.loads(result.out)["_meta"]["hostvars"]
    told = {host: [hostvars[host].get("aws_account_" + word) for word in ("id", "name", "alias")] for host in hostvars}
    equal(told, {HOST % 4: ["444455556666", ROLE, "live-4444"], HOST % 7: ["777788889999", "other", "live-7777"]}, "accounts")
    equal(sorted(r.form.get("ExternalId", "") for r in w.cloud.requests if r.action == "AssumeRole"), ["", "xyz"], "external ids")


@case("two accounts are asked side by side")
def _(world):
    import threading

    # Each waits for the other: one after the other, this would end with an error.
    both = threading.Barrier(2)

    def script(request):
        if request.action == "DescribeInstances":
            try:
                both.wait(20)
            except threading.BrokenBarrierError:
                return fault("OneAfterTheOther")
        return two_accounts(request)

    w = world(script)
    fine(w.run(config="regions: [eu-west-1]\naccounts: ['%s', '%s']\n" % (ROLE, OTHER)), [HOST % 4, HOST % 7])


@case("one of two accounts refuses: nothing is shown")
def _(world):
    def script(request):
        if request.action == "AssumeRole" and "7777" in request.form["RoleArn"]:
            return query_fault("AccessDenied")
        return two_accounts(request)

    w = world(script)
    failed(w.run(config="regions: [eu-west-1]\naccounts: ['%s', '%s']\n" % (ROLE, OTHER)), "AssumeRole", "AccessDenied")


@case("account: another one than meant is refused, the right one is not")
def _(world):
    def script(request):
        return identity("111122223333") if request.action == "GetCallerIdentity" else instances([1])

    w = world(script)
    failed(w.run(config="regions: [eu-west-1]\naccount: '999999999999'\n"),
           "is for account 999999999999", "are of account 111122223333")
    equal(w.cloud.count("DescribeInstances"), 0, "requests")
    fine(w.run(config="regions: [eu-west-1]\naccount: '111122223333'\n"), [HOST % 1])


@case("--region beyond the file is refused")
def _(world):
    w = world(lambda request: instances([1 if request.region == "eu-west-1" else 2]))
    failed(w.run("--list", "--region", "us-east-1"), "'us-east-1' is not a region of this inventory")
    equal(len(w.cloud.requests), 0, "requests")
    fine(w.run("--list", "--region", "eu-west-2", config="regions: [eu-west-1, eu-west-2]\n"), [HOST % 2])


# ---- the file ----


@case("an option that nobody knows is warned of")
def _(world):
    w = world(lambda request: instances([1]))
    result = w.run(config="regions: [eu-west-1]\nhostname: [instance-id]\n")
    equal(result.code, 0, "exit")
    said(result, "has no option 'hostname'", "did you mean 'hostnames'", "a.aws_ec2.yml:3:1")


BAD_OPTIONS = {
    "filters: [a]\n": "'filters' of aws_ec2 must be a map",
    "include_filters: {a: b}\n": "'include_filters' of aws_ec2 must be a list",
    "regions: {a: b}\n": "'regions' of aws_ec2 must be a list",
    "describe: [autoscalign]\n": "did you mean 'autoscaling'",
    "accounts: [3]\n": "an item of 'accounts'",
    "endpoint_url: ftp://127.0.0.1/\nregions: [eu-west-1]\n": "is no endpoint",
}
for _text, _word in BAD_OPTIONS.items():

    def _bad_option(world, text=_text, word=_word):
        w = world(lambda request: instances([1]))
        result = w.run(config=text)
        said(result, word)
        if '"i-' in result.out or result.code < 0:
            raise Wrong("hosts in spite of it: " + result.show())
        equal(w.cloud.count("DescribeInstances"), 0, "requests")

    case("wrong option: " + _text.split("\n")[0])(_bad_option)


@case("tags are data: never templates, whatever they hold")
def _(world):
    evil = "{{ lookup('pipe', 'touch /nowhere') }} {% raw %}"
    w = world(lambda request: instances([1], tags={"Name": evil}))
    result = w.run(config="regions: [eu-west-1]\nhostnames: [instance-id]\n")
    fine(result)
    equal(json.loads(result.out)["_meta"]["hostvars"]["i-%017x" % 1]["tags"]["Name"],
          {"__ansible_unsafe": evil} if '"__ansible_unsafe"' in result.out else evil, "tag")


# ---- where ----


@case("a host that no one can name")
def _(world):
    w = world(lambda request: instances([1]))
    failed(w.run(AWS_ENDPOINT_URL="http://ec2.nowhere.invalid", AWS_MAX_ATTEMPTS="1", seconds=60), "ec2.nowhere.invalid")


@case("a region by a name that is none, and no endpoint")
def _(world):
    w = world(lambda request: instances([1]))
    failed(w.run(config="regions: [Ireland]\n", AWS_ENDPOINT_URL=None), "'Ireland' is no region of AWS", "eu-west-1")


@case("nobody listens")
def _(world):
    w = world(lambda request: instances([1]))
    w.cloud.end()
    w.clouds.clear()
    failed(w.run(), "got no answer after 2 attempts")


@case("AWS_ENDPOINT_URL_EC2 beats AWS_ENDPOINT_URL, and it the profile's")
def _(world):
    w = world(lambda request: instances([1]))
    service, profile = w.new_cloud(lambda request: instances([2])), w.new_cloud(lambda request: instances([3]))
    w.write("home/.aws/config", "[default]\nservices = s\n[services s]\nec2 =\n  endpoint_url = %s\n" % profile.url)
    fine(w.run(AWS_ENDPOINT_URL_EC2=service.url), [HOST % 2])
    fine(w.run(), [HOST % 1])
    fine(w.run(AWS_ENDPOINT_URL=None), [HOST % 3])
    fine(w.run(config="regions: [eu-west-1]\nendpoint_url: %s\n" % service.url), [HOST % 2])


@case("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS leaves only that of the file")
def _(world):
    w = world(lambda request: instances([1]))
    ignoring = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_MAX_ATTEMPTS": "1"}
    fine(w.run(config="regions: [eu-west-1]\nendpoint_url: %s\n" % w.cloud.url, **ignoring), [HOST % 1])
    # The proxy sees where it would go; it goes no further than that.
    failed(w.run(AWS_ENDPOINT_URL_EC2=w.cloud.url, HTTPS_PROXY=w.cloud.url, **ignoring), "ec2.eu-west-1.amazonaws.com")
    equal(w.cloud.requests[-1].path, "ec2.eu-west-1.amazonaws.com:443", "host")


# ---- certificates and proxies ----


def certificate(w, name="cloud", alternative="IP:127.0.0.1", days="2"):
    if not shutil.which("openssl"):
        return None
    key, cert = w.path(name + ".key"), w.path(name + ".crt")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert,
         "-days", days, "-subj", "/CN=" + name, "-addext", "subjectAltName=" + alternative],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return cert, key


@case("a certificate that nobody vouches for, until it is named")
def _(world):
    w = world(lambda request: instances([1]))
    pair = certificate(w)
    if not pair:
        print("skipped: certificates; openssl is not installed")
        return
    cloud = w.new_cloud(lambda request: instances([2]), pair)
    failed(w.run(AWS_ENDPOINT_URL=cloud.url), "cannot trust the certificate of " + cloud.url)
    equal(len(cloud.requests), 0, "requests")
    fine(w.run(AWS_ENDPOINT_URL=cloud.url, AWS_CA_BUNDLE=pair[0]), [HOST % 2])
    failed(w.run(AWS_ENDPOINT_URL=cloud.url, AWS_CA_BUNDLE=w.path("nothing.pem")), "nothing.pem")
    # Named, but of another host.
    other = certificate(w, "other", "DNS:elsewhere.example")
    elsewhere = w.new_cloud(lambda request: instances([3]), other)
    failed(w.run(AWS_ENDPOINT_URL=elsewhere.url, AWS_CA_BUNDLE=other[0]), "cannot trust the certificate")
    equal(len(elsewhere.requests), 0, "requests")


@case("TLS older than 1.2 is refused, and so is no TLS at all")
def _(world):
    w = world(lambda request: instances([1]))
    failed(w.run(AWS_ENDPOINT_URL=w.cloud.url.replace("http:", "https:"), AWS_MAX_ATTEMPTS="1"), "got no answer")
    equal(len(w.cloud.requests), 0, "requests")


@case("a proxy is asked, for http and for https")
def _(world):
    w = world(lambda request: instances([1]))
    fine(w.run(http_proxy=w.cloud.url, NO_PROXY=None, AWS_ENDPOINT_URL="http://ec2.example.test"), [HOST % 1])
    equal(w.cloud.requests[-1].path, "http://ec2.example.test/", "path at the proxy")
    equal(w.cloud.requests[-1].headers["Host"], "ec2.example.test", "Host")
    failed(w.run(HTTPS_PROXY=w.cloud.url, AWS_ENDPOINT_URL="https://ec2.example.test", AWS_MAX_ATTEMPTS="1"), "got no answer")
    equal(w.cloud.requests[-1].path, "ec2.example.test:443", "CONNECT")
    before = len(w.cloud.requests)
    fine(w.run(http_proxy="http://127.0.0.1:1", no_proxy="127.0.0.1", NO_PROXY=None), [HOST % 1])
    equal(len(w.cloud.requests), before + 1, "requests past the proxy")


# ---- secrets ----


@case("no secret is shown, however loud")
def _(world):
    # What a case prints is always searched for secrets (world.py); here everything that can be said is said.
    for reply in (instances([1]), fault("SignatureDoesNotMatch", "The request signature %s does not match", 403), "<broken"):
        w = world(with_role(lambda request, reply=reply: reply))
        w.write("home/.aws/credentials", "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = hush-in-a-file\n")
        w.run("--list", "-vvvv", config="regions: [eu-west-1]\nassume_role_arn: %s\n" % ROLE)
        w.run("--list", "-vvvv", config="regions: [eu-west-1]\nprofile: base\nassume_role_arn: %s\n" % ROLE)
        w.run("--list", "-vvvv", config="regions: [eu-west-1]\naccess_key: AKIAF\nsecret_key: hush-in-the-inventory\n",
              AWS_SESSION_TOKEN="hush-token-of-the-user")
        if len(w.cloud.requests) < 4:
            raise Wrong("nobody was asked")


@case("an endpoint with a password is refused, and it is not shown")
def _(world):
    w = world(lambda request: instances([1]))
    failed(w.run(AWS_ENDPOINT_URL="http://user:hush-password@127.0.0.1:%d" % w.cloud.port), "takes no name and password")
    equal(len(w.cloud.requests), 0, "requests")


@case("line breaks in a token or a region make no headers")
def _(world):
    w = world(lambda request: instances([1]))
    failed(w.run(AWS_SESSION_TOKEN="hush-a\r\nX-Evil: 1"), "X-Amz-Security-Token holds a line break")
    failed(w.run(config='regions: ["eu-west-1\\r\\nX-Evil: 1"]\n'), "line break")
    equal(len(w.cloud.requests), 0, "requests")


@case("sessions of roles are kept where only we can read them, and used again")
def _(world):
    w = world(with_role(lambda request: instances([1])))
    config = "regions: [eu-west-1]\nassume_role_arn: %s\n" % ROLE
    fine(w.run(config=config), [HOST % 1])
    fine(w.run(config=config), [HOST % 1])
    equal(w.cloud.count("AssumeRole"), 1, "AssumeRole")
    for folder, folders, files in os.walk(w.path("home/.cache")):
        for name in files:
            mode = os.stat(os.path.join(folder, name)).st_mode & 0o777
            equal(oct(mode), oct(0o600), name)
            with open(os.path.join(folder, name), "rb") as file:
                if SECRET.encode() in file.read():
                    raise Wrong("the user's own secret is kept in " + name)
