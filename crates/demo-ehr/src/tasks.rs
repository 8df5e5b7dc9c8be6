//! Tasks that ask for an app (SMART App Launch 2.2, task-launch): what a Task wants opened, or why nothing is.

use fireward_pages::ehr::{TaskLaunch, TaskRow, Unfit};
use serde_json::Value;

use crate::{
    App,
    chart::words::{concept_at, date_at, items, str_at},
    records::is_id,
};

/// What a Task asks to have opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// The app.
    pub(crate) app: &'a App,
    /// The registered launch URL that the Task names.
    pub(crate) launch_url: &'a str,
    /// With which context.
    pub(crate) kind: Kind<'a>,
}

/// With which context an app is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    /// `launch-app-ehr`: with that of the Task.
    Ehr {
        /// The visit, by its id.
        encounter: Option<&'a str>,
        /// `appContext`.
        app_context: Option<&'a str>,
    },
    /// `launch-app-standalone`: with none; the app asks for it.
    Standalone,
}

/// Reads a Task of this patient's chart: an app to open, none at all, or why it cannot be.
pub(crate) fn request<'a>(
    task: &'a Value,
    patient: &str,
    apps: &'a [App],
) -> Result<Option<Request<'a>>, Unfit> {
    let Some(standalone) = wants_app(task)? else { return Ok(None) };
    let wanted: Vec<&Value> = inputs(task, APPLICATION).collect();
    let url = match wanted.as_slice() {
        [] => return Err(Unfit::NoApp),
        [one] => str_at(one, "valueUrl").ok_or(Unfit::NoApp)?,
        [_, _, ..] => return Err(Unfit::SeveralApps),
    };
    // TL-3: no address is opened because a Task names it, only because an app is registered with it.
    let found = apps.iter().find_map(|app| {
        app.launch_urls.iter().find(|own| *own == url).map(|launch_url| (app, launch_url))
    });
    let (app, launch_url) = found.ok_or(Unfit::UnknownApp)?;
    if reference(task, "for", "Patient")? != Some(patient) {
        return Err(Unfit::OtherPatient);
    }
    if str_at(task, "status").is_some_and(|status| OVER.contains(&status)) {
        return Err(Unfit::Over);
    }
    let said: Vec<&Value> = inputs(task, APP_CONTEXT).collect();
    let app_context = match said.as_slice() {
        [] => None,
        [one] => Some(str_at(one, "valueString").ok_or(Unfit::Unreadable)?),
        [_, _, ..] => return Err(Unfit::Unreadable),
    };
    let encounter = reference(task, "encounter", "Encounter")?;
    let kind = if standalone { Kind::Standalone } else { Kind::Ehr { encounter, app_context } };
    Ok(Some(Request { app, launch_url, kind }))
}

/// A row of the chart.
pub(crate) fn row(task: &Value, patient: &str, apps: &[App]) -> Option<TaskRow> {
    if str_at(task, "status") == Some("entered-in-error") {
        return None;
    }
    let title = str_at(task, "description").map(str::to_owned);
    Some(TaskRow {
        id: str_at(task, "id").filter(|id| is_id(id))?.to_owned(),
        title: title.or_else(|| concept_at(task, "code"))?,
        asked: date_at(task, "authoredOn"),
        launch: match request(task, patient, apps) {
            Ok(None) => TaskLaunch::Nothing,
            Ok(Some(request)) => TaskLaunch::App(request.app.name.clone()),
            Err(unfit) => TaskLaunch::Unfit(unfit),
        },
    })
}

/// Whether a Task is about an app, and by itself; its code says so (TL-1).
fn wants_app(task: &Value) -> Result<Option<bool>, Unfit> {
    let code = task.get("code");
    let codings = || code.into_iter().flat_map(|code| items(code, "coding"));
    let of = |word: &str| codings().any(|coding| is(coding, word));
    match (of(EHR), of(STANDALONE)) {
        (true, false) => Ok(Some(false)),
        (false, true) => Ok(Some(true)),
        (true, true) => Err(Unfit::Unreadable),
        (false, false) => {
            // Of another system, or with an app and no code for it: somebody meant it, and should hear why not.
            let meant = |coding: &Value| {
                str_at(coding, "code").is_some_and(|code| [EHR, STANDALONE].contains(&code))
            };
            let with_app = inputs(task, APPLICATION).next().is_some();
            if codings().any(meant) || with_app { Err(Unfit::WrongCode) } else { Ok(None) }
        }
    }
}

/// The inputs of a type.
fn inputs<'a>(task: &'a Value, word: &str) -> impl Iterator<Item = &'a Value> {
    items(task, "input").iter().filter(move |input| {
        let kind = input.get("type");
        kind.into_iter().flat_map(|kind| items(kind, "coding")).any(|coding| is(coding, word))
    })
}

fn is(coding: &Value, word: &str) -> bool {
    str_at(coding, "system") == Some(SYSTEM) && str_at(coding, "code") == Some(word)
}

/// The id that a member refers to, if it is there: of this type, and relative.
fn reference<'a>(task: &'a Value, member: &str, kind: &str) -> Result<Option<&'a str>, Unfit> {
    let Some(value) = task.get(member) else { return Ok(None) };
    let reference = str_at(value, "reference").and_then(|text| text.split_once('/'));
    let id = reference.filter(|(of, id)| *of == kind && is_id(id)).map(|(_, id)| id);
    id.map(Some).ok_or(Unfit::Unreadable)
}

const SYSTEM: &str = "http://hl7.org/fhir/smart-app-launch/CodeSystem/smart-codes";
const EHR: &str = "launch-app-ehr";
const STANDALONE: &str = "launch-app-standalone";
const APPLICATION: &str = "smartonfhir-application";
const APP_CONTEXT: &str = "smartonfhir-appcontext";

/// FHIR R4 task-status: nothing more is to be done.
const OVER: [&str; 4] = ["completed", "cancelled", "failed", "rejected"];

#[cfg(test)]
mod tests {
    use serde_json::json;
    use url::Url;

    use super::*;

    const LAUNCH: &str = "https://apps.example/launch";

    fn apps() -> Vec<App> {
        vec![App {
            client_id: "trends".into(),
            name: "Trends".into(),
            description: String::new(),
            home: Url::parse("https://apps.example/").unwrap(),
            launch_urls: vec![LAUNCH.into()],
            intents: Vec::new(),
            framed: false,
        }]
    }

    fn coded(code: &str) -> Value {
        json!({ "coding": [{ "system": SYSTEM, "code": code }] })
    }

    fn task(code: &str) -> Value {
        json!({
            "resourceType": "Task", "id": "t1", "status": "requested", "intent": "order",
            "description": "Look at the values", "code": coded(code),
            "for": { "reference": "Patient/p1" }, "encounter": { "reference": "Encounter/e1" },
            "input": [
                { "type": coded(APPLICATION), "valueUrl": LAUNCH },
                { "type": coded(APP_CONTEXT), "valueString": "{\"step\":2}" },
            ],
        })
    }

    fn with(path: &str, value: Value) -> Value {
        let mut task = task(EHR);
        *task.pointer_mut(path).unwrap() = value;
        task
    }

    fn unfit(task: &Value) -> Option<Unfit> {
        request(task, "p1", &apps()).err()
    }

    #[test]
    fn tl_1_tl_2_both_profiles_are_read() {
        let (apps, ehr, alone) = (apps(), task(EHR), task(STANDALONE));
        let found = request(&ehr, "p1", &apps).unwrap().unwrap();
        assert_eq!((found.app.client_id.as_str(), found.launch_url), ("trends", LAUNCH));
        let kind = Kind::Ehr { encounter: Some("e1"), app_context: Some("{\"step\":2}") };
        assert_eq!(found.kind, kind);
        let found = request(&alone, "p1", &apps).unwrap().unwrap();
        assert_eq!(found.kind, Kind::Standalone);
    }

    #[test]
    fn tl_3_only_a_registered_launch_url_is_opened() {
        for url in [
            "https://evil.example/launch",
            "https://apps.example/launch?x=1",
            "https://apps.example/launch/",
            "https://apps.example/LAUNCH",
            "https://apps.example/",
            "javascript:alert(1)",
            "",
        ] {
            let task = with("/input/0/valueUrl", json!(url));
            assert_eq!(unfit(&task), Some(Unfit::UnknownApp), "{url}");
        }
        assert_eq!(unfit(&with("/input/0/valueUrl", json!(1))), Some(Unfit::NoApp));
    }

    #[test]
    fn tl_1_a_malformed_task_says_why() {
        let mut two = task(EHR);
        let app = two["input"][0].clone();
        two["input"].as_array_mut().unwrap().push(app);
        let mut contexts = task(EHR);
        let context = contexts["input"][1].clone();
        contexts["input"].as_array_mut().unwrap().push(context);
        let mut both = task(EHR);
        both["code"]["coding"].as_array_mut().unwrap().push(coded(STANDALONE)["coding"][0].clone());
        for (task, why) in [
            (with("/input", json!([])), Unfit::NoApp),
            (with("/input", json!("x")), Unfit::NoApp),
            (two, Unfit::SeveralApps),
            (contexts, Unfit::Unreadable),
            (both, Unfit::Unreadable),
            (with("/code/coding/0/system", json!("http://other.example")), Unfit::WrongCode),
            (with("/code", json!({ "text": "x" })), Unfit::WrongCode),
            (with("/input/0/type/coding/0/system", json!("x")), Unfit::NoApp),
            (with("/input/1/valueString", json!(2)), Unfit::Unreadable),
            (with("/for/reference", json!("Patient/p2")), Unfit::OtherPatient),
            (with("/for", json!({})), Unfit::Unreadable),
            (with("/encounter/reference", json!("Encounter/../x")), Unfit::Unreadable),
            (with("/encounter/reference", json!("Patient/p1")), Unfit::Unreadable),
            (with("/status", json!("completed")), Unfit::Over),
        ] {
            assert_eq!(unfit(&task), Some(why), "{task}");
        }
    }

    #[test]
    fn a_task_without_an_app_is_only_a_task() {
        let plain = json!({ "id": "t1", "status": "requested", "description": "Call the patient" });
        assert!(request(&plain, "p1", &apps()).unwrap().is_none());
        let row = row(&plain, "p1", &apps()).unwrap();
        assert_eq!(row.launch, TaskLaunch::Nothing);
        for odd in [json!(null), json!([]), json!({ "id": "a/b", "description": "x" })] {
            assert_eq!(super::row(&odd, "p1", &apps()), None, "{odd}");
        }
    }
}
