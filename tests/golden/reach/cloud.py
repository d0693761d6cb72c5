"""A scripted EC2: answers each action with the XML in FOLDER/ACTION, or with nothing at all in it, on a port that it
writes to a file. usage: cloud.py FOLDER PORT-FILE"""
import http.server
import os
import sys
import urllib.parse


class Cloud(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        action = urllib.parse.parse_qs(body)["Action"][0]
        try:
            with open(os.path.join(sys.argv[1], os.path.basename(action)), "rb") as file:
                answer = file.read()
        except FileNotFoundError:
            answer = f"<{action}Response><requestId>1</requestId></{action}Response>".encode()
        self.send_response(403 if b"UnauthorizedOperation" in answer else 200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_GET(self):  # what is at /NAME is in FOLDER/GET-NAME
        path = os.path.join(sys.argv[1], "GET-" + os.path.basename(self.path))
        answer = open(path, "rb").read() if os.path.exists(path) else b"no"
        self.send_response(200 if os.path.exists(path) else 404)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cloud)
with open(sys.argv[2] + ".new", "w") as file:
    file.write(str(server.server_address[1]))
os.rename(sys.argv[2] + ".new", sys.argv[2])
server.serve_forever()
