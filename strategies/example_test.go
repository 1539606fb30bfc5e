package strategies_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
)

// newPool returns an executor with two workers.
func newPool() strategies.Executor {
	ex, err := strategies.PoolStrategy().New(context.Background(), strategies.Config{Workers: 2})
	if err != nil {
		panic(err)
	}
	return ex
}

func ExampleMap() {
	ex := newPool()
	defer ex.Close()
	length := strategies.Kernel[string, int]{Func: func(_ context.Context, s string) (int, error) { return len(s), nil }}
	out, err := strategies.Map(context.Background(), ex, length, []string{"which", "one", "pays", "off"}, strategies.Options{})
	fmt.Println(out, err)
	// Output: [5 3 4 3] <nil>
}

// A task that fails, fails alone.
func ExampleMap_failures() {
	ex := newPool()
	defer ex.Close()
	invert := strategies.Kernel[int, int]{Func: func(_ context.Context, n int) (int, error) { return 12 / n, nil }}
	out, err := strategies.Map(context.Background(), ex, invert, []int{1, 0, 3}, strategies.Options{})
	var failed *strategies.JobError
	fmt.Println(out, errors.As(err, &failed), failed.Tasks[0].Task)
	// Output: [12 0 4] true 1
}

func ExampleGo() {
	ex := newPool()
	defer ex.Close()
	double := strategies.Kernel[int, int]{Func: func(_ context.Context, n int) (int, error) { return 2 * n, nil }}
	a, b := strategies.Go(context.Background(), ex, double, 20), strategies.Go(context.Background(), ex, double, 1)
	x, _ := a.Wait(context.Background())
	y, _ := b.Wait(context.Background())
	fmt.Println(x + y)
	// Output: 42
}

// Chunks save hand-overs where tasks are small. Guided ones shrink towards the end of the
// job, so that no worker is left alone with a large one.
func ExampleOptions_chunk() {
	ex := newPool()
	defer ex.Close()
	square := strategies.Kernel[int, int]{Func: func(_ context.Context, n int) (int, error) { return n * n, nil }}
	for _, chunk := range []strategies.Chunk{strategies.Fixed(2), strategies.Guided{}, strategies.Auto{}} {
		out, err := strategies.Map(context.Background(), ex, square, []int{1, 2, 3, 4}, strategies.Options{Chunk: chunk})
		fmt.Println(chunk, out, err)
	}
	// Output:
	// 2 [1 4 9 16] <nil>
	// guided [1 4 9 16] <nil>
	// auto [1 4 9 16] <nil>
}
