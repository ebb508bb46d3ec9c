//! Tables as the platforms' own tools export them: CSV under the vendor's headers.

use crate::backend::contract::Artefact;

/// A CSV file in the making.
pub struct Table {
    path: String,
    headers: &'static [&'static str],
    writer: csv::Writer<Vec<u8>>,
    secret: bool,
}

impl Table {
    /// A file with its headers and no rows.
    pub fn new(path: &str, headers: &'static [&'static str]) -> Table {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing to memory does not fail.
        let _ = writer.write_record(headers);
        Table { path: path.to_owned(), headers, writer, secret: false }
    }

    /// The same for a file that holds bodies, so perhaps the salt.
    pub fn secret(path: &str, headers: &'static [&'static str]) -> Table {
        Table { secret: true, ..Table::new(path, headers) }
    }

    /// A row: fields by header, the others empty.
    pub fn row(&mut self, fields: &[(&str, &str)]) {
        let field =
            |header: &str| fields.iter().find(|(name, _)| *name == header).map_or("", |(_, value)| *value);
        let _ = self.writer.write_record(self.headers.iter().map(|header| field(header)));
    }

    /// The file.
    pub fn artefact(self) -> Artefact {
        let bytes = self.writer.into_inner().unwrap_or_default();
        Artefact { path: self.path, bytes, secret: self.secret }
    }
}
