//! Signature headers: whose key signed, and the making of a signed file out of an unsigned one.
//!
//! It tells what a signature claims; it does not verify it.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use md5::{Digest, Md5};

use super::header::{LEAD_BYTES, RawHeader, section_bytes};
use crate::{Error, Result};

/// Where signatures are kept, in the order in which Koji looks: GPG, PGP, DSA, RSA.
const SIGNATURES: [u32; 4] = [1005, 1002, 267, 268];
const SIGMD5: u32 = 1004;
const SIGNATURE_PACKET: u8 = 2;
const ISSUER: u8 = 16;
const ISSUER_FINGERPRINT: u8 = 33;

/// The MD5 sum of header and payload in hexadecimal, as the signature header gives it.
pub fn sigmd5(signature: &RawHeader) -> Option<String> {
    signature.binary(SIGMD5).map(hex)
}

/// MD5 sum of a signature header in hexadecimal, which Koji keeps as `sighash`.
pub fn sighash(sighdr: &[u8]) -> String {
    hex(&Md5::digest(sighdr))
}

/// The last eight digits of the key's id, or `None` when there is no signature.
///
/// # Errors
/// When the signature is no OpenPGP signature of version 3 or 4, or does not name one key.
pub fn key_id(signature: &RawHeader) -> Result<Option<String>> {
    let packet =
        SIGNATURES.into_iter().find_map(|tag| signature.binary(tag).filter(|bytes| !bytes.is_empty()));
    packet.map(packet_key_id).transpose()
}

/// The key id of one OpenPGP signature packet.
fn packet_key_id(packet: &[u8]) -> Result<String> {
    let malformed = || Error::generic("Invalid OpenPGP packet length");
    let body = packet_body(packet)?;
    match body.first() {
        Some(3) => body.get(11..15).map(hex).ok_or_else(malformed),
        Some(4) => {
            let (hashed, rest) = area(body.get(4..).unwrap_or_default()).ok_or_else(malformed)?;
            let (unhashed, _) = area(rest).ok_or_else(malformed)?;
            let mut subpackets = subpackets(hashed).ok_or_else(malformed)?;
            subpackets.extend(self::subpackets(unhashed).ok_or_else(malformed)?);
            issuer(&subpackets)
        }
        version => Err(Error::generic(format!("Unknown PGP signature packet version {version:?}"))),
    }
}

/// The issuer of a signature. Some tools leave the key id out and name the fingerprint only, which ends in it.
fn issuer(subpackets: &[(u8, &[u8])]) -> Result<String> {
    let of = |wanted| subpackets.iter().filter(move |(kind, _)| *kind == wanted).map(|(_, body)| *body);
    let mut ids: Vec<&[u8]> = of(ISSUER).collect();
    if ids.is_empty() {
        ids = of(ISSUER_FINGERPRINT).filter(|body| body.len() == 21).collect();
    }
    match ids[..] {
        [id] if id.len() >= 4 => Ok(hex(&id[id.len() - 4..])),
        _ => Err(Error::generic(format!("Unexpected number of key IDs: {}", ids.len()))),
    }
}

/// The body of a signature packet that fills the bytes to their end.
fn packet_body(packet: &[u8]) -> Result<&[u8]> {
    let malformed = || Error::generic("Invalid OpenPGP packet length");
    let (first, rest) = packet.split_first().ok_or_else(malformed)?;
    if first & 0x80 == 0 {
        return Err(Error::generic("Not an OpenPGP packet"));
    }
    let (kind, length, body) = if first & 0x40 != 0 {
        let (length, body) = new_length(rest).ok_or_else(malformed)?;
        (first & 0x3f, length, body)
    } else {
        let kind = (first & 0x3c) >> 2;
        match first & 3 {
            3 => (kind, rest.len(), rest),
            size => {
                let (length, body) = rest.split_at_checked(1 << size).ok_or_else(malformed)?;
                (kind, number(length), body)
            }
        }
    };
    if kind != SIGNATURE_PACKET {
        return Err(Error::generic("Not a signature packet"));
    }
    if body.len() == length { Ok(body) } else { Err(malformed()) }
}

/// A length of one, two or five bytes, and what follows it.
fn new_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let first = usize::from(*bytes.first()?);
    match first {
        0..192 => Some((first, &bytes[1..])),
        192..255 => Some((((first - 192) << 8) + usize::from(*bytes.get(1)?) + 192, &bytes[2..])),
        _ => Some((number(bytes.get(1..5)?), &bytes[5..])),
    }
}

/// An area of subpackets, which opens with its length in two bytes, and what follows it.
fn area(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    bytes.get(2..)?.split_at_checked(number(&bytes[..2]))
}

fn subpackets(mut area: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut found = Vec::new();
    while !area.is_empty() {
        let (length, rest) = new_length(area)?;
        let (subpacket, rest) = rest.split_at_checked(length)?;
        let (kind, body) = subpacket.split_first()?;
        found.push((*kind, body));
        area = rest;
    }
    Some(found)
}

/// Writes `unsigned` to `dest` with another signature header in place of its own.
///
/// The bytes are streamed to a temporary file beside `dest`, which takes the place of `dest` when it is whole;
/// it has the permissions of `unsigned`. The directory is made when it is missing.
pub fn splice(unsigned: &Path, sighdr: &[u8], dest: &Path) -> Result<()> {
    RawHeader::parse(sighdr.to_vec())?;
    let dir = dest.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).map_err(|source| Error::io(dir, source))?;
    let mut source = File::open(unsigned).map_err(|source| Error::io(unsigned, source))?;
    let temporary = tempfile::NamedTempFile::new_in(dir).map_err(|source| Error::io(dir, source))?;
    write_spliced(&mut source, sighdr, &mut BufWriter::new(temporary.as_file()))
        .map_err(|source| Error::generic(format!("{}: {source}", unsigned.display())).caused_by(source))?;
    let permissions = source.metadata().map_err(|source| Error::io(unsigned, source))?.permissions();
    temporary.as_file().set_permissions(permissions).map_err(|source| Error::io(dest, source))?;
    temporary.persist(dest).map_err(|failed| Error::io(dest, failed.error))?;
    Ok(())
}

/// Writes to `dest` what [`splice`] would make a file of.
pub fn splice_to(unsigned: &Path, sighdr: &[u8], dest: &mut impl Write) -> Result<()> {
    RawHeader::parse(sighdr.to_vec())?;
    let mut source = File::open(unsigned).map_err(|source| Error::io(unsigned, source))?;
    write_spliced(&mut source, sighdr, dest)
        .map_err(|source| Error::generic(format!("{}: {source}", unsigned.display())).caused_by(source))
}

/// The lead of `source`, the given signature header, then the rest of `source` behind its own.
fn write_spliced(source: &mut File, sighdr: &[u8], dest: &mut impl Write) -> Result<()> {
    io::copy(&mut source.take(LEAD_BYTES), dest)?;
    dest.write_all(sighdr)?;
    let mut intro = [0; 16];
    source.read_exact(&mut intro)?;
    let own = section_bytes(&intro)?.next_multiple_of(8);
    source.seek(SeekFrom::Start(LEAD_BYTES + own as u64))?;
    io::copy(source, dest)?;
    dest.flush()?;
    Ok(())
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A signature of version 4 with these subpackets in its unhashed area.
    fn version4(subpackets: &[u8]) -> Vec<u8> {
        let mut body = vec![4, 0, 1, 8, 0, 6, 5, 2, 0, 0, 0, 0];
        body.extend((subpackets.len() as u16).to_be_bytes());
        body.extend(subpackets);
        body.extend(b"the rest");
        body
    }

    fn packet(first: &[u8], body: &[u8]) -> Vec<u8> {
        [first, &[body.len() as u8], body].concat()
    }

    #[test]
    fn keys_of_signatures() {
        let issuer = [9, ISSUER, 1, 2, 3, 4, 0xde, 0xad, 0xbe, 0xef];
        let body = version4(&issuer);
        assert_eq!(packet_key_id(&packet(&[0xc2], &body)).unwrap(), "deadbeef");
        assert_eq!(packet_key_id(&packet(&[0x88], &body)).unwrap(), "deadbeef");
        assert_eq!(packet_key_id(&packet(&[0x89, 0], &body)).unwrap(), "deadbeef");
        let mut fingerprint = vec![22, ISSUER_FINGERPRINT, 4];
        fingerprint.extend([7; 20]);
        assert_eq!(packet_key_id(&packet(&[0xc2], &version4(&fingerprint))).unwrap(), "07070707");
        let version3 = [3, 5, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0xca, 0xfe, 0xba, 0xbe, 1, 8];
        assert_eq!(packet_key_id(&packet(&[0xc2], &version3)).unwrap(), "cafebabe");
    }

    #[test]
    fn refuses_what_is_no_signature() {
        let issuer = [9, ISSUER, 1, 2, 3, 4, 5, 6, 7, 8];
        let good = packet(&[0xc2], &version4(&issuer));
        for end in 0..good.len() {
            assert!(packet_key_id(&good[..end]).is_err(), "{end} bytes");
        }
        assert!(packet_key_id(&packet(&[0xc3], &version4(&issuer))).is_err());
        assert!(packet_key_id(&packet(&[0xc2], &version4(&[issuer, issuer].concat()))).is_err());
        assert!(packet_key_id(&packet(&[0xc2], &version4(&[]))).is_err());
        assert!(packet_key_id(&packet(&[0xc2], &version4(&[200]))).is_err());
        assert!(packet_key_id(b"\xc2\xff\xff\xff\xff\xff").is_err());
    }
}
