//! What each arrow of the pipeline costs, over worlds that grow: `cargo bench`; `cargo bench -- lower` for one group.
//!
//! How to read them, and figures: `docs/performance.md`. What these cannot show: files on disk, memory, a busy machine.

#![expect(clippy::expect_used, clippy::panic, reason = "a bench that cannot build its world has failed")]
#![expect(unreachable_pub, reason = "shared by the benches alone")]

mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use grantc::backend::{Lowered, Observed};
use grantc::diagnostic::Diagnostics;
use grantc::inventory::directory::Access;
use grantc::ir::Meaning;
use grantc::pipeline::{self, Compiled, World};
use grantc::plan::{Side, diff};
use grantc::prefix::{PrefixMap, minimal_cover, split_uri};
use grantc::{resolve, syntax};

/// Columns and memberships.
const SIZES: [usize; 2] = [1_000, 10_000];

/// Where an arrow is cheap.
const LARGE: [usize; 3] = [1_000, 10_000, 100_000];

fn group<'c>(criterion: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group
}

fn text_to_inventory_and_program(criterion: &mut Criterion) {
    let mut parse = group(criterion, "parse");
    for size in LARGE {
        let text = support::policies(size);
        parse.throughput(Throughput::Bytes(text.len() as u64));
        parse.bench_function(BenchmarkId::from_parameter(size), |bench| {
            let (mut sources, mut said) = (grantc::source::Sources::default(), Diagnostics::new());
            let source = sources.add("bench.policy", text.as_str());
            bench.iter(|| black_box(syntax::parse(source, &text, &mut said).is_ok()));
        });
    }
    parse.finish();
    let mut load = group(criterion, "load");
    for size in LARGE {
        let files = support::files(size);
        load.throughput(Throughput::Elements(size as u64));
        load.bench_function(BenchmarkId::from_parameter(size), |bench| {
            bench.iter(|| black_box(support::inventory(&files).catalog.columns.len()));
        });
    }
    load.finish();
    let mut resolving = group(criterion, "resolve");
    for size in SIZES {
        let inventory = support::inventory(&support::files(size));
        let (sources, source, document) = support::document(&support::policies(size));
        resolving.throughput(Throughput::Elements(size as u64));
        resolving.bench_function(BenchmarkId::from_parameter(size), |bench| {
            bench.iter_batched(
                || (document.clone(), inventory.clone()),
                |(document, inventory)| {
                    let mut said = Diagnostics::new();
                    let documents = vec![(source, document)];
                    resolve::resolve(documents, inventory, support::at(), &sources, &mut said)
                        .map(|program| program.masks.len())
                        .is_ok()
                },
                BatchSize::LargeInput,
            );
        });
    }
    resolving.finish();
}

fn meaning_and_checks(criterion: &mut Criterion, worlds: &[(usize, World)]) {
    let mut arrow = group(criterion, "meaning");
    for (size, world) in worlds {
        arrow.throughput(Throughput::Elements(*size as u64));
        arrow.bench_function(BenchmarkId::from_parameter(size), |bench| {
            bench.iter(|| {
                let meaning = Meaning::new(&world.program);
                let catalog = &world.program.inventory.catalog;
                let readers: u64 = catalog
                    .tables
                    .ids()
                    .map(|table| meaning.may(grantc::inventory::Securable::Table(table), Access::Read).len())
                    .sum();
                let masked: usize =
                    catalog.columns.ids().map(|column| meaning.mask_choices(column).len()).sum();
                black_box((readers, masked))
            });
        });
    }
    arrow.finish();
    let mut arrow = group(criterion, "check");
    for (size, world) in worlds {
        arrow.throughput(Throughput::Elements(*size as u64));
        arrow.bench_function(BenchmarkId::from_parameter(size), |bench| {
            bench.iter(|| black_box(support::checked(world)));
        });
    }
    arrow.finish();
}

fn lowered(world: &World, meaning: &Meaning<'_>, integration: &str) -> Compiled {
    let mut said = Diagnostics::new();
    let mut compiled = pipeline::compile(world, meaning, &[integration.to_owned()], &mut said)
        .unwrap_or_else(|_| panic!("{said:?}"));
    compiled.pop().expect("one integration")
}

fn lowering(criterion: &mut Criterion, worlds: &[(usize, World)]) {
    for integration in ["snow", "trino", "files"] {
        let mut arrow = group(criterion, &format!("lower/{integration}"));
        for (size, world) in worlds {
            let meaning = Meaning::new(&world.program);
            let facts = lowered(world, &meaning, integration).lowered.facts.len();
            arrow.throughput(Throughput::Elements(facts as u64));
            arrow.bench_function(BenchmarkId::from_parameter(size), |bench| {
                bench.iter(|| black_box(lowered(world, &meaning, integration).lowered.facts.len()));
            });
        }
        arrow.finish();
    }
}

/// What exists lacks every tenth fact and keeps the rest; a twentieth is somebody else's.
fn drifted(desired: &Lowered) -> Observed {
    let mut observed = Observed { present: true, ..Observed::default() };
    for (at, fact) in desired.facts.iter().enumerate() {
        match at % 20 {
            3 | 13 => {}
            7 => observed.foreign.push(*fact),
            _ => observed.ours.push(*fact),
        }
    }
    observed
}

fn differences(criterion: &mut Criterion, worlds: &[(usize, World)]) {
    let mut arrow = group(criterion, "diff");
    for (size, world) in worlds {
        let meaning = Meaning::new(&world.program);
        let compiled = lowered(world, &meaning, "snow");
        let observed = drifted(&compiled.lowered);
        let side = Side {
            integration: compiled.integration,
            backend: compiled.backend,
            accounts: &compiled.accounts,
            symbols: &compiled.symbols,
            lowered: &compiled.lowered,
            observed: &observed,
        };
        arrow.throughput(Throughput::Elements(compiled.lowered.facts.len() as u64));
        arrow.bench_function(BenchmarkId::from_parameter(size), |bench| {
            bench.iter(|| black_box(diff::diff(&side, false).changes.len()));
        });
    }
    arrow.finish();
}

fn prefixes(criterion: &mut Criterion) {
    let mut build = group(criterion, "prefix/build");
    for size in LARGE {
        let prefixes = support::prefixes(size, 7);
        build.throughput(Throughput::Elements(size as u64));
        build.bench_function(BenchmarkId::from_parameter(size), |bench| {
            bench.iter_batched(
                || prefixes.clone(),
                |prefixes| PrefixMap::unique(prefixes.into_iter().zip(0u32..)).map_or(0, |map| map.len()),
                BatchSize::LargeInput,
            );
        });
    }
    build.finish();
    let mut look_up = group(criterion, "prefix/owner");
    for size in LARGE {
        let map = PrefixMap::unique(support::prefixes(size, 7).into_iter().zip(0u32..)).unwrap_or_default();
        let keys: Vec<String> = support::prefixes_of(1_000, 11)
            .into_iter()
            .map(|prefix| prefix.replace('*', "part-0000.parquet"))
            .collect();
        look_up.throughput(Throughput::Elements(keys.len() as u64));
        look_up.bench_function(BenchmarkId::from_parameter(size), |bench| {
            bench.iter(|| {
                let owners = keys.iter().filter_map(|key| split_uri(key));
                black_box(owners.filter(|(bucket, key)| map.owner(bucket, key).is_some()).count())
            });
        });
    }
    look_up.finish();
    let mut cover = group(criterion, "prefix/minimal-cover");
    for size in LARGE {
        let prefixes = support::prefixes(size, 7);
        cover.throughput(Throughput::Elements(size as u64));
        cover.bench_function(BenchmarkId::from_parameter(size), |bench| {
            bench.iter_batched(
                || prefixes.clone(),
                |prefixes| minimal_cover(prefixes).len(),
                BatchSize::LargeInput,
            );
        });
    }
    cover.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args().without_plots();
    text_to_inventory_and_program(&mut criterion);
    prefixes(&mut criterion);
    let worlds: Vec<(usize, World)> = SIZES.into_iter().map(|size| (size, support::world(size))).collect();
    meaning_and_checks(&mut criterion, &worlds);
    lowering(&mut criterion, &worlds);
    differences(&mut criterion, &worlds);
    criterion.final_summary();
}
