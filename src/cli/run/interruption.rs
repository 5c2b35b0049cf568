//! Ctrl-C, the system's wish to end, and the run's deadline: what is done by then is reported.

use std::time::Duration;

use crate::survey::{StopReason, Stopper};

/// Stops the run when it is told to end, or when its time is over. A second Ctrl-C ends the program as it stands.
pub(super) fn watch(stopper: Stopper, deadline: Option<Duration>) {
    tokio::spawn(async move {
        tokio::select! {
            () = told_to_end() => stopper.stop(StopReason::Interrupted),
            () = after(deadline) => stopper.stop(StopReason::Deadline),
        }
        told_to_end().await;
        std::process::exit(INTERRUPTED);
    });
}

/// Resolves when the user or the system wants the program to end.
pub(super) async fn told_to_end() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = ctrl_c => {}
        () = terminated() => {}
    }
}

/// What a shell reports of a program that SIGINT ended: 128 + 2.
const INTERRUPTED: i32 = 130;

async fn after(deadline: Option<Duration>) {
    match deadline {
        Some(deadline) => tokio::time::sleep(deadline).await,
        None => std::future::pending().await,
    }
}

/// `kill`, the end of a service, and the terminal that goes away.
#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut hang_up)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
}

/// The console window is closed, or the user logs off.
#[cfg(windows)]
async fn terminated() {
    match tokio::signal::windows::ctrl_close() {
        Ok(mut close) => drop(close.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(any(unix, windows)))]
async fn terminated() {
    std::future::pending().await
}
