//! What facts mean that we would never write: inheritance, owners, MANAGE, groups in groups, bodies of others.

use super::super::UnityCatalog;
use super::exports::observed;
use crate::backend::contract::{Backend, Seen};
use crate::inventory::directory::Access;
use crate::inventory::{Securable, TableId};

const STAFF: &str = r#"{"Resources": [{"id": "1", "displayName": "outer", "members": [{"value": "2", "$ref": "Groups/2"}]},
 {"id": "2", "displayName": "inner", "members": [{"value": "zoe@x"}, {"value": "1", "$ref": "Groups/1"}]}]}"#;

/// Who may read / write retail.public.sales, by grants as `who privilege object`.
fn who(grants: &str) -> String {
    let (mut tables, mut schemas, mut catalogs) = ("\n".to_owned(), "\n".to_owned(), "\n".to_owned());
    for line in grants.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let parts: Vec<&str> = line.split(' ').collect();
        let [who, privilege, object] = parts[..] else { panic!("{line}") };
        let file = match object.matches('.').count() {
            2 => &mut tables,
            1 => &mut schemas,
            _ => &mut catalogs,
        };
        let who = who.replace('+', " ");
        file.push_str(&format!("o,{who},{},{privilege},NO,NONE\n", object.replace('.', ",")));
    }
    let (world, symbols, observed) = observed(&[
        ("groups.json", STAFF),
        ("table_privileges.csv", &tables),
        ("schema_privileges.csv", &schemas),
        ("catalog_privileges.csv", &catalogs),
    ]);
    let inventory = &world.program.inventory;
    let permits =
        UnityCatalog.permits(inventory, world.integration, &observed.foreign, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    let here = |id: &TableId| {
        catalog.home(*id).1.integration == world.integration
            && catalog.path(*id) == ["retail", "public", "sales"]
    };
    let sales = Securable::Table(catalog.tables.ids().find(here).unwrap());
    let of = |access| {
        let may = permits.may(sales, access);
        let names: Vec<String> = may.iter().map(|raw| permits.accounts()[raw as usize].clone()).collect();
        assert!(names.iter().all(|name| !permits.through(name, sales, access).is_empty()));
        names.join(" ")
    };
    format!("{} / {}", of(Access::Read), of(Access::Write))
}

#[test]
fn reading_needs_all_three_and_writing_reading() {
    let way = "zoe@x USE_CATALOG retail\nzoe@x USE_SCHEMA retail.public\n";
    assert_eq!(who(&format!("{way}zoe@x SELECT retail.public.sales")), "zoe@x / ");
    assert_eq!(who(&format!("{way}zoe@x MODIFY retail.public.sales")), " / ");
    assert_eq!(
        who(&format!("{way}zoe@x MODIFY retail.public.sales\ninner SELECT retail.public.sales")),
        "zoe@x / zoe@x"
    );
    assert_eq!(who("zoe@x USE_SCHEMA retail.public\nzoe@x SELECT retail.public.sales"), " / ");
    assert_eq!(who("zoe@x USE_CATALOG retail\nzoe@x SELECT retail.public.sales"), " / ");
    assert_eq!(who(&format!("{way}zoe@x SELECT retail.public.customer")), " / ");
    assert_eq!(who(&format!("{way}zoe@x BROWSE retail\nzoe@x APPLY_TAG retail.public.sales")), " / ");
}

#[test]
fn privileges_reach_down_from_what_contains() {
    let everybody = "account+users USE_CATALOG retail\naccount+users USE_SCHEMA retail\n";
    assert_eq!(who(&format!("{everybody}outer SELECT retail")), "zoe@x / ");
    assert_eq!(who(&format!("{everybody}outer SELECT retail.public\ninner MODIFY retail")), "zoe@x / zoe@x");
    assert_eq!(who(&format!("{everybody}outer SELECT retail.eu")), " / ");
    assert_eq!(
        who(&format!("{everybody}account+users SELECT retail.public.sales")),
        "alice bob carol dave dpo zoe@x / "
    );
    assert_eq!(who("outer ALL_PRIVILEGES retail"), "zoe@x / zoe@x");
    assert_eq!(who("outer ALL_PRIVILEGES retail.public"), " / ");
}

#[test]
fn who_holds_it_twice_holds_it() {
    let catalog = "zoe@x USE_CATALOG retail\nzoe@x USE_SCHEMA retail\n";
    let schema = "zoe@x USE_SCHEMA retail.public\n";
    let reads = "zoe@x SELECT retail\nzoe@x SELECT retail.public\nzoe@x SELECT retail.public.sales\n";
    assert_eq!(who(&format!("{catalog}{schema}{reads}")), "zoe@x / ");
    let two = "zoe@x SELECT retail.public\nzoe@x SELECT retail.public.sales\n";
    assert_eq!(who(&format!("{catalog}{two}")), "zoe@x / ");
    let two = "zoe@x SELECT retail\nzoe@x SELECT retail.public\n";
    assert_eq!(who(&format!("{catalog}{two}")), "zoe@x / ");
    // Who manages may read, whether he is granted it or not.
    assert_eq!(who(&format!("{catalog}{reads}zoe@x MANAGE retail\n")), "zoe@x / zoe@x");
    assert_eq!(who(&format!("{catalog}{reads}zoe@x MANAGE retail.public\n")), "zoe@x / zoe@x");
    assert_eq!(who(&format!("{catalog}{reads}zoe@x MANAGE retail.public.sales\n")), "zoe@x / zoe@x");
    let manages = "zoe@x MANAGE retail\nzoe@x MANAGE retail.public\n";
    assert_eq!(who(&format!("{catalog}{manages}")), "zoe@x / zoe@x");
    assert_eq!(who(&format!("{catalog}{manages}zoe@x MANAGE retail.public.sales\n")), "zoe@x / zoe@x");
    assert_eq!(
        who(&format!("{catalog}zoe@x MANAGE retail.public\nzoe@x MANAGE retail.public.sales\n")),
        "zoe@x / zoe@x"
    );
}

#[test]
fn ways_bear_on_the_access_that_is_asked_for() {
    let (world, symbols, observed) = observed(&[
        ("groups.json", STAFF),
        (
            "table_privileges.csv",
            "\no,zoe@x,retail,public,sales,SELECT,NO,NONE\no,zoe@x,retail,public,sales,MODIFY,NO,NONE\no,zoe@x,retail,public,sales,APPLY_TAG,NO,NONE\no,zoe@x,retail,public,sales,MANAGE,NO,NONE\n",
        ),
        (
            "schema_privileges.csv",
            "\no,zoe@x,retail,public,USE_SCHEMA,NO,NONE\no,zoe@x,retail,public,OWNERSHIP,NO,NONE\n",
        ),
        (
            "catalog_privileges.csv",
            "\no,zoe@x,retail,USE_CATALOG,NO,NONE\no,zoe@x,retail,ALL_PRIVILEGES,NO,NONE\n",
        ),
    ]);
    let inventory = &world.program.inventory;
    let permits =
        UnityCatalog.permits(inventory, world.integration, &observed.foreign, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    let sales = catalog.tables.ids().find(|id| {
        catalog.home(*id).1.integration == world.integration
            && catalog.path(*id) == ["retail", "public", "sales"]
    });
    let ways = |access| permits.through("zoe@x", Securable::Table(sales.unwrap()), access).join("; ");
    let reading = "GRANT MANAGE ON TABLE `retail`.`public`.`sales` TO USER `zoe@x`; GRANT SELECT ON TABLE `retail`.`public`.`sales` TO USER `zoe@x`; USER `zoe@x` owns SCHEMA `retail`.`public`; GRANT USE SCHEMA ON SCHEMA `retail`.`public` TO USER `zoe@x`; GRANT ALL PRIVILEGES ON CATALOG `retail` TO USER `zoe@x`; GRANT USE CATALOG ON CATALOG `retail` TO USER `zoe@x`";
    assert_eq!(ways(Access::Read), reading);
    let modify = "; GRANT MODIFY ON TABLE `retail`.`public`.`sales` TO USER `zoe@x`; GRANT SELECT";
    assert_eq!(ways(Access::Write), reading.replacen("; GRANT SELECT", modify, 1));
}

#[test]
fn owners_and_managers_can_give_themselves_the_rest() {
    assert_eq!(who("inner MANAGE retail"), "zoe@x / zoe@x");
    assert_eq!(who("inner MANAGE retail.public"), " / ");
    assert_eq!(who("inner MANAGE retail.public\nzoe@x USE_CATALOG retail"), "zoe@x / zoe@x");
    let way = "zoe@x USE_CATALOG retail\nzoe@x USE_SCHEMA retail.public\n";
    assert_eq!(who(&format!("{way}zoe@x MANAGE retail.public.sales")), "zoe@x / zoe@x");
    assert_eq!(who("zoe@x MANAGE retail.public.sales"), " / ");
    assert_eq!(who("zoe@x OWNERSHIP retail"), "zoe@x / zoe@x");
    assert_eq!(who(&format!("{way}zoe@x OWNERSHIP retail.public.sales")), "zoe@x / zoe@x");
}

#[test]
fn functions_of_others_are_judged_by_what_they_say() {
    let seen = |definition: &str, parameters: Option<&str>| {
        let routines = format!("\ngov,f,m,STRING,STRING,\"{definition}\",\n");
        let mut files = vec![
            ("groups.json", STAFF),
            ("routines.csv", routines.as_str()),
            ("column_masks.csv", "\nretail,public,customer,email,gov,f,m,\n"),
        ];
        if let Some(text) = parameters {
            files.push(("parameters.csv", text));
        }
        let (world, symbols, observed) = observed(&files);
        let inventory = &world.program.inventory;
        let permits =
            UnityCatalog.permits(inventory, world.integration, &observed.foreign, &symbols, &world.accounts);
        let column = inventory
            .catalog
            .columns
            .ids()
            .find(|id| inventory.catalog.shown_column(*id) == "retail.public.customer.email");
        let columns = permits.columns(column.unwrap());
        let name = |raw: u32| permits.accounts()[raw as usize].clone();
        let clear = columns.iter().filter(|(seen, _)| *seen != Seen::Masked);
        let mut clear: Vec<String> = clear
            .flat_map(|(seen, set)| set.iter().map(move |raw| format!("{} {seen:?}", name(raw))))
            .collect();
        clear.sort();
        clear.join(", ")
    };
    let parameters = "specific_catalog,specific_schema,specific_name,ordinal_position,parameter_name,data_type\ngov,f,m,0,Val,STRING\n";
    let body = "CASE WHEN is_account_group_member('outer') THEN val ELSE '***' END";
    assert_eq!(seen(body, Some(parameters)), "zoe@x Clear");
    // Without its arguments nobody can tell what it shows.
    assert_eq!(seen(body, None), "zoe@x Sometimes");
    assert_eq!(seen("'***'", None), "");
    assert_eq!(seen("my_function(val)", Some(parameters)).matches("Sometimes").count(), 6);
}
