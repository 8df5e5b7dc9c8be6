//! The required resource: which roles may use the server at all (rows 62 to 65).

use std::collections::{BTreeMap, BTreeSet};

use crate::interaction::Privilege;

/// A named thing that a user needs a privilege on for every request, whatever the scopes say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredResource {
    /// Its name, which denials tell.
    pub name: String,
    /// What everybody may who has signed in (row 65).
    pub public: Option<Privilege>,
    /// What the roles may.
    pub roles: BTreeMap<String, Privilege>,
}

impl RequiredResource {
    /// The privilege that a user with these roles has. To write is to read as well.
    #[must_use]
    pub fn privilege(&self, roles: &BTreeSet<String>) -> Option<Privilege> {
        let given = roles.iter().filter_map(|role| self.roles.get(role)).copied();
        given.chain(self.public).max()
    }
}
