package cluster

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// TestDurableKills is the short form of TestProofKills.
func TestDurableKills(t *testing.T) { kills(t, 6, 1) }

// killPeriod is short, so that hosts and executors notice losses between two kills. A slow process
// may also count as lost.
const killPeriod = 150 * time.Millisecond

const (
	killTasks   = 200 // tasks of a job
	killHosts   = 3
	killWorkers = 6
)

// logged is a kernel that appends a line to a file, sleeps for a moment, and returns its number
// plus 1.
var logged = strategies.Kernel[string, uint64]{
	Name: "logged", In: texts, Out: numbers,
	Func: func(_ context.Context, in string) (uint64, error) {
		var path string
		var i uint64
		if _, err := fmt.Sscan(in, &path, &i); err != nil {
			return 0, err
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
		if err != nil {
			return 0, err
		}
		fmt.Fprintln(f, i) // one write, so the lines of several processes do not mix
		f.Close()
		time.Sleep(time.Duration(rand.Int64N(int64(8 * time.Millisecond))))
		return i + 1, nil
	},
}

// A verdict is the outcome of one task, as the submitter received it.
type verdict struct {
	Attempt int
	Value   uint64
	Lost    bool
	Error   string // text of another failure
}

// submitJobs is the main function of a submitter. It runs pairs of named jobs until the file stop
// exists. The tasks of one job of a pair may run again, those of the other may not. When a pair has
// ended, submitJobs writes the outcomes to a file, and forgets the jobs. If the submitter is killed
// and started again, it continues its pair.
func submitJobs() error {
	o := Options{User: user, Period: killPeriod}
	var dir string
	if _, err := fmt.Fscanln(bufio.NewReader(os.Stdin), &o.URL, &o.Password, &dir); err != nil {
		return err
	}
	fmt.Println("ready")
	x, err := newDurableSoon(o)
	if err != nil {
		return err
	}
	for k := 0; ; k++ {
		results := filepath.Join(dir, fmt.Sprint("results", k))
		jobs := map[string]*NamedJob{"again": x.Job(fmt.Sprint("again", k)), "once": x.Job(fmt.Sprint("once", k))}
		if !exists(results)() {
			all := map[string][]verdict{}
			var mu sync.Mutex
			var both sync.WaitGroup
			for name, job := range jobs {
				both.Go(func() {
					verdicts := submitJob(job, filepath.Join(dir, job.name), name == "again")
					mu.Lock()
					defer mu.Unlock()
					all[name] = verdicts
				})
			}
			both.Wait()
			b, err := json.Marshal(all)
			if err != nil {
				return err
			}
			if err := os.WriteFile(results+".tmp", b, 0o666); err != nil {
				return err
			}
			if err := os.Rename(results+".tmp", results); err != nil {
				return err
			}
		}
		for _, job := range jobs {
			for job.Forget(context.Background()) != nil { // the server is away
				time.Sleep(killPeriod)
			}
		}
		if exists(filepath.Join(dir, "stop"))() {
			return x.Close()
		}
	}
}

// newDurableSoon creates an executor as soon as the server and a worker live.
func newDurableSoon(o Options) (*Durable, error) {
	for {
		x, err := NewDurable(context.Background(), DurableConfig{Options: o, Workers: killWorkers})
		var connect *ConnectError
		var none *NoWorkersError
		var jets *JetStreamError
		if !errors.As(err, &connect) && !errors.As(err, &none) && !errors.As(err, &jets) {
			return x, err
		}
		time.Sleep(killPeriod)
	}
}

func submitJob(job *NamedJob, log string, again bool) []verdict {
	in := make([]string, killTasks)
	for i := range in {
		in[i] = fmt.Sprint(log, " ", i)
	}
	verdicts := make([]verdict, len(in))
	record := func(e strategies.Event) {
		v := verdict{Attempt: e.Attempt}
		var lost *strategies.LostError
		if v.Lost = errors.As(e.Err, &lost); e.Err != nil && !v.Lost {
			v.Error = e.Err.Error()
		}
		v.Value, _ = e.Output.(uint64)
		verdicts[e.Task] = v
	}
	o := strategies.Options{Chunk: chunk.Fixed(5), Hooks: &strategies.Hooks{Result: record, Error: record}}
	if again {
		o.Retries = 1000
	}
	logged.Map(context.Background(), job, in, o) // the hooks receive all errors
	return verdicts
}

// kills runs jobs. Meanwhile it kills a worker, the submitter or the server at random, and starts
// it again, n times in all. Then it checks the outcomes.
func kills(t *testing.T, n int, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	s := newJetStream(t)
	url, password := s.address()
	var hosts [killHosts]*process
	host := func(i int) { hosts[i], _ = startProcess(t, "killed", url, password, fmt.Sprint("host", i), 2) }
	for i := range hosts {
		host(i)
	}
	var submitter *process
	submit := func() { submitter, _ = startProcess(t, "submit", url, password, dir) }
	submit()
	var count [3]int
	end := func(p *process) {
		p.Process.Kill()
		p.Wait()
	}
	var order []int
	for range n {
		if len(order) == 0 {
			order = r.Perm(len(count))
		}
		kind := order[0]
		order = order[1:]
		time.Sleep(time.Duration(50+r.IntN(300)) * time.Millisecond)
		count[kind]++
		switch kind {
		case 0:
			i := r.IntN(len(hosts))
			end(hosts[i])
			host(i)
		case 1:
			end(submitter)
			submit()
		case 2:
			s.kill()
			s.start(t)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "stop"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := submitter.Wait(); err != nil {
		t.Errorf("the last submitter: %v", err)
	}
	t.Logf("killed %d workers, %d submitters and %d servers; %s", count[0], count[1], count[2], checkJobs(t, dir))
}

// checkJobs checks the results of submitters in dir against the logs of their tasks, and returns a summary.
func checkJobs(t *testing.T, dir string) string {
	jobs, tasks, starts, again, lost := 0, 0, 0, 0, 0
	for k := 0; ; k++ {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprint("results", k)))
		if err != nil {
			break
		}
		var all map[string][]verdict
		if err := json.Unmarshal(b, &all); err != nil {
			t.Fatal(err)
		}
		for name, verdicts := range all {
			jobs++
			runs := make([]int, killTasks)
			f, err := os.Open(filepath.Join(dir, fmt.Sprint(name, k)))
			if err != nil {
				t.Fatal(err)
			}
			var i int
			for in := bufio.NewReader(f); ; runs[i]++ {
				if _, err := fmt.Fscanln(in, &i); err != nil {
					break
				}
			}
			f.Close()
			for i, v := range verdicts {
				tasks++
				starts += runs[i]
				again += max(0, v.Attempt-1)
				ok := v.Value == uint64(i+1) && runs[i] >= 1
				if v.Lost {
					lost++
					ok = name == "once"
				}
				if !ok || v.Error != "" || runs[i] > v.Attempt || name == "once" && runs[i] > 1 {
					t.Errorf("job %s%d, task %d: got outcome %+v after %d starts", name, k, i, v, runs[i])
				}
			}
		}
	}
	if jobs == 0 {
		t.Error("no job has ended")
	}
	return fmt.Sprintf("%d jobs with %d tasks have ended: %d starts of tasks, %d further attempts counted, %d tasks lost that must not run again", jobs, tasks, starts, again, lost)
}
