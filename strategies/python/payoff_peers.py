"""The pools of joblib, Dask and Ray, each as its documentation shows; see payoff_systems.py.

A module is imported when its pool is opened, so that the others can be missing.
"""

import concurrent.futures as futures
import multiprocessing

from payoff_systems import System


class Joblib(System):
    backend = "loky"

    def open(self):
        import joblib

        self.delayed = joblib.delayed
        self.parallel = joblib.Parallel(n_jobs=self.workers, backend=self.backend)
        self.parallel.__enter__()

    def close(self):
        self.parallel.__exit__(None, None, None)

    def run(self, call, inputs, chunk):
        self.parallel.batch_size = chunk or "auto"
        return self.parallel(self.delayed(call)(x) for x in inputs)


class JoblibThreads(Joblib):
    backend = "threading"


class JoblibProcesses(Joblib):
    backend = "multiprocessing"


class Dask(System):
    scheduler = "threads"

    def open(self):
        import dask

        self.dask = dask
        self.pool = futures.ThreadPoolExecutor(self.workers)

    def each(self, call, inputs):
        return [f.result() for f in [self.pool.submit(call, x) for x in inputs]]

    def close(self):
        self.pool.shutdown()

    def run(self, call, inputs, chunk):
        return list(self.dask.compute(*[self.dask.delayed(call)(x) for x in inputs], scheduler=self.scheduler, pool=self.pool))


class DaskProcesses(Dask):
    scheduler = "processes"

    def open(self):
        super().open()
        self.pool.shutdown()
        self.pool = futures.ProcessPoolExecutor(self.workers, mp_context=multiprocessing.get_context("spawn"))


class DaskCluster(System):
    def open(self):
        import distributed

        self.cluster = distributed.LocalCluster(n_workers=self.workers, threads_per_worker=1, dashboard_address=None)
        self.client = distributed.Client(self.cluster)

    def close(self):
        self.client.close()
        self.cluster.close()

    def run(self, call, inputs, chunk):
        return self.client.gather(self.client.map(call, inputs, pure=False, batch_size=chunk or None))


class Ray(System):
    def open(self):
        import ray

        self.ray = ray
        ray.init(num_cpus=self.workers, include_dashboard=False, log_to_driver=False, configure_logging=False)

    def close(self):
        self.ray.shutdown()

    def run(self, call, inputs, chunk):
        remote = self.ray.remote(call)
        return self.ray.get([remote.remote(x) for x in inputs])


class RayActors(Ray):
    def open(self):
        super().open()
        from ray.util import ActorPool

        class Worker:
            def do(self, call, x):
                return call(x)

        remote = self.ray.remote(Worker)
        self.pool = ActorPool([remote.remote() for _ in range(self.workers)])

    def run(self, call, inputs, chunk):
        return list(self.pool.map(lambda actor, x: actor.do.remote(call, x), inputs))


SYSTEMS = {
    "joblib-loky": Joblib,
    "joblib-threads": JoblibThreads,
    "joblib-processes": JoblibProcesses,
    "dask-threads": Dask,
    "dask-processes": DaskProcesses,
    "dask-cluster": DaskCluster,
    "ray-tasks": Ray,
    "ray-actors": RayActors,
}
