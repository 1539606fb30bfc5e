"""Functions that pools run in tests."""
import os
import signal
import sys

small = lambda x: x
number = 3


def loud(x):
    print("noise", x)
    os.write(1, b"noise")
    sys.stdin.read()
    return [x, x * 2]


def odd(x):
    return {1, 2}


def nan(x):
    return float("nan")


def leave(x):
    sys.exit(3)


def die(x):
    os._exit(4)


def large(x):
    return "x" * (4 << 20)


def slay(x):
    """Kills the process that has the pool."""
    os.kill(os.getppid(), signal.SIGKILL)
    return x
