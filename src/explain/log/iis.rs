//! A log of IIS in the W3C extended format: columns as its `#Fields:` line names them, else the usual ones.

use super::head::Time;

/// The columns, as the file said last.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// Lower case, in their order; empty until a line names them.
    names: Vec<String>,
}

/// What matters of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    pub(super) time: Option<Time>,
    pub(super) path: &'a str,
    pub(super) status: u16,
    pub(super) sub_status: Option<u16>,
    /// `sc-win32-status`, as an HRESULT or a Win32 error.
    pub(super) win32_status: Option<u32>,
}

/// IIS has no more columns.
const MAX_FIELDS: usize = 64;

/// Columns from the method on, where no line names them: IIS's own choice since version 7.
const FROM_METHOD: [(&str, usize); 4] =
    [("cs-uri-stem", 1), ("sc-status", 8), ("sc-substatus", 9), ("sc-win32-status", 10)];

const METHODS: [&str; 6] = ["GET", "POST", "HEAD", "PUT", "BITS_POST", "CCM_POST"];

impl Fields {
    /// Reads a line that is about the log itself; whether it was one.
    pub(super) fn directive(&mut self, line: &str) -> bool {
        if let Some(names) = line.strip_prefix("#Fields:") {
            self.names = names.split_whitespace().take(MAX_FIELDS).map(str::to_ascii_lowercase).collect();
            return true;
        }
        ["#Software:", "#Version:", "#Date:"].iter().any(|directive| line.starts_with(directive))
    }

    /// The request that a line tells of.
    pub(super) fn request<'a>(&self, line: &'a str) -> Option<Request<'a>> {
        if self.names.is_empty() && !METHODS.iter().any(|method| line.contains(method)) {
            return None;
        }
        let cells: Vec<&str> = line.split_whitespace().take(MAX_FIELDS).collect();
        if self.names.is_empty() {
            return Self::unnamed(&cells);
        }
        let cell = |name: &str| {
            let place = self.names.iter().position(|known| known == name)?;
            cells.get(place).copied()
        };
        let time = match (cell("date"), cell("time")) {
            (Some(date), Some(time)) => Some(Time { text: format!("{date} {time} UTC"), sorts: true }),
            _ => None,
        };
        (cells.len() == self.names.len()).then(|| request(cell, time))?
    }

    fn unnamed<'a>(cells: &[&'a str]) -> Option<Request<'a>> {
        let method = cells.iter().position(|cell| METHODS.contains(cell))?;
        let cell = |name: &str| {
            let (_, place) = FROM_METHOD.iter().find(|(known, _)| *known == name)?;
            cells.get(method + place).copied()
        };
        request(cell, None).filter(|request| request.path.starts_with('/') && request.sub_status.is_some())
    }
}

fn request<'a>(cell: impl Fn(&str) -> Option<&'a str>, time: Option<Time>) -> Option<Request<'a>> {
    Some(Request {
        time,
        path: cell("cs-uri-stem")?,
        status: cell("sc-status")?.parse().ok().filter(|status| (100..600).contains(status))?,
        sub_status: cell("sc-substatus").and_then(|cell| cell.parse().ok()),
        win32_status: cell("sc-win32-status").and_then(|cell| cell.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_those_that_the_file_names() {
        let mut fields = Fields::default();
        assert!(fields.directive("#Software: Microsoft Internet Information Services 10.0"));
        assert!(fields.directive("#Fields: date time sc-status sc-substatus cs-uri-stem sc-win32-status"));
        let request = fields.request("2020-08-11 05:02:11 403 7 /SMS_MP/.sms_aut 2148081675").unwrap();
        assert_eq!(request.time.unwrap().text, "2020-08-11 05:02:11 UTC");
        assert_eq!((request.path, request.status, request.sub_status), ("/SMS_MP/.sms_aut", 403, Some(7)));
        assert_eq!(request.win32_status, Some(2_148_081_675));
        assert_eq!(fields.request("2020-08-11 05:02:11 403 7"), None);
    }

    #[test]
    fn a_line_alone_has_the_usual_columns() {
        let line = "<Date><Time> <IP_address_of_MP> GET /SMS_MP/.sms_aut SITESIGNCERT 443 - <IP> SMS+CCM+5.0 - 403 7 0 \
                    5573 11";
        let request = Fields::default().request(line).unwrap();
        assert_eq!((request.path, request.status, request.sub_status), ("/SMS_MP/.sms_aut", 403, Some(7)));
        for line in ["GET / HTTP/1.1", "to GET a b c d e f g h i j k", "", "POST"] {
            assert_eq!(Fields::default().request(line), None, "{line}");
        }
    }
}
