//! What exports show, whose it is, and what it lets accounts see.

use super::*;

#[test]
fn a_second_plan_is_empty_also_where_redshift_printed_bodies_anew() {
    assert_eq!(plan(POLICIES, &|_| {}), (Vec::new(), Vec::new(), Vec::new()));
    let anew = |files: &mut BTreeMap<String, String>| {
        let masks = files.get_mut("svv_masking_policy.csv").unwrap();
        *masks = masks
            .replace(" THEN v ", " THEN \\\"\"masked_table\\\"\".\\\"\"v\\\"\" ")
            .replace("(v || 's''alt')", "(\\\"\"masked_table\\\"\".\\\"\"v\\\"\" + CAST('s''alt' AS TEXT))");
        assert!(masks.contains("masked_table") && masks.contains("AS TEXT"), "{masks}");
        let rows = files.get_mut("svv_rls_policy.csv").unwrap();
        *rows = rows.replace(
            "COLLATE(\"\"region\"\" || '.'",
            "COLLATE(\"\"rls_table\"\".\"\"region\"\" + CAST('.' AS TEXT)",
        );
        assert!(rows.contains("rls_table\"\"."), "{rows}");
        let switched = files.get_mut("svv_rls_relation.csv").unwrap();
        *switched = switched.replace(",t,t,and,", ",True,True,and ,");
    };
    assert_eq!(plan(POLICIES, &anew), (Vec::new(), Vec::new(), Vec::new()));
}

#[test]
fn a_body_that_somebody_altered_under_our_name_is_altered_back() {
    for (file, from, to) in [
        ("svv_masking_policy.csv", "THEN v", "THEN v WHEN TRUE THEN v"),
        ("svv_masking_policy.csv", "'s''alt'", "'another salt'"),
        ("svv_rls_policy.csv", "user attribute region as string", "user attribute team as string"),
    ] {
        let altered = |files: &mut BTreeMap<String, String>| {
            let text = files.get_mut(file).unwrap();
            assert!(text.contains(from), "{text}");
            *text = text.replace(from, to);
        };
        let (changes, blocked, _) = plan(POLICIES, &altered);
        assert_eq!((changes.len(), blocked.len()), (1, 0), "{changes:?}");
        assert!(changes[0].starts_with("BEGIN;\nALTER ") && changes[0].contains(" USING ("), "{changes:?}");
    }
}

#[test]
fn row_level_security_that_was_turned_off_or_loosened_is_turned_on() {
    for (from, to) in [(",t,t,and,and", ",f,t,and,and"), (",t,t,and,and", ",t,t,or ,and")] {
        let loosened = |files: &mut BTreeMap<String, String>| {
            let text = files.get_mut("svv_rls_relation.csv").unwrap();
            assert!(text.contains(from), "{text}");
            *text = text.replace(from, to);
        };
        let (changes, ..) = plan(POLICIES, &loosened);
        assert_eq!(
            changes,
            ["ALTER TABLE \"public\".\"customer\" ROW LEVEL SECURITY ON CONJUNCTION TYPE AND"]
        );
    }
}

#[test]
fn somebody_elses_policy_in_our_place_withholds_the_grants_behind_it() {
    let foreign_mask = |files: &mut BTreeMap<String, String>| {
        let text = files.get_mut("svv_attached_masking_policy.csv").unwrap();
        text.truncate(text.find('\n').unwrap() + 1);
        row(
            files,
            "svv_attached_masking_policy.csv",
            "theirs,public,customer,table,admin,analysts,role,20,\"[\"\"email\"\"]\",\"[\"\"email\"\"]\",t",
        );
        let grants = files.get_mut("svv_relation_privileges.csv").unwrap();
        grants.truncate(grants.find('\n').unwrap() + 1);
    };
    let (changes, blocked, withheld) = plan(POLICIES, &foreign_mask);
    assert_eq!(changes, Vec::<String>::new());
    assert_eq!(
        blocked,
        [
            "MASKING POLICY \"grantc_mails_#\" on TABLE \"shop\".\"public\".\"customer\" COLUMN \"email\" to PUBLIC"
        ]
    );
    assert_eq!(withheld, ["GRANT SELECT ON TABLE \"public\".\"customer\" TO ROLE \"grantc_r_#\""]);
    let foreign_rows = |files: &mut BTreeMap<String, String>| {
        let text = files.get_mut("svv_rls_attached_policy.csv").unwrap();
        text.truncate(text.find('\n').unwrap() + 1);
        row(files, "svv_rls_attached_policy.csv", "public,customer,table,theirs,admin,bob,user,t,t,and");
    };
    let (changes, blocked, _) = plan(POLICIES, &foreign_rows);
    assert_eq!((changes.len(), blocked.len()), (0, 1), "{changes:?} {blocked:?}");
}

#[test]
fn a_policy_beside_ours_is_left_and_keeps_the_switch_on() {
    let beside = |files: &mut BTreeMap<String, String>| {
        row(files, "svv_rls_attached_policy.csv", "public,customer,table,theirs,admin,bob,user,t,t,and");
    };
    assert_eq!(plan(POLICIES, &beside), (Vec::new(), Vec::new(), Vec::new()));
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let mut files = state(&world, &lowered.facts, &symbols);
    beside(&mut files);
    let observed = observed(&world, &files, &mut symbols).unwrap();
    let ours = observed.ours.iter().find(|fact| fact.key.kind == FactKind::RowAttachment).unwrap();
    let change = Change { op: Op::Remove, fact: *ours, before: Some(*ours) };
    let statement = Redshift.statement(&world.program.inventory, world.integration, &change, &symbols);
    assert_eq!(
        unhashed(&statement),
        "DETACH RLS POLICY \"grantc_own_#\" ON \"public\".\"customer\" FROM PUBLIC"
    );
}

#[test]
fn a_switch_without_policies_is_nobodys_to_turn_off() {
    let mut symbols = Symbols::default();
    let world = native("subscription r { allow read on tables tagged Shop.Customer to user is \"dave\" }");
    let lowered = world.lower(&mut symbols);
    let mut files = state(&world, &lowered.facts, &symbols);
    row(&mut files, "svv_rls_relation.csv", "shop,public,customer,table,t,t,and,and");
    let observed = observed(&world, &files, &mut symbols).unwrap();
    let bare = observed.foreign.iter().find(|fact| fact.key.kind == FactKind::RowAttachment).unwrap();
    assert!(!Redshift.understood(bare, &symbols));
    let facts = [observed.ours.clone(), observed.foreign.clone()].concat();
    let permits =
        Redshift.permits(&world.program.inventory, world.integration, &facts, &symbols, &world.accounts);
    let rows = permits.rows(table(&world, CUSTOMER));
    assert_eq!(rows[0].0, RowsSeen::Filtered(vec!["ROW LEVEL SECURITY".to_owned()]));
}

#[test]
fn exports_of_a_weak_user_and_half_a_folder_are_errors() {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let files = state(&world, &lowered.facts, &symbols);
    let mut blind = files.clone();
    for name in ["svv_masking_policy.csv", "svv_rls_policy.csv"] {
        let text = blind.get_mut(name).unwrap();
        text.truncate(text.find('\n').unwrap() + 1);
    }
    let said = observed(&world, &blind, &mut symbols).unwrap_err();
    assert!(said.contains("show no policy, and `policies.csv` tells of some"), "{said}");
    let mut half = files;
    half.remove("svv_rls_relation.csv");
    let said = observed(&world, &half, &mut symbols).unwrap_err();
    assert!(said.contains("lacks `svv_rls_relation.csv`"), "{said}");
}

#[test]
fn a_list_that_cannot_be_read_is_an_error_and_no_empty_list() {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let files = state(&world, &lowered.facts, &symbols);
    for (name, header, from, to) in [
        ("svv_attached_masking_policy.csv", "OUTPUT_COLUMNS", "\"[\"\"email\"\"]\",t", "{email},t"),
        ("svv_masking_policy.csv", "INPUT_COLUMNS", "\"\"colname\"\"", "\"\"name\"\""),
        ("svv_rls_policy.csv", "POLATTS", "\"[{", "\"{"),
    ] {
        let mut files = files.clone();
        let text = files.get_mut(name).unwrap();
        assert!(text.contains(from), "{text}");
        *text = text.replace(from, to);
        let said = observed(&world, &files, &mut symbols).unwrap_err();
        assert!(said.contains(&format!("{name}` has a `{header}` that cannot be read")), "{said}");
    }
}

#[test]
fn what_stands_is_judged_by_what_it_says() {
    // Bob is in support; carol brings no region, and so no row.
    assert_eq!(sees(&|_| {}), ["alice Masked own", "bob Clear own"]);
    let masked = |line: &'static str| {
        move |files: &mut BTreeMap<String, String>| {
            row(
                files,
                "svv_masking_policy.csv",
                "shop,theirs,\"[{\"\"colname\"\":\"\"x\"\",\"\"type\"\":\"\"character varying(100)\"\"}]\",\"[{\"\"expr\"\":\"\"\\\"\"masked_table\\\"\".\\\"\"x\\\"\"\"\",\"\"type\"\":\"\"character varying(100)\"\"}]\",admin,",
            );
            row(files, "svv_attached_masking_policy.csv", line);
        }
    };
    // The highest priority counts, and for whom it is.
    let higher = "theirs,public,customer,table,admin,alice,user,5,\"[\"\"email\"\"]\",\"[\"\"email\"\"]\",t";
    assert_eq!(sees(&masked(higher)), ["alice Clear own", "bob Clear own"]);
    let lower = "theirs,public,customer,table,admin,alice,user,-5,\"[\"\"email\"\"]\",\"[\"\"email\"\"]\",t";
    assert_eq!(sees(&masked(lower)), ["alice Masked own", "bob Clear own"]);
    let beside = |conjunction: &'static str| {
        move |files: &mut BTreeMap<String, String>| {
            row(
                files,
                "svv_rls_policy.csv",
                "shop,theirs,t,\"[{\"\"colname\"\":\"\"id\"\",\"\"type\"\":\"\"bigint\"\"}]\",\"\"\"t\"\".\"\"id\"\" = 7\",t,admin,",
            );
            row(
                files,
                "svv_rls_attached_policy.csv",
                &format!("public,customer,table,theirs,admin,bob,user,t,t,{conjunction}"),
            );
        }
    };
    assert_eq!(sees(&beside("and")), ["alice Masked own", "bob Clear \"theirs\", own"]);
    assert_eq!(sees(&beside("or ")), ["alice Masked own", "bob Clear own or \"theirs\""]);
    let secadmin = |files: &mut BTreeMap<String, String>| {
        row(files, "svv_user_grants.csv", "1,alice,2,sys:secadmin,f");
    };
    assert_eq!(sees(&secadmin), ["alice Masked", "bob Clear own"]);
    let ignoring = |files: &mut BTreeMap<String, String>| {
        let text = "system_privilege,identity_id,identity_name,identity_type\nIGNORE_RLS,1,ops,role\n";
        files.insert("svv_system_privileges.csv".to_owned(), text.to_owned());
        row(files, "svv_user_grants.csv", "1,bob,2,ops,f");
    };
    assert_eq!(sees(&ignoring), ["alice Masked own", "bob Clear"]);
    let off = |files: &mut BTreeMap<String, String>| {
        let text = files.get_mut("svv_rls_relation.csv").unwrap();
        *text = text.replace(",t,t,and", ",f,t,and");
    };
    assert_eq!(sees(&off), ["alice Masked", "bob Clear"]);
}
