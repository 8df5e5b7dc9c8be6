//! Failed sign-ins by address, on this node (design: address limits are per node). Bounded (Z4).

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use fireward_oauth::{Timestamp, policy::Throttle};
use fireward_web::address::neighbourhood;

/// How often sign-in failed from where.
#[derive(Debug, Default)]
pub struct Addresses(Mutex<HashMap<IpAddr, Window>>);

#[derive(Debug, Clone, Copy)]
struct Window {
    began: Timestamp,
    failures: u32,
}

impl Addresses {
    /// Seconds to wait before another attempt from `address`; 0 when it may be made now.
    #[must_use]
    pub fn wait(&self, address: IpAddr, throttle: &Throttle, now: Timestamp) -> i64 {
        let windows = self.windows();
        let found = windows.get(&neighbourhood(address));
        let over =
            |window: &&Window| window.failures >= throttle.failures.saturating_mul(SHARED_BY);
        found
            .filter(over)
            .map_or(0, |window| window.began.plus(throttle.window).since(now).as_seconds())
    }

    /// Counts a failure.
    pub fn failed(&self, address: IpAddr, throttle: &Throttle, now: Timestamp) {
        let mut windows = self.windows();
        let live = |window: &Window| now < window.began.plus(throttle.window);
        let address = neighbourhood(address);
        if windows.len() >= MOST && !windows.contains_key(&address) {
            windows.retain(|_, window| live(window));
        }
        if windows.len() >= MOST {
            // A flood from everywhere: whoever failed least is forgotten.
            let least = windows
                .iter()
                .min_by_key(|(_, window)| window.failures)
                .map(|(address, _)| *address);
            least.and_then(|address| windows.remove(&address));
        }
        let window = windows.entry(address).or_insert(Window { began: now, failures: 0 });
        if !live(window) {
            *window = Window { began: now, failures: 0 };
        }
        window.failures = window.failures.saturating_add(1);
    }

    fn windows(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, Window>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clinic or a household has one address for many people.
const SHARED_BY: u32 = 10;
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use fireward_oauth::Lifetime;

    use super::*;

    const THROTTLE: Throttle = Throttle { failures: 2, window: Lifetime::minutes(5) };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    #[test]
    fn an_address_waits_after_many_failures_and_only_for_the_window() {
        let addresses = Addresses::default();
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        for second in 0..20 {
            assert_eq!(addresses.wait(one, &THROTTLE, at(second)), 0);
            addresses.failed(one, &THROTTLE, at(second));
        }
        assert_eq!(addresses.wait(one, &THROTTLE, at(100)), 200);
        assert_eq!(addresses.wait("192.0.2.2".parse().unwrap(), &THROTTLE, at(100)), 0);
        assert_eq!(addresses.wait(one, &THROTTLE, at(300)), 0);
    }

    #[test]
    fn z4_what_is_remembered_is_bounded() {
        let addresses = Addresses::default();
        for n in 0..20_000_u32 {
            addresses.failed(IpAddr::from(n.to_be_bytes()), &THROTTLE, at(0));
        }
        assert!(addresses.windows().len() <= MOST);
    }
}
