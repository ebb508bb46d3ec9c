//! Texts that are policies.
use super::{EXAMPLE, check};

#[test]
fn the_example_is_canonical() {
    check(EXAMPLE, EXAMPLE);
}
