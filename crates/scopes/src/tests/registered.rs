//! What a client may be granted within what it is registered for.

use proptest::prelude::*;

use super::set;

fn granted(asked: &str, registered: &str) -> String {
    set(asked).intersect_with_registered(&set(registered)).to_string()
}

#[test]
fn what_is_registered_is_granted_as_asked() {
    let registered = "openid launch/patient patient/*.cruds";
    let asked = "patient/Observation.read launch/patient patient/Condition.rs?category=a openid";
    assert_eq!(granted(asked, registered), asked);
    assert!(set(asked).covered_by(&set(registered)));
}

#[test]
fn m4_a_wildcard_is_narrowed_to_what_is_registered_and_never_widened() {
    let registered = "patient/Observation.rs patient/Condition.r";
    assert_eq!(
        granted("patient/*.read user/*.rs openid", registered),
        "patient/Observation.read patient/Condition.r",
    );
    assert!(!set("patient/*.rs").covered_by(&set(registered)));
}

#[test]
fn the_requested_form_is_kept_where_it_can_be() {
    assert_eq!(granted("patient/Observation.*", "patient/*.rs"), "patient/Observation.read");
    assert_eq!(granted("patient/Observation.cruds", "patient/*.read"), "patient/Observation.rs");
    assert_eq!(granted("patient/Observation.*", "patient/*.r"), "patient/Observation.r");
    assert_eq!(
        granted("patient/Observation.read", "patient/Observation.rs?category=a"),
        "patient/Observation.rs?category=a",
    );
}

#[test]
fn sc_6_parts_are_joined_into_the_shortest_form() {
    let registered = "patient/Observation.r patient/Observation.s patient/Observation.c";
    assert_eq!(granted("patient/Observation.cruds", registered), "patient/Observation.crs");
    assert_eq!(
        granted("patient/*.rs", "patient/Slot.r patient/*.r"),
        "patient/*.r",
        "a part that another part covers is left out",
    );
    assert_eq!(
        granted("patient/*.r", "patient/Condition.r patient/*.r?code=a"),
        "patient/Condition.r patient/*.r?code=a"
    );
}

proptest! {
    #[test]
    fn a_grant_never_exceeds_the_request_or_the_registration(
        asked in prop::collection::vec(SCOPE, 0..5), registered in prop::collection::vec(SCOPE, 0..5),
    ) {
        let (asked, registered) = (set(&asked.join(" ")), set(&registered.join(" ")));
        let granted = asked.intersect_with_registered(&registered);
        prop_assert!(granted.covered_by(&asked), "{} of {}", granted, asked);
        prop_assert!(granted.covered_by(&registered), "{} in {}", granted, registered);
        for scope in asked.iter().filter(|scope| registered.covers(scope)) {
            prop_assert!(granted.contains(scope));
        }
        prop_assert_eq!(granted.intersect_with_registered(&registered), granted);
    }
}

const SCOPE: &str = "openid|launch/patient|(patient|user)/(Observation|\\*)\\.(read|write|rs|r|cud)\
                     |patient/(Observation|\\*)\\.(r|s|rs)\\?category=[ab](,b)?";
