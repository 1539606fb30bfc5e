package payload

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/strategies/work"
	"github.com/payoff-bench/payoff/workloads"
)

// TestMain runs the tests or, in a worker process, serves the kernels. The test binary is the
// program of its own worker processes.
func TestMain(m *testing.M) {
	worker.Main(workloads.Kernels(All()))
	os.Exit(m.Run())
}

const tasks = 20

// TestDigest checks that every way to run a job gives the digest of the direct loop, with every
// codec.
func TestDigest(t *testing.T) {
	inside, outside := executors(t, catalog.Preparation{})
	for _, w := range All() {
		for _, size := range []int{smallest, 50_000} {
			for _, codec := range append([]string{""}, w.Codecs...) {
				t.Run(fmt.Sprintf("%s/%d/%s", w.Name, size, codec), func(t *testing.T) {
					l, err := w.New(workloads.Params{Payload: size, Codec: codec, Seed: 7, Dir: t.TempDir()})
					if err != nil {
						t.Fatal(err)
					}
					defer l.Close()
					if err := l.Inputs(tasks); err != nil {
						t.Fatal(err)
					}
					want := jobDigest(t, l, l.Direct(t.Context()))
					outside := outside
					if l.Preparation() != (catalog.Preparation{}) {
						_, outside = executors(t, l.Preparation())
					}
					for _, ex := range []strategies.Executor{inside, outside} {
						o := strategies.Options{Order: strategies.CompletionOrder, Window: 8}
						if got := jobDigest(t, l, l.Stream(t.Context(), ex, o)); got != want {
							t.Errorf("stream: digest %x, want %x as in the direct loop", got, want)
						}
						if got := jobDigest(t, l, l.Single(t.Context(), ex)); got != want {
							t.Errorf("one by one: digest %x, want %x as in the direct loop", got, want)
						}
						if got := jobDigest(t, l, l.Map(t.Context(), ex, strategies.Options{Chunk: chunk.Fixed(3)})); got != want {
							t.Errorf("map: digest %x, want %x as in the direct loop", got, want)
						}
					}
				})
			}
		}
	}
}

// TestLargest checks that goroutines and processes run tasks with data of the largest size and the
// default codec. For the workload tree, it uses less data. With the largest size the test would
// take 14 s, mainly to make and encode the tree.
func TestLargest(t *testing.T) {
	inside, outside := executors(t, catalog.Preparation{})
	for _, w := range All() {
		t.Run(w.Name, func(t *testing.T) {
			size := largest
			if w.Name == "tree" {
				size /= 32
			}
			l, err := w.New(workloads.Params{Payload: size, Seed: 7, Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if err := l.Inputs(2); err != nil {
				t.Fatal(err)
			}
			want := jobDigest(t, l, l.Direct(t.Context()))
			outside := outside
			if l.Preparation() != (catalog.Preparation{}) {
				_, outside = executors(t, l.Preparation())
			}
			for _, ex := range []strategies.Executor{inside, outside} {
				if got := jobDigest(t, l, l.Map(t.Context(), ex, strategies.Options{})); got != want {
					t.Errorf("digest %x, want %x as in the direct loop", got, want)
				}
			}
		})
	}
}

// executors returns two executors: inside runs tasks in goroutines, and outside in worker
// processes. The worker processes run the preparation before they run tasks.
func executors(t *testing.T, first catalog.Preparation) (inside, outside strategies.Executor) {
	processes, err := procs.Config{Program: procs.Self()}.Strategy().With(catalog.Setting{Prepare: first})
	if err != nil {
		t.Fatal(err)
	}
	open := func(s catalog.Strategy) strategies.Executor {
		ex, err := s.New(t.Context(), catalog.Config{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ex.Close() })
		return ex
	}
	return open(catalog.Named("pool")), open(processes)
}

func jobDigest(t *testing.T, l workloads.Load, err error) uint64 {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	d, err := l.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range All() {
		if w.Doc == "" || !w.Heavy || w.Kernel.KernelName() != w.Name {
			t.Errorf("workload %s lacks a description, is not heavy or has a kernel with another name", w.Name)
		}
		for _, k := range append([]work.Callable{w.Kernel}, w.Others...) {
			if seen[k.KernelName()] {
				t.Errorf("two kernels have the name %s", k.KernelName())
			}
			seen[k.KernelName()] = true
		}
	}
}

func TestParams(t *testing.T) {
	for _, w := range All() {
		for _, p := range []workloads.Params{
			{Payload: smallest - 1}, {Payload: largest + 1}, {Payload: 100, Codec: "morse"}, {Payload: 100, Grain: 3},
		} {
			p.Dir = t.TempDir()
			var param *workloads.ParamError
			if _, err := w.New(p); !errors.As(err, &param) {
				t.Errorf("workload %s with invalid parameters %+v: got error %v, want a ParamError", w.Name, p, err)
			}
		}
	}
}

// TestDigestReadsAll checks that the digest depends on every byte of the payload.
func TestDigestReadsAll(t *testing.T) {
	b := make([]byte, 200)
	whole := digest(1, b)
	for i := range b {
		b[i]++
		if digest(1, b) == whole {
			t.Errorf("byte %d does not affect the digest", i)
		}
		b[i]--
	}
}

// TestBadInputs checks that a kernel returns an error for an invalid input.
func TestBadInputs(t *testing.T) {
	path := t.TempDir() + "/data"
	if err := os.WriteFile(path, make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	call := func(w workloads.Workload, src []byte) error {
		_, err := w.Kernel.Call(context.Background(), nil, src)
		return err
	}
	at := func(p part) []byte {
		b, _ := partCodec().Append(make([]byte, 4), p)
		return b
	}
	for want, err := range map[string]error{
		"part of a file has 3 bytes": call(newMapped(), make([]byte, 7)),
		"no such file":               call(newMapped(), at(part{0, 1, path + "s"})),
		"10 bytes from offset 95 on are not in the file, which has 100 bytes": call(newMapped(), at(part{95, 10, path})),
		"are not in the file, which has 100 bytes":                            call(newMapped(), at(part{1 << 63, 1 << 63, path})),
		"lacks the data":     call(newShared(), make([]byte, 12)),
		"must be at most":    call(newFetch(), append(make([]byte, 19), 1)),
		"have changed on":    call(newMirror(), make([]byte, 20)),
		"do not match their": call(newMirror(), make([]byte, 7)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("kernel with an invalid input: got error %v, want %s", err, want)
		}
	}
}

// TestPlaced checks data that is placed in memory shared with the workers. Its jobs must have the
// digest of the direct loop, and tasks must return the data in place.
func TestPlaced(t *testing.T) {
	s, err := procs.Config{Program: procs.Self()}.Strategy().With(catalog.Setting{Arena: workloads.ArenaSize})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []workloads.Workload{newSend(), newMirror()} {
		for _, size := range []int{smallest, 50_000} {
			t.Run(fmt.Sprintf("%s/%d", w.Name, size), func(t *testing.T) {
				made, err := s.New(t.Context(), catalog.Config{Workers: 2})
				if err != nil {
					t.Fatal(err)
				}
				ex := made.(*procs.Executor)
				defer ex.Close()
				l, err := w.New(workloads.Params{Payload: size, Codec: workloads.Reference, Seed: 7})
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				if err := l.Inputs(tasks); err != nil {
					t.Fatal(err)
				}
				want := jobDigest(t, l, l.Direct(t.Context()))
				if err := l.Place(t.Context(), ex); err != nil {
					t.Fatal(err)
				}
				if live, bytes := ex.Buffers(); live == 0 || live > tasks {
					t.Errorf("%d buffers, %d bytes", live, bytes)
				}
				if got := jobDigest(t, l, l.Map(t.Context(), ex, strategies.Options{})); got != want {
					t.Errorf("map: digest %x, direct %x", got, want)
				}
				o := strategies.Options{Order: strategies.CompletionOrder, Window: 8}
				if got := jobDigest(t, l, l.Stream(t.Context(), ex, o)); got != want {
					t.Errorf("stream: digest %x, direct %x", got, want)
				}
				err = l.Close()
				if live, _ := ex.Buffers(); err != nil || live != 0 {
					t.Errorf("%d buffers: %v", live, err)
				}
			})
		}
	}
	// What does not fit is an error, and no wait without end.
	small, err := procs.New(t.Context(), procs.Config{Program: procs.Self(), Workers: 1, Arena: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	l, err := newSend().New(workloads.Params{Payload: 50_000, Codec: workloads.Reference})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Inputs(tasks); err != nil {
		t.Fatal(err)
	}
	var full *shared.FullError
	if err := l.Place(t.Context(), small); !errors.As(err, &full) {
		t.Error(err)
	}
}
