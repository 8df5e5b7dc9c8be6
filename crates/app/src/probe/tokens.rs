//! Tokens that must open nothing.

use serde_json::json;

use super::{Attack, Minter, Shot, World};
use crate::{clock, fault::Fault};

/// The attacks.
#[expect(clippy::too_many_lines, reason = "a table of attacks is read from top to bottom")]
pub(crate) fn attacks(minter: &Minter, world: &World) -> Result<Vec<Attack>, Fault> {
    let own = world.own.as_str();
    let read = Shot::get(format!("Patient/{own}"));
    let good = minter.token(SCOPE, Some(own))?;
    let now = clock::now().unix();
    let claims = minter.claims(SCOPE, Some(own));
    let but = |changed| minter.but(SCOPE, own, &changed);
    let id_token = json!({
        "iss": claims.get("iss"), "aud": "fireward-probe", "sub": "somebody", "nonce": "n",
        "iat": now, "exp": now + 300,
    });
    let bad = [
        (
            "token-audience",
            "a token for another server",
            but(json!({ "aud": "https://other.example/fhir" }))?,
        ),
        (
            "token-issuer",
            "a token of another issuer",
            but(json!({ "iss": "https://other.example" }))?,
        ),
        (
            "token-expired",
            "a token that has expired",
            but(json!({ "iat": now - 600, "exp": now - 60 }))?,
        ),
        (
            "token-early",
            "a token that is not valid yet",
            but(json!({ "nbf": now + 3_600, "exp": now + 7_200 }))?,
        ),
        (
            "token-bound",
            "a token that is bound to a key, without proof of it",
            but(json!({ "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } }))?,
        ),
        ("token-signature", "a token whose signature was altered", altered_signature(&good)),
        ("token-payload", "a token whose payload was altered", altered_payload(&good)),
        ("token-none", "a token with `alg: none`", Minter::unsigned(&claims)),
        ("token-forged", "a token signed with a key of the attacker's", minter.forge(&claims)?),
        ("token-typ", "a token of type JWT", minter.sign("JWT", &claims)?),
        ("token-id-token", "an ID token as access token", minter.sign("JWT", &id_token)?),
        ("token-nonsense", "something that is no token", "nonsense".to_owned()),
    ];
    let control = read.by(&good);
    let mut attacks: Vec<_> = bad
        .into_iter()
        .map(|(id, title, token)| Attack::refused(id, title, read.by(&token)))
        .collect();
    attacks.push(Attack::refused("token-missing", "no token at all", read.clone()));
    let in_query = Shot::get(format!("Patient/{own}?access_token={good}"));
    attacks.push(Attack::refused("token-query", "a token in the address", in_query));
    let twice = read.by(&good).by(&world.anyone);
    attacks.push(Attack::refused("token-twice", "two tokens in one request", twice));
    let empty = minter.token("openid profile", Some(own))?;
    attacks.push(Attack::refused(
        "token-no-scope",
        "a token without a scope for records",
        read.by(&empty),
    ));
    let nobody = minter.token(SCOPE, None)?;
    attacks.push(Attack::refused(
        "token-no-patient",
        "patient scopes without a patient",
        read.by(&nobody),
    ));
    Ok(attacks.into_iter().map(|attack| attack.unlike(control.clone())).collect())
}

fn altered_signature(token: &str) -> String {
    let (head, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    // The first character: all of its bits count.
    let other = if signature.starts_with('A') { "B" } else { "A" };
    format!("{head}.{other}{}", signature.get(1..).unwrap_or_default())
}

fn altered_payload(token: &str) -> String {
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    if let Some(payload) = parts.get_mut(1) {
        let text = fireward_jose::b64::decode(&*payload).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).replace(SCOPE, "system/*.cruds");
        *payload = fireward_jose::b64::encode(text);
    }
    parts.join(".")
}

const SCOPE: &str = "patient/*.cruds";
