//! Reading operations: every member known, of its shape, and within its bounds.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

use super::{
    Change, Commitments, Controllers, Creation, DelegationGrant, LedgerName, NewKey, NewService,
    OperationFault, OperationHash, Scope, Update, bounds, broken,
    change::{ControlKey, check_threshold},
    operation::Link,
};
use crate::{
    Did, Error, PublicKey, Timestamp, VerificationRelationship,
    json::{Object, Value},
    uri::is_plain_uri,
};

/// An object of an operation and where it stands.
struct Members<'o> {
    object: &'o Object<'o>,
    place: String,
}

fn malformed(place: &str, expected: &str) -> Error {
    broken(
        OperationFault::Malformed,
        &format!("{place}: expected {expected}"),
    )
}

impl<'o> Members<'o> {
    /// An object that has no other members than these.
    fn new(object: &'o Object<'o>, place: &str, known: &[&str]) -> Result<Self, Error> {
        if let Some((name, _)) = object.iter().find(|(name, _)| !known.contains(name)) {
            let name: String = name.chars().take(32).collect();
            return Err(malformed(place, &format!("no member {name:?}")));
        }
        Ok(Self {
            object,
            place: place.to_owned(),
        })
    }

    fn of(value: &'o Value<'o>, place: &str, known: &[&str]) -> Result<Self, Error> {
        let object = value
            .as_object()
            .ok_or_else(|| malformed(place, "an object"))?;
        Self::new(object, place, known)
    }

    fn at(&self, name: &str) -> String {
        match self.place.as_str() {
            "" => name.to_owned(),
            place => format!("{place}.{name}"),
        }
    }

    fn text(&self, name: &str) -> Result<&'o str, Error> {
        self.object
            .get_str(name)
            .ok_or_else(|| malformed(&self.at(name), "a string"))
    }

    fn required(&self, name: &str) -> Result<&'o Value<'o>, Error> {
        self.object
            .get(name)
            .ok_or_else(|| malformed(&self.at(name), "a value"))
    }

    /// The elements of an array of 1 to `most`; none if the member is absent. An empty array would be a second way of
    /// saying so.
    fn list(&self, name: &str, most: usize) -> Result<Option<&'o [Value<'o>]>, Error> {
        match self.object.get(name) {
            None => Ok(None),
            Some(Value::Array(values)) if (1..=most).contains(&values.len()) => Ok(Some(values)),
            Some(_) => Err(malformed(
                &self.at(name),
                &format!("an array of 1 to {most} elements"),
            )),
        }
    }

    fn each<T>(
        &self,
        name: &str,
        most: usize,
        read: impl Fn(&'o Value<'o>, &str) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let values = self.list(name, most)?.unwrap_or_default();
        values
            .iter()
            .enumerate()
            .map(|(i, value)| read(value, &format!("{}[{i}]", self.at(name))))
            .collect()
    }

    fn number(&self, name: &str) -> Result<usize, Error> {
        self.object
            .get(name)
            .and_then(Value::as_number)
            .and_then(|number| u64::try_from(number.as_i64()?).ok())
            // A place beyond the machine's words is beyond every history: the same refusal on all machines.
            .map(|number| usize::try_from(number).unwrap_or(usize::MAX))
            .ok_or_else(|| malformed(&self.at(name), "a whole number from 0 on"))
    }

    fn time(&self, name: &str) -> Result<Timestamp, Error> {
        let text = self.text(name)?;
        // One text for one time.
        text.parse::<Timestamp>()
            .ok()
            .filter(|time| time.to_string() == text)
            .ok_or_else(|| malformed(&self.at(name), "a time in UTC such as 2026-11-24T09:00:00Z"))
    }

    fn optional_time(&self, name: &str) -> Result<Option<Timestamp>, Error> {
        match self.object.contains(name) {
            true => self.time(name).map(Some),
            false => Ok(None),
        }
    }
}

/// What stands in an operation besides its signatures.
pub(super) struct Body {
    pub(super) change: Change,
    pub(super) link: Option<Link>,
    pub(super) delegation: Option<String>,
}

/// Reads an operation without its signatures.
pub(super) fn body(object: &Object<'_>) -> Result<Body, Error> {
    let name = object
        .get_str("operation")
        .ok_or_else(|| malformed("operation", "the name of an operation"))?;
    let own: &[&str] = match name {
        "create" => &[
            "ledger",
            "controllers",
            "keys",
            "services",
            "alsoKnownAs",
            "grant",
            "expires",
        ],
        "rotate" => &["controllers"],
        "update" => &["remove", "revoke", "keys", "services", "alsoKnownAs"],
        "delegate" => &["grant", "withdraw"],
        "expire" => &["expires", "reveal"],
        "deactivate" => &["reveal"],
        _ => {
            return Err(malformed(
                "operation",
                "create, rotate, update, delegate, expire or deactivate",
            ));
        }
    };
    let common: &[&str] = match name {
        "create" => &["operation"],
        // Only these can be delegated.
        "update" | "expire" => &["operation", "did", "sequence", "previous", "delegation"],
        _ => &["operation", "did", "sequence", "previous"],
    };
    let known: Vec<&str> = common.iter().chain(own).copied().collect();
    let members = Members::new(object, "", &known)?;
    let change = match name {
        "create" => Change::Create(creation(&members)?),
        "rotate" => Change::Rotate(controllers(
            members.required("controllers")?,
            "controllers",
        )?),
        "update" => Change::Update(update(&members)?),
        "delegate" => {
            let grant = members.each("grant", bounds::DELEGATIONS, grant)?;
            let withdraw = members.each("withdraw", bounds::DELEGATIONS, id)?;
            if grant.is_empty() && withdraw.is_empty() {
                return Err(malformed("grant", "something to give or to withdraw"));
            }
            Change::Delegate { grant, withdraw }
        }
        "expire" => Change::Expire {
            expires: members.time("expires")?,
            reveal: reveal(&members)?,
        },
        _ => Change::Deactivate(reveal(&members)?),
    };
    let link = match change {
        Change::Create(_) => None,
        _ => Some(link(&members)?),
    };
    let delegation = match object.get("delegation") {
        None => None,
        Some(value) => Some(id(value, "delegation")?),
    };
    if delegation.is_some() && object.contains("reveal") {
        return Err(malformed("reveal", "no member where a delegate acts"));
    }
    Ok(Body {
        change,
        link,
        delegation,
    })
}

/// Keys that were committed to.
fn reveal(members: &Members<'_>) -> Result<Vec<PublicKey>, Error> {
    let keys = members.each("reveal", bounds::CONTROLLERS, |value, place| {
        control_key(value, place).map(|key| key.key)
    })?;
    check_distinct(&keys, "reveal")?;
    Ok(keys)
}

fn link(members: &Members<'_>) -> Result<Link, Error> {
    let did = Did::parse(members.text("did")?)
        .ok()
        .filter(|did| super::parts(did).is_ok())
        .ok_or_else(|| malformed("did", "a did:kbtf"))?;
    let sequence = members.number("sequence")?;
    if sequence < 2 {
        return Err(malformed("sequence", "a whole number from 2 on"));
    }
    let previous = OperationHash::parse(members.text("previous")?)?;
    Ok(Link {
        did,
        sequence,
        previous,
    })
}

fn creation(members: &Members<'_>) -> Result<Creation, Error> {
    Ok(Creation {
        ledger: LedgerName::parse(members.text("ledger")?)?,
        controllers: controllers(members.required("controllers")?, "controllers")?,
        keys: members.each("keys", bounds::KEYS, key)?,
        services: members.each("services", bounds::SERVICES, service)?,
        also_known_as: members.each("alsoKnownAs", bounds::NAMES, uri)?,
        delegations: members.each("grant", bounds::DELEGATIONS, grant)?,
        expires: members.optional_time("expires")?,
    })
}

fn update(members: &Members<'_>) -> Result<Update, Error> {
    let update = Update {
        remove: members.each("remove", bounds::KEYS + bounds::SERVICES, id)?,
        revoke: members.each("revoke", bounds::KEYS, id)?,
        keys: members.each("keys", bounds::KEYS, key)?,
        services: members.each("services", bounds::SERVICES, service)?,
        // Here an empty array says something: that there are none any more.
        also_known_as: match members.object.get("alsoKnownAs") {
            None => None,
            Some(Value::Array(none)) if none.is_empty() => Some(Vec::new()),
            Some(_) => Some(members.each("alsoKnownAs", bounds::NAMES, uri)?),
        },
    };
    if update == Update::default() {
        return Err(malformed("update", "something to change"));
    }
    Ok(update)
}

fn controllers(value: &Value<'_>, place: &str) -> Result<Controllers, Error> {
    let members = Members::of(value, place, &["threshold", "keys", "next"])?;
    let (threshold, keys) = threshold_and_keys(&members)?;
    let next = match members.object.get("next") {
        None => None,
        Some(value) => {
            let place = members.at("next");
            let members = Members::of(value, &place, &["threshold", "hashes"])?;
            let hashes = members.each("hashes", bounds::CONTROLLERS, |value, place| {
                let text = value.as_str().ok_or_else(|| malformed(place, "a hash"))?;
                OperationHash::parse(text)
            })?;
            let threshold = members.number("threshold")?;
            check_threshold(threshold, hashes.len())?;
            check_distinct(&hashes, &place)?;
            Some(Commitments { threshold, hashes })
        }
    };
    Ok(Controllers {
        threshold,
        keys,
        next,
    })
}

fn threshold_and_keys(members: &Members<'_>) -> Result<(usize, Vec<ControlKey>), Error> {
    let keys = members.each("keys", bounds::CONTROLLERS, control_key)?;
    let threshold = members.number("threshold")?;
    check_threshold(threshold, keys.len())?;
    let names: Vec<&str> = keys.iter().map(|key| key.multikey.as_str()).collect();
    check_distinct(&names, &members.at("keys"))?;
    Ok((threshold, keys))
}

fn check_distinct<T: PartialEq>(values: &[T], place: &str) -> Result<(), Error> {
    let mut rest = values;
    while let [first, others @ ..] = rest {
        if others.contains(first) {
            return Err(malformed(place, "different elements"));
        }
        rest = others;
    }
    Ok(())
}

/// A key in the one text that it has: base58btc.
fn public_key(value: &Value<'_>, place: &str) -> Result<(PublicKey, String), Error> {
    let text = value
        .as_str()
        .filter(|text| text.starts_with('z'))
        .ok_or_else(|| malformed(place, "a Multikey in base58btc"))?;
    let key = PublicKey::from_multikey(text)?;
    Ok((key, text.to_owned()))
}

fn control_key(value: &Value<'_>, place: &str) -> Result<ControlKey, Error> {
    ControlKey::new(&public_key(value, place)?.0)
}

fn key(value: &Value<'_>, place: &str) -> Result<NewKey, Error> {
    let members = Members::of(value, place, &["id", "key", "purposes", "expires"])?;
    let (key, multikey) = public_key(members.required("key")?, &members.at("key"))?;
    let purposes = members.each("purposes", 5, |value, place| {
        let purpose = value.as_str().and_then(VerificationRelationship::from_name);
        purpose.ok_or_else(|| malformed(place, "a verification relationship of DID Core"))
    })?;
    check_distinct(&purposes, &members.at("purposes"))?;
    if purposes.is_empty() {
        return Err(malformed(&members.at("purposes"), "at least one purpose"));
    }
    let agrees_only = |purpose: &VerificationRelationship| {
        *purpose != VerificationRelationship::KeyAgreement && !key.key_type().is_for_signatures()
    };
    if purposes.iter().any(agrees_only) {
        return Err(Error::WrongKeyUse {
            key_type: key.key_type(),
            operation: "serve this purpose",
        });
    }
    Ok(NewKey {
        id: id(members.required("id")?, &members.at("id"))?,
        key,
        multikey,
        purposes,
        expires: members.optional_time("expires")?,
    })
}

fn service(value: &Value<'_>, place: &str) -> Result<NewService, Error> {
    let members = Members::of(value, place, &["id", "type", "endpoint"])?;
    let service_type = members.text("type")?;
    let is_word = (1..=64).contains(&service_type.len())
        && service_type.bytes().all(|b| b.is_ascii_alphanumeric());
    if !is_word {
        return Err(malformed(
            &members.at("type"),
            "a word of letters and digits",
        ));
    }
    Ok(NewService {
        id: id(members.required("id")?, &members.at("id"))?,
        service_type: service_type.to_owned(),
        endpoint: uri(members.required("endpoint")?, &members.at("endpoint"))?,
    })
}

fn grant(value: &Value<'_>, place: &str) -> Result<DelegationGrant, Error> {
    let members = Members::of(
        value,
        place,
        &["id", "threshold", "keys", "scope", "from", "until"],
    )?;
    let (threshold, keys) = threshold_and_keys(&members)?;
    let scope = members.each("scope", Scope::ALL.len(), |value, place| {
        let scope = value.as_str().and_then(Scope::from_name);
        scope.ok_or_else(|| {
            malformed(
                place,
                "addKeys, retireKeys, services, alsoKnownAs or expire",
            )
        })
    })?;
    check_distinct(&scope, &members.at("scope"))?;
    if scope.is_empty() {
        return Err(malformed(&members.at("scope"), "at least one scope"));
    }
    let (from, until) = (members.time("from")?, members.time("until")?);
    if from >= until {
        return Err(broken(
            OperationFault::InvalidTime,
            &format!(
                "{}: expected an end after the beginning",
                members.at("until")
            ),
        ));
    }
    Ok(DelegationGrant {
        id: id(members.required("id")?, &members.at("id"))?,
        threshold,
        keys,
        scope,
        from,
        until,
    })
}

/// The fragment of an id: a name of a thing, never of a person.
fn id(value: &Value<'_>, place: &str) -> Result<String, Error> {
    let text = value
        .as_str()
        .filter(|text| {
            (1..=64).contains(&text.len())
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        })
        .ok_or_else(|| malformed(place, "1 to 64 letters, digits and - _ ."))?;
    Ok(text.to_owned())
}

fn uri(value: &Value<'_>, place: &str) -> Result<String, Error> {
    let text = value
        .as_str()
        .filter(|text| text.len() <= bounds::URI && is_plain_uri(text))
        .ok_or_else(|| malformed(place, "a URI of at most 512 characters"))?;
    Ok(text.to_owned())
}
