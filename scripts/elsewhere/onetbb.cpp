// Measures the map of figures.sh with oneTBB. Prints the ns per task of a loop and of the map.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <oneapi/tbb.h>
#include <vector>

constexpr int n = 100000, repeats = 50;

static std::vector<int64_t> in(n), out(n);

__attribute__((noinline)) static int64_t twice(int64_t v) { return 2 * v; }
static int64_t (*volatile task)(int64_t) = twice; // called through a pointer, as a library calls a task

static void loop() {
	auto f = task;
	for (int i = 0; i < n; i++) out[i] = f(in[i]);
}

static void map() {
	auto f = task;
	tbb::parallel_for(tbb::blocked_range<int>(0, n), [f](const tbb::blocked_range<int>& r) {
		for (int i = r.begin(); i < r.end(); i++) out[i] = f(in[i]);
	});
}

static double measure(void (*run)()) {
	using clock = std::chrono::steady_clock;
	run();
	auto began = clock::now();
	for (int r = 0; r < repeats; r++) run();
	std::chrono::duration<double, std::nano> took = clock::now() - began;
	for (int i = 0; i < n; i++)
		if (out[i] != 2 * in[i]) return -1;
	return took.count() / repeats / n;
}

int main() {
	tbb::global_control two(tbb::global_control::max_allowed_parallelism, 2);
	for (int i = 0; i < n; i++) in[i] = i;
	double direct = measure(loop), mapped = measure(map);
	if (direct < 0 || mapped < 0) return 1;
	std::printf("%.3f %.3f\n", direct, mapped);
}
