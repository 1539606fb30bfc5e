"""Functions and generators that cannot be measured."""
import functools
import os
import time

unnamed = lambda x: x
number = 3


def same(x):
    return x


def wrapped(f):
    return lambda x: f(x)


@wrapped
def hidden(x):
    return x


@functools.wraps(same)
def replaced(x):
    return x


def fails(x):
    raise ValueError("no good")


def fails_later(x):
    if x == "17":
        raise ValueError("no good: " + x)
    return x


def gives_bytes(x):
    return x.encode()


def exits(x):
    os._exit(3)


def never(x):
    while True:
        time.sleep(1)


def raises():
    yield 1
    raise KeyError("gone")


def none():
    return []


def endless():
    while True:
        yield 1


values = {"bytes": [b"x"], "nan": [1, float("nan")], "object": [[same]], "keys": [{1: 2}]}
bytes_, nan, object_, keys = values.values()
