//! That somebody is old enough, without the date of birth (VC-05): claims that the issuer derives and signs beside the
//! others, of which the holder then shows one alone. This is selective disclosure of a derived claim, and no zero-knowledge
//! proof.
//!
//! Korea has two majorities at 19, and neither follows from the other, so they are two claims: that of civil law comes with
//! the birthday, that of the Youth Protection Act (alcohol, tobacco, places closed to youth) with 1 January of the year
//! with the 19th birthday.
//!
//! ```
//! use kbtf_vc::age::{AgeRule, BirthDate};
//!
//! let birth: BirthDate = "2007-11-23".parse()?;
//! let now = "2026-11-21T16:00:00Z".parse()?; // In Korea it is the 22nd already.
//! assert!(!birth.satisfies(AgeRule::CIVIL_MAJORITY, now));
//! assert!(birth.satisfies(AgeRule::YouthProtectionAct, now));
//! let claims = birth.claims(&[AgeRule::Years(14), AgeRule::CIVIL_MAJORITY, AgeRule::YouthProtectionAct], now);
//! assert_eq!(
//!     claims.to_json(),
//!     r#"{"age_over_14":true,"age_over_19":false,"youth_protection_act_adult":true,"age_as_of":"2026-11-22"}"#
//! );
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

use alloc::{borrow::Cow, format, string::ToString};
use core::{fmt, str::FromStr};

use kbtf_did::{Timestamp, json::Object};

use crate::{Error, error::malformed};

/// Seconds by which Korean standard time is ahead of UTC.
const KOREA: i64 = 9 * 3600;

/// When somebody counts as old enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AgeRule {
    /// From the birthday on with which so many years are completed, the day of birth counted (Civil Act, article 158): the
    /// claim `age_over_NN` of ISO/IEC 18013-5. Born on 29 February, in other years from 1 March on (article 160).
    Years(u8),
    /// No youth in the sense of the Youth Protection Act (article 2): from 1 January of the year with the 19th birthday on.
    /// The claim `youth_protection_act_adult`.
    YouthProtectionAct,
}

impl AgeRule {
    /// Majority in civil law: 19 years (Civil Act, article 4).
    pub const CIVIL_MAJORITY: Self = Self::Years(19);

    /// The name of the claim.
    #[must_use]
    pub fn claim_name(self) -> Cow<'static, str> {
        match self {
            Self::Years(years) => Cow::Owned(format!("age_over_{years:02}")),
            Self::YouthProtectionAct => Cow::Borrowed("youth_protection_act_adult"),
        }
    }
}

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A date of birth, not shown: it is personal data, and has no `Display`, nor does its `Debug` show it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BirthDate(Day);

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(…)")
    }
}

impl FromStr for BirthDate {
    type Err = Error;

    /// Reads `2007-11-23` (RFC 3339 full-date) and nothing else.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || malformed("birthDate", "a date such as 2007-11-23");
        // A time of that day exists exactly if the day does.
        let is_date = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !is_date || format!("{text}T00:00:00Z").parse::<Timestamp>().is_err() {
            return Err(wrong());
        }
        Ok(Self(Day::read(text).ok_or_else(wrong)?))
    }
}

impl Day {
    fn read(text: &str) -> Option<Self> {
        Some(Self {
            year: text.get(..4)?.parse().ok()?,
            month: text.get(5..7)?.parse().ok()?,
            day: text.get(8..10)?.parse().ok()?,
        })
    }

    /// The day that it is in Korea.
    fn in_korea(now: Timestamp) -> Option<Self> {
        Self::read(&now.saturating_add_seconds(KOREA).to_string())
    }
}

impl BirthDate {
    /// Whether the rule is satisfied at a time, by the calendar of Korea.
    #[must_use]
    pub fn satisfies(&self, rule: AgeRule, now: Timestamp) -> bool {
        Day::in_korea(now).is_some_and(|today| self.satisfied_on(rule, today))
    }

    fn satisfied_on(&self, rule: AgeRule, today: Day) -> bool {
        let birth = self.0;
        match rule {
            AgeRule::Years(years) => {
                // 29 February is after 28 February and before 1 March in every year.
                let completed = Day {
                    year: birth.year + u16::from(years),
                    ..birth
                };
                today >= completed
            }
            AgeRule::YouthProtectionAct => today.year >= birth.year + 19,
        }
    }

    /// The claims for these rules at a time, and `age_as_of`, the day in Korea for which they were derived. What is false
    /// may become true later; what is true stays so.
    #[must_use]
    pub fn claims(&self, rules: &[AgeRule], now: Timestamp) -> Object<'static> {
        let mut claims = Object::new();
        let Some(today) = Day::in_korea(now) else {
            return claims;
        };
        for rule in rules {
            claims.insert(rule.claim_name(), self.satisfied_on(*rule, today));
        }
        claims.insert("age_as_of", today.to_string());
        claims
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(birth: &str, rule: AgeRule, now: &str) -> bool {
        let birth: BirthDate = birth.parse().unwrap();
        birth.satisfies(rule, now.parse().unwrap())
    }

    #[test]
    fn majorities_come_with_their_own_day_in_korea() {
        let civil = AgeRule::CIVIL_MAJORITY;
        let youth = AgeRule::YouthProtectionAct;
        for (birth, rule, now, expected) in [
            ("2007-11-23", civil, "2026-11-22T14:59:59Z", false),
            ("2007-11-23", civil, "2026-11-22T15:00:00Z", true),
            ("2007-11-23", civil, "2026-11-22T23:59:59+09:00", false),
            ("2007-11-23", civil, "2026-11-23T00:00:00+09:00", true),
            // Each without the other.
            ("2007-12-31", youth, "2026-01-01T00:00:00+09:00", true),
            ("2007-12-31", civil, "2026-12-30T23:59:59+09:00", false),
            ("2008-01-01", youth, "2026-12-31T23:59:59+09:00", false),
            ("2008-01-01", youth, "2027-01-01T00:00:00+09:00", true),
            // No 29 February in 2023.
            ("2004-02-29", civil, "2023-02-28T23:59:59+09:00", false),
            ("2004-02-29", civil, "2023-03-01T00:00:00+09:00", true),
            (
                "2004-02-29",
                AgeRule::Years(20),
                "2024-02-28T23:59:59+09:00",
                false,
            ),
            (
                "2004-02-29",
                AgeRule::Years(20),
                "2024-02-29T00:00:00+09:00",
                true,
            ),
            (
                "2026-11-22",
                AgeRule::Years(0),
                "2026-11-22T00:00:00+09:00",
                true,
            ),
            (
                "2026-11-23",
                AgeRule::Years(0),
                "2026-11-22T00:00:00+09:00",
                false,
            ),
        ] {
            assert_eq!(at(birth, rule, now), expected, "{birth} {rule:?} {now}");
        }
    }

    #[test]
    fn dates_that_are_none_are_refused_and_none_is_shown() {
        for text in [
            "",
            "2007-11-31",
            "2023-02-29",
            "2007-1-1",
            "20071123",
            "2007-11-23T",
            "+007-11-23",
            "07-11-23",
        ] {
            assert_eq!(
                text.parse::<BirthDate>().unwrap_err().code(),
                "vc/malformed",
                "{text}"
            );
        }
        let birth: BirthDate = "2007-11-23".parse().unwrap();
        assert_eq!(format!("{birth:?}"), "BirthDate(…)");
    }
}
