package strategies_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
)

// lines reads the lines of a file, one at each step.
func lines(path string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield("", err)
			return
		}
		defer f.Close()
		s := bufio.NewScanner(f)
		for s.Scan() {
			if !yield(s.Text(), nil) {
				return
			}
		}
		if err := s.Err(); err != nil {
			yield("", err)
		}
	}
}

// The lines of a file, in their order: a file of any length, since no more of it is read
// than the window holds.
func ExampleStream() {
	pool := strategies.Steal(2)
	defer pool.Close()
	words := strategies.NewKernel("words", func(_ context.Context, s string) (int, error) { return len(strings.Fields(s)), nil })
	line := 0
	for n, err := range words.Stream(context.Background(), pool, strategies.Fallible(lines("testdata/lines.txt")), strategies.Options{Window: 2}) {
		line++
		fmt.Println(line, n, err)
	}
	// Output:
	// 1 3 <nil>
	// 2 0 <nil>
	// 3 5 <nil>
}

// An input that fails ends the stream with an error that says where.
func ExampleFallible() {
	pool := strategies.Steal(2)
	defer pool.Close()
	for _, err := range strategies.Stream(context.Background(), pool, strategies.Fallible(lines("testdata/none.txt")), length) {
		var input *strategies.InputError
		fmt.Println(errors.As(err, &input), input.Task, errors.Is(err, fs.ErrNotExist))
	}
	// Output: true 0 true
}

// Tasks without outputs: Drain returns their failures.
func ExampleKernel_Drain() {
	pool := strategies.Steal(2)
	defer pool.Close()
	check := strategies.NewKernel("check", func(_ context.Context, s string) (struct{}, error) {
		if s == "" {
			return struct{}{}, errors.New("the line is empty")
		}
		return struct{}{}, nil
	})
	fmt.Println(check.Drain(context.Background(), pool, strategies.Fallible(lines("testdata/lines.txt")), strategies.Options{}))
	// Output: task 1: the line is empty
}
