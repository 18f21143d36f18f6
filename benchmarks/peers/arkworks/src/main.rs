//! `tierproof-peer-arkworks LOG RUNS`: one multi-scalar multiplication of full width and one FFT of 2^LOG over BN254, on all
//! cores, as JSON on stdout.

use std::time::Instant;

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{scalar_mul::BatchMulPreprocessing, CurveGroup, PrimeGroup, VariableBaseMSM};
use ark_ff::UniformRand;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};

/// Seconds, best and median, of `runs` runs after one that is not counted.
fn measured(runs: usize, mut work: impl FnMut()) -> String {
    work();
    let mut seconds: Vec<f64> = (0..runs)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    format!(
        "{{\"seconds\": {}, \"median_seconds\": {}, \"runs\": {runs}}}",
        seconds[0],
        seconds[runs / 2]
    )
}

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    let [log, runs] = numbers[..] else {
        eprintln!(
            "usage: tierproof-peer-arkworks LOG RUNS (log2 of the size, 1 to 24; measured runs)"
        );
        std::process::exit(2);
    };
    if !(1..=24).contains(&log) || runs == 0 {
        eprintln!("LOG: 1 to 24, RUNS: at least 1; got {log} and {runs}");
        std::process::exit(2);
    }
    let size = 1usize << log;
    let random = &mut ark_std::test_rng();
    let scalars: Vec<Fr> = (0..size).map(|_| Fr::rand(random)).collect();
    let generator = G1Projective::generator();
    let bases: Vec<G1Affine> = BatchMulPreprocessing::new(generator, size).batch_mul(&scalars);
    let mut sum = G1Projective::default();
    let msm = measured(runs, || {
        sum += G1Projective::msm_unchecked(&bases, &scalars)
    });
    let domain =
        Radix2EvaluationDomain::<Fr>::new(size).expect("a power of two below 2^28 has a domain");
    let mut values = scalars;
    let ntt = measured(runs, || domain.fft_in_place(&mut values));
    // printed so that no run can be left out by the compiler
    eprintln!("{:?} {:?}", sum.into_affine().x, values[0]);
    println!("{{\"msm\": {msm}, \"ntt\": {ntt}}}");
}
