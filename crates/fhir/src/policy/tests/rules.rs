//! Required resource, tenants, labels, and the rules of a site.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use super::{R, ask, observation, token};
use crate::policy::{
    Asked, Effect, Failed, Label, Narrowing, Policy, RequiredResource, Rules, SiteRule, Tenancy,
    When,
};
use crate::{Access, Check, Denial, Privilege};

fn guarded(public: Option<Privilege>) -> Rules {
    let roles = [
        ("clerk", Privilege::Read),
        ("nurse", Privilege::Write),
        ("fhirUser/Patient", Privilege::Read),
    ];
    let roles = roles.map(|(role, privilege)| (role.to_owned(), privilege)).into();
    Rules {
        required: Some(RequiredResource { name: "Records".into(), public, roles }),
        ..Rules::default()
    }
}

#[test]
fn row_062_a_role_must_give_the_privilege_on_the_required_resource() {
    let may = |rules: &Rules, roles: serde_json::Value, asked: &str| {
        ask(rules, &token("user/*.cruds", &json!({ "roles": roles })), asked).map(drop)
    };
    let rules = guarded(None);
    let refused = |privilege| Err(Denial::NoRole { resource: "Records".into(), privilege });
    assert_eq!(may(&rules, json!(["nurse"]), "PUT /Observation/o"), Ok(()));
    assert_eq!(may(&rules, json!(["nurse"]), "GET /Observation/o"), Ok(()), "to write is to read");
    assert_eq!(may(&rules, json!("clerk"), "GET /Observation?code=x"), Ok(()), "a single role");
    assert_eq!(may(&rules, json!(["clerk"]), "DELETE /Observation/o"), refused(Privilege::Write));
    assert_eq!(
        may(&rules, json!(["clerk"]), "PATCH /Observation?code=x"),
        refused(Privilege::Write)
    );
    for roles in
        [json!([]), json!(["Clerk"]), json!(null), json!({"nurse": true}), json!("clerk nurse")]
    {
        assert_eq!(
            may(&rules, roles.clone(), "GET /Observation/o"),
            refused(Privilege::Read),
            "{roles}"
        );
    }
    let named = Rules { roles_claim: "groups".into(), ..rules };
    assert!(
        ask(&named, &token("user/*.rs", &json!({"groups": ["clerk"]})), "GET /Patient").is_ok()
    );
    assert!(
        ask(&named, &token("user/*.rs", &json!({"roles": ["clerk"]})), "GET /Patient").is_err()
    );
}

#[test]
fn row_062_the_kind_of_user_is_a_role_that_no_issuer_can_claim() {
    let rules = guarded(None);
    let patient = token("user/*.rs", &json!({ "fhirUser": "Patient/a" }));
    assert!(ask(&rules, &patient, "GET /Observation").is_ok());
    let forged = token("user/*.rs", &json!({ "roles": ["fhirUser/Patient"] }));
    assert!(ask(&rules, &forged, "GET /Observation").is_err());
}

#[test]
fn row_059_any_valid_account_may_do_all_where_nothing_is_required() {
    let account = Access::of_account("clerk", serde_json::Map::new(), 0);
    for asked in ["GET /Patient", "POST /Patient", "DELETE /Observation/o", "GET /Patient/b"] {
        assert!(ask(&Rules::default(), &account, asked).is_ok(), "{asked}");
        assert!(ask(&guarded(None), &account, asked).is_err(), "{asked}");
    }
    let more = serde_json::from_value(json!({ "roles": ["nurse"] })).expect("claims");
    assert!(ask(&guarded(None), &Access::of_account("n", more, 0), "POST /Patient").is_ok());
}

#[test]
fn row_065_public_permission_is_for_everybody_who_has_signed_in() {
    let nobody = token("user/*.cruds", &json!({}));
    let may = |public, asked| ask(&guarded(public), &nobody, asked).is_ok();
    assert!(!may(None, "GET /Patient"));
    assert!(
        may(Some(Privilege::Read), "GET /Patient") && !may(Some(Privilege::Read), "POST /Patient")
    );
    assert!(
        may(Some(Privilege::Write), "POST /Patient") && may(Some(Privilege::Write), "GET /Patient")
    );
    let no_scope = token("openid fhirUser", &json!({}));
    let denied = ask(&guarded(Some(Privilege::Write)), &no_scope, "GET /Patient");
    assert_eq!(denied, Err(Denial::NoClinicalScope), "roles never replace a scope (row 94)");
}

#[test]
fn row_074_rules_about_users_do_not_concern_a_system_unless_configured() {
    let system = token("system/*.cruds", &json!({ "fhirUser": null }));
    let permit = ask(&guarded(None), &system, "DELETE /Observation/o").expect("skipped");
    assert!(permit.skipped_rules(), "and that is told");
    let strict = Rules { system_skips: false, ..guarded(None) };
    assert!(ask(&strict, &system, "DELETE /Observation/o").is_err());
    assert!(!ask(&Rules::default(), &system, "GET /Patient").expect("open").skipped_rules());
    // A user who comes with such scopes is a user still, and so is one with another scope beside.
    let user = token("system/*.cruds", &json!({}));
    assert!(ask(&guarded(None), &user, "GET /Patient").is_err());
    let mixed = token("system/*.cruds user/Observation.r", &json!({ "fhirUser": null }));
    assert!(ask(&guarded(None), &mixed, "GET /Patient").is_err());
}

#[test]
fn row_009_a_tenant_sees_and_writes_its_own_resources_alone() {
    let tenancy = Some(Tenancy { claim: "clinic_id".into(), system: "http://t".into() });
    let rules = Rules { tenancy, ..Rules::default() };
    let north = token("user/*.cruds", &json!({ "clinic_id": "north" }));
    let of = |codes: &[&str]| {
        let tags: Vec<_> =
            codes.iter().map(|code| json!({"system": "http://t", "code": code})).collect();
        observation("a", json!({ "tag": tags }))
    };
    let permit = ask(&rules, &north, "GET /Observation/o").expect("of a tenant");
    assert!(permit.allows(&of(&["north"])));
    assert!(!permit.allows(&of(&["south"])) && !permit.allows(&of(&[])));
    let other_system = json!({ "tag": [{ "system": "http://u", "code": "north" }] });
    assert!(!permit.allows(&observation("a", other_system)));
    let permit = ask(&rules, &north, "POST /Observation").expect("of a tenant");
    assert!(
        !permit.allows_written(&of(&["south"])) && !permit.allows_written(&of(&["north", "south"]))
    );
    let mut new = observation("a", json!({}));
    permit.stamp(&mut new);
    assert!(permit.allows_written(&new), "{new}");
    let mut foreign = of(&["south"]);
    permit.stamp(&mut foreign);
    assert!(!permit.allows_written(&foreign));
    // Systems too, and nobody without a tenant.
    for claims in [json!({}), json!({ "clinic_id": "" }), json!({ "clinic_id": ["north"] })] {
        for scope in ["user/*.rs", "patient/*.rs", "system/*.rs"] {
            let denied = ask(&rules, &token(scope, &claims), "GET /Observation");
            assert_eq!(
                denied,
                Err(Denial::NoTenant { claim: "clinic_id".into() }),
                "{scope} {claims}"
            );
        }
    }
    let mut claims = json!({ "clinic_id": "north", "fhirUser": null });
    let system = token("system/*.rs", &claims);
    assert!(!ask(&rules, &system, "GET /Observation").expect("ok").allows(&of(&["south"])));
    claims["clinic_id"] = json!(7);
    let numbered = token("system/*.rs", &claims);
    assert!(ask(&rules, &numbered, "GET /Observation").expect("ok").allows(&of(&["7"])));
}

#[test]
fn row_046_labelled_resources_are_for_roles_and_no_scope_that_names_the_label_lifts_it() {
    let roles = BTreeSet::from(["psychiatry".to_owned()]);
    let labels = vec![Label { system: R.into(), code: "R".into(), roles }];
    let site = Rules { labels, ..Rules::default() };
    let labelled = observation("a", json!({ "security": [{ "system": R, "code": "R" }] }));
    let plain = observation("a", json!({ "security": [{ "system": R, "code": "N" }] }));
    let sees = |scope: &str, more: serde_json::Value| {
        let permit = ask(&site, &token(scope, &more), "GET /Observation/o").expect("in scope");
        [permit.allows(&plain), permit.allows(&labelled)]
    };
    assert_eq!(sees("patient/*.rs", json!({})), [true, false]);
    assert_eq!(sees("user/*.rs", json!({ "roles": ["psychiatry"] })), [true, true]);
    assert_eq!(sees(&format!("patient/*.rs?_security={R}|R"), json!({})), [false, false]);
    assert_eq!(sees("patient/*.rs?_security=R", json!({})), [false, false]);
    let named = format!("user/*.rs?_security={R}|R");
    assert_eq!(sees(&named, json!({ "roles": ["psychiatry"] })), [false, true]);
    // By scope alone, without any rule: anything that is not confidential.
    let scope = format!("patient/*.rs?_security:not={R}|R");
    let permit =
        ask(&Rules::default(), &token(&scope, &json!({})), "GET /Observation").expect("ok");
    assert!(permit.allows(&plain) && !permit.allows(&labelled));
}

fn rule(when: When, effect: Effect) -> SiteRule {
    SiteRule { name: "no laboratory".into(), when, effect }
}

fn under(rule: impl Policy + 'static) -> Rules {
    Rules { policies: vec![Arc::new(rule)], ..Rules::default() }
}

#[test]
fn row_011_a_rule_of_the_site_narrows_what_scopes_allow() {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let deny =
        under(rule(When { interactions: set(&["delete"]), ..When::default() }, Effect::Deny));
    let access = token("user/*.cruds", &json!({}));
    assert_eq!(
        ask(&deny, &access, "DELETE /Patient/a"),
        Err(Denial::Policy { rule: "no laboratory".into() })
    );
    assert!(ask(&deny, &access, "GET /Patient/a").is_ok());
    let writes = under(rule(
        When { interactions: set(&["write"]), types: set(&["Observation"]), ..When::default() },
        Effect::Deny,
    ));
    assert!(
        ask(&writes, &access, "PATCH /Observation/o").is_err()
            && ask(&writes, &access, "POST /Patient").is_ok()
    );
    let lab = |code: &str| {
        let mut resource = observation("a", json!({}));
        resource["category"] = json!([{ "coding": [{ "code": code }] }]);
        resource
    };
    let when = When {
        types: set(&["Observation"]),
        clients: set(&["app"]),
        unless_roles: set(&["doctor"]),
        ..When::default()
    };
    for (effect, seen) in [
        (Effect::Only("category=laboratory".into()), [true, false]),
        (Effect::Without("category=laboratory".into()), [false, true]),
    ] {
        let rules = under(rule(when.clone(), effect));
        let sees = |access: &Access| {
            let permit = ask(&rules, access, "GET /Observation").expect("in scope");
            ["laboratory", "exam"].map(|code| permit.allows(&lab(code)))
        };
        assert_eq!(sees(&access), seen);
        assert_eq!(sees(&token("user/*.rs", &json!({ "roles": ["doctor"] }))), [true, true]);
        assert_eq!(sees(&token("user/*.rs", &json!({ "client_id": "other" }))), [true, true]);
    }
    let claims = BTreeMap::from([("site".to_owned(), "kiosk".to_owned())]);
    let kiosk = under(rule(When { claims, ..When::default() }, Effect::Deny));
    assert!(ask(&kiosk, &access, "GET /Patient").is_ok());
    assert!(ask(&kiosk, &token("user/*.rs", &json!({ "site": "kiosk" })), "GET /Patient").is_err());
}

/// A rule in code.
#[derive(Debug)]
struct Hook(Result<Narrowing, Failed>);

impl Policy for Hook {
    fn name(&self) -> &'static str {
        "hook"
    }

    fn narrow(&self, asked: &Asked<'_>) -> Result<Narrowing, Failed> {
        assert_eq!(asked.access.subject(), Some("x"), "it sees the claims");
        self.0.clone()
    }
}

#[test]
fn row_011_a_rule_that_cannot_be_applied_allows_nothing() {
    let access = token("user/*.cruds", &json!({}));
    let denial = Denial::BrokenPolicy { rule: "hook".into() };
    let broken = Err(denial.clone());
    let unknown = Narrowing { without: Some("colour=blue".into()), ..Narrowing::default() };
    for result in [Err(Failed("no answer".into())), Ok(unknown)] {
        let rules = under(Hook(result));
        for asked in ["GET /Observation/o", "POST /Observation", "GET /Patient/a/$everything"] {
            assert_eq!(ask(&rules, &access, asked), broken, "{asked}");
        }
    }
    assert!(ask(&under(Hook(Ok(Narrowing::default()))), &access, "GET /Patient").is_ok());
    assert_eq!((denial.status(), denial.check()), (403, Check::Policy));
}

#[test]
fn a_rule_is_checked_before_it_is_used() {
    let types = BTreeSet::from(["Observation".to_owned()]);
    let fine = When { types, ..When::default() };
    assert!(rule(fine.clone(), Effect::Only("category=x".into())).check().is_ok());
    assert!(rule(When::default(), Effect::Without("_security=R".into())).check().is_ok());
    for (when, asked) in [(fine.clone(), "colour=x"), (When::default(), "category=x"), (fine, "")] {
        assert!(rule(when, Effect::Only(asked.into())).check().is_err(), "{asked}");
    }
    let types = BTreeSet::from(["Claim".to_owned()]);
    assert!(rule(When { types, ..When::default() }, Effect::Deny).check().is_err());
}
