//! `$everything`: the server behind gathers it, and every resource of it is judged. Where one is met that no scope covers,
//! nothing is answered (rows 87 to 90).

use fireward_fhir::definitions::served;
use fireward_fhir::search::pairs;
use fireward_fhir::{Denial, Everything, Verdict};
use url::form_urlencoded::Serializer;

use crate::answer::Answer;
use crate::bundle::{Ours, Page, found};
use crate::failure::{Failure, Fault};
use crate::read::seen;
use crate::resource::Resource;
use crate::serve::Asked;

/// `GET /Patient/id/$everything`, and of an Encounter. It has no pages, since a refusal on a later one would leave a part
/// of the record with the asker.
pub(crate) async fn everything(asked: &Asked<'_>, wanted: &Everything) -> Result<Answer, Failure> {
    let gateway = asked.gateway;
    let Everything { kind, id, .. } = wanted;
    // Whoever may not see the one may not learn that there is more (D-36).
    seen(gateway, &mut asked.judge_by(asked.permit.of(kind)), (kind, id)).await?;
    let mut at = Some(target(asked, wanted));
    let mut met: Vec<Resource> = Vec::new();
    for _ in 0..gateway.limits.pages {
        let Some(target) = at.take() else { break };
        let heard = gateway.upstream.get(&target).await?;
        if heard.status != 200 {
            return Err(if heard.status == 404 { Failure::Unsupported } else { heard.refused() });
        }
        let page = Page::read(gateway, heard.json()?)?;
        met.extend(page.entries.into_iter().filter_map(|entry| entry.resource));
        at = page.next;
    }
    if at.is_some() {
        return Err(Fault::TooLong.into());
    }
    let shown = judged(asked, met).await?;
    let links = [("self", format!("{}/{kind}/{id}/$everything", gateway.base))];
    let total = u64::try_from(shown.len()).ok();
    let entries: Vec<_> = shown.iter().map(|one| found(&gateway.base, one, "match")).collect();
    Ok(Answer::ok(Ours { kind: "searchset", total, links: &links, entries: &entries }.text()))
}

async fn judged(asked: &Asked<'_>, met: Vec<Resource>) -> Result<Vec<Resource>, Failure> {
    let mut judge = asked.judge();
    let mut shown: Vec<Resource> = Vec::new();
    for resource in met {
        if resource.kind() == "OperationOutcome" || resource.id().is_none() {
            continue;
        }
        let kind =
            served(resource.kind()).ok_or(Fault::Unproven("it has resources of unknown types"))?;
        let permit = asked.permit.of(kind);
        let through = |one: &Resource| permit.allows_through(&resource.value, &one.value);
        let reached = match permit.verdict(&resource.value) {
            Verdict::Allowed { .. } => true,
            // A consent or a label keeps it back, in silence.
            Verdict::Withheld { .. } => continue,
            Verdict::Uncovered => shown.iter().any(through),
        };
        judge.is_for(permit);
        if reached || judge.sees(&resource.value).await? {
            shown.push(resource);
        } else {
            return Err(Failure::Denied(Denial::NotInContext { kind }));
        }
    }
    Ok(shown)
}

fn target(asked: &Asked<'_>, wanted: &Everything) -> String {
    let mut query = Serializer::new(String::new());
    let texts = [asked.query, asked.form.unwrap_or_default()];
    let all = texts.into_iter().flat_map(|text| pairs(text).unwrap_or_default());
    query.extend_pairs(all.filter(|(name, _)| matches!(name.as_str(), "_type" | "_since")));
    let query = query.finish();
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{}/{}/$everything{separator}{query}", wanted.kind, wanted.id)
}
