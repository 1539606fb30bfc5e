package peers_test

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// sum adds the numbers in a line of text.
var sum = strategies.Kernel[string, int]{Name: "sum", Func: func(_ context.Context, line string) (total int, err error) {
	for field := range strings.FieldsSeq(line) {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}}

// lines returns a contest that reads lines of text with four numbers each, and adds the numbers of
// each line as a task of a stream.
func (f *figures) lines() contest {
	c := contest{name: "stream of lines", per: figureTasks, questions: []question{
		{"steal input", "pool input", 1, 0}, {"steal completion", "pool completion", 1, 0},
	}}
	var text strings.Builder
	want := 0
	for i := range figureTasks {
		fmt.Fprintln(&text, i, 2*i, 3*i, 4*i)
		want += 10 * i
	}
	input := func() iter.Seq[string] {
		return func(yield func(string) bool) {
			for s := bufio.NewScanner(strings.NewReader(text.String())); s.Scan(); {
				if !yield(s.Text()) {
					return
				}
			}
		}
	}
	timed := func(name string, total func() (int, error)) contender {
		return contender{name, func() time.Duration {
			began := time.Now()
			got, err := total()
			took := time.Since(began)
			if err == nil && got != want {
				err = fmt.Errorf("the sum is %d, want %d", got, want)
			}
			if err != nil {
				f.b.Fatal(err)
			}
			return took
		}}
	}
	c.contenders = append(c.contenders, timed("direct", func() (total int, err error) {
		for line := range input() {
			n, err := sum.Func(f.ctx, line)
			if err != nil {
				return 0, err
			}
			total += n
		}
		return total, nil
	}))
	for _, own := range []string{"steal", "pool"} {
		for _, order := range []strategies.Order{strategies.InputOrder, strategies.CompletionOrder} {
			c.contenders = append(c.contenders, timed(fmt.Sprintf("%s %v", own, order), func() (total int, err error) {
				for n, err := range sum.Stream(f.ctx, f.own[own], input(), strategies.Options{Order: order}) {
					if err != nil {
						return 0, err
					}
					total += n
				}
				return total, nil
			}))
		}
	}
	return c
}
