use kbtf_did::{
    Timestamp,
    json::{Number, Object, Value},
};

use crate::{Error, error::malformed};

/// What a sensor has measured on an item's way (HIS-08), in units that are whole numbers, within what is possible.
///
/// A position is that of an item; where a person was does not belong on a log.
///
/// ```
/// use kbtf_history::{Measured, Reading};
///
/// let at = "2026-11-22T09:00:00+09:00".parse()?;
/// let cold = Reading::new(at, Measured::Temperature { milli_celsius: 4_500 })?;
/// assert_eq!(cold.measured(), Measured::Temperature { milli_celsius: 4_500 });
/// assert!(Reading::new(at, Measured::Humidity { per_mille: 1_001 }).is_err());
/// # Ok::<(), kbtf_history::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    at: Timestamp,
    measured: Measured,
}

/// The quantity, its unit in the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Measured {
    /// Thousandths of a degree Celsius, from −273 150 to 2 000 000.
    Temperature {
        /// Them.
        milli_celsius: i32,
    },
    /// Relative humidity in thousandths, at most 1000.
    Humidity {
        /// Them.
        per_mille: u32,
    },
    /// A place on the earth (WGS 84).
    Position {
        /// Ten-millionths of a degree north, within ±900 000 000.
        latitude_e7: i32,
        /// Ten-millionths of a degree east, within ±1 800 000 000.
        longitude_e7: i32,
        /// How far off it may be, in metres.
        within_metres: u32,
    },
}

impl Reading {
    /// A reading, its time in whole seconds.
    ///
    /// # Errors
    /// `history/malformed` if it is not possible, or the time has a fraction.
    pub fn new(at: Timestamp, measured: Measured) -> Result<Self, Error> {
        let possible = match measured {
            Measured::Temperature { milli_celsius } => {
                (-273_150..=2_000_000).contains(&milli_celsius)
            }
            Measured::Humidity { per_mille } => per_mille <= 1000,
            Measured::Position {
                latitude_e7,
                longitude_e7,
                ..
            } => {
                latitude_e7.unsigned_abs() <= 900_000_000
                    && longitude_e7.unsigned_abs() <= 1_800_000_000
            }
        };
        if !possible || Timestamp::from_unix(at.unix()) != Some(at) {
            return Err(malformed(
                "reading",
                "a possible value, at a time in whole seconds",
            ));
        }
        Ok(Self { at, measured })
    }

    /// When it was measured.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// What.
    #[must_use]
    pub const fn measured(&self) -> Measured {
        self.measured
    }

    pub(crate) fn to_object(self) -> Object<'static> {
        let mut object = Object::new();
        object.insert("at", alloc::format!("{}", self.at));
        match self.measured {
            Measured::Temperature { milli_celsius } => {
                object.insert("milliCelsius", milli_celsius);
            }
            Measured::Humidity { per_mille } => {
                object.insert("humidityPerMille", per_mille);
            }
            Measured::Position {
                latitude_e7,
                longitude_e7,
                within_metres,
            } => {
                object.insert("latitudeE7", latitude_e7);
                object.insert("longitudeE7", longitude_e7);
                object.insert("withinMetres", within_metres);
            }
        }
        object
    }

    pub(crate) fn read(value: &Value<'_>) -> Result<Self, Error> {
        let wrong = malformed(
            "reading",
            "a time, and a temperature, a humidity or a position",
        );
        let object = value.as_object().ok_or(wrong.clone())?;
        let at = object.get_str("at").and_then(|at| at.parse().ok());
        let whole = |name: &str| {
            let number = object.get(name)?.as_number().and_then(Number::as_i64)?;
            i32::try_from(number).ok()
        };
        let positive = |name: &str| {
            let number = object.get(name)?.as_number().and_then(Number::as_i64)?;
            u32::try_from(number).ok()
        };
        let measured = if let Some(milli_celsius) = whole("milliCelsius") {
            Measured::Temperature { milli_celsius }
        } else if let Some(per_mille) = positive("humidityPerMille") {
            Measured::Humidity { per_mille }
        } else {
            Measured::Position {
                latitude_e7: whole("latitudeE7").ok_or(wrong.clone())?,
                longitude_e7: whole("longitudeE7").ok_or(wrong.clone())?,
                within_metres: positive("withinMetres").ok_or(wrong.clone())?,
            }
        };
        Self::new(at.ok_or(wrong)?, measured)
    }
}
