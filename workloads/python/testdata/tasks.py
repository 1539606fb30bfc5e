import os
import threading
import time


def describe(x):
    print("described", x)
    return {"value": x, "type": type(x).__name__}


def process(x):
    return os.getpid()


def fail(x):
    if x == "two":
        raise ValueError("two is not wanted")
    return x


def stop_clock(x):
    time.perf_counter_ns = lambda: 5
    return x


def nap(x):
    time.sleep(0.02)
    return x


def use_thread(x):
    t = threading.Thread(target=lambda: sum(range(3_000_000)))
    t.start()
    t.join()
    return x


def grow(x):
    if isinstance(x, list):
        x.append(0)
    return 1
