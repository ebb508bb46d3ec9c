//! What each platform can hold: plain data without defaults, so that a new question breaks the build until every
//! backend answers. `docs/platforms.md` is printed from it.

/// How well a platform holds a construct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// The same as the reference.
    Exact,
    /// Less than the reference, and how.
    Narrowed(&'static str),
    /// Not at all: those whom it concerns do not get the securable there, and why.
    Refused(&'static str),
}

impl Support {
    /// Whether the reference is held as it is.
    pub fn is_exact(self) -> bool {
        matches!(self, Support::Exact)
    }
}

/// One platform's answers.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// The product and the versions that the answers are about.
    pub versions: &'static str,
    /// `allow read` on tables.
    pub read_tables: Support,
    /// `allow write` on tables.
    pub write_tables: Support,
    /// `allow write` on views.
    pub write_views: Support,
    /// `allow read` and `allow write` on prefixes.
    pub prefixes: Support,
    /// `using null`.
    pub null: Support,
    /// `using constant`.
    pub constant: Support,
    /// `using hash`.
    pub hash: Support,
    /// `using keep first|last`.
    pub keep: Support,
    /// `using regex`.
    pub regex: Support,
    /// `using round to N`.
    pub round_number: Support,
    /// `using round to year|month|day|hour`.
    pub round_date: Support,
    /// `using custom`.
    pub custom: Support,
    /// A mask's `when`.
    pub when: Support,
    /// `rows where` with comparisons, lists, `like`, `is null`, `today`.
    pub rows: Support,
    /// `user attribute`, `user groups`, `user name` in rows.
    pub user_values: Support,
    /// Conditions on the user as atoms in rows.
    pub user_atoms: Support,
    /// A filter or `when` that reads a masked column.
    pub masked_input: Support,
    /// Users who write what is masked or filtered for them.
    pub masked_writers: Support,
    /// Numbers of grants, rules and the like that the platform takes.
    pub limits: &'static str,
    /// What is lossy, or must be known by whoever trusts it.
    pub remarks: &'static [&'static str],
}
