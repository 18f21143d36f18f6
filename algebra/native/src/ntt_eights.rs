//! The transform eight elements at a time. Lanes hold consecutive elements until blocks are eight
//! long; then eight blocks are transposed, so that the last three stages work across vectors, and
//! scattered to their natural places.

use crate::lanes::LANES;
use crate::Fr;

/// Below this size the pure transform is as fast.
pub const SMALLEST: usize = LANES * LANES;

/// Groups of eight in a transform that runs on one thread, inside the second-level cache.
const SERIAL: usize = 1 << 9;

/// Groups in one parallel piece of a stage.
const PIECE: usize = 256;

/// What multiplies the elements on their way in.
pub enum Scale {
    Nothing,
    /// value
    Constant(Fr),
    /// base^i
    Powers(Fr),
}

/// Where the result goes: element `index` of the transform to `out[index]`, or to `out[-index]` for
/// an inverse.
struct Target {
    out: *mut u64,
    log: u32,
    backward: bool,
}
// SAFETY: every group of blocks writes its own elements (bit reversal is one to one).
unsafe impl Sync for Target {}

impl Target {
    /// Address of the element at place `place` of the bit-reversed order.
    #[inline(always)]
    fn address(&self, place: usize) -> *mut u64 {
        let mut index = place.reverse_bits() >> (usize::BITS - self.log);
        if self.backward {
            index = index.wrapping_neg() & ((1 << self.log) - 1);
        }
        // SAFETY: index < 2^log, the length of `out`, in elements of four words.
        unsafe { self.out.add(4 * index) }
    }
}

macro_rules! kernels {
    ($lanes:ident, $features:literal) => {
        use super::{Scale, Target, PIECE, SERIAL};
        use crate::error::Result;
        use crate::kept::Kept;
        use crate::lanes::{$lanes as simd, LANES};
        use crate::memory::room;
        use crate::ntt::twiddles;
        use crate::pool::{join, Spread};
        use crate::Fr;
        use ark_ff::Field;
        use rayon::prelude::*;
        use simd::Lanes;

        /// Twiddle factors of all stages with blocks of sixteen and more: group (half + i) / 8
        /// begins with w_{2 half}^i.
        fn factors(size: usize) -> Result<&'static [Lanes]> {
            static TABLE: Kept<Vec<Lanes>> = Kept::new();
            let serves = |table: &Vec<Lanes>| table.len() * LANES >= size;
            TABLE.get(serves, || make_factors(twiddles(size)?)).map(Vec::as_slice)
        }

        fn make_factors(twiddles: &[Fr]) -> Result<Vec<Lanes>> {
            let prepare = |eight: &[Fr; LANES]| {
                let eight = eight.map(|twiddle| twiddle * simd::to_factor::<Fr>());
                // SAFETY: this runs only where the instructions are.
                unsafe { simd::load(&eight) }
            };
            twiddles.as_chunks().0.par_iter().with_min_len(PIECE).map(prepare).gather()
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn butterfly(low: &mut Lanes, high: &mut Lanes, factor: &Lanes) {
            let difference = simd::loose_difference::<Fr>(low, high);
            *low = simd::add::<Fr>(low, high);
            *high = simd::multiply::<Fr>(&difference, factor);
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn plain_butterfly(low: &mut Lanes, high: &mut Lanes) {
            let difference = simd::subtract::<Fr>(low, high);
            *low = simd::add::<Fr>(low, high);
            *high = difference;
        }

        #[target_feature(enable = $features)]
        fn stage(low: &mut [Lanes], high: &mut [Lanes], factors: &[Lanes]) {
            for ((low, high), factor) in low.iter_mut().zip(high).zip(factors) {
                butterfly(low, high, factor);
            }
        }

        /// Two stages in one pass over four quarters of a block: less goes through memory.
        #[target_feature(enable = $features)]
        fn two_stages(
            [a, b, c, d]: [&mut [Lanes]; 4],
            left: &[Lanes],
            right: &[Lanes],
            next: &[Lanes],
        ) {
            for i in 0..a.len() {
                butterfly(&mut a[i], &mut c[i], &left[i]);
                butterfly(&mut b[i], &mut d[i], &right[i]);
                butterfly(&mut a[i], &mut b[i], &next[i]);
                butterfly(&mut c[i], &mut d[i], &next[i]);
            }
        }

        /// Stages down to blocks of eight, then the rest; `first` is the place of the first group
        /// in the whole.
        #[target_feature(enable = $features)]
        fn forward(
            groups: &mut [Lanes],
            first: usize,
            table: &[Lanes],
            corner: &[Lanes; 4],
            target: &Target,
        ) {
            let count = groups.len();
            if count > 2 * SERIAL {
                let quarter = count / 4;
                let (low, high) = groups.split_at_mut(2 * quarter);
                let ((a, b), (c, d)) = (low.split_at_mut(quarter), high.split_at_mut(quarter));
                let (upper, [left, right]) = (
                    &table[quarter..2 * quarter],
                    [2, 3].map(|q| &table[q * quarter..][..quarter]),
                );
                a.par_chunks_mut(PIECE)
                    .zip(b.par_chunks_mut(PIECE))
                    .zip(c.par_chunks_mut(PIECE).zip(d.par_chunks_mut(PIECE)))
                    .enumerate()
                    .each(|(piece, ((a, b), (c, d)))| {
                        let start = piece * PIECE;
                        two_stages([a, b, c, d], &left[start..], &right[start..], &upper[start..]);
                    });
                let jobs = groups.par_chunks_mut(quarter).enumerate().with_max_len(1);
                jobs.each(|(index, part)| {
                    forward(part, first + index * quarter, table, corner, target)
                });
                return;
            }
            if count > SERIAL {
                let half = count / 2;
                let (low, high) = groups.split_at_mut(half);
                stage(low, high, &table[half..count]);
                join(
                    || forward(low, first, table, corner, target),
                    || forward(high, first + half, table, corner, target),
                );
                return;
            }
            let mut half = count / 2;
            while half >= 1 {
                for block in groups.chunks_exact_mut(2 * half) {
                    let (low, high) = block.split_at_mut(half);
                    stage(low, high, &table[half..2 * half]);
                }
                half /= 2;
            }
            for (index, eight) in groups.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                last_stages(eight, (first + index * LANES) * LANES, corner, target);
            }
        }

        /// Blocks of eight: vector k of the transposed eight holds element k of eight blocks.
        #[target_feature(enable = $features)]
        fn last_stages(
            eight: &mut [Lanes; LANES],
            place: usize,
            corner: &[Lanes; 4],
            target: &Target,
        ) {
            simd::transpose(eight);
            let (low, high) = eight.split_at_mut(4);
            plain_butterfly(&mut low[0], &mut high[0]);
            for k in 1..4 {
                butterfly(&mut low[k], &mut high[k], &corner[k]);
            }
            for four in [low, high] {
                let (low, high) = four.split_at_mut(2);
                plain_butterfly(&mut low[0], &mut high[0]);
                butterfly(&mut low[1], &mut high[1], &corner[2]);
                for two in [low, high] {
                    let (low, high) = two.split_at_mut(1);
                    plain_butterfly(&mut low[0], &mut high[0]);
                }
            }
            for (k, lanes) in eight.iter().enumerate() {
                // SAFETY: `address` stays inside the output, and no other group writes these
                // places.
                unsafe { simd::scatter(lanes, |lane| target.address(place + lane * LANES + k)) };
            }
        }

        /// Transform of `values`, 2^log of them and at least `SMALLEST`, scaled on the way in;
        /// `backward` reverses the index.
        #[target_feature(enable = $features)]
        pub fn transform(
            values: &[Fr],
            log: u32,
            scale: &Scale,
            backward: bool,
        ) -> Result<Vec<Fr>> {
            let table = factors(values.len())?;
            let small = twiddles(values.len())?;
            let corner: [Lanes; 4] = std::array::from_fn(|k| simd::factor(small[4 + k]));
            let count = values.len() / LANES;
            let mut groups: Vec<Lanes> = room(count)?;
            groups.spare_capacity_mut()[..count]
                .par_chunks_mut(PIECE)
                .zip(values.as_chunks::<LANES>().0.par_chunks(PIECE))
                .enumerate()
                .each(|(piece, (groups, values))| match scale {
                    Scale::Nothing => {
                        for (group, eight) in groups.iter_mut().zip(values) {
                            group.write(simd::load(eight));
                        }
                    }
                    Scale::Constant(value) => {
                        let factor = simd::factor(*value);
                        for (group, eight) in groups.iter_mut().zip(values) {
                            group.write(simd::multiply::<Fr>(&simd::load(eight), &factor));
                        }
                    }
                    Scale::Powers(base) => {
                        let (mut power, step) = powers(*base, piece * PIECE * LANES);
                        for (group, eight) in groups.iter_mut().zip(values) {
                            group.write(simd::multiply::<Fr>(&simd::load(eight), &power));
                            power = simd::multiply::<Fr>(&power, &step);
                        }
                    }
                });
            // SAFETY: every group was written above.
            unsafe { groups.set_len(count) };
            let mut out: Vec<Fr> = room(values.len())?;
            let target = Target { out: out.as_mut_ptr().cast(), log, backward };
            forward(&mut groups, 0, table, &corner, &target);
            // SAFETY: bit reversal is one to one, so every element was written.
            unsafe { out.set_len(values.len()) };
            Ok(out)
        }

        /// base^start .. base^(start + 7) as factors, and the factor that goes on by eight.
        #[target_feature(enable = $features)]
        fn powers(base: Fr, start: usize) -> (Lanes, Lanes) {
            let mut power = base.pow([start as u64]) * simd::to_factor::<Fr>();
            let eight: [Fr; LANES] = std::array::from_fn(|_| {
                let current = power;
                power *= base;
                current
            });
            (simd::load(&eight), simd::factor(base.pow([LANES as u64])))
        }

        /// values[i] *= start * base^i.
        #[target_feature(enable = $features)]
        pub fn scale(values: &mut [Fr], start: Fr, base: Fr) {
            let start = simd::factor(start);
            values.as_chunks_mut::<LANES>().0.par_chunks_mut(PIECE).enumerate().each(
                |(piece, groups)| {
                    let (power, step) = powers(base, piece * PIECE * LANES);
                    let mut power = simd::multiply::<Fr>(&power, &start);
                    for eight in groups {
                        simd::store(&simd::multiply::<Fr>(&simd::load(eight), &power), eight);
                        power = simd::multiply::<Fr>(&power, &step);
                    }
                },
            );
        }
    };
}
crate::lanes::for_all_lanes!(kernels);
