use std::sync::Arc;

use super::*;
use crate::pack::GENERIC;
use crate::target::Target;

fn reading(seed: u64) -> Arc<Reading> {
    let words: Words = Box::new(|word, port| {
        let target = Target::parse(word, port.unwrap_or(443)).map_err(|error| error.to_string())?;
        Ok(vec![Assignment::new(&GENERIC, target)])
    });
    Arc::new(Reading { port: None, words, seed })
}

fn list_of(texts: &[&[u8]], seed: u64) -> List {
    let source = |(number, text): (usize, &&[u8])| {
        Source::new(format!("list{number}"), Box::new(io::Cursor::new(text.to_vec())))
    };
    List::new(texts.iter().enumerate().map(source).collect(), reading(seed))
}

fn items(mut list: List) -> Vec<Item> {
    std::iter::from_fn(|| list.next().unwrap()).collect()
}

fn told(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .map(|item| match item {
            Item::Entry(entry) => {
                let target = &entry.assignments[0].target;
                let sni = match &target.sni {
                    sni if sni.as_deref() == target.host.name() => String::new(),
                    sni => format!(" as {}", sni.as_deref().unwrap_or("nobody")),
                };
                let led = entry.connect.as_ref().and_then(|connect| connect.redirect(target));
                let at = led.map(|(host, port)| format!(" at {host} {port}")).unwrap_or_default();
                format!("{target}{sni}{at}")
            }
            Item::Bad(bad) => format!("{}:{}: {}", bad.source, bad.line, bad.why),
        })
        .collect()
}

fn read(text: &str) -> Vec<String> {
    told(&items(list_of(&[text.as_bytes()], 0)))
}

#[test]
fn a_line_is_a_target_a_comment_or_nothing() {
    let text =
        "\u{feff}# mine\n\na.example\n  b.example:8443  # the other\n\thttps://c.example/x#y\n[::1]:1\n192.0.2.1";
    let targets = ["a.example:443", "b.example:8443", "c.example:443", "[::1]:1", "192.0.2.1:443"];
    assert_eq!(read(text), targets);
}

#[test]
fn a_header_makes_it_a_csv_and_each_source_has_its_own() {
    let csv = "host,port,sni,connect\na.example,,,\nb.example,8443,-,192.0.2.1\nc.example,1,d.example,[::1]:2\n";
    let all = told(&items(list_of(&[b"x.example,y\n", csv.as_bytes(), b"z.example\n"], 0)));
    assert!(all[0].starts_with("list0:1: "), "{}", all[0]);
    let rest = [
        "a.example:443",
        "b.example:8443 as nobody at 192.0.2.1 8443",
        "c.example:1 as d.example at ::1 2",
        "z.example:443",
    ];
    assert_eq!(all[1..], rest);
}

#[test]
fn words_have_no_header() {
    let words = ["host", "a.example"].map(str::to_owned);
    let list = List::new(vec![Source::words("the command line", &words)], reading(0));
    assert_eq!(told(&items(list)), ["host:443", "a.example:443"]);
}

#[test]
fn a_bad_line_is_named_and_the_next_one_read() {
    let long = "x".repeat(5000);
    let text = format!("a.example:70000\nb.example\n{long}\n10.0.0.0/33\n::/8\nc.example\n");
    let all = read(&text);
    assert_eq!(all.len(), 6);
    assert!(all[0].starts_with("list0:1: ") && all[0].contains("\"70000\" is not a port"), "{all:?}");
    assert!(all[2].starts_with("list0:3: it has more than 4096 bytes"), "{all:?}");
    assert!(all[3].contains("from 0 to 32") && all[4].contains("more than 2^40"), "{all:?}");
    assert_eq!((all[1].as_str(), all[5].as_str()), ("b.example:443", "c.example:443"));
    let not_text = told(&items(list_of(&[b"a\xff.example\n\x00\x1b[2J\nok.example"], 0)));
    assert!(not_text[0].ends_with("it is not UTF-8"), "{not_text:?}");
    assert!(!not_text[1].contains('\x1b'), "{not_text:?}");
    assert_eq!(not_text[2], "ok.example:443");
}

#[test]
fn the_columns_of_a_csv_are_judged_too() {
    let all =
        read("target,port,sni,connect\na.example,0,,\nb.example,,192.0.2.1,\nc.example,,,a b\n10.0.0.0/30,1,,\n,,,\n");
    for (line, why) in ["not a port", "no name", "ADDRESS:PORT", "have to be empty", "names no host"].iter().enumerate()
    {
        assert!(all[line].contains(why), "{all:?}");
    }
}

#[test]
fn blocks_that_follow_each_other_are_one_field_in_a_random_order() {
    let text = "first.example\n192.0.2.0/28\n# comment\n198.51.100.0/28\nlast.example\n";
    let all = read(text);
    assert_eq!((all.len(), all[0].as_str(), all[33].as_str()), (34, "first.example:443", "last.example:443"));
    let block = |number: usize| all[number].starts_with("192.0.2.");
    assert!((1..32).filter(|number| block(*number) != block(number + 1)).count() > 4, "{all:?}");
    let mut sorted = all[1..33].to_vec();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), 32);
    assert_eq!(read(text), all);
    assert_ne!(told(&items(list_of(&[text.as_bytes()], 1))), all);
}

#[test]
fn a_field_is_skipped_without_drawing_from_it() {
    let text = b"10.0.0.0/8\na.example\n";
    let mut list = list_of(&[text], 5);
    list.next().unwrap();
    list.skip_to(16_777_215);
    let last: Vec<String> = told(&items(list));
    assert_eq!(last.len(), 2);
    assert_eq!(last[1], "a.example:443");
    assert_eq!(list_of(&[text], 5).count().unwrap(), 16_777_217);
}

#[test]
fn a_mark_knows_the_lines_up_to_its_target_and_none_behind() {
    let marks = |text: &str| -> Vec<Mark> {
        let marks = items(list_of(&[text.as_bytes()], 0));
        marks.iter().filter_map(|item| if let Item::Entry(entry) = item { Some(entry.mark) } else { None }).collect()
    };
    let (short, longer) = (marks("a.example\n10.0.0.0/31\n"), marks("a.example\n10.0.0.0/31\n\nb.example\n"));
    assert_eq!(short[..], longer[..3]);
    assert_ne!(marks("a.example\nb.example\n")[1], marks("c.example\nb.example\n")[1]);
}
