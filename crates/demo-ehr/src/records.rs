//! Reading the FHIR server as the clinician, with the clinician's own token.

use fireward_pages::Trouble;
use serde_json::Value;
use url::Url;

use crate::{
    Ehr,
    chart::words,
    failure::Failure,
    remote::Reply,
    session::{Session, Tokens},
};

/// Reads with one clinician's token, which is renewed where it is about to end.
pub(crate) struct Records<'a> {
    ehr: &'a Ehr,
    token: String,
}

/// A page of search results.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) resources: Vec<Value>,
    pub(crate) total: Option<usize>,
    pub(crate) next: Option<String>,
    pub(crate) previous: Option<String>,
}

impl<'a> Records<'a> {
    pub(crate) async fn of(ehr: &'a Ehr, session: &Session) -> Result<Self, Failure> {
        let mut tokens = session.tokens.lock().await;
        let now = ehr.now();
        if now >= tokens.renew_at {
            *tokens = renewed(ehr, &tokens, now).await?;
        }
        Ok(Self { ehr, token: tokens.access.clone() })
    }

    /// One resource by type and id.
    pub(crate) async fn read(&self, resource_type: &str, id: &str) -> Result<Value, Failure> {
        json(&self.get(&self.address(&format!("{resource_type}/{id}"))).await?)
    }

    /// A search.
    pub(crate) async fn search(
        &self,
        resource_type: &str,
        query: &[(&str, &str)],
    ) -> Result<Found, Failure> {
        let mut address = self.address(resource_type);
        address.query_pairs_mut().extend_pairs(query);
        self.follow(&address, resource_type).await
    }

    /// A page of results by the address that the server gave.
    pub(crate) async fn follow(
        &self,
        address: &Url,
        resource_type: &str,
    ) -> Result<Found, Failure> {
        let bundle = json(&self.get(address).await?)?;
        let entries =
            bundle.get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let of_type =
            |resource: &&Value| words::str_at(resource, "resourceType") == Some(resource_type);
        let resources = entries.iter().filter_map(|entry| entry.get("resource")).filter(of_type);
        Ok(Found {
            resources: resources.cloned().collect(),
            total: bundle
                .get("total")
                .and_then(Value::as_u64)
                .and_then(|total| total.try_into().ok()),
            next: link(&bundle, &["next"]),
            previous: link(&bundle, &["previous", "prev"]),
        })
    }

    fn address(&self, path: &str) -> Url {
        let mut url = self.ehr.fhir_url().clone();
        url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        url
    }

    async fn get(&self, address: &Url) -> Result<Reply, Failure> {
        self.ehr.remote().get(address, &self.token).await
    }
}

async fn renewed(ehr: &Ehr, tokens: &Tokens, now: i64) -> Result<Tokens, Failure> {
    let still_good = now < tokens.expires_at;
    let Some(refresh) = &tokens.refresh else {
        return if still_good { Ok(tokens.clone()) } else { Err(Failure::SessionEnded) };
    };
    let metadata = ehr.issuer().metadata(now).await?;
    ehr.issuer().renew(ehr.caller(), &metadata, refresh).await
}

fn json(reply: &Reply) -> Result<Value, Failure> {
    match reply.status {
        200 => serde_json::from_slice(&reply.body).map_err(|fault| Failure::elsewhere(&fault)),
        401 => Err(Failure::told(Trouble::Expired, "the FHIR server refused the token")),
        403 => Err(Failure::told(Trouble::NotYours, "the FHIR server does not allow it")),
        404 | 410 => Err(Failure::not_found()),
        status => Err(Failure::elsewhere(&format!("the FHIR server answers {status}"))),
    }
}

fn link(bundle: &Value, relations: &[&str]) -> Option<String> {
    let links = bundle.get("link")?.as_array()?;
    let wanted = links.iter().find(|link| {
        words::str_at(link, "relation").is_some_and(|relation| relations.contains(&relation))
    })?;
    words::str_at(wanted, "url").map(str::to_owned)
}

/// An address below the FHIR base, which a page link hands back to us; anything else is no address.
pub(crate) fn below(base: &Url, address: &str) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    let path = format!("{}/", base.path().trim_end_matches('/'));
    // `Url` has resolved `..` by now.
    let within = url.origin() == base.origin() && url.path().starts_with(&path);
    let anonymous = url.username().is_empty() && url.password().is_none();
    (within && anonymous).then_some(url)
}

/// `Practitioner/1`, from that or from the same below the FHIR base.
pub(crate) fn relative(base: &Url, reference: &str) -> Option<String> {
    let path = match below(base, reference) {
        Some(url) => url.path().get(base.path().trim_end_matches('/').len() + 1..)?.to_owned(),
        None => reference.to_owned(),
    };
    let (resource_type, id) = path.split_once('/')?;
    let typed = !resource_type.is_empty() && resource_type.chars().all(|c| c.is_ascii_alphabetic());
    (typed && is_id(id)).then_some(path)
}

/// A FHIR id (FHIR R4 datatypes, `id`): nothing that could leave its place in an address.
pub(crate) fn is_id(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    (1..=64).contains(&text.len()) && text.chars().all(legal) && text.chars().any(|c| c != '.')
}

/// The name in the clinician's own record; the reference where the record says none.
pub(crate) async fn name_of(ehr: &Ehr, token: &str, reference: &str) -> String {
    let records = Records { ehr, token: token.to_owned() };
    let resource = match reference.split_once('/') {
        Some((resource_type, id)) => records.read(resource_type, id).await.ok(),
        None => None,
    };
    resource.as_ref().and_then(words::human_name).unwrap_or_else(|| reference.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("http://localhost:8081/fhir").unwrap()
    }

    #[test]
    fn only_addresses_below_the_base_are_followed() {
        assert!(below(&base(), "http://localhost:8081/fhir/Patient?_page=2").is_some());
        for foreign in [
            "http://localhost:8081/fhir/../admin",
            "http://localhost:8081/fhirx/Patient",
            "http://localhost:8080/fhir/Patient",
            "http://evil@localhost:8081/fhir/Patient",
            "file:///etc/passwd",
            "/fhir/Patient",
        ] {
            assert_eq!(below(&base(), foreign), None, "{foreign}");
        }
    }

    #[test]
    fn sc_20_a_user_is_known_by_absolute_and_by_relative_reference() {
        let user = Some("Practitioner/dr-1".to_owned());
        assert_eq!(relative(&base(), "http://localhost:8081/fhir/Practitioner/dr-1"), user);
        assert_eq!(relative(&base(), "Practitioner/dr-1"), user);
        for other in [
            "http://evil.example/fhir/Practitioner/1",
            "Practitioner",
            "Practitioner/..",
            "Practitioner/1/x",
        ] {
            assert_eq!(relative(&base(), other), None, "{other}");
        }
    }

    #[test]
    fn an_id_cannot_leave_its_place() {
        assert!(is_id("pt-22b3415e7810"));
        for bad in ["", ".", "..", "a/b", "a?b", "a%2fb", "a b", &"x".repeat(65)] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
