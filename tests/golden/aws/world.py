"""What the cases of faults.py stand on: a folder, a home and a cloud for each, and looking at what came of it."""

import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import traceback

from cloud import Cloud

# Every secret of these tests begins like this: none may ever be seen.
SECRET = "hush-secret-of-the-user"
KEY = "AKIAQWERTYUIOPTEST"


class Wrong(Exception):
    pass


class Result:
    def __init__(self, code, out, err, peak_kib):
        self.code, self.out, self.peak_kib = code, out, peak_kib
        # Every program with fibers under ASan says this once.
        err = re.sub(r"==\d+==WARNING: ASan doesn't fully support makecontext.*\n", "", err)
        # One line, so that what is looked for is found wherever it was wrapped.
        self.err = " ".join(err.split())

    def show(self):
        return "exit %d\nstdout: %s\nstderr: %s" % (self.code, self.out[:400], self.err[:3000])

    def hosts(self):
        return sorted(json.loads(self.out)["_meta"]["hostvars"])


class World:
    """One case's: everything it starts ends with it."""

    def __init__(self, ertc, script=None, certificate=None):
        self.ertc = ertc
        self.folder = tempfile.mkdtemp(prefix="ertc-aws-")
        self.clouds = []
        self.cloud = self.new_cloud(script, certificate)
        self.write("home/.keep", "")
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": self.folder + "/home",
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "1000",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.cloud.url,
            "AWS_MAX_ATTEMPTS": "2",
            "NO_PROXY": "127.0.0.1",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def new_cloud(self, script, certificate=None):
        cloud = Cloud(script, certificate)
        self.clouds.append(cloud)
        return cloud

    def end(self):
        for cloud in self.clouds:
            cloud.end()
        shutil.rmtree(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o600):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)
        return path

    def run(self, *arguments, config="regions: [eu-west-1]\n", seconds=120, **env):
        """ertc inventory -i FILE --list, or the arguments given."""
        return self.start([self.ertc, "inventory"], arguments or ("--list",), config, seconds, env)

    def play(self, *arguments, config="regions: [eu-west-1]\n", seconds=120, **env):
        """ertc-play -i FILE and the arguments."""
        return self.start([self.ertc + "-play"], arguments, config, seconds, env)

    def start(self, command, arguments, config, seconds, env):
        file = self.write("a.aws_ec2.yml", "plugin: amazon.aws.aws_ec2\n" + config)
        environment = {**self.env, **env}
        command = [*command, "-i", file, *arguments]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self.folder,
                env={name: text for name, text in environment.items() if text is not None},
            )
            # wait4 tells the peak; a run that hangs is ended, by its id.
            clock = threading.Timer(seconds, child.kill)
            clock.start()
            status, usage = os.wait4(child.pid, 0)[1:]
            clock.cancel()
            child.returncode = os.waitstatus_to_exitcode(status)
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read().decode("utf-8", "replace"))
        result = Result(child.returncode, *texts, usage.ru_maxrss)
        for word in ("hush-", "Signature=", "AddressSanitizer", "runtime error:"):
            if word in texts[0] or word in texts[1]:
                raise Wrong("'%s' is in the output: %s" % (word, result.show()))
        return result


# ---- looking ----


def fine(result, hosts=None):
    if result.code != 0:
        raise Wrong("failed: " + result.show())
    if re.search(r"WARNING|error:", result.err):
        raise Wrong("is not silent: " + result.show())
    if hosts is not None and result.hosts() != sorted(hosts):
        raise Wrong("hosts %s, not %s" % (result.hosts(), sorted(hosts)))


def failed(result, *words, code=None):
    """Nothing of an answer is shown; each of the words is in the message."""
    if result.code == 0 or result.out.strip():
        raise Wrong("did not fail, or gave a part: " + result.show())
    if code is not None and result.code != code:
        raise Wrong("exit %d, not %d: %s" % (result.code, code, result.show()))
    if result.code < 0:
        raise Wrong("died: " + result.show())
    said(result, *words)


def said(result, *words):
    for word in words:
        if word not in result.err:
            raise Wrong("does not say '%s': %s" % (word, result.show()))


def equal(got, wanted, what):
    if got != wanted:
        raise Wrong("%s: %r, not %r" % (what, got, wanted))


# ---- running all ----

CASES = []


def case(name):
    def keep(function):
        CASES.append((name, function))
        return function

    return keep


def one(ertc, name, function):
    worlds = []

    def make(script=None, certificate=None):
        worlds.append(World(ertc, script, certificate))
        return worlds[-1]

    try:
        function(make)
        return None
    except Wrong as wrong:
        return "FAIL %s: %s" % (name, wrong)
    except Exception:  # a bug of the test: told as a failure, with where it is
        return "FAIL %s: %s" % (name, traceback.format_exc())
    finally:
        for world in worlds:
            world.end()


def main(ertc, names, at_once=6):
    chosen = [pair for pair in CASES if not names or any(name in pair[0] for name in names)]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for told in pool.map(lambda pair: one(ertc, *pair), chosen):
            if told:
                bad += 1
                print(told, flush=True)
    print("%d passed, %d failed" % (len(chosen) - bad, bad))
    sys.exit(bad != 0 or not chosen)
