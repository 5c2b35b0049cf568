//! Who we are to an FTP server.

use std::path::PathBuf;

use clap::Args;

use super::proxy::{Unshown, unshown};

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "FTP")]
pub(in crate::cli) struct FtpArgs {
    /// Who we are to the FTP server [without it: anonymous]
    #[arg(long, value_name = "NAME", value_parser = unshown, requires = "ftp_password_file")]
    pub(in crate::cli) ftp_user: Option<Unshown>,
    /// The password to it: the first line of this file; no report has it
    #[arg(long, value_name = "FILE", requires = "ftp_user")]
    pub(in crate::cli) ftp_password_file: Option<PathBuf>,
}
