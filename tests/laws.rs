//! The laws of `architecture.md`, for every platform that has a backend.

#![expect(clippy::panic, reason = "helpers of tests fail by panicking")]

mod support;

use std::path::Path;

use grantc::diagnostic::Diagnostics;
use grantc::pipeline::{self, World};
use grantc::source::Sources;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use support::case::each;
use support::texts::now;
use support::{bodies, gaps, never_wider, order, ours_alone, round_trip, steps, worlds};

/// So many random worlds, the same in every run; `PROPTEST_CASES` asks for more, `PROPTEST_RNG_SEED` for others.
fn cases() -> Config {
    let usual = Config::default();
    let cases = if usual.cases == 256 { 64 } else { usual.cases };
    let rng_seed = match usual.rng_seed {
        RngSeed::Random => RngSeed::Fixed(20_261_123),
        RngSeed::Fixed(seed) => RngSeed::Fixed(seed),
    };
    Config {
        cases,
        rng_seed,
        failure_persistence: None,
        max_shrink_iters: 1024,
        max_shrink_time: 3_000,
        ..usual
    }
}

/// A project of `fixtures/`.
fn fixture(name: &str) -> World {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    pipeline::load(&root, now(), &mut sources, &mut said).unwrap_or_else(|_| panic!("{name}: {said:?}"))
}

const FIXTURES: [&str; 2] = ["hello", "retail"];

#[test]
fn fixtures_are_never_wider_and_read_back() {
    for name in FIXTURES {
        let world = fixture(name);
        each(&world, &mut |case| {
            never_wider::holds(case);
            gaps::name_what_exists(case);
        });
        round_trip::holds(&world);
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn lowering_never_widens(texts in worlds::world()) {
        each(&texts.read().unwrap(), &mut never_wider::holds);
    }

    #[test]
    fn gaps_name_what_exists(texts in worlds::world()) {
        each(&texts.read().unwrap(), &mut gaps::name_what_exists);
    }

    #[test]
    fn what_is_written_is_read_back_and_a_second_plan_is_empty(texts in worlds::world()) {
        round_trip::holds(&texts.read().unwrap());
    }

    #[test]
    fn bodies_show_what_the_reference_shows(
        texts in worlds::world(),
        rows in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 19), 12),
    ) {
        each(&texts.read().unwrap(), &mut |case| rows.iter().for_each(|picks| bodies::agree(case, picks)));
    }

    #[test]
    fn no_prefix_of_a_plan_is_wider_than_both_ends((before, after) in worlds::change()) {
        steps::hold(&before.read().unwrap(), &after.read().unwrap());
    }

    #[test]
    fn neither_order_nor_threads_show((before, after) in worlds::shuffled()) {
        let bytes = order::on_threads(1, &before);
        prop_assert_eq!(&bytes, &order::on_threads(2, &before));
        prop_assert_eq!(&bytes, &order::on_threads(2, &after));
    }

    #[test]
    fn what_is_not_ours_is_left_alone((texts, other) in worlds::change(), seed in any::<u64>()) {
        let keep = |at: usize| seed.rotate_left(at as u32 % 64) & 1 == 1;
        ours_alone::hold(&texts.read().unwrap(), &other.read().unwrap(), &keep);
    }
}

proptest! {
    #![proptest_config(Config { cases: cases().cases / 8, ..cases() })]

    #[test]
    fn no_step_to_another_way_of_holding_masks_is_wider((before, after) in worlds::switched()) {
        steps::hold(&before.read().unwrap(), &after.read().unwrap());
    }
}

/// A law over worlds that do not compile would say nothing.
#[test]
fn most_random_policies_survive() {
    let mut runner = TestRunner::deterministic();
    let (mut all, mut dropped) = (0, 0);
    for _ in 0..40 {
        let texts = worlds::unrepaired().new_tree(&mut runner).unwrap().current();
        all += texts.policies.len();
        let (repaired, lost) = texts.repaired();
        repaired.read().unwrap();
        dropped += lost;
    }
    assert!(dropped * 3 < all, "{dropped} of {all} random policies are in error");
}
