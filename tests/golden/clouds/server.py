"""A small cloud for tests: EC2 Query as econe-server speaks it, and objects as S3 gives them. Every
request must be signed rightly (version 4 in the header, or version 2 in the form).

usage: server.py PORTFILE VECTORS STATE     VECTORS: answers of a real econe-server; STATE: an object
"""

import base64
import hashlib
import hmac
import http.server
import os
import sys
import urllib.parse

KEYS = {
    # econe-server keeps digests of passwords.
    "alice": hashlib.sha256(b"s3cret: p\xc3\xa4ss").hexdigest(),
    "old": hashlib.sha1(b"s3cret").hexdigest(),
    "AKIDEXAMPLE": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
# What the server believes to be called; version 2 signs it instead of the Host header.
CONFIGURED = "cloud.example.org:4567"
PORTFILE, VECTORS, STATE = sys.argv[1:4]

ADDRESSES = """<?xml version="1.0"?><DescribeAddressesResponse xmlns="http://ec2.amazonaws.com/doc/2014-10-01/">
<requestId>x</requestId><addressesSet><item><publicIp>198.51.100.1</publicIp><instanceId>i-00000001</instanceId></item>
<item><publicIp>198.51.100.9</publicIp><instanceId/></item></addressesSet></DescribeAddressesResponse>"""
UNESCAPED = """<DescribeTagsResponse><tagSet><item><resourceId>i-00000001</resourceId><key>NAME</key>
<value>R&D</value></item></tagSet></DescribeTagsResponse>"""
DENIED = """<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"""


def vector(name):
    with open(os.path.join(VECTORS, name + ".xml"), "rb") as file:
        return file.read()


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def escape(text):
    return urllib.parse.quote(text, safe="-_.~")


def is_signed_v4(request, body):
    """The Authorization header, recomputed from what arrived."""
    head, _, rest = request.headers.get("Authorization", "").partition(" ")
    if head != "AWS4-HMAC-SHA256":
        return False
    parts = dict(piece.strip().split("=", 1) for piece in rest.split(","))
    user, date, region, service, last = parts["Credential"].split("/")
    names = parts["SignedHeaders"].split(";")
    if user not in KEYS or "host" not in names or "x-amz-date" not in names:
        return False
    path, _, query = request.path.partition("?")
    pairs = sorted((escape(k), escape(v)) for k, v in
                   urllib.parse.parse_qsl(query, keep_blank_values=True))
    body_hash = hashlib.sha256(body).hexdigest()
    if service == "s3" and request.headers.get("X-Amz-Content-Sha256") != body_hash:
        return False
    canonical = "\n".join([
        request.command, path, "&".join(f"{k}={v}" for k, v in pairs),
        *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names), "",
        ";".join(names), body_hash])
    scope = "/".join([date, region, service, last])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", request.headers["X-Amz-Date"], scope,
                         hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + KEYS[user]).encode()
    for piece in (date, region, service, last):
        key = digest(key, piece)
    return hmac.compare_digest(digest(key, to_sign).hex(), parts["Signature"])


def is_signed_v2(request, form):
    user, method = form.get("AWSAccessKeyId"), form.get("SignatureMethod")
    if form.get("SignatureVersion") != "2" or user not in KEYS:
        return False
    query = "&".join(f"{escape(k)}={escape(v)}" for k, v in
                     sorted(form.items(), key=lambda pair: pair[0].encode()) if k != "Signature")
    to_sign = "\n".join([request.command, CONFIGURED, request.path, query])
    kind = {"HmacSHA256": hashlib.sha256, "HmacSHA1": hashlib.sha1}[method]
    wanted = hmac.new(KEYS[user].encode(), to_sign.encode(), kind).digest()
    return hmac.compare_digest(base64.b64encode(wanted).decode(), form.get("Signature", ""))


def answer_of(place, action):
    """(status, type, body) of an action; `place` is the path below which a cloud of one kind lives."""
    if place == "/error200":
        return 200, "text/html", vector("error-malformed")
    if place == "/cut":
        return 200, "text/xml", vector("describe-instances")[:3000]
    if place == "/full" and action == "DescribeAddresses":
        return 200, "text/xml", ADDRESSES.encode()
    if place == "/unescaped" and action == "DescribeTags":
        return 200, "text/xml", UNESCAPED.encode()
    if place == "/denied" and action == "DescribeTags":
        return 403, "text/xml", DENIED.encode()
    if place == "/plain" and action != "DescribeInstances":
        return 404, "text/html", vector("DescribeAddresses")
    if action == "DescribeInstances":
        return 200, "text/xml", vector("describe-instances")
    if os.path.exists(os.path.join(VECTORS, action + ".xml")):
        return 200, "text/html" if action == "DescribeAddresses" else "text/xml", vector(action)
    return 404, "text/html", vector("DescribeAddresses")


class Cloud(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if not is_signed_v4(self, b""):
            self.answer(403, "application/xml", b"<Error><Code>SignatureDoesNotMatch</Code>"
                                                b"<Message>wrong</Message></Error>")
        elif self.path == "/tf-states/env%3A/prod/site/terraform%20one.tfstate":
            with open(STATE, "rb") as file:
                self.answer(200, "application/json", file.read())
        else:
            self.answer(404, "application/xml",
                        b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist."
                        b"</Message></Error>")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        if not (is_signed_v2(self, form) if "Signature" in form else is_signed_v4(self, body)):
            self.answer(401, "text/html", vector("error-auth"))
            return
        if form.get("Version") in (None, ""):
            self.answer(400, "text/html", vector("error-malformed"))
            return
        self.answer(*answer_of(self.path.rstrip("/"), form.get("Action", "")))

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cloud)
with open(PORTFILE + ".new", "w", encoding="utf-8") as out:
    out.write(str(server.server_address[1]))
os.rename(PORTFILE + ".new", PORTFILE)
server.serve_forever()
