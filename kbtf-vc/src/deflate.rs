//! Packing: DEFLATE (RFC 1951) by miniz_oxide, in the wrappings of zlib (RFC 1950) and gzip (RFC 1952). Unpacking is
//! bounded before memory is spent, and takes one stream that ends where the input ends.

use alloc::vec::Vec;

use miniz_oxide::{
    deflate::{compress_to_vec, compress_to_vec_zlib},
    inflate::{
        TINFLStatus,
        core::{DecompressorOxide, decompress, inflate_flags},
    },
};

/// As small as it gets: lists are packed once and fetched often.
const LEVEL: u8 = 9;

pub(crate) fn deflate_zlib(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec_zlib(bytes, LEVEL)
}

pub(crate) fn inflate_zlib(bytes: &[u8], at_most: usize) -> Option<Vec<u8>> {
    inflate(
        bytes,
        at_most,
        inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER | inflate_flags::TINFL_FLAG_COMPUTE_ADLER32,
    )
}

/// A whole stream, into memory that grows with what comes out of it.
fn inflate(bytes: &[u8], at_most: usize, flags: u32) -> Option<Vec<u8>> {
    let flags = flags | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut state = DecompressorOxide::new();
    let mut out = alloc::vec![0; bytes.len().saturating_mul(4).max(64).min(at_most)];
    let (mut read, mut written) = (0, 0);
    loop {
        let input = bytes.get(read..)?;
        let (status, took, gave) = decompress(&mut state, input, &mut out, written, flags);
        read += took;
        written += gave;
        match status {
            TINFLStatus::Done => break,
            TINFLStatus::HasMoreOutput if out.len() < at_most => {
                out.resize(out.len().saturating_mul(2).min(at_most), 0);
            }
            _ => return None,
        }
    }
    if read != bytes.len() || written > at_most {
        return None;
    }
    out.truncate(written);
    Some(out)
}

/// A gzip member without name or time, so that one list has one text.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = alloc::vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff];
    out.extend(compress_to_vec(bytes, LEVEL));
    out.extend(crc32(bytes).to_le_bytes());
    // The length modulo 2^32, as RFC 1952 has it.
    let length = u32::try_from(bytes.len() & 0xffff_ffff).unwrap_or_default();
    out.extend(length.to_le_bytes());
    out
}

/// Reads one gzip member; optional fields of its header are skipped, reserved ones refused.
pub(crate) fn gunzip(bytes: &[u8], at_most: usize) -> Option<Vec<u8>> {
    let [0x1f, 0x8b, 8, flags, _, _, _, _, _, _, rest @ ..] = bytes else {
        return None;
    };
    let mut rest = rest;
    if flags & 0xe0 != 0 {
        return None;
    }
    if flags & 4 != 0 {
        let (length, tail) = rest.split_first_chunk::<2>()?;
        rest = tail.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|b| *b == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    let (packed, trailer) = rest.split_last_chunk::<8>()?;
    let (crc, length) = trailer.split_first_chunk::<4>()?;
    let out = inflate(packed, at_most, 0)?;
    let same_length = u32::try_from(out.len()).is_ok_and(|l| l.to_le_bytes() == length);
    (same_length && crc32(&out).to_le_bytes() == *crc).then_some(out)
}

/// The checksum of gzip (RFC 1952 section 8), a table of sixteen at a time.
fn crc32(bytes: &[u8]) -> u32 {
    #[allow(clippy::indexing_slicing)]
    const TABLE: [u32; 16] = {
        let mut table = [0; 16];
        let mut i: u32 = 0;
        while i < 16 {
            let mut value = i;
            let mut bit = 0;
            while bit < 4 {
                value = if value & 1 == 1 {
                    0xedb8_8320 ^ (value >> 1)
                } else {
                    value >> 1
                };
                bit += 1;
            }
            let [low, ..] = i.to_le_bytes();
            table[low as usize] = value;
            i += 1;
        }
        table
    };
    let step = |crc: u32| {
        let [low, ..] = crc.to_le_bytes();
        let entry = TABLE.get(usize::from(low & 0xf)).copied();
        entry.unwrap_or_default() ^ (crc >> 4)
    };
    !bytes
        .iter()
        .fold(!0, |crc, byte| step(step(crc ^ u32::from(*byte))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn bounds_hold() {
        let zeros = alloc::vec![0_u8; 1 << 20];
        assert_eq!(gunzip(&gzip(&zeros), 1 << 20), Some(zeros.clone()));
        assert_eq!(gunzip(&gzip(&zeros), (1 << 20) - 1), None);
        assert_eq!(
            inflate_zlib(&deflate_zlib(&zeros), 1 << 20),
            Some(zeros.clone())
        );
        assert_eq!(inflate_zlib(&deflate_zlib(&zeros), (1 << 20) - 1), None);
        assert_eq!(inflate_zlib(&deflate_zlib(b""), 10), Some(Vec::new()));
    }

    #[test]
    fn nothing_follows_and_nothing_is_missing() {
        for text in [&b"status"[..], b"", &[7; 1000]] {
            let packed = [deflate_zlib(text), gzip(text)];
            let unpack = |i: usize, bytes: &[u8]| match i {
                0 => inflate_zlib(bytes, 2000),
                _ => gunzip(bytes, 2000),
            };
            for (i, packed) in packed.iter().enumerate() {
                assert_eq!(unpack(i, packed).as_deref(), Some(text));
                let mut longer = packed.clone();
                longer.push(0);
                assert_eq!(unpack(i, &longer), None);
                for end in 0..packed.len() {
                    assert_eq!(unpack(i, &packed[..end]), None, "{i} {end}");
                }
            }
        }
    }

    /// Optional fields of the header: extra, name, comment, header checksum.
    #[test]
    fn headers_with_fields() {
        let packed = gzip(b"status");
        let body = &packed[10..];
        let with = |flags: u8, fields: &[u8]| {
            [&[0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3], fields, body].concat()
        };
        for bytes in [
            with(8, b"name\0"),
            with(16, b"comment\0"),
            with(4, &[2, 0, 9, 9]),
            with(2, &[0, 0]),
            with(30, b"\x01\0xname\0comment\0cc"),
        ] {
            assert_eq!(gunzip(&bytes, 100).as_deref(), Some(&b"status"[..]));
        }
        assert_eq!(gunzip(&with(32, b""), 100), None);
        assert_eq!(gunzip(&with(8, b""), 100), None);
    }
}
