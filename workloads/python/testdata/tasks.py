import os


def describe(x):
    print("described", x)
    return {"value": x, "type": type(x).__name__}


def process(x):
    return os.getpid()


def fail(x):
    if x == "two":
        raise ValueError("two is not wanted")
    return x
