//! Number-theoretic transforms over Fr, natural order in and out.

use crate::error::{check_domain, Result};
use crate::kept::Kept;
use crate::lanes::in_lanes;
use crate::limbs::GRAIN;
use crate::memory::{copied, filled};
use crate::ntt_eights::{self as eights, Scale};
use crate::pool::{join, run, Spread};
use crate::Fr;
use ark_ff::{AdditiveGroup, Field, One};
use rayon::prelude::*;

/// r - 1 = 2^28 * odd, and 5 generates the multiplicative group (algebra/interface.py).
const TWO_ADICITY: u32 = 28;
const GENERATOR: u64 = 5;

/// A transform below this size runs on one thread, inside the cache.
const SERIAL: usize = 1 << 12;

/// Primitive root of unity of order 2^log, log <= 28.
pub fn root_of_unity(log: u32) -> Fr {
    use ark_ff::PrimeField;
    let mut exponent = Fr::MODULUS;
    exponent.0[0] -= 1;
    let order: num_bigint::BigUint = exponent.into();
    Fr::from(GENERATOR).pow((order >> log).to_u64_digits())
}

/// Twiddles of every size up to the largest asked for: table[h + i] = w_{2h}^i for i < h, where w_n
/// is the root of order n. `size` is a power of two up to 2^28; the table is kept.
pub fn twiddles(size: usize) -> Result<&'static [Fr]> {
    static TABLE: Kept<Vec<Fr>> = Kept::new();
    TABLE.get(|table| table.len() >= size, || make_twiddles(size)).map(Vec::as_slice)
}

fn make_twiddles(size: usize) -> Result<Vec<Fr>> {
    let mut table = filled(Fr::one(), size.max(2))?;
    let mut half = size / 2;
    if half > 0 {
        debug_assert!(size.trailing_zeros() <= TWO_ADICITY);
        let top = crate::vector::powers(root_of_unity(size.trailing_zeros()), Fr::one(), half)?;
        table[half..size].copy_from_slice(&top);
        while half > 1 {
            for index in 0..half / 2 {
                table[half / 2 + index] = table[half + 2 * index];
            }
            half /= 2;
        }
    }
    Ok(table)
}

#[inline(always)]
fn butterflies(low: &mut [Fr], high: &mut [Fr], twiddles: &[Fr]) {
    for ((a, b), w) in low.iter_mut().zip(high.iter_mut()).zip(twiddles) {
        let difference = *a - *b;
        *a += *b;
        *b = difference * w;
    }
}

/// Decimation in frequency: natural order in, bit-reversed order out.
fn forward(values: &mut [Fr], table: &[Fr]) {
    let size = values.len();
    if size > SERIAL {
        let half = size / 2;
        let (low, high) = values.split_at_mut(half);
        low.par_chunks_mut(GRAIN)
            .zip(high.par_chunks_mut(GRAIN))
            .zip(table[half..size].par_chunks(GRAIN))
            .each(|((low, high), twiddles)| butterflies(low, high, twiddles));
        join(|| forward(low, table), || forward(high, table));
        return;
    }
    let mut half = size / 2;
    while half > 1 {
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            butterflies(low, high, &table[half..2 * half]);
        }
        half /= 2;
    }
    for pair in values.chunks_exact_mut(2) {
        let (a, b) = (pair[0], pair[1]);
        pair[0] = a + b;
        pair[1] = a - b;
    }
}

/// Swap every element with the one at its bit-reversed index.
fn reversed(values: &[Fr], log: u32) -> Result<Vec<Fr>> {
    let shift = usize::BITS - log;
    let at = |index: usize| values[if log == 0 { 0 } else { index.reverse_bits() >> shift }];
    (0..values.len()).into_par_iter().with_min_len(GRAIN).map(at).gather()
}

/// values[i] * start * base^i, chunk by chunk.
fn scale(values: &mut [Fr], start: Fr, base: Fr) {
    values.par_chunks_mut(GRAIN).enumerate().each(|(index, chunk)| {
        let mut factor = start * base.pow([(index * GRAIN) as u64]);
        for value in chunk {
            *value *= factor;
            factor *= base;
        }
    });
}

/// Coefficients, ascending degree, to values: out[i] = sum_j coefficients[j] * (shift * w^i)^j,
/// natural order. `Error::Domain` unless the length n is a power of two up to 2^28; w has order n.
pub fn evaluate_on_coset(coefficients: &[Fr], shift: Fr) -> Result<Vec<Fr>> {
    let log = check_domain("coefficients", coefficients.len())?;
    run(coefficients.len() > GRAIN, || values_on_coset(coefficients, log, shift))
}

fn values_on_coset(coefficients: &[Fr], log: u32, shift: Fr) -> Result<Vec<Fr>> {
    if coefficients.len() >= eights::SMALLEST {
        let scale = if shift.is_one() { Scale::Nothing } else { Scale::Powers(shift) };
        if let Some(values) = in_lanes!(eights::transform(coefficients, log, &scale, false)) {
            return values;
        }
    }
    let mut values = copied(coefficients)?;
    if !shift.is_one() {
        scale(&mut values, Fr::one(), shift);
    }
    forward(&mut values, twiddles(coefficients.len())?);
    reversed(&values, log)
}

/// The inverse of `evaluate_on_coset`: values at shift * w^i to coefficients. `shift` is not zero.
/// `Error::Domain` unless the length is a power of two up to 2^28.
pub fn interpolate(values: &[Fr], shift: Fr) -> Result<Vec<Fr>> {
    let log = check_domain("values", values.len())?;
    run(values.len() > GRAIN, || coefficients_of(values, log, shift))
}

fn coefficients_of(values: &[Fr], log: u32, shift: Fr) -> Result<Vec<Fr>> {
    let size = values.len();
    let inverse = Fr::from(size as u64).inverse().unwrap_or(Fr::ZERO);
    // A coset shift is never zero (checked where it enters).
    let unshift = shift.inverse().unwrap_or(Fr::ZERO);
    if size >= eights::SMALLEST {
        let constant = if shift.is_one() { Scale::Constant(inverse) } else { Scale::Nothing };
        let done: Option<Result<Vec<Fr>>> =
            in_lanes!(eights::transform(values, log, &constant, true));
        if let Some(mut out) = done.transpose()? {
            if !shift.is_one() {
                let _: Option<()> = in_lanes!(eights::scale(&mut out, inverse, unshift));
            }
            return Ok(out);
        }
    }
    let mut work = copied(values)?;
    forward(&mut work, twiddles(size)?);
    let mut out = reversed(&work, log)?;
    // The inverse transform is the forward one with index -i.
    out[1..].reverse();
    if shift.is_one() {
        out.par_iter_mut().with_min_len(GRAIN).each(|value| *value *= inverse);
    } else {
        scale(&mut out, inverse, unshift);
    }
    Ok(out)
}
