package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/cmd/cli"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/workloads"
)

// table has the tables of the command. Its worker processes run this test binary, so that the tests
// cover every row.
var table = program(procs.Config{})

func TestMain(m *testing.M) {
	worker.Main(workloads.Kernels(table.Workloads))
	table = program(procs.Config{Program: procs.Self()})
	os.Exit(m.Run())
}

// orders lists the orders of delivery, as cells name them.
var orders = []string{"map", "input", "completion", "single"}

// chunks returns the chunk sizes and policies to test for a job of the given number of tasks: 1, an
// odd size, all tasks, one more than all tasks, and every policy.
func chunks(tasks int) []chunk.Policy {
	return append([]chunk.Policy{chunk.Fixed(1), chunk.Fixed(7), chunk.Fixed(tasks), chunk.Fixed(tasks + 1)}, chunk.All()...)
}

// TestStrategies checks that every workload has the digest of its direct loop with every strategy
// and in every order. It does not test every chunk with every combination; the chunks take turns,
// so that each occurs with every strategy, workload and order.
func TestStrategies(t *testing.T) {
	jobs := prepare(t, 40, false)
	for s, st := range table.Strategies {
		if st.Capabilities.Processes {
			continue // TestProcesses covers it
		}
		if st.Capabilities.Idiom == catalog.RemoteIdiom {
			continue // tests of package python cover it
		}
		t.Run(st.Name, func(t *testing.T) {
			workers := 1
			if st.Capabilities.Parallel {
				workers = 3
			}
			ex, err := st.New(t.Context(), catalog.Config{Workers: workers})
			if err != nil {
				t.Fatal(err)
			}
			for j, job := range jobs {
				for o, order := range orders {
					chunks := chunks(job.tasks)
					size := chunks[(s+j+o)%len(chunks)]
					if st.Capabilities.Idiom != catalog.AnyJob {
						size = chunk.Fixed(1)
					}
					t.Run(fmt.Sprintf("%s/%s/%s", job, order, size), func(t *testing.T) { job.holds(t, st, ex, order, size) })
				}
			}
			if err := ex.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestProcesses checks that every workload has the digest of its direct loop in worker processes,
// with each of its codecs, every transport and every start. The starts take turns, so that each
// occurs with every transport, order and chunk.
func TestProcesses(t *testing.T) {
	jobs := prepare(t, 8, true) // few tasks, because some starts need a process for each task
	transports, starts := words(t, "transport"), words(t, "start")
	st := table.Strategies[slices.IndexFunc(table.Strategies, func(s catalog.Strategy) bool { return s.Capabilities.Processes })]
	for a, transport := range transports {
		for b, start := range starts {
			t.Run(transport+"/"+start, func(t *testing.T) {
				set := catalog.Setting{Transport: transport, Start: start}
				prepared := executors(t, st, set)
				for j, job := range jobs {
					if (a+j)%len(starts) != b {
						continue
					}
					turn, chunks := j/len(starts), chunks(job.tasks)
					order, size := orders[(a+turn)%len(orders)], chunks[turn%len(chunks)]
					t.Run(fmt.Sprintf("%s/%s/%s", job, order, size), func(t *testing.T) {
						job.holds(t, st, prepared(job.load.Preparation()), order, size)
					})
				}
			})
		}
	}
}

// A job is a prepared workload with the digest that it must have.
type job struct {
	workloads.Workload
	codec string
	tasks int
	load  workloads.Load
	want  uint64
}

func (j *job) String() string {
	if j.codec != "" {
		return j.Name + "." + j.codec
	}
	return j.Name
}

// prepare returns a job of each workload, with at most the given number of tasks. If codecs is true,
// it also returns a job for each codec of the workload.
func prepare(t *testing.T, tasks int, codecs bool) (jobs []*job) {
	spreads := workloads.Spreads()
	for i, w := range table.Workloads {
		if w.Loop != "" {
			continue // tests of package python cover it; here it is another row once more
		}
		p := workloads.Params{Seed: 7, Dir: t.TempDir(), Server: serve(t, w)}
		if w.Grains {
			p.Grain, p.Spread = max(500, w.Finest), spreads[i%len(spreads)].Name
		}
		if w.Payloads {
			p.Payload = 300
		}
		if w.Memories {
			p.Memory = 16 << 10
		}
		of := []string{""}
		if codecs {
			of = append(of, w.Codecs...)
		}
		for _, p.Codec = range of {
			l, err := w.New(p)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := l.Close(); err != nil {
					t.Errorf("%s: got error %v", w.Name, err)
				}
			})
			n := tasks
			if w.OnDisk || w.Finest >= 100_000 {
				n = min(n, 9) // they are slow
			}
			if err := l.Inputs(n); err != nil {
				t.Fatal(err)
			}
			j := &job{w, p.Codec, n, l, 0}
			j.want = j.digest(t, l.Direct(t.Context()))
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// digest returns the digest of the outputs of the last execution of the job, which returned err.
func (j *job) digest(t *testing.T, err error) uint64 {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: got error %v", j, err)
	}
	sum, err := j.load.Digest()
	if err != nil {
		t.Fatalf("%s: got error %v", j, err)
	}
	return sum
}

// holds runs the job and compares its digest with that of the direct loop. If the strategy cannot
// run the job, holds checks that the strategy returns an error, and skips the test.
func (j *job) holds(t *testing.T, st catalog.Strategy, ex strategies.Executor, order string, size chunk.Policy) {
	o := strategies.Options{Chunk: size}
	run := func() error { return j.load.Map(t.Context(), ex, o) }
	switch order {
	case "single":
		run = func() error { return j.load.Single(t.Context(), ex) }
	case "completion":
		o.Order = strategies.CompletionOrder
		fallthrough
	case "input":
		if fixed, _ := size.(chunk.Fixed); st.Capabilities.Idiom == catalog.AnyJob {
			o.Window = max(8, int(fixed)) // below the number of tasks if the chunk allows it
		}
		run = func() error { return j.load.Stream(t.Context(), ex, o) }
	}
	if why := j.absent(st.Capabilities, order); why != "" {
		var refused *strategies.OptionError
		if err := run(); !errors.As(err, &refused) && !errors.Is(err, catalog.ErrIdiom) {
			t.Errorf("%s, but running the job returned the error %v", why, err)
		}
		if _, err := j.load.Digest(); err == nil {
			t.Error("a job that the strategy refused has a digest")
		}
		t.Skip(why)
	}
	if got := j.digest(t, run()); got != j.want {
		t.Errorf("digest %x, want that of the direct loop, %x", got, j.want)
	}
}

// absent returns the reason that a strategy with these capabilities cannot run the job in the given
// order. It returns "" if the strategy can run it.
func (j *job) absent(can catalog.Capabilities, order string) string {
	idiom := map[catalog.Idiom]string{catalog.MapIdiom: "map", catalog.StreamIdiom: "input"}[can.Idiom]
	switch {
	case can.Resumes && !j.Kernel.Resumes():
		return "the strategy runs only resumable kernels, and this kernel is not resumable"
	case idiom != "" && order != idiom:
		return fmt.Sprintf("the strategy runs only %v", can.Idiom)
	}
	return ""
}

// serve starts the server of w and returns its address. The server ends with the test. If w has no
// server, serve returns "".
func serve(t *testing.T, w workloads.Workload) (address string) {
	if w.Serve == nil {
		return ""
	}
	in, end := io.Pipe()
	out, says := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- w.Serve(in, says) }()
	t.Cleanup(func() {
		end.Close()
		if err := <-ended; err != nil {
			t.Errorf("server of %s: %v", w.Name, err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// executors returns a function that returns an executor with the setting set and a preparation. It
// creates only one executor for each preparation.
func executors(t *testing.T, st catalog.Strategy, set catalog.Setting) func(catalog.Preparation) strategies.Executor {
	made := map[catalog.Preparation]strategies.Executor{}
	return func(first catalog.Preparation) strategies.Executor {
		if made[first] == nil {
			set := set
			set.Prepare = first
			with, err := st.With(set)
			if err != nil {
				t.Fatal(err)
			}
			ex, err := with.New(t.Context(), catalog.Config{Workers: 2})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := ex.Close(); err != nil {
					t.Error(err)
				}
			})
			made[first] = ex
		}
		return made[first]
	}
}

// words returns the values of an axis that this system supports.
func words(t *testing.T, key string) (names []string) {
	k := slices.IndexFunc(table.Kinds, func(k cli.Kind) bool { return k.Key == key })
	all, err := table.Kinds[k].Words()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range all {
		names = append(names, w.Name)
	}
	return names
}
