//! Sums scalar * point by Pippenger buckets: full width, and one bucket addition a row for narrow
//! columns.

use crate::batch::segment_sums;
use crate::error::{Error, Result};
use crate::limbs::{prefetch, Point, GRAIN};
use crate::memory::{collected, copied, filled, room};
use crate::pool::{join, run, threads, Spread};
use crate::Fr;
use ark_bn254::G1Projective;
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, PrimeField, Zero};
use rayon::prelude::*;

/// The sign of a digit travels in the top bit of its row number.
const SIGN: u32 = 1 << 31;

/// How many points ahead of their use are asked for.
const AHEAD: usize = 24;

/// A narrow column is cut into two 8-bit windows when one window would have more buckets than this
/// share of rows.
const ROWS_PER_BUCKET: usize = 2;

/// sum scalars[i] * bases[i]; `bases`, points of the curve, may be longer. `Error::Length` if they
/// are fewer, or for 2^31 scalars and more.
pub fn msm(bases: &[Point], scalars: &[Fr]) -> Result<Point> {
    if bases.len() < scalars.len() || scalars.len() >= SIGN as usize {
        return Err(Error::Length { what: "bases", expected: scalars.len(), got: bases.len() });
    }
    run(true, || Ok(affine(full_width(&bases[..scalars.len()], scalars)?)))
}

/// The same for a column: `narrow` values, single `rows` overridden by `values`. `Error::Length`
/// also unless each row has its value, `Error::Range` (`wide rows`) for a row outside the column.
pub fn msm_column(bases: &[Point], narrow: &[u16], rows: &[u64], values: &[Fr]) -> Result<Point> {
    if bases.len() < narrow.len() || narrow.len() >= SIGN as usize {
        return Err(Error::Length { what: "bases", expected: narrow.len(), got: bases.len() });
    }
    crate::error::check_length("wide values", rows.len(), values.len())?;
    run(true, || column_sum(&bases[..narrow.len()], narrow, rows, values))
}

fn column_sum(bases: &[Point], narrow: &[u16], rows: &[u64], values: &[Fr]) -> Result<Point> {
    let mut gathered = room(rows.len())?;
    for &row in rows {
        let index = usize::try_from(row).unwrap_or(usize::MAX);
        gathered.push(*bases.get(index).ok_or(Error::Range { what: "wide rows", index })?);
    }
    let masked;
    let narrow = if rows.is_empty() {
        narrow
    } else {
        let mut copy = copied(narrow)?;
        rows.iter().for_each(|&row| copy[row as usize] = 0);
        masked = copy;
        masked.as_slice()
    };
    let (wide, small) = join(|| full_width(&gathered, values), || narrow_sum(bases, narrow));
    Ok(affine(wide? + small?))
}

fn affine(point: G1Projective) -> Point {
    Point::from_ark(point.into_affine())
}

fn mixed(total: G1Projective, point: &Point) -> G1Projective {
    total + point.to_ark()
}

/// Window width with the fewest bucket additions: rows and two passes over the buckets, for every
/// window.
fn window_width(rows: usize, bits: usize) -> usize {
    let cost = |width: usize| (bits + 1).div_ceil(width) * (rows + 2 * (1 << (width - 1)));
    (4..=18).min_by_key(|&width| cost(width)).unwrap_or(4)
}

/// Signed-digit Pippenger. Small scalars cost only the windows that they reach.
fn full_width(bases: &[Point], scalars: &[Fr]) -> Result<G1Projective> {
    let numbers: Vec<[u64; 4]> =
        scalars.par_iter().with_min_len(GRAIN).map(|scalar| scalar.into_bigint().0).gather()?;
    let or = |a: [u64; 4], b: [u64; 4]| std::array::from_fn(|limb| a[limb] | b[limb]);
    let union = numbers.iter().copied().fold([0u64; 4], or);
    let bits = 256 - leading_zeros(&union);
    if bits == 0 {
        return Ok(G1Projective::zero());
    }
    let width = window_width(bases.len(), bits);
    let windows = (bits + 1).div_ceil(width);
    // Adding half a window at every digit but the top one turns unsigned digits into signed ones
    // without carries: digit = window of (scalar + offset) - half. The top digit is at most half,
    // as bits < windows * width.
    let mut offset = [0u64; 4];
    for window in 0..windows - 1 {
        let bit = window * width + width - 1;
        offset[bit / 64] |= 1 << (bit % 64);
    }
    let shifted: Vec<[u64; 4]> =
        numbers.into_par_iter().with_min_len(GRAIN).map(|number| add(number, offset)).gather()?;
    let sums: Vec<Result<G1Projective>> = (0..windows)
        .into_par_iter()
        .with_max_len(1)
        .map(|window| {
            let half = if window + 1 < windows { 1i64 << (width - 1) } else { 0 };
            let digit = |row: usize| extract(&shifted[row], window * width, width) as i64 - half;
            weighted_sum(&signed_buckets(bases, 1 << (width - 1), digit)?)
        })
        .gather()?;
    sums.into_iter().rev().try_fold(G1Projective::zero(), |mut total, sum| {
        (0..width).for_each(|_| {
            total.double_in_place();
        });
        Ok(total + sum?)
    })
}

fn leading_zeros(number: &[u64; 4]) -> usize {
    let mut zeros = 0;
    for limb in number.iter().rev() {
        zeros += limb.leading_zeros() as usize;
        if *limb != 0 {
            break;
        }
    }
    zeros
}

/// a + b; both below 2^255, so nothing is carried out.
fn add(a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
    let mut carry = false;
    std::array::from_fn(|limb| {
        let (sum, first) = a[limb].overflowing_add(b[limb]);
        let (sum, second) = sum.overflowing_add(u64::from(carry));
        carry = first | second;
        sum
    })
}

/// `width` (< 64) bits from bit `start`.
fn extract(number: &[u64; 4], start: usize, width: usize) -> u64 {
    let (limb, shift) = (start / 64, start % 64);
    if limb > 3 {
        return 0;
    }
    let mut value = number[limb] >> shift;
    if shift + width > 64 && limb < 3 {
        value |= number[limb + 1] << (64 - shift);
    }
    value & ((1 << width) - 1)
}

/// buckets[k - 1] = sum of sign(digit) * base over the rows with |digit| = k, for k = 1..=count.
fn signed_buckets(
    bases: &[Point],
    count: usize,
    digit: impl Fn(usize) -> i64,
) -> Result<Vec<Point>> {
    let mut lengths = filled(0u32, count + 1)?;
    let digits = collected((0..bases.len()).map(|row| digit(row) as i32))?;
    for &digit in &digits {
        lengths[digit.unsigned_abs() as usize] += 1;
    }
    let rows = digits.iter().map(|digit| (digit.unsigned_abs() as usize, *digit < 0));
    let order = ordered(&mut lengths, rows)?;
    segment_sums(&lengths[1..], |index| ordered_base(bases, &order, index))
}

/// The base at place `index` of an order, with its sign; one that comes later is asked for.
#[inline(always)]
fn ordered_base(bases: &[Point], order: &[u32], index: usize) -> Point {
    if let Some(later) = order.get(index + AHEAD) {
        prefetch(bases, (later & !SIGN) as usize);
    }
    let entry = order[index];
    let base = bases[(entry & !SIGN) as usize];
    if entry & SIGN == 0 {
        base
    } else {
        base.negate()
    }
}

/// Counting sort: row numbers (with signs) by bucket, bucket 0 dropped.
fn ordered(lengths: &mut [u32], rows: impl Iterator<Item = (usize, bool)>) -> Result<Vec<u32>> {
    lengths[0] = 0;
    let mut next = room(lengths.len())?;
    let mut total = 0u32;
    for &length in lengths.iter() {
        next.push(total as usize);
        total += length;
    }
    let mut order = filled(0u32, total as usize)?;
    for (row, (bucket, negative)) in rows.enumerate() {
        if bucket != 0 {
            order[next[bucket]] = row as u32 | if negative { SIGN } else { 0 };
            next[bucket] += 1;
        }
    }
    Ok(order)
}

/// sum over k of k * buckets[k - 1].
///
/// With k = high * side + low the sum is side * (sum high * row sums) + (sum low * column sums):
/// two batch-affine passes over the buckets and two running sums of only `side` terms.
fn weighted_sum(buckets: &[Point]) -> Result<G1Projective> {
    if buckets.len() <= 64 {
        return Ok(running_sum(buckets));
    }
    let bits = usize::BITS - buckets.len().leading_zeros();
    let side = 1usize << (bits / 2);
    let count = buckets.len() + 1;
    let at = |k: usize| if k == 0 { Point::INFINITY } else { buckets[k - 1] };
    let (rows, columns) = join(
        || {
            let lengths: Vec<u32> =
                (0..count.div_ceil(side)).map(|r| side.min(count - r * side) as u32).collect();
            Ok(running_sum(&segment_sums(&lengths, at)?[1..]))
        },
        || {
            let lengths: Vec<u32> =
                (0..side).map(|low| (count - low).div_ceil(side) as u32).collect();
            // Entries of column `low` are low, low + side, ...; `full` columns have one entry more
            // than the rest.
            let tall = lengths[0] as usize;
            let full = lengths.iter().filter(|&&length| length as usize == tall).count();
            let position = |index: usize| {
                let (low, high) = if index < full * tall {
                    (index / tall, index % tall)
                } else {
                    let rest = index - full * tall;
                    (full + rest / (tall - 1), rest % (tall - 1))
                };
                at(high * side + low)
            };
            Ok(running_sum(&segment_sums(&lengths, position)?[1..]))
        },
    );
    let mut total: G1Projective = rows?;
    (0..bits / 2).for_each(|_| {
        total.double_in_place();
    });
    Ok(total + columns?)
}

/// The same by adding up partial sums from the top.
fn running_sum(buckets: &[Point]) -> G1Projective {
    let (mut partial, mut total) = (G1Projective::zero(), G1Projective::zero());
    for bucket in buckets.iter().rev() {
        partial = mixed(partial, bucket);
        total += partial;
    }
    total
}

fn narrow_sum(bases: &[Point], values: &[u16]) -> Result<G1Projective> {
    let largest = usize::from(values.iter().copied().max().unwrap_or(0));
    if largest == 0 {
        return Ok(G1Projective::zero());
    }
    if largest < 1 << 8 || largest * ROWS_PER_BUCKET <= bases.len() {
        return narrow_window(bases, values, largest, |value| value as usize);
    }
    let (low, high) = join(
        || narrow_window(bases, values, 255, |value| (value & 255) as usize),
        || narrow_window(bases, values, largest >> 8, |value| (value >> 8) as usize),
    );
    let mut total = high?;
    (0..8).for_each(|_| {
        total.double_in_place();
    });
    Ok(total + low?)
}

/// One bucket addition a row: threads sum buckets over their own rows, then bucket by bucket over
/// the threads.
fn narrow_window(
    bases: &[Point],
    values: &[u16],
    count: usize,
    digit: impl Fn(u16) -> usize + Sync + Send,
) -> Result<G1Projective> {
    let parts = threads().min(bases.len() / (4 * count).max(GRAIN)).max(1);
    let size = bases.len().div_ceil(parts);
    let sums: Vec<Result<Vec<Point>>> = bases
        .par_chunks(size)
        .zip(values.par_chunks(size))
        .map(|(bases, values)| {
            let mut lengths = filled(0u32, count + 1)?;
            values.iter().for_each(|&value| lengths[digit(value)] += 1);
            let rows = values.iter().map(|&value| (digit(value), false));
            let order = ordered(&mut lengths, rows)?;
            segment_sums(&lengths[1..], |index| ordered_base(bases, &order, index))
        })
        .gather()?;
    let sums = sums.into_iter().collect::<Result<Vec<Vec<Point>>>>()?;
    let parts = sums.len();
    if parts == 1 {
        return weighted_sum(&sums[0]);
    }
    let lengths = filled(parts as u32, count)?;
    weighted_sum(&segment_sums(&lengths, |index| sums[index % parts][index / parts])?)
}

/// Projective points to affine, with one inversion for each `GRAIN` of them.
pub(crate) fn normalise(points: &[G1Projective]) -> Result<Vec<Point>> {
    let mut out = room(points.len())?;
    let affine = |chunk| G1Projective::normalize_batch(chunk).into_iter().map(Point::from_ark);
    out.extend(points.chunks(GRAIN).flat_map(affine));
    Ok(out)
}
