//! Gaps: what a platform cannot enforce, for whom, and what was done instead. Never wider.

/// What kind of gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapCode {
    /// The platform lacks the masking method, or cannot keep it on this type: `null` is shown instead.
    MethodNarrowed,
    /// A filter or `when` cannot be expressed: those whom it concerns do not get the table there.
    RowsRefused,
    /// A masked column feeds a filter or a `when`: those whom it concerns do not get the table there.
    MaskedInput,
    /// The platform or the securable cannot be written to.
    WriteRefused,
    /// Writers who see a mask or filter cannot write here.
    MaskedWriter,
    /// A data source inside holds what the grantee may not.
    Overlap,
    /// An account is shared by users who do not see the same.
    SharedAccount,
    /// A name that the platform's grammar or files cannot hold.
    Unrepresentable,
}

impl GapCode {
    /// The name that scripts rely on.
    pub fn name(self) -> &'static str {
        match self {
            GapCode::MethodNarrowed => "method-narrowed",
            GapCode::RowsRefused => "rows-refused",
            GapCode::MaskedInput => "masked-input",
            GapCode::WriteRefused => "write-refused",
            GapCode::MaskedWriter => "masked-writer",
            GapCode::Overlap => "overlap",
            GapCode::SharedAccount => "shared-account",
            GapCode::Unrepresentable => "unrepresentable",
        }
    }

    /// Whether those whom it concerns keep a narrower access (`Narrowed`) or none (`Refused`).
    pub fn narrows(self) -> bool {
        matches!(self, GapCode::MethodNarrowed | GapCode::SharedAccount)
    }
}

/// One thing that a platform cannot enforce as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The integration's name.
    pub integration: String,
    /// The policy whose wish it is.
    pub policy: String,
    /// What kind.
    pub code: GapCode,
    /// The securable or column, as output shows names.
    pub object: String,
    /// What cannot be enforced, for whom, what was done.
    pub message: String,
}
