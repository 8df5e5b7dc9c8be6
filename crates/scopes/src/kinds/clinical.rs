//! Scopes that open health records: `patient/Observation.rs?category=…` (SC-1 to SC-9).

use std::fmt;

use super::Kind;
use crate::{Constraint, Invalid, Message, Permissions, resource_types};

/// Whose records are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Those of the patient in context.
    Patient,
    /// All that the signed-in user may see.
    User,
    /// All that the client itself may see, with nobody signed in (SC-11).
    System,
}

/// Which types of resource are meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Resource {
    /// `*`: every type, now and in future (SC-9).
    All,
    /// One type of FHIR R4.
    Type(String),
}

/// The syntax a scope was asked in, and is given back in (SC-3, D-32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `read`, `write`, `*`.
    V1,
    /// Letters of `cruds`.
    V2,
}

/// A scope for FHIR resources. Two levels never cover one another: `user/` is not a wider
/// `patient/` (D-25).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Clinical {
    level: Level,
    resource: Resource,
    permissions: Permissions,
    constraint: Option<Constraint>,
    form: Form,
}

impl Clinical {
    /// Reads what stands after the `/` of a scope at `level`.
    pub(crate) fn parse(level: Level, text: &str) -> Result<Self, Invalid> {
        let (head, query) = text.split_once('?').map_or((text, None), |(h, q)| (h, Some(q)));
        let (name, letters) = head.split_once('.').ok_or(Invalid::Permissions)?;
        let resource = Resource::parse(name)?;
        let (form, permissions) = permissions(letters)?;
        let constraint = query.map(Constraint::parse).transpose()?;
        if form == Form::V1 && constraint.is_some() {
            return Err(Invalid::Constraint);
        }
        Ok(Self { level, resource, permissions, constraint, form })
    }

    /// Whose records.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Which types.
    #[must_use]
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// What may be done.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// What every resource must meet, if anything (SC-7).
    #[must_use]
    pub fn constraint(&self) -> Option<&Constraint> {
        self.constraint.as_ref()
    }

    /// The syntax it was asked in.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// Whether this scope speaks of resources of type `name`.
    #[must_use]
    pub fn applies_to(&self, name: &str) -> bool {
        match &self.resource {
            Resource::All => true,
            Resource::Type(own) => own == name,
        }
    }

    /// The same scope for other permissions; in v1 form only where v1 has a word for them.
    pub(crate) fn with_permissions(&self, permissions: Permissions) -> Self {
        let mut scope = self.clone();
        scope.permissions = permissions;
        scope.settle_form();
        scope
    }

    /// The same scope for fewer resources.
    pub(crate) fn with_constraint(&self, constraint: Constraint) -> Self {
        Self { constraint: Some(constraint), form: Form::V2, ..self.clone() }
    }

    pub(crate) fn covers(&self, other: &Self) -> bool {
        let resources = self.resource == Resource::All || self.resource == other.resource;
        let constraint = match (&self.constraint, &other.constraint) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(mine), Some(theirs)) => mine.follows_from(theirs),
        };
        self.level == other.level
            && resources
            && self.permissions.contains(other.permissions)
            && constraint
    }

    /// The greatest scope below both, in the form of `self` where that form can say it.
    pub(crate) fn narrow(&self, other: &Self) -> Option<Self> {
        if other.covers(self) {
            return Some(self.clone());
        }
        let permissions = self.permissions.intersect(other.permissions);
        if self.level != other.level || permissions.is_empty() {
            return None;
        }
        let constraint = match (&self.constraint, &other.constraint) {
            (Some(mine), Some(theirs)) => Some(mine.and(theirs)),
            (mine, theirs) => mine.as_ref().or(theirs.as_ref()).cloned(),
        };
        let resource = self.resource.narrow(&other.resource)?;
        let mut scope =
            Self { level: self.level, resource, permissions, constraint, form: self.form };
        scope.settle_form();
        Some(scope)
    }

    /// Falls back to letters where v1 has no word for what is left.
    fn settle_form(&mut self) {
        if self.constraint.is_some() || v1_word(self.permissions).is_none() {
            self.form = Form::V2;
        }
    }
}

impl Kind for Clinical {
    fn describe(&self) -> Message {
        let kind = crate::consent::known_category(self).unwrap_or_default();
        let filter = self.constraint.as_ref().filter(|_| kind.is_empty());
        let args = vec![
            ("level", self.level.as_str().to_owned()),
            ("resource", self.resource.name().unwrap_or("all").to_owned()),
            ("kind", kind.to_owned()),
            ("filter", filter.map(ToString::to_string).unwrap_or_default()),
            ("writes", self.permissions.intersect(Permissions::V1_WRITE).to_string()),
        ];
        let adds_only =
            Permissions::CREATE.contains(self.permissions.intersect(Permissions::V1_WRITE));
        let sees = !self.permissions.intersect(Permissions::V1_READ).is_empty();
        let writes = !self.permissions.intersect(Permissions::V1_WRITE).is_empty();
        let key = match (sees, writes, adds_only) {
            (_, false, _) => "scope-see",
            (false, true, true) => "scope-add",
            (false, true, false) => "scope-change",
            (true, true, true) => "scope-see-and-add",
            (true, true, false) => "scope-see-and-change",
        };
        Message { key, args }
    }
}

impl fmt::Display for Clinical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}.", self.level.as_str(), self.resource.name().unwrap_or("*"))?;
        match (self.form, v1_word(self.permissions)) {
            (Form::V1, Some(word)) => f.write_str(word)?,
            (Form::V1 | Form::V2, _) => write!(f, "{}", self.permissions)?,
        }
        self.constraint.as_ref().map_or(Ok(()), |constraint| write!(f, "?{constraint}"))
    }
}

impl Level {
    /// All levels.
    pub const VARIANTS: [Self; 3] = [Self::Patient, Self::User, Self::System];

    /// The word before the `/`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::User => "user",
            Self::System => "system",
        }
    }
}

impl Resource {
    /// The name of the type, or `None` for all types.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::Type(name) => Some(name),
        }
    }

    fn parse(name: &str) -> Result<Self, Invalid> {
        match name {
            "*" => Ok(Self::All),
            name if resource_types::is_type(name) => Ok(Self::Type(name.to_owned())),
            _ => Err(Invalid::ResourceType),
        }
    }

    fn narrow(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::All, one) | (one, Self::All) => Some(one.clone()),
            (Self::Type(mine), Self::Type(theirs)) => (mine == theirs).then(|| self.clone()),
        }
    }
}

/// A word of v1, or letters of v2. The words come first, so that `read` is never `r` and a loose
/// end.
fn permissions(text: &str) -> Result<(Form, Permissions), Invalid> {
    let word = V1_WORDS.iter().find(|(word, _)| *word == text);
    word.map_or_else(
        || Permissions::from_letters(text).map(|letters| (Form::V2, letters)),
        |(_, meaning)| Ok((Form::V1, *meaning)),
    )
}

fn v1_word(permissions: Permissions) -> Option<&'static str> {
    V1_WORDS.iter().find(|(_, meaning)| *meaning == permissions).map(|(word, _)| *word)
}

const V1_WORDS: [(&str, Permissions); 3] =
    [("read", Permissions::V1_READ), ("write", Permissions::V1_WRITE), ("*", Permissions::ALL)];
