//! What calls compute, and the units and patterns that they take.

/// A compiled regular expression, equal by its text.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) regex: regex::Regex,
    /// Has `^` or `$`, which engines place differently around line ends.
    pub(super) anchored: bool,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.regex.as_str() == other.regex.as_str()
    }
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Year,
    Quarter,
    Month,
    /// Begins on a day that is a setting.
    Week,
    Day,
    Hour,
}

/// What a call computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Concat,
    Length,
    Left,
    Right,
    Substr,
    Repeat,
    PadLeft,
    PadRight,
    Upper,
    Lower,
    Trim,
    TrimLeft,
    TrimRight,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Negate,
    Absolute,
    Sign,
    Round,
    Floor,
    Ceiling,
    Truncate,
    /// Text to hexadecimal SHA-256 of its UTF-8, lower case.
    HashLower,
    /// The same, upper case.
    HashUpper,
    /// Text to bytes: understood only inside [`Function::HashBytes`].
    Utf8,
    /// Bytes to bytes: understood only inside `to_hex`.
    HashBytes,
    /// Text to the bytes of its SHA-256: understood only inside `TO_HEX`.
    Digest,
    DateTrunc(Unit),
    /// A date or timestamp plus days.
    AddDays,
    /// The same instant as a UTC timestamp.
    AtUtc,
    /// The sum of numbers, or texts joined.
    Plus,
    /// The same text, if each of its characters is one code unit of UTF-16.
    Units,
    /// The length without blanks at the end.
    LengthTrimmed,
    Greatest,
    /// The remainder that is not negative.
    PositiveModulo,
    /// Microseconds since 1970-01-01T00:00:00Z, and back.
    Micros,
    FromMicros,
    /// Seconds since then: understood only of the present, in steps of a day.
    Seconds,
    /// Days since 1970-01-01, and back.
    Days,
    FromDays,
    /// Year, month, day or hour as a number.
    Part(Unit),
    /// How many units begin after one timestamp until another: understood only where they are added to the first again.
    Between(Unit),
    /// Year, month and day as a date.
    DateFromParts,
    /// A timestamp plus microseconds.
    AddMicros,
    /// An instant of a UTC timestamp.
    Zoned,
}
