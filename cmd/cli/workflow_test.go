package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// workflows lists the workflow files of GitHub Actions: the one of this repository, and the example
// for other repositories.
var workflows = []string{"../../.github/workflows/bench.yml", "../../scripts/ci/bench.yml"}

// pinned lists the commits of actions that workflows may use, with their versions.
var pinned = map[string]string{
	"actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd":          "v6.0.2",
	"actions/setup-go@7a3fe6cf4cb3a834922a1244abfce67bcef6a0c5":          "v6.2.0",
	"actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f":   "v6.0.0",
	"actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131": "v7.0.0",
}

type workflow struct {
	Name        string
	On          map[string]any
	Permissions map[string]string
	Concurrency map[string]string
	Defaults    struct{ Run struct{ Shell string } }
	Jobs        map[string]job
}

type job struct {
	Needs       string
	If          string
	RunsOn      string `yaml:"runs-on"`
	Timeout     int    `yaml:"timeout-minutes"`
	Permissions map[string]string
	Env         map[string]string
	Outputs     map[string]string
	Steps       []step
}

type step struct {
	Name, ID, If, Uses, Run string
	With                    map[string]string
	Env                     map[string]string
}

// readWorkflow reads a workflow. It fails the test if the file has a key that the types above lack.
func readWorkflow(t *testing.T, file string) (w workflow) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	d.KnownFields(true)
	if err := d.Decode(&w); err != nil {
		t.Fatalf("%s: got error %v", file, err)
	}
	return w
}

// TestWorkflows checks that workflows use pinned actions and the least permissions. A job with the
// permission to write must not run code of the pull request.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	all, err := filepath.Glob("../../.github/workflows/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range all {
		if !slices.Contains(workflows, file) {
			t.Errorf("no test covers %s; add it to the list workflows", file)
		}
	}
	for _, file := range workflows {
		w := readWorkflow(t, file)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"pull_request_target", "secrets.", "write-all"} {
			if strings.Contains(string(text), bad) {
				t.Errorf("%s has %s", file, bad)
			}
		}
		if _, ok := w.On["pull_request"]; !ok || len(w.On) != 1 || w.Permissions == nil || len(w.Permissions) > 0 || w.Defaults.Run.Shell != "bash" {
			t.Errorf("%s: it runs on %v with the permissions %v and the shell %q", file, w.On, w.Permissions, w.Defaults.Run.Shell)
		}
		for name, j := range w.Jobs {
			allowed := map[string]string{"measure": "map[contents:read]", "comment": "map[pull-requests:write]"}
			if got := fmt.Sprint(j.Permissions); got != allowed[name] {
				t.Errorf("%s: job %s has the permissions %s, want %s", file, name, got, allowed[name])
			}
			if j.Timeout == 0 || j.RunsOn == "" || strings.HasSuffix(j.RunsOn, "latest") {
				t.Errorf("%s: job %s runs on %q for at most %d minutes", file, name, j.RunsOn, j.Timeout)
			}
			for _, s := range j.Steps {
				version, known := pinned[s.Uses]
				switch {
				case s.Name == "" || (s.Uses == "") == (s.Run == ""):
					t.Errorf("%s: step %q of job %s needs a name, and one of uses and run", file, s.Name, name)
				case s.Uses != "" && !known:
					t.Errorf("%s: step %q uses %s, which is not a pinned commit", file, s.Name, s.Uses)
				case known && !strings.Contains(string(text), s.Uses+" # "+version+"\n"):
					t.Errorf("%s: %s has no comment with its version %s", file, s.Uses, version)
				case strings.Contains(s.Run, "${{"):
					t.Errorf("%s: step %q has an expression in its script; pass it by env", file, s.Name)
				case strings.HasPrefix(s.Uses, "actions/checkout") && (s.With["persist-credentials"] != "false" || j.Permissions["pull-requests"] != ""):
					t.Errorf("%s: step %q keeps the token, or a job that may write has code of the pull request", file, s.Name)
				}
			}
		}
	}
}

// gh is a script in place of the command gh of GitHub. It writes its arguments to a log. It answers a
// request for comments from a file, to which it applies the filter of the request.
const gh = `#!/usr/bin/env bash
set -euo pipefail
printf '%s\n' "$*" >>"$GH_LOG"
if [ "$2" = --paginate ]; then
	jq -r "$5" "$GH_COMMENTS"
fi
`

// TestWorkflowSteps checks that the steps of the workflows measure a pull request, comment on it, and
// fail if it is slower. For a pull request from a fork, they must print a notice in place of the
// comment.
func TestWorkflowSteps(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes: three runs of payoff ab")
	}
	for _, c := range []struct {
		name, file string
		repository func(*testing.T, int) string
		factor     int
		fork       bool
		budget     string
		status     string // exit status on a machine that is quiet enough for a verdict
	}{
		{"slower", workflows[1], merged, 4, false, "1m", "1"},
		{"same work, from a fork", workflows[1], merged, 1, true, "30s", "0"},
		{"this repository", workflows[0], cloned, 1, false, "1m", "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, dir, temp := readWorkflow(t, c.file), c.repository(t, c.factor), t.TempDir()
			head := "owner/work"
			if c.fork {
				head = "other/work"
			}
			r := &runner{t: t, skip: []string{"Install payoff"}, // TestProofInstall covers this step
				context: map[string]string{"github.event.pull_request.head.repo.full_name": head, "github.repository": "owner/work", "github.event.pull_request.number": "7", "github.token": "t", "runner.temp": temp, "steps.measure.outputs.status": ""},
				env: []string{"RUNNER_TEMP=" + temp, "GITHUB_STEP_SUMMARY=" + temp + "/summary", "BUDGET=" + c.budget, "PAYOFF_LOCK=" + temp + "/lock", "CI=true",
					"GH_LOG=" + temp + "/gh.log", "GH_COMMENTS=" + temp + "/comments", "PATH=" + temp + "/bin:" + bin + ":" + os.Getenv("PATH")}}
			ran, failed := r.run(w.Jobs["measure"], dir)
			status := r.context["steps.measure.outputs.status"]
			r.context["needs.measure.outputs.status"] = status
			want := ""
			if status != "0" {
				want = "Fail if head is worse"
			}
			summary, _ := os.ReadFile(temp + "/summary")
			undecided := (status == "0" || status == "3") && strings.Contains(string(summary), "unresolved of ")
			if undecided {
				t.Log("the machine was too busy for a verdict")
			}
			if status != c.status && !undecided || failed != want || slices.Contains(ran, "Say why there is no comment") != c.fork || strings.Contains(string(summary), "from a fork") != c.fork || !strings.Contains(string(summary), "payoff ab: ") {
				t.Fatalf("status %s, ran %q, failed %q, summary:\n%s\nlog:\n%s", status, ran, failed, summary, &r.log)
			}
			for _, file := range []string{"comment.md", "ab/base/samples.txt", "ab/head/samples.txt"} {
				if st, err := os.Stat(filepath.Join(temp, "bench", file)); err != nil || st.Size() == 0 {
					t.Errorf("the artifact has no %s: %v", file, err)
				}
			}
			if comments := r.holds(w.Jobs["comment"].If, failed != ""); comments == c.fork {
				t.Errorf("whether the job comment runs: %t, want the opposite", comments)
			} else if comments {
				r.comment(w.Jobs["comment"], temp)
			}
		})
	}
}

// comment runs the job j, which comments on a pull request. It checks the request that the job
// sends to GitHub. The folder temp/bench has the artifact for the job.
func (r *runner) comment(j job, temp string) {
	if _, err := exec.LookPath("jq"); err != nil {
		r.t.Skip("jq is missing: the comment is not tested")
	}
	if err := os.Mkdir(temp+"/bin", 0o777); err != nil {
		r.t.Fatal(err)
	}
	write(r.t, temp+"/bin", map[string]string{"gh": gh})
	for comments, want := range map[string]string{
		`[{"id": 3, "user": {"type": "User"}, "body": "<!-- payoff ab --> quoted"}]`:                                                                 "--method POST repos/owner/work/issues/7/comments --field body=@body.md",
		`[{"id": 3, "user": {"type": "User"}, "body": "<!-- payoff ab -->"}, {"id": 5, "user": {"type": "Bot"}, "body": "<!-- payoff ab -->\nold"}]`: "--method PATCH repos/owner/work/issues/comments/5 --field body=@body.md",
	} {
		write(r.t, temp, map[string]string{"comments": comments})
		if _, failed := r.run(j, filepath.Join(temp, "bench")); failed != "" {
			r.t.Fatalf("step %q failed:\n%s", failed, &r.log)
		}
		log, _ := os.ReadFile(temp + "/gh.log")
		body, _ := os.ReadFile(temp + "/bench/body.md")
		if !strings.Contains(string(log), want) || !strings.HasPrefix(string(body), "<!-- payoff ab -->\n") || !strings.Contains(string(body), "payoff ab: ") {
			r.t.Errorf("want %s; calls:\n%s\nbody:\n%s", want, log, body)
		}
		os.Remove(temp + "/gh.log")
	}
}
