"""A port of this machine's loopback that leads into a network namespace.

usage: forward.py PORT NAMESPACE HOST HOST_PORT

The listening socket is made here; then the process enters the namespace, so that the sockets it makes afterwards are
made there, while the listening one stays. Port 0 means any. The first line of the output is the port.
"""
import ctypes
import os
import socket
import sys
import threading


def copy(source, to):
    try:
        while data := source.recv(65536):
            to.sendall(data)
    except OSError:
        pass
    try:
        to.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(client, address):
    with client:
        try:
            with socket.create_connection(address, 10) as there:
                there.settimeout(None)
                back = threading.Thread(target=copy, args=(there, client), daemon=True)
                back.start()
                copy(client, there)
                back.join()
        except OSError as why:
            print(why, file=sys.stderr)


def main():
    port, namespace, host, host_port = sys.argv[1:]
    listener = socket.create_server(("127.0.0.1", int(port)), backlog=64)
    libc = ctypes.CDLL(None, use_errno=True)
    with open(namespace, "rb") as file:
        if libc.setns(file.fileno(), 0x40000000):  # CLONE_NEWNET
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), namespace)
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, (host, int(host_port))), daemon=True).start()


main()
