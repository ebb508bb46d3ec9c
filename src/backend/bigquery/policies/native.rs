//! The facts of tables in BigQuery's words: `ROW ACCESS POLICY "shop"."sales"."orders"."grantc_rows_5af1c9d2"`, `DATA POLICY
//! "shop"."eu"."grantc_emails_5af1c9d2"`, `ROUTINE "shop"."grantc"."grantc_hash_5af1c9d2"`, and the bodies that they have.
//!
//! Invariant: what is parsed here is what is written here.

use serde::{Deserialize, Serialize};
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::backend::bigquery::member;
use crate::backend::bigquery::native::DIALECT;
use crate::backend::class::{generated_name, short_hash};
use crate::backend::object::Object;
use crate::backend::views::MARK;
use crate::inventory::Integration;
use crate::inventory::catalog::TableKind;

/// What reading through a data policy takes.
pub(in crate::backend::bigquery) const READ: &str = "FINE_GRAINED_READ";
/// The body of a grant that the table of bindings lists.
pub(in crate::backend::bigquery) const BINDING: &str = "bindings";
/// The table of bindings.
pub(super) const BINDINGS: &str = "bindings";
/// Names of policies and routines: docs.cloud.google.com/bigquery/docs/reference/rest/v2/rowAccessPolicies, …/v2/routines (2026-11-25).
pub(super) const NAME_LIMIT: usize = 250;
/// The argument of a masking routine.
pub(super) const VALUE: &str = "v";

/// The word of GRANT for a kind of relation. That a materialized view is granted as a view is INFERRED.
pub(in crate::backend::bigquery) fn relation_word(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Table => "TABLE",
        TableKind::View | TableKind::MaterializedView => "VIEW",
        TableKind::External => "EXTERNAL",
    }
}

/// Begins generated names.
pub(super) fn prefix(settings: &Integration) -> String {
    settings.name_prefix.to_ascii_lowercase()
}

/// The name of a table's fence.
pub(super) fn fence_name(settings: &Integration, path: &[&str]) -> String {
    of_table(settings, "fence", path)
}

/// The name of a table's policy. It is the same whatever the policy says, so that another text takes its place in one statement.
pub(super) fn policy_name(settings: &Integration, path: &[&str]) -> String {
    of_table(settings, "rows", path)
}

fn of_table(settings: &Integration, stem: &str, path: &[&str]) -> String {
    let parts = [stem].into_iter().chain(path.iter().copied()).map(str::to_owned);
    generated_name(&prefix(settings), stem, &short_hash(parts), NAME_LIMIT)
}

/// `ROW ACCESS POLICY "shop"."sales"."orders"."p"`.
pub(super) fn policy_object(path: &[&str], name: &str) -> String {
    Object::new("ROW ACCESS POLICY", path.iter().copied().chain([name])).text()
}

/// The table under a row access policy, by its object.
pub(super) fn table_of(policy: &str) -> Option<String> {
    let path = Object::parse(policy).path;
    Some(Object::new("TABLE", path.get(..3)?.iter().map(String::as_str)).text())
}

/// A row access policy: the body of its fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::backend::bigquery) struct RowPolicy {
    /// The filters in it, in the order of its conjuncts.
    pub(in crate::backend::bigquery) filters: Vec<String>,
    /// Whom it lists, sorted.
    pub(in crate::backend::bigquery) grantees: Vec<String>,
    /// What it leaves.
    pub(in crate::backend::bigquery) predicate: String,
}

#[derive(Serialize, Deserialize, Default)]
struct Header {
    #[serde(default)]
    filters: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    grantees: Vec<String>,
}

impl RowPolicy {
    /// The canonical text: a line of JSON, then the predicate.
    pub(super) fn text(&self) -> String {
        let header = Header { filters: self.filters.clone(), grantees: self.grantees.clone() };
        format!("{}\n{}", serde_json::to_string(&header).unwrap_or_default(), self.predicate)
    }

    /// Reads [`RowPolicy::text`].
    pub(in crate::backend::bigquery) fn parse(text: &str) -> RowPolicy {
        let (header, predicate) = text.split_once('\n').unwrap_or(("", text));
        let Header { filters, grantees } = serde_json::from_str(header).unwrap_or_default();
        RowPolicy { filters, grantees, predicate: predicate.to_owned() }
    }

    /// The predicate as the platform gets it: it begins with a text that names the filters, and that is always true. A comment
    /// might not come back.
    pub(super) fn marked(&self, policies: &str) -> String {
        let header = Header { filters: self.filters.clone(), grantees: Vec::new() };
        let header = serde_json::to_string(&header).unwrap_or_default();
        format!(
            "{} IS NOT NULL AND {}",
            DIALECT.literal(&format!("{MARK} {policies}; {header}")),
            self.predicate
        )
    }

    /// Reads a predicate as the platform shows it: whose it is, if it is marked.
    pub(super) fn observed(predicate: &str, grantees: Vec<String>) -> (Option<String>, RowPolicy) {
        match marked(predicate) {
            Some((policies, filters, rest)) => {
                (Some(policies), RowPolicy { filters, grantees, predicate: rest })
            }
            None => (None, RowPolicy { filters: Vec::new(), grantees, predicate: predicate.to_owned() }),
        }
    }
}

/// Policies, filters, and what follows the mark, as it is written.
fn marked(predicate: &str) -> Option<(String, Vec<String>, String)> {
    let parser = DIALECT.parser();
    let text = predicate.trim_start();
    // The literal alone: the tokenizer does not know every escape of what may follow it (a backslash in backticks).
    let after = behind_literal(text)?;
    let literal = text.strip_suffix(after)?;
    let first = Tokenizer::new(parser.as_ref(), literal).tokenize().ok()?.into_iter().next()?;
    let (Token::SingleQuotedString(mark) | Token::DoubleQuotedString(mark)) = first else { return None };
    let (policies, header) = mark.strip_prefix(MARK)?.trim_start().split_once("; ")?;
    let Header { filters, .. } = serde_json::from_str(header).ok()?;
    let rest = ["IS", "NOT", "NULL", "AND"].into_iter().try_fold(after.trim_start(), |rest, word| {
        let (head, tail) = rest.split_at_checked(word.len())?;
        head.eq_ignore_ascii_case(word).then(|| tail.trim_start())
    })?;
    Some((policies.to_owned(), filters, rest.to_owned()))
}

/// What stands behind the literal that a text begins with.
fn behind_literal(text: &str) -> Option<&str> {
    let quote = text.chars().next()?;
    let mut escaped = false;
    let (end, _) = text.char_indices().skip(1).find(|(_, each)| {
        let ends = *each == quote && !escaped;
        escaped = *each == '\\' && !escaped;
        ends
    })?;
    text.get(end + 1..)
}

/// A data policy: the body of its fact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DataPolicy {
    /// `RAW_DATA_ACCESS_POLICY` or `DATA_MASKING_POLICY`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Google's rule.
    #[serde(rename = "predefinedExpression", default, skip_serializing_if = "Option::is_none")]
    pub(super) predefined: Option<String>,
    /// The masking routine, `ROUTINE "shop"."grantc"."r"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) routine: Option<String>,
}

/// Shows the value itself.
pub(super) const RAW: &str = "RAW_DATA_ACCESS_POLICY";
/// Shows something else.
pub(super) const MASKING: &str = "DATA_MASKING_POLICY";

impl DataPolicy {
    /// The canonical text.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads [`DataPolicy::text`].
    pub(super) fn parse(text: &str) -> DataPolicy {
        serde_json::from_str(text).unwrap_or_default()
    }
}

/// `DATA POLICY "shop"."eu"."p"`.
pub(super) fn data_policy_object(project: &str, location: &str, name: &str) -> String {
    Object::new("DATA POLICY", [project, location, name]).text()
}

/// `projects/shop/locations/eu/dataPolicies/p`.
pub(super) fn data_policy_resource(object: &str) -> String {
    match Object::parse(object).path.as_slice() {
        [project, location, name] => format!("projects/{project}/locations/{location}/dataPolicies/{name}"),
        _ => String::new(),
    }
}

/// The object of a resource's name; another form stays as it is.
pub(super) fn data_policy_of(resource: &str) -> String {
    match resource.split('/').collect::<Vec<_>>().as_slice() {
        ["projects", project, "locations", location, "dataPolicies", name] => {
            data_policy_object(project, &location.to_ascii_lowercase(), name)
        }
        _ => format!("DATA POLICY {resource}"),
    }
}

/// The body of what stands on a column: data policies, sorted.
pub(super) fn attachment(mut policies: Vec<String>) -> String {
    policies.sort();
    policies.dedup();
    serde_json::to_string(&policies).unwrap_or_default()
}

/// Reads [`attachment`].
pub(super) fn attached(body: &str) -> Vec<String> {
    serde_json::from_str(body).unwrap_or_default()
}

/// A member as the grants of data policies name it: cloud.google.com/iam/docs/principal-identifiers (2026-11-25), and for the first
/// form docs.cloud.google.com/bigquery/docs/column-data-masking.
pub(super) fn principal(grantee: &str) -> String {
    let member = member::name(grantee);
    match member.split_once(':') {
        Some(("user", address)) => format!("principal://goog/subject/{address}"),
        Some(("group", address)) => format!("principalSet://goog/group/{address}"),
        Some(("serviceAccount", address)) => {
            format!("principal://iam.googleapis.com/projects/-/serviceAccounts/{address}")
        }
        _ => member,
    }
}

/// The grantee that a principal names.
pub(super) fn grantee_of(principal: &str) -> String {
    const FORMS: [(&str, &str); 3] = [
        ("principal://goog/subject/", "user:"),
        ("principalSet://goog/group/", "group:"),
        ("principal://iam.googleapis.com/projects/-/serviceAccounts/", "serviceAccount:"),
    ];
    let known =
        FORMS.iter().find_map(|(form, kind)| Some(format!("{kind}{}", principal.strip_prefix(form)?)));
    member::grantee(known.as_deref().unwrap_or(principal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_back_from_facts_and_from_the_platform() {
        let policy = RowPolicy {
            filters: vec!["own".to_owned(), "young".to_owned()],
            grantees: vec!["USER \"user:a@c\"".to_owned()],
            predicate: "(`it's \\\\` = 'a\\' AND b') AND (`a\\`b` = 'x') AND (`x` IS NULL)".to_owned(),
        };
        assert_eq!(RowPolicy::parse(&policy.text()), policy);
        let marked = policy.marked("own, young");
        for shown in [
            marked.clone(),
            marked.replace(" IS NOT NULL AND ", "\nis  not null\nand "),
            format!(" {marked}"),
        ] {
            let (policies, read) = RowPolicy::observed(&shown, policy.grantees.clone());
            assert_eq!((policies.as_deref(), &read), (Some("own, young"), &policy), "{shown}");
        }
        for other in
            ["TRUE", "'grantc: x' = a", "'grantc: a; {}' IS NULL AND b", "`grantc: a; {}` IS NOT NULL AND b"]
        {
            assert_eq!(RowPolicy::observed(other, Vec::new()).0, None, "{other}");
        }
    }

    #[test]
    fn members_have_another_name_in_data_policies() {
        for member in ["user:a@c.example", "group:g@c.example", "serviceAccount:x@p.iam.gserviceaccount.com"]
        {
            let grantee = member::grantee(member);
            assert_eq!(grantee_of(&principal(&grantee)), grantee);
        }
        assert_eq!(principal(&member::grantee("user:a@c.example")), "principal://goog/subject/a@c.example");
        assert_eq!(grantee_of("principal://x/y"), "MEMBER \"principal://x/y\"");
    }
}
