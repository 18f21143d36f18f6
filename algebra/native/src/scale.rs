//! scalar * point for many pairs in lockstep, so that doublings and additions share their inversions too.
//!
//! Each scalar is split as k = a + lambda b with a, b of half the length (the curve's endomorphism), each half into
//! signed 4-bit digits. A point costs 132 doublings, at most 66 additions and a table of eight multiples.

use crate::batch::Adder;
use crate::limbs::Point;
use crate::{Fq, Fr};
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ff::PrimeField;
use rayon::prelude::*;

const WIDTH: usize = 4;
const MULTIPLES: usize = 1 << (WIDTH - 1);
/// Halves stay below 2^127: half the sum of the two lattice vectors, 2^126.8 each way. One digit more takes the carry.
const DIGITS: usize = 128 / WIDTH + 1;

/// Pairs that go in lockstep; their tables of multiples should stay in the second-level cache.
pub const BLOCK: usize = 512;

/// Signed digits of a scalar, lowest first, for the point and for its image under the endomorphism.
#[derive(Clone, Copy)]
pub struct Split([[i8; DIGITS]; 2]);

impl Split {
    pub fn new(scalar: Fr) -> Split {
        let (a, b) = ark_bn254::g1::Config::scalar_decomposition(scalar);
        Split([a, b].map(|(positive, size)| {
            let digits = digits(size);
            if positive {
                digits
            } else {
                digits.map(|digit| -digit)
            }
        }))
    }
}

/// Digits in -7..=8 of a number below 2^128.
fn digits(size: Fr) -> [i8; DIGITS] {
    let limbs = size.into_bigint().0;
    debug_assert!(limbs[2] == 0 && limbs[3] == 0);
    let number = u128::from(limbs[0]) | u128::from(limbs[1]) << 64;
    let mut carry = 0;
    std::array::from_fn(|index| {
        let window = if index * WIDTH < 128 { (number >> (index * WIDTH)) as i8 & 15 } else { 0 };
        let digit = window + carry;
        carry = i8::from(digit > MULTIPLES as i8);
        digit - (carry << WIDTH)
    })
}

/// points[i] *= scalars[i], on this thread. At most `BLOCK` at a time is best.
pub fn scale_block(points: &mut [Point], scalars: &[&Split]) {
    let count = points.len();
    let mut adder = Adder::default();
    // multiples[m * count + i] = (m + 1) * points[i]
    let mut multiples = vec![Point::INFINITY; MULTIPLES * count];
    multiples[..count].copy_from_slice(points);
    for m in 1..MULTIPLES {
        for i in 0..count {
            adder.push(multiples[(m - 1) * count + i], points[i], m * count + i, &mut multiples);
        }
        adder.flush(&mut multiples);
    }
    let endomorphism: Fq = ark_bn254::g1::Config::ENDO_COEFFS[0];
    points.fill(Point::INFINITY);
    for position in (0..DIGITS).rev() {
        if position + 1 < DIGITS {
            for _ in 0..WIDTH {
                for i in 0..count {
                    adder.push(points[i], points[i], i, points);
                }
                adder.flush(points);
            }
        }
        for half in 0..2 {
            for (i, split) in scalars.iter().enumerate() {
                let digit = split.0[half][position];
                if digit == 0 {
                    continue;
                }
                let mut multiple = multiples[(usize::from(digit.unsigned_abs()) - 1) * count + i];
                if half == 1 {
                    multiple.x *= endomorphism;
                }
                if digit < 0 {
                    multiple = multiple.negate();
                }
                adder.push(points[i], multiple, i, points);
            }
            adder.flush(points);
        }
    }
}

/// points[i] *= scalar for all.
pub fn scale_all(points: &mut [Point], scalar: Fr) {
    let split = Split::new(scalar);
    points.par_chunks_mut(BLOCK).for_each(|chunk| scale_block(chunk, &vec![&split; chunk.len()]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{AdditiveGroup, Field, One};

    fn value(digits: &[i8; DIGITS]) -> Fr {
        let base = Fr::from(1u64 << WIDTH);
        digits.iter().rev().fold(Fr::ZERO, |sum, &digit| sum * base + Fr::from(digit))
    }

    #[test]
    fn halves_recombine() {
        let mut scalar = Fr::from(3u64);
        let mut scalars = vec![Fr::ZERO, Fr::one(), -Fr::one(), ark_bn254::g1::Config::LAMBDA];
        scalars.extend((0..500).map(|_| {
            scalar = scalar.square() + Fr::one();
            scalar
        }));
        for scalar in scalars {
            let Split([a, b]) = Split::new(scalar);
            assert_eq!(value(&a) + ark_bn254::g1::Config::LAMBDA * value(&b), scalar);
            assert!(a.iter().chain(&b).all(|digit| digit.unsigned_abs() as usize <= MULTIPLES));
        }
    }

    #[test]
    fn digits_reach_every_bit() {
        for size in [u128::MAX, 1 << 127, (1 << 127) - 1, 0x8888_8888_8888_8888_8888_8888_8888_8888, 0] {
            assert_eq!(value(&digits(Fr::from(size))), Fr::from(size));
        }
    }
}
