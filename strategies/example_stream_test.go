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

// lines yields the lines of a file, and reads each only when it is pulled.
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

// A stream delivers the number of words of each line, in the order of the lines. The file may have
// any length, since the stream reads only as far ahead as its window allows.
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

// If the input fails, the stream ends with an error. It holds the number of the task whose input is
// missing.
func ExampleFallible() {
	pool := strategies.Steal(2)
	defer pool.Close()
	for _, err := range strategies.Stream(context.Background(), pool, strategies.Fallible(lines("testdata/none.txt")), length) {
		var input *strategies.InputError
		fmt.Println(errors.As(err, &input), input.Task, errors.Is(err, fs.ErrNotExist))
	}
	// Output: true 0 true
}

// Drain discards the outputs and returns the failures.
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
