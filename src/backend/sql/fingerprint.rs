//! What a text says, however it is printed.

use super::Dialect;

/// Equal for texts that say the same.
pub fn fingerprint(text: &str, _dialect: Dialect) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
