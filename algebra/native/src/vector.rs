//! Element-wise work and scans on vectors of Fr, in chunks over the pool.
//!
//! Every function refuses with `Error::Memory` what there is no memory for.

use crate::error::{check_length, Error, Result};
use crate::lanes::in_lanes;
use crate::limbs::GRAIN;
use crate::memory::{copied, filled};
use crate::pool::{run, threads, Spread};
use crate::Fr;
use ark_ff::{AdditiveGroup, Field, One, Zero};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

const CHUNK: usize = 4096;

/// Chunk length that gives every thread work and no thread crumbs.
fn chunk_length(length: usize) -> usize {
    length.div_ceil(4 * threads()).clamp(GRAIN, CHUNK)
}

/// A column as elements, n of them: out[i] = narrow[i], but out[rows[k]] = values[k].
///
/// `Error::Range` (`wide rows`) for a row outside the column, `Error::Length` unless each row has
/// its value.
pub fn lift(narrow: &[u16], rows: &[u64], values: &[Fr]) -> Result<Vec<Fr>> {
    check_length("wide values", rows.len(), values.len())?;
    let element = |&value: &u16| Fr::from(u64::from(value));
    let mut out =
        run(narrow.len() > GRAIN, || narrow.par_iter().with_min_len(GRAIN).map(element).gather())?;
    for (&row, &value) in rows.iter().zip(values) {
        let index = usize::try_from(row).unwrap_or(usize::MAX);
        *out.get_mut(index).ok_or(Error::Range { what: "wide rows", index })? = value;
    }
    Ok(out)
}

/// out[i] = start * base^i for i < length.
pub fn powers(base: Fr, start: Fr, length: usize) -> Result<Vec<Fr>> {
    run(length > GRAIN, || {
        let mut out = filled(Fr::ZERO, length)?;
        let size = chunk_length(length);
        out.par_chunks_mut(size).enumerate().each(|(index, chunk)| {
            let mut value = start * base.pow([(index * size) as u64]);
            for slot in chunk {
                *slot = value;
                value *= base;
            }
        });
        Ok(out)
    })
}

/// out[i] = left[i] * right[i]; `Error::Length` unless they are as long.
pub fn multiply(left: &[Fr], right: &[Fr]) -> Result<Vec<Fr>> {
    check_length("right factor", left.len(), right.len())?;
    run(left.len() > GRAIN, || {
        left.par_iter().zip(right).with_min_len(GRAIN).map(|(a, b)| *a * b).gather()
    })
}

/// out[i] = 1 / vector[i], by one inversion a chunk; `Error::ZeroDivision` names the first zero.
pub fn inverse(vector: &[Fr]) -> Result<Vec<Fr>> {
    run(vector.len() > GRAIN, || {
        let mut out = filled(Fr::ZERO, vector.len())?;
        let size = chunk_length(vector.len());
        let zero = AtomicUsize::new(usize::MAX);
        let chunks = out.par_chunks_mut(size).zip(vector.par_chunks(size)).enumerate();
        chunks.each(|(index, (out, values))| {
            let mut product = Fr::one();
            for (slot, value) in out.iter_mut().zip(values) {
                *slot = product;
                product *= value;
            }
            let Some(mut inverse) = product.inverse() else {
                let place = values.iter().position(Fr::is_zero).unwrap_or(0);
                zero.fetch_min(index * size + place, Ordering::Relaxed);
                return;
            };
            for (slot, value) in out.iter_mut().zip(values).rev() {
                *slot *= inverse;
                inverse *= value;
            }
        });
        match zero.into_inner() {
            usize::MAX => Ok(out),
            index => Err(Error::ZeroDivision { index }),
        }
    })
}

/// out[i] = vector[0] + ... + vector[i - 1]: sums of chunks first, then each chunk from its own
/// start.
pub fn prefix_sum(vector: &[Fr]) -> Result<Vec<Fr>> {
    run(vector.len() > GRAIN, || {
        let size = chunk_length(vector.len());
        let mut starts: Vec<Fr> =
            vector.par_chunks(size).map(|chunk| chunk.iter().sum()).gather()?;
        let mut next = Fr::ZERO;
        for start in &mut starts {
            let total = *start;
            *start = next;
            next += total;
        }
        let mut out = filled(Fr::ZERO, vector.len())?;
        let chunks = out.par_chunks_mut(size).zip(vector.par_chunks(size)).zip(starts);
        chunks.each(|((out, values), start)| {
            let mut sum = start;
            for (slot, value) in out.iter_mut().zip(values) {
                *slot = sum;
                sum += value;
            }
        });
        Ok(out)
    })
}

/// out = sum scalars[i] * vectors[i], as long as the longest; a shorter one counts as padded with
/// zeros. `Error::Length` unless each vector has its scalar.
pub fn linear_combination(scalars: &[Fr], vectors: &[&[Fr]]) -> Result<Vec<Fr>> {
    check_length("scalars", vectors.len(), scalars.len())?;
    let length = vectors.iter().map(|vector| vector.len()).max().unwrap_or(0);
    run(length > GRAIN, || {
        let mut out = filled(Fr::ZERO, length)?;
        let size = chunk_length(length);
        if let Some(()) = in_lanes!(eights::linear_combination(&mut out, size, scalars, vectors)) {
            return Ok(out);
        }
        out.par_chunks_mut(size).enumerate().each(|(index, chunk)| {
            for (scalar, vector) in scalars.iter().zip(vectors) {
                let part = vector.get(index * size..).unwrap_or(&[]);
                let pairs = chunk.iter_mut().zip(part);
                if scalar.is_one() {
                    pairs.for_each(|(slot, value)| *slot += value);
                } else if !scalar.is_zero() {
                    pairs.for_each(|(slot, value)| *slot += *scalar * value);
                }
            }
        });
        Ok(out)
    })
}

/// Horner in four interleaved chains: one chain would wait for the latency of each product.
fn horner(coefficients: &[Fr], point: Fr) -> Fr {
    let square = point.square();
    let fourth = square.square();
    let (head, tail) = coefficients.split_at(coefficients.len() / 4 * 4);
    let mut chains = [Fr::ZERO; 4];
    for four in head.chunks_exact(4).rev() {
        for (chain, coefficient) in chains.iter_mut().zip(four) {
            *chain = *chain * fourth + coefficient;
        }
    }
    let last = tail.iter().rev().fold(Fr::ZERO, |sum, coefficient| sum * point + coefficient);
    let body = chains[0] + chains[1] * point + (chains[2] + chains[3] * point) * square;
    body + last * point.pow([head.len() as u64])
}

fn chunk_value(coefficients: &[Fr], point: Fr) -> Fr {
    if coefficients.len() >= eights::LONG_CHUNK {
        if let Some(value) = in_lanes!(eights::horner(coefficients, point)) {
            return value;
        }
    }
    horner(coefficients, point)
}

/// Value of each polynomial, given by its coefficients in ascending degree, at `point`.
pub fn evaluate(polynomials: &[&[Fr]], point: Fr) -> Result<Vec<Fr>> {
    let step = point.pow([CHUNK as u64]);
    let value = |coefficients: &[Fr]| {
        let chunks = coefficients.par_chunks(CHUNK);
        let parts: Vec<Fr> = chunks.map(|chunk| chunk_value(chunk, point)).gather()?;
        Ok(parts.iter().rev().fold(Fr::ZERO, |sum, part| sum * step + part))
    };
    let total: usize = polynomials.iter().map(|coefficients| coefficients.len()).sum();
    run(total > GRAIN, || {
        let values: Vec<Result<Fr>> = polynomials.par_iter().map(|each| value(each)).gather()?;
        values.into_iter().collect()
    })
}

/// out[k * i + j] = polynomials[j][i] for k polynomials and i < length, zeros where one is absent
/// or short. `Error::Length` if one is longer.
pub fn interleave(polynomials: &[Option<&[Fr]>], length: usize) -> Result<Vec<Fr>> {
    let count = polynomials.len();
    for polynomial in polynomials.iter().flatten() {
        if polynomial.len() > length {
            return Err(Error::Length {
                what: "interleaved polynomial",
                expected: length,
                got: polynomial.len(),
            });
        }
    }
    run(count.saturating_mul(length) > GRAIN, || {
        let mut out = filled(Fr::ZERO, count.saturating_mul(length))?;
        let rows = out.par_chunks_mut(count.max(1)).with_min_len(GRAIN / count.max(1) + 1);
        rows.enumerate().each(|(row, chunk)| {
            for (slot, polynomial) in chunk.iter_mut().zip(polynomials) {
                if let Some(value) = polynomial.and_then(|values| values.get(row)) {
                    *slot = *value;
                }
            }
        });
        Ok(out)
    })
}

/// Quotient by X^step - root, `step` coefficients shorter; the remainder is dropped. From the top
/// down q[i] = dividend[i + step] + root * q[i + step]. `Error::Length` if `step` is zero or past
/// the end.
pub fn divide_by_binomial(dividend: &[Fr], step: usize, root: Fr) -> Result<Vec<Fr>> {
    if step == 0 || dividend.len() < step {
        return Err(Error::Length {
            what: "dividend (at least the positive step)",
            expected: step,
            got: dividend.len(),
        });
    }
    let source = &dividend[step..];
    let mut quotient = copied(source)?;
    let length = quotient.len();
    for index in (0..length.saturating_sub(step)).rev() {
        let above = quotient[index + step];
        quotient[index] += root * above;
    }
    Ok(quotient)
}

/// The same eight elements at a time.
mod eights {
    /// Horner chains side by side: one product takes as long as four when each waits for the last.
    #[cfg(target_arch = "x86_64")]
    const CHAINS: usize = 4;
    /// Below this the plain chains win: the powers of the point have to be made first.
    pub const LONG_CHUNK: usize = 512;

    macro_rules! kernels {
        ($lanes:ident, $features:literal) => {
            use super::CHAINS;
            use crate::lanes::{$lanes as simd, LANES};
            use crate::pool::Spread;
            use crate::Fr;
            use ark_ff::{AdditiveGroup, Field};
            use rayon::prelude::*;

            #[target_feature(enable = $features)]
            pub fn linear_combination(
                out: &mut [Fr],
                size: usize,
                scalars: &[Fr],
                vectors: &[&[Fr]],
            ) {
                let factors: Vec<_> = scalars.iter().map(|&scalar| simd::factor(scalar)).collect();
                let size = size.next_multiple_of(LANES);
                out.par_chunks_mut(size).enumerate().each(|(index, chunk)| {
                    for (group, target) in chunk.chunks_mut(LANES).enumerate() {
                        let start = index * size + group * LANES;
                        let mut sum = simd::zero();
                        for (factor, vector) in factors.iter().zip(vectors) {
                            let part = vector.get(start..).unwrap_or(&[]);
                            if !part.is_empty() {
                                let term = simd::multiply::<Fr>(&simd::load_some(part), factor);
                                sum = simd::add::<Fr>(&sum, &term);
                            }
                        }
                        simd::store_some(&sum, target);
                    }
                });
            }

            /// Value at `point`; lane l of chain c takes the coefficients 8c + l modulo 32.
            #[target_feature(enable = $features)]
            pub fn horner(coefficients: &[Fr], point: Fr) -> Fr {
                let step = simd::factor(point.pow([(CHAINS * LANES) as u64]));
                let (head, tail) = coefficients.as_chunks::<{ CHAINS * LANES }>();
                let mut chains = [simd::zero(); CHAINS];
                for block in head.iter().rev() {
                    for (chain, eight) in chains.iter_mut().zip(block.as_chunks::<LANES>().0) {
                        *chain = simd::add::<Fr>(
                            &simd::multiply::<Fr>(chain, &step),
                            &simd::load(eight),
                        );
                    }
                }
                let mut sums = [Fr::ZERO; CHAINS * LANES];
                for (chain, eight) in chains.iter().zip(sums.as_chunks_mut::<LANES>().0) {
                    simd::store(chain, eight);
                }
                let last = super::super::horner(tail, point);
                super::super::horner(&sums, point)
                    + last * point.pow([(coefficients.len() - tail.len()) as u64])
            }
        };
    }
    crate::lanes::for_all_lanes!(kernels);
}
