//! Sums of many short lists of affine points at once, sharing the inversions (batch-affine addition).
//!
//! A single affine addition needs an inversion; a block of independent ones shares it and then costs five
//! multiplications and a square each, about 60 % of a mixed Jacobian addition. All sums of points here reduce to
//! "segments": consecutive runs of an array, each to be summed, halved pairwise round after round.

use crate::limbs::Point;
use crate::Fq;
use ark_ff::{AdditiveGroup, Field, One, Zero};

/// Additions that share one inversion. The block's points should stay in the second-level cache.
const BLOCK: usize = 1024;

struct Job {
    left: Point,
    right: Point,
    target: usize,
}

/// Pending additions of one round.
pub struct Adder {
    jobs: Vec<Job>,
    denominators: Vec<Fq>,
    prefixes: Vec<Fq>,
}

impl Default for Adder {
    fn default() -> Self {
        Adder {
            jobs: Vec::with_capacity(BLOCK),
            denominators: Vec::with_capacity(BLOCK),
            prefixes: Vec::with_capacity(BLOCK),
        }
    }
}

impl Adder {
    /// Ask for `out[target] = left + right`; done at the latest by `flush`.
    #[inline(always)]
    pub fn push(&mut self, left: Point, right: Point, target: usize, out: &mut [Point]) {
        self.jobs.push(Job { left, right, target });
        if self.jobs.len() == BLOCK {
            self.flush(out);
        }
    }

    pub fn flush(&mut self, out: &mut [Point]) {
        self.denominators.clear();
        self.prefixes.clear();
        let mut product = Fq::one();
        for job in &self.jobs {
            let denominator = denominator(&job.left, &job.right);
            self.prefixes.push(product);
            self.denominators.push(denominator);
            product *= denominator;
        }
        // Every denominator was made non-zero, so the product is too.
        let mut inverse = product.inverse().unwrap_or(Fq::ZERO);
        for ((job, denominator), prefix) in self.jobs.iter().zip(&self.denominators).zip(&self.prefixes).rev() {
            out[job.target] = finish(&job.left, &job.right, inverse * prefix);
            inverse *= denominator;
        }
        self.jobs.clear();
    }
}

/// The number to invert before `left + right`; one where nothing needs inverting.
#[inline(always)]
fn denominator(left: &Point, right: &Point) -> Fq {
    if left.is_infinity() || right.is_infinity() {
        return Fq::one();
    }
    let run = right.x - left.x;
    if !run.is_zero() {
        run
    } else if left.y == right.y {
        // No point of order two exists on the curve: y is not zero.
        left.y.double()
    } else {
        Fq::one()
    }
}

#[inline(always)]
fn finish(left: &Point, right: &Point, inverse: Fq) -> Point {
    if left.is_infinity() {
        return *right;
    }
    if right.is_infinity() {
        return *left;
    }
    let slope = if left.x != right.x {
        (right.y - left.y) * inverse
    } else if left.y == right.y {
        let square = left.x.square();
        (square.double() + square) * inverse
    } else {
        return Point::INFINITY;
    };
    let x = slope.square() - left.x - right.x;
    Point { x, y: slope * (left.x - x) - left.y }
}

/// Sum each segment. `lengths[s]` points belong to segment s, in order; `fetch(i)` gives point i of them all.
/// An empty segment sums to infinity.
pub fn segment_sums(lengths: &[u32], fetch: impl Fn(usize) -> Point) -> Vec<Point> {
    let mut adder = Adder::default();
    let mut lengths = lengths.to_vec();
    let total: usize = lengths.iter().map(|&length| length.div_ceil(2) as usize).sum();
    let mut points = vec![Point::INFINITY; total];
    let mut longest = round(&mut adder, &mut lengths, &mut points, |_, index| fetch(index));
    while longest > 1 {
        // In place: a target is never past its sources, and sources are copied before anything is written.
        longest = round(&mut adder, &mut lengths, &mut points, |points, index| points[index]);
    }
    let mut next = points.iter();
    let sums = lengths.iter().map(|&length| if length == 0 { None } else { next.next() });
    sums.map(|point| point.copied().unwrap_or(Point::INFINITY)).collect()
}

/// Add neighbours in every segment; returns the longest length left.
#[inline(always)]
fn round(
    adder: &mut Adder,
    lengths: &mut [u32],
    points: &mut [Point],
    fetch: impl Fn(&[Point], usize) -> Point,
) -> u32 {
    let (mut source, mut target, mut longest) = (0, 0, 0);
    for length in lengths {
        for _ in 0..*length / 2 {
            let (left, right) = (fetch(points, source), fetch(points, source + 1));
            adder.push(left, right, target, points);
            source += 2;
            target += 1;
        }
        if *length % 2 == 1 {
            points[target] = fetch(points, source);
            source += 1;
            target += 1;
        }
        *length = length.div_ceil(2);
        longest = longest.max(*length);
    }
    adder.flush(points);
    longest
}
