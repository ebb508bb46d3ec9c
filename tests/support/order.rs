//! Law 2: the same input gives the same bytes, whatever the order of files, declarations, people or data, and whatever the threads.

use grantc::backend::Artefact;

use super::case::{each, fact_texts};
use super::texts::Texts;

type Everything = Vec<(String, Vec<String>, Vec<Artefact>, Vec<grantc::backend::Gap>)>;

/// Everything that a compile gives.
pub fn everything(texts: &Texts) -> Everything {
    let world = texts.read().unwrap_or_else(|why| panic!("{why}"));
    let mut all = Vec::new();
    each(&world, &mut |case| {
        all.push((
            case.name().to_owned(),
            fact_texts(&case.facts, &case.symbols),
            case.emit(),
            case.gaps.clone(),
        ));
    });
    all
}

/// The same on so many threads.
pub fn on_threads(threads: usize, texts: &Texts) -> Everything {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| everything(texts))
}
