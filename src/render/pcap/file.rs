//! The file itself: pcapng (draft-ietf-opsawg-pcapng), little-endian, one interface whose packets begin with their IP
//! header.

use std::time::Duration;

/// A capture in the making.
pub(super) struct Capture(Vec<u8>);

const SECTION_HEADER: u32 = 0x0A0D_0D0A;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;

const BYTE_ORDER_MAGIC: u32 = 0x1A2B_3C4D;
/// The length of a section that nobody knows yet.
const UNSPECIFIED: u64 = u64::MAX;
/// `LINKTYPE_RAW`: IPv4 or IPv6, by its first four bits.
const LINKTYPE_RAW: u16 = 101;

const OPT_END: u16 = 0;
const OPT_COMMENT: u16 = 1;
const SHB_USERAPPL: u16 = 4;

/// What the reader of a capture has to know.
const ABOUT: &str = "The payloads are the bytes of tlsprobe's connections. TCP and IP headers, ports and segments are \
                     reconstructed; the conversation with a proxy before its tunnel is left out.";

impl Capture {
    /// A file without packets.
    pub(super) fn begin(version: &str) -> Self {
        let mut capture = Self(Vec::new());
        let mut section = Vec::new();
        section.extend(BYTE_ORDER_MAGIC.to_le_bytes());
        section.extend(1_u16.to_le_bytes());
        section.extend(0_u16.to_le_bytes());
        section.extend(UNSPECIFIED.to_le_bytes());
        let application = format!("tlsprobe {version}");
        section.extend(options(&[(OPT_COMMENT, ABOUT), (SHB_USERAPPL, &application)]));
        capture.block(SECTION_HEADER, &section);

        let mut interface = Vec::new();
        interface.extend(LINKTYPE_RAW.to_le_bytes());
        interface.extend(0_u16.to_le_bytes());
        // No limit to what is kept of a packet. Times are in microseconds unless an option says otherwise.
        interface.extend(0_u32.to_le_bytes());
        capture.block(INTERFACE_DESCRIPTION, &interface);
        capture
    }

    /// Adds a packet.
    pub(super) fn packet(&mut self, at: Duration, bytes: &[u8], comment: Option<&str>) {
        let microseconds = u64::try_from(at.as_micros()).unwrap_or(u64::MAX);
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
        let mut packet = Vec::new();
        packet.extend(0_u32.to_le_bytes());
        packet.extend(u32::try_from(microseconds >> 32).unwrap_or(u32::MAX).to_le_bytes());
        packet.extend(u32::try_from(microseconds & 0xffff_ffff).unwrap_or(u32::MAX).to_le_bytes());
        packet.extend(length.into_iter().chain(length));
        packet.extend(padded(bytes));
        packet.extend(comment.map(|comment| options(&[(OPT_COMMENT, comment)])).unwrap_or_default());
        self.block(ENHANCED_PACKET, &packet);
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// A block says its length at both ends.
    fn block(&mut self, kind: u32, body: &[u8]) {
        let length = u32::try_from(body.len() + 12).unwrap_or(u32::MAX).to_le_bytes();
        self.0.extend(kind.to_le_bytes().into_iter().chain(length));
        self.0.extend(body);
        self.0.extend(length);
    }
}

fn options(all: &[(u16, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (code, text) in all {
        let length = text.floor_char_boundary(usize::from(u16::MAX));
        let text = text.get(..length).unwrap_or_default();
        out.extend(code.to_le_bytes());
        out.extend(u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes());
        out.extend(padded(text.as_bytes()));
    }
    out.extend(OPT_END.to_le_bytes().into_iter().chain([0, 0]));
    out
}

/// With zeros up to the next multiple of four.
fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(4), 0);
    padded
}
