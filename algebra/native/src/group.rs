//! Setup work in G1: multiples of the generator, and the inverse Fourier transform of points.

use crate::batch::Adder;
use crate::error::{check_domain, Result};
use crate::limbs::{Point, GRAIN};
use crate::msm::normalise;
use crate::ntt::twiddles;
use crate::{Fq, Fr};
use ark_bn254::G1Projective;
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, Field, One, PrimeField, Zero};
use rayon::prelude::*;

const GENERATOR_Y: u64 = 2;
const BITS: usize = 254;

/// Multiples 1..2^width - 1 of 2^(width * window) * G, one row a window.
fn generator_table(width: usize) -> Vec<Vec<Point>> {
    let generator = Point { x: Fq::one(), y: Fq::from(GENERATOR_Y) };
    let mut base = G1Projective::from(generator.to_ark());
    let bases: Vec<G1Projective> = (0..BITS.div_ceil(width))
        .map(|_| {
            let current = base;
            (0..width).for_each(|_| {
                base.double_in_place();
            });
            current
        })
        .collect();
    bases
        .par_iter()
        .map(|base| {
            let step = base.into_affine();
            let mut value = G1Projective::zero();
            let multiples: Vec<G1Projective> = (1..1 << width)
                .map(|_| {
                    value += step;
                    value
                })
                .collect();
            normalise(&multiples)
        })
        .collect()
}

/// scalars[i] * G: one table entry a window, added for a block of scalars at a time.
pub fn fixed_base(scalars: &[Fr]) -> Vec<Point> {
    if scalars.is_empty() {
        return Vec::new();
    }
    // A table costs 254 / width * 2^width additions; it should stay below the work that it saves.
    let width = match scalars.len() {
        0..=63 => 4,
        64..=4095 => 6,
        4096..=65535 => 9,
        _ => 12,
    };
    let table = generator_table(width);
    let mut out = vec![Point::INFINITY; scalars.len()];
    out.par_chunks_mut(GRAIN).zip(scalars.par_chunks(GRAIN)).for_each(|(out, scalars)| {
        let numbers: Vec<[u64; 4]> = scalars.iter().map(|scalar| scalar.into_bigint().0).collect();
        let mut adder = Adder::default();
        for (window, multiples) in table.iter().enumerate() {
            for (index, number) in numbers.iter().enumerate() {
                let digit = extract(number, window * width, width);
                if digit != 0 {
                    adder.push(out[index], multiples[digit - 1], index, out);
                }
            }
            adder.flush(out);
        }
    });
    out
}

fn extract(number: &[u64; 4], start: usize, width: usize) -> usize {
    let (limb, shift) = (start / 64, start % 64);
    let mut value = number[limb] >> shift;
    if shift + width > 64 && limb < 3 {
        value |= number[limb + 1] << (64 - shift);
    }
    (value & ((1 << width) - 1)) as usize
}

/// From [a_i] to [n^-1 sum_j w^(-ij) a_j], natural order in and out.
pub fn group_interpolate(points: &[Point]) -> Result<Vec<Point>> {
    let size = points.len();
    let log = check_domain("points", size)?;
    let table = twiddles(size);
    let mut values: Vec<G1Projective> =
        points.par_iter().with_min_len(GRAIN).map(|point| G1Projective::from(point.to_ark())).collect();
    let mut half = size / 2;
    while half > 0 {
        let level = &table[half..(2 * half).min(table.len())];
        values.par_chunks_exact_mut(2 * half).for_each(|block| {
            let (low, high) = block.split_at_mut(half);
            low.par_iter_mut().zip(high).zip(level).for_each(|((a, b), w)| {
                let difference = *a - *b;
                *a += *b;
                *b = if w.is_one() { difference } else { difference * w };
            });
        });
        half /= 2;
    }
    let inverse = Fr::from(size as u64).inverse().unwrap_or(Fr::ZERO);
    let shift = usize::BITS - log;
    let place = |index: usize| if log == 0 { 0 } else { index.reverse_bits() >> shift };
    // The inverse transform is the forward one read at index -i.
    let scaled: Vec<G1Projective> =
        (0..size).into_par_iter().map(|index| values[place((size - index) % size)] * inverse).collect();
    Ok(normalise(&scaled))
}
