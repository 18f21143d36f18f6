//! scalar * point for many pairs in lockstep, so that doublings and additions share their
//! inversions too.
//!
//! Each scalar is split as k = a + lambda b with a, b of half the length (the curve's
//! endomorphism), each half into signed 4-bit digits. A point costs 132 doublings, at most 66
//! additions and a table of eight multiples.

use crate::batch::Adder;
use crate::error::{check_length, Result};
use crate::limbs::Point;
use crate::pool::Spread;
use crate::{msm, Fq, Fr};
use ark_bn254::G1Projective;
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, PrimeField, Zero};
use rayon::prelude::*;

const WIDTH: usize = 4;
const MULTIPLES: usize = 1 << (WIDTH - 1);
/// Halves stay below 2^127: half the sum of the two lattice vectors, 2^126.8 each way. One digit
/// more takes the carry.
const DIGITS: usize = 128 / WIDTH + 1;

/// Up to here one chain of doublings is quicker than buckets.
const FEW: usize = 64;

/// Pairs that go in lockstep; their tables of multiples should stay in the second-level cache.
pub(crate) const BLOCK: usize = 512;

/// Signed digits of a scalar, lowest first, for the point and for its image under the endomorphism.
#[derive(Clone, Copy)]
pub(crate) struct Split([[i8; DIGITS]; 2]);

impl Split {
    pub(crate) fn new(scalar: Fr) -> Split {
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

/// The first `MULTIPLES` multiples of points, for the digits of a `Split`.
struct Table {
    /// multiples[m * count + i] = (m + 1) * points[i]
    multiples: Vec<Point>,
    count: usize,
    endomorphism: Fq,
}

impl Table {
    fn new(points: &[Point], adder: &mut Adder) -> Table {
        let count = points.len();
        let mut multiples = vec![Point::INFINITY; MULTIPLES * count];
        multiples[..count].copy_from_slice(points);
        for m in 1..MULTIPLES {
            for i in 0..count {
                adder.push(
                    multiples[(m - 1) * count + i],
                    points[i],
                    m * count + i,
                    &mut multiples,
                );
            }
            adder.flush(&mut multiples);
        }
        Table { multiples, count, endomorphism: ark_bn254::g1::Config::ENDO_COEFFS[0] }
    }

    /// digit * points[i] for half 0, digit * lambda * points[i] for half 1; `digit` is not zero.
    #[inline(always)]
    fn multiple(&self, i: usize, half: usize, digit: i8) -> Point {
        let mut multiple = self.multiples[(usize::from(digit.unsigned_abs()) - 1) * self.count + i];
        if half == 1 {
            multiple.x *= self.endomorphism;
        }
        if digit < 0 {
            multiple = multiple.negate();
        }
        multiple
    }
}

/// points[i] *= scalars[i], on this thread. At most `BLOCK` at a time is best.
pub(crate) fn scale_block(points: &mut [Point], scalars: &[&Split]) {
    let count = points.len();
    let mut adder = Adder::default();
    let table = Table::new(points, &mut adder);
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
                if digit != 0 {
                    adder.push(points[i], table.multiple(i, half, digit), i, points);
                }
            }
            adder.flush(points);
        }
    }
}

/// points[i] *= scalar for all.
pub(crate) fn scale_all(points: &mut [Point], scalar: Fr) {
    let split = Split::new(scalar);
    points.par_chunks_mut(BLOCK).each(|chunk| scale_block(chunk, &vec![&split; chunk.len()]));
}

/// sum scalars[i] * points[i]: for a few points (a verifier's sum) all share one chain of
/// doublings, on this thread; for more, buckets on all threads are quicker. `Error::Length` unless
/// each point has its scalar.
pub fn scaled_sum(points: &[Point], scalars: &[Fr]) -> Result<Point> {
    check_length("scalars", points.len(), scalars.len())?;
    if points.len() > FEW {
        return msm::msm(points, scalars);
    }
    let splits: Vec<Split> = scalars.iter().map(|&scalar| Split::new(scalar)).collect();
    let table = Table::new(points, &mut Adder::default());
    let mut total = G1Projective::zero();
    for position in (0..DIGITS).rev() {
        (0..WIDTH).for_each(|_| {
            total.double_in_place();
        });
        for (i, split) in splits.iter().enumerate() {
            for half in 0..2 {
                let digit = split.0[half][position];
                if digit != 0 {
                    total += table.multiple(i, half, digit).to_ark();
                }
            }
        }
    }
    Ok(Point::from_ark(total.into_affine()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{Field, One};

    fn powers(base: Fr, start: Fr, length: usize) -> Vec<Fr> {
        crate::vector::powers(base, start, length).unwrap()
    }

    #[test]
    fn sums_agree_with_buckets() {
        let points = crate::group::fixed_base(&powers(Fr::from(3u64), Fr::one(), FEW + 2)).unwrap();
        let mut scalars = powers(Fr::from(7u64), -Fr::one(), FEW + 2);
        scalars[1] = Fr::ZERO;
        for count in [0, 1, 2, 7, 8, 9, 17, FEW, FEW + 1, FEW + 2] {
            let (points, scalars) = (&points[..count], &scalars[..count]);
            assert_eq!(
                scaled_sum(points, scalars).unwrap(),
                msm::msm(points, scalars).unwrap(),
                "{count} points"
            );
        }
        let pair = [points[1], points[1].negate(), Point::INFINITY];
        assert!(scaled_sum(&pair, &[scalars[0]; 3]).unwrap().is_infinity());
        let twice = scaled_sum(&points[..1], &[Fr::from(2u64)]).unwrap();
        assert_eq!(scaled_sum(&[points[0]; 2], &[-Fr::one(), Fr::from(3u64)]).unwrap(), twice);
    }

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
        for size in
            [u128::MAX, 1 << 127, (1 << 127) - 1, 0x8888_8888_8888_8888_8888_8888_8888_8888, 0]
        {
            assert_eq!(value(&digits(Fr::from(size))), Fr::from(size));
        }
    }
}
