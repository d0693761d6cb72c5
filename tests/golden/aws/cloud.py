"""A cloud that misbehaves on order: each case brings a script that answers its requests, and looks afterwards at what was
asked. Everything stays on the loopback; nothing waits."""

import http.server
import socketserver
import ssl
import threading
import urllib.parse

EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"


class Reply:
    """body: bytes, or an iterable of them; cut: the connection ends after so many bytes of it."""

    def __init__(self, body=b"", status=200, cut=None, length=None, **headers):
        self.body = body.encode() if isinstance(body, str) else body
        self.status, self.cut, self.length, self.headers = status, cut, length, headers


class Request:
    def __init__(self, handler, body):
        self.body = body
        self.headers = handler.headers
        self.path = handler.path
        self.form = dict(urllib.parse.parse_qsl(body.decode("latin-1"), keep_blank_values=True))
        self.action = self.form.get("Action") or self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        # Who signed it, for which region.
        scope = self.headers.get("Authorization", "").partition("Credential=")[2].split(",")[0].split("/")
        self.key, self.region = (scope[0], scope[2]) if len(scope) == 5 else (None, None)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        with self.server.lock:
            self.server.connections += 1

    def do_GET(self):
        self.answer(b"")

    def do_PUT(self):
        self.answer(b"")

    def do_CONNECT(self):
        with self.server.lock:
            self.server.requests.append(Request(self, b""))
        self.send_response(502)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.close_connection = True

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def answer(self, body):
        request = Request(self, body)
        with self.server.lock:
            self.server.requests.append(request)
            request.number = sum(r.action == request.action for r in self.server.requests)
        reply = self.server.script(request)
        if not isinstance(reply, Reply):
            reply = Reply(reply)
        try:
            self.give(reply)
        except OSError:
            self.close_connection = True  # the client has heard enough

    def give(self, reply):
        whole = isinstance(reply.body, bytes)
        length = reply.length if reply.length is not None else len(reply.body) if whole else None
        self.send_response_only(reply.status)
        for name, text in {"Content-Type": "text/xml", **reply.headers}.items():
            self.send_header(name.replace("_", "-"), text)
        if "Date" not in reply.headers:
            self.send_header("Date", self.date_time_string())
        if length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if whole:
            self.wfile.write(reply.body[: reply.cut])
        else:
            for piece in reply.body:
                self.wfile.write(piece)
        self.wfile.flush()
        if length is None or reply.cut is not None:
            self.close_connection = True

    def log_message(self, *args):
        pass


class Cloud(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """One for each case. `script` gets a Request and gives a Reply, or the text of one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, script, certificate=None):
        self.script, self.requests, self.connections = script, [], 0
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        self.url = "%s://127.0.0.1:%d" % ("https" if certificate else "http", self.port)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a client that refuses the certificate

    def end(self):
        self.shutdown()
        self.server_close()

    def count(self, action):
        return sum(request.action == action for request in self.requests)


# ---- answers ----


def instance(number, **more):
    tags = more.pop("tags", {"Name": "host-%d" % number})
    items = "".join("<item><key>%s</key><value>%s</value></item>" % pair for pair in tags.items())
    return (
        "<item><instanceId>i-%017x</instanceId><imageId>ami-1</imageId><instanceState><code>16</code><name>running</name>"
        "</instanceState><privateDnsName>ip-10-0-0-%d.internal</privateDnsName><dnsName/><instanceType>t3.micro</instanceType>"
        "<placement><availabilityZone>eu-west-1a</availabilityZone></placement><privateIpAddress>10.0.0.%d</privateIpAddress>"
        "<tagSet>%s</tagSet></item>" % (number, number, number, items)
    )


def instances(numbers, token=None, **more):
    """An answer to DescribeInstances, one reservation for each."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse xmlns="%s"><requestId>req-1</requestId>'
        "<reservationSet>%s</reservationSet>%s</DescribeInstancesResponse>"
        % (
            EC2,
            "".join(
                "<item><reservationId>r-%d</reservationId><ownerId>111122223333</ownerId><groupSet/><instancesSet>%s"
                "</instancesSet></item>" % (n, instance(n, **more))
                for n in numbers
            ),
            "<nextToken>%s</nextToken>" % token if token else "",
        )
    )


def fault(code, message="the service says no", status=400, **headers):
    return Reply(
        '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors>'
        "<RequestID>req-fault</RequestID></Response>" % (code, message),
        status,
        **headers,
    )


def query_fault(code, message="the service says no", status=403, **headers):
    return Reply(
        "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>req-fault</RequestId>"
        "</ErrorResponse>" % (code, message),
        status,
        **headers,
    )


def role(arn, number, lasts="2099-01-01T00:00:00Z"):
    """Credentials of AssumeRole: the access key tells the account and how often it was asked."""
    account = arn.split(":")[4]
    return (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser><Arn>%s</Arn>'
        "</AssumedRoleUser><Credentials><AccessKeyId>ASIA%s%d</AccessKeyId><SecretAccessKey>hush-role-secret-%d</SecretAccessKey>"
        "<SessionToken>hush-role-token-%d</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult>"
        "</AssumeRoleResponse>" % (arn, account, number, number, number, lasts)
    )


def identity(account):
    return (
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::%s:user/u</Arn><UserId>U</UserId><Account>%s"
        "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>" % (account, account)
    )


def aliases(*names):
    return (
        "<ListAccountAliasesResponse><ListAccountAliasesResult><IsTruncated>false</IsTruncated><AccountAliases>%s"
        "</AccountAliases></ListAccountAliasesResult></ListAccountAliasesResponse>"
        % "".join("<member>%s</member>" % name for name in names)
    )
