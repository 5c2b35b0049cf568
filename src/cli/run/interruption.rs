//! Ctrl-C, the system's wish to end, and the run's deadline: what is done by then is reported.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::survey::{StopReason, Stopper};

/// Stops the run when it is told to end, or when its time is over. A second Ctrl-C ends the program as it stands.
pub(super) fn watch(stopper: Stopper, deadline: Option<Duration>) {
    let mut wishes = WishesToEnd::listen();
    tokio::spawn(async move {
        tokio::select! {
            () = wishes.next() => stopper.stop(StopReason::Interrupted),
            () = after(deadline) => stopper.stop(StopReason::Deadline),
        }
        wishes.next().await;
        std::process::exit(INTERRUPTED);
    });
}

/// What a shell reports of a program that SIGINT ended: 128 + 2.
const INTERRUPTED: i32 = 130;

async fn after(deadline: Option<Duration>) {
    match deadline {
        Some(deadline) => tokio::time::sleep(deadline).await,
        None => std::future::pending().await,
    }
}

/// What the user and the system say when the program is to end.
pub(super) struct WishesToEnd(mpsc::UnboundedReceiver<()>);

impl WishesToEnd {
    /// Hears of them from now on: before this returns, not when a task first runs.
    pub(super) fn listen() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        forward(&sender);
        Self(receiver)
    }

    /// Resolves with the next one; never, on a system that tells of none.
    pub(super) async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// Ctrl-C, `kill` and the end of a service, and the terminal that goes away.
#[cfg(unix)]
fn forward(sender: &mpsc::UnboundedSender<()>) {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let Ok(mut signal) = signal(kind) else { continue };
        let sender = sender.clone();
        tokio::spawn(async move { while signal.recv().await.is_some() && sender.send(()).is_ok() {} });
    }
}

/// Ctrl-C, and the console window that is closed.
#[cfg(windows)]
fn forward(sender: &mpsc::UnboundedSender<()>) {
    use tokio::signal::windows::{ctrl_c, ctrl_close};
    if let Ok(mut signal) = ctrl_c() {
        let sender = sender.clone();
        tokio::spawn(async move { while signal.recv().await.is_some() && sender.send(()).is_ok() {} });
    }
    if let Ok(mut signal) = ctrl_close() {
        let sender = sender.clone();
        tokio::spawn(async move { while signal.recv().await.is_some() && sender.send(()).is_ok() {} });
    }
}

/// Nothing is known of such a system's signals but Ctrl-C.
#[cfg(not(any(unix, windows)))]
fn forward(sender: &mpsc::UnboundedSender<()>) {
    let sender = sender.clone();
    tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && sender.send(()).is_ok() {} });
}
