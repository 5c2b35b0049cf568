//! `reflect`: the far end of a proof, up until it is told to end.

use rand::RngExt;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::net::TcpListener;

use super::interruption::WishesToEnd;
use super::survey::random;
use crate::cli::ReflectRun;
use crate::cli::exit::Exit;
use crate::cli::message::{CliError, cause};
use crate::cli::report_writer::ReportWriter;
use crate::cli::settings::Output;
use crate::reflect::Reflector;

pub(super) async fn reflect(run: ReflectRun) -> Result<Exit, CliError> {
    let cannot_listen = |error| {
        CliError::new(format!("cannot listen at {}: {}", run.listen, cause(&error)))
            .needed_for("--listen")
            .advise("another port, or the right to use this one")
    };
    let mut wishes = WishesToEnd::listen();
    let listener = TcpListener::bind(run.listen).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    let reflector = Reflector::new(run.settings)
        .map_err(|error| CliError::new(format!("cannot make the reflector's certificates: {error}")))?;
    let mut writer = ReportWriter::open(&Output::default())?;
    writer.write(&format!("Reflecting at {address}. Ctrl-C ends it.\n"))?;
    tokio::select! {
        () = reflector.serve(listener, StdRng::from_seed(random()?.random())) => {}
        () = wishes.next() => {}
    }
    Ok(Exit::Good)
}
