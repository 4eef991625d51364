use alloc::{format, string::String};
use core::fmt;

use crate::Error;

/// A point in time: seconds since 1970-01-01T00:00:00Z and nanoseconds of the second, years 0001 to 9999.
///
/// Read from and written as an XML Schema `dateTimeStamp`, the form that VC Data Model 2.0 section 4.9,
/// Data Integrity section 2.1 and Controlled Identifiers section 2.2 ask for: a date, `T`, a time, and
/// always a zone. No clock is read anywhere in these crates; `now` is one of these, handed in.
///
/// ```
/// use kbtf_did::Timestamp;
///
/// let korean_noon: Timestamp = "2026-11-22T12:00:00+09:00".parse()?;
/// assert_eq!(korean_noon.to_string(), "2026-11-22T03:00:00Z");
/// assert!("2026-11-22T12:00:00".parse::<Timestamp>().is_err(), "no zone");
/// # Ok::<(), kbtf_did::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanoseconds: u32,
}

const SECONDS_PER_DAY: i64 = 86_400;
/// 0001-01-01T00:00:00Z.
const MIN_SECONDS: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z.
const MAX_SECONDS: i64 = 253_402_300_799;

impl Timestamp {
    /// The time so many seconds after 1970-01-01T00:00:00Z; `None` outside the years 0001 to 9999.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Option<Self> {
        if seconds < MIN_SECONDS || seconds > MAX_SECONDS {
            return None;
        }
        Some(Self {
            seconds,
            nanoseconds: 0,
        })
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.seconds
    }

    /// This time and so many seconds more (or less), held within the years 0001 to 9999.
    #[must_use]
    pub fn saturating_add_seconds(self, seconds: i64) -> Self {
        Self {
            seconds: self
                .seconds
                .saturating_add(seconds)
                .clamp(MIN_SECONDS, MAX_SECONDS),
            ..self
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (date_time, rest) = text.as_bytes().split_first_chunk::<19>()?;
        let [
            y1,
            y2,
            y3,
            y4,
            b'-',
            m1,
            m2,
            b'-',
            d1,
            d2,
            b'T',
            h1,
            h2,
            b':',
            n1,
            n2,
            b':',
            s1,
            s2,
        ] = *date_time
        else {
            return None;
        };
        let year = number(&[y1, y2, y3, y4])?;
        let month = number(&[m1, m2])?;
        let day = number(&[d1, d2])?;
        let (hour, minute, second) = (number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?);
        if year < 1
            || !(1..=12).contains(&month)
            || !(1..=days_in_month(year, month)).contains(&day)
            || hour > 23
            || minute > 59
            || second > 59
        {
            return None;
        }
        let (nanoseconds, zone) = match rest.split_first() {
            Some((b'.', fraction)) => {
                let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
                let (fraction, zone) = fraction.split_at_checked(digits)?;
                if fraction.is_empty() || fraction.len() > 9 {
                    return None;
                }
                let scale = 10_i64.pow(9_u32.checked_sub(u32::try_from(digits).ok()?)?);
                (u32::try_from(number(fraction)? * scale).ok()?, zone)
            }
            _ => (0, rest),
        };
        let offset = match *zone {
            [b'Z'] => 0,
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
                let (hours, minutes) = (number(&[h1, h2])?, number(&[m1, m2])?);
                if hours > 14 || minutes > 59 || (hours == 14 && minutes > 0) {
                    return None;
                }
                let seconds = hours * 3600 + minutes * 60;
                if sign == b'-' { -seconds } else { seconds }
            }
            _ => return None,
        };
        let seconds = days_from_civil(year, month, day) * SECONDS_PER_DAY
            + hour * 3600
            + minute * 60
            + second
            - offset;
        Self::from_unix(seconds).map(|whole| Self {
            nanoseconds,
            ..whole
        })
    }
}

impl core::str::FromStr for Timestamp {
    type Err = Error;

    /// Reads a `dateTimeStamp`. At most nine digits of a fraction; no leap second, no `24:00:00`, no missing zone.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text).ok_or_else(|| Error::InvalidTimestamp { got: excerpt(text) })
    }
}

impl fmt::Display for Timestamp {
    /// Writes in UTC: `2026-11-22T03:00:00Z`, with a fraction only where there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.seconds.div_euclid(SECONDS_PER_DAY));
        let of_day = self.seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        if self.nanoseconds > 0 {
            let digits = format!("{:09}", self.nanoseconds);
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

/// At most the first 64 characters of something wrong, for an error message.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(64).collect()
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March, so that the
/// leap day is the last of its year; 400 years are 146 097 days.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = year_of_era + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn parse(text: &str) -> Option<i64> {
        text.parse::<Timestamp>().ok().map(Timestamp::unix)
    }

    #[test]
    fn known_instants() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("2000-02-29T23:59:59Z"), Some(951_868_799));
        assert_eq!(parse("2026-11-22T12:00:00+09:00"), Some(1_795_316_400));
        assert_eq!(parse("1969-12-31T23:59:59.5Z"), Some(-1));
        assert_eq!(parse("0001-01-01T00:00:00Z"), Some(MIN_SECONDS));
        assert_eq!(parse("9999-12-31T23:59:59Z"), Some(MAX_SECONDS));
    }

    #[test]
    fn what_is_not_a_date_time_stamp_is_refused() {
        for bad in [
            "",
            "2026-11-22",
            "2026-11-22T12:00:00",
            "2026-11-22 12:00:00Z",
            "2026-11-22t12:00:00z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T23:60:00Z",
            "2026-11-22T23:59:60Z",
            "2026-11-22T12:00:00.Z",
            "2026-11-22T12:00:00.1234567890Z",
            "2026-11-22T12:00:00+14:01",
            "2026-11-22T12:00:00+0900",
            "2026-11-22T12:00:00ZZ",
            "+2026-11-22T12:00:00Z",
            "-2026-11-22T12:00:00Z",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+09:00",
            "２026-11-22T12:00:00Z",
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn writing_and_reading_are_inverse(seconds in MIN_SECONDS..=MAX_SECONDS, nanoseconds in 0..1_000_000_000_u32) {
            let time = Timestamp { seconds, nanoseconds };
            prop_assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
        }

        #[test]
        fn calendar_steps_one_day_at_a_time(day in -719_162_i64..2_932_896) {
            // Slow obvious reference: tomorrow is the next day of the month, or the first of the next.
            let (y, m, d) = civil_from_days(day);
            let tomorrow = if d < days_in_month(y, m) { (y, m, d + 1) } else if m < 12 { (y, m + 1, 1) } else { (y + 1, 1, 1) };
            prop_assert_eq!(civil_from_days(day + 1), tomorrow);
            prop_assert_eq!(days_from_civil(y, m, d), day);
        }
    }
}
