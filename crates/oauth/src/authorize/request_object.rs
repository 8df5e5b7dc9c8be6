//! Request objects: authorization requests as signed JWTs (RFC 9101, `OpenID` Connect Core §6; D-13 to D-15).

use fireward_jose::{
    Algorithm, JwkSet, Unverified,
    claims::{Audience, NumericDate},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Params;
use crate::{
    client::{Client, Profile},
    error::{Code, Refused, ensure},
    policy::Policy,
    vocabulary::{Issuer, Timestamp},
};

/// The value of `request`, read and not yet verified.
#[derive(Debug, Clone)]
pub struct RequestObject(Unverified<Map<String, Value>>);

/// How long a request object may be good for, and how old it may be, in seconds (D-14).
const LONGEST: i64 = 3_600;

impl RequestObject {
    /// Takes a request object apart.
    ///
    /// # Errors
    /// `invalid_request_object` when it is no signed JWT. One that is not signed is none.
    pub fn read(text: &str) -> Result<Self, Refused> {
        let read = Unverified::parse(text).map(Self);
        read.map_err(|malformed| refused(&format!("request is not a signed JWT: {malformed}")))
    }

    /// `kid` of its header, to know whether the keys at hand can verify it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.0.header().kid.as_deref()
    }

    /// The parameters that count: those of the object alone (RFC 9101 §6.3), and for `oidc` clients those beside it
    /// where the object is silent (`OpenID` Connect Core §6.1).
    ///
    /// # Errors
    /// `invalid_request_object`, with the claim that is wrong; `invalid_request` where it is at odds with what was sent beside it.
    pub fn parameters(
        &self,
        outer: &Params,
        (client, keys): (&Client, &JwkSet),
        issuer: &Issuer,
        (policy, now): (&Policy, Timestamp),
    ) -> Result<Params, Refused> {
        let claims = self.verified(client, keys)?;
        names(&claims, client, issuer)?;
        times(&claims, client.profile, policy, now)?;
        let inner: Vec<_> = claims.iter().filter_map(parameter).collect();
        let oidc = client.profile == Profile::Oidc;
        if oidc {
            outside_agrees(outer, &inner)?;
        }
        let id = ("client_id".to_owned(), client.id.to_string());
        let silent = |name: &str| inner.iter().all(|(known, _)| known != name);
        let beside =
            outer.iter().filter(|(name, _)| oidc && silent(name) && !BESIDE.contains(name));
        let beside: Vec<_> =
            beside.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let named = inner.iter().chain(&beside).any(|(name, _)| name == "client_id");
        let id = (!named).then_some(id);
        Ok(Params::new(inner.into_iter().chain(beside).chain(id).collect()))
    }

    fn verified(&self, client: &Client, keys: &JwkSet) -> Result<Map<String, Value>, Refused> {
        let header = self.0.header();
        let typ = header.typ.as_deref();
        let typ_fits = typ.is_none()
            || ["oauth-authz-req+jwt", "JWT"].iter().any(|known| fireward_jose::typ_is(typ, known));
        ensure(typ_fits, refused("typ of the request object must be oauth-authz-req+jwt"))?;
        let allowed = match client.requests.object_alg {
            Some(alg) => vec![alg],
            None => Algorithm::VARIANTS.to_vec(),
        };
        let alg_fits = allowed.contains(&header.alg);
        ensure(alg_fits, refused("alg of the request object is not the registered one"))?;
        let key = keys.select(header.alg, header.kid.as_deref());
        let key =
            key.map_err(|none| refused(&format!("no key verifies the request object: {none}")))?;
        let verified = self.0.clone().verify(key, &allowed);
        let verified = verified.map_err(|_| {
            refused("the signature of the request object is not of the registered key")
        })?;
        Ok(verified.into_claims())
    }
}

/// Claims that are about the object, and parameters that it must not carry: none of them is one of the request.
/// A FHIR base is named by `resource`, since `aud` is whom the object is for.
const OF_THE_OBJECT: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "sub"];

/// Parameters beside an object that are how it came.
const BESIDE: [&str; 2] = ["request", "request_uri"];

fn names(claims: &Map<String, Value>, client: &Client, issuer: &Issuer) -> Result<(), Refused> {
    let nested = BESIDE.iter().any(|name| claims.contains_key(*name));
    ensure(!nested, refused("a request object must hold neither request nor request_uri"))?;
    let ours = Some(client.id.as_str());
    let is_client = |name: &str| claims.get(name).is_none_or(|value| value.as_str() == ours);
    ensure(is_client("client_id"), refused("client_id of the request object is another client's"))?;
    ensure(is_client("iss"), refused("iss of the request object must be the client_id"))?;
    // RFC 9101 §10.8: or it could be shown as a client assertion.
    let sub = claims.get("sub").and_then(Value::as_str);
    ensure(sub != ours, refused("sub of the request object must not be the client_id"))?;
    let aud: Option<Audience> = claim(claims, "aud")?;
    let for_us = aud.is_none_or(|aud| aud.contains(issuer.as_str()));
    ensure(for_us, refused(&format!("aud of the request object must be {issuer}")))
}

fn times(
    claims: &Map<String, Value>,
    profile: Profile,
    policy: &Policy,
    now: Timestamp,
) -> Result<(), Refused> {
    let time = |name| Ok::<_, Refused>(claim::<NumericDate>(claims, name)?.map(|date| date.0));
    let (exp, nbf, iat) = (time("exp")?, time("nbf")?, time("iat")?);
    let (skew, now) = (policy.skew.as_seconds(), now.unix());
    let latest = now.saturating_add(skew);
    ensure(
        exp.is_none_or(|exp| exp.saturating_add(skew) > now),
        refused("the request object has expired"),
    )?;
    let past = |moment: Option<i64>| moment.is_none_or(|moment| moment <= latest);
    ensure(past(nbf), refused("nbf of the request object lies ahead"))?;
    ensure(past(iat), refused("iat of the request object lies ahead"))?;
    match profile {
        Profile::Oidc => Ok(()),
        Profile::Smart | Profile::OAuth21 => {
            let near = exp.is_some_and(|exp| exp <= latest.saturating_add(LONGEST));
            ensure(
                near,
                refused("exp of the request object must be there, and at most an hour ahead"),
            )?;
            let young = nbf.is_none_or(|nbf| nbf.saturating_add(LONGEST + skew) >= now);
            ensure(young, refused("nbf of the request object is more than an hour ago"))
        }
    }
}

/// `response_type` and `client_id` are sent beside the object too and say the same, and `scope` has `openid` there
/// (`OpenID` Connect Core §6.1).
fn outside_agrees(outer: &Params, inner: &[(String, String)]) -> Result<(), Refused> {
    for name in ["response_type", "client_id"] {
        let beside = outer.all(name).next();
        let within = inner.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let agree = beside.is_some_and(|beside| within.is_none_or(|within| within == beside));
        let sentence = format!("{name} must be sent beside the request object, and say the same");
        ensure(agree, Refused::new(Code::InvalidRequest, sentence))?;
    }
    let openid = outer.all("scope").any(|scope| scope.split(' ').any(|one| one == "openid"));
    let sentence = "scope must be sent beside the request object, with openid";
    ensure(openid, Refused::new(Code::InvalidRequest, sentence))
}

fn claim<T: DeserializeOwned>(
    claims: &Map<String, Value>,
    name: &str,
) -> Result<Option<T>, Refused> {
    let read = claims.get(name).cloned().map(serde_json::from_value).transpose();
    read.map_err(|_| refused(&format!("{name} of the request object is not what it must be")))
}

/// A claim as the parameter that it stands for: text as it is, anything else as JSON (RFC 9101 §4).
fn parameter((name, value): (&String, &Value)) -> Option<(String, String)> {
    if OF_THE_OBJECT.contains(&name.as_str()) {
        return None;
    }
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    Some((name.clone(), text))
}

fn refused(sentence: &str) -> Refused {
    Refused::new(Code::InvalidRequestObject, sentence)
}

#[cfg(test)]
#[path = "request_object_tests.rs"]
mod tests;
