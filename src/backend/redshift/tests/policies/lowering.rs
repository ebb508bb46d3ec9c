//! What masks and filters become, and what is refused.

use super::*;

#[test]
fn roles_read_tables_behind_policies_for_everybody() {
    check(
        "subscription r { allow read on tables tagged Shop.Customer to user is \"dave\" }
         mask mails { on columns tagged PII.Mail using null }
         filter own { on tables tagged Shop.Customer rows where column region = \"EMEA\" }",
        &[
            "role ROLE \"grantc_r_#\"",
            "masking_policy MASKING POLICY \"grantc_mails_#\"",
            "row_access_policy RLS POLICY \"grantc_own_#\"",
            "mask_attachment TABLE \"shop\".\"public\".\"customer\" COLUMN \"email\"",
            "row_attachment TABLE \"shop\".\"public\".\"customer\"",
            "grant USAGE SCHEMA \"shop\".\"public\" ROLE \"grantc_r_#\"",
            "grant SELECT TABLE \"shop\".\"public\".\"customer\" ROLE \"grantc_r_#\"",
            "membership ROLE \"grantc_r_#\" USER \"dave\"",
        ],
    );
}

#[test]
fn what_nobody_reads_gets_no_policy() {
    check("mask mails { on columns tagged PII.Mail using null }", &[]);
}

#[test]
fn views_and_what_lies_elsewhere_are_refused_with_what_to_do() {
    let policies = "subscription r { allow read on tables in shop.public.customer to user in group \"staff\" }
        filter own { on tables tagged Shop.Customer rows where column region = \"EMEA\" except user is \"alice\" }";
    for (kind, expected) in [
        (
            TableKind::View,
            "rows-refused shop.public.customer own: `enforcement: native` holds no masks and filters on views; `enforcement: auto` holds it in a view: ",
        ),
        (
            TableKind::MaterializedView,
            "rows-refused shop.public.customer own: `enforcement: native` holds no masks and filters on materialized views; ",
        ),
        (
            TableKind::External,
            "unrepresentable shop.public.customer r: an external table is granted with its whole schema only; ",
        ),
    ] {
        let mut world = native(policies);
        let customer = table(&world, CUSTOMER);
        world.program.inventory.catalog.tables[customer].kind = kind;
        let (lowered, told) = gaps(&world);
        assert!(told.iter().any(|line| line.starts_with(expected)), "{told:#?}");
        // Whom no filter concerns reads a view as it is.
        let policies = lowered.facts.iter().filter(|fact| fact.key.kind == FactKind::RowAccessPolicy).count();
        assert_eq!((policies, lowered.facts.is_empty()), (0, kind == TableKind::External));
    }
    let mut world = native(policies);
    world.program.inventory.integrations[world.integration].config =
        serde_json::json!({"database": "views", "schema": "secure"});
    let (lowered, told) = gaps(&world);
    assert!(lowered.facts.is_empty());
    let expected = "unrepresentable shop.public.customer r: `enforcement: native` reaches the tables of `config.database` (`views`) alone; `enforcement: auto` reads others through views: nobody gets `shop.public.customer`";
    assert_eq!(told, [expected]);
}

#[test]
fn names_that_redshift_folds_into_one_are_refused() {
    let mut world =
        native("subscription r { allow read on tables in shop.public.customer to user is \"dave\" }");
    let customer = table(&world, CUSTOMER);
    let columns = world.program.inventory.catalog.tables[customer].columns.clone();
    world.program.inventory.catalog.columns[columns[0]].name = "EMAIL".to_owned();
    let (lowered, told) = gaps(&world);
    assert!(lowered.facts.is_empty());
    assert!(told[0].contains("two of its columns differ by case only"), "{told:?}");
}

#[test]
fn a_when_that_reads_a_masked_column_is_refused() {
    let world = native(
        "subscription r { allow read on tables tagged Shop.Customer to user in group \"staff\" }
         mask mails { on columns tagged PII.Mail using null }
         mask areas { on columns tagged Geo.Area of tables tagged Shop.Customer using null when column email is null except user in group \"support\" }",
    );
    let (_, told) = gaps(&world);
    assert!(
        told.iter().any(|line| line.starts_with(
            "masked-input shop.public.customer areas: its `when` reads `email`, which is masked itself: "
        ) && line.ends_with("; `enforcement: auto` holds it in a view")),
        "{told:#?}"
    );
}

#[test]
fn bodies_ask_by_subqueries_that_read_nothing_of_the_row() {
    let world = native(
        "subscription r { allow read on tables tagged Shop.Customer to user in group \"staff\" }
         mask mails { on columns tagged PII.Mail using hash when column region = \"EMEA\" except user in group \"support\" }
         filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area not in user attribute region }",
    );
    let files = world.files();
    assert_eq!(
        files.keys().map(String::as_str).collect::<Vec<_>>(),
        ["10_schema.sql", "20_entitlements.sql", "30_policies.sql", "40_grants.sql"]
    );
    let policies = unhashed(&files["30_policies.sql"]);
    for part in [
        "WITH (\"v\" character varying(100), \"a1\" character varying(20)) USING (CAST(CASE WHEN (''GRANTC_CLEAR_",
        " IN (SELECT COLLATE(e.\"name\", ''case_sensitive'') FROM \"secure\".\"entitlements\" e WHERE COLLATE(e.\"account\", ''case_sensitive'') = current_user)) THEN v ",
        "GRANT SELECT ON TABLE \"secure\".\"entitlements\" TO MASKING POLICY \"grantc_mails_#\";",
        "'ATTACH MASKING POLICY \"grantc_mails_#\" ON \"public\".\"customer\" (\"email\") USING (\"email\", \"region\") TO PUBLIC');",
        "'CREATE RLS POLICY \"grantc_own_#\" WITH (\"region\" character varying(20)) USING ((",
        "ALTER TABLE \"public\".\"customer\" ROW LEVEL SECURITY ON CONJUNCTION TYPE AND;",
        "'ATTACH RLS POLICY \"grantc_own_#\" ON \"public\".\"customer\" TO PUBLIC');",
    ] {
        assert!(policies.contains(part), "{part}\n{policies}");
    }
    let switched = policies.find("ROW LEVEL SECURITY ON").unwrap();
    assert!(switched < policies.find("'ATTACH RLS POLICY").unwrap(), "{policies}");
    assert!(files["40_grants.sql"].contains("GRANT SELECT ON TABLE \"public\".\"customer\" TO ROLE "));
    // The salt by value stands in this file alone, and never in the table of what was written.
    for (name, text) in &files {
        assert_eq!(text.contains("s''''alt"), name == "30_policies.sql", "{name}");
    }
    for line in policies.lines().filter(|line| line.starts_with("INSERT INTO \"secure\".\"policies\"")) {
        assert!(!line.contains("alt'"), "{line}");
    }
}

#[test]
fn every_filter_of_a_table_bears_in_its_one_policy() {
    let world = native(
        "subscription r { allow read on tables tagged Shop.Customer to user in group \"staff\" }
         filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area in user attribute region }
         filter young { on tables tagged Shop.Customer rows where column id > 7 except user is \"bob\" }",
    );
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols);
    let policies = lowered.facts.iter().filter(|fact| fact.key.kind == FactKind::RowAccessPolicy).count();
    let (inventory, facts) = (&world.program.inventory, &lowered.facts);
    let permits = Redshift.permits(inventory, world.integration, facts, &symbols, &world.accounts);
    let rows = permits.rows(table(&world, CUSTOMER));
    let bears = |account: &str| {
        let at = permits.accounts().iter().position(|each| each == account).unwrap() as u32;
        exposure::filters(&rows, at).into_iter().collect::<Vec<_>>().join(", ")
    };
    assert_eq!((policies, bears("alice"), bears("bob")), (1, "own, young".to_owned(), "own".to_owned()));
}
