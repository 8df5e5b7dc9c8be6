//! The list of patients, by pages of the FHIR server's search.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Query},
};
use fireward_pages::{
    Date,
    ehr::{PatientRow, PatientsPage},
};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    Ehr,
    chart::words,
    failure::Failure,
    manners::html,
    records::{Found, Records, below, is_id},
};

const PATIENTS_PATH: &str = "/ehr/patients";

/// `GET /ehr`
pub(crate) async fn home() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, PATIENTS_PATH)).finish()
}

#[derive(Deserialize)]
pub(crate) struct Search {
    q: Option<String>,
    /// A page of the server's own, by the address that it gave.
    page: Option<String>,
}

/// `GET /ehr/patients`
pub(crate) async fn page(
    ehr: Data<Ehr>,
    request: HttpRequest,
    search: Query<Search>,
) -> Result<HttpResponse, Failure> {
    let session = ehr.session(&request)?;
    let records = Records::of(&ehr, &session).await?;
    let query: String = search.q.as_deref().unwrap_or_default().trim().chars().take(100).collect();
    let chrome = ehr.chrome(&request, Some(&session));
    let asked = parameters(&query, chrome.lang.month_first());
    let found = find(&ehr, &records, &asked, search.page.as_deref()).await?;
    let href =
        |address: &Option<String>| address.as_ref().map(|address| page_href(&query, address));
    let page = PatientsPage {
        chrome,
        action: PATIENTS_PATH.to_owned(),
        sign_out_action: "/ehr/sign-out".to_owned(),
        patients: found.resources.iter().filter_map(row).collect(),
        total: found.total,
        previous_href: href(&found.previous),
        next_href: href(&found.next),
        today: ehr.today(),
        query,
    };
    Ok(html(StatusCode::OK, page.render()))
}

async fn find(
    ehr: &Ehr,
    records: &Records<'_>,
    asked: &[(&'static str, String)],
    page: Option<&str>,
) -> Result<Found, Failure> {
    if let Some(address) = page {
        let address = below(ehr.fhir_url(), address).ok_or_else(Failure::not_found)?;
        return records.follow(&address, "Patient").await;
    }
    let mut ask = vec![("_sort", "family,given"), ("_count", "25")];
    ask.extend(asked.iter().map(|(parameter, word)| (*parameter, word.as_str())));
    records.search("Patient", &ask).await
}

/// Each word that somebody typed is a birth date, a record number or a name; whoever is found has them all. Commas only
/// part words: to FHIR they would mean one or the other (R4 search §3.1.1.4.0.1).
fn parameters(query: &str, month_first: bool) -> Vec<(&'static str, String)> {
    let words =
        query.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    let parameter = |word: &str| {
        if let Some(date) = Date::typed(word, month_first) {
            return ("birthdate", date.to_fhir());
        }
        let number = word.chars().any(|c| c.is_ascii_digit());
        let literal = word.replace('\\', "\\\\").replace('$', "\\$").replace('|', "\\|");
        (if number { "identifier" } else { "name" }, literal)
    };
    words.take(MOST_WORDS).map(parameter).collect()
}

const MOST_WORDS: usize = 6;

fn page_href(query: &str, address: &str) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    if !query.is_empty() {
        pairs.append_pair("q", query);
    }
    format!("{PATIENTS_PATH}?{}", pairs.append_pair("page", address).finish())
}

fn row(patient: &Value) -> Option<PatientRow> {
    let id = words::str_at(patient, "id").filter(|id| is_id(id))?;
    Some(PatientRow {
        href: format!("{PATIENTS_PATH}/{id}"),
        name: words::human_name(patient).unwrap_or_else(|| id.to_owned()),
        born: words::born(patient),
        sex: words::sex(patient),
        number: words::record_number(patient),
        place: words::place(patient),
        deceased: words::deceased(patient),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_finds_its_parameter() {
        let found = |text: &str| {
            let words = parameters(text, true).into_iter();
            words
                .map(|(parameter, word)| format!("{parameter}={word}"))
                .collect::<Vec<_>>()
                .join("&")
        };
        assert_eq!(found("1979-03-04"), "birthdate=1979-03-04");
        assert_eq!(found("16.04.1944"), "birthdate=1944-04-16");
        assert_eq!(found("04/16/1944"), "birthdate=1944-04-16");
        assert_eq!(found("POP-000035"), "identifier=POP-000035");
        assert_eq!(found("Bradley, Susan"), "name=Bradley&name=Susan");
        assert_eq!(found("Bradley,Susan 1979"), "name=Bradley&name=Susan&identifier=1979");
        assert_eq!(found("a|b $x \\"), "name=a\\|b&name=\\$x&name=\\\\");
        assert_eq!(found(" , "), "");
    }
}
