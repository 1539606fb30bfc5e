// Measures the map of figures.sh with rayon. Prints the ns per task of a loop and of the map.
use rayon::prelude::*;
use std::hint::black_box;
use std::time::Instant;

const N: usize = 100_000;
const REPEATS: u32 = 50;

#[inline(never)]
fn twice(v: i64) -> i64 {
    2 * v
}

fn measure(input: &[i64], out: &mut [i64], run: impl Fn(&[i64], &mut [i64])) -> f64 {
    run(input, out);
    let began = Instant::now();
    for _ in 0..REPEATS {
        run(input, out);
    }
    let took = began.elapsed();
    assert!(input.iter().zip(out.iter()).all(|(v, o)| 2 * v == *o));
    took.as_nanos() as f64 / REPEATS as f64 / N as f64
}

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().unwrap();
    let input: Vec<i64> = (0..N as i64).collect();
    let mut out = vec![0; N];
    let task: fn(i64) -> i64 = black_box(twice); // called through a pointer, as a library calls a task
    let direct = measure(&input, &mut out, |input, out| {
        for (o, v) in out.iter_mut().zip(input) {
            *o = task(*v);
        }
    });
    let mapped = measure(&input, &mut out, |input, out| {
        out.par_iter_mut().zip(input).for_each(|(o, v)| *o = task(*v));
    });
    println!("{direct:.3} {mapped:.3}");
}
