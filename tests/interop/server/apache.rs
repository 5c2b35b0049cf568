//! Apache, as one process with all its files in the test's folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program;

/// What every configuration loads.
const MODULES: [&str; 6] = ["mpm_event", "authz_core", "ssl", "socache_shmcb", "alias", "asis"];

/// The command for a configuration with these lines besides what every one has. `FOLDER` stands in them for the server's
/// folder, whose `pages` are served; these files are put there, by path and contents.
pub(super) fn command(lines: &str, files: &[(&str, &str)], port: u16, folder: &Path) -> Command {
    for (path, contents) in files {
        let file = folder.join("pages").join(path);
        fs::create_dir_all(file.parent().expect("it is in a folder")).expect("the folder is writable");
        fs::write(file, contents).expect("the folder is writable");
    }
    let modules = MODULES.map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
    let configuration = format!(
        "ServerRoot FOLDER\nServerName apache.test\nPidFile FOLDER/pid\nErrorLog FOLDER/error.log\n\
         DefaultRuntimeDir FOLDER\nListen 127.0.0.1:{port}\n{}DocumentRoot FOLDER/pages\n\
         <Directory FOLDER>\nRequire all granted\n</Directory>\nUser nobody\nGroup nogroup\n{lines}\n",
        modules.concat()
    );
    let file = folder.join("apache.conf");
    fs::create_dir_all(folder.join("pages")).expect("the folder is writable");
    fs::write(&file, configuration.replace("FOLDER", &folder.display().to_string())).expect("the folder is writable");
    let mut command = program::command("apache2");
    command.arg("-X").arg("-f").arg(file);
    command
}
