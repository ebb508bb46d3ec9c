//! The list of codes. One line each; `grantc explain-code NAME` prints the page `pages/NAME.md`.

/// Declares the codes with their names and one-line titles.
macro_rules! codes {
    ($($variant:ident = $name:literal, $title:literal;)+) => {
        /// What kind of diagnostic: a kebab-case name that scripts may rely on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $title] $variant,)+ }

        impl Code {
            /// Every code, in the order of the list.
            pub const ALL: &[Code] = &[$(Code::$variant,)+];

            /// The kebab-case name.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)+ }
            }

            /// The code of a name.
            pub fn named(name: &str) -> Option<Code> {
                match name { $($name => Some(Code::$variant),)+ _ => None }
            }

            /// What it means in one line.
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title,)+ }
            }
        }
    };
}

codes! {
    // syntax
    Syntax = "syntax", "the text is not a policy";
    TooDeep = "too-deep", "nesting deeper than 200";
    DuplicateClause = "duplicate-clause", "a clause is written twice";
    MissingClause = "missing-clause", "a clause that the declaration needs is not there";
    DuplicateName = "duplicate-name", "two declarations of one kind have the same name";
    BadLiteral = "bad-literal", "a date, number or string that cannot be";
    BadPrefix = "bad-prefix", "an S3 prefix that no policy or catalog may hold";
    // files of the project
    UnknownKey = "unknown-key", "a key that the file format does not have";
    DuplicateKey = "duplicate-key", "a key is written twice";
    BadValue = "bad-value", "a value of the wrong type or form";
    BadFile = "bad-file", "a file cannot be read or is not what its name says";
    DuplicateObject = "duplicate-object", "one securable, user, group or integration is described twice";
    GroupCycle = "group-cycle", "groups that contain each other";
    UnknownObject = "unknown-object", "a securable that the catalog does not describe";
    UnknownIntegration = "unknown-integration", "no integration has this name";
    // names in policies
    UnknownGroup = "unknown-group", "a group that is not in the directory";
    UnknownCondition = "unknown-condition", "no condition has this name";
    ConditionCycle = "condition-cycle", "conditions that need each other";
    UnknownUser = "unknown-user", "a user who is not in the directory";
    UnknownTag = "unknown-tag", "a tag that nothing carries and no vocabulary lists";
    UnknownAttribute = "unknown-attribute", "an attribute that nobody carries";
    UnknownMembership = "unknown-membership", "a membership of an unknown user";
    UnknownApproval = "unknown-approval", "an approval of an unknown user or object";
    AmbiguousObject = "ambiguous-object", "a name that fits several securables";
    WrongSelector = "wrong-selector", "an atom that this selector cannot use";
    MissingColumn = "missing-column", "a selected table lacks the column that the policy reads";
    TypeMismatch = "type-mismatch", "a comparison or method that does not fit the column's type";
    BadPattern = "bad-pattern", "a regular expression outside what every platform shares";
    // platforms and plans
    PlatformLimit = "platform-limit", "more than the platform takes";
    BadState = "bad-state", "an export that is incomplete or cannot be read";
    UnsupportedPlatform = "unsupported-platform", "a platform that this version cannot compile for";
    PlanCycle = "plan-cycle", "changes that need each other in a circle";
    BadSql = "bad-sql", "a sql condition that is not one expression over the table's columns";
    MixedAndOr = "mixed-and-or", "`and` and `or` without parentheses between them";
    EmptyWindow = "empty-window", "a policy that ends before it begins";
    SelectsNothing = "selects-nothing", "a policy or an exception that selects nothing";
    GuardrailPartial = "guardrail-partial", "a prefix that holds only some of a data source's keys";
    TooManyChoices = "too-many-choices", "tagged columns with more combinations than one filter can hold";
    UnknownPolicy = "unknown-policy", "a test names a mask or filter that is not there";
    // what a reader would ask of a valid program
    MaskTie = "mask-tie", "two masks apply to a cell with equal right";
    Shadowed = "shadowed", "a policy that changes nothing because of others";
    NeverTrue = "never-true", "a policy whose condition holds for nobody";
    Vacuous = "vacuous", "a policy that concerns nobody, whoever is in the directory";
    Conflict = "conflict", "a subscription all of whose users are stopped";
    ExpiryWidens = "expiry-widens", "the end of a subscription lets more users in";
    NoAccount = "no-account", "users who may, but have no account on the platform";
    SharedAccount = "shared-account", "an account that several users share";
    MaskBypass = "mask-bypass", "a way around a mask or filter";
    OverPrivilege = "over-privilege", "a subscription that lets every user write";
    UnsaltedHash = "unsalted-hash", "a hash without a salt";
}
