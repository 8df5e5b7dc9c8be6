//! Exports: the records as they were at one moment, for whom they are, and one worker at a time.

use fireward_fhir::export::{Export, Level, parse, parts};
use fireward_fhir::search::pairs;
use fireward_fhir::{Access, Rules};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::asking::{BASE, anyone, now, observation, patient, permitted, put, token};
use super::databases::on_each_database;
use crate::{
    Change, Content, Item, Job, Limits, List, NewExport, Place, Precondition, Records, State,
    Stored, Walk,
};

on_each_database![
    d_44_an_export_is_of_one_moment,
    d_44_nothing_is_missed_between_two_exports,
    d_44_deletions_are_told_since_a_moment,
    d_44_levels_and_filters_narrow_what_is_found,
    d_44_a_token_finds_no_more_than_it_may_see,
    d_44_an_export_belongs_to_its_client,
    d_44_a_client_has_so_many_exports_at_most,
    d_44_one_worker_at_a_time_goes_on_where_another_was_cut_off,
    d_44_an_export_that_gets_no_further_fails,
    d_44_what_has_expired_is_swept,
];

const MANY: Limits = Limits { running: 100, kept: 100 };

fn new(id: &str, at: OffsetDateTime) -> NewExport<'_> {
    NewExport {
        id,
        client: "backend",
        scope: "system/*.rs",
        bound_to: None,
        request: "http://localhost:8081/fhir/$export",
        asked: "{}",
        told: &[],
        now: at,
        expires_at: at + Duration::hours(1),
    }
}

async fn start(records: &Records, id: &str) -> Job {
    records.exports().start(&new(id, now()), MANY).await.expect("it starts").expect("not too many")
}

/// Everything that an export finds, the long way; deletions begin with `-`.
async fn found(
    records: &Records,
    access: &Access,
    (level, query): (Level, &str),
    job: &Job,
) -> Vec<String> {
    let export = parse(level, &pairs(query).expect(query), false, BASE).expect(query);
    let at = crate::stored::millis(job.transaction_time);
    let mut all = Vec::new();
    for part in parts(access, &export, &Rules::default()).expect(query) {
        let Export { level, since, until, .. } = &export;
        let walk = Walk { part: &part, level, since: *since, until: *until, at };
        let mut after = 0;
        loop {
            let batch = records.exports().step(&walk, after).await.expect("a step");
            all.extend(named(records, &batch.found, "").await);
            all.extend(named(records, &batch.deleted, "-").await);
            let Some(next) = batch.after else { break };
            after = next;
        }
    }
    all
}

async fn named(records: &Records, items: &[Item], sign: &str) -> Vec<String> {
    let versions = records.exports().versions(items).await.expect("versions");
    let name = |stored: Stored| {
        assert_eq!((stored.deleted, stored.body.is_empty()), (sign == "-", sign == "-"));
        format!("{sign}{}/{} {}", stored.kind, stored.id, stored.version)
    };
    versions.into_iter().map(name).collect()
}

async fn everything(records: &Records, query: &str, job: &Job) -> Vec<String> {
    found(records, &anyone(), (Level::System, query), job).await
}

async fn delete(records: &Records, kind: &str, id: &str) {
    let permit = permitted(&anyone(), "DELETE", &format!("{kind}/{id}"));
    let change = Change { kind, id, only_if: Precondition::None, now: now() };
    records.delete(&permit, &change).await.expect("is deleted");
}

async fn d_44_an_export_is_of_one_moment(records: Records) {
    for id in ["a", "b", "c"] {
        put(&records, &patient(id, "One")).await;
    }
    let job = start(&records, "1").await;
    assert_eq!(everything(&records, "", &job).await, ["Patient/a 1", "Patient/b 1", "Patient/c 1"]);
    let changed = put(&records, &patient("a", "Two")).await;
    assert!(changed.last_updated > job.transaction_time, "whatever its writer's clock said");
    put(&records, &patient("a", "Three")).await;
    delete(&records, "Patient", "b").await;
    put(&records, &patient("d", "New")).await;
    let before = ["Patient/a 1", "Patient/b 1", "Patient/c 1"];
    assert_eq!(everything(&records, "", &job).await, before);
    // What was found stays, whatever the index says of it today.
    assert_eq!(everything(&records, "_typeFilter=Patient?name=one", &job).await, before);
    assert!(everything(&records, "_typeFilter=Patient?name=new,two,three", &job).await.is_empty());
    let later = start(&records, "2").await;
    assert!(later.transaction_time >= changed.last_updated - Duration::milliseconds(1));
}

async fn d_44_nothing_is_missed_between_two_exports(records: Records) {
    let mut seen = Vec::new();
    let mut since = String::new();
    for round in 0..4 {
        let writes = (0..3).map(|n| format!("r{round}-{n}")).collect::<Vec<_>>();
        let resources: Vec<_> = writes.iter().map(|id| patient(id, "Any")).collect();
        let puts = resources.iter().map(|resource| put(&records, resource));
        let id = round.to_string();
        // At once: a write is either in this export or dated after it.
        let (job, _) = tokio::join!(start(&records, &id), futures_util::future::join_all(puts));
        let query = if since.is_empty() { String::new() } else { format!("_since={since}") };
        seen.extend(everything(&records, &query, &job).await);
        let format = time::format_description::well_known::Rfc3339;
        since = job.transaction_time.format(&format).expect("an instant");
    }
    // The clock of these tests stands still: the next moment is a later one all the same.
    let end = NewExport { now: now() + Duration::hours(1), ..new("end", now()) };
    let job = records.exports().start(&end, MANY).await.expect("it starts").expect("one more");
    seen.extend(everything(&records, &format!("_since={since}"), &job).await);
    seen.sort();
    let all: Vec<_> =
        (0..4).flat_map(|r| (0..3).map(move |n| format!("Patient/r{r}-{n} 1"))).collect();
    assert_eq!(seen, all, "each exactly once");
}

async fn d_44_deletions_are_told_since_a_moment(records: Records) {
    for id in ["a", "b", "c"] {
        put(&records, &patient(id, "One")).await;
    }
    put(&records, &observation("o", "a", "laboratory")).await;
    let first = start(&records, "1").await;
    let format = time::format_description::well_known::Rfc3339;
    let since = format!("_since={}", first.transaction_time.format(&format).expect("an instant"));
    delete(&records, "Patient", "a").await;
    delete(&records, "Observation", "o").await;
    put(&records, &patient("b", "Two")).await;
    let at = now() + Duration::minutes(1);
    let second =
        records.exports().start(&new("2", at), MANY).await.expect("starts").expect("one more");
    // Deleted and back again later: at the moment it was gone.
    put(&records, &patient("a", "Back")).await;
    delete(&records, "Patient", "c").await;
    let all = ["-Observation/o 2", "Patient/b 2", "-Patient/a 2"];
    assert_eq!(everything(&records, &since, &second).await, all);
    assert_eq!(everything(&records, "", &second).await, ["Patient/b 2", "Patient/c 1"]);
    let labs = token("system/Observation.rs?category=laboratory", None);
    let exams = token("system/Observation.rs?category=exam", None);
    let level = || (Level::System, since.as_str());
    assert_eq!(found(&records, &labs, level(), &second).await, ["-Observation/o 2"]);
    assert!(
        found(&records, &exams, level(), &second).await.is_empty(),
        "nobody hears of what is hidden"
    );
    assert!(everything(&records, "_since=2040-01-01T00:00:00Z", &second).await.is_empty());
    // Until the first moment nothing had changed that is as it was then; until now, everything had.
    let until = first.transaction_time + Duration::milliseconds(1);
    let until = format!("_until={}", until.format(&format).expect("an instant"));
    assert_eq!(everything(&records, &until, &second).await, ["Patient/c 1"]);
    let both = format!("{since}&_until=2040-01-01T00:00:00Z");
    assert_eq!(everything(&records, &both, &second).await, all);
    assert!(everything(&records, &format!("{since}&{until}"), &second).await.is_empty());
}

async fn three_patients(records: &Records) {
    for id in ["a", "b", "c"] {
        put(records, &patient(id, "Any")).await;
        put(records, &json!({ "resourceType": "Practitioner", "id": format!("of-{id}") })).await;
        put(records, &observation(&format!("{id}-lab"), id, "laboratory")).await;
        put(records, &observation(&format!("{id}-exam"), id, "exam")).await;
    }
    put(records, &json!({ "resourceType": "Questionnaire", "id": "q", "status": "active" })).await;
    put(records, &json!({ "resourceType": "Practitioner", "id": "of-nobody" })).await;
    put(records, &group(&["a", "b"])).await;
}

fn group(members: &[&str]) -> serde_json::Value {
    let member = |id: &&str| json!({ "entity": { "reference": format!("Patient/{id}") } });
    let mut member: Vec<_> = members.iter().map(member).collect();
    member.push(json!({ "entity": { "reference": "Patient/c" }, "inactive": true }));
    json!({ "resourceType": "Group", "id": "g", "type": "person", "actual": true, "member": member })
}

async fn d_44_levels_and_filters_narrow_what_is_found(records: Records) {
    three_patients(&records).await;
    let job = start(&records, "1").await;
    let names = async |level: Level, query: &str| -> Vec<String> {
        let found = found(&records, &anyone(), (level, query), &job).await;
        found.iter().map(|one| one.trim_end_matches(" 1").to_owned()).collect()
    };
    assert_eq!(names(Level::System, "").await.len(), 15);
    assert_eq!(names(Level::Patients, "").await.len(), 12, "neither Group nor Questionnaire");
    assert_eq!(
        names(Level::Patients, "_type=Practitioner").await.len(),
        3,
        "whom records refer to"
    );
    let of_group = || Level::Group("g".into());
    let members = ["Patient/a", "Patient/b"];
    assert_eq!(names(of_group(), "_type=Patient").await, members, "who is inactive is none");
    assert_eq!(
        names(of_group(), "_type=Practitioner").await,
        ["Practitioner/of-a", "Practitioner/of-b"]
    );
    assert_eq!(names(of_group(), "").await.len(), 8);
    assert!(names(Level::Group("h".into()), "").await.is_empty(), "nobody is in no group");
    let labs = "_typeFilter=Observation?category=laboratory";
    assert_eq!(
        names(of_group(), &format!("_type=Observation&{labs}")).await,
        ["Observation/a-lab", "Observation/b-lab"]
    );
    let either = format!("_type=Observation&{labs}&_typeFilter=Observation?_id=c-exam");
    assert_eq!(names(Level::System, &either).await.len(), 4);
    assert_eq!(names(of_group(), &either).await.len(), 2);
    assert_eq!(names(Level::System, labs).await.len(), 15 - 3, "other types are not filtered");
    // What has changed since is judged one by one, to the same end.
    for id in ["a", "b", "c"] {
        put(&records, &patient(id, "Changed")).await;
        put(&records, &observation(&format!("{id}-lab"), id, "exam")).await;
        put(&records, &json!({ "resourceType": "Practitioner", "id": format!("of-{id}") })).await;
    }
    assert_eq!(names(of_group(), "_type=Patient").await, members);
    assert_eq!(names(of_group(), "_type=Practitioner").await.len(), 2);
    assert_eq!(names(Level::Patients, "_type=Practitioner").await.len(), 3);
    assert_eq!(names(of_group(), &either).await.len(), 2);
    assert_eq!(names(Level::System, &either).await.len(), 4);
    assert_eq!(names(Level::Patients, "").await.len(), 12);
}

async fn d_44_a_token_finds_no_more_than_it_may_see(records: Records) {
    three_patients(&records).await;
    let job = start(&records, "1").await;
    let bound = |scope: &str, group: &str| {
        let claims = json!({ "scope": scope, "exp": 0, "fireward_group": group });
        Access::of(&serde_json::from_value(claims).expect("claims"), BASE)
    };
    let found =
        async |access: &Access, level: Level| found(&records, access, (level, ""), &job).await;
    let labs = token("system/Observation.rs?category=laboratory", None);
    assert_eq!(found(&labs, Level::System).await.len(), 3);
    assert_eq!(found(&labs, Level::Group("g".into())).await.len(), 2);
    let member = bound("system/*.rs", "Group/g");
    assert_eq!(found(&member, Level::System).await.len(), 9, "the eight and their group");
    assert_eq!(found(&member, Level::Patients).await.len(), 8);
    assert_eq!(found(&member, Level::Group("g".into())).await.len(), 8);
    for unknown in ["Group/h", "g", "", "Patient/a"] {
        assert!(found(&bound("system/*.rs", unknown), Level::System).await.is_empty(), "{unknown}");
    }
    put(&records, &group(&["b"])).await;
    for id in ["a", "b"] {
        put(&records, &observation(&format!("{id}-lab"), id, "exam")).await;
    }
    assert_eq!(found(&member, Level::Patients).await.len(), 4, "who has left is left out at once");
}

async fn d_44_an_export_belongs_to_its_client(records: Records) {
    let job = start(&records, "1").await;
    let exports = records.exports();
    assert_eq!(exports.find("backend", "1").await.expect("found"), Some(job));
    assert_eq!(exports.find("other", "1").await.expect("no fault"), None);
    assert_eq!(exports.find("backend", "2").await.expect("no fault"), None);
    assert!(!exports.remove("other", "1").await.expect("no fault"));
    assert!(exports.remove("backend", "1").await.expect("removed"));
    assert!(!exports.remove("backend", "1").await.expect("no fault"));
}

async fn d_44_a_client_has_so_many_exports_at_most(records: Records) {
    let limits = Limits { running: 2, kept: 3 };
    let exports = records.exports();
    let ids: Vec<_> = (0..6).map(|n| n.to_string()).collect();
    let news: Vec<_> = ids.iter().map(|id| new(id, now())).collect();
    let starts = news.iter().map(|new| exports.start(new, limits));
    let started = futures_util::future::join_all(starts).await;
    let started: Vec<_> = started.into_iter().filter_map(|one| one.expect("no fault")).collect();
    assert_eq!(started.len(), 2, "however many ask at once");
    let other = NewExport { client: "other", ..new("other", now()) };
    assert!(exports.start(&other, limits).await.expect("no fault").is_some());
    let job = exports.take("w", now(), now()).await.expect("no fault").expect("one to do");
    exports.finish((job.number, "w"), None).await.expect("done");
    assert!(exports.start(&new("x", now()), limits).await.expect("no fault").is_some());
    let job = exports.take("w", now(), now()).await.expect("no fault").expect("one to do");
    exports.finish((job.number, "w"), None).await.expect("done");
    assert!(exports.start(&new("y", now()), limits).await.expect("no fault").is_none(), "kept");
}

async fn d_44_one_worker_at_a_time_goes_on_where_another_was_cut_off(records: Records) {
    let exports = records.exports();
    let stored: Stored = put(&records, &patient("a", "One")).await;
    start(&records, "1").await;
    let soon = now() + Duration::seconds(30);
    let (one, two) =
        tokio::join!(exports.take("w1", now(), soon), exports.take("w2", now(), soon),);
    let taken: Vec<_> = [one, two].into_iter().filter_map(|job| job.expect("no fault")).collect();
    let [job] = taken.as_slice() else { panic!("one worker has it: {taken:?}") };
    let worker = ["w1", "w2"].into_iter();
    let place = Place { part: 0, after: 1 };
    let items = [Item { number: 1, version: i64::try_from(stored.version).expect("small") }];
    let mut kept = Vec::new();
    for worker in worker {
        let lists = [(List::Output, "Patient", items.as_slice()), (List::Deleted, "Patient", &[])];
        let done = exports.keep((job.number, worker), &lists, (place, 1), soon).await;
        kept.extend(done.expect("no fault").map(|()| worker));
    }
    assert_eq!(kept.len(), 1);
    assert!(exports.take("w3", now(), soon).await.expect("no fault").is_none());
    let later = soon + Duration::seconds(1);
    let job = exports.take("w3", later, later).await.expect("no fault").expect("taken over");
    assert_eq!((job.place, job.found, &job.state), (place, 1, &State::Running));
    assert!(exports.renew((job.number, kept[0]), 9, later).await.expect("no fault").is_none());
    exports.finish((job.number, kept[0]), Some("late")).await.expect("of no effect");
    exports.finish((job.number, "w3"), None).await.expect("done");
    let job = exports.find("backend", "1").await.expect("no fault").expect("there");
    assert_eq!(job.state, State::Complete);
    let files = exports.files(job.number).await.expect("files");
    assert_eq!(
        files.iter().map(|f| (f.number, f.list, f.count)).collect::<Vec<_>>(),
        [(1, List::Output, 1)]
    );
    let (_, content) = exports.file(job.number, 1).await.expect("no fault").expect("there");
    assert_eq!(content, Content::Versions(items.to_vec()));
    assert!(exports.file(job.number, 2).await.expect("no fault").is_none());
}

async fn d_44_an_export_that_gets_no_further_fails(records: Records) {
    let exports = records.exports();
    start(&records, "1").await;
    let mut at = now();
    let mut begun = 0;
    while exports.take("w", at, at).await.expect("no fault").is_some() {
        begun += 1;
        at += Duration::seconds(1);
        assert!(begun < 100, "it ends");
    }
    let job = exports.find("backend", "1").await.expect("no fault").expect("there");
    assert!(matches!(job.state, State::Failed(fault) if fault.contains("no further")));
}

async fn d_44_what_has_expired_is_swept(records: Records) {
    let exports = records.exports();
    let told = ["{}".to_owned()];
    let first = NewExport { told: &told, ..new("1", now()) };
    let job = exports.start(&first, MANY).await.expect("no fault").expect("started");
    let later = now() + Duration::minutes(30);
    exports.start(&new("2", later), MANY).await.expect("no fault").expect("started");
    assert_eq!(exports.sweep(now() + Duration::minutes(59)).await.expect("swept"), 0);
    assert_eq!(exports.sweep(now() + Duration::minutes(60)).await.expect("swept"), 1);
    assert!(exports.find("backend", "1").await.expect("no fault").is_none());
    assert!(exports.files(job.number).await.expect("no fault").is_empty(), "with its files");
    assert!(exports.find("backend", "2").await.expect("no fault").is_some());
}
