//! Conditional forms: the search is done here, over what the asker may see, and the server behind is asked for a plain write
//! of what it has found. So nothing can be inferred from what is hidden (D-39, D-40).

use fireward_fhir::search::Search;
use serde_json::Value;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::resource::Resource;
use crate::serve::Asked;
use crate::{search, write};

/// What the search of a conditional form finds.
pub(crate) async fn find(asked: &Asked<'_>, wanted: &Search) -> Result<Option<Resource>, Failure> {
    let finding = Asked { permit: asked.permit.finding(), ..asked.clone() };
    let mut found = search::matches(&finding, wanted, 2).await?.into_iter();
    match (found.next(), found.next()) {
        (one, None) => Ok(one),
        (_, Some(_)) => Err(Failure::Several),
    }
}

/// `POST /Type` with `If-None-Exist`
pub(crate) async fn create(
    asked: &Asked<'_>,
    wanted: &Search,
    mut resource: Value,
) -> Result<Answer, Failure> {
    write::may_be_written(asked, wanted.kind, &mut resource)?;
    let Some(found) = find(asked, wanted).await? else {
        return write::create(asked, wanted.kind, resource).await;
    };
    let id = found.id().unwrap_or_default();
    let location = Some(format!("{}/{}/{id}", asked.gateway.base, wanted.kind));
    let etag = found.version().map(crate::condition::of_version);
    let body = asked.permit.allows_returned(&found.value).then_some(found.text);
    Ok(Answer { status: 200, etag, location, body, last_modified: None })
}

/// `PUT /Type?…`
pub(crate) async fn update(
    asked: &Asked<'_>,
    wanted: &Search,
    mut resource: Value,
) -> Result<Answer, Failure> {
    let own = resource.get("id").and_then(Value::as_str).map(str::to_owned);
    let found = find(asked, wanted).await?;
    let id = match (found.as_ref().and_then(Resource::id), own) {
        (None, None) => return write::create(asked, wanted.kind, resource).await,
        (None, Some(own)) => own,
        (Some(found), Some(own)) if found != own => {
            return Err(Failure::BadBody("the search finds a resource with another id".to_owned()));
        }
        (Some(found), _) => found.to_owned(),
    };
    if let Some(members) = resource.as_object_mut() {
        members.insert("id".to_owned(), id.as_str().into());
    }
    write::update(asked, (wanted.kind, &id), resource).await
}

/// `DELETE /Type?…`
pub(crate) async fn delete(asked: &Asked<'_>, wanted: &Search) -> Result<Answer, Failure> {
    let found = find(asked, wanted).await?.ok_or(Failure::Missing)?;
    write::delete(asked, (wanted.kind, found.id().unwrap_or_default())).await
}
