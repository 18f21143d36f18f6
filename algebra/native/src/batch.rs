//! Sums of many short lists of affine points at once, sharing the inversions (batch-affine
//! addition).
//!
//! A single affine addition needs an inversion; a block of independent ones shares it and then
//! costs five multiplications and a square each, about 60 % of a mixed Jacobian addition. All sums
//! of points here reduce to "segments": consecutive runs of an array, each to be summed, halved
//! pairwise round after round.

use crate::error::Result;
use crate::lanes::{in_lanes, LANES};
use crate::limbs::Point;
use crate::memory::{collected, copied, filled};
use crate::Fq;
use ark_ff::{AdditiveGroup, Field, One, Zero};

/// Additions that share one inversion. The block's points should stay in the second-level cache.
const BLOCK: usize = 1024;

/// Pending additions of one round.
pub(crate) struct Adder {
    lefts: Vec<Point>,
    rights: Vec<Point>,
    targets: Vec<usize>,
}

impl Default for Adder {
    fn default() -> Self {
        Adder {
            lefts: Vec::with_capacity(BLOCK),
            rights: Vec::with_capacity(BLOCK),
            targets: Vec::with_capacity(BLOCK),
        }
    }
}

impl Adder {
    /// Ask for `out[target] = left + right`; done at the latest by `flush`.
    #[inline(always)]
    pub(crate) fn push(&mut self, left: Point, right: Point, target: usize, out: &mut [Point]) {
        self.lefts.push(left);
        self.rights.push(right);
        self.targets.push(target);
        if self.targets.len() == BLOCK {
            self.flush(out);
        }
    }

    /// Do what is pending.
    pub(crate) fn flush(&mut self, out: &mut [Point]) {
        add_all(&mut self.lefts, &mut self.rights);
        for (&target, sum) in self.targets.iter().zip(&self.lefts) {
            out[target] = *sum;
        }
        self.lefts.clear();
        self.rights.clear();
        self.targets.clear();
    }
}

/// lefts[i] += rights[i], in eights where the CPU can; `rights` and the padding of both are scratch
/// afterwards.
fn add_all(lefts: &mut Vec<Point>, rights: &mut Vec<Point>) {
    if lefts.len() >= 2 * LANES {
        let padded = lefts.len().next_multiple_of(LANES);
        lefts.resize(padded, Point::INFINITY);
        rights.resize(padded, Point::INFINITY);
        if let Some(()) = in_lanes!(eights::add(lefts.as_chunks_mut().0, rights.as_chunks().0)) {
            return;
        }
    }
    add_singly(lefts, rights);
}

fn add_singly(lefts: &mut [Point], rights: &[Point]) {
    let mut product = Fq::one();
    let mut pairs = Vec::with_capacity(lefts.len());
    for (left, right) in lefts.iter().zip(rights) {
        let denominator = denominator(left, right);
        pairs.push((product, denominator));
        product *= denominator;
    }
    // Every denominator was made non-zero, so the product is too.
    let mut inverse = product.inverse().unwrap_or(Fq::ZERO);
    for ((left, right), (prefix, denominator)) in lefts.iter_mut().zip(rights).zip(pairs).rev() {
        *left = finish(left, right, inverse * prefix);
        inverse *= denominator;
    }
}

/// The same, eight additions at a time; products run down the eight lanes apart and meet in one
/// inversion.
mod eights {
    macro_rules! kernels {
        ($lanes:ident, $features:literal) => {
            use crate::lanes::{$lanes as simd, LANES};
            use crate::limbs::Point;
            use crate::Fq;
            use ark_ff::{AdditiveGroup, Field, One};
            use simd::Lanes;

            /// What one group of eight needs between the two passes.
            struct Group {
                prefix: Lanes,
                denominator: Lanes,
                cases: Cases,
            }

            /// Lanes that are no plain addition.
            #[derive(Clone, Copy)]
            struct Cases {
                left_infinite: u8,
                right_infinite: u8,
                equal: u8,
                opposite: u8,
            }

            impl Cases {
                #[inline(always)]
                fn any(self) -> bool {
                    self.left_infinite | self.right_infinite | self.equal | self.opposite != 0
                }
            }

            #[target_feature(enable = $features)]
            pub fn add(lefts: &mut [[Point; LANES]], rights: &[[Point; LANES]]) {
                let one = simd::splat(Fq::one());
                let mut product = one;
                let mut groups = Vec::with_capacity(lefts.len());
                for (left, right) in lefts.iter().zip(rights) {
                    let ((lx, ly), (rx, ry)) = (simd::load_points(left), simd::load_points(right));
                    let mut denominator = simd::subtract::<Fq>(&rx, &lx);
                    let level = simd::is_zero(&denominator);
                    let left_infinite = simd::is_zero(&lx) & simd::is_zero(&ly);
                    let right_infinite = simd::is_zero(&rx) & simd::is_zero(&ry);
                    let mut cases = Cases { left_infinite, right_infinite, equal: 0, opposite: 0 };
                    if level | left_infinite | right_infinite != 0 {
                        let finite = !(left_infinite | right_infinite);
                        let same = simd::is_zero(&simd::subtract::<Fq>(&ly, &ry));
                        cases.equal = level & finite & same;
                        cases.opposite = level & finite & !same;
                        denominator = simd::select(level | !finite, &denominator, &one);
                        denominator =
                            simd::select(cases.equal, &denominator, &simd::add::<Fq>(&ly, &ly));
                    }
                    groups.push(Group { prefix: product, denominator, cases });
                    product = simd::multiply::<Fq>(&product, &denominator);
                }
                let mut inverse = inverted(&product);
                for ((left, right), group) in lefts.iter_mut().zip(rights).zip(&groups).rev() {
                    let over = simd::multiply::<Fq>(&inverse, &group.prefix);
                    inverse = simd::multiply::<Fq>(&inverse, &group.denominator);
                    let ((lx, ly), (rx, ry)) = (simd::load_points(left), simd::load_points(right));
                    let mut rise = simd::loose_difference::<Fq>(&ry, &ly);
                    if group.cases.equal != 0 {
                        let square = simd::product::<Fq>(&lx, &lx);
                        let triple = simd::add::<Fq>(&simd::add::<Fq>(&square, &square), &square);
                        rise = simd::select(group.cases.equal, &rise, &triple);
                    }
                    let slope = simd::multiply::<Fq>(&over, &rise);
                    let slope_factor = simd::shifted::<Fq>(&slope);
                    let square = simd::multiply::<Fq>(&slope_factor, &slope);
                    let mut x = simd::subtract::<Fq>(&simd::subtract::<Fq>(&square, &lx), &rx);
                    let fall =
                        simd::multiply::<Fq>(&slope_factor, &simd::loose_difference::<Fq>(&lx, &x));
                    let mut y = simd::subtract::<Fq>(&fall, &ly);
                    if group.cases.any() {
                        for (mask, px, py) in [
                            (group.cases.opposite, &simd::zero(), &simd::zero()),
                            (group.cases.right_infinite, &lx, &ly),
                            (group.cases.left_infinite, &rx, &ry),
                        ] {
                            x = simd::select(mask, &x, px);
                            y = simd::select(mask, &y, py);
                        }
                    }
                    simd::store_points(&x, &y, left);
                }
            }

            /// Start of the way back. What a product of many denominators has lost to the form
            /// cancels between a prefix and the product it belongs to; one `to_factor` more makes
            /// `multiply` with a prefix give 1/denominator as a factor.
            #[target_feature(enable = $features)]
            fn inverted(product: &Lanes) -> Lanes {
                let mut lanes = [Fq::ZERO; LANES];
                simd::store(product, &mut lanes);
                let mut prefixes = [Fq::one(); LANES];
                let mut total = Fq::one();
                for (prefix, lane) in prefixes.iter_mut().zip(&lanes) {
                    *prefix = total;
                    total *= lane;
                }
                // Every denominator was made non-zero, so the product is too.
                let mut inverse = total.inverse().unwrap_or(Fq::ZERO) * simd::to_factor::<Fq>();
                for (lane, prefix) in lanes.iter_mut().zip(&prefixes).rev() {
                    let own = inverse * prefix;
                    inverse *= &*lane;
                    *lane = own;
                }
                simd::load(&lanes)
            }
        };
    }
    crate::lanes::for_all_lanes!(kernels);
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

/// Sum each segment. `lengths[s]` points belong to segment s, in order; `fetch(i)` gives point i of
/// them all, which must lie on the curve. An empty segment sums to infinity. On this thread alone;
/// `Error::Memory` where there is none for half the points.
pub fn segment_sums(lengths: &[u32], fetch: impl Fn(usize) -> Point) -> Result<Vec<Point>> {
    let mut adder = Adder::default();
    let mut lengths = copied(lengths)?;
    let total: usize = lengths.iter().map(|&length| length.div_ceil(2) as usize).sum();
    let mut points = filled(Point::INFINITY, total)?;
    let mut longest = round(&mut adder, &mut lengths, &mut points, |_, index| fetch(index));
    while longest > 1 {
        // In place: a target is never past its sources, and sources are copied before anything is
        // written.
        longest = round(&mut adder, &mut lengths, &mut points, |points, index| points[index]);
    }
    let mut next = points.iter();
    let sums = lengths.iter().map(|&length| if length == 0 { None } else { next.next() });
    collected(sums.map(|point| point.copied().unwrap_or(Point::INFINITY)))
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
