//! In which order changes are made, and as which statements.

use super::*;

#[test]
fn protection_comes_before_grants_and_goes_after_them() {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let phases = |op: Op| -> Vec<(Phase, FactKind)> {
        let change = |fact: &Fact| Change { op, fact: *fact, before: Some(*fact) };
        let phase = |fact: &Fact| (Redshift.phase(&change(fact), &symbols), fact.key.kind);
        let kinds = [FactKind::MaskAttachment, FactKind::RowAttachment, FactKind::Grant];
        let mut found: Vec<_> =
            lowered.facts.iter().filter(|fact| kinds.contains(&fact.key.kind)).map(phase).collect();
        found.sort();
        found.dedup();
        found
    };
    let kinds = |op| -> Vec<FactKind> { phases(op).into_iter().map(|(_, kind)| kind).collect() };
    assert_eq!(kinds(Op::Add), [FactKind::MaskAttachment, FactKind::RowAttachment, FactKind::Grant]);
    assert_eq!(kinds(Op::Remove), [FactKind::Grant, FactKind::MaskAttachment, FactKind::RowAttachment]);
}

#[test]
fn switching_from_views_to_policies_takes_the_views_away_after_the_tables_stand_protected() {
    let (mut before, after, mut symbols) = (world(POLICIES), native(POLICIES), Symbols::default());
    before.program.inventory.integrations[before.integration].config =
        serde_json::json!({"database": "shop", "schema": "secure"});
    let (was, lowered) = (before.lower(&mut symbols), after.lower(&mut symbols));
    let observed = Observed { ours: was.facts, present: true, ..Observed::default() };
    let side = Side {
        integration: after.integration,
        backend: &Redshift,
        accounts: &after.accounts,
        symbols: &symbols,
        lowered: &lowered,
        observed: &observed,
    };
    let changes = diff(&side, false).changes;
    let inventory = &after.program.inventory;
    let steps = order(inventory, &side, &changes, Order::NeverWider, &mut Diagnostics::new()).unwrap();
    let told: Vec<String> = steps
        .iter()
        .flatten()
        .map(|change| {
            let statement = Redshift.statement(inventory, after.integration, change, &symbols);
            let line = statement.trim_start_matches("BEGIN;\n").lines().next().unwrap_or("").to_owned();
            unhashed(line.split(" WITH (").next().unwrap_or(""))
        })
        .filter(|line| !line.contains("entitlements"))
        .collect();
    assert_eq!(
        told,
        [
            "CREATE MASKING POLICY \"grantc_mails_#\"",
            "CREATE RLS POLICY \"grantc_own_#\"",
            "REVOKE USAGE ON SCHEMA \"secure\" FROM ROLE \"grantc_r_#\"",
            "REVOKE SELECT ON TABLE \"secure\".\"shop_public_customer\" FROM ROLE \"grantc_r_#\"",
            "ATTACH MASKING POLICY \"grantc_mails_#\" ON \"public\".\"customer\" (\"email\") TO PUBLIC",
            "ALTER TABLE \"public\".\"customer\" ROW LEVEL SECURITY ON CONJUNCTION TYPE AND;",
            "GRANT USAGE ON SCHEMA \"public\" TO ROLE \"grantc_r_#\"",
            "GRANT SELECT ON TABLE \"public\".\"customer\" TO ROLE \"grantc_r_#\"",
            "DROP VIEW \"secure\".\"shop_public_customer\"",
        ]
    );
}

#[test]
fn a_plan_as_sql_holds_every_statement() {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let nothing = Observed { present: true, ..Observed::default() };
    let everything = Observed { ours: lowered.facts.clone(), present: true, ..Observed::default() };
    for (lowered, observed) in [(&lowered, &nothing), (&Lowered::default(), &everything)] {
        let side = Side {
            integration: world.integration,
            backend: &Redshift,
            accounts: &world.accounts,
            symbols: &symbols,
            lowered,
            observed,
        };
        let meaning = Meaning::new(&world.program);
        let said = &mut Diagnostics::new();
        let plan = plan::build(&world.program, &meaning, &[side], Order::NeverWider, said).unwrap();
        let sql = render(&plan, Format::Sql, false);
        // What is no statement would stand in comments below the one that names it.
        assert!(!sql.contains("\n--   "), "{sql}");
        let attached =
            if observed.ours.is_empty() { "\nATTACH MASKING POLICY" } else { "\nDETACH MASKING POLICY" };
        assert!(sql.contains(attached), "{sql}");
    }
}

#[test]
fn a_table_is_switched_off_after_its_policy_is_detached() {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let standing = lowered.facts.iter().find(|fact| fact.key.kind == FactKind::RowAttachment).unwrap();
    let change = Change { op: Op::Remove, fact: *standing, before: Some(*standing) };
    let statement = Redshift.statement(&world.program.inventory, world.integration, &change, &symbols);
    assert_eq!(
        unhashed(&statement),
        "BEGIN;\nDETACH RLS POLICY \"grantc_own_#\" ON \"public\".\"customer\" FROM PUBLIC;\nALTER TABLE \"public\".\"customer\" ROW LEVEL SECURITY OFF;\nCOMMIT"
    );
}

#[test]
fn another_policy_takes_the_place_of_the_old_in_one_transaction() {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let old = native(&POLICIES.replace("using hash", "using null").replace("region }", "team }"));
    let was = old.lower(&mut symbols);
    for (kind, expected) in [
        (
            FactKind::MaskAttachment,
            "BEGIN;\nDETACH MASKING POLICY \"grantc_mails_#\" ON \"public\".\"customer\" (\"email\") FROM PUBLIC;\nATTACH MASKING POLICY \"grantc_mails_#\" ON \"public\".\"customer\" (\"email\") TO PUBLIC;\nCOMMIT",
        ),
        (
            FactKind::RowAttachment,
            "BEGIN;\nALTER TABLE \"public\".\"customer\" ROW LEVEL SECURITY ON CONJUNCTION TYPE AND;\nATTACH RLS POLICY \"grantc_own_#\" ON \"public\".\"customer\" TO PUBLIC;\nDETACH RLS POLICY \"grantc_own_#\" ON \"public\".\"customer\" FROM PUBLIC;\nCOMMIT",
        ),
    ] {
        let of = |facts: &[Fact]| *facts.iter().find(|fact| fact.key.kind == kind).unwrap();
        let change = Change { op: Op::Replace, fact: of(&lowered.facts), before: Some(of(&was.facts)) };
        assert_ne!(change.fact.body, of(&was.facts).body);
        let statement = Redshift.statement(&world.program.inventory, world.integration, &change, &symbols);
        assert_eq!(unhashed(&statement), expected);
    }
}
