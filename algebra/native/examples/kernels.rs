//! Times of single operations on one thread: `cargo run --release --example kernels`.

use _native::batch::segment_sums;
#[cfg(target_arch = "x86_64")]
use _native::lanes::{self, Instructions};
use _native::limbs::Point;
use _native::{group, vector, Fq, Fr};
use std::hint::black_box;
use std::time::Instant;

fn time(name: &str, operations: usize, mut work: impl FnMut()) {
    work();
    let best = (0..5).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    });
    let best = best.fold(f64::INFINITY, f64::min);
    println!("{name:36} {:9.2} ns", best / operations as f64 * 1e9);
}

fn main() {
    let count = 1 << 14;
    let scalars = vector::powers(Fr::from(7u64), Fr::from(3u64), count).expect("memory");
    let points: Vec<Point> = group::fixed_base(&scalars).expect("memory");
    let numbers: Vec<Fq> = points.iter().map(|point| point.x).collect();
    let mut out = numbers.clone();
    time("multiply (arkworks)", count, || out.iter_mut().zip(&numbers).for_each(|(a, b)| *a *= *b));
    time("add (arkworks)", count, || out.iter_mut().zip(&numbers).for_each(|(a, b)| *a += *b));
    time("inverse (arkworks)", 64, || {
        numbers[..64].iter().for_each(|a| {
            black_box(ark_ff::Field::inverse(a));
        });
    });
    #[cfg(target_arch = "x86_64")]
    // SAFETY: `present` has found the instructions.
    unsafe {
        if lanes::present() >= Instructions::Avx2 {
            avx2(&numbers);
        }
        if lanes::present() >= Instructions::Ifma {
            ifma(&numbers);
        }
    }
    let lengths = vec![16u32; count / 16];
    time("affine addition, batched", count / 16 * 15, || {
        black_box(segment_sums(&lengths, |index| points[index])).expect("memory");
    });
}

#[cfg(target_arch = "x86_64")]
macro_rules! eights {
    ($lanes:ident, $features:literal) => {
        #[target_feature(enable = $features)]
        fn $lanes(numbers: &[Fq]) {
            use _native::lanes::$lanes::{self as simd, Lanes};
            let lanes: Vec<Lanes> =
                numbers.as_chunks().0.iter().map(|eight| simd::load(eight)).collect();
            let mut out = lanes.clone();
            let count = numbers.len();
            time(concat!("multiply, ", stringify!($lanes), ""), count, || {
                for (a, b) in out.iter_mut().zip(&lanes) {
                    *a = simd::multiply::<Fq>(a, b);
                }
            });
            time(concat!("product, ", stringify!($lanes), ""), count, || {
                for (a, b) in out.iter_mut().zip(&lanes) {
                    *a = simd::product::<Fq>(a, b);
                }
            });
            time(concat!("add, ", stringify!($lanes), ""), count, || {
                for (a, b) in out.iter_mut().zip(&lanes) {
                    *a = simd::add::<Fq>(a, b);
                }
            });
            time(concat!("subtract, ", stringify!($lanes), ""), count, || {
                for (a, b) in out.iter_mut().zip(&lanes) {
                    *a = simd::subtract::<Fq>(a, b);
                }
            });
            time(concat!("multiply, ", stringify!($lanes), ", one chain"), count, || {
                let mut product = lanes[0];
                for b in &lanes {
                    product = simd::multiply::<Fq>(&product, b);
                }
                black_box(product);
            });
            let mut memory = numbers.to_vec();
            time(concat!("load and store, ", stringify!($lanes), ""), count, || {
                for slot in memory.as_chunks_mut().0 {
                    let lanes = simd::load(slot);
                    simd::store(&lanes, slot);
                }
            });
        }
    };
}
#[cfg(target_arch = "x86_64")]
eights!(avx2, "avx2,fma");
#[cfg(target_arch = "x86_64")]
eights!(ifma, "avx512f,avx512ifma");
