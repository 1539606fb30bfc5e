package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

const durableName = "durable"

// A DurableConfig is the configuration of [NewDurable].
type DurableConfig struct {
	Options
	// Workers is the largest number of accepted chunks without an outcome. So at most this many
	// tasks run at the same time. 0 means GOMAXPROCS of this program.
	Workers int
	// Patience is the time that jobs wait if no worker lives or the server is away; 0 means 1 min.
	// After this time, their tasks fail with a [NoWorkersError] or a [ConnectError]. A named job
	// can be taken up later.
	Patience time.Duration
	// MaxBytes limits the size of each of the two streams in which the server keeps tasks and
	// outcomes. It has an effect only if this program creates the streams; 0 means no limit except
	// that of the account.
	MaxBytes int64
}

// A Durable is an executor whose chunks are in a work queue on the server. It implements [work.Executor].
type Durable struct {
	core     work.Core
	options  Options
	patience time.Duration
	conn     *nats.Conn
	store    *store
	id       string // id of this executor, with which the names of chunks of unnamed jobs begin
	kernels  []string
	lanes    []*durableLane
	running  sync.WaitGroup // the goroutines of the lanes

	ctx  context.Context // ends when the executor ends
	quit context.CancelFunc
	// calls is the context of requests to the server. It ends when the context of Stop ends, or with the executor.
	calls context.Context
	cut   context.CancelFunc

	mu     sync.Mutex
	leases []*durableLease
	closed bool
	routes map[string]*durableLane // lanes, by the name of their chunk
	now    *generation             // generation of new chunks
	old    []*generation

	records          atomic.Int64
	stopped, killing atomic.Bool
	ended            chan struct{} // closed when all lanes have ended
}

// NewDurable connects to the server, and finds or creates the streams of the group. At least one worker that
// calls [ServeDurable] must live.
//
// The error of NewDurable is one of these:
//
//   - an OptionError for an invalid field or a nil ctx
//   - a [ConnectError] if there is no server, or it refuses the credentials
//   - a [JetStreamError] if the server cannot store tasks
//   - a [WorkerError] for a worker with another version
//   - a [NoWorkersError] if no worker lives
//   - the cause of ctx if ctx ends first
func NewDurable(ctx context.Context, c DurableConfig) (*Durable, error) {
	if err := work.CheckContext(ctx); err != nil {
		return nil, err
	}
	o, err := c.checked()
	if err != nil {
		return nil, err
	}
	workers, err := work.WorkerCount(c.Workers)
	if err != nil {
		return nil, err
	}
	refuse := func(option string, value any) (*Durable, error) {
		return nil, &work.OptionError{Strategy: durableName, Option: option, Value: value, Reason: "must not be negative"}
	}
	switch {
	case c.Patience < 0:
		return refuse("patience", c.Patience)
	case c.MaxBytes < 0:
		return refuse("maxbytes", c.MaxBytes)
	case worker.Forgotten():
		return nil, errForgotten
	case c.Patience == 0:
		c.Patience = time.Minute
	}
	x := &Durable{
		core: work.Core{Name: durableName, Workers: workers}, options: o, patience: c.Patience, id: nuid.Next(),
		routes: map[string]*durableLane{}, now: &generation{}, ended: make(chan struct{}),
	}
	if x.conn, err = o.dial(func() {}); err != nil {
		return nil, err
	}
	x.conn.SetReconnectHandler(func(*nats.Conn) { x.stale() })
	x.ctx, x.quit = context.WithCancel(context.Background())
	x.calls, x.cut = context.WithCancel(context.Background())
	if x.store, err = openStore(ctx, o, x.conn, c.MaxBytes); err == nil {
		if x.kernels, err = x.greet(ctx); err == nil {
			err = x.listen()
		}
	}
	if err != nil {
		x.quit()
		x.cut()
		x.conn.Close()
		return nil, err
	}
	for w := range workers {
		l := &durableLane{x: x, w: w, wake: make(chan struct{}, 1)}
		x.lanes = append(x.lanes, l)
	}
	for _, l := range x.lanes {
		x.running.Go(l.serve)
	}
	var watch sync.WaitGroup
	watch.Go(x.watch)
	go func() {
		x.running.Wait()
		x.quit()
		watch.Wait()
		x.clean(true)
		x.cut()
		x.conn.Close()
		close(x.ended)
	}()
	return x, nil
}

// greet asks one worker of the group for its version and its kernels, and returns the kernels.
func (x *Durable) greet(ctx context.Context) ([]string, error) {
	ctx, end := context.WithTimeoutCause(ctx, startTime, errors.New("no answer"))
	defer end()
	none := &NoWorkersError{Group: x.options.Group, URL: x.options.address(), call: "cluster.ServeDurable"}
	m := nats.NewMsg(x.store.hello())
	m.Data = wire.AppendHello(nil, wire.Hello{Side: wire.Here(), Depth: worker.Depth()})
	answer, err := x.conn.RequestMsgWithContext(ctx, m)
	if err != nil {
		if !errors.Is(err, nats.ErrNoResponders) {
			none.Err = err
		}
		return nil, none
	}
	d := wire.DecoderOf(answer.Data)
	ready := wire.Ready{}
	ok, err := d.Next()
	if ok && err == nil {
		ready, err = wire.ParseReady(d.Payload)
	}
	if err == nil {
		err = wire.Compare(wire.Here(), ready.Side)
	}
	if why := answer.Header.Get(whyHeader); err == nil && why != "" {
		err = errors.New(unline(why))
	}
	if err != nil {
		return nil, &WorkerError{Worker: answer.Header.Get(header), Err: err}
	}
	return ready.Kernels, nil
}

// listen subscribes to new records of unnamed jobs, and to requests of workers that ask whether
// this program lives.
func (x *Durable) listen() error {
	if _, err := x.hear(x.id); err != nil {
		return err
	}
	_, err := x.conn.Subscribe(x.store.living(x.id), func(m *nats.Msg) { m.Respond([]byte("1")) })
	return err
}

// hear subscribes to new records of a named job, or of all unnamed jobs of an executor. The
// argument life is the id with which the names of their chunks begin.
func (x *Durable) hear(life string) (*nats.Subscription, error) {
	sub, err := x.conn.Subscribe(x.store.news(life+".>"), x.news)
	if err == nil {
		sub.SetPendingLimits(-1, -1)
	}
	return sub, err
}

// news passes a new record to the lane that waits for the chunk.
func (x *Durable) news(m *nats.Msg) {
	seq, _ := strconv.ParseUint(m.Header.Get("Nats-Sequence"), 10, 64)
	x.mu.Lock()
	l := x.routes[m.Subject[len(x.store.news("")):]]
	x.mu.Unlock()
	if l != nil {
		l.push(seq, m)
	}
}

// route makes l the lane that gets the records of the chunk. If l is nil, no lane gets them.
func (x *Durable) route(chunk string, l *durableLane) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if l == nil {
		delete(x.routes, chunk)
	} else {
		x.routes[chunk] = l
	}
}

// author returns a text that identifies one record of this program as its author.
func (x *Durable) author() string { return fmt.Sprint(x.id, " ", x.records.Add(1)) }
