//! The expiry date of a record, as the server takes it: Unix time in ms.

use crate::Error;
use time::OffsetDateTime;

/// Parts of a millisecond are left out: a session never outlives its record.
pub(super) fn to_millis(date: OffsetDateTime) -> i64 {
    let millis = date.unix_timestamp_nanos().div_euclid(1_000_000);
    i64::try_from(millis).unwrap_or(i64::MAX)
}

/// The expiry date of a session that has this deadline. Without one that is the last date there is.
pub(super) fn from_millis(deadline: Option<i64>) -> OffsetDateTime {
    let date = |millis| OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
    let last = time::PrimitiveDateTime::MAX.assume_utc();
    deadline.map_or(last, |millis| date(millis).unwrap_or(last))
}

/// Whether the server refused a deadline because it is past.
pub(super) fn is_past(error: &Error) -> bool {
    matches!(error, Error::Server { message, .. } if message.starts_with("invalid expire time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_convert_to_the_millisecond() {
        for millis in [0, 1, -1, 1_764_400_000_123, 253_402_300_799_999] {
            assert_eq!(to_millis(from_millis(Some(millis))), millis);
        }
        let date = OffsetDateTime::from_unix_timestamp_nanos(1_999_999).unwrap();
        assert_eq!(to_millis(date), 1);
    }

    #[test]
    fn a_deadline_beyond_all_dates_is_the_last_date() {
        assert_eq!(from_millis(Some(i64::MAX)), from_millis(None));
    }
}
