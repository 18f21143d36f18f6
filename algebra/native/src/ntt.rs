//! Number-theoretic transforms over Fr, natural order in and out.

use crate::error::{check_domain, Result};
use crate::lanes::in_lanes;
use crate::limbs::GRAIN;
use crate::ntt_eights::{self as eights, Scale};
use crate::Fr;
use ark_ff::{AdditiveGroup, Field, One};
use rayon::prelude::*;
use std::sync::{Arc, Mutex};

/// r - 1 = 2^28 * odd, and 5 generates the multiplicative group (algebra/interface.py).
const TWO_ADICITY: u32 = 28;
const GENERATOR: u64 = 5;

/// A transform below this size runs on one thread, inside the cache.
const SERIAL: usize = 1 << 12;

/// Primitive root of unity of order 2^log.
pub fn root_of_unity(log: u32) -> Fr {
    use ark_ff::PrimeField;
    let mut exponent = Fr::MODULUS;
    exponent.0[0] -= 1;
    let order: num_bigint::BigUint = exponent.into();
    Fr::from(GENERATOR).pow((order >> log).to_u64_digits())
}

/// Twiddles of every size up to the largest asked for: table[h + i] = w_{2h}^i for i < h.
pub fn twiddles(size: usize) -> Arc<Vec<Fr>> {
    static TABLE: Mutex<Option<Arc<Vec<Fr>>>> = Mutex::new(None);
    let mut slot = TABLE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(table) = slot.as_ref().filter(|table| table.len() >= size) {
        return Arc::clone(table);
    }
    let mut table = vec![Fr::one(); size.max(2)];
    let mut half = size / 2;
    if half > 0 {
        debug_assert!(size.trailing_zeros() <= TWO_ADICITY);
        let top = crate::vector::powers(root_of_unity(size.trailing_zeros()), Fr::one(), half);
        table[half..size].copy_from_slice(&top);
        while half > 1 {
            for index in 0..half / 2 {
                table[half / 2 + index] = table[half + 2 * index];
            }
            half /= 2;
        }
    }
    let table = Arc::new(table);
    *slot = Some(Arc::clone(&table));
    table
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
            .for_each(|((low, high), twiddles)| butterflies(low, high, twiddles));
        rayon::join(|| forward(low, table), || forward(high, table));
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
fn reversed(values: &[Fr], log: u32) -> Vec<Fr> {
    let shift = usize::BITS - log;
    let at = |index: usize| values[if log == 0 { 0 } else { index.reverse_bits() >> shift }];
    (0..values.len()).into_par_iter().with_min_len(GRAIN).map(at).collect()
}

/// values[i] * start * base^i, chunk by chunk.
fn scale(values: &mut [Fr], start: Fr, base: Fr) {
    values.par_chunks_mut(GRAIN).enumerate().for_each(|(index, chunk)| {
        let mut factor = start * base.pow([(index * GRAIN) as u64]);
        for value in chunk {
            *value *= factor;
            factor *= base;
        }
    });
}

/// Coefficients to values at shift * w^i.
pub fn evaluate_on_coset(coefficients: &[Fr], shift: Fr) -> Result<Vec<Fr>> {
    let log = check_domain("coefficients", coefficients.len())?;
    if coefficients.len() >= eights::SMALLEST {
        let scale = if shift.is_one() { Scale::Nothing } else { Scale::Powers(shift) };
        if let Some(values) = in_lanes!(eights::transform(coefficients, log, &scale, false)) {
            return Ok(values);
        }
    }
    let mut values = coefficients.to_vec();
    if !shift.is_one() {
        scale(&mut values, Fr::one(), shift);
    }
    forward(&mut values, &twiddles(coefficients.len()));
    Ok(reversed(&values, log))
}

/// Values at shift * w^i to coefficients.
pub fn interpolate(values: &[Fr], shift: Fr) -> Result<Vec<Fr>> {
    let size = values.len();
    let log = check_domain("values", size)?;
    let inverse = Fr::from(size as u64).inverse().unwrap_or(Fr::ZERO);
    // A coset shift is never zero (checked where it enters).
    let unshift = shift.inverse().unwrap_or(Fr::ZERO);
    if size >= eights::SMALLEST {
        let constant = if shift.is_one() { Scale::Constant(inverse) } else { Scale::Nothing };
        if let Some(mut out) = in_lanes!(eights::transform(values, log, &constant, true)) {
            if !shift.is_one() {
                let _: Option<()> = in_lanes!(eights::scale(&mut out, inverse, unshift));
            }
            return Ok(out);
        }
    }
    let mut work = values.to_vec();
    forward(&mut work, &twiddles(size));
    let mut out = reversed(&work, log);
    // The inverse transform is the forward one with index -i.
    out[1..].reverse();
    if shift.is_one() {
        out.par_iter_mut().with_min_len(GRAIN).for_each(|value| *value *= inverse);
    } else {
        scale(&mut out, inverse, unshift);
    }
    Ok(out)
}
