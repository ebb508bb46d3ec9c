//! The clock, and what a run cost: the edge where time and memory are read.

use std::time::{Duration, Instant};

/// The instant at which the run started.
#[expect(clippy::disallowed_methods, reason = "the edge where the clock is read, for durations")]
pub fn start() -> Instant {
    Instant::now()
}

/// Now, in seconds since 1970, for commands that are not given `--at`.
#[expect(clippy::disallowed_methods, reason = "the edge where the clock is read, once a run")]
pub fn now() -> crate::inventory::Instant {
    crate::inventory::Instant(jiff::Timestamp::now().as_second())
}

/// `0.31 s`, `12.4 s`, `3 min 05 s`.
pub fn duration(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match seconds {
        0..10 => format!("{:.2} s", elapsed.as_secs_f64()),
        10..60 => format!("{:.1} s", elapsed.as_secs_f64()),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// The most memory that the process held, in bytes, where the system tells (Linux: `VmHWM` of proc(5)).
pub fn peak_memory() -> Option<u64> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    #[expect(clippy::disallowed_methods, reason = "the process's own status, not an input")]
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    peak_of(&status)
}

fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// `7 MiB`, `1.4 GiB`.
pub fn memory(bytes: u64) -> String {
    let mebibytes = bytes.div_ceil(1 << 20);
    if mebibytes < 1024 {
        format!("{mebibytes} MiB")
    } else {
        format!("{:.1} GiB", mebibytes as f64 / 1024.0)
    }
}

/// Groups digits by blanks: `12 345 678`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_enough_to_read() {
        assert_eq!(duration(Duration::from_millis(310)), "0.31 s");
        assert_eq!(duration(Duration::from_millis(12_440)), "12.4 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 05 s");
        assert_eq!(memory(7 << 20), "7 MiB");
        assert_eq!(memory(1536 << 20), "1.5 GiB");
        assert_eq!([0, 999, 1000, 12_345_678].map(count), ["0", "999", "1 000", "12 345 678"]);
    }

    #[test]
    fn peak_memory_is_the_high_water_mark() {
        assert_eq!(peak_of("VmPeak:\t  9 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"), Some(2048 * 1024));
        assert_eq!(peak_of("VmRSS: 1 kB"), None);
    }
}
