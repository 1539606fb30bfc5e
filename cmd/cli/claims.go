package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/compare"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/report"
)

// claimsSuite is the suite whose cells test the claims.
const claimsSuite = "claims"

func (p Program) claimsCommand() *cobra.Command {
	var (
		only   []string
		form   string
		strict bool
		budget time.Duration
		other  string
	)
	c := &cobra.Command{
		Use:   "claims [folder]",
		Short: "Put common claims about pools to the test",
		Long: `Claims tests 39 claims that people make about pools, such as: chunks remove the cost of
handing tasks over. It prints a verdict for each, from a run in the folder. Without a
folder, it first measures the suite claims; with --only, just the cells for these claims.

A claim is tested by comparisons of cells of the run. It is confirmed if they support it,
refuted if they contradict it, and unresolved if most of them have no verdict. Its verdict is
"depends" if some support it and others contradict it; the line then names the values of an axis
that separate them, if there are any. "holds in" counts the comparisons that support the
claim. The typical case is the median of the cases that agree with the verdict: a ratio with
its interval. --format json has all of them.

The comparisons of a claim are judged together, so that all are right with a probability
of 95 %. Fewer than six rounds give no verdict. A claim without a comparison is not
tested; its line says what it needs.

--against compares the verdicts with those of another run.

Exit status: 0 good, 1 a failed run, 2 wrong usage or missing input, 3 with --strict: a
claim is unresolved.`,
		Example: "  payoff claims results/latest\n  payoff claims results/latest --only C06,C11\n  payoff claims --budget 10m\n  payoff claims --only C06\n  payoff claims results/one --against results/other",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return misuse("name the folder of one run, or none to measure the suite " + claimsSuite)
			}
			return nil
		},
		ValidArgsFunction: completeFolder,
		RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains(report.ClaimFormats(), form) {
				return misuse("--format: %w", &harness.UnknownError{Kind: "format", Name: form, Have: report.ClaimFormats()})
			}
			if c.Flags().Changed("only") && len(only) == 0 {
				return misuse("--only: name at least one claim, such as C06")
			}
			for i, name := range only {
				only[i] = strings.ToUpper(strings.TrimSpace(name))
				if !slices.Contains(analyze.ClaimIDs(), only[i]) {
					return misuse("--only: %w", &harness.UnknownError{Kind: "claim", Name: name, Have: analyze.ClaimIDs()})
				}
			}
			if len(args) > 0 && c.Flags().Changed("budget") {
				return misuse("--budget limits a measurement; without a folder, payoff claims measures")
			}
			var folder string
			var ran error
			if len(args) > 0 {
				folder = args[0]
			} else if folder, ran = p.runClaims(c, only, budget); folder == "" {
				return ran
			}
			dir, info, samples, err := readRun(folder)
			if err != nil {
				return errors.Join(ran, err)
			}
			doubt(c, dir, info)
			claims := p.analyze(info, samples).AllClaims()
			if len(only) > 0 {
				claims = slices.DeleteFunc(claims, func(c analyze.Claim) bool { return !slices.Contains(only, c.ID) })
			}
			if other != "" {
				there, otherInfo, others, err := readRun(other)
				if err != nil {
					return errors.Join(ran, err)
				}
				doubt(c, there, otherInfo)
				if n := harness.Common(samples, others); n > 0 {
					fmt.Fprintf(c.ErrOrStderr(), "payoff: both runs have the same %s, because one is a copy of the other\n", format.Count(n, "launch"))
				}
				if apart := compare.Differences(info, otherInfo); len(apart) > 0 {
					fmt.Fprintf(c.ErrOrStderr(), "payoff: the runs differ: %s\n", strings.Join(apart, "; "))
				}
				if err := report.ClaimsAgree(c.OutOrStdout(), claims, p.analyze(otherInfo, others).AllClaims(), dir, there); err != nil {
					return fmt.Errorf("cannot print the comparison: %w", err)
				}
				return ran
			}
			if err := report.Claims(c.OutOrStdout(), claims, form); err != nil {
				return fmt.Errorf("cannot print the claims: %w", err)
			}
			if strict && ran == nil {
				return resolved(claims)
			}
			return ran
		},
	}
	f := c.Flags()
	f.StringSliceVar(&only, "only", nil, "measure and print only these `claims`, such as C06,C11")
	f.StringVar(&form, "format", "text", "`form` of the output: "+strings.Join(report.ClaimFormats(), ", "))
	f.BoolVar(&strict, "strict", false, "exit with 3 if a claim is unresolved")
	f.DurationVar(&budget, "budget", 0, "without a folder: `time` after which the measurement ends (default: that of the suite)")
	f.StringVar(&other, "against", "", "compare the verdicts with those of the run in this `folder`, instead of printing them")
	c.MarkFlagDirname("against")
	c.RegisterFlagCompletionFunc("only", cobra.FixedCompletions(analyze.ClaimIDs(), cobra.ShellCompDirectiveNoFileComp))
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(report.ClaimFormats(), cobra.ShellCompDirectiveNoFileComp))
	c.RegisterFlagCompletionFunc("budget", cobra.NoFileCompletions)
	return c
}

// runClaims measures, like payoff run, the cells of the suite claims that test the claims in only, or
// the whole suite if only is empty. It returns the folder of the run, and "" if there is no sample.
func (p Program) runClaims(c *cobra.Command, only []string, budget time.Duration) (folder string, err error) {
	run, before := p.runCommand(), latest()
	run.SilenceErrors, run.SilenceUsage = true, true
	args := []string{claimsSuite}
	if len(only) > 0 {
		filter, err := p.claimFilter(only)
		if err != nil {
			return "", err
		}
		args = append(args, "--filter", filter)
	}
	if budget > 0 {
		args = append(args, "--budget", budget.String())
	}
	run.SetArgs(args)
	run.SetOut(io.Discard) // the verdicts take the place of the report
	run.SetErr(c.ErrOrStderr())
	err = run.ExecuteContext(c.Context())
	if folder = latest(); folder == before {
		folder = ""
	}
	return folder, err
}

// latest returns the folder of the newest run, and "" if there is none.
func latest() string {
	dir, err := runFolder(newest)
	if err != nil {
		return ""
	}
	if path, err := filepath.EvalSymlinks(dir); err == nil {
		return path
	}
	return dir
}

// resolved returns the error of claims that are unresolved, with the exit status, and nil if there
// are none.
func resolved(claims []analyze.Claim) error {
	var open []string
	for _, c := range claims {
		if c.Lacks == "" && c.Answer() == analyze.Open {
			open = append(open, c.ID)
		}
	}
	if len(open) == 0 {
		return nil
	}
	return &statusError{Unresolved, fmt.Errorf("unresolved: %s", strings.Join(open, ", "))}
}
