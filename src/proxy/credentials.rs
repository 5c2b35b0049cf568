//! A user name and a password: readable to who speaks to the proxy, and to nobody else.

use std::fmt;

use zeroize::Zeroizing;

/// What a proxy, or an FTP server, knows its user by.
///
/// There is no `Display` and no `Serialize`, and `Debug` shows neither part. The memory is overwritten when it is given
/// back.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: Zeroizing<String>,
    password: Zeroizing<String>,
}

impl Credentials {
    /// A user name, as `user`, `DOMAIN\user` or `user@domain`, and the password to it.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: Zeroizing::new(user.into()), password: Zeroizing::new(password.into()) }
    }

    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(not shown)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_user_nor_password() {
        assert_eq!(format!("{:?}", Credentials::new("bobby", "hunter2")), "Credentials(not shown)");
    }
}
