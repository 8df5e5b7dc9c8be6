use super::*;
use crate::{
    authorize::{RedirectTarget, Term, Until},
    samples::{acts_for, at, client, issuer, open, server, session, user},
    vocabulary::{AuthorizationId, ClientId, Digest},
};

fn step(authorization: &Authorization, who: Who<'_>) -> Step {
    let server = server();
    let named = authorization.request.resource_server.is_some();
    let who = Who { server: named.then_some(&server), ..who };
    next_step(authorization, &client("app"), who, (&Policy::default(), at(110)))
}

fn refused(step: Step) -> Code {
    let Step::Refuse(refused) = step else { panic!("{step:?}") };
    refused.code
}

fn launch(patient: Option<&str>) -> Launch {
    Launch {
        issuer: issuer(),
        digest: Digest::of("xyz"),
        client: ClientId::parse("app").unwrap(),
        resource_server: server().id,
        user: Some("Practitioner/1".into()),
        launch_url: None,
        context: LaunchContext { patient: patient.map(str::to_owned), ..LaunchContext::default() },
        created_by: ClientId::parse("ehr").unwrap(),
        created_at: at(90),
        expires_at: at(390),
        claimed_by: None,
    }
}

const LAUNCHED: &[(&str, &str)] = &[("scope", "launch openid patient/*.rs"), ("launch", "xyz")];

#[test]
fn the_way_of_a_clinician_is_sign_in_record_consent_code() {
    let mut authorization = open(&[]);
    assert_eq!(step(&authorization, Who::default()), Step::LogIn(LoginReason::NoSession));
    let ana = user("ana");
    let session = session(&ana, 105);
    let who = Who { signed_in: Some((&session, &ana)), ..Who::default() };
    assert_eq!(step(&authorization, who), Step::PickPatient);
    let choose = |authorization: &mut Authorization, choice| {
        choose(authorization, Some("p1"), Picks::default(), choice);
    };
    choose(&mut authorization, None);
    let Step::AskConsent { context, .. } = step(&authorization, who) else { panic!() };
    assert_eq!(context.patient.as_deref(), Some("p1"));
    choose(&mut authorization, Some(ConsentChoice::Deny));
    assert_eq!(refused(step(&authorization, who)), Code::AccessDenied);
    let allow = ConsentChoice::Allow { scopes: vec!["patient/*.rs".into()], until: Until::Month };
    choose(&mut authorization, Some(allow));
    let Step::Approve(granting) = step(&authorization, who) else { panic!() };
    assert_eq!(granting.scopes, authorization.request.asked);
    assert_eq!(granting.term, Term::Chosen(Until::Month));
}

#[test]
fn p10_with_prompt_none_no_page_is_shown() {
    let authorization = open(&[("prompt", "none")]);
    assert_eq!(refused(step(&authorization, Who::default())), Code::LoginRequired);
    let ana = user("ana");
    let session = session(&ana, 50);
    let who = Who { signed_in: Some((&session, &ana)), ..Who::default() };
    assert_eq!(refused(step(&authorization, who)), Code::InteractionRequired);
    let one = acts_for(user("ana"), &["p1"]);
    let who = Who { signed_in: Some((&session, &one)), ..Who::default() };
    assert_eq!(refused(step(&authorization, who)), Code::ConsentRequired);
}

#[test]
fn oc_4_03_a10_prompt_login_is_met_only_by_a_sign_in_for_this_request() {
    let mut authorization = open(&[("prompt", "login")]);
    let ana = acts_for(user("ana"), &["p1"]);
    let needs = |authorization: &Authorization, auth_time| {
        let session = session(&ana, auth_time);
        let who = Who { signed_in: Some((&session, &ana)), ..Who::default() };
        step(authorization, who) == Step::LogIn(LoginReason::Requested)
    };
    assert!(needs(&authorization, 99));
    assert!(needs(&authorization, 100), "within the very second, but for another request");
    assert!(!needs(&authorization, 101));
    authorization.stage = Stage::Open {
        patient: None,
        picks: Picks::default(),
        account_confirmed: true,
        choice: None,
    };
    assert!(!needs(&authorization, 100));
    assert!(needs(&authorization, 99), "a confirmed account is not a fresh sign-in");
    assert!(needs(&open(&[("max_age", "0")]), 99), "OC-4-04: max_age=0 is like prompt=login");
}

#[test]
fn oc_4_04_max_age_is_measured_at_the_request() {
    let ana = acts_for(user("ana"), &["p1"]);
    let authorization = open(&[("max_age", "10")]);
    for (auth_time, old) in [(89, true), (90, false), (105, false)] {
        let session = session(&ana, auth_time);
        let who = Who { signed_in: Some((&session, &ana)), ..Who::default() };
        let too_old = step(&authorization, who) == Step::LogIn(LoginReason::TooOld);
        assert_eq!(too_old, old, "{auth_time}");
    }
}

#[test]
fn a11_a_hinted_subject_is_the_one_who_gets_the_code() {
    let ana = acts_for(user("ana"), &["p1"]);
    let hinted = UserId::parse("ben").unwrap();
    let of = |auth_time, confirmed| {
        let mut authorization = open(&[]);
        authorization.stage = Stage::Open {
            patient: None,
            picks: Picks::default(),
            account_confirmed: confirmed,
            choice: None,
        };
        let session = session(&ana, auth_time);
        step(
            &authorization,
            Who { signed_in: Some((&session, &ana)), hinted: Some(&hinted), ..Who::default() },
        )
    };
    assert_eq!(of(50, false), Step::LogIn(LoginReason::OtherUser));
    assert_eq!(refused(of(105, true)), Code::LoginRequired, "and then somebody else signed in");
}

#[test]
fn a13_a_disabled_user_gets_nothing() {
    let mut ana = acts_for(user("ana"), &["p1"]);
    ana.status = crate::client::Status::Disabled;
    let session = session(&ana, 50);
    let who = Who { signed_in: Some((&session, &ana)), ..Who::default() };
    assert_eq!(refused(step(&open(&[]), who)), Code::AccessDenied);
}

#[test]
fn m2_a_launch_is_bound_to_app_user_server_and_time() {
    let ana = user("ana");
    let session = session(&ana, 50);
    let with = |launch: Option<&Launch>| {
        let who = Who { signed_in: Some((&session, &ana)), launch, ..Who::default() };
        step(&open(LAUNCHED), who)
    };
    let good = launch(Some("p1"));
    assert!(
        matches!(with(Some(&good)), Step::AskConsent { context, .. } if context.patient.as_deref() == Some("p1"))
    );
    let bad = [
        Launch { client: ClientId::parse("other").unwrap(), ..good.clone() },
        Launch {
            resource_server: crate::ResourceServerId::parse("other").unwrap(),
            ..good.clone()
        },
        Launch { expires_at: at(100), ..good.clone() },
        Launch { claimed_by: Some(AuthorizationId::parse("a0").unwrap()), ..good },
    ];
    for launch in &bad {
        assert_eq!(refused(with(Some(launch))), Code::InvalidRequest, "{launch:?}");
    }
    assert_eq!(refused(with(None)), Code::InvalidRequest);
}

#[test]
fn d_29_a_launch_that_came_in_time_waits_for_a_slow_sign_in() {
    let ana = user("ana");
    let session = session(&ana, 105);
    let launch = Launch { expires_at: at(101), ..launch(Some("p1")) };
    let who = Who { signed_in: Some((&session, &ana)), launch: Some(&launch), ..Who::default() };
    assert!(matches!(step(&open(LAUNCHED), who), Step::AskConsent { .. }), "asked at 100, now 110");
}

#[test]
fn m2_whoever_is_not_the_launchs_user_signs_in_as_them_or_is_refused() {
    let mut ana = user("ana");
    let of = |ana: &User, auth_time, changed: &[(&str, &str)]| {
        let session = session(ana, auth_time);
        let launch = Launch { user: Some("Practitioner/2".into()), ..launch(Some("p1")) };
        let who = Who { signed_in: Some((&session, ana)), launch: Some(&launch), ..Who::default() };
        step(&open(&[LAUNCHED, changed].concat()), who)
    };
    // A shared workstation: the session is that of whoever was here before.
    assert_eq!(of(&ana, 50, &[]), Step::LogIn(LoginReason::OtherUser));
    assert_eq!(refused(of(&ana, 50, &[("prompt", "none")])), Code::LoginRequired);
    assert_eq!(refused(of(&ana, 105, &[])), Code::AccessDenied, "they signed in for this");
    ana.links.home.fhir_user = None;
    assert_eq!(of(&ana, 50, &[]), Step::LogIn(LoginReason::OtherUser), "nobody's fhirUser");
    ana.links.home.fhir_user = Some("Practitioner/2".into());
    assert!(matches!(of(&ana, 50, &[]), Step::AskConsent { .. }));
    // Its neighbours: what the app wants of the sign-in is asked of the right person.
    assert_eq!(of(&ana, 50, &[("prompt", "login")]), Step::LogIn(LoginReason::Requested));
    assert_eq!(of(&ana, 50, &[("max_age", "10")]), Step::LogIn(LoginReason::TooOld));
    assert!(matches!(of(&ana, 95, &[("max_age", "10")]), Step::AskConsent { .. }));
}

#[test]
fn sc_14_pains_3_a_launch_from_an_ehr_never_shows_a_picker() {
    let ana = user("ana");
    let session = session(&ana, 50);
    let launch = launch(None);
    let who = Who { signed_in: Some((&session, &ana)), launch: Some(&launch), ..Who::default() };
    assert_eq!(refused(step(&open(LAUNCHED), who)), Code::InvalidScope, "nothing would be left");
    let mixed =
        "launch openid launch/patient launch/encounter launch/imagingstudy patient/*.rs user/*.rs";
    let mut authorization = open(&[("scope", mixed), ("launch", "xyz")]);
    let Step::AskConsent { offered, .. } = step(&authorization, who) else { panic!() };
    assert_eq!(offered.to_string(), "launch openid user/*.rs");
    choose(&mut authorization, None, Picks::default(), Some(allow(&["user/*.rs"])));
    let Step::Approve(granting) = step(&authorization, who) else { panic!() };
    let dropped: Vec<_> = granting.dropped.iter().map(|dropped| dropped.scope.as_str()).collect();
    assert_eq!(
        dropped,
        ["launch/patient", "launch/encounter", "launch/imagingstudy", "patient/*.rs"]
    );
    assert!(granting.dropped.iter().all(|dropped| dropped.reason == Reason::Context));
}

#[test]
fn sc_14_what_the_ehr_has_open_is_context_and_the_rest_of_the_hints_is_dropped() {
    let ana = user("ana");
    let session = session(&ana, 50);
    let mut launch = launch(Some("p1"));
    launch.context.fhir_context =
        vec![serde_json::json!({"reference": "ImagingStudy/i1", "role": "https://a.example/r"})];
    let who = Who { signed_in: Some((&session, &ana)), launch: Some(&launch), ..Who::default() };
    let scope = "launch launch/encounter launch/imagingstudy patient/*.rs";
    let authorization = open(&[("scope", scope), ("launch", "xyz")]);
    let Step::AskConsent { offered, .. } = step(&authorization, who) else { panic!() };
    assert_eq!(offered.to_string(), "launch launch/imagingstudy patient/*.rs");
}

#[test]
fn sc_13_sc_15_each_context_is_picked_in_turn_and_what_nobody_picked_is_dropped() {
    let ana = acts_for(user("ana"), &["p1"]);
    let session = session(&ana, 50);
    let who = Who { signed_in: Some((&session, &ana)), ..Who::default() };
    let scope = "launch/patient launch/encounter launch/imagingstudy?role=https://a.example/prior \
         launch/questionnaire patient/*.rs";
    let mut authorization = open(&[("scope", scope)]);
    let mut picks = Picks::default();
    let answers = [Pick::Resource("e1".into()), Pick::Resource("i1".into()), Pick::Unavailable];
    let expected =
        [("Encounter", Some("p1")), ("ImagingStudy", Some("p1")), ("Questionnaire", None)];
    for (pick, (kind, of)) in answers.into_iter().zip(expected) {
        let Step::PickContext { asked, patient } = step(&authorization, who) else { panic!() };
        assert_eq!((asked.resource_type.as_str(), patient.as_deref()), (kind, of));
        picks.set(asked, pick);
        choose(&mut authorization, Some("p1"), picks.clone(), None);
    }
    let Step::AskConsent { context, offered } = step(&authorization, who) else { panic!() };
    assert_eq!(context.encounter.as_deref(), Some("e1"));
    assert_eq!(context.fhir_context[0]["reference"], "ImagingStudy/i1");
    assert_eq!(context.fhir_context[0]["role"], "https://a.example/prior");
    assert!(!offered.to_string().contains("questionnaire"), "{offered}");
    let visit = AskedContext { resource_type: "Encounter".into(), role: None };
    picks.set(visit, Pick::Without);
    choose(&mut authorization, Some("p1"), picks, Some(allow(&["patient/*.rs"])));
    let Step::Approve(granting) = step(&authorization, who) else { panic!() };
    assert_eq!(granting.context.encounter, None);
    let dropped: Vec<_> =
        granting.dropped.iter().map(|one| (one.scope.as_str(), one.reason)).collect();
    assert_eq!(
        dropped,
        [("launch/encounter", Reason::Person), ("launch/questionnaire", Reason::Context)]
    );
}

#[test]
fn sc_13_the_visit_of_nobody_in_particular_needs_a_patient_first() {
    let ana = user("ana");
    let session = session(&ana, 50);
    let who = Who { signed_in: Some((&session, &ana)), ..Who::default() };
    let authorization = open(&[("scope", "openid user/*.rs launch/encounter")]);
    assert_eq!(step(&authorization, who), Step::PickPatient);
    let shared = open(&[("scope", "openid user/*.rs launch/questionnaire")]);
    assert!(matches!(step(&shared, who), Step::PickContext { patient: None, .. }));
    let quiet = open(&[("scope", "openid user/*.rs launch/questionnaire"), ("prompt", "none")]);
    assert_eq!(refused(step(&quiet, who)), Code::InteractionRequired);
}

fn choose(
    authorization: &mut Authorization,
    patient: Option<&str>,
    picks: Picks,
    choice: Option<ConsentChoice>,
) {
    authorization.stage =
        Stage::Open { patient: patient.map(str::to_owned), picks, account_confirmed: true, choice };
}

fn allow(scopes: &[&str]) -> ConsentChoice {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    ConsentChoice::Allow { scopes, until: Until::Month }
}

#[test]
fn m5_a_record_outside_the_persons_rights_is_never_in_context() {
    let mut authorization = open(&[]);
    let carer = acts_for(user("carer"), &["p1", "p2"]);
    let session = session(&carer, 50);
    let who = Who { signed_in: Some((&session, &carer)), ..Who::default() };
    assert_eq!(step(&authorization, who), Step::PickPatient);
    authorization.stage = Stage::Open {
        patient: Some("p3".into()),
        picks: Picks::default(),
        account_confirmed: false,
        choice: Some(ConsentChoice::Allow { scopes: vec![], until: Until::Visit }),
    };
    assert_eq!(refused(step(&authorization, who)), Code::AccessDenied);
    let mut patient = acts_for(user("pat"), &["p9"]);
    patient.links.home.fhir_user = Some("Practitioner/1".into());
    let launch = launch(Some("p1"));
    let who =
        Who { signed_in: Some((&session, &patient)), launch: Some(&launch), ..Who::default() };
    assert_eq!(refused(step(&open(LAUNCHED), who)), Code::AccessDenied, "nor by a launch");
}

#[test]
fn sc_15_a_right_that_is_over_is_no_record_to_choose() {
    let mut carer = acts_for(user("carer"), &["p1", "p2"]);
    let Records::These(records) = &mut carer.links.home.records else { panic!() };
    records[0].until = Some(at(110));
    let session = session(&carer, 50);
    let server = server();
    let who = Who { signed_in: Some((&session, &carer)), server: Some(&server), ..Who::default() };
    let Step::AskConsent { context, .. } = step(&open(&[]), who) else { panic!() };
    assert_eq!(context.patient.as_deref(), Some("p2"), "the one that is left, without a picker");
}

#[test]
fn sc_15_pains_3_a_user_level_app_never_sees_a_picker() {
    let ana = user("ana");
    let session = session(&ana, 50);
    let who = Who { signed_in: Some((&session, &ana)), ..Who::default() };
    let step = step(&open(&[("scope", "openid user/*.rs")]), who);
    assert!(matches!(step, Step::AskConsent { context, .. } if context.patient.is_none()));
}

#[test]
fn a_remembered_consent_counts_for_the_same_record_while_it_lasts() {
    let one = acts_for(user("ana"), &["p1"]);
    let session = session(&one, 50);
    let authorization = open(&[]);
    let consent = Consent {
        issuer: issuer(),
        user: one.id.clone(),
        client: ClientId::parse("app").unwrap(),
        resource_server: Some(server().id),
        patient: Some("p1".into()),
        asked: authorization.request.asked.clone(),
        granted: "launch/patient openid fhirUser patient/Observation.rs".parse().unwrap(),
        until: at(5_000),
        given_at: at(0),
    };
    let with = |authorization: &Authorization, consent: &Consent| {
        let who = Who {
            signed_in: Some((&session, &one)),
            consents: std::slice::from_ref(consent),
            ..Who::default()
        };
        step(authorization, who)
    };
    let Step::Approve(granting) = with(&authorization, &consent) else { panic!() };
    assert_eq!(
        granting.scopes.to_string(),
        "launch/patient openid fhirUser patient/Observation.rs"
    );
    let asks = |step| matches!(step, Step::AskConsent { .. });
    assert!(asks(with(&authorization, &Consent { until: at(110), ..consent.clone() })));
    assert!(asks(with(&authorization, &Consent { patient: Some("p2".into()), ..consent.clone() })));
    assert!(asks(with(&open(&[("prompt", "consent")]), &consent)));
    let mut native = authorization.clone();
    native.request.target =
        RedirectTarget::from_row("http://127.0.0.1:6666/cb".into(), Some("s1".into()), false);
    assert!(asks(with(&native, &consent)), "RFC 8252 §8.6: any program may listen there");
    let more = open(&[("scope", "openid patient/*.cruds")]);
    assert!(asks(with(&more, &consent)), "more is asked than was decided on");
}

#[test]
fn a_request_that_was_answered_or_has_expired_goes_nowhere() {
    let ana = user("ana");
    let session = session(&ana, 50);
    let who = Who { signed_in: Some((&session, &ana)), ..Who::default() };
    let denied = Authorization { stage: Stage::Denied, ..open(&[]) };
    let expired = Authorization { expires_at: at(110), ..open(&[]) };
    for authorization in [denied, expired] {
        assert_eq!(refused(step(&authorization, who)), Code::AccessDenied);
    }
}
