//! What an access token says about who asks and what for.

use fireward_jose::claims::NumericDate;
use fireward_scopes::{Level, Scope, ScopeSet};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::app_state::GLOBAL_STATE_SCOPE;
use crate::reference::{Reference, below, is_id};

/// The claims of an access token that bear on health records (RFC 9068 §2.2; SC-16, SC-20), or the
/// members of an introspection answer of the same names (RFC 7662 §2.2, TI-2 to TI-4).
#[derive(Debug, Clone, Deserialize)]
pub struct AccessClaims {
    /// The granted scopes, separated by spaces.
    #[serde(default)]
    pub scope: String,
    /// The patient in context.
    pub patient: Option<String>,
    /// Who has granted the token, or the client itself.
    pub sub: Option<String>,
    /// The FHIR resource of the signed-in user.
    #[serde(rename = "fhirUser")]
    pub fhir_user: Option<String>,
    /// The client that the token was issued to.
    #[serde(default)]
    pub client_id: String,
    /// When the token expires.
    pub exp: NumericDate,
    /// The group whose members' records are all that a backend's token opens, as `Group/id`. A claim of ours:
    /// a resource server that does not know it must not be sent such tokens.
    pub fireward_group: Option<String>,
    /// The code systems in which the app keeps its state. A claim of ours.
    #[serde(default)]
    pub fireward_state_systems: Vec<String>,
    /// What the token says beside all that, for the audit trail.
    #[serde(flatten)]
    pub facts: TokenFacts,
    /// Every other claim: roles, the tenant, and what a site's policy looks at.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// What a token says of itself and of its user that opens nothing: it is told in audit events and provenances.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct TokenFacts {
    /// Who issued it. Of a JWT the guard fills this in, which has checked it.
    #[serde(skip)]
    pub issuer: String,
    /// Its id (RFC 7519 §4.1.7).
    pub jti: Option<String>,
    /// The grant that it comes of. A claim of ours.
    pub grant_id: Option<String>,
    /// In which role the user acts. A claim of ours, where the scope of that name was granted.
    pub practitioner_role: Option<String>,
    /// For which organization the user acts. A claim of ours, where the scope of that name was granted.
    pub organization: Option<String>,
    /// The user's US National Provider Identifier. A claim of ours, where the scope of that name was granted.
    pub npi: Option<String>,
}

/// What a verified token lets its bearer ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    scopes: ScopeSet,
    patient: Option<String>,
    subject: Option<String>,
    user: Option<Reference>,
    client: String,
    expires_at: i64,
    group: Option<String>,
    state_systems: Vec<String>,
    facts: TokenFacts,
    more: Map<String, Value>,
    local_account: bool,
}

/// The claims that a site's rules may look at.
fn every_claim(claims: &AccessClaims) -> Map<String, Value> {
    let mut all = claims.more.clone();
    let facts = &claims.facts;
    let told = [
        ("practitioner_role", &facts.practitioner_role),
        ("organization", &facts.organization),
        ("npi", &facts.npi),
    ];
    for (name, value) in told {
        all.extend(value.iter().map(|value| (name.to_owned(), Value::from(value.as_str()))));
    }
    all
}

/// What a signed-in user may see of all records, by what kind of user this is. `user/` scopes reach
/// no farther.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UserReach {
    /// Staff: every record.
    Everything,
    /// Patients and those who care for them: one patient's record.
    Patient(String),
    /// Nobody we know: nothing.
    Nothing,
}

impl Access {
    /// Reads claims. They must come out of a token whose signature, issuer, audience and expiry
    /// have been checked, or from the issuer's introspection endpoint. `base` is the URL of this
    /// server.
    ///
    /// Scopes that are not understood allow nothing, and neither does a patient that is not an id.
    #[must_use]
    pub fn of(claims: &AccessClaims, base: &str) -> Self {
        let local = |url: &str| Reference::parse(below(url, base).unwrap_or(url));
        let only_id = |id: &str| id.strip_prefix("Patient/").unwrap_or(id).to_owned();
        Self {
            scopes: ScopeSet::sift(&claims.scope).unwrap_or_default().known,
            patient: claims.patient.as_deref().map(only_id).filter(|id| is_id(id)),
            subject: claims.sub.clone(),
            user: claims.fhir_user.as_deref().and_then(local),
            client: claims.client_id.clone(),
            expires_at: claims.exp.0,
            // One that cannot be read is kept as a group that nobody is in.
            group: claims.fireward_group.as_deref().map(|group| {
                let group = local(group).filter(|group| group.kind == "Group");
                group.map(|group| group.id).unwrap_or_default()
            }),
            state_systems: claims.fireward_state_systems.clone(),
            facts: claims.facts.clone(),
            more: every_claim(claims),
            local_account: false,
        }
    }

    /// The same, of a token of this issuer.
    #[must_use]
    pub fn issued_by(mut self, issuer: &str) -> Self {
        issuer.clone_into(&mut self.facts.issuer);
        self
    }

    /// What the token says that opens nothing.
    #[must_use]
    pub fn facts(&self) -> &TokenFacts {
        &self.facts
    }

    /// What a user of this server itself may ask for, who has shown a password instead of a token: everything that the
    /// site's policy leaves them (row 59). `claims` may hold their roles and tenant.
    #[must_use]
    pub fn of_account(name: &str, claims: Map<String, Value>, expires_at: i64) -> Self {
        Self {
            scopes: ScopeSet::sift("user/*.cruds").unwrap_or_default().known,
            patient: None,
            subject: Some(name.to_owned()),
            user: None,
            client: String::new(),
            expires_at,
            group: None,
            state_systems: Vec::new(),
            facts: TokenFacts::default(),
            more: claims,
            local_account: true,
        }
    }

    /// Whether a system asks for itself: with `system/` scopes alone, and for no user.
    #[must_use]
    pub fn is_system_alone(&self) -> bool {
        self.user.is_none()
            && !self.local_account
            && self.scopes.clinical().all(|scope| scope.level() == Level::System)
    }

    /// A claim that has no meaning of its own here.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.more.get(name)
    }

    /// Who may go on with what the bearer has begun, such as the pages of a search: the grant, or else whom the token
    /// is for.
    #[must_use]
    pub fn holder(&self) -> [&str; 6] {
        [
            &self.facts.issuer,
            &self.client,
            self.subject.as_deref().unwrap_or_default(),
            self.facts.grant_id.as_deref().unwrap_or_default(),
            self.patient.as_deref().unwrap_or_default(),
            self.group.as_deref().unwrap_or_default(),
        ]
    }

    /// The same token with its `system/` scopes alone.
    #[must_use]
    pub fn only_system(&self) -> Self {
        let mut scopes = self.scopes.clone();
        scopes.retain(|scope| match scope {
            Scope::Clinical(clinical) => clinical.level() == Level::System,
            Scope::OpenId
            | Scope::FhirUser
            | Scope::Profile
            | Scope::Email
            | Scope::Address
            | Scope::Phone
            | Scope::OfflineAccess
            | Scope::OnlineAccess
            | Scope::Launch
            | Scope::LaunchContext(_)
            | Scope::Extension(_) => false,
        });
        Self { scopes, ..self.clone() }
    }

    /// The granted scopes that are understood.
    #[must_use]
    pub fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }

    /// The id of the patient in context.
    #[must_use]
    pub fn patient(&self) -> Option<&str> {
        self.patient.as_deref()
    }

    /// Who has granted the token.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The FHIR resource of the signed-in user.
    #[must_use]
    pub fn user(&self) -> Option<&Reference> {
        self.user.as_ref()
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &str {
        &self.client
    }

    /// The id of the group whose members' records are all that the token opens, where it is bound to one.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        self.group.as_deref()
    }

    /// The code systems in which the app may keep its state (AS-7).
    #[must_use]
    pub fn state_systems(&self) -> &[String] {
        &self.state_systems
    }

    /// Whether the app may change state that is nobody's (AS-7).
    pub(crate) fn administers_global_state(&self) -> bool {
        let scope = GLOBAL_STATE_SCOPE.parse::<Scope>();
        scope.is_ok_and(|scope| self.scopes.contains(&scope))
    }

    /// When the token expires, in seconds since 1970.
    #[must_use]
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }

    /// How far the `user/` scopes of this token reach: a scope never exceeds the user's own rights
    /// (SC-8).
    pub(crate) fn user_reach(&self) -> UserReach {
        if self.local_account {
            return UserReach::Everything;
        }
        let Some(user) = &self.user else { return UserReach::Nothing };
        let in_context = || self.patient.clone().map_or(UserReach::Nothing, UserReach::Patient);
        match user.kind.as_str() {
            "Practitioner" | "PractitionerRole" => UserReach::Everything,
            "Patient" => UserReach::Patient(user.id.clone()),
            "RelatedPerson" | "Person" => in_context(),
            _ => UserReach::Nothing,
        }
    }
}
