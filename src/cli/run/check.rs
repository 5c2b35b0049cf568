//! `check` and `probe`: from arguments to a report and an exit code.

use std::sync::Arc;

use super::bulk;
use super::survey::{for_check, report};
use crate::check::{self, Errand};
use crate::cli::exit::Exit;
use crate::cli::message::CliError;
use crate::cli::{CheckRun, FindOut, ProbeRun};
use crate::question::{Finish, Hello, HttpRequest, HttpScheme, Question};

pub(super) async fn check(run: CheckRun) -> Result<Exit, CliError> {
    has_routes_to_compare(&run)?;
    let CheckRun { assignments, many, parts, settings } = run;
    if let Some(many) = many {
        let asked = parts.iter().map(|part| part.name).collect::<Vec<_>>().join(",");
        return bulk::run(many, (Errand::Check(parts), asked), &settings, bulk::Command::Check).await;
    }
    report(&settings, Exit::of_check, async |settings, surroundings| {
        check::check(&assignments, &parts, settings, surroundings).await
    })
    .await
}

pub(super) async fn probe(run: ProbeRun) -> Result<Exit, CliError> {
    let ProbeRun { targets, many, hello, finish, get, find_out, repeat, settings } = run;
    let errand = match (find_out, hello) {
        (FindOut::Reflection, hello) => Errand::Reflection(hello),
        (FindOut::HelloSizes, Hello::Built(offer)) => Errand::HelloSizes(offer),
        (FindOut::Answer | FindOut::HelloSizes, hello) => {
            let request =
                get.map(|path| HttpRequest { scheme: HttpScheme::Https, path, with_token: false, assumed: None });
            let finish = (finish || request.is_some()).then(Finish::default);
            Errand::Probe(Arc::new(Question { finish, request, ..Question::new("hello", hello) }), repeat)
        }
    };
    if let Some(many) = many {
        let asked = format!("{errand:?}");
        return bulk::run(many, (errand, asked), &settings, bulk::Command::Probe).await;
    }
    report(&settings, Exit::of_probe, async |settings, surroundings| {
        check::ask_each(&errand, &targets, settings, surroundings).await
    })
    .await
}

/// Whether any of the targets goes through a proxy, where ways are to be compared.
fn has_routes_to_compare(run: &CheckRun) -> Result<(), CliError> {
    let settings = for_check(&run.settings, check::TrustSettings::default());
    let goes = |assignment| check::goes_through_a_proxy(assignment, &settings);
    // Who of very many goes through the proxy is not known yet.
    let is_one_of_many = run.many.is_some() && settings.proxy.source().is_some();
    if !settings.compare_routes || is_one_of_many || run.assignments.iter().any(goes) {
        return Ok(());
    }
    let what = match settings.proxy.source() {
        None => "no proxy is given, so there are no two ways to compare",
        Some(_) => "no target goes through a proxy, so there are no two ways to compare",
    };
    Err(CliError::new(what)
        .needed_for("--compare-routes")
        .advise("--proxy URL, or HTTPS_PROXY in the environment, with no target in NO_PROXY"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Command, Invocation, Refusal, parse};

    fn told(line: &str, variables: &[(&str, &str)]) -> Result<(), String> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let line = format!("tlsprobe check {line} --compare-routes");
        match parse(line.split_whitespace(), &variables) {
            Ok(Invocation { command: Command::Check(run), .. }) => {
                has_routes_to_compare(&run).map_err(|error| error.to_string())
            }
            Err(Refusal::Usage(error)) => Err(error.to_string()),
            other => panic!("{other:?}"),
        }
    }

    const PROXY: (&str, &str) = ("HTTPS_PROXY", "http://env:3128");

    #[test]
    fn comparing_routes_takes_a_proxy_from_wherever_it_is_named() {
        for (line, variables) in [
            ("a.example --proxy http://a:1", &[][..]),
            ("a.example --proxy-winhttp a:1", &[]),
            ("a.example", &[PROXY]),
            ("a.example b.example", &[PROXY, ("NO_PROXY", "a.example")]),
        ] {
            assert_eq!(told(line, variables), Ok(()), "{line}");
        }
    }

    #[test]
    fn comparing_routes_without_a_proxy_is_a_usage_error() {
        let error = told("a.example", &[]).unwrap_err();
        assert!(error.starts_with("no proxy is given") && error.contains("--compare-routes"), "{error}");
        let error = told("a.example", &[PROXY, ("NO_PROXY", "*")]).unwrap_err();
        assert!(error.starts_with("no target goes through a proxy"), "{error}");
        let error = told("a.example --direct", &[PROXY]).unwrap_err();
        assert!(error.contains("cannot be used with"), "{error}");
    }
}
