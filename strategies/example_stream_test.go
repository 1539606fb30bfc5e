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

// lines reads the lines of a file, one when it is asked for one.
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
	ex := newPool()
	defer ex.Close()
	words := strategies.Kernel[string, int]{Func: func(_ context.Context, s string) (int, error) { return len(strings.Fields(s)), nil }}
	line := 0
	for n, err := range strategies.Stream(context.Background(), ex, words, strategies.Fallible(lines("testdata/lines.txt")), strategies.Options{Window: 2}) {
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
	ex := newPool()
	defer ex.Close()
	length := strategies.Kernel[string, int]{Func: func(_ context.Context, s string) (int, error) { return len(s), nil }}
	for _, err := range strategies.Stream(context.Background(), ex, length, strategies.Fallible(lines("testdata/none.txt")), strategies.Options{}) {
		var input *strategies.InputError
		fmt.Println(errors.As(err, &input), input.Task, errors.Is(err, fs.ErrNotExist))
	}
	// Output: true 0 true
}

// Work without outputs: only what failed is told.
func ExampleDrain() {
	ex := newPool()
	defer ex.Close()
	check := strategies.Kernel[string, struct{}]{Func: func(_ context.Context, s string) (struct{}, error) {
		if s == "" {
			return struct{}{}, errors.New("the line is empty")
		}
		return struct{}{}, nil
	}}
	fmt.Println(strategies.Drain(context.Background(), ex, check, strategies.Fallible(lines("testdata/lines.txt")), strategies.Options{}))
	// Output: 1 of 3 tasks failed; first: task 1: the line is empty
}
