//! The laws on random worlds: nested data sources, shared and strange accounts, overlapping groups, guardrails.

use proptest::prelude::*;

use super::{laws, world};

fn random_world() -> impl Strategy<Value = String> {
    let keys = ["*", "a*", "a/*", "a", "ab*", "ab", "a/b*", "b*", "é*"];
    let users = ["u1", "u2", "u3", "u4"];
    let accounts = ["iam", "dir01", "dir02", "dir03", "none", "odd"];
    let pick = |of: &'static [&'static str]| proptest::sample::subsequence(of, 1..=of.len());
    let access = proptest::sample::select(vec!["read", "write", "read,write"]);
    let policy = (any::<bool>(), access, any::<u16>(), pick(Box::leak(Box::new(users))));
    (
        pick(Box::leak(Box::new(keys))),
        proptest::collection::vec(proptest::sample::select(accounts.to_vec()), 4),
        proptest::collection::vec(pick(Box::leak(Box::new(users))), 0..4),
        proptest::collection::vec(policy, 0..5),
        (
            any::<bool>(),
            any::<bool>(),
            proptest::sample::select(vec!["s3://", "s3://lake/", "s3://lake/a", "s3://lake/a/"]),
        ),
    )
        .prop_map(move |(keys, accounts, groups, policies, (trusted, minimal, path))| {
            let mut lines = vec![format!("set path {path}")];
            lines.extend(trusted.then(|| "set trusted".to_owned()));
            lines.extend(minimal.then(|| "set minimal".to_owned()));
            lines.extend(keys.iter().map(|key| format!("data s3://lake/{key}")));
            lines.extend(users.iter().zip(&accounts).map(|(user, account)| format!("user {user} {account}")));
            for (at, members) in groups.iter().enumerate() {
                lines.push(format!("group g{at} dir5{} {}", at / 2, members.join(" ")));
            }
            for (at, (guards, access, on, to)) in policies.iter().enumerate() {
                let on: Vec<String> = keys
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| on >> bit & 1 == 1)
                    .map(|(_, key)| format!("s3://lake/{key}"))
                    .collect();
                let kind = if *guards && at > 1 { "need" } else { "allow" };
                lines.push(format!("{kind} p{at} {access} {} to {}", on.join(" "), to.join(" ")));
            }
            lines.join("\n")
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn lowering_never_widens_and_reads_back(text in random_world()) {
        laws(&world(&text));
    }
}
