// Measures the map of figures.sh with OpenMP. Prints the ns per task of a loop and of the map.
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum { n = 100000, repeats = 50 };

static int64_t in[n], out[n];

__attribute__((noinline)) static int64_t twice(int64_t v) { return 2 * v; }
static int64_t (*volatile task)(int64_t) = twice; // called through a pointer, as a library calls a task

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e9 * t.tv_sec + t.tv_nsec;
}

static void loop(void) {
	int64_t (*f)(int64_t) = task;
	for (int i = 0; i < n; i++) out[i] = f(in[i]);
}

static void map(void) {
	int64_t (*f)(int64_t) = task;
#pragma omp parallel for schedule(static) num_threads(2)
	for (int i = 0; i < n; i++) out[i] = f(in[i]);
}

static double measure(void (*run)(void)) {
	run();
	double began = now();
	for (int r = 0; r < repeats; r++) run();
	double each = (now() - began) / repeats / n;
	for (int i = 0; i < n; i++)
		if (out[i] != 2 * in[i]) return -1;
	return each;
}

int main(void) {
	for (int i = 0; i < n; i++) in[i] = i;
	double direct = measure(loop), mapped = measure(map);
	if (direct < 0 || mapped < 0) return 1;
	printf("%.3f %.3f\n", direct, mapped);
}
