//! What a guard costs a request: processor time beside one bare verification of a P-256 signature.
//!
//! `cargo run --release -p fireward-guard --example cost`

use std::hint::black_box;
use std::io::Write as _;
use std::sync::Arc;

use fireward_guard::{Config, Guard, Keys, Trusted};
use fireward_jose::backend::rand::SystemRandom;
use fireward_jose::backend::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use fireward_jose::{Algorithm, JwkSet, SigningKey, b64};
use fireward_outbound::{Outbound, Policy};
use serde_json::json;

const ISSUER: &str = "https://issuer.example";
const BASE: &str = "https://fhir.example/fhir";
const NOW: i64 = 1_700_000_000;
const TOKENS: usize = 3_000;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let random = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
        .map_err(|_| "no entropy")?;
    let key = SigningKey::from_pkcs8(Algorithm::ES256, "k1", der.as_ref(), &random)?;
    let tokens = (0..TOKENS).map(|n| key.sign("at+jwt", &claims(n), &random));
    let tokens = tokens.collect::<Result<Vec<_>, _>>()?;
    let keys: JwkSet = [key.public_jwk().clone()].into_iter().collect();
    let verifying = keys.select(Algorithm::ES256, Some("k1"))?;

    let bare = per_item(|| {
        for token in &tokens {
            let (signed, signature) = token.rsplit_once('.').unwrap_or_default();
            let signature = b64::decode(signature).unwrap_or_default();
            let verified = verifying.verify(Algorithm::ES256, signed.as_bytes(), &signature);
            black_box(verified.is_ok());
        }
    });

    let trusted = Trusted { keys: Keys::Given(Arc::new(keys.clone())), ..Trusted::new(ISSUER)? };
    let config = Config::trusting(vec![trusted], BASE);
    let guard = Guard::new(config, &Arc::new(Outbound::new(Policy::default())), Arc::new(|| NOW));
    let before = on_cpu();
    for token in &tokens {
        black_box(guard.admit(token).await.map_err(|refusal| refusal.to_string())?);
    }
    let first = spent(before);
    let before = on_cpu();
    for token in &tokens {
        black_box(guard.admit(token).await.map_err(|refusal| refusal.to_string())?);
    }
    let again = spent(before);

    let mut out = std::io::stdout();
    writeln!(out, "one bare P-256 verification      {bare:7.1} µs")?;
    writeln!(
        out,
        "a token seen for the first time  {first:7.1} µs, {:.1} above that",
        first - bare
    )?;
    writeln!(out, "a token seen again               {again:7.1} µs")?;
    Ok(())
}

fn claims(n: usize) -> serde_json::Value {
    json!({
        "iss": ISSUER, "aud": BASE, "sub": "8c1d1c8e4f", "client_id": "growth-chart", "jti": format!("token-{n}"),
        "scope": "openid fhirUser launch/patient patient/Patient.rs patient/Observation.rs patient/Condition.rs",
        "patient": "susan-bradley", "fhirUser": format!("{BASE}/Patient/susan-bradley"), "grant_id": "g-4711",
        "auth_time": NOW - 60, "iat": NOW, "exp": NOW + 300,
    })
}

fn per_item(work: impl Fn()) -> f64 {
    let before = on_cpu();
    work();
    spent(before)
}

/// Microseconds a token since then.
fn spent(before: u64) -> f64 {
    let nanoseconds = u32::try_from(on_cpu().saturating_sub(before)).unwrap_or(u32::MAX);
    f64::from(nanoseconds) / 1_000.0 / f64::from(u32::try_from(TOKENS).unwrap_or(1))
}

/// Nanoseconds that this thread has been on a processor.
fn on_cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0)
}
