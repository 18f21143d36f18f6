"""
Commands without the start of an interpreter: one server of a test run has the command and all its
libraries loaded, and forks a process for each `tierproof` of a page. The process has the caller's
folder, environment, streams and arguments, and ends as the command does; the command's own start is
tested elsewhere (tests/tierproof/test_light.py, test_streams.py).

Run as a program this file is the `tierproof` of a page: it hands its streams to the server and ends
with the status that comes back, without a library of its own.
"""

import os
import select
import signal
import socket
import struct
import sys
from importlib import import_module

STREAMS = (0, 1, 2)
GONE = 70
"""Exit status where the server or the command ended without one."""


# -- the page's command ----------------------------------------------------------------------------
def ask(path: str, arguments: list[str]) -> int:
    """Exit status of the command, run by the server there."""
    environment = [f"{name}={value}" for name, value in os.environ.items()]
    lists = ([os.getcwd()], environment, arguments)
    text = b"\1".join(b"\0".join(os.fsencode(part) for part in each) for each in lists)
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        socket.send_fds(server, [struct.pack("<I", len(text))], STREAMS)
        server.sendall(text)
        status = server.recv(1)
    return status[0] if status else GONE


# -- the server ------------------------------------------------------------------------------------
def serve(path: str) -> None:
    """Take one command after the other until standard input ends; each runs beside the next."""
    import tierproof

    for module in ("tierproof.cli", "tierproof.demo", "contracts.client.embedded"):
        import_module(module)
    for name in dir(tierproof):
        getattr(tierproof, name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are not waited for
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(16)
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([server, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            caller, _ = server.accept()
            if os.fork() == 0:
                server.close()
                keep(caller)
            caller.close()


def keep(caller: socket.socket) -> None:
    """Run one command in a child, hand its status back, and end it when its caller ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, streams, _, _ = socket.recv_fds(caller, 4, len(STREAMS))
    size, text = struct.unpack("<I", head)[0], b""
    while len(text) < size:
        text += caller.recv(size - len(text))
    ended, end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ended)
        caller.close()
        run(streams, text)
    os.close(end)
    for stream in streams:
        os.close(stream)
    ready, _, _ = select.select([ended, caller], [], [])
    if ended not in ready:
        os.kill(child, signal.SIGTERM)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ended in ready:
        caller.sendall(bytes([status % 256]))
    os._exit(0)


def run(streams: list[int], text: bytes) -> None:
    """Be the command."""
    import random

    from tierproof.cli import main

    random.seed()  # each command its own, as in a process of its own
    folder, environment, arguments = (
        [os.fsdecode(part) for part in each.split(b"\0")] if each else []
        for each in text.split(b"\1")
    )
    for place, stream in zip(STREAMS, streams, strict=True):
        os.dup2(stream, place)
        os.close(stream)
    sys.stdin, sys.stdout = open(0), open(1, "w", errors="surrogateescape")
    sys.stderr = open(2, "w", 1, errors="backslashreplace")
    os.chdir(folder[0])
    os.environ.clear()
    os.environ.update(part.split("=", 1) for part in environment)
    status = GONE
    try:
        status = main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    sys.exit(ask(sys.argv[1], sys.argv[2:]))
