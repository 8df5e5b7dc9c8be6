//! Good tokens that ask for more than they open.

use fireward_outbound::Verb;
use serde_json::json;

use super::{Attack, Expect, Minter, Needle, Shot, World};
use crate::fault::Fault;

/// The attacks.
pub(crate) fn attacks(minter: &Minter, world: &World) -> Result<Vec<Attack>, Fault> {
    let mut attacks = on_another(minter, world)?;
    attacks.extend(beyond_scopes(minter, world)?);
    attacks.extend(by_side_ways(minter, world)?);
    Ok(attacks)
}

/// Another patient's record.
fn on_another(minter: &Minter, world: &World) -> Result<Vec<Attack>, Fault> {
    let World { own, other, others, anyone, .. } = world;
    let token = minter.token("patient/*.cruds", Some(own))?;
    let refused = [
        ("other-read", "another patient by id", format!("Patient/{other}")),
        ("other-resource", "a resource of another patient by id", format!("Observation/{others}")),
        (
            "other-vread",
            "a version of another patient's resource",
            format!("Observation/{others}/_history/1"),
        ),
        (
            "other-history",
            "the history of another patient's resource",
            format!("Observation/{others}/_history"),
        ),
        (
            "other-everything",
            "$everything of another patient",
            format!("Patient/{other}/$everything"),
        ),
    ];
    let searched = [
        (
            "other-patient-param",
            "a search with another patient in `patient`",
            format!("Observation?patient=Patient/{other}"),
        ),
        (
            "other-subject-param",
            "a search with another patient in `subject`",
            format!("Observation?subject=Patient/{other}"),
        ),
        (
            "other-id-param",
            "a search with the `_id` of another patient",
            format!("Patient?_id={other}"),
        ),
        (
            "other-resource-id",
            "a search with the `_id` of another patient's resource",
            format!("Observation?_id={others}"),
        ),
        (
            "other-or",
            "a search for one patient or the other",
            format!("Observation?patient=Patient/{own},Patient/{other}"),
        ),
        ("other-all", "a search that names no patient", "Observation?_count=100".to_owned()),
        ("other-patients", "a search of all patients", "Patient?_count=100".to_owned()),
        ("other-not", "a search for what is not the own", format!("Patient?_id:not={own}")),
        ("other-type-history", "the history of a type", "Patient/_history?_count=100".to_owned()),
        (
            "other-compartment",
            "the compartment of another patient",
            format!("Patient/{other}/Observation"),
        ),
        (
            "other-revinclude",
            "another patient's resources by `_revinclude`",
            format!("Patient?_id={own},{other}&_revinclude=Observation:subject"),
        ),
    ];
    let needles =
        || vec![Needle::Patient(other.clone()), Needle::Resource("Observation", others.clone())];
    let mut attacks: Vec<_> = refused
        .into_iter()
        .map(|(id, title, target)| {
            let shot = Shot::get(target);
            Attack::refused(id, title, shot.by(&token)).unlike(shot.by(anyone))
        })
        .collect();
    attacks.extend(searched.into_iter().map(|(id, title, target)| {
        let shot = Shot::get(target);
        Attack::without(id, title, shot.by(&token), needles()).unlike(shot.by(anyone))
    }));
    let head = Shot { verb: Verb::Head, ..Shot::get(format!("Patient/{other}")) };
    attacks.push(
        Attack::refused("other-head", "HEAD of another patient", head.by(&token))
            .unlike(head.by(anyone)),
    );
    let form = format!("patient=Patient%2F{other}");
    let posted = Shot { verb: Verb::Post, body: Some(form), ..Shot::get("Observation/_search") };
    let posted = posted.with("content-type", "application/x-www-form-urlencoded");
    attacks.push(
        Attack::without(
            "other-posted",
            "a posted search for another patient",
            posted.by(&token),
            needles(),
        )
        .unlike(posted.by(anyone)),
    );
    // A 304 would tell what version somebody else's resource has.
    let known = Shot::get(format!("Patient/{other}"));
    let known_version = known.with("if-none-match", "W/\"1\"");
    attacks.push(
        Attack::refused(
            "other-conditional",
            "a conditional read of another patient",
            known_version.by(&token),
        )
        .unlike(known.by(anyone)),
    );
    Ok(attacks)
}

/// Types and interactions outside the scopes.
fn beyond_scopes(minter: &Minter, world: &World) -> Result<Vec<Attack>, Fault> {
    let World { own, anyone, .. } = world;
    let token = |scope: &str| minter.token(scope, Some(own));
    let mine = Shot::get(format!("Patient/{own}"));
    let search = Shot::get(format!("Observation?patient=Patient/{own}"));
    let mut attacks = vec![
        Attack::refused(
            "scope-type",
            "a type without a scope",
            search.by(&token("patient/Patient.rs")?),
        )
        .unlike(search.by(anyone)),
        Attack::refused(
            "scope-search-only",
            "a read with a scope to search",
            mine.by(&token("patient/Patient.s")?),
        )
        .unlike(mine.by(anyone)),
        Attack::refused(
            "scope-read-only",
            "a search with a scope to read",
            search.by(&token("patient/Observation.r")?),
        )
        .unlike(search.by(anyone)),
        Attack::refused(
            "scope-write-only",
            "a read with scopes to write",
            mine.by(&token("patient/Patient.cud")?),
        )
        .unlike(mine.by(anyone)),
        Attack::refused(
            "scope-unknown",
            "a read with a scope that is none",
            mine.by(&token("patient/Patient.x patient/*.")?),
        )
        .unlike(mine.by(anyone)),
    ];
    let include = Shot::get(format!(
        "Observation?patient=Patient/{own}&_include=Observation:subject&_count=5"
    ));
    attacks.push(
        Attack::without(
            "scope-include",
            "an included type without a scope",
            include.by(&token("patient/Observation.rs")?),
            vec![Needle::Type("Patient")],
        )
        .unlike(include.by(anyone)),
    );
    let revinclude = Shot::get(format!("Patient?_id={own}&_revinclude=Observation:subject"));
    attacks.push(
        Attack::without(
            "scope-revinclude",
            "a type without a scope by `_revinclude`",
            revinclude.by(&token("patient/Patient.rs")?),
            vec![Needle::Type("Observation")],
        )
        .unlike(revinclude.by(anyone)),
    );
    let export = Shot::get("$export").with("prefer", "respond-async");
    attacks.push(Attack::refused(
        "scope-export",
        "a bulk export with a patient's scopes",
        export.by(&token("patient/*.cruds")?),
    ));
    if let Some(laboratory) = &world.laboratory {
        let vital = token(
            "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs",
        )?;
        let needle = || vec![Needle::Resource("Observation", laboratory.clone())];
        for (id, title, target) in [
            (
                "granular-read",
                "a read outside a granular scope",
                format!("Observation/{laboratory}"),
            ),
            (
                "granular-search",
                "a search outside a granular scope",
                format!("Observation?_id={laboratory}"),
            ),
            (
                "granular-category",
                "a search for what a granular scope excludes",
                format!("Observation?patient=Patient/{own}&category=laboratory"),
            ),
        ] {
            let shot = Shot::get(target);
            attacks.push(
                Attack::without(id, title, shot.by(&vital), needle()).unlike(shot.by(anyone)),
            );
        }
    }
    Ok(attacks)
}

/// Chains, counts, batches.
fn by_side_ways(minter: &Minter, world: &World) -> Result<Vec<Attack>, Fault> {
    let World { own, other, others, anyone, count, .. } = world;
    let token = minter.token("patient/Observation.rs", Some(own))?;
    let all = minter.token("patient/*.cruds", Some(own))?;
    let needles =
        || vec![Needle::Patient(other.clone()), Needle::Resource("Observation", others.clone())];
    let mut attacks = Vec::new();
    for (id, title, target) in [
        (
            "chain",
            "a chain through a type without a scope",
            format!("Observation?subject:Patient._id={own}"),
        ),
        (
            "has",
            "`_has` through a type without a scope",
            "Patient?_has:Observation:patient:status=final".to_owned(),
        ),
    ] {
        let shot = Shot::get(target);
        let token = if id == "has" {
            minter.token("patient/Patient.rs", Some(own))?
        } else {
            token.clone()
        };
        attacks.push(Attack::refused(id, title, shot.by(&token)).unlike(shot.by(anyone)));
    }
    let counted = Shot::get("Observation?_summary=count");
    attacks.push(Attack {
        id: "count",
        title: "the total counts other patients' resources",
        shot: counted.by(&all),
        control: Some(counted.by(anyone)),
        expect: Expect::AtMost(*count),
    });
    let user = minter.token("user/*.cruds", None)?;
    let everybody = Shot::get("Patient?_count=100");
    attacks.push(
        Attack::without(
            "user-nobody",
            "user scopes of nobody who is known",
            everybody.by(&user),
            vec![Needle::Type("Patient")],
        )
        .unlike(everybody.by(anyone)),
    );
    let entry = |url: String| json!({ "request": { "method": "GET", "url": url } });
    let batch = json!({ "resourceType": "Bundle", "type": "batch", "entry": [
        entry(format!("Patient/{own}")), entry(format!("Patient/{other}")), entry(format!("Observation/{others}")),
    ] });
    let batch = Shot::of(Verb::Post, "", Some(&batch));
    attacks.push(
        Attack::without(
            "batch",
            "a batch that mixes in another patient",
            batch.by(&all),
            needles(),
        )
        .unlike(batch.by(anyone)),
    );
    Ok(attacks)
}
