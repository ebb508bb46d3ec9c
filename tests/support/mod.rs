//! Worlds and laws, without a word about any platform: everything goes through the contract.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking, helpers too"
)]
#![expect(unreachable_pub, reason = "shared by the tests alone")]

pub mod case;
pub mod policies;
pub mod texts;
pub mod worlds;

pub mod bodies;
pub mod gaps;
pub mod never_wider;
pub mod order;
pub mod ours_alone;
pub mod round_trip;
pub mod steps;

pub mod redshift;
pub mod query;
pub mod snowflake;
pub mod trino;
pub mod unity;
pub mod views;
