//! The steps of a decision, for those who ask why.

use fireward_scopes::{Clinical, Permissions};

use super::branch::{self, Asker, Branch, Purpose, Reach, Whose};
use crate::access::Access;
use crate::decision::{Check, Finding, Step};
use crate::interaction::Interaction;
use crate::policy::{Act, Rules};

/// What each scope of the token says of what is asked, in the order of the token.
pub(crate) fn weigh(access: &Access, interaction: &Interaction, rules: &Rules) -> Vec<Step> {
    let act = Act::of(interaction);
    let mut steps = rules.steps(access, act, interaction.kind());
    let Some(kind) = interaction.kind() else { return steps };
    let asker = Asker { access, rules, act };
    let letters = interaction.needs().each();
    let together = matches!(interaction, Interaction::Everything(_));
    let needs: Vec<_> = if together { vec![interaction.needs()] } else { letters.collect() };
    for needs in needs {
        let purpose = purpose(needs);
        let scopes = access.scopes().clinical();
        steps.extend(scopes.map(|scope| of_scope(asker, scope, kind, (needs, purpose))));
    }
    steps
}

fn of_scope(
    asker: Asker<'_>,
    scope: &Clinical,
    kind: &'static str,
    (needs, purpose): (Permissions, Purpose),
) -> Step {
    let (check, finding, why) = if !scope.applies_to(kind) {
        (Check::Scope, Finding::Skipped, format!("it is not for {kind}"))
    } else if !scope.permissions().contains(needs) {
        (Check::Scope, Finding::Failed, format!("it gives {}, not {needs}", scope.permissions()))
    } else {
        match branch::open(asker, scope, kind, purpose) {
            Err(denial) => (denial.check(), Finding::Failed, denial.to_string()),
            Ok(None) => (Check::Context, Finding::Failed, format!("it reaches no {kind}")),
            Ok(Some(branch)) => opened(&branch, kind, needs),
        }
    };
    Step { check, finding, about: Some(scope.to_string()), why }
}

fn opened(branch: &Branch, kind: &str, needs: Permissions) -> (Check, Finding, String) {
    let whose = |whose: &Whose| match whose {
        Whose::Patient(id) => format!("the record of Patient/{id}"),
        Whose::Members(id) => format!("the records of the members of Group/{id}"),
        Whose::Anyone => "any record".to_owned(),
    };
    let (finding, where_) = match &branch.reach {
        Reach::Everything => (Finding::Passed, "everywhere".to_owned()),
        Reach::Record(record) => (Finding::Narrowed, format!("in {}", whose(record))),
        Reach::ReferredTo { whose: record, .. } => {
            (Finding::Narrowed, format!("that is referred to from {}", whose(record)))
        }
        Reach::One(id) => (Finding::Narrowed, format!("with the id {id}")),
    };
    let constrained = !branch.clauses.is_empty() || !branch.except.is_empty();
    let met = if constrained { ", within its constraint and the site's policy" } else { "" };
    let finding = if constrained { Finding::Narrowed } else { finding };
    (Check::Scope, finding, format!("it gives {needs} of {kind} {where_}{met}"))
}

/// What a letter is wanted for.
fn purpose(needs: Permissions) -> Purpose {
    if needs == Permissions::CREATE {
        Purpose::Create
    } else if Permissions::V1_WRITE.contains(needs) {
        Purpose::Change
    } else {
        Purpose::See
    }
}
