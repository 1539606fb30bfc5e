#!/bin/sh
# figures.sh: prints a table of a map of 100,000 trivial tasks on two workers, with payoff and with
# OpenMP, oneTBB and rayon, each next to a plain loop of the same language.
#
#   scripts/elsewhere/figures.sh [ROUNDS]     default: 21
#
# It measures all programs by turns, once in each round, and prints medians. A library whose compiler
# or files are missing has a row that says so. The first run downloads rayon from crates.io.
set -eu
rounds=${1:-21}
cd "$(dirname "$0")/../.."
here=scripts/elsewhere
bin=$PWD/bin/elsewhere
mkdir -p "$bin/rayon/src"

# build NAME COMMAND...: builds a program, or removes it and records that it is missing.
built= missing=
build() {
	name=$1
	shift
	if command -v "$1" >/dev/null && "$@" >"$bin/$name.log" 2>&1; then
		built="$built $name"
	else
		missing="$missing $name"
		echo "figures.sh: $name is left out; $1 is missing, or see $bin/$name.log" >&2
	fi
}

cat >"$bin/rayon/Cargo.toml" <<'TOML'
[package]
name = "rayon-map"
version = "0.0.0"
edition = "2021"

[dependencies]
rayon = "=1.12.0"

[workspace]
TOML
cp "$here/rayon.rs" "$bin/rayon/src/main.rs"
build openmp gcc -O2 -fopenmp -o "$bin/openmp" "$here/openmp.c"
build onetbb g++ -O2 -std=c++17 -o "$bin/onetbb" "$here/onetbb.cpp" -ltbb
build rayon cargo build --quiet --release --manifest-path "$bin/rayon/Cargo.toml" --target-dir "$bin/rayon/target"
${GO:-go} test -c -o "$bin/payoff.test" ./strategies/peers

# task NAME: prints the ns per task that BenchmarkElsewhere has measured for NAME.
task() { awk -v name="Elsewhere/$1-" 'index($1, name) { for (i = 2; i <= NF; i++) if ($i == "ns/task") print $(i-1) }'; }

samples=$bin/samples
: >"$samples"
round=0
while [ "$round" -lt "$rounds" ]; do
	for name in $built; do
		program=$bin/$name
		[ "$name" != rayon ] || program=$bin/rayon/target/release/rayon-map
		echo "$name $("$program")" >>"$samples"
	done
	own=$("$bin/payoff.test" -test.run '^$' -test.bench Elsewhere -test.benchtime 50x -test.cpu 2)
	for name in steal pool; do
		echo "$name $(echo "$own" | task direct) $(echo "$own" | task "$name")" >>"$samples"
	done
	round=$((round + 1))
done

# median COLUMN NAME
median() { awk -v name="$2" -v c="$1" '$1 == name { print c == "ratio" ? $3 / $2 : $c }' "$samples" | sort -n | awk '{ v[NR] = $1 } END { printf "%.2f", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

echo "| map, trivial | loop, ns per task | map, ns per task | map over loop |"
echo "|---|---|---|---|"
for name in steal pool openmp onetbb rayon; do
	case " $missing " in
	*" $name "*) echo "| $name | not measured |  |  |" ;;
	*) echo "| $name | $(median 2 "$name") | $(median 3 "$name") | $(median ratio "$name") |" ;;
	esac
done
