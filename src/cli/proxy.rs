//! From the proxy options and the environment to the choice of a proxy, and how to speak to it.

use std::collections::BTreeMap;
use std::path::Path;

use zeroize::Zeroizing;

use super::args::ProxyArgs;
use super::message::CliError;
use super::password_file;
use crate::proxy::{
    ConnectBy, Credentials, EnvironmentProxies, Proxy, ProxyChoice, ProxyOptions, RouteSource, WinHttpProxies,
};

/// The variables of an environment, by name.
pub type Variables = BTreeMap<String, String>;

/// Which targets go through which proxy. The options come first; without any, the environment is asked.
pub(super) fn choice(options: &ProxyArgs, variables: &Variables) -> Result<ProxyChoice, CliError> {
    if let Some(url) = &options.proxy {
        let proxy = Proxy::parse(&url.0).map_err(|error| CliError::new(error.to_string()).needed_for("--proxy"))?;
        return Ok(ProxyChoice::Always(proxy));
    }
    if let Some(setting) = &options.proxy_winhttp {
        let proxies = WinHttpProxies::parse(&setting.0)
            .map_err(|error| CliError::new(error.to_string()).needed_for("--proxy-winhttp"))?;
        return Ok(ProxyChoice::WinHttp(proxies, RouteSource::Option));
    }
    if options.direct {
        return Ok(ProxyChoice::Direct);
    }
    let proxies = EnvironmentProxies::from_variables(variables).map_err(|error| CliError::new(error.to_string()))?;
    Ok(proxies.map_or(ProxyChoice::Unset, ProxyChoice::Environment))
}

/// How to speak to a proxy. The password's file is read.
pub(super) fn options(options: ProxyArgs, choice: &ProxyChoice) -> Result<ProxyOptions, CliError> {
    let credentials = match (&options.proxy_user, &options.proxy_password_file) {
        (Some(user), Some(file)) => Some(Credentials::new(&*user.0, &*password(file, choice)?)),
        _ => None,
    };
    Ok(ProxyOptions {
        credentials,
        auth: options.proxy_auth,
        http: options.connect_http,
        by: if options.connect_by_ip { ConnectBy::Address } else { ConnectBy::Name },
        trust: options.proxy_trust.unwrap_or_default(),
        kdc: options.kdc,
    })
}

fn password(file: &Path, choice: &ProxyChoice) -> Result<Zeroizing<String>, CliError> {
    password_file::read(file).map_err(|error| {
        let purpose = match choice {
            ProxyChoice::Always(proxy) => format!("proxy {proxy} (from --proxy)"),
            _ => "--proxy-password-file".to_owned(),
        };
        error.needed_for(purpose).advise("make the file readable for this user, or --direct to go without the proxy")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Command, Invocation, Refusal, Settings, parse};
    use crate::proxy::{AuthChoice, AuthScheme, HttpVersion, ProxyTrust};

    fn parsed(line: &str, variables: &[(&str, &str)]) -> Result<Invocation, Refusal> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        parse(line.split_whitespace(), &variables)
    }

    fn settings(options: &str, variables: &[(&str, &str)]) -> Settings {
        match parsed(&format!("tlsprobe probe a.example {options}"), variables).unwrap().command {
            Command::Probe(run) => run.settings,
            other => panic!("{other:?}"),
        }
    }

    fn refused(options: &str, variables: &[(&str, &str)]) -> String {
        match parsed(&format!("tlsprobe probe a.example {options}"), variables) {
            Err(Refusal::Usage(error)) => error.to_string(),
            Err(Refusal::Run(error)) => error.to_string(),
            Ok(invocation) => panic!("{invocation:?}"),
        }
    }

    fn chosen(options: &str, variables: &[(&str, &str)]) -> Option<String> {
        let choice = settings(options, variables).proxy;
        choice.proxy_for(&"a.example".parse().unwrap(), 443).map(ToString::to_string)
    }

    const ENVIRONMENT: [(&str, &str); 1] = [("HTTPS_PROXY", "http://bobby:hunter2@env:3128")];

    #[test]
    fn an_option_comes_before_the_environment() {
        assert_eq!(chosen("", &ENVIRONMENT).as_deref(), Some("http://env:3128"));
        assert_eq!(chosen("--proxy https://option:1", &ENVIRONMENT).as_deref(), Some("https://option:1"));
        assert_eq!(chosen("--proxy-winhttp http=a:80;https=b:8080", &ENVIRONMENT).as_deref(), Some("http://b:8080"));
        assert_eq!(chosen("--direct", &ENVIRONMENT), None);
        assert_eq!(settings("", &[]).proxy, ProxyChoice::Unset);
    }

    #[test]
    fn every_option_reaches_the_settings() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("proxy.pw");
        std::fs::write(&file, "hunter2\n").unwrap();
        let line = format!(
            "--proxy http://other:word@a:1 --proxy-auth digest --proxy-user CORP\\bobby --proxy-password-file {} \
             --proxy-trust insecure --connect-http 1.0 --connect-by-ip --kdc kdc:1088",
            file.display()
        );
        let expected = ProxyOptions {
            credentials: Some(Credentials::new("CORP\\bobby", "hunter2")),
            auth: AuthChoice::Only(AuthScheme::Digest),
            http: HttpVersion::Http10,
            by: ConnectBy::Address,
            trust: ProxyTrust::Anyone,
            kdc: Some("kdc:1088".parse().unwrap()),
        };
        assert_eq!(settings(&line, &[]).proxy_options, expected);
        assert_eq!(settings("", &[]).proxy_options, ProxyOptions::default());
    }

    #[test]
    fn a_password_file_that_cant_be_read_says_what_it_was_needed_for() {
        let text = refused("--proxy http://a:1 --proxy-user bobby --proxy-password-file nonexistent/proxy.pw", &[]);
        assert_eq!(
            text,
            "cannot read password file nonexistent/proxy.pw: no such file or directory\n  needed for: proxy \
             http://a:1 (from --proxy)\n  try: make the file readable for this user, or --direct to go without the \
             proxy"
        );
    }

    #[test]
    fn no_message_and_no_debug_form_repeats_credentials() {
        for options in [
            "--proxy ftp://bobby:hunter2@a:1",
            "--proxy http://bobby:hunter2",
            "--proxy http://bobby:hunter2@a:1 --direct",
            "--proxy-winhttp bobby:hunter2@a:x",
            "--proxy-user bobby:hunter2",
        ] {
            let text = refused(options, &[]);
            assert!(!text.contains("bobby") && !text.contains("hunter2"), "{text}");
        }
        let text = refused("", &[("ALL_PROXY", "http://bobby:hunter2")]);
        assert!(text.contains("ALL_PROXY") && !text.contains("hunter2"), "{text}");
        let invocation = parsed("tlsprobe check sws --proxy http://bobby:hunter2@a:1", &ENVIRONMENT).unwrap();
        let debug = format!("{invocation:?}");
        assert!(!debug.contains("bobby") && !debug.contains("hunter2"), "{debug}");
    }
}
