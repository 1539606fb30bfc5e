package python

import "slices"

// orders of delivery, as cells name them.
const (
	mapOrder        = "map"
	inputOrder      = "input"
	completionOrder = "completion"
	singleOrder     = "single"
)

// A System is one method to run a job in Python: a pool and the call that runs the job on it.
type System struct {
	Name   string // name in payoff_systems.py or payoff_peers.py; that of the strategy begins with py-
	Doc    string
	Code   string // Python code of a job, which advice prints
	Module string // module that must be installed; "" for the standard library
	Minor  int    // oldest Python 3 that has it; 0 for all supported

	order                       string
	chunks, alone, single, loop bool
	starts                      []string // start methods that can be chosen
	recycles                    bool
}

// starts are the start methods of multiprocessing.
var starts = []string{"fork", "forkserver", "spawn"}

// Systems returns all methods to run a job in Python. The first is the plain loop.
func Systems() []System {
	const (
		pool     = "multiprocessing.Pool({workers})"
		executor = "concurrent.futures.ProcessPoolExecutor({workers})"
		threads  = "concurrent.futures.ThreadPoolExecutor({workers})"
		joblib   = "joblib.Parallel({workers}, "
	)
	all := []System{
		{Name: "serial", Doc: "the plain loop, which the other strategies of Python are compared with", Code: "[f(x) for x in inputs]", order: mapOrder, single: true, loop: true},
		{Name: "pool-map", Doc: "multiprocessing.Pool by map", Code: pool + ".map(f, inputs, chunksize={chunk})", order: mapOrder, chunks: true},
		{Name: "pool-imap", Doc: "multiprocessing.Pool by imap", Code: pool + ".imap(f, inputs, chunksize={chunk})", order: inputOrder, chunks: true},
		{Name: "pool-unordered", Doc: "multiprocessing.Pool by imap_unordered", Code: pool + ".imap_unordered(f, inputs, chunksize={chunk})", order: completionOrder, chunks: true},
		{Name: "pool-apply", Doc: "multiprocessing.Pool by apply, one task at a time", Code: pool + ".apply(f, (x,))", order: singleOrder, alone: true},
		{Name: "pool-apply-async", Doc: "multiprocessing.Pool by apply_async and get", Code: pool + ".apply_async(f, (x,))", order: mapOrder, alone: true},
		{Name: "pool-starmap", Doc: "multiprocessing.Pool by starmap", Code: pool + ".starmap(f, [(x,) for x in inputs], chunksize={chunk})", order: mapOrder, chunks: true},
		{Name: "threadpool", Doc: "multiprocessing.pool.ThreadPool by map", Code: "multiprocessing.pool.ThreadPool({workers}).map(f, inputs, chunksize={chunk})", order: mapOrder, chunks: true},
		{Name: "process", Doc: "a new multiprocessing.Process for each task, bounded", Code: "multiprocessing.Process(target=f, args=(x,))", order: mapOrder, alone: true},
		{Name: "executor-map", Doc: "ProcessPoolExecutor by map", Code: executor + ".map(f, inputs, chunksize={chunk})", order: mapOrder, chunks: true},
		{Name: "executor-completed", Doc: "ProcessPoolExecutor by submit and as_completed", Code: "concurrent.futures.as_completed([" + executor + ".submit(f, x) for x in inputs])", order: completionOrder, alone: true},
		{Name: "threads-map", Doc: "ThreadPoolExecutor by map", Code: threads + ".map(f, inputs)", order: mapOrder},
		{Name: "threads-completed", Doc: "ThreadPoolExecutor by submit and as_completed", Code: "concurrent.futures.as_completed([" + threads + ".submit(f, x) for x in inputs])", order: completionOrder, alone: true},
		{Name: "interpreters", Doc: "InterpreterPoolExecutor by map: threads that have an interpreter each", Code: "concurrent.futures.InterpreterPoolExecutor({workers}).map(f, inputs)", order: mapOrder, Minor: 14},
		{Name: "asyncio", Doc: "asyncio.gather of coroutines, bounded by a semaphore", Code: "await asyncio.gather(*[f(x) for x in inputs])", order: mapOrder},
		{Name: "joblib-loky", Doc: "joblib with the backend loky, worker processes", Code: joblib + "backend=\"loky\", batch_size={chunk})(joblib.delayed(f)(x) for x in inputs)", Module: "joblib", order: mapOrder, chunks: true},
		{Name: "joblib-threads", Doc: "joblib with the backend threading", Code: joblib + "backend=\"threading\", batch_size={chunk})(joblib.delayed(f)(x) for x in inputs)", Module: "joblib", order: mapOrder, chunks: true},
		{Name: "joblib-processes", Doc: "joblib with the backend multiprocessing", Code: joblib + "backend=\"multiprocessing\", batch_size={chunk})(joblib.delayed(f)(x) for x in inputs)", Module: "joblib", order: mapOrder, chunks: true},
		{Name: "dask-threads", Doc: "dask.delayed on threads", Code: "dask.compute(*[dask.delayed(f)(x) for x in inputs], scheduler=\"threads\")", Module: "dask", order: mapOrder},
		{Name: "dask-processes", Doc: "dask.delayed on processes", Code: "dask.compute(*[dask.delayed(f)(x) for x in inputs], scheduler=\"processes\")", Module: "dask", order: mapOrder},
		{Name: "dask-cluster", Doc: "a Dask cluster on this machine, by Client.map and gather", Code: "client.gather(client.map(f, inputs, pure=False))", Module: "distributed", order: mapOrder},
		{Name: "ray-tasks", Doc: "tasks of Ray", Code: "ray.get([ray.remote(f).remote(x) for x in inputs])", Module: "ray", order: mapOrder},
		{Name: "ray-actors", Doc: "actors of Ray by ActorPool", Code: "ray.util.ActorPool(actors).map(lambda a, x: a.do.remote(f, x), inputs)", Module: "ray", order: inputOrder},
	}
	for i, s := range all {
		if slices.Contains([]string{"pool-map", "pool-imap", "pool-unordered", "pool-apply", "pool-apply-async", "pool-starmap", "executor-map", "executor-completed"}, s.Name) {
			all[i].starts, all[i].recycles = starts, true
		} else if s.Name == "process" {
			all[i].starts = starts
		}
	}
	return all
}
