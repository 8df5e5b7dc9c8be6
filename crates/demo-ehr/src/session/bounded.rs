//! A map whose entries end by themselves and that never grows beyond a bound.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Entries by an unguessable name, each for so many seconds. Where there is no room, the oldest gives way.
pub(super) struct Bounded<T> {
    most: usize,
    lifetime: i64,
    entries: Mutex<HashMap<String, Entry<T>>>,
}

struct Entry<T> {
    born: i64,
    value: T,
}

impl<T: Clone> Bounded<T> {
    pub(super) fn new(most: usize, lifetime: i64) -> Self {
        Self { most, lifetime, entries: Mutex::default() }
    }

    pub(super) fn put(&self, name: String, value: T, now: i64) {
        let mut entries = self.lock();
        if entries.len() >= self.most {
            entries.retain(|_, entry| now < entry.born + self.lifetime);
        }
        if entries.len() >= self.most {
            let oldest =
                entries.iter().min_by_key(|(_, entry)| entry.born).map(|(name, _)| name.clone());
            oldest.and_then(|name| entries.remove(&name));
        }
        entries.insert(name, Entry { born: now, value });
    }

    pub(super) fn get(&self, name: &str, now: i64) -> Option<T> {
        let entries = self.lock();
        entries
            .get(name)
            .filter(|entry| now < entry.born + self.lifetime)
            .map(|entry| entry.value.clone())
    }

    pub(super) fn take(&self, name: &str, now: i64) -> Option<T> {
        let entry = self.lock().remove(name)?;
        (now < entry.born + self.lifetime).then_some(entry.value)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry<T>>> {
        // No code that panics runs under the lock, and an entry is whole or absent.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_ends_by_itself() {
        let map = Bounded::new(8, 10);
        map.put("a".into(), 1, 0);
        assert_eq!(map.get("a", 9), Some(1));
        assert_eq!(map.get("a", 10), None);
        assert_eq!(map.take("a", 10), None);
    }

    #[test]
    fn an_entry_is_taken_once() {
        let map = Bounded::new(8, 10);
        map.put("a".into(), 1, 0);
        assert_eq!(map.take("a", 1), Some(1));
        assert_eq!(map.take("a", 1), None);
    }

    #[test]
    fn the_oldest_gives_way_and_the_bound_holds() {
        let map = Bounded::new(3, 100);
        for (name, at) in ["a", "b", "c", "d"].into_iter().zip(0..) {
            map.put(name.into(), at, at);
        }
        assert_eq!(map.get("a", 5), None);
        assert_eq!(map.get("d", 5), Some(3));
        assert_eq!(map.lock().len(), 3);
    }

    #[test]
    fn what_has_ended_gives_way_first() {
        let map = Bounded::new(2, 10);
        map.put("old".into(), 0, 0);
        map.put("new".into(), 1, 9);
        map.put("newer".into(), 2, 11);
        assert_eq!(map.get("new", 12), Some(1));
    }
}
