"""The inventory from AWS, when AWS does not answer as it should. Each case looks at the exit code, at what is said, and
at how often the cloud was asked; never at how long it took.

usage: faults.py ERTC [words of names of cases]
"""

import email.utils
import sys
import time

import cases_access  # noqa: F401 (their cases are kept by being read)
import cases_cache  # noqa: F401
import cases_stack  # noqa: F401
from cloud import Reply, fault, instances
from world import Wrong, case, equal, failed, fine, main, said

HOST = "ip-10-0-0-%d.internal"


def first(count, bad, then=None):
    """The first answers are `bad`, then all is well."""
    return lambda request: bad if request.number <= count else (then or instances([1]))


# ---- what passes ----


@case("throttled four times, then answered")
def _(world):
    w = world(first(4, fault("RequestLimitExceeded", status=503)))
    fine(w.run(AWS_MAX_ATTEMPTS="5"), [HOST % 1])
    equal(w.cloud.count("DescribeInstances"), 5, "requests")


@case("throttled for ever: as often as allowed, then an error")
def _(world):
    w = world(lambda request: fault("RequestLimitExceeded", "slow down", status=503))
    failed(w.run(AWS_MAX_ATTEMPTS="3"), "after 3 attempts", "RequestLimitExceeded: slow down", "DescribeInstances", "eu-west-1")
    equal(w.cloud.count("DescribeInstances"), 3, "requests")


@case("the number of attempts comes from the profile as well")
def _(world):
    w = world(lambda request: fault("Throttling"))
    w.write("home/.aws/config", "[default]\nmax_attempts = 2\n")
    failed(w.run(AWS_MAX_ATTEMPTS=None), "after 2 attempts", "Throttling")
    equal(w.cloud.count("DescribeInstances"), 2, "requests")


@case("500, 502, 503 and 504 without a word")
def _(world):
    w = world(lambda request: Reply(b"", 500) if request.number == 1 else Reply("<html>bad gateway</html>", 502)
              if request.number == 2 else Reply(b"oops", 503) if request.number == 3 else Reply(b"", 504)
              if request.number == 4 else instances([1]))
    fine(w.run(AWS_MAX_ATTEMPTS="5"), [HOST % 1])
    equal(w.cloud.count("DescribeInstances"), 5, "requests")


@case("503 for ever, without a word")
def _(world):
    w = world(lambda request: Reply(b"<html>gone fishing</html>", 503))
    failed(w.run(), "after 2 attempts", "HTTP status 503")
    equal(w.cloud.count("DescribeInstances"), 2, "requests")


@case("404 is not tried again")
def _(world):
    w = world(lambda request: Reply(b"<html>not here</html>", 404))
    failed(w.run(), "HTTP status 404")
    equal(w.cloud.count("DescribeInstances"), 1, "requests")


@case("cut off in the middle, then whole")
def _(world):
    w = world(first(1, Reply(instances(range(1, 50)), cut=9000)))
    fine(w.run(), [HOST % 1])
    equal(w.cloud.count("DescribeInstances"), 2, "requests")


@case("cut off for ever: nothing of it is used")
def _(world):
    w = world(lambda request: Reply(instances(range(1, 50)), cut=9000))
    failed(w.run(), "got no answer after 2 attempts", "was cut off")
    equal(w.cloud.count("DescribeInstances"), 2, "requests")


@case("cut off on the last page: nothing of the others is used")
def _(world):
    w = world(lambda request: Reply(instances([3]), cut=300) if request.form.get("NextToken") else instances([1, 2], "more"))
    failed(w.run(), "was cut off")
    equal(w.cloud.count("DescribeInstances"), 3, "requests")


@case("nothing at all comes back")
def _(world):
    w = world(lambda request: Reply(b"", cut=0, length=100))
    failed(w.run(), "after 2 attempts", "was cut off")


@case("a redirect is not followed")
def _(world):
    elsewhere = []
    w = world(lambda request: Reply(b"", 302, Location=elsewhere[0].url + "/"))
    elsewhere.append(w.new_cloud(lambda request: instances([1])))
    failed(w.run(), "HTTP status 302")
    equal(len(elsewhere[0].requests), 0, "requests to elsewhere")


# ---- what is not XML as it should be ----


@case("whole by its length, but the XML ends early")
def _(world):
    w = world(lambda request: instances(range(1, 20))[:5000])
    failed(w.run(), "cannot be used")
    equal(w.cloud.count("DescribeInstances"), 1, "requests")


MALFORMED = {
    "tags that cross": "<DescribeInstancesResponse><reservationSet></DescribeInstancesResponse>",
    "no XML": "instances: 3",
    "nothing": "",
    "a web page": "<!DOCTYPE html><html><body>log in first</body></html>",
    "two roots": instances([1]) + instances([2]),
    "a NUL": instances([1]).replace("host-1", "ho\0st"),
    "bytes that are no UTF-8": instances([1]).encode().replace(b"host-1", b"\xff\xfe\xc0\x80"),
    "an unescaped ampersand": instances([1]).replace("host-1", "R&D"),
    "an entity of its own": '<!DOCTYPE x [<!ENTITY a "b">]>' + instances([1]).partition("\n")[2].replace("host-1", "&a;"),
    "an entity of a file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    + instances([1]).partition("\n")[2].replace("host-1", "&a;"),
    "a number that is none": instances([1]).replace("<code>16</code>", "<code>sixteen</code>"),
    "an instance without an id": instances([1]).replace("<instanceId>", "<other>").replace("</instanceId>", "</other>"),
}
for _name, _body in MALFORMED.items():

    def _malformed(world, body=_body):
        w = world(lambda request: body if isinstance(body, bytes) else Reply(body))
        result = w.run(seconds=30)
        failed(result)
        if "root:" in result.err:
            raise Wrong("a file was read: " + result.show())
        equal(w.cloud.count("DescribeInstances"), 1, "requests")

    case("malformed: " + _name)(_malformed)


@case("entities that multiply")
def _(world):
    bomb = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">%s]>' % "".join(
        '<!ENTITY a%d "%s">' % (i, "&a%d;" % (i - 1) * 10) for i in range(1, 12)
    )
    w = world(lambda request: bomb + instances([1]).partition("\n")[2].replace("host-1", "&a11;"))
    result = w.run(seconds=30)
    failed(result, "cannot be used")
    memory(w, result, 60)


@case("elements a hundred thousand deep")
def _(world):
    w = world(lambda request: "<DescribeInstancesResponse>" + "<a>" * 100000 + "</a>" * 100000 + "</DescribeInstancesResponse>")
    result = w.run(seconds=30)
    failed(result, "cannot be used")
    memory(w, result, 60)


def memory(w, result, mebibytes):
    # Sanitizers keep memory of their own.
    with open(w.ertc, "rb") as file:
        if b"__asan_init" in file.read():
            return
    if result.peak_kib > mebibytes * 1024:
        raise Wrong("took %d MiB, not below %d" % (result.peak_kib // 1024, mebibytes))


def endless(piece, count):
    yield b"<DescribeInstancesResponse><reservationSet>"
    for _ in range(count):
        yield piece
    yield b"</reservationSet></DescribeInstancesResponse>"


@case("a hundred megabytes of instances")
def _(world):
    piece = "".join(
        "<item><reservationId>r</reservationId><instancesSet><item><instanceId>i-1</instanceId><reason>%s</reason></item>"
        "</instancesSet></item>" % ("x" * 900) for _ in range(64)
    ).encode()
    w = world(lambda request: Reply(endless(piece, 100 * 1024 * 1024 // len(piece))))
    result = w.run(seconds=60)
    failed(result, "cannot be used", "64")
    memory(w, result, 150)
    equal(w.cloud.count("DescribeInstances"), 1, "requests")


@case("a hundred megabytes of one text")
def _(world):
    piece = b"x" * 65536

    def body():
        yield b"<DescribeInstancesResponse><requestId>"
        for _ in range(1600):
            yield piece

    w = world(lambda request: Reply(body()))
    result = w.run(seconds=60)
    failed(result, "cannot be used")
    memory(w, result, 150)


@case("a hundred megabytes of an error")
def _(world):
    w = world(lambda request: Reply((b"x" * 65536 for _ in range(1600)), 500))
    result = w.run(seconds=60)
    failed(result)
    memory(w, result, 60)


@case("headers without end")
def _(world):
    w = world(lambda request: Reply(instances([1]), X_Long="x" * 60000, **{"X_%d" % i: "y" * 8000 for i in range(60)}))
    failed(w.run())


# ---- pages ----


@case("three pages, whole and in order")
def _(world):
    pages = {None: ([9, 4], "p2"), "p2": ([8, 1], "p3"), "p3": ([5], None)}
    w = world(lambda request: instances(*pages[request.form.get("NextToken")]))
    result = w.run()
    fine(result, [HOST % n for n in (1, 4, 5, 8, 9)])
    equal([request.form.get("NextToken") for request in w.cloud.requests], [None, "p2", "p3"], "tokens")
    equal({request.form.get("MaxResults") for request in w.cloud.requests}, {"1000"}, "page size")


@case("the same page for ever")
def _(world):
    w = world(lambda request: instances([1], "again"))
    failed(w.run(), "same page twice")
    equal(w.cloud.count("DescribeInstances"), 2, "requests")


@case("two pages that name each other for ever")
def _(world):
    w = world(lambda request: instances([1], "b" if request.form.get("NextToken") == "a" else "a"))
    failed(w.run(seconds=60), "same page twice")
    equal(w.cloud.count("DescribeInstances"), 3, "requests")


@case("a page in the middle is throttled")
def _(world):
    def script(request):
        if not request.form.get("NextToken"):
            return instances([1], "p2")
        return fault("RequestLimitExceeded", status=503) if request.number == 2 else instances([2])

    w = world(script)
    fine(w.run(), [HOST % 1, HOST % 2])
    equal(w.cloud.count("DescribeInstances"), 3, "requests")


@case("one region of three fails: nothing is shown")
def _(world):
    w = world(lambda request: fault("InternalError", status=500) if request.region == "eu-west-2" else instances([1]))
    failed(w.run(config="regions: [eu-west-1, eu-west-2, eu-west-3]\n"), "InternalError", "eu-west-2")


@case("connections are used again")
def _(world):
    w = world(lambda request: instances([request.number], "p%d" % request.number if request.number < 12 else None))
    fine(w.run(), [HOST % n for n in range(1, 13)])
    equal(len(w.cloud.requests), 12, "requests")
    equal(w.cloud.connections, 1, "connections")


@case("twenty regions at once share their connections")
def _(world):
    regions = ["eu-west-%d" % n for n in range(1, 21)]

    def script(request):
        number = int(request.region.rpartition("-")[2])
        return instances([number + 100]) if request.form.get("NextToken") else instances([number], "next")

    w = world(script)
    result = w.run(config="regions: [%s]\n" % ", ".join(regions))
    fine(result, [HOST % n for n in [*range(1, 21), *range(101, 121)]])
    equal(len(w.cloud.requests), 40, "requests")
    if w.cloud.connections > 20:
        raise Wrong("%d connections for 40 requests" % w.cloud.connections)


# ---- the clock ----


def clock(offset, code):
    """A service whose clock is `offset` seconds from ours."""

    def script(request):
        now = time.time() + offset
        signed = time.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
        date = email.utils.formatdate(now, usegmt=True)
        if abs(time.mktime(signed) - time.mktime(time.gmtime(now))) < 300:
            return Reply(instances([1]), Date=date)
        return fault(code, status=403, Date=date)

    return script


for _code in ("RequestTimeTooSkewed", "SignatureDoesNotMatch", "AuthFailure", "RequestExpired"):
    for _offset in (-31536000, 31536000, 3600):

        def _clock(world, code=_code, offset=_offset):
            w = world(clock(offset, code))
            fine(w.run(), [HOST % 1])
            equal(w.cloud.count("DescribeInstances"), 2, "requests")

        case("clock off by %d seconds, %s: corrected" % (_offset, _code))(_clock)


@case("clock: corrected once for all pages and regions")
def _(world):
    tell = clock(86400, "RequestTimeTooSkewed")

    def script(request):
        reply = tell(request)
        if reply.status == 200:
            number = {"eu-west-1": 1, "eu-west-2": 2}[request.region]
            token = None if request.form.get("NextToken") else "next"
            reply.body = instances([number + (0 if token else 10)], token).encode()
        return reply

    w = world(script)
    fine(w.run(config="regions: [eu-west-1, eu-west-2]\n"), [HOST % n for n in (1, 2, 11, 12)])
    if w.cloud.count("DescribeInstances") > 6:
        raise Wrong("%d requests" % len(w.cloud.requests))


@case("clock: a correction that does not help")
def _(world):
    date = email.utils.formatdate(time.time() + 7200, usegmt=True)
    w = world(lambda request: fault("RequestTimeTooSkewed", status=403, Date=date))
    failed(w.run(), "RequestTimeTooSkewed", "clock is off by")
    equal(w.cloud.count("DescribeInstances"), 2, "requests")


@case("clock: a wrong signature under a wrong clock names the clock")
def _(world):
    date = email.utils.formatdate(time.time() - 7200, usegmt=True)
    w = world(lambda request: fault("SignatureDoesNotMatch", status=403, Date=date))
    failed(w.run(), "SignatureDoesNotMatch", "clock is off by")
    equal(w.cloud.count("DescribeInstances"), 2, "requests")


@case("clock: the Date of a cache on the way counts for nothing")
def _(world):
    date = email.utils.formatdate(time.time() - 7200, usegmt=True)
    w = world(lambda request: fault("SignatureDoesNotMatch", status=403, Date=date, Age="30"))
    result = w.run()
    failed(result, "SignatureDoesNotMatch")
    equal(w.cloud.count("DescribeInstances"), 1, "requests")
    if "clock" in result.err:
        raise Wrong("names the clock: " + result.show())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
