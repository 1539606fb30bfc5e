package payoff_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/payoff-bench/payoff"

// floors lists every package of the module from the bottom up, with the packages of the module that
// it may import. A change of this table is a design decision. The packages of strategies and workloads
// do not import the harness: the commands pass strategies and workloads to the harness as tables.
var floors = []struct{ pkg, may string }{
	{"harness/affinity", ""},
	{"harness/format", ""},
	{"harness/toml", "harness/format"},
	{"strategies/chunk", ""},
	{"strategies/procs/internal/poll", ""},
	{"strategies/profiler", ""},
	{"strategies/wire/ring", ""},
	{"workloads/mix", ""},

	{"strategies/wire/transport", "strategies/wire/ring"},
	{"strategies/work", "strategies/chunk"},

	{"strategies/inproc", "strategies/chunk strategies/work"},
	{"strategies/wire", "strategies/work"},

	{"strategies", "strategies/chunk strategies/work strategies/inproc"},
	{"strategies/wire/shared", "strategies/work strategies"},

	{"strategies/procs/internal/process", "strategies/procs/internal/poll strategies/wire/transport strategies/work strategies/wire strategies/wire/shared"},
	{"strategies/procs/worker", "strategies/profiler strategies/wire/transport strategies/work strategies/wire strategies/wire/shared"},

	{"strategies/catalog", "strategies/chunk strategies/work strategies/inproc strategies"},
	{"strategies/procs/internal/lane", "strategies/chunk strategies/procs/internal/poll strategies/wire/transport strategies/work strategies/wire strategies/wire/shared strategies/procs/internal/process"},
	{"strategies/wire/cbor", "strategies"},
	{"strategies/wire/gob", "strategies"},
	{"strategies/wire/json", "strategies"},
	{"strategies/wire/raw", "strategies"},

	{"strategies/peers", "strategies/work strategies/inproc strategies/catalog"},
	{"strategies/procs", "strategies/wire/transport strategies/work strategies/wire strategies/wire/shared strategies strategies/procs/internal/process strategies/procs/worker strategies/catalog strategies/procs/internal/lane"},
	{"strategies/cluster", "strategies/chunk strategies/work strategies/wire strategies/catalog strategies/procs/worker strategies/procs"},
	{"strategies/python", "strategies/work strategies/catalog"},
	{"strategies/strategiestest", "strategies/chunk strategies/work strategies strategies/catalog"},
	{"strategies/wire/codec", "strategies strategies/wire/cbor strategies/wire/gob strategies/wire/json strategies/wire/raw"},
	{"workloads/fault", "workloads/mix strategies strategies/catalog"},

	{"workloads", "workloads/mix strategies/work strategies strategies/wire/shared strategies/catalog workloads/fault"},

	{"harness", "strategies/chunk strategies strategies/catalog workloads"},
	{"workloads/kernels", "workloads/mix strategies/work strategies strategies/wire/shared workloads/fault workloads"},
	{"workloads/payload", "workloads/mix strategies/work strategies strategies/catalog strategies/wire/raw strategies/wire/shared strategies/wire/codec workloads"},
	{"workloads/python", "workloads/mix strategies strategies/python workloads"},
	{"workloads/sqlite", "workloads/mix strategies workloads"},
	{"workloads/web", "workloads/mix strategies workloads"},

	{"cmd/payoff-worker", "strategies/procs/worker workloads workloads/kernels"},
	{"harness/analyze", "harness/format harness"},
	{"harness/analyze/analyzetest", "harness"}, // for tests: no package may import it
	{"harness/probe", "harness/affinity harness"},
	{"harness/profile", "harness/format strategies/profiler harness harness/analyze"},
	{"harness/record", "harness/format harness"},
	{"harness/suite", "harness/format harness/toml strategies/chunk strategies/catalog workloads harness"},

	{"harness/hub", ""},
	{"harness/nats", "strategies/catalog harness/hub"},

	{"harness/model", "harness/format harness harness/analyze"},
	{"harness/simulate", "strategies/chunk harness/analyze harness/model"},

	{"harness/chart", "harness/format harness harness/analyze harness/simulate"},
	{"harness/compare", "harness/format harness harness/analyze harness/record"},
	{"harness/document", "harness harness/analyze"},
	{"harness/gate", "harness/format harness/toml harness harness/analyze harness/compare harness/suite"},
	{"harness/launch", "harness/affinity strategies/profiler strategies/chunk strategies strategies/catalog workloads harness harness/probe"},
	{"harness/run", "harness/affinity harness/format harness harness/probe"},

	{"harness/ab", "harness/format harness harness/analyze harness/compare harness/probe harness/record harness/run"},

	{"harness/report", "harness/format harness harness/analyze harness/model harness/simulate harness/document harness/chart"},
	{"harness/site", "harness/format harness harness/analyze harness/profile harness/record harness/report"},

	{"cmd/cli", "harness/ab harness/format strategies/profiler strategies/chunk strategies/wire/transport strategies strategies/procs/worker strategies/catalog strategies/peers strategies/python strategies/procs strategies/cluster strategies/wire/codec workloads/fault workloads harness workloads/kernels workloads/payload workloads/python harness/analyze harness/model harness/simulate harness/compare harness/document harness/gate harness/probe harness/profile harness/record harness/suite harness/launch harness/run harness/hub harness/chart harness/report harness/site"},

	{"cmd/payoff", "harness/nats strategies/catalog strategies/peers strategies/procs strategies/python workloads workloads/kernels workloads/payload workloads/sqlite workloads/web cmd/cli"},
	{"cmd/trial", ""}, // only tests
}

// owners maps the path prefix of each third-party package to the one package that may import it, so
// that it can be replaced in one place. Any package may import golang.org/x/sys.
var owners = map[string]string{
	"github.com/fxamacker/cbor":               "strategies/wire/cbor",
	"github.com/HdrHistogram/hdrhistogram-go": "harness/launch",
	"github.com/google/pprof":                 "harness/profile",
	"github.com/nats-io/nats-server":          "harness/nats",
	"github.com/nats-io/nats.go":              "strategies/cluster",
	"github.com/nats-io/nuid":                 "strategies/cluster",
	"github.com/pelletier/go-toml":            "harness/toml",
	"github.com/prometheus/procfs":            "harness/probe",
	"github.com/rivo/uniseg":                  "harness/format",
	"github.com/spf13/cobra":                  "cmd/cli",
	"golang.org/x/exp/trace":                  "harness/profile",
	"golang.org/x/perf/benchfmt":              "harness/record",
	"golang.org/x/perf/benchproc":             "harness/record",
	"golang.org/x/perf/benchmath":             "harness/analyze",
	"golang.org/x/perf/benchunit":             "harness/format",
	"modernc.org/sqlite":                      "workloads/sqlite",
	"golang.org/x/term":                       "cmd/cli",
	"gonum.org/v1/gonum":                      "harness/analyze",
	"golang.org/x/image":                      "harness/chart",
	"gonum.org/v1/plot":                       "harness/chart",
	"github.com/alitto/pond":                  "strategies/peers",
	"github.com/gammazero/workerpool":         "strategies/peers",
	"github.com/panjf2000/ants":               "strategies/peers",
	"github.com/samber/lo":                    "strategies/peers",
	"github.com/sourcegraph/conc":             "strategies/peers",
	"golang.org/x/sync":                       "strategies/peers",
	"github.com/chromedp":                     "harness/report", // in tests
	"github.com/rogpeppe/go-internal":         "cmd/cli",        // in tests
	"go.yaml.in/yaml":                         "cmd/cli",        // in tests
}

const system = "golang.org/x/sys"

// lean lists the packages that import only the standard library. A program that uses only executors
// of goroutines links nothing else.
var lean = []string{"strategies", "strategies/chunk", "strategies/work", "strategies/inproc", "strategies/catalog"}

// helpers lists the third-party packages that any test may import.
var helpers = []string{"github.com/google/go-cmp", "go.uber.org/goleak", "pgregory.net/rapid"}

// TestFloorsAreInOrder checks that each package may import only packages above it in floors.
func TestFloorsAreInOrder(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range floors {
		for dep := range strings.FieldsSeq(f.may) {
			if !seen[dep] {
				t.Errorf("%s may import %s, which is not listed before it", f.pkg, dep)
			}
		}
		seen[f.pkg] = true
	}
}

// TestImports checks all imports of the module against the tables floors, owners, lean and helpers.
func TestImports(t *testing.T) {
	may := map[string][]string{}
	for _, f := range floors {
		may[f.pkg] = strings.Fields(f.may)
	}
	for _, i := range imports(t) {
		allowed, known := may[i.pkg]
		switch dep, own := strings.CutPrefix(i.path, module+"/"); {
		case i.pkg == ".":
			continue // this test
		case !known:
			t.Errorf("%s: package %s is not listed in floors", i.file, i.pkg)
		case own && !i.test && !slices.Contains(allowed, dep):
			t.Errorf("%s: %s must not import %s", i.file, i.pkg, dep)
		case own || standard(i.path) || under(i.path, system):
		case slices.Contains(lean, i.pkg) && !i.test:
			t.Errorf("%s: %s imports only the standard library, not %s", i.file, i.pkg, i.path)
		case i.test || i.pkg == "strategies/strategiestest":
			if owner(i.path) == "" && !slices.ContainsFunc(helpers, func(h string) bool { return under(i.path, h) }) {
				t.Errorf("%s: tests do not use %s", i.file, i.path)
			}
		case owner(i.path) != i.pkg:
			t.Errorf("%s: %s must not import %s, which belongs to %q", i.file, i.pkg, i.path, owner(i.path))
		}
	}
}

// owner returns the package that may import third-party package p, or "".
func owner(p string) string {
	for prefix := range maps.Keys(owners) {
		if under(p, prefix) {
			return owners[prefix]
		}
	}
	return ""
}

// under reports whether p is prefix or a package below it.
func under(p, prefix string) bool { return p == prefix || strings.HasPrefix(p, prefix+"/") }

// standard reports whether p is in the standard library: its first element has no dot.
func standard(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return !strings.Contains(first, ".")
}

// An imported is one import of a file.
type imported struct {
	file string
	pkg  string // folder of the file in the module
	test bool   // the file is a test
	path string // import path
}

// imports returns the imports of all Go files of the module, including files for other systems.
func imports(t *testing.T) []imported {
	var all []imported
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "results" || d.Name() == "bin"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ".go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			all = append(all, imported{file, path.Dir(filepath.ToSlash(file)), strings.HasSuffix(file, "_test.go"), p})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
