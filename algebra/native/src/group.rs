//! Setup work in G1: multiples of the generator, and the inverse Fourier transform of points.

use crate::batch::Adder;
use crate::error::{check_domain, Result};
use crate::limbs::{Point, GRAIN};
use crate::memory::{collected, copied, filled, room};
use crate::msm::normalise;
use crate::ntt::twiddles;
use crate::pool::{run, Spread};
use crate::scale::{scale_all, scale_block, Split, BLOCK};
use crate::{Fq, Fr};
use ark_bn254::G1Projective;
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, Field, One, PrimeField, Zero};
use rayon::prelude::*;

const GENERATOR_Y: u64 = 2;
const BITS: usize = 254;

/// Multiples 1..2^width - 1 of 2^(width * window) * G, one row a window.
fn generator_table(width: usize) -> Result<Vec<Vec<Point>>> {
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
    let row = |base: &G1Projective| -> Result<Vec<Point>> {
        let step = base.into_affine();
        let mut value = G1Projective::zero();
        let mut multiples = room((1 << width) - 1)?;
        multiples.extend((1..1 << width).map(|_| {
            value += step;
            value
        }));
        normalise(&multiples)
    };
    bases.par_iter().map(row).gather()?.into_iter().collect()
}

/// scalars[i] * G: one table entry a window, added for a block of scalars at a time.
pub fn fixed_base(scalars: &[Fr]) -> Result<Vec<Point>> {
    if scalars.is_empty() {
        return Ok(Vec::new());
    }
    run(true, || multiples_of_generator(scalars))
}

fn multiples_of_generator(scalars: &[Fr]) -> Result<Vec<Point>> {
    // A table costs 254 / width * 2^width additions; it should stay below the work that it saves.
    let width = match scalars.len() {
        0..=63 => 4,
        64..=4095 => 6,
        4096..=65535 => 9,
        _ => 12,
    };
    let table = generator_table(width)?;
    let mut out = filled(Point::INFINITY, scalars.len())?;
    out.par_chunks_mut(GRAIN).zip(scalars.par_chunks(GRAIN)).each(|(out, scalars)| {
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
    Ok(out)
}

fn extract(number: &[u64; 4], start: usize, width: usize) -> usize {
    let (limb, shift) = (start / 64, start % 64);
    let mut value = number[limb] >> shift;
    if shift + width > 64 && limb < 3 {
        value |= number[limb + 1] << (64 - shift);
    }
    (value & ((1 << width) - 1)) as usize
}

/// From [a_i] to [n^-1 sum_j w^(-ij) a_j], natural order in and out: interpolation in the exponent.
/// `Error::Domain` unless the length n is a power of two up to 2^28; w has order n.
///
/// Decimation in frequency as in `ntt`, a stage at a time: sums and differences of pairs, then the
/// differences times their twiddles. Twiddles that are one (half of the last but one stage, all of
/// the last) cost nothing.
pub fn group_interpolate(points: &[Point]) -> Result<Vec<Point>> {
    let log = check_domain("points", points.len())?;
    run(true, || interpolated(points, log))
}

fn interpolated(points: &[Point], log: u32) -> Result<Vec<Point>> {
    let size = points.len();
    let table = twiddles(size)?;
    // The twiddles of the first stage; those of a stage with half the pairs in a block are every
    // second one of them.
    let splits: Vec<Split> =
        table[size / 2..size].par_iter().map(|&twiddle| Split::new(twiddle)).gather()?;
    let mut values = copied(points)?;
    let mut half = size / 2;
    while half > 0 {
        let pairs = size / 2;
        let place = |pair: usize| pair / half * 2 * half + pair % half;
        let blocks: Vec<Result<(Vec<Point>, Vec<Point>)>> = (0..pairs.div_ceil(BLOCK))
            .into_par_iter()
            .map(|block| {
                let range = block * BLOCK..pairs.min((block + 1) * BLOCK);
                let ends =
                    range.clone().map(|pair| (values[place(pair)], values[place(pair) + half]));
                let stride = pairs / half;
                stage_block(ends, range.map(|pair| pair % half * stride), &splits)
            })
            .gather()?;
        for (block, done) in blocks.into_iter().enumerate() {
            let (sums, differences) = done?;
            for (offset, (sum, difference)) in sums.into_iter().zip(differences).enumerate() {
                let low = place(block * BLOCK + offset);
                values[low] = sum;
                values[low + half] = difference;
            }
        }
        half /= 2;
    }
    let shift = usize::BITS - log;
    let place = |index: usize| if log == 0 { 0 } else { index.reverse_bits() >> shift };
    // The inverse transform is the forward one read at index -i.
    let mut out = collected((0..size).map(|index| values[place((size - index) % size)]))?;
    scale_all(&mut out, Fr::from(size as u64).inverse().unwrap_or(Fr::ZERO));
    Ok(out)
}

/// Sums, and differences times twiddles, of the pairs of one block; `twiddles` are places in
/// `splits`.
fn stage_block(
    ends: impl Iterator<Item = (Point, Point)>,
    twiddles: impl Iterator<Item = usize>,
    splits: &[Split],
) -> Result<(Vec<Point>, Vec<Point>)> {
    let ends: Vec<(Point, Point)> = ends.collect();
    let mut adder = Adder::default();
    let mut sums = filled(Point::INFINITY, ends.len())?;
    let mut differences = filled(Point::INFINITY, ends.len())?;
    for (index, (low, high)) in ends.iter().enumerate() {
        adder.push(*low, *high, index, &mut sums);
    }
    adder.flush(&mut sums);
    for (index, (low, high)) in ends.iter().enumerate() {
        adder.push(*low, high.negate(), index, &mut differences);
    }
    adder.flush(&mut differences);
    // Twiddle number zero is one.
    let turned: Vec<(usize, usize)> =
        twiddles.enumerate().filter(|&(_, twiddle)| twiddle != 0).collect();
    let mut moved: Vec<Point> = turned.iter().map(|&(index, _)| differences[index]).collect();
    let scalars: Vec<&Split> = turned.iter().map(|&(_, twiddle)| &splits[twiddle]).collect();
    scale_block(&mut moved, &scalars);
    for ((index, _), point) in turned.iter().zip(moved) {
        differences[*index] = point;
    }
    Ok((sums, differences))
}
