//! Three-valued truth that is not fully known: the set of outcomes that are possible.
//!
//! Invariant: never empty. Operations give every outcome that some choice of their operands' outcomes gives.

use std::cmp::Ordering;

use super::Partial;
use crate::ir::Operator;
use crate::ir::value::Value;

/// A set of TRUE, FALSE and NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Truth(u8);

const ALL: [Truth; 3] = [Truth::TRUE, Truth::FALSE, Truth::NULL];

impl Truth {
    pub(super) const TRUE: Truth = Truth(1);
    pub(super) const FALSE: Truth = Truth(2);
    pub(super) const NULL: Truth = Truth(4);
    /// True or false, not NULL.
    pub(super) const EITHER: Truth = Truth(3);
    /// Anything.
    pub(super) const ANY: Truth = Truth(7);

    pub(super) fn known(value: bool) -> Truth {
        if value { Truth::TRUE } else { Truth::FALSE }
    }

    fn may_be(self, outcome: Truth) -> bool {
        self.0 & outcome.0 != 0
    }

    pub(super) fn may_be_true(self) -> bool {
        self.may_be(Truth::TRUE)
    }

    pub(super) fn may_be_null(self) -> bool {
        self.may_be(Truth::NULL)
    }

    pub(super) fn is_true(self) -> bool {
        self == Truth::TRUE
    }

    /// Either of two.
    pub(super) fn union(self, other: Truth) -> Truth {
        Truth(self.0 | other.0)
    }

    /// Without NULL, `None` if nothing is left.
    pub(super) fn not_null(self) -> Option<Truth> {
        let left = self.0 & Truth::EITHER.0;
        (left != 0).then_some(Truth(left))
    }

    pub(super) fn not(self) -> Truth {
        self.map(|outcome| match outcome {
            Truth::TRUE => Truth::FALSE,
            Truth::FALSE => Truth::TRUE,
            other => other,
        })
    }

    pub(super) fn and(self, other: Truth) -> Truth {
        self.combine(other, |left, right| match (left, right) {
            (Truth::FALSE, _) | (_, Truth::FALSE) => Truth::FALSE,
            (Truth::TRUE, Truth::TRUE) => Truth::TRUE,
            _ => Truth::NULL,
        })
    }

    pub(super) fn or(self, other: Truth) -> Truth {
        self.not().and(other.not()).not()
    }

    /// `IS TRUE`, `IS FALSE`, `IS NULL`.
    pub(super) fn is(self, wanted: Truth) -> Truth {
        self.map(|outcome| Truth::known(outcome == wanted))
    }

    fn map(self, with: impl Fn(Truth) -> Truth) -> Truth {
        let images = ALL.iter().filter(|outcome| self.may_be(**outcome)).map(|outcome| with(*outcome).0);
        Truth(images.fold(0, |all, image| all | image))
    }

    fn combine(self, other: Truth, with: impl Fn(Truth, Truth) -> Truth) -> Truth {
        let one = |left: Truth| other.map(|right| with(left, right)).0;
        let images = ALL.iter().filter(|outcome| self.may_be(**outcome)).map(|outcome| one(*outcome));
        Truth(images.fold(0, |all, image| all | image))
    }

    /// As a value, if it is known.
    pub(super) fn partial(self) -> Partial {
        match self {
            Truth::TRUE => Partial::Value(Value::Boolean(true)),
            Truth::FALSE => Partial::Value(Value::Boolean(false)),
            Truth::NULL => Partial::Value(Value::Null),
            _ => Partial::Unknown,
        }
    }

    /// A value as a condition.
    pub(super) fn of(value: &Partial) -> Truth {
        match value {
            Partial::Value(Value::Boolean(value)) => Truth::known(*value),
            Partial::Value(Value::Null) => Truth::NULL,
            Partial::Value(Value::Text(_) | Value::Number(_) | Value::Date(_) | Value::Timestamp(_))
            | Partial::Column(_)
            | Partial::Unknown => Truth::ANY,
        }
    }

    /// A comparison: NULL if a side is, unknown across kinds, since engines then convert one of them.
    pub(super) fn compare(operator: Operator, left: &Partial, right: &Partial) -> Truth {
        match (left, right) {
            (Partial::Value(Value::Null), _) | (_, Partial::Value(Value::Null)) => Truth::NULL,
            (Partial::Value(left), Partial::Value(right)) => match left.compare(right, false) {
                Some(ordering) => Truth::known(operator.holds(ordering)),
                None => Truth::ANY,
            },
            _ => Truth::ANY,
        }
    }

    /// `IS DISTINCT FROM`: never NULL.
    pub(super) fn distinct(left: &Partial, right: &Partial) -> Truth {
        match (left, right) {
            (Partial::Value(Value::Null), Partial::Value(Value::Null)) => Truth::FALSE,
            (Partial::Value(Value::Null), Partial::Value(_))
            | (Partial::Value(_), Partial::Value(Value::Null)) => Truth::TRUE,
            (Partial::Value(left), Partial::Value(right)) => match left.compare(right, false) {
                Some(ordering) => Truth::known(ordering != Ordering::Equal),
                None => Truth::EITHER,
            },
            _ => Truth::EITHER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_truth_combines_as_every_choice_would() {
        let subsets = || (1..8).map(Truth);
        for (left, right) in subsets().flat_map(|left| subsets().map(move |right| (left, right))) {
            let mut and = 0;
            let mut or = 0;
            for (one, other) in ALL.iter().flat_map(|one| ALL.iter().map(move |other| (*one, *other))) {
                if left.may_be(one) && right.may_be(other) {
                    // Kleene: FALSE < NULL < TRUE; AND is the least, OR the greatest.
                    let rank = |truth: Truth| {
                        [Truth::FALSE, Truth::NULL, Truth::TRUE].iter().position(|each| *each == truth)
                    };
                    and |= if rank(one) <= rank(other) { one.0 } else { other.0 };
                    or |= if rank(one) >= rank(other) { one.0 } else { other.0 };
                }
            }
            assert_eq!(left.and(right).0, and, "{left:?} and {right:?}");
            assert_eq!(left.or(right).0, or, "{left:?} or {right:?}");
        }
    }
}
