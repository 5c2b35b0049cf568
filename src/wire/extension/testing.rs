//! What every extension promises, as checks that its tests call with one body.

use super::{Context, Extension};
use crate::registry::ExtensionType;
use crate::wire::{DecodeError, Reader, Writer, testing};

/// In that message `body` is read as `extension`, and `extension` is written as `body`.
pub(super) fn reads_and_writes(context: Context, body: &[u8], extension: &Extension) {
    assert_eq!(read(extension.extension_type(), context, body).as_ref(), Ok(extension), "{}", hex::encode(body));
    assert_eq!(hex::encode(write(extension)), hex::encode(body), "writing {extension:?}");
}

/// In that message no proper prefix of `body` is accepted, nor is `body` with one byte more.
pub(super) fn rejects_every_truncation(extension_type: ExtensionType, context: Context, body: &[u8]) {
    testing::rejects_every_truncation_with(body, |body| read_body(extension_type, context, body));
}

/// In that message no body makes reading panic, and what is accepted is written as it was.
pub(super) fn never_panics(extension_type: ExtensionType, context: Context, body: &[u8]) {
    testing::never_panics_with(body, |body| {
        read(extension_type, context, body).ok().map(|extension| write(&extension))
    });
}

/// What is wrong with that body in that message.
pub(super) fn error_of(extension_type: ExtensionType, context: Context, body: &[u8]) -> DecodeError {
    read_body(extension_type, context, body).expect_err("must be rejected")
}

/// The extension with that body as [`Extension::decode`] reads it.
pub(super) fn read(extension_type: ExtensionType, context: Context, body: &[u8]) -> Result<Extension, DecodeError> {
    let whole = Extension::Other(extension_type, body.to_vec());
    let mut out = Writer::new();
    whole.encode(&mut out);
    Extension::decode(context, &mut Reader::new(&out.into_bytes()))
}

/// The same, with offsets that count from the beginning of the body.
fn read_body(extension_type: ExtensionType, context: Context, body: &[u8]) -> Result<Extension, DecodeError> {
    let mut input = Reader::new(body);
    let extension = Extension::decode_body(extension_type, context, &mut input)?;
    input.end()?;
    Ok(extension.expect("the type has a form in this message"))
}

fn write(extension: &Extension) -> Vec<u8> {
    let mut out = Writer::new();
    extension.encode_body(&mut out);
    out.into_bytes()
}
