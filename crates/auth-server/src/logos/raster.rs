//! What may be shown as a logo: pixels of a known kind and of a bounded size, told by their own first octets. What a
//! server calls them does not count, and nothing that could hold a script or a link is among them.

use actix_web::web::Bytes;

/// A picture that may be shown.
#[derive(Debug)]
pub(super) struct Raster {
    /// Its media type, as its octets say.
    pub(super) media: &'static str,
    pub(super) octets: Bytes,
}

impl Raster {
    /// Takes a PNG, a JPEG or a WebP of at most [`SIDE`] pixels each way; nothing else is one.
    pub(super) fn read(octets: Bytes) -> Option<Self> {
        let kinds: [(&str, Measure); 3] =
            [("image/png", png), ("image/jpeg", jpeg), ("image/webp", webp)];
        let measured = |(media, size): &(&'static str, Measure)| Some((*media, size(&octets)?));
        let (media, size) = kinds.iter().find_map(measured)?;
        let fits = size.into_iter().all(|side| (1..=SIDE).contains(&side));
        fits.then_some(Self { media, octets })
    }
}

/// Width and height, if the octets are of that kind.
type Measure = fn(&[u8]) -> Option<[u32; 2]>;

/// PNG §5.2, §11.2.1: a signature, and a first chunk that says the size.
fn png(octets: &[u8]) -> Option<[u32; 2]> {
    let rest = octets.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?;
    Some([u32::from_be_bytes(at(rest, 0)?), u32::from_be_bytes(at(rest, 4)?)])
}

/// ITU-T T.81 §B.1.1, §B.2.2: segments until the one that begins a frame.
fn jpeg(octets: &[u8]) -> Option<[u32; 2]> {
    let mut rest = octets.strip_prefix(b"\xff\xd8")?;
    loop {
        let [mark, kind] = at(rest, 0)?;
        let length = usize::from(u16::from_be_bytes(at(rest, 2)?));
        // Those between that begin no frame: tables of Huffman codes, and of arithmetic coding.
        let frame = matches!(kind, 0xc0..=0xcf) && !matches!(kind, 0xc4 | 0xc8 | 0xcc);
        match (mark, kind) {
            (0xff, _) if frame => {
                let (height, width) = (at(rest, 5)?, at(rest, 7)?);
                return Some([width, height].map(|side| u16::from_be_bytes(side).into()));
            }
            // The picture itself, before it has said its size.
            (0xff, 0xda) => return None,
            (0xff, 0xc0..=0xfe) if length >= 2 => rest = rest.get(length.checked_add(2)?..)?,
            (_, _) => return None,
        }
    }
}

/// RFC 9649 §2.4 to §2.7.
fn webp(octets: &[u8]) -> Option<[u32; 2]> {
    let form = octets.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WEBP")?;
    let (kind, data) = (at::<4>(form, 0)?, form.get(8..)?);
    let short = |place| Some(u32::from(u16::from_le_bytes(at(data, place)?) & 0x3fff));
    let long = |place| at(data, place).map(|[a, b, c]: [u8; 3]| u32::from_le_bytes([a, b, c, 0]));
    match &kind {
        b"VP8 " if at(data, 3)? == *b"\x9d\x01\x2a" => Some([short(6)?, short(8)?]),
        b"VP8L" if at(data, 0)? == *b"\x2f" => {
            let bits = u32::from_le_bytes(at(data, 1)?);
            Some([(bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1])
        }
        // One that moves is no logo.
        b"VP8X" if at::<1>(data, 0)?[0] & 0b10 == 0 => Some([long(4)? + 1, long(7)? + 1]),
        _ => None,
    }
}

/// So many octets from a place on.
fn at<const N: usize>(octets: &[u8], place: usize) -> Option<[u8; N]> {
    octets.get(place..)?.first_chunk().copied()
}

/// The longest side, in pixels: what a browser must be able to unpack is bounded by it.
const SIDE: u32 = 1024;

/// What is asked for.
pub(super) const ACCEPT: &str = "image/png, image/jpeg, image/webp";

/// For the log.
pub(super) const EXPECTED: &str =
    "a logo must be a PNG, JPEG or WebP of at most 1024 by 1024 pixels";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(octets: &[u8]) -> Option<&'static str> {
        Raster::read(Bytes::copy_from_slice(octets)).map(|raster| raster.media)
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
        [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], &sides, b"\x08\x06\0\0\0"].concat()
    }

    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let sides = [height.to_be_bytes(), width.to_be_bytes()].concat();
        let tables = b"\xff\xe0\0\x04JF\xff\xc4\0\x03x";
        [b"\xff\xd8", &tables[..], b"\xff\xc2\0\x11\x08", &sides].concat()
    }

    #[test]
    fn kind_and_size_are_read_from_the_octets() {
        assert_eq!(read(&png(64, 1024)), Some("image/png"));
        assert_eq!(read(&jpeg(300, 200)), Some("image/jpeg"));
        let lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x40\0\x40\0";
        let lossless = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x3f\xc0\x0f\0";
        let extended = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\0\0\x3f\0\0";
        for webp in [&lossy[..], lossless, extended] {
            assert_eq!(read(webp), Some("image/webp"), "{webp:?}");
        }
    }

    #[test]
    fn x1_what_is_no_raster_is_no_logo_whatever_it_is_called() {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let moving = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x3f\0\0\x3f\0\0";
        for other in [&svg[..], b"<!doctype html>", b"GIF89a\x01\0\x01\0", b"", b"\x89PNG", moving]
        {
            assert_eq!(read(other), None, "{other:?}");
        }
    }

    #[test]
    fn z1_a_picture_too_large_to_unpack_is_refused() {
        for (width, height) in [(1025, 1), (1, 1025), (u32::MAX, u32::MAX), (0, 5)] {
            assert_eq!(read(&png(width, height)), None, "{width} {height}");
        }
        assert_eq!(read(&jpeg(2000, 10)), None);
    }

    #[test]
    fn octets_that_end_early_are_refused_and_nothing_breaks() {
        for whole in [png(64, 64), jpeg(64, 64)] {
            for end in 0..whole.len() - 5 {
                assert_eq!(read(&whole[..end]), None, "{end}");
            }
        }
        assert_eq!(read(b"\xff\xd8\xff\xe0\xff\xff"), None);
        assert_eq!(read(b"\xff\xd8\xff\xe0\0\0\xff\xe0\0\0"), None, "a segment without a length");
    }
}
