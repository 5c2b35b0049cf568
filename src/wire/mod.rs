//! Messages and bytes.
