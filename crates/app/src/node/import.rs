//! Clients and users from files. Idempotent by their ids.

use fireward_auth_server::{hash, is_password};
use fireward_oauth::{
    ClientId, Entropy, IssuerId, Timestamp, UserId,
    audit::{Actor, Event, Kind},
    client::{
        Client, OURSELVES,
        registration::{self, Importing, SecretStrength},
    },
    grants::GrantEnd,
    people::{PasswordHash, User},
    people_import::{self, NewUser, Password},
};
use fireward_store::Store;

use crate::fault::Fault;

/// Clients from a file of RFC 7591 metadata; answers their ids.
///
/// # Errors
/// When one of them is wrong: then none is written.
pub(crate) async fn import_clients(
    store: &Store,
    issuer: &IssuerId,
    text: &[u8],
    (secrets, now): (SecretStrength, Timestamp),
) -> Result<Vec<String>, Fault> {
    let clients = registration::read_file(text, &Importing { issuer, secrets, now })
        .map_err(|why| Fault::Config(why.to_string()))?;
    for client in &clients {
        reserved(store, issuer, client).await?;
    }
    store
        .transact(async |tx| {
            for client in &clients {
                tx.clients().save(client).await?;
                let mut event =
                    Event::new(issuer.clone(), now, Actor::Operator, Kind::ClientChanged);
                event.client = Some(client.id.clone());
                tx.audit().write(&event).await?;
            }
            Ok(())
        })
        .await?;
    Ok(clients.into_iter().map(|client| client.id.to_string()).collect())
}

/// A client is neither ourselves nor a person: tokens of the one would be taken for the other's (OC-2-07).
async fn reserved(store: &Store, issuer: &IssuerId, client: &Client) -> Result<(), Fault> {
    let id = client.id.as_str();
    let person = match UserId::parse(id) {
        Ok(sub) => store.read().users().find(issuer, &sub).await?.is_some(),
        Err(_) => false,
    };
    if person || id == OURSELVES {
        let whose = if person { "a user's sub" } else { "reserved" };
        return Err(Fault::Config(format!(
            "client {id}: this client_id is {whose}: choose another"
        )));
    }
    Ok(())
}

/// Users from a file; answers their names. Who is known and has no new password keeps the old one.
///
/// # Errors
/// When one of them is wrong: then none is written.
pub(crate) async fn import_users(
    store: &Store,
    issuer: &IssuerId,
    text: &[u8],
    (entropy, now): (&dyn Entropy, Timestamp),
) -> Result<Vec<String>, Fault> {
    let news = people_import::read_file(text).map_err(|why| Fault::Config(why.to_string()))?;
    let mut users = Vec::with_capacity(news.len());
    for new in news {
        let old = store.read().users().find(issuer, new.id()).await?;
        unlike_clients(store, issuer, &new).await?;
        let user = settled(new, old.as_ref(), issuer, (entropy, now))?;
        let renewed = old.is_some_and(|old| old.password != user.password);
        users.push((user, renewed));
    }
    store
        .transact(async |tx| {
            for (user, renewed) in &users {
                tx.users().save(user).await?;
                if *renewed {
                    // What began within this very second with the old password, too (F7).
                    tx.grants()
                        .end_all_for_user(issuer, &user.id, GrantEnd::Withdrawn(now))
                        .await?;
                    tx.sessions().end_all_for_user(issuer, &user.id).await?;
                }
                let mut event = Event::new(issuer.clone(), now, Actor::Operator, Kind::UserChanged);
                event.subject = Some(user.id.clone());
                tx.audit().write(&event).await?;
            }
            Ok(())
        })
        .await?;
    Ok(users.into_iter().map(|(user, _)| user.username).collect())
}

/// The other half of [`reserved`].
async fn unlike_clients(store: &Store, issuer: &IssuerId, new: &NewUser) -> Result<(), Fault> {
    let Ok(id) = ClientId::parse(new.id().as_str()) else { return Ok(()) };
    if id.as_str() == OURSELVES || store.read().clients().find(issuer, &id).await?.is_some() {
        return Err(Fault::Config(format!("user {id}: this sub is a client's id: choose another")));
    }
    Ok(())
}

fn settled(
    new: NewUser,
    old: Option<&User>,
    issuer: &IssuerId,
    (entropy, now): (&dyn Entropy, Timestamp),
) -> Result<User, Fault> {
    let kept = || {
        let nobody = || Fault::Config(format!("user {} is new: give a password", new.username()));
        let old = old.ok_or_else(nobody)?;
        Ok::<_, Fault>((old.password.clone(), old.password_changed_at))
    };
    let unchanged =
        |same: &dyn Fn(&PasswordHash) -> bool| old.is_some_and(|old| same(&old.password));
    let password = match &new.password {
        // The same password once more is no change, which would sign everybody out.
        Password::Clear(text) if unchanged(&|own| is_password(text.as_bytes(), own)) => kept()?,
        Password::Hash(hash) if unchanged(&|own| own == hash) => kept()?,
        Password::Clear(text) => {
            let hashed = hash(text.as_bytes(), entropy);
            (hashed.map_err(|why| Fault::Other(why.to_string()))?, now)
        }
        Password::Hash(hash) => (hash.clone(), now),
        Password::Unchanged => kept()?,
    };
    let mut user = new.into_user(issuer.clone(), password, now);
    if let Some(old) = old {
        user.links.keep_looked_up(&old.links);
    }
    Ok(user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    async fn opened(folder: &tempfile::TempDir) -> (Store, IssuerId, Timestamp) {
        let path = folder.path().join("test.db");
        let durability = fireward_store::Durability::Demo;
        let store = Store::connect(path.to_str().unwrap(), durability).await.unwrap();
        store.migrate().await.unwrap();
        let issuer = IssuerId::parse("main").unwrap();
        let now = Timestamp::from_unix(1);
        let url = fireward_oauth::Issuer::parse("http://localhost:1").unwrap();
        store.check_issuer(&issuer, &url, now).await.unwrap();
        (store, issuer, now)
    }

    #[actix_web::test]
    async fn f7_only_another_password_is_a_change_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let (store, issuer, _) = opened(&folder).await;
        let (entropy, id) = (SystemEntropy::new(), UserId::parse("ana").unwrap());
        let changed_at = async |password: &str, at: i64| {
            let text = format!(r#"{{"username":"ana","password":"{password}"}}"#);
            let with = (&entropy as &dyn Entropy, Timestamp::from_unix(at));
            import_users(&store, &issuer, text.as_bytes(), with).await.unwrap();
            let ana = store.read().users().find(&issuer, &id).await.unwrap().unwrap();
            ana.password_changed_at.unix()
        };
        assert_eq!(changed_at("long enough", 1).await, 1);
        assert_eq!(changed_at("long enough", 2).await, 1);
        assert_eq!(changed_at("another one", 3).await, 3);
    }

    #[actix_web::test]
    async fn oc_2_07_client_ids_and_subjects_are_disjoint() {
        let folder = tempfile::tempdir().unwrap();
        let (store, issuer, now) = opened(&folder).await;
        let client = |id: &str| {
            format!(
                r#"{{"client_id":"{id}","token_endpoint_auth_method":"none","redirect_uris":["https://a.example/"],"grant_types":["authorization_code"],"scope":"openid"}}"#
            )
        };
        let user = |sub: &str| format!(r#"{{"username":"{sub}","password":"long enough"}}"#);
        let entropy = SystemEntropy::new();
        let import = async |id: &str| {
            let text = client(id);
            let how = (SecretStrength::Strong, now);
            import_clients(&store, &issuer, text.as_bytes(), how).await
        };
        let admit = async |sub: &str| {
            let text = user(sub);
            import_users(&store, &issuer, text.as_bytes(), (&entropy, now)).await
        };
        import("app").await.unwrap();
        admit("ana").await.unwrap();
        assert!(import("ana").await.is_err(), "a user's sub");
        assert!(admit("app").await.is_err(), "a client's id");
        assert!(import("fireward").await.is_err(), "ourselves");
    }
}
