"""Times Python's process pools, on requests from standard input.

A request is a line with an operation (imap, map or apply) and a number of tasks. The answer is a
line with the time of these tasks in nanoseconds. A pool sends each task separately (chunksize=1),
and a task does almost nothing. The program checks the outputs. Each pool has two workers, which
start before the first answer.
"""

import concurrent.futures
import multiprocessing
import sys
import time


def number(n):
    return n + 1


def main():
    workers = 2
    with multiprocessing.Pool(workers) as pool, concurrent.futures.ProcessPoolExecutor(workers) as executor:
        does = {
            "imap": lambda n: list(pool.imap(number, range(n), chunksize=1)),
            "map": lambda n: list(executor.map(number, range(n), chunksize=1)),
            "apply": lambda n: [pool.apply(number, (i,)) for i in range(n)],
        }
        for do in does.values():
            do(4 * workers)
        for line in sys.stdin:
            what, n = line.split()
            n = int(n)
            begun = time.perf_counter_ns()
            out = does[what](n)
            took = time.perf_counter_ns() - begun
            if out != list(range(1, n + 1)):
                sys.exit(f"pools.py: {what} gave wrong outputs")
            print(took, flush=True)


if __name__ == "__main__":
    main()
