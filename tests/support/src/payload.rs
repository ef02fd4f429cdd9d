//! DUMP payloads: the value, two bytes of RDB version, eight bytes of CRC-64.

use super::Conn;

/// A payload for RESTORE: the value, with version and checksum appended.
pub fn seal(value: &[u8], version: [u8; 2]) -> Vec<u8> {
    let mut payload = [value, &version].concat();
    let crc = crc64(&payload);
    payload.extend(crc.to_le_bytes());
    payload
}

/// Splits a payload into value and RDB version. Verifies the checksum, and thereby `crc64`.
#[track_caller]
pub fn open(payload: &[u8]) -> (Vec<u8>, [u8; 2]) {
    let (sealed, crc) = payload.split_at(payload.len() - 8);
    assert_eq!(crc64(sealed).to_le_bytes(), crc, "not Redis's CRC-64");
    let (value, version) = sealed.split_at(sealed.len() - 2);
    (value.to_vec(), [version[0], version[1]])
}

/// CRC-64/Jones, reflected: the checksum of Redis.
pub fn crc64(bytes: &[u8]) -> u64 {
    const TABLE: [u64; 256] = table();
    bytes.iter().fold(0, |crc, &byte| {
        TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8)
    })
}

const fn table() -> [u64; 256] {
    const REFLECTED: u64 = 0xad93_d235_94c9_35a9_u64.reverse_bits();
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let (mut crc, mut bit) = (n as u64, 0);
        while bit < 8 {
            crc = (crc >> 1) ^ (REFLECTED & (crc & 1).wrapping_neg());
            bit += 1;
        }
        table[n] = crc;
        n += 1;
    }
    table
}

/// Makes a session of each kind: with and without timeouts, user and schema (named `s`), and with data of
/// `length` bytes. Their keys.
#[track_caller]
pub fn sessions(c: &mut Conn, length: usize) -> Vec<String> {
    c.ok(&["SESSION.SCHEMA", "SET", "s", "true"]);
    let long = format!("{{\"long\":\"{}\"}}", "x".repeat(length));
    let kinds: [&[&str]; 6] = [
        &["{}", "PERSIST"],
        &[
            "[1,{\"a\":\"\u{e9}\\n\"},-1.5e7,null,true]",
            "USER",
            "user",
            "SCHEMA",
            "s",
        ],
        &["\"text\"", "EX", "100000", "IDLE", "5000", "USER", "u"],
        &["7", "SCHEMA", "s"],
        &["{\"a\":{\"b\":[[],{}]}}", "IDLE", "10000"],
        &[&long, "USER", "u"],
    ];
    kinds
        .map(|kind| c.ok(&[&["SESSION.SET", "s:*"][..], kind].concat()).text())
        .into()
}
