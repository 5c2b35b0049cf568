//! So many at a time for one host, or for one network.
//!
//! What may not go yet is put aside with whoever keeps it from going, and the next is taken in its place, so that one
//! slow network holds up nobody else. What is put aside is bounded.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::list::Block;
use crate::target::Host;

/// So many targets at a time in each network of a size: `/24=2`, `/64=1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetLimit {
    /// Whether it speaks of IPv4 networks.
    pub is_v4: bool,
    /// The length of their prefix.
    pub length: u32,
    /// How many.
    pub most: usize,
}

/// The longest prefix that is IPv4's unless the other is named.
const V4_BITS: u32 = 32;

impl FromStr for NetLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "give /24=N for IPv4 networks, /64=N or 6/32=N for IPv6 ones; N from 1".to_owned();
        let (prefix, most) = text.split_once('=').ok_or_else(form)?;
        let (family, length) = prefix.split_once('/').ok_or_else(form)?;
        let length: u32 = length.parse().map_err(|_| form())?;
        let is_v4 = match family {
            "" => length <= V4_BITS,
            "4" if length <= V4_BITS => true,
            "6" => false,
            _ => return Err(form()),
        };
        let most = most.parse().ok().filter(|most| *most > 0 && length <= 128).ok_or_else(form)?;
        Ok(Self { is_v4, length, most })
    }
}

/// What one target takes up: its hosts, and the networks that they are in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Host(Host),
    Net(usize, u128),
}

/// The limits, who takes them up, and who waits.
#[derive(Debug)]
pub(super) struct Limits<T> {
    per_host: Option<usize>,
    nets: Vec<NetLimit>,
    most_aside: usize,
    state: Mutex<State<T>>,
    changed: Notify,
}

#[derive(Debug)]
struct State<T> {
    taken: HashMap<Key, Taken<T>>,
    ready: VecDeque<(T, Vec<Key>)>,
    aside: usize,
}

#[derive(Debug)]
struct Taken<T> {
    by: usize,
    waiting: VecDeque<(T, Vec<Key>)>,
}

impl<T> Limits<T> {
    pub(super) fn new(per_host: Option<usize>, nets: Vec<NetLimit>, most_aside: usize) -> Self {
        let state = State { taken: HashMap::new(), ready: VecDeque::new(), aside: 0 };
        Self { per_host, nets, most_aside, state: Mutex::new(state), changed: Notify::new() }
    }

    /// Whether there are any.
    pub(super) fn is_none(&self) -> bool {
        self.per_host.is_none() && self.nets.is_empty()
    }

    /// Whether addresses matter.
    pub(super) fn has_nets(&self) -> bool {
        !self.nets.is_empty()
    }

    /// What these hosts and addresses take up, each once.
    pub(super) fn keys<'a>(
        &self,
        hosts: impl Iterator<Item = &'a Host>,
        addresses: impl Iterator<Item = IpAddr>,
    ) -> Vec<Key> {
        let hosts = hosts.filter(|_| self.per_host.is_some()).map(|host| Key::Host(host.clone()));
        let mut keys: Vec<Key> = hosts.collect();
        for address in addresses {
            let of_its_family = self.nets.iter().enumerate().filter(|(_, net)| net.is_v4 == address.is_ipv4());
            keys.extend(of_its_family.map(|(number, net)| Key::Net(number, Block::new(address, net.length).range().0)));
        }
        let mut unique: Vec<Key> = Vec::with_capacity(keys.len());
        for key in keys {
            if !unique.contains(&key) {
                unique.push(key);
            }
        }
        unique
    }

    /// Takes up the keys for `what`, and gives it back with them; or puts it aside until there is room.
    pub(super) fn admit(&self, what: T, keys: Vec<Key>) -> Option<(T, Vec<Key>)> {
        self.lock().admit(what, keys, &|key| self.most(key))
    }

    /// Gives up keys. Whoever waited for them is ready then.
    pub(super) fn release(&self, keys: Vec<Key>) {
        if keys.is_empty() {
            return;
        }
        let mut state = self.lock();
        let before = state.ready.len();
        for key in &keys {
            if let Some(taken) = state.taken.get_mut(key) {
                taken.by -= 1;
            }
        }
        for key in keys {
            state.wake(&key, &|key| self.most(key));
        }
        let ready = state.ready.len() - before;
        drop(state);
        // One is for who released; the others for those that have nothing to do.
        (0..ready).for_each(|_| self.changed.notify_one());
        self.changed.notify_waiters();
    }

    /// One that waited and may go now.
    pub(super) fn take_ready(&self) -> Option<(T, Vec<Key>)> {
        // Without limits nobody waits, and there is no lock to take.
        if self.is_none() { None } else { self.lock().ready.pop_front() }
    }

    /// Whether one more may be put aside.
    pub(super) fn has_room(&self) -> bool {
        self.is_none() || self.lock().aside < self.most_aside
    }

    /// Whether some are put aside or ready to go.
    pub(super) fn has_some(&self) -> bool {
        let state = self.lock();
        state.aside > 0 || !state.ready.is_empty()
    }

    /// Resolves once something was released after this call.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    fn most(&self, key: &Key) -> usize {
        match key {
            Key::Host(_) => self.per_host.unwrap_or(usize::MAX),
            Key::Net(number, _) => self.nets.get(*number).map_or(usize::MAX, |net| net.most),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn admit(&mut self, what: T, keys: Vec<Key>, most: &dyn Fn(&Key) -> usize) -> Option<(T, Vec<Key>)> {
        let full = keys.iter().find(|key| self.taken.get(key).is_some_and(|taken| taken.by >= most(key)));
        if let Some(taken) = full.and_then(|full| self.taken.get_mut(full)) {
            taken.waiting.push_back((what, keys));
            self.aside += 1;
            return None;
        }
        for key in &keys {
            self.taken.entry(key.clone()).or_insert_with(|| Taken { by: 0, waiting: VecDeque::new() }).by += 1;
        }
        Some((what, keys))
    }

    /// Lets those go that waited for this key, as many as there is room for; one that now waits for another key is put
    /// aside there.
    fn wake(&mut self, key: &Key, most: &dyn Fn(&Key) -> usize) {
        while let Some(taken) = self.taken.get_mut(key) {
            if taken.by >= most(key) {
                return;
            }
            let Some((what, keys)) = taken.waiting.pop_front() else {
                if taken.by == 0 {
                    self.taken.remove(key);
                }
                return;
            };
            self.aside -= 1;
            if let Some(ready) = self.admit(what, keys, most) {
                self.ready.push_back(ready);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(number: u32) -> Host {
        Host::Name(format!("h{number}.example"))
    }

    fn limits(per_host: Option<usize>, nets: &[&str]) -> Limits<u32> {
        Limits::new(per_host, nets.iter().map(|net| net.parse().unwrap()).collect(), 100)
    }

    fn admit(limits: &Limits<u32>, what: u32, address: &str) -> Option<Vec<Key>> {
        let keys = limits.keys([&host(what / 10)].into_iter(), [address.parse().unwrap()].into_iter());
        limits.admit(what, keys).map(|(_, keys)| keys)
    }

    #[test]
    fn a_limit_says_which_networks_and_how_many() {
        let net = |text: &str| text.parse::<NetLimit>().map(|net| (net.is_v4, net.length, net.most));
        assert_eq!(net("/24=2"), Ok((true, 24, 2)));
        assert_eq!(net("/64=1"), Ok((false, 64, 1)));
        assert_eq!(net("6/32=9"), Ok((false, 32, 9)));
        for bad in ["24=2", "/24", "/24=0", "/129=1", "4/33=1", "/x=1", ""] {
            assert!(net(bad).unwrap_err().contains("/24=N"), "{bad}");
        }
    }

    #[test]
    fn a_host_is_asked_so_many_times_at_once_and_no_more() {
        let limits = limits(Some(2), &[]);
        let first = admit(&limits, 10, "192.0.2.1").unwrap();
        assert!(admit(&limits, 11, "192.0.2.1").is_some());
        assert!(admit(&limits, 12, "192.0.2.1").is_none());
        assert!(admit(&limits, 20, "192.0.2.1").is_some(), "another host goes on");
        assert_eq!(limits.take_ready(), None);
        limits.release(first);
        assert_eq!(limits.take_ready().map(|(what, _)| what), Some(12));
        assert!(!limits.has_some());
    }

    #[test]
    fn who_waits_for_two_limits_goes_when_both_have_room() {
        let limits = limits(Some(1), &["/24=1", "/64=1"]);
        let host_and_net = admit(&limits, 10, "192.0.2.1").unwrap();
        let other_net = admit(&limits, 20, "198.51.100.1").unwrap();
        assert!(admit(&limits, 11, "198.51.100.9").is_none());
        assert!(admit(&limits, 30, "2001:db8::1").is_some(), "a network of IPv6 by itself");
        assert!(admit(&limits, 40, "2001:db8::2").is_none());
        limits.release(host_and_net);
        assert_eq!(limits.take_ready(), None, "its network is still taken");
        limits.release(other_net);
        assert_eq!(limits.take_ready().map(|(what, _)| what), Some(11));
    }

    #[test]
    fn one_release_may_let_several_go_and_nothing_is_kept_of_those_that_are_done() {
        let limits = limits(Some(1), &["/24=1"]);
        let both = admit(&limits, 10, "192.0.2.1").unwrap();
        assert!(admit(&limits, 11, "198.51.100.1").is_none());
        assert!(admit(&limits, 20, "192.0.2.2").is_none());
        limits.release(both);
        let ready: Vec<(u32, Vec<Key>)> = std::iter::from_fn(|| limits.take_ready()).collect();
        assert_eq!(ready.iter().map(|(what, _)| *what).collect::<Vec<_>>(), [11, 20]);
        for (_, keys) in ready {
            limits.release(keys);
        }
        assert!(limits.lock().taken.is_empty());
    }
}
