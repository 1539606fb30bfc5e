"""The function do, which workers run in tests. Its argument is a list: an action and its arguments."""
import os
import signal
import sys
import time


class Strange(Exception):
    def __str__(self):
        raise ValueError("no text")


def do(task):
    name, *args = task
    if name == "echo":
        return args[0]
    if name == "add":
        return args[0] + args[1]
    if name == "repeat":
        return "x" * args[0]
    if name == "print":
        print("printed", args[0])
        sys.stdout.flush()
        os.write(1, b"written\n")
        return args[0]
    if name == "raise":
        raise ValueError(args[0])
    if name == "strange":
        raise Strange()
    if name == "leave":
        sys.exit(args[0])
    if name == "exit":
        os._exit(args[0])
    if name == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "bytes":
        return b"bytes"
    if name == "nan":
        return float("nan")
    if name == "pid":
        return os.getpid()
    if name == "sleep":
        time.sleep(args[0])
        return args[0]
    if name == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(1)
    raise AssertionError(name)


do.attribute = len
