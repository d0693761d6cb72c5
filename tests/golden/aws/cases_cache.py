"""What the cloud answered is kept: nobody is asked while it is fresh, nothing else is taken for it, and nobody else reads it."""

import os
import re
import time

from cloud import fault, instances
from world import Wrong, case, equal, failed, fine, said

HOST = "ip-10-0-0-%d.internal"
CACHED = "regions: [eu-west-1]\ncache: true\n"


def kept(w, folder="home/.cache/ertc/inventory"):
    """The files of the cache."""
    place = w.path(folder)
    return sorted(os.path.join(place, name) for name in os.listdir(place)) if os.path.isdir(place) else []


@case("cache: the second run asks nobody and says the same")
def _(world):
    w = world(lambda request: instances([1, 2]))
    first, second = w.run(config=CACHED), w.run(config=CACHED)
    fine(first, [HOST % 1, HOST % 2])
    equal(second.out, first.out, "from the cache")
    equal(len(w.cloud.requests), 1, "requests")
    fine(w.run("--graph", config=CACHED))
    equal(len(w.cloud.requests), 1, "requests")


@case("cache: without the option nothing is kept")
def _(world):
    w = world(lambda request: instances([1]))
    fine(w.run(), [HOST % 1])
    fine(w.run(config=CACHED + "cache_plugin: memory\n"), [HOST % 1])
    equal(kept(w), [], "files")
    equal(len(w.cloud.requests), 2, "requests")


@case("cache: by the environment alone")
def _(world):
    w = world(lambda request: instances([1]))
    env = {"ANSIBLE_INVENTORY_CACHE": "1", "ANSIBLE_INVENTORY_CACHE_CONNECTION": w.path("elsewhere")}
    fine(w.run(**env), [HOST % 1])
    fine(w.run(**env), [HOST % 1])
    equal(len(w.cloud.requests), 1, "requests")
    equal(len(kept(w, "elsewhere")), 1, "files")


@case("cache: nobody is asked, not even who we are or for a role")
def _(world):
    w = world(lambda request: instances([1]))
    fine(w.run(config=CACHED), [HOST % 1])
    w.cloud.end()
    w.clouds.clear()
    fine(w.run(config=CACHED), [HOST % 1])
    fine(w.run(config=CACHED, AWS_SECRET_ACCESS_KEY=None), [HOST % 1])


@case("cache: file and folder are ours alone")
def _(world):
    w = world(lambda request: instances([1]))
    umask = os.umask(0)
    os.umask(umask)
    fine(w.run(config=CACHED), [HOST % 1])
    (file,) = kept(w)
    equal(oct(os.stat(file).st_mode & 0o777), oct(0o600), "mode of the file")
    equal(oct(os.stat(os.path.dirname(file)).st_mode & 0o777), oct(0o700), "mode of the folder")
    with open(file, "rb") as opened:
        text = opened.read()
    for word in (b"hush-", b"Signature", b"AWS4-HMAC", b"AKIA"):
        if word in text:
            raise Wrong("%r is in the cache" % word)


@case("cache: stale after its time")
def _(world):
    w = world(lambda request: instances([request.number]))
    fine(w.run(config=CACHED + "cache_timeout: 100\n"), [HOST % 1])
    (file,) = kept(w)
    made = age(file, 90)
    fine(w.run(config=CACHED + "cache_timeout: 100\n"), [HOST % 1])
    age(file, 110)
    fine(w.run(config=CACHED + "cache_timeout: 100\n"), [HOST % 2])
    fine(w.run(config=CACHED + "cache_timeout: 100\n"), [HOST % 2])
    equal(len(w.cloud.requests), 2, "requests")
    # From the future: the clock was changed since; who knows how old it is.
    age(file, -5000)
    fine(w.run(config=CACHED + "cache_timeout: 100\n"), [HOST % 3])
    # 0: for ever.
    age(file, 10**9)
    fine(w.run(config=CACHED + "cache_timeout: 0\n"), [HOST % 3])
    if not made:
        raise Wrong("the file does not say when it was made")


def age(file, seconds):
    """As if it had been made so long ago."""
    with open(file, "rb") as opened:
        head, line, rest = opened.read().partition(b"\n")
    changed, count = re.subn(rb",\d+,", b",%d," % (time.time() - seconds), head)
    with open(file, "wb") as opened:
        opened.write(changed + line + rest)
    return count


@case("cache: --flush-cache asks, and keeps the new answer")
def _(world):
    w = world(lambda request: instances([request.number]))
    fine(w.run(config=CACHED), [HOST % 1])
    fine(w.run("--list", "--flush-cache", config=CACHED), [HOST % 2])
    fine(w.run(config=CACHED), [HOST % 2])
    equal(len(w.cloud.requests), 2, "requests")
    equal(len(kept(w)), 1, "files")


@case("cache: what decides about the answer is part of the key")
def _(world):
    w = world(lambda request: instances([request.number]))
    w.write("home/.aws/credentials", "[a]\naws_access_key_id=A\naws_secret_access_key=hush-a\n[b]\naws_access_key_id=B\naws_secret_access_key=hush-b\n")
    variants = [
        (CACHED, {}),
        ("regions: [eu-west-2]\ncache: true\n", {}),
        (CACHED + "filters: {tag:Env: prod}\n", {}),
        (CACHED + "filters: {tag:Env: dev}\n", {}),
        (CACHED + "exclude_filters: [{tag:Env: prod}]\n", {}),
        (CACHED + "include_filters: [{tag:Env: prod}, {tag:Env: dev}]\n", {}),
        (CACHED + "profile: a\n", {}),
        (CACHED + "profile: b\n", {}),
        (CACHED, {"AWS_PROFILE": "a", "AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}),
        (CACHED, {"AWS_ACCESS_KEY_ID": "AKIAOTHER"}),
        (CACHED + "endpoint_url: %s/\n" % w.cloud.url, {}),
        (CACHED, {"AWS_ENDPOINT_URL_EC2": w.cloud.url}),
    ]
    answers = []
    for config, env in variants:
        result = w.run(config=config, **env)
        fine(result)
        answers.append(result.hosts())
        again = w.run(config=config, **env)
        equal(again.out, result.out, "again with " + config)
    flat = [tuple(hosts) for hosts in answers]
    equal(len(set(flat)), len(variants), "different answers of %r" % flat)
    equal(len(kept(w)), len(variants), "files")


@case("cache: what only shapes the hosts is not part of the key")
def _(world):
    w = world(lambda request: instances([1]))
    fine(w.run(config=CACHED), [HOST % 1])
    fine(w.run(config=CACHED + "hostnames: [instance-id]\n"), ["i-%017x" % 1])
    fine(w.run(config=CACHED + "keyed_groups: [{key: tags.Name, prefix: name}]\nhostvars_prefix: aws_\n"), [HOST % 1])
    equal(len(w.cloud.requests), 1, "requests")


@case("cache: a file that others may read is not used")
def _(world):
    w = world(lambda request: instances([request.number]))
    fine(w.run(config=CACHED), [HOST % 1])
    (file,) = kept(w)
    os.chmod(file, 0o640)
    result = w.run(config=CACHED)
    equal(result.code, 0, "exit")
    equal(result.hosts(), [HOST % 2], "hosts")
    said(result, "nobody else may read")
    equal(oct(os.stat(file).st_mode & 0o777), oct(0o600), "mode, written anew")
    fine(w.run(config=CACHED), [HOST % 2])


@case("cache: a link in its place is not followed")
def _(world):
    w = world(lambda request: instances([request.number]))
    fine(w.run(config=CACHED), [HOST % 1])
    (file,) = kept(w)
    os.rename(file, w.path("target"))
    os.symlink(w.path("target"), file)
    before = os.stat(w.path("target")).st_mtime_ns
    result = w.run(config=CACHED)
    equal(result.hosts(), [HOST % 2], "hosts")
    equal(os.stat(w.path("target")).st_mtime_ns, before, "what the link points to")


DAMAGES = {
    "empty": lambda text: b"",
    "cut in a record": lambda text: text[: len(text) - 7],
    "cut between records": lambda text: text[: text.index(b"\n") + 1],
    "of another version": lambda text: text.replace(b"cache 1", b"cache 9", 1),
    "a length beyond the end": lambda text: text.replace(text[text.index(b"\n") + 1 : text.index(b"\n") + 5], b"\xff\xff\xff\x7f", 1),
    "noise": lambda text: text[: text.index(b"\n") + 1] + os.urandom(len(text)),
    "more behind it": lambda text: text + b"\0\0\0\0",
    "no newline": lambda text: text.replace(b"\n", b" "),
}
for _name, _damage in DAMAGES.items():

    def _damaged(world, damage=_damage):
        w = world(lambda request: instances([request.number, 50]))
        w.run(config=CACHED)
        (file,) = kept(w)
        with open(file, "rb") as opened:
            text = opened.read()
        with open(file, "wb") as opened:
            opened.write(damage(text))
        result = w.run(config=CACHED)
        equal(result.code, 0, "exit")
        equal(result.hosts(), sorted([HOST % 2, HOST % 50]), "hosts")
        fine(w.run(config=CACHED), [HOST % 2, HOST % 50])
        equal(len(w.cloud.requests), 2, "requests")

    case("cache: a damaged file is asked for again: " + _name)(_damaged)


@case("cache: an answer that failed is not kept, and does not harm what is")
def _(world):
    w = world(lambda request: instances([1], "p2") if not request.form.get("NextToken") and request.number == 1
              else instances([2]) if request.number == 2 else fault("UnauthorizedOperation", status=403))
    fine(w.run(config=CACHED), [HOST % 1, HOST % 2])
    (file,) = kept(w)
    with open(file, "rb") as opened:
        before = opened.read()
    failed(w.run("--list", "--flush-cache", config=CACHED), "UnauthorizedOperation")
    with open(file, "rb") as opened:
        equal(opened.read() == before, True, "the file is as it was")
    equal(kept(w), [file], "files")


@case("cache: replaced whole, with nothing left beside it")
def _(world):
    w = world(lambda request: instances([request.number]))
    fine(w.run(config=CACHED), [HOST % 1])
    (file,) = kept(w)
    node = os.stat(file).st_ino
    with open(file, "rb") as holder:  # who reads meanwhile has the old one, whole
        old = holder.read(10)
        fine(w.run("--list", "--flush-cache", config=CACHED), [HOST % 2])
        rest = holder.read()
    if os.stat(file).st_ino == node:
        raise Wrong("written in place")
    equal(kept(w), [file], "files")
    if not (old + rest).startswith(b"ertc-cloud-cache") or len(rest) < 100:
        raise Wrong("the old one was changed")


@case("cache: a folder that cannot be written is a warning")
def _(world):
    w = world(lambda request: instances([1]))
    w.write("file", "")
    result = w.run(config=CACHED + "cache_connection: %s/below\n" % w.path("file"))
    equal(result.code, 0, "exit")
    equal(result.hosts(), [HOST % 1], "hosts")
    said(result, "the inventory cache is not written")
