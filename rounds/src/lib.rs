//! How the benchmarks take their samples: every operation once a round, the rounds interleaved, so that a machine that is
//! slow for a while is slow for all of them. Each operation has a floor, another of the same run, and what is quoted is
//! the ratio of the medians; the times are this machine's at this moment.
//!
//! Two things must not decide what an operation costs. What ran before it: so it runs once untimed, then timed. And where
//! on the stack it runs: in about a quarter of all places the verification of one and the same Ed25519 signature takes up
//! to a quarter longer, and the places repeat every 4096 bytes, as much of an address as processors compare at first to
//! see whether a load depends on a store. So each round runs at another depth of the stack.

use std::{hint::black_box, time::Instant};

/// About so many bytes does each step down the stack take, and so many steps go past 4096 bytes.
const STEP: usize = 240;
const STEPS: usize = 17;

#[inline(never)]
fn deeper(steps: usize, run: &mut dyn FnMut()) {
    let room = black_box([0_u8; STEP]);
    match steps.checked_sub(1) {
        Some(fewer) => deeper(fewer, run),
        None => run(),
    }
    black_box(&room);
}

struct Operation<'a> {
    name: &'static str,
    /// The operation that this one is measured against, by its place, and how many of it make one of this.
    floor: usize,
    times: f64,
    run: Box<dyn FnMut() + 'a>,
    samples: Vec<f64>,
}

/// Operations to be measured together.
#[derive(Default)]
pub struct Rounds<'a> {
    operations: Vec<Operation<'a>>,
}

impl<'a> Rounds<'a> {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A floor for the operations that follow, up to the next.
    pub fn floor(&mut self, name: &'static str, run: impl FnMut() + 'a) {
        let floor = self.operations.len();
        self.push(name, floor, 1.0, run);
    }

    /// An operation against the floor before it.
    pub fn operation(&mut self, name: &'static str, run: impl FnMut() + 'a) {
        self.operation_of(name, 1.0, run);
    }

    /// An operation that has the work of so many of its floor inside.
    pub fn operation_of(&mut self, name: &'static str, times: f64, run: impl FnMut() + 'a) {
        let floor = self.operations.last().map_or(0, |last| last.floor);
        self.push(name, floor, times, run);
    }

    fn push(&mut self, name: &'static str, floor: usize, times: f64, run: impl FnMut() + 'a) {
        self.operations.push(Operation {
            name,
            floor,
            times,
            run: Box::new(run),
            samples: Vec::new(),
        });
    }

    /// Runs so many rounds and prints the table.
    pub fn run(mut self, rounds: usize) {
        for round in 0..rounds {
            for operation in &mut self.operations {
                let (run, samples) = (&mut operation.run, &mut operation.samples);
                deeper(round % STEPS, &mut || {
                    run();
                    let start = Instant::now();
                    run();
                    samples.push(start.elapsed().as_secs_f64() * 1e6);
                });
            }
        }
        println!("{rounds} interleaved rounds");
        println!(
            "{:56} {:>10} {:>10} {:>12}",
            "", "median µs", "p10 µs", "x its floor"
        );
        let figures: Vec<(f64, f64)> = self
            .operations
            .iter_mut()
            .map(|operation| {
                operation.samples.sort_by(f64::total_cmp);
                let at = |part: usize| {
                    let sample = operation.samples.get(rounds / part);
                    sample.copied().unwrap_or_default()
                };
                (at(2), at(10))
            })
            .collect();
        for (operation, (median, fast)) in self.operations.iter().zip(&figures) {
            let floor = figures
                .get(operation.floor)
                .map_or(1.0, |(floor, _)| *floor);
            println!(
                "{:56} {median:10.1} {fast:10.1} {:11.2}x",
                operation.name,
                median / floor / operation.times
            );
        }
    }
}
