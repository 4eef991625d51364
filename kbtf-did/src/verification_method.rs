use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

use crate::{
    Did, DidUrl, Error, LegacyForm, ProfileWarning, PublicKey, Timestamp,
    document::invalid,
    json::Value,
    key_material::{has_legacy_type, key_material},
};

/// A verification method (검증 방법): a key, its id and who controls it (DID Core 1.0 section 5.2, DID-02).
///
/// A key that this crate cannot use does not spoil the document it stands in: the method is kept and
/// [`VerificationMethod::public_key`] says why it is of no use.
#[derive(Debug, Clone, PartialEq)]
pub struct VerificationMethod {
    id: DidUrl,
    method_type: String,
    controller: Did,
    key: Result<PublicKey, Error>,
    expires: Option<Timestamp>,
    revoked: Option<Timestamp>,
}

/// Whether a key speaks for its controller at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// In force.
    Active,
    /// `expires` has been reached (Controlled Identifiers section 2.2).
    Expired(Timestamp),
    /// `revoked` has been reached (Controlled Identifiers section 2.2).
    Revoked(Timestamp),
}

impl VerificationMethod {
    /// The id, absolute.
    #[must_use]
    pub const fn id(&self) -> &DidUrl {
        &self.id
    }

    /// The `type`, such as `Multikey`.
    #[must_use]
    pub fn method_type(&self) -> &str {
        &self.method_type
    }

    /// Who may use the key.
    #[must_use]
    pub const fn controller(&self) -> &Did {
        &self.controller
    }

    /// The key, or why it cannot be used.
    ///
    /// # Errors
    /// `did/unsupported-key-type` and the errors of [`PublicKey::from_multikey`], [`PublicKey::from_jwk`],
    /// [`PublicKey::from_base58`] and [`PublicKey::from_pem`].
    pub const fn public_key(&self) -> Result<&PublicKey, &Error> {
        self.key.as_ref()
    }

    /// From when on the key counts no more by plan.
    #[must_use]
    pub const fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// From when on the key counts no more because its controller says so.
    #[must_use]
    pub const fn revoked(&self) -> Option<Timestamp> {
        self.revoked
    }

    pub(crate) fn from_value(
        value: &Value<'_>,
        (base, place): (&Did, &str),
        known: Option<&PublicKey>,
        warnings: &mut Vec<ProfileWarning>,
    ) -> Result<Self, Error> {
        let at = |member: &str, expected| invalid(&format!("{place}.{member}"), expected);
        let object = value
            .as_object()
            .ok_or_else(|| invalid(place, "an object"))?;
        let id = object
            .get_str("id")
            .and_then(|id| DidUrl::parse_relative(id, base).ok())
            .filter(|id| id.fragment().is_some_and(|f| !f.is_empty()))
            .ok_or_else(|| at("id", "a DID URL with a fragment"))?;
        let method_type = object
            .get_str("type")
            .filter(|t| !t.is_empty())
            .ok_or_else(|| at("type", "a string"))?;
        let controller = object
            .get_str("controller")
            .and_then(|c| Did::parse(c).ok())
            .ok_or_else(|| at("controller", "a DID"))?;
        let time = |member| match object.get(member) {
            None => Ok(None),
            Some(value) => value
                .as_str()
                .and_then(|text| text.parse().ok())
                .map(Some)
                .ok_or_else(|| at(member, "a date and time with zone")),
        };
        let mut warn = |form| warnings.push(ProfileWarning::new(place, form));
        if id.query().is_some() {
            warn(LegacyForm::QueryBeforeFragment);
        }
        if has_legacy_type(method_type) {
            warn(LegacyForm::VerificationMethodType);
        }
        let key = match key_material(object, method_type, known) {
            Ok((key, None)) => Ok(key),
            Ok((key, Some(form))) => {
                warn(form);
                Ok(key)
            }
            Err(Error::PrivateKeyExposed { .. }) => {
                return Err(invalid(place, "no private key material"));
            }
            Err(error) => Err(error),
        };
        Ok(Self {
            id,
            method_type: method_type.to_owned(),
            controller,
            key,
            expires: time("expires")?,
            revoked: time("revoked")?,
        })
    }

    /// The state of the key at a time. From the moment of `revoked` or `expires` on, Controlled Identifiers
    /// section 2.2 expects that no proof of it is accepted, whenever that proof says it was made.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> KeyState {
        match (self.revoked(), self.expires()) {
            (Some(revoked), _) if now >= revoked => KeyState::Revoked(revoked),
            (_, Some(expires)) if now >= expires => KeyState::Expired(expires),
            _ => KeyState::Active,
        }
    }
}
