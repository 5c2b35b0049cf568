//! What a log says, as lines of text: what is wrong first, each problem with its places, causes and command, then what
//! else the log shows. No line is wider than 80 columns, but for a command, which stays in one to be copied.

use super::{LogReport, Place, Problem};
use crate::escape::escape;
use crate::explain::text::{INDENT, entry, labels, wrap};
use crate::machine::LegName;

/// The report of a log.
pub fn lines(report: &LogReport) -> Vec<String> {
    let mut lines = Vec::new();
    let LogReport { file, kind, encoding, problems, evidence, notes, .. } = report;
    let file = if file == "-" { "standard input" } else { file };
    let found = match problems.len() {
        0 => "no problem that is known here".to_owned(),
        1 => "1 problem".to_owned(),
        count => format!("{count} problems"),
    };
    let stopped = if report.interrupted { ", stopped before the end" } else { "" };
    wrap(&mut lines, "", 2, &format!("{}: {found}", escape(file)));
    wrap(&mut lines, "  ", 2, &format!("{kind}, {}, {} lines{stopped}", encoding.name(), report.lines));
    for (problem, number) in problems.iter().zip(1..) {
        lines.push(String::new());
        add_problem(&mut lines, problem, number);
    }
    if !evidence.is_empty() || !notes.is_empty() {
        lines.push(String::new());
    }
    let evidence = evidence.iter().map(|evidence| match evidence.line {
        Some(line) => format!("line {line}: {}", evidence.text),
        None => evidence.text.clone(),
    });
    entry(&mut lines, "evidence", &evidence.collect::<Vec<_>>());
    entry(&mut lines, "note", notes);
    lines
}

fn add_problem(lines: &mut Vec<String>, problem: &Problem, number: usize) {
    wrap(lines, "", 3, &format!("{number}. {}", escape(&problem.name)));
    entry(lines, "seen", &seen(problem));
    add_place(lines, &problem.first);
    if problem.last.line != problem.first.line {
        add_place(lines, &problem.last);
    }
    let one = |text: &Option<String>| text.iter().map(|text| escape(text)).collect::<Vec<_>>();
    entry(lines, "meaning", &one(&problem.meaning));
    entry(lines, "caused by", &problem.caused_by.iter().map(|cause| escape(cause)).collect::<Vec<_>>());
    entry(lines, "network", &one(&problem.network_picture));
    entry(lines, "leg", &problem.leg.into_iter().map(leg).collect::<Vec<_>>());
    entry(lines, "says also", &problem.details.iter().map(|detail| escape(detail)).collect::<Vec<_>>());
    entry(lines, "names", &problem.hosts.iter().map(|host| escape(host)).collect::<Vec<_>>());
    let several = problem.rules.len() > 1;
    let rules = problem.rules.iter().map(|rule| {
        let against = rule.against.iter().map(|against| format!(" (against it: {})", escape(against)));
        let against: String = against.collect();
        match &rule.rests_on {
            Some(rests_on) if several => format!("{}: {}{against} – if {rests_on}", rule.id, rule.title),
            _ => format!("{}: {}{against}", rule.id, rule.title),
        }
    });
    entry(lines, if several { "may be" } else { "rule" }, &rules.collect::<Vec<_>>());
    let run = if several { "tells which" } else { "to test" };
    lines.push(format!("  {run:<width$}{}", escape(&problem.run.command), width = INDENT - 2));
    wrap(lines, &" ".repeat(INDENT + 2), INDENT + 2, &problem.run.shows);
    let more = problem.code.iter().map(|code| format!("tlsprobe explain {code}"));
    entry(lines, "more", &more.collect::<Vec<_>>());
}

/// How often, where and when.
fn seen(problem: &Problem) -> Vec<String> {
    let Problem { count, first, last, .. } = problem;
    let often = match count {
        1 => format!("once, line {}", first.line),
        2 => format!("twice, lines {} and {}", first.line, last.line),
        _ => format!("{count} times, lines {} to {}", first.line, last.line),
    };
    let when = match (&problem.from, &problem.to) {
        (Some(from), Some(to)) if from == to => format!(", at {}", escape(from)),
        (Some(from), Some(to)) => format!(", from {} to {}", escape(from), escape(to)),
        _ => ", at times that the log does not tell".to_owned(),
    };
    vec![often + &when]
}

fn add_place(lines: &mut Vec<String>, place: &Place) {
    const SHOWN: usize = 180;
    let mut text: String = escape(&place.text).chars().take(SHOWN).collect();
    if escape(&place.text).chars().count() > SHOWN {
        text.push('…');
    }
    let label = labels(&format!("line {}", place.line)).next().unwrap_or_default();
    let label = if label.ends_with(' ') { label } else { label + " " };
    wrap(lines, &label, INDENT, &format!("\"{text}\""));
}

fn leg(leg: LegName) -> String {
    match leg {
        LegName::Sync => "synchronization, by what wrote the entry".to_owned(),
        LegName::Import => "import, by what wrote the entry".to_owned(),
    }
}
