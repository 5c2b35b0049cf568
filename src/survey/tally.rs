//! The connections of a run, as they are tried and come about.

use std::sync::atomic::AtomicUsize;

use tokio::sync::Notify;

/// What is known of the connections while questions are under way.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Counted when they are opened, or tried: one that is cut off was spent all the same.
    pub(super) connections: AtomicUsize,
    /// Told of each that came about.
    pub(super) came_about: Notify,
}
