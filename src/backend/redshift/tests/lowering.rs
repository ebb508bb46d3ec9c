//! What a program becomes.

use super::super::Redshift;
use super::{World, lines, world};
use crate::backend::fact::{FactKind, Symbols};
use crate::backend::views::ViewBody;
use crate::inventory::integration::{AccountTemplate, Enforcement, Strategy, TemplatePart};

/// The facts of a program, without their hashes.
fn check(policies: &str, expected: &[&str]) {
    let (world, mut symbols) = (world(policies), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let lines: Vec<String> = lines(&lowered.facts, &symbols).iter().map(|line| unhashed(line)).collect();
    assert_eq!(lines, expected, "{:?}", lowered.gaps);
}

/// `_1a2b3c4d` becomes `_#`.
fn unhashed(text: &str) -> String {
    let mut out = String::new();
    for part in text.split_inclusive('"') {
        let name = part.trim_end_matches('"');
        match name.rsplit_once('_') {
            Some((stem, hash)) if hash.len() == 8 && hash.chars().all(|each| each.is_ascii_hexdigit()) => {
                out.push_str(&part.replace(name, &format!("{stem}_#")));
            }
            _ => out.push_str(part),
        }
    }
    out
}

#[test]
fn a_class_is_a_role_that_reads_views_and_nothing_else() {
    check(
        "subscription r { allow read on tables tagged Shop.Customer to user in group \"analysts\" or user is \"dave\" }",
        &[
            "role ROLE \"grantc_r_#\"",
            "view VIEW \"secure\".\"shop_public_customer\"",
            "grant USAGE SCHEMA \"views\".\"secure\" ROLE \"grantc_r_#\"",
            "grant SELECT VIEW \"secure\".\"shop_public_customer\" ROLE \"grantc_r_#\"",
            "membership ROLE \"grantc_r_#\" USER \"alice\"",
            "membership ROLE \"grantc_r_#\" USER \"dave\"",
        ],
    );
}

#[test]
fn names_that_could_be_anothers_end_with_a_hash() {
    check(
        "subscription r { allow read on tables of integration rs to user is \"dave\" }",
        &[
            "role ROLE \"grantc_r_#\"",
            "view VIEW \"secure\".\"shop_public_customer\"",
            "view VIEW \"secure\".\"shop_public_eu_customer_#\"",
            "view VIEW \"secure\".\"shop_public_odd.name\"",
            "grant USAGE SCHEMA \"views\".\"secure\" ROLE \"grantc_r_#\"",
            "grant SELECT VIEW \"secure\".\"shop_public_customer\" ROLE \"grantc_r_#\"",
            "grant SELECT VIEW \"secure\".\"shop_public_eu_customer_#\" ROLE \"grantc_r_#\"",
            "grant SELECT VIEW \"secure\".\"shop_public_odd.name\" ROLE \"grantc_r_#\"",
            "membership ROLE \"grantc_r_#\" USER \"dave\"",
        ],
    );
}

#[test]
fn writing_is_refused_with_a_gap_and_brings_no_fact() {
    let world = world("subscription w { allow write on tables tagged Shop.Customer to user is \"dave\" }");
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols);
    assert!(lowered.facts.is_empty(), "{:?}", lines(&lowered.facts, &symbols));
    let told: Vec<(&str, &str)> =
        lowered.gaps.iter().map(|gap| (gap.code.name(), gap.object.as_str())).collect();
    assert_eq!(told, [("write-refused", "shop.public.customer")]);
}

#[test]
fn masks_and_filters_stand_in_the_view() {
    let world = world(
        "subscription r { allow read on tables tagged Shop.Customer to user in group \"staff\" }
         mask mails { on columns tagged PII.Mail using hash except user in group \"support\" }
         filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area in user attribute region }",
    );
    let files = world.files();
    let views = &files["30_views.sql"];
    for part in [
        "CASE WHEN g.\"f1\" = 1 THEN t.\"email\" WHEN t.\"email\" IS NULL THEN CAST(NULL AS character varying(100)) ELSE CAST(SHA2((t.\"email\" || 's''alt'), 256) AS character varying(100)) END AS \"email\"",
        "FROM \"shop\".\"public\".\"customer\" t CROSS JOIN (SELECT MAX(CASE WHEN COLLATE(e.\"name\", 'case_sensitive') = ",
        "WHERE COLLATE(e.\"account\", 'case_sensitive') = current_user) g WHERE ",
        "(COLLATE(t.\"region\" || '.', 'case_sensitive') IN (SELECT COLLATE(e.\"value\" || '.', 'case_sensitive') FROM \"secure\".\"entitlements\" e",
        "/* grantc: mails, own, r; {\"filters\":[\"own\"],",
        " WITH NO SCHEMA BINDING;",
    ] {
        assert!(views.contains(part), "{part}\n{views}");
    }
    let rows = &files["20_entitlements.sql"];
    assert!(rows.contains("('alice', 'user attribute region as string', 'EMEA')"), "{rows}");
    for (name, text) in &files {
        assert_eq!(text.contains("s''alt"), name == "30_views.sql", "{name}");
    }
}

#[test]
fn what_redshift_does_not_have_is_refused_before_anything() {
    let mut world = world("subscription r { allow read on tables to anyone }");
    for (strategy, enforcement, expected) in [
        (Strategy::Users, Enforcement::Auto, "`strategy: users` has no meaning on Redshift"),
        (Strategy::Groups, Enforcement::Native, "`strategy: groups` has no meaning on Redshift"),
    ] {
        let settings = &mut world.program.inventory.integrations[world.integration];
        (settings.strategy, settings.enforcement) = (strategy, enforcement);
        let said = world.try_lower(&mut Symbols::default()).unwrap_err();
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_column_of_unknown_type_that_shows_null_makes_another_view() {
    const SITES: &str = "
integration rs Redshift
schema rs shop.public [Shop]
table rs shop.public.site: id bigint; outline geometry(',')
";
    let shape = |mask: &str| {
        let policies =
            format!("subscription r {{ allow read on tables to user in group \"analysts\" }} {mask}");
        let world = World::new(&Redshift, (SITES, "rs"), &policies, &|settings| {
            settings.user_template = Some(AccountTemplate { parts: vec![TemplatePart::Id(Vec::new())] });
            settings.config = serde_json::json!({"database": "views", "schema": "secure"});
        });
        let mut symbols = Symbols::default();
        let facts = world.lower(&mut symbols).facts;
        let view = facts.iter().find(|fact| fact.key.kind == FactKind::View).unwrap();
        ViewBody::parse(symbols.text(view.body)).shape
    };
    let clear = shape("");
    assert_eq!(shape("mask m { on columns named \"id\" using null }"), clear, "bigint, clear or not");
    // Redshift replaces no view by one whose columns have other types.
    assert_ne!(shape("mask m { on columns named \"outline\" using null }"), clear);
}

/// The filter speaks to another platform only: whom it concerns cannot be shown his rows.
#[test]
fn who_is_refused_by_a_filter_gets_no_grant_on_the_view_that_others_read() {
    check(
        "subscription r { allow read on tables tagged Shop.Customer to user is \"alice\" or user is \"dave\" }
         filter lost { on tables tagged Shop.Customer rows where sql for trino \"id = 1\" except user is \"dave\" }",
        &[
            "role ROLE \"grantc_r_#\"",
            "view VIEW \"secure\".\"shop_public_customer\"",
            "grant USAGE SCHEMA \"views\".\"secure\" ROLE \"grantc_r_#\"",
            "grant SELECT VIEW \"secure\".\"shop_public_customer\" ROLE \"grantc_r_#\"",
            "membership ROLE \"grantc_r_#\" USER \"dave\"",
        ],
    );
}
