//! The register program eight rows at a time. Registers, queries and scalars of a chunk of rows lie
//! in one array of slots, so an instruction is three places in it.

/// The slots of one worker should stay in the second-level cache.
const CACHE_BYTES: usize = 512 * 1024;

/// Where an operand starts and how far apart its groups of eight rows are (0: the same for all
/// rows).
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    stride: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Add,
    Subtract,
    /// Both in the form of memory.
    Product,
    /// The left one prepared as a factor.
    Factor,
}

struct Step {
    kind: Kind,
    target: usize,
    left: Place,
    right: Place,
}

/// One step on all groups of a chunk.
#[cfg(target_arch = "x86_64")]
macro_rules! each_group {
    ($slots:ident, $step:ident, $groups:ident, $operation:expr) => {
        for group in 0..$groups {
            let left = &$slots[$step.left.start + group * $step.left.stride];
            let right = &$slots[$step.right.start + group * $step.right.stride];
            $slots[$step.target + group] = $operation(left, right);
        }
    };
}

macro_rules! kernels {
    ($lanes:ident, $features:literal) => {
        use super::{Kind, Place, Step, CACHE_BYTES};
        use crate::error::Result;
        use crate::lanes::{$lanes as simd, LANES};
        use crate::pool::{threads, Spread};
        use crate::program::{Instruction, Operand, Operation, Program};
        use crate::reserve::{RESERVE, THREAD};
        use crate::Fr;
        use rayon::prelude::*;
        use simd::Lanes;

        /// A program laid out for chunks of `groups` times eight rows.
        struct Layout<'a> {
            program: &'a Program,
            groups: usize,
            steps: Vec<Step>,
        }

        impl Layout<'_> {
            fn new(program: &Program, scalars: usize) -> Layout<'_> {
                let rows = CACHE_BYTES
                    / size_of::<Lanes>()
                    / (program.registers + program.queries.len()).max(1);
                let mut layout = Layout { program, groups: rows.clamp(2, 16), steps: Vec::new() };
                let step = |instruction: &Instruction| {
                    let (left, right) = (instruction.left, instruction.right);
                    let (kind, left, right) = match instruction.operation {
                        Operation::Add => (Kind::Add, layout.place(left), layout.place(right)),
                        Operation::Subtract => {
                            (Kind::Subtract, layout.place(left), layout.place(right))
                        }
                        Operation::Multiply => match (left, right) {
                            (Operand::Scalar(index), other) | (other, Operand::Scalar(index)) => {
                                let factor = layout.place(Operand::Scalar(scalars + index));
                                (Kind::Factor, factor, layout.place(other))
                            }
                            _ => (Kind::Product, layout.place(left), layout.place(right)),
                        },
                    };
                    Step { kind, target: instruction.destination * layout.groups, left, right }
                };
                layout.steps = program.instructions.iter().map(step).collect();
                layout
            }

            /// Slots: registers, queries, scalars, scalars as factors.
            fn place(&self, operand: Operand) -> Place {
                let registers = self.program.registers * self.groups;
                let queries = self.program.queries.len() * self.groups;
                match operand {
                    Operand::Register(index) => Place { start: index * self.groups, stride: 1 },
                    Operand::Query(index) => {
                        Place { start: registers + index * self.groups, stride: 1 }
                    }
                    Operand::Scalar(index) => {
                        Place { start: registers + queries + index, stride: 0 }
                    }
                }
            }

            /// Bytes of the slots of one thread.
            fn slot_bytes(&self, scalars: &[Fr]) -> usize {
                let rows = (self.program.registers + self.program.queries.len()) * self.groups;
                (rows + 2 * scalars.len()) * size_of::<Lanes>()
            }

            #[target_feature(enable = $features)]
            fn slots(&self, scalars: &[Fr]) -> Vec<Lanes> {
                let rows = (self.program.registers + self.program.queries.len()) * self.groups;
                let mut slots = vec![simd::zero(); rows];
                slots.extend(scalars.iter().map(|&scalar| simd::splat(scalar)));
                slots.extend(scalars.iter().map(|&scalar| simd::factor(scalar)));
                slots
            }

            #[target_feature(enable = $features)]
            fn run_chunk(
                &self,
                slots: &mut [Lanes],
                columns: &[&[Fr]],
                start: usize,
                outputs: Vec<&mut [Fr]>,
            ) {
                let rows = columns[0].len();
                let groups = self.groups.min((rows - start).div_ceil(LANES));
                for (index, &(column, rotation)) in self.program.queries.iter().enumerate() {
                    let column = columns[column];
                    let first = (start as i64 + rotation).rem_euclid(rows as i64) as usize;
                    let place = self.place(Operand::Query(index)).start;
                    for (group, slot) in slots[place..place + groups].iter_mut().enumerate() {
                        let from = (first + group * LANES) % rows;
                        *slot = match column[from..].first_chunk::<LANES>() {
                            Some(eight) => simd::load(eight),
                            // The rotation wraps round here, or the rows end: rows past the end are
                            // never stored.
                            None => simd::load(&std::array::from_fn(|lane| {
                                column[(from + lane) % rows]
                            })),
                        };
                    }
                }
                for step in &self.steps {
                    match step.kind {
                        Kind::Add => each_group!(slots, step, groups, simd::add::<Fr>),
                        Kind::Subtract => each_group!(slots, step, groups, simd::subtract::<Fr>),
                        Kind::Product => each_group!(slots, step, groups, simd::product::<Fr>),
                        Kind::Factor => each_group!(slots, step, groups, simd::multiply::<Fr>),
                    }
                }
                for (target, &operand) in outputs.into_iter().zip(&self.program.outputs) {
                    let place = self.place(operand);
                    for (group, eight) in target.chunks_mut(LANES).enumerate() {
                        simd::store_some(&slots[place.start + group * place.stride], eight);
                    }
                }
            }
        }

        /// Run on every row. The caller has checked operands and lengths; there is at least one
        /// row.
        #[target_feature(enable = $features)]
        pub fn run(program: &Program, columns: &[&[Fr]], scalars: &[Fr]) -> Result<Vec<Vec<Fr>>> {
            let rows = columns[0].len();
            let layout = Layout::new(program, scalars.len());
            RESERVE.secure(threads() * (layout.slot_bytes(scalars) + THREAD))?;
            let mut results = program.empty_results(rows)?;
            let jobs = crate::program::jobs(&mut results, rows, layout.groups * LANES)?;
            jobs.into_par_iter().enumerate().each_with(
                || layout.slots(scalars),
                |slots, (index, outputs)| {
                    layout.run_chunk(slots, columns, index * layout.groups * LANES, outputs)
                },
            );
            Ok(results)
        }
    };
}
crate::lanes::for_all_lanes!(kernels);
