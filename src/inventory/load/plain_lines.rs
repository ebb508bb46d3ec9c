//! A table's bytes on their way to the csv reader, so that lines can be counted and open quotes be seen.
//!
//! In: bytes. Out: the same, but outside quotes CRLF is LF, and the last line ends. Inside quotes nothing changes.
//! Counts the quotes that pass: RFC 4180 has an even number of them.

use std::io::Read;

/// See the module.
pub(super) struct PlainLines<'q, R> {
    reader: R,
    quotes: &'q mut u64,
    /// A CR outside quotes whose next byte is not known yet.
    held: bool,
    /// The last byte that went out.
    last: u8,
}

impl<'q, R: Read> PlainLines<'q, R> {
    pub(super) fn new(reader: R, quotes: &'q mut u64) -> Self {
        Self { reader, quotes, held: false, last: b'\n' }
    }
}

impl<R: Read> Read for PlainLines<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            // What is read may grow by the one CR that was held: leave it room.
            let Some(room) = buffer.get_mut(1..).filter(|room| !room.is_empty()) else {
                return Err(std::io::ErrorKind::InvalidInput.into());
            };
            let read = self.reader.read(room)?;
            let mut written = 0;
            if read == 0 {
                // The csv reader asks again after the end: then there is nothing more to end.
                let ending: &[u8] = match (std::mem::take(&mut self.held), self.last) {
                    (true, _) => b"\r\n",
                    (false, b'\n') => b"",
                    (false, _) => b"\n",
                };
                self.last = b'\n';
                for (slot, byte) in buffer.iter_mut().zip(ending) {
                    *slot = *byte;
                    written += 1;
                }
                return Ok(written);
            }
            for at in 1..=read {
                let Some(byte) = buffer.get(at).copied() else { break };
                let mut put = |byte: u8| {
                    if let Some(slot) = buffer.get_mut(written) {
                        *slot = byte;
                        written += 1;
                    }
                };
                if std::mem::take(&mut self.held) && byte != b'\n' {
                    put(b'\r');
                }
                match byte {
                    b'"' => *self.quotes += 1,
                    b'\r' if self.quotes.is_multiple_of(2) => {
                        self.held = true;
                        continue;
                    }
                    _ => {}
                }
                put(byte);
                self.last = byte;
            }
            if written > 0 {
                return Ok(written);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out a few bytes at a time.
    struct Drops<'t>(&'t [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let most = self.1.min(buffer.len());
            self.0.read(buffer.get_mut(..most).unwrap_or_default())
        }
    }

    #[test]
    fn lines_end_alike_however_the_bytes_arrive() {
        for (text, expected) in [
            ("a\r\nb", "a\nb\n"),
            ("a\nb\n", "a\nb\n"),
            ("\"a\r\nb\"\r\n", "\"a\r\nb\"\n"),
            ("a\r", "a\r\n"),
            ("a\rb\r\r\nc", "a\rb\r\nc\n"),
            ("", ""),
        ] {
            for step in 1..5 {
                let (mut quotes, mut read) = (0, Vec::new());
                let mut lines = PlainLines::new(Drops(text.as_bytes(), step), &mut quotes);
                let mut buffer = [0; 4];
                loop {
                    match lines.read(&mut buffer).unwrap() {
                        0 => break,
                        count => read.extend_from_slice(&buffer[..count]),
                    }
                }
                let read = String::from_utf8(read).unwrap();
                assert_eq!(read, expected, "{text:?} by {step}");
                assert_eq!(quotes as usize, text.matches('"').count());
            }
        }
    }
}
