//! Eight field elements at once, on whichever vector instructions the CPU has; found at run time.
//!
//! Two sets of instructions show one face, so that each kernel is written once and stamped for
//! both: `ifma` (AVX-512 IFMA, limbs of 52 bits) and `avx2` (AVX2 and FMA, limbs of 51 bits,
//! products in doubles). In memory elements stay in arkworks' form x * 2^256; a product of lanes
//! divides by 2^260 or 2^255, so one factor has to make up for it: constants are prepared with
//! `factor`, variables pass through `shifted`. Elements that only meet such factors keep the form
//! of memory.
//!
//! # Safety
//! Everything marked `target_feature` may run only where `instructions()` names its set.

use crate::{Fq, Fr};
use ark_ff::{BigInt, MontConfig, PrimeField};
use std::sync::atomic::{AtomicU8, Ordering};

/// Elements that go side by side.
pub const LANES: usize = 8;

/// Loads and stores that are the same text for every set, over its `load_strided` and
/// `store_strided`.
#[cfg(target_arch = "x86_64")]
macro_rules! memory {
    ($features:literal) => {
        /// Eight consecutive elements.
        #[inline]
        #[target_feature(enable = $features)]
        pub fn load<F: Prime>(source: &[F; LANES]) -> Lanes {
            // SAFETY: eight elements of four words each lie at the reference.
            unsafe { load_strided(source.as_ptr().cast(), 4) }
        }

        /// Eight elements to consecutive places.
        #[inline]
        #[target_feature(enable = $features)]
        pub fn store<F: Prime>(x: &Lanes, target: &mut [F; LANES]) {
            let start: *mut u64 = target.as_mut_ptr().cast();
            // SAFETY: eight elements of four words each lie at the reference.
            unsafe { store_strided(x, |k| start.add(4 * k)) }
        }

        /// x and y of eight points.
        #[inline]
        #[target_feature(enable = $features)]
        pub fn load_points(source: &[Point; LANES]) -> (Lanes, Lanes) {
            let start: *const u64 = source.as_ptr().cast();
            // SAFETY: eight points of eight words each lie at the reference; y begins at word four.
            unsafe { (load_strided(start, 8), load_strided(start.add(4), 8)) }
        }

        /// Eight points from their x and y.
        #[inline]
        #[target_feature(enable = $features)]
        pub fn store_points(x: &Lanes, y: &Lanes, target: &mut [Point; LANES]) {
            let start: *mut u64 = target.as_mut_ptr().cast();
            // SAFETY: as in `load_points`.
            unsafe {
                store_strided(x, |k| start.add(8 * k));
                store_strided(y, |k| start.add(8 * k + 4));
            }
        }

        /// Eight elements, each to its own address.
        ///
        /// # Safety
        /// Every address holds four words that nothing else touches.
        #[inline]
        #[target_feature(enable = $features)]
        pub unsafe fn scatter(x: &Lanes, target: impl Fn(usize) -> *mut u64) {
            store_strided(x, target);
        }

        /// One element in every lane.
        #[inline]
        #[target_feature(enable = $features)]
        pub fn splat<F: Prime>(value: F) -> Lanes {
            load(&[value; LANES])
        }

        /// A constant factor for `multiply`.
        #[inline]
        #[target_feature(enable = $features)]
        pub fn factor<F: Prime>(value: F) -> Lanes {
            splat(value * to_factor::<F>())
        }

        /// Up to eight elements, the rest zeros.
        #[inline]
        #[target_feature(enable = $features)]
        pub fn load_some<F: Prime>(source: &[F]) -> Lanes {
            match source.first_chunk::<LANES>() {
                Some(all) => load(all),
                None => {
                    let mut padded = [F::zero(); LANES];
                    padded[..source.len()].copy_from_slice(source);
                    load(&padded)
                }
            }
        }

        /// The first `target.len()` (at most eight) lanes.
        #[inline]
        #[target_feature(enable = $features)]
        pub fn store_some<F: Prime>(x: &Lanes, target: &mut [F]) {
            match target.first_chunk_mut::<LANES>() {
                Some(all) => store(x, all),
                None => {
                    let mut padded = [F::zero(); LANES];
                    store(x, &mut padded);
                    target.copy_from_slice(&padded[..target.len()]);
                }
            }
        }
    };
}
#[cfg(target_arch = "x86_64")]
use memory;

#[cfg(target_arch = "x86_64")]
pub mod avx2;
#[cfg(target_arch = "x86_64")]
pub mod ifma;

/// Sets of vector instructions, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Instructions {
    /// None: what arkworks has.
    Plain,
    /// AVX2 and FMA.
    Avx2,
    /// AVX-512 F and IFMA.
    Ifma,
}

impl Instructions {
    /// All of them, in that order.
    pub const ALL: [Instructions; 3] =
        [Instructions::Plain, Instructions::Avx2, Instructions::Ifma];

    /// As `TIERPROOF_VECTORS` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Instructions::Plain => "plain",
            Instructions::Avx2 => "avx2",
            Instructions::Ifma => "ifma",
        }
    }
}

/// What this CPU has, but no more than `TIERPROOF_VECTORS` (plain, avx2, ifma) allows: the tests
/// compare all.
pub fn instructions() -> Instructions {
    /// Place in `ALL`; past its end, nobody has looked yet. Threads that come at once find the
    /// same.
    static CHOSEN: AtomicU8 = AtomicU8::new(u8::MAX);
    if let Some(&known) = Instructions::ALL.get(usize::from(CHOSEN.load(Ordering::Relaxed))) {
        return known;
    }
    let wanted = std::env::var("TIERPROOF_VECTORS").unwrap_or_default();
    let named = Instructions::ALL.into_iter().find(|set| set.name() == wanted);
    let chosen = present().min(named.unwrap_or(Instructions::Ifma));
    CHOSEN.store(chosen as u8, Ordering::Relaxed);
    chosen
}

/// The best set of this CPU.
pub fn present() -> Instructions {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma") {
            return Instructions::Ifma;
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return Instructions::Avx2;
        }
    }
    Instructions::Plain
}

/// `Some` of what `kernels::function(..)` gives on the chosen instructions, `None` where the plain
/// code has to run.
macro_rules! in_lanes {
    ($kernels:ident :: $function:ident ( $($argument:expr),* $(,)? )) => {{
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `instructions` has found them.
        let result = match $crate::lanes::instructions() {
            $crate::lanes::Instructions::Ifma => {
                Some(unsafe { $kernels::ifma::$function($($argument),*) })
            }
            $crate::lanes::Instructions::Avx2 => {
                Some(unsafe { $kernels::avx2::$function($($argument),*) })
            }
            $crate::lanes::Instructions::Plain => None,
        };
        #[cfg(not(target_arch = "x86_64"))]
        let result = None;
        result
    }};
}
pub(crate) use in_lanes;

/// Stamp a macro of kernels, which takes the module of lanes and its features, for every set.
macro_rules! for_all_lanes {
    ($kernels:ident) => {
        #[cfg(target_arch = "x86_64")]
        pub mod ifma {
            $kernels!(ifma, "avx512f,avx512ifma");
        }
        #[cfg(target_arch = "x86_64")]
        pub mod avx2 {
            $kernels!(avx2, "avx2,fma");
        }
    };
}
pub(crate) use for_all_lanes;

/// A prime of 254 bits, as the lanes need it.
pub trait Prime: PrimeField {
    /// p, lowest word first.
    const WORDS: [u64; 4];
    /// -1 / p mod 2^64.
    const NEGATIVE_INVERSE: u64;
    /// 1/2.
    const HALF: Self;
}
impl Prime for Fr {
    const WORDS: [u64; 4] = <Fr as PrimeField>::MODULUS.0;
    const NEGATIVE_INVERSE: u64 = <ark_bn254::FrConfig as MontConfig<4>>::INV;
    const HALF: Fr = Fr::new(one_more(<Fr as PrimeField>::MODULUS_MINUS_ONE_DIV_TWO));
}
impl Prime for Fq {
    const WORDS: [u64; 4] = <Fq as PrimeField>::MODULUS.0;
    const NEGATIVE_INVERSE: u64 = <ark_bn254::FqConfig as MontConfig<4>>::INV;
    const HALF: Fq = Fq::new(one_more(<Fq as PrimeField>::MODULUS_MINUS_ONE_DIV_TWO));
}

/// x + 1, where that carries nothing out of the first word.
const fn one_more(x: BigInt<4>) -> BigInt<4> {
    BigInt([x.0[0] + 1, x.0[1], x.0[2], x.0[3]])
}

/// A number in five limbs of `BITS` bits.
#[cfg(target_arch = "x86_64")]
const fn split<const BITS: u32>(x: [u64; 4]) -> [u64; 5] {
    let mask = (1 << BITS) - 1;
    [
        x[0] & mask,
        (x[0] >> BITS | x[1] << (64 - BITS)) & mask,
        (x[1] >> (2 * BITS - 64) | x[2] << (128 - 2 * BITS)) & mask,
        (x[2] >> (3 * BITS - 128) | x[3] << (192 - 3 * BITS)) & mask,
        x[3] >> (4 * BITS - 192),
    ]
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    /// Numbers around zero, the modulus, its half and the limb borders, and pseudo-random ones.
    fn samples<F: Prime>() -> Vec<F> {
        let mut samples: Vec<F> =
            (0..4).map(F::from).flat_map(|small: F| [small, -small]).collect();
        for bit in [50, 51, 52, 53, 63, 64, 101, 102, 103, 104, 128, 153, 156, 204, 208, 252, 253] {
            let power = F::from(2u64).pow([bit]);
            samples.extend([power, power - F::one(), power + F::one(), -power]);
        }
        // The same numbers as they lie in memory, so that limbs are all zeros and all ones.
        let lower = F::from(2u64).pow([256]).inverse().unwrap_or(F::zero());
        samples.extend(samples.clone().into_iter().map(|sample| sample * lower));
        samples.extend([F::HALF, F::HALF - F::one()]);
        let mut next = F::from(0x9e37_79b9_7f4a_7c15u64);
        samples.extend((0..64).map(|_| {
            next = next.square() + F::from(7u64);
            next
        }));
        samples
    }

    macro_rules! checks {
        ($lanes:ident, $features:literal) => {
            use super::*;
            use crate::lanes::$lanes::{self as simd, Lanes};

            #[target_feature(enable = $features)]
            pub fn agrees<F: Prime>() {
                let samples = samples::<F>();
                for &a in &samples {
                    for eight in samples.chunks(LANES) {
                        let (left, right) = (simd::splat(a), simd::load_some(eight));
                        let check = |name: &str, lanes: Lanes, plain: &dyn Fn(F) -> F| {
                            let mut got = [F::zero(); LANES];
                            simd::store(&lanes, &mut got);
                            for (got, &b) in got.iter().zip(eight) {
                                assert!(*got == plain(b), "{name}: {a} and {b}");
                            }
                        };
                        check("add", simd::add::<F>(&left, &right), &|b| a + b);
                        check("subtract", simd::subtract::<F>(&left, &right), &|b| a - b);
                        check("product", simd::product::<F>(&left, &right), &|b| a * b);
                        check("factor", simd::multiply::<F>(&simd::factor(a), &right), &|b| a * b);
                        let factors =
                            simd::multiply::<F>(&simd::shifted::<F>(&left), &simd::factor(F::HALF));
                        check("factors", simd::multiply::<F>(&factors, &right), &|b| {
                            a * F::HALF * b
                        });
                        let difference = simd::loose_difference::<F>(&left, &right);
                        check("loose", simd::multiply::<F>(&simd::factor(a), &difference), &|b| {
                            a * (a - b)
                        });
                        let shifted = simd::shifted::<F>(&left);
                        check("loose, shifted", simd::multiply::<F>(&shifted, &difference), &|b| {
                            a * (a - b)
                        });
                        for (lane, b) in eight.iter().enumerate() {
                            assert_eq!(simd::is_zero(&right) >> lane & 1 == 1, b.is_zero());
                        }
                        for mask in [0u8, 1, 0x80, 0x5a, 0xff] {
                            let chosen = simd::select(mask, &left, &right);
                            let mut got = [F::zero(); LANES];
                            simd::store(&chosen, &mut got);
                            for (lane, (got, &b)) in got.iter().zip(eight).enumerate() {
                                assert!(
                                    *got == if mask >> lane & 1 == 1 { b } else { a },
                                    "select"
                                );
                            }
                        }
                    }
                }
            }

            #[target_feature(enable = $features)]
            pub fn transposes() {
                let value =
                    |row: usize, lane: usize| Fr::from((100 * row + lane) as u64) * Fr::HALF;
                let mut rows: [Lanes; LANES] = std::array::from_fn(|row| {
                    simd::load::<Fr>(&std::array::from_fn(|lane| value(row, lane)))
                });
                simd::transpose(&mut rows);
                for (row, lanes) in rows.iter().enumerate() {
                    let mut got = [Fr::default(); LANES];
                    simd::store(lanes, &mut got);
                    assert_eq!(got, std::array::from_fn(|lane| value(lane, row)));
                }
            }
        };
    }
    for_all_lanes!(checks);

    #[test]
    fn lanes_agree_with_arkworks() {
        // SAFETY: `present` has found the instructions.
        unsafe {
            if present() >= Instructions::Ifma {
                ifma::agrees::<Fr>();
                ifma::agrees::<Fq>();
                ifma::transposes();
            }
            if present() >= Instructions::Avx2 {
                avx2::agrees::<Fr>();
                avx2::agrees::<Fq>();
                avx2::transposes();
            }
        }
    }
}
