package suite

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/peers"
	"github.com/payoff-bench/payoff/strategies/python"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
	"github.com/payoff-bench/payoff/workloads/payload"
)

// testCatalog returns a catalog with all strategies and workloads that built-in suites name.
func testCatalog(cores int) Catalog {
	procs := catalog.Strategy{Name: "procs", Capabilities: catalog.Capabilities{Parallel: true, Processes: true, Limits: true}, With: with}
	cluster := procs
	cluster.Name = "cluster"
	cluster.With = func(set catalog.Setting) (catalog.Strategy, error) { return cluster, nil }
	c := Catalog{
		Strategies: slices.Concat(catalog.Goroutines(), []catalog.Strategy{procs, cluster}, peers.Table(), python.Table()),
		Workloads:  slices.Concat(kernels.All(), payload.All()),
		Cores:      cores,
	}
	c.Workloads[0].Codecs = []string{"raw", "cbor"} // spin really has no codecs to choose from
	sleep := c.Workloads[slices.IndexFunc(c.Workloads, func(w workloads.Workload) bool { return w.Name == "sleep" })]
	for _, w := range []workloads.Workload{ // stand-ins for packages with large dependencies
		{Name: "sqlite", Payloads: true},
		{Name: "echo", Grains: true, Payloads: true},
		{Name: "http", Grains: true, Payloads: true},
	} {
		w.Kernel = sleep.Kernel // a kernel with a resumable form
		c.Workloads = append(c.Workloads, w)
	}
	c.Workloads = append(c.Workloads, workloads.Python(c.Workloads, python.Loop)...)
	return c
}

// with is the field With of a strategy that accepts some transports and starts.
func with(s catalog.Setting) (catalog.Strategy, error) {
	switch {
	case s.Transport != "" && !slices.Contains([]string{"shm", "socketpair", "tcp", "unix"}, s.Transport):
		return catalog.Strategy{}, errors.New("no transport " + s.Transport)
	case s.Start != "" && !slices.Contains([]string{"standby", "helper", "task", "chunk"}, s.Start):
		return catalog.Strategy{}, errors.New("no start " + s.Start)
	}
	return catalog.Strategy{Name: "procs"}, nil
}

func TestSettingsOfAMatrix(t *testing.T) {
	s := mustParse(t, `question = "?"
[[block]]
workload = "spin"
grain = [100]
[[block.cell]]
strategy = "procs"
transport = "pipe"
start = "exec"
[[block.cell]]
strategy = "procs"
transport = "shm"
start = "standby"
codec = "cbor"
[[block.cell]]
strategy = "pool"
`)
	blocks, err := testCatalog(2).Matrix([]Suite{s}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := blocks[0].Cells
	if c[1].Transport+c[1].Start != "" || c[2].Transport != "shm" || c[2].Start != "standby" || c[2].Codec != "cbor" || c[3].Transport+c[3].Start != "" {
		t.Errorf("got cells %+v", c)
	}
	for filter, want := range map[string]int{"transport:shm": 2, "transport:pipe": 3, "start:standby,exec": 4, "codec:own": 3, "codec:cbor": 2, "prefetch:0": 4} {
		f, err := ParseFilter(filter)
		if err != nil {
			t.Fatal(err)
		}
		if kept, err := f.Apply(blocks); err != nil || len(kept[0].Cells) != want {
			t.Errorf("%s: got blocks %+v, error %v", filter, kept, err)
		}
	}
}

func mustParse(t *testing.T, text string) Suite {
	t.Helper()
	s, err := Parse("x.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMatrix(t *testing.T) {
	blocks, err := testCatalog(4).Matrix([]Suite{mustParse(t, goodSuite)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(blocks) != 4 { // 2 grains on 1 and 4 cores
		t.Fatalf("%d blocks", len(blocks))
	}
	b := blocks[1]
	want := []harness.Cell{
		{Task: harness.Task{Workload: "spin", Grain: 100}, Strategy: harness.Direct, Cores: 4, Workers: 1, Chunk: "1", Order: harness.MapOrder},
		{Task: harness.Task{Workload: "spin", Grain: 100}, Strategy: "pool", Cores: 4, Workers: 4, Chunk: "1", Order: harness.MapOrder},
		{Task: harness.Task{Workload: "spin", Grain: 100}, Strategy: "pool", Cores: 4, Workers: 4, Chunk: "1", Order: harness.InputOrder, Window: 8},
	}
	if !slices.Equal(b.Cells, want) || b.Cores != 4 || b.Task != (harness.Task{Workload: "spin", Grain: 100}) {
		t.Errorf("got block %+v", b)
	}
	other, err := Parse("y.toml", []byte(goodSuite))
	if err != nil {
		t.Fatal(err)
	}
	again, err := testCatalog(4).Matrix([]Suite{mustParse(t, goodSuite), other}, []int{2})
	if err != nil || len(again) != 2 || again[0].Cores != 2 {
		t.Errorf("the same blocks twice on other cores: %d blocks, %v", len(again), err)
	}
	if _, err := testCatalog(4).Matrix([]Suite{other, mustParse(t, goodSuite), other}, nil); err == nil || err.Error() != "suite y is given twice; remove one" {
		t.Error(err)
	}
}

func TestSpreadsOfAMatrix(t *testing.T) {
	s := mustParse(t, strings.Replace(goodSuite, `cores = [1, "max"]`, `spread = ["none", "last"]`, 1))
	blocks, err := testCatalog(4).Matrix([]Suite{s}, nil)
	if err != nil || len(blocks) != 4 {
		t.Fatalf("%d blocks, %v", len(blocks), err)
	}
	if b := blocks[1]; b.Task != (harness.Task{Workload: "spin", Grain: 100, Spread: "last"}) || b.Cells[0].Spread != "last" || b.Cells[2].Task != b.Task {
		t.Errorf("got block %+v", b)
	}
	for filter, want := range map[string]int{"spread:last": 2, "spread:none,last": 4, "spread:none grain:100": 1} {
		f, err := ParseFilter(filter)
		if err != nil {
			t.Fatal(err)
		}
		if kept, err := f.Apply(blocks); err != nil || len(kept) != want {
			t.Errorf("%s: %d blocks, %v", filter, len(kept), err)
		}
	}
}

func TestMatrixErrors(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`cores = [1, "max"]`, `cores = [5]`, "x.toml:7: 5 cores requested, but this process may use only 4"},
		{`"spin"`, `"spun"`, `x.toml:5: unknown workload "spun": did you mean spin? have spin, sha256, primes, matmul`},
		{`"pool"`, `"pound"`, `x.toml:9: unknown strategy "pound": did you mean pond? have serial, pool, steal, static, spawn, channel`},
		{`"pool"`, `"ants"` + "\norder = \"input\"", "x.toml:10: strategy ants runs only whole maps, without chunks; remove the key \"order\""},
		{`"pool"`, `"ants"` + "\nchunk = 2", "x.toml:10: strategy ants runs only whole maps, without chunks; remove the key \"chunk\""},
		{`"pool"`, `"ants"` + "\norder = \"completion\"\nrate = 5", "x.toml:11: strategy ants runs whole maps and cannot run tasks that arrive one by one; remove the key \"rate\""},
		{`"pool"`, `"conc-stream"`, "x.toml:8: strategy conc-stream runs only whole streams in input order, without chunks; set order to input"},
		{`"pool"`, `"conc-stream"` + "\norder = \"input\"\nwindow = 9", "x.toml:11: strategy conc-stream runs only whole streams in input order, without chunks"},
		{`"pool"`, `"goroutines-job"` + "\nworkers = 9", "x.toml:10: strategy goroutines-job does not limit how many tasks run at once; remove the key \"workers\""},
		{`"pool"`, `"pool"` + "\ntransport = \"shm\"", "x.toml:10: strategy pool has no transport; remove the key"},
		{`"pool"`, `"pool"` + "\nstart = \"standby\"", "x.toml:10: strategy pool has no start; remove the key"},
		{`"pool"`, `"pool"` + "\nprefetch = 3", "x.toml:10: strategy pool has no prefetch; remove the key"},
		{`"pool"`, `"pool"` + "\nahead = 3", "x.toml:10: strategy pool has no ahead; remove the key"},
		{`"pool"`, `"pool"` + "\ncodec = \"raw\"", "x.toml:10: strategy pool has no worker processes, so it uses no codec; remove the key \"codec\""},
		{`"pool"`, `"procs"` + "\ncodec = \"morse\"", `x.toml:10: unknown codec of workload spin "morse": have raw, cbor`},
		{`"pool"`, `"procs"` + "\nstart = \"fork\"", "x.toml:10: no start fork"},
		{`"pool"`, `"procs"` + "\ntransport = \"smoke\"", "x.toml:10: no transport smoke"},
		{`grain = [100, 1000]`, ``, "x.toml:4: workload spin needs a grain"},
		{`grain = [100, 1000]`, `grain = [1]` + "\npayload = [1]", "x.toml:7: workload spin has no payload"},
		{`grain = [100, 1000]`, `grain = [1]` + "\nspread = [\"none\", \"wild\"]", `x.toml:7: unknown spread "wild": have none, lognormal, lognormal1, `},
		{"\"spin\"\ngrain = [100, 1000]", "\"files\"\nspread = [\"last\"]", "x.toml:6: the tasks of workload files are always equal"},
		{`"spin"`, `"files"`, "x.toml:6: workload files has no grain"},
		{`"pool"`, `"loop"` + "\nchunk = 2", "x.toml:10: strategy loop starts tasks one by one, without chunks; remove the key \"chunk\""},
		{`"pool"`, `"loop"`, "x.toml:9: strategy loop needs a kernel with a resumable form, and the kernel of workload spin has none"},
		{`"pool"`, `"serial"` + "\nworkers = 2", "x.toml:10: strategy serial has only one worker"},
		{`"pool"`, `"pool"` + "\nworkers = 4\n[[block.cell]]\nstrategy = \"pool\"", "x.toml:11: on 4 cores, this cell is the same as another cell"},
		{"window = 8\n", "window = 8\n[[block]]\nworkload=\"spin\"\ngrain=[100]\n[[block.cell]]\nstrategy=\"pool\"\n[[block.cell]]\nstrategy=\"procs\"\n", "x.toml:14: cell workload=spin/grain=100"},
	} {
		s := mustParse(t, strings.Replace(goodSuite, c.old, c.new, 1))
		if _, err := testCatalog(4).Matrix([]Suite{s}, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.new, err, c.want)
		}
	}
}

func TestParseCores(t *testing.T) {
	for _, c := range []struct {
		words string
		most  int
		want  []int
	}{
		{"max", 6, []int{6}},
		{"powers", 6, []int{1, 2, 4, 6}},
		{"powers", 8, []int{1, 2, 4, 8}},
		{"powers", 1, []int{1}},
		{"max 1 3 1", 3, []int{1, 3}},
		{"7", 6, nil},
		{"0", 6, nil},
		{"two", 6, nil},
	} {
		if got, err := ParseCores(strings.Fields(c.words), c.most); !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) {
			t.Errorf("%s of %d: %v, %v", c.words, c.most, got, err)
		}
	}
	var bad *harness.CoresError
	if _, err := ParseCores([]string{"7"}, 6); !errors.As(err, &bad) {
		t.Error(err)
	}
}

// TestBuiltInSuites checks that the built-in suites fit any machine. It also checks a table that
// benchstat prints by workload, spread, cores, grain and strategy, for maps with chunk 1: each
// entry must belong to a single cell. The direct loop is the same cell in every block of its task.
func TestBuiltInSuites(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		for _, cores := range []int{1, 2, 6, 64} {
			blocks, err := testCatalog(cores).Matrix([]Suite{s}, nil)
			if err != nil {
				t.Fatalf("on %d cores: %v", cores, err)
			}
			seen := map[harness.Cell]bool{}
			for _, b := range blocks {
				for _, c := range b.Cells {
					if c.Chunk != "1" || c.Order != harness.MapOrder {
						continue
					}
					place := harness.Cell{Task: harness.Task{Workload: c.Workload, Spread: c.Spread, Grain: c.Grain}, Cores: c.Cores, Strategy: c.Strategy}
					if s.Name == "ipc" || s.Name == "start" || s.Name == "io" { // these suites vary more axes
						place.Payload, place.Tasks, place.Transport, place.Start, place.Codec, place.Workers = c.Payload, c.Tasks, c.Transport, c.Start, c.Codec, c.Workers
					}
					if s.Name == "remote" {
						place.Payload, place.RoundTrip = c.Payload, c.RoundTrip
					}
					if s.Name == "python" {
						place.Payload, place.Tasks, place.Start, place.Recycle, place.Shape = c.Payload, c.Tasks, c.Start, c.Recycle, c.Shape
					}
					if s.Name == "full" || s.Name == "claims" { // the parts of full are checked themselves; claims varies every axis
						continue
					}
					if s.Name == "memory" || s.Name == "isolation" || s.Name == "scale" {
						place.Memory, place.Shape, place.Start, place.Recycle = c.Memory, c.Shape, c.Start, c.Recycle
					}
					if seen[place] && c.Strategy != harness.Direct {
						t.Errorf("%s on %d cores: %s is not the only one of its row and column", s.Name, cores, c)
					}
					seen[place] = true
				}
			}
		}
	}
}

func TestUnknownFilterValues(t *testing.T) {
	text := strings.Replace(goodSuite, `grain = [100, 1000]`, `grain = [1000, 20, 100]`, 1)
	text = strings.Replace(text, "order = \"input\"\nwindow = 8", `chunk = ["auto", 64, 8, "guided"]`, 1)
	blocks, err := testCatalog(4).Matrix([]Suite{mustParse(t, text)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for filter, want := range map[string]string{"grain:1": "have 20, 100, 1000", "chunk:2": "have 1, 8, 64, auto, guided", "spread:last": "have none"} {
		f, err := ParseFilter(filter)
		if err == nil {
			_, err = f.Apply(blocks)
		}
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got error %v", filter, err)
		}
	}
}

func TestFilter(t *testing.T) {
	all, err := testCatalog(4).Matrix([]Suite{mustParse(t, goodSuite)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		filter        string
		blocks, cells int
		err           string
	}{
		{"", 4, 12, ""},
		{"grain:1000", 2, 6, ""},
		{"grain:1000 cores:4", 1, 3, ""},
		{"order:input", 4, 8, ""},
		{"order:input grain:100,1000", 4, 8, ""},
		{"order:(input OR map)  cores:1", 2, 6, ""},
		{"strategy:direct", 4, 4, ""},
		{"strategy:direct,pool order:input", 4, 8, ""},
		{"window:0", 4, 8, ""},
		{"grain:10", 0, 0, `unknown value of filter key grain "10": have 100, 1000`},
		{"strategy:pol", 0, 0, "have direct, pool"},
		{"size:10", 0, 0, `unknown filter key "size": have workload, grain`},
		{"strategy:direct chunk:1 order:input", 0, 0, "selects no cell"},
		{"grain", 0, 0, "not key:value"},
		{"grain:", 0, 0, `has the value ""`},
		{"grain:(100", 0, 0, "the parenthesis after \"grain:\" is not closed; write grain:(a OR b)"},
		{"strategy:pool OR", 0, 0, "write OR between the values of one key, in parentheses"},
		{"strategy:pool OR strategy:direct", 0, 0, "write OR between the values of one key, in parentheses"},
		{"strategy:pool)", 0, 0, `has the value "pool)"`},
		{"(strategy:pool", 0, 0, `"(strategy:pool" is not key:value`},
	} {
		f, err := ParseFilter(c.filter)
		var kept []harness.Block
		if err == nil {
			kept, err = f.Apply(all)
		}
		cells := 0
		for _, b := range kept {
			cells += len(b.Cells)
			if b.Cells[0].Strategy != harness.Direct {
				t.Errorf("%q: a block without direct", c.filter)
			}
		}
		if len(kept) != c.blocks || cells != c.cells || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: %d blocks, %d cells, %v", c.filter, len(kept), cells, err)
		}
	}
}
