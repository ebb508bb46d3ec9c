//! The instant of a compile, and dates: days at 00:00 UTC.

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// Reads `2026-12-31` (00:00 UTC) or an RFC 3339 timestamp with an offset.
    pub fn parse(text: &str) -> Option<Instant> {
        if let Ok(date) = text.parse::<jiff::civil::Date>()
            && text.len() == 10
        {
            return Some(Instant::of_date(date));
        }
        text.parse::<jiff::Timestamp>().ok().map(|timestamp| Instant(timestamp.as_second()))
    }

    /// 00:00 UTC of a civil date.
    pub fn of_date(date: jiff::civil::Date) -> Instant {
        let epoch = jiff::civil::date(1970, 1, 1);
        let days = date.since(epoch).map(|span| i64::from(span.get_days())).unwrap_or(0);
        Instant(days * 86_400)
    }

    /// The UTC date.
    pub fn date(self) -> jiff::civil::Date {
        jiff::Timestamp::from_second(self.0)
            .map(|timestamp| jiff::tz::Offset::UTC.to_datetime(timestamp).date())
            .unwrap_or(jiff::civil::Date::MAX)
    }

    /// RFC 3339 in UTC, to the second.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_second(self.0).map(|timestamp| timestamp.to_string()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_midnight_utc_and_offsets_count() {
        assert_eq!(Instant::parse("1970-01-02"), Some(Instant(86_400)));
        assert_eq!(Instant::parse("1970-01-01T01:00:00+01:00"), Some(Instant(0)));
        assert_eq!(Instant::parse("2026-02-30"), None);
        assert_eq!(Instant::parse("yesterday"), None);
        assert_eq!(Instant(86_400).rfc3339(), "1970-01-02T00:00:00Z");
        assert_eq!(Instant(86_399).date().to_string(), "1970-01-01");
    }
}
