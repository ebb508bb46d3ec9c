//! Integrations, their settings and the accounts that follow.

use super::*;

#[test]
fn integrations_say_what_they_are() {
    let check = |text: &str, expected: &str| says(&[("integrations/snow.yaml", text)], expected);
    check(
        "type: Snowflek\nautoBootstrap: true\nconfig: {}\n",
        "bad-value: no integration has the type `Snowflek` [snow.yaml:1:7 `Snowflek`] (did you mean `Snowflake`?) (the types are: Snowflake, Databricks, Trino, Redshift, Azure Synapse Analytics, Google BigQuery, Native S3)",
    );
    check(
        "type: Snowflake\n",
        "bad-value: an integration needs `autoBootstrap`\nbad-value: an integration needs `config`",
    );
    check(
        "type: Snowflake\nautoBootstrap: yes\nconfig: []\n",
        "bad-value: `autoBootstrap` must be true or false [snow.yaml:2:16 `yes`]\nbad-value: `config` must be a map",
    );
    let block = |text: &str| format!("{SNOW}grantc: {{{text}}}\n");
    check(
        &block("principals: {users: '{{ id | lokalpart }}'}"),
        "bad-value: unknown filter `lokalpart` [snow.yaml:4:30 `'{{ id | lokalpart }}'`] (did you mean `localpart`?)",
    );
    check(&block("principals: {users: '{{ name }}'}"), "bad-value: a template knows `id`, not `name`");
    check(&block("principals: {users: '{{ id'}"), "bad-value: a `{{` without `}}`");
    check(&block("principals: {users: 'id }}'}"), "bad-value: a `}}` without `{{`");
    check(
        &block("principals: {users: everybody}"),
        "bad-value: a template without `{{ id }}` would give everybody the same account",
    );
    check(&block("prefix: 1A"), "bad-value: `1A` cannot begin generated names");
    check(&block("prefix: 'A;DROP'"), "bad-value: `A;DROP` cannot begin generated names");
    check(
        &block("strategy: rolls"),
        "bad-value: `strategy` cannot be `rolls` [snow.yaml:4:20 `rolls`] (did you mean `roles`?)",
    );
    check(
        &block("enforcement: native"),
        "bad-value: `enforcement: native` is for Redshift and Google BigQuery only",
    );
    check(&block("groups: maybe"), "bad-value: `groups` cannot be `maybe`");
    check(&block("name: ../x"), "bad-value: `../x` cannot name an integration");
    check(&block("mode: minimal"), "bad-value: `mode` is for Native S3 only");
    check(
        &block("quotas: {grants: -1}"),
        "bad-value: `quotas` is for Native S3 only\nbad-value: `grants` must be a whole number above 0",
    );
    check(
        "type: Snowflake\nautoBootstrap: true\nconfig: {database: '{salt}'}\n",
        "bad-value: `config.database` cannot be `{salt}` [snow.yaml:3:20 `'{salt}'`] (use a name without `{salt}`)",
    );
    check(
        "type: Snowflake\nautoBootstrap: true\nconfig: {awsAccountId: 012}\n",
        "bad-value: the value must be a text or a plain number [snow.yaml:3:24 `012`] (quote it: \"012\")",
    );
}

#[test]
fn an_integration_has_its_settings() {
    let (inventory, said) = read(&[
        (
            "integrations/a.json",
            r#"{"type": "Trino", "grantc": {"name": "t", "scope": "authoritative", "strategy": "groups", "prefix": "G_1", "groups": "trusted", "principals": {"users": "{{ id | localpart | upper }}", "groups": "x_{{id}}"}}}"#,
        ),
        (
            "integrations/b.yaml",
            "type: Native S3\nautoBootstrap: false\nconfig: {name: lake, port: 1, on_demand: true, list: [a, ~]}\ngrantc: {mode: minimal, quotas: {grants: 250000}}\n",
        ),
        (
            "directory/d.yaml",
            "users: {ann@acme.example: {}, ann@other.example: {}, '@x': {}, bob: {accounts: {t: B}}}\ngroups: {g: {}}\n",
        ),
    ]);
    assert_eq!(said, Vec::<String>::new());
    let inventory = inventory.unwrap();
    let list: Vec<&Integration> = inventory.integrations.values().collect();
    let (lake, trino) = (list[0], list[1]);
    assert_eq!(
        (lake.name.as_str(), lake.mode, lake.grants_quota, lake.scope),
        ("b", crate::inventory::integration::GrantMode::Minimal, Some(250_000), Scope::Managed)
    );
    assert_eq!(lake.config.to_string(), r#"{"list":["a",null],"name":"lake","on_demand":true,"port":1}"#);
    assert_eq!(
        (trino.name.as_str(), trino.scope, trino.groups_trusted, trino.name_prefix.as_str()),
        ("t", Scope::Authoritative, true, "G_1")
    );

    let accounts = crate::inventory::Accounts::of(&inventory, inventory.integrations.ids().nth(1).unwrap());
    let names: Vec<String> = accounts
        .accounts
        .values()
        .map(|account| format!("{} {:?}", account.name, account.users.iter().collect::<Vec<_>>()))
        .collect();
    assert_eq!(names, ["ANN [1, 2]", "B [3]"]);
    assert_eq!(accounts.missing.iter().collect::<Vec<_>>(), [0], "an empty account is none");
    assert_eq!(accounts.shared().count(), 1);
    assert_eq!(accounts.of_group(inventory.directory.group("g").unwrap()), Some("x_g"));
    let user = inventory.directory.user("bob").unwrap();
    assert_eq!(accounts.of_user(user).map(|id| accounts.accounts[id].name.clone()).as_deref(), Some("B"));
}
