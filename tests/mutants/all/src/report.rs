//! What became of all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use crate::copy::Out;
use crate::instrument::Number;
use crate::list::{AREAS, Mutant};
use crate::run::Fate;

/// Prints a table, the survivors and what was not run.
pub fn print(
    mutants: &[Mutant],
    areas: &[&str],
    out: &BTreeMap<Number, Out>,
    fates: &BTreeMap<Number, Fate>,
    explained: &str,
) -> ExitCode {
    let explained: BTreeMap<&str, &str> =
        explained.lines().filter_map(|line| line.split_once(" — ")).collect();
    println!("| area | mutants | no Rust | not run | killed | never end | survive, explained | survive |");
    println!("|---|---|---|---|---|---|---|---|");
    for (area, _) in AREAS.iter().filter(|(area, _)| areas.contains(area)) {
        let mine: Vec<Number> = (0..mutants.len()).filter(|number| areas[*number] == *area).collect();
        let of = |wanted: &dyn Fn(Number) -> bool| mine.iter().filter(|number| wanted(**number)).count();
        let known = |number: Number| explained.contains_key(name(&mutants[number]).as_str());
        let survives = |number: Number| matches!(fates.get(&number), Some(Fate::Survived(_)));
        println!(
            "| {area} | {} | {} | {} | {} | {} | {} | {} |",
            mine.len(),
            of(&|number| out.get(&number) == Some(&Out::Unviable)),
            of(&|number| matches!(out.get(&number), Some(Out::NoForm | Out::Unclear))),
            of(&|number| matches!(fates.get(&number), Some(Fate::Killed(_)))),
            of(&|number| fates.get(&number) == Some(&Fate::Endless)),
            of(&|number| survives(number) && known(number)),
            of(&|number| survives(number) && !known(number)),
        );
    }
    let mut wrong = false;
    // Several places of a function may have one name.
    let mut surviving: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (number, fate) in fates {
        if let Fate::Survived(reached) = fate {
            let found = surviving.entry(name(&mutants[*number])).or_default();
            *found = (found.0 + 1, *reached);
        }
    }
    for (name, (times, reached)) in &surviving {
        match explained.get(name.as_str()) {
            Some(why) => println!("survives, {times}: {name} — {why}"),
            None => {
                wrong = true;
                println!("SURVIVES, {times}, {reached} tests reach it: {name}");
            }
        }
    }
    let run: BTreeSet<String> = fates.keys().map(|number| name(&mutants[*number])).collect();
    for (name, _) in
        explained.iter().filter(|(name, _)| run.contains(**name) && !surviving.contains_key(**name))
    {
        wrong = true;
        println!("DIES, and `explained.txt` says why it lives: {name}");
    }
    for (number, why) in out.iter().filter(|(_, why)| **why != Out::Unviable) {
        println!("not run, {why:?}: {}", name(&mutants[*number]));
    }
    if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// A mutant's name, without line and column, which change with every edit.
pub fn name(mutant: &Mutant) -> String {
    let place = mutant.name.find(": ").map_or(0, |at| at + 2);
    format!("{}: {}", mutant.file, &mutant.name[place..])
}
