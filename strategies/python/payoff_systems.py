"""The pools of Python's standard library that payoff measures, each as its documentation shows.

A System opens a pool once. Its method run applies a function to every input, and returns the outputs.
Only run is timed. If a task fails alone, its output is a Failed. If one failed task ends the whole job
of a pool, run raises an exception.
"""

import concurrent.futures as futures
import multiprocessing
import multiprocessing.connection
import multiprocessing.pool
import time

import payoff_tasks as tasks


class Failed:
    def __init__(self, error):
        self.error = error


def got(get):
    try:
        return get()
    except Exception as e:
        return Failed(e)


class System:
    """The plain loop, and the base class of the pools. The argument chunk of run is the chunk size; 0
    means the default of the library."""

    def __init__(self, setting):
        self.workers = setting["workers"]
        self.start = setting.get("start") or None
        self.recycle = setting.get("recycle") or None
        self.open()

    def open(self):
        pass

    def run(self, call, inputs, chunk):
        return [call(x) for x in inputs]

    def each(self, call, inputs):
        """Applies call to each input, for the warm-up; several at a time if the pool can do so."""
        return self.run(call, inputs, 1)

    def close(self):
        pass

    def context(self):
        return multiprocessing.get_context(self.start)


class Pool(System):
    def open(self):
        self.pool = self.context().Pool(self.workers, initializer=tasks.begin, maxtasksperchild=self.recycle)

    def each(self, call, inputs):
        return self.pool.map(call, inputs, 1)

    def close(self):
        self.pool.close()
        self.pool.join()

    def run(self, call, inputs, chunk):
        return self.pool.map(call, inputs, chunk or None)


class PoolImap(Pool):
    def run(self, call, inputs, chunk):
        return list(self.pool.imap(call, inputs, chunk or 1))


class PoolUnordered(Pool):
    def run(self, call, inputs, chunk):
        return list(self.pool.imap_unordered(call, inputs, chunk or 1))


class PoolApply(Pool):
    def run(self, call, inputs, chunk):
        return [got(lambda: self.pool.apply(call, (x,))) for x in inputs]


class PoolApplyAsync(Pool):
    def run(self, call, inputs, chunk):
        results = [self.pool.apply_async(call, (x,)) for x in inputs]
        return [got(r.get) for r in results]


class PoolStarmap(Pool):
    def run(self, call, inputs, chunk):
        return self.pool.starmap(call, [(x,) for x in inputs], chunk or None)


class ThreadPool(Pool):
    def open(self):
        self.pool = multiprocessing.pool.ThreadPool(self.workers, initializer=tasks.begin)


def send(pipe, call, x):
    pipe.send(got(lambda: call(x)))
    pipe.close()


class Process(System):
    """A new process for every task. At most self.workers processes run at a time."""

    def run(self, call, inputs, chunk):
        context, live = self.context(), {}
        out = [None] * len(inputs)

        def reap():
            for pipe in multiprocessing.connection.wait(list(live)):
                i, process = live.pop(pipe)
                try:
                    out[i] = pipe.recv()
                except EOFError:
                    out[i] = Failed(ChildProcessError("the process of the task ended without an output"))
                process.join()
                pipe.close()

        for i, x in enumerate(inputs):
            if len(live) == self.workers:
                reap()
            pipe, far = context.Pipe(False)
            process = context.Process(target=send, args=(far, call, x))
            process.start()
            far.close()
            live[pipe] = i, process
        while live:
            reap()
        return out


class Executor(System):
    """An executor of concurrent.futures, used by its method map."""

    def close(self):
        self.pool.shutdown()

    def run(self, call, inputs, chunk):
        return list(self.pool.map(call, inputs, chunksize=chunk or 1))

    def each(self, call, inputs):
        return [f.result() for f in [self.pool.submit(call, x) for x in inputs]]


class ProcessPool(Executor):
    def open(self):
        more = {} if self.recycle is None else {"max_tasks_per_child": self.recycle}
        self.pool = futures.ProcessPoolExecutor(self.workers, mp_context=self.context(), initializer=tasks.begin, **more)


class Completed:
    """Any executor of concurrent.futures, used by submit and as_completed."""

    def run(self, call, inputs, chunk):
        return [got(f.result) for f in futures.as_completed([self.pool.submit(call, x) for x in inputs])]


class ProcessSubmit(Completed, ProcessPool):
    pass


class Threads(Executor):
    def open(self):
        self.pool = futures.ThreadPoolExecutor(self.workers, initializer=tasks.begin)


class ThreadSubmit(Completed, Threads):
    pass


class Interpreters(Executor):
    def open(self):
        self.pool = futures.InterpreterPoolExecutor(self.workers, initializer=tasks.begin)


class Asyncio(System):
    """asyncio.gather of one coroutine per task. At most self.workers of them run at a time.

    A function that is not a coroutine blocks the event loop while it runs.
    """

    def open(self):
        import asyncio

        self.asyncio, self.loop = asyncio, asyncio.new_event_loop()
        self.waits = {k.call: k.wait for k in tasks.KERNELS.values() if k.wait}

    def close(self):
        self.loop.close()

    def run(self, call, inputs, chunk):
        wait = self.waits.get(call)

        async def job():
            bound = self.asyncio.Semaphore(self.workers)

            async def one(x):
                async with bound:
                    return await wait(x) if wait else call(x)

            return await self.asyncio.gather(*[one(x) for x in inputs])

        return self.loop.run_until_complete(job())


SYSTEMS = {
    "serial": System,
    "pool-map": Pool,
    "pool-imap": PoolImap,
    "pool-unordered": PoolUnordered,
    "pool-apply": PoolApply,
    "pool-apply-async": PoolApplyAsync,
    "pool-starmap": PoolStarmap,
    "threadpool": ThreadPool,
    "process": Process,
    "executor-map": ProcessPool,
    "executor-completed": ProcessSubmit,
    "threads-map": Threads,
    "threads-completed": ThreadSubmit,
    "interpreters": Interpreters,
    "asyncio": Asyncio,
}


WARM_LIMIT = 60  # seconds


def warm(system):
    """Waits until every worker has run a task."""
    seen, nap, end = set(), 0.01, time.monotonic() + WARM_LIMIT
    while len(seen) < system.workers:
        if time.monotonic() > end:
            raise TimeoutError("only %d of %d workers have run a task after %d s" % (len(seen), system.workers, WARM_LIMIT))
        seen.update(system.each(tasks.who, [nap] * system.workers))
        nap = min(2 * nap, 0.2)
