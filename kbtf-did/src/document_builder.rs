use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    Did, DidDocument, Error, KeyType, PublicKey, Timestamp, VerificationRelationship,
    document::{FIRST_CONTEXT, invalid},
    json::{Object, Value},
};

/// In which verification-method type a document shows a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KeyFormat {
    /// `Multikey` (Controlled Identifiers 1.0 section 2.2.2).
    #[default]
    Multikey,
    /// `JsonWebKey2020`.
    JsonWebKey2020,
    /// The base58 types of 2018 to 2021: `Ed25519VerificationKey2018`, `X25519KeyAgreementKey2019`,
    /// `EcdsaSecp256k1VerificationKey2019`, `P256Key2021`, `P384Key2021`. For peers that read no other. RSA never had
    /// such a type and is shown as `JsonWebKey2020`.
    Base58,
}

/// A verification method for a document that is being built: a key, what it is for, and until when.
#[derive(Debug, Clone)]
pub struct NewMethod {
    fragment: String,
    key: PublicKey,
    format: KeyFormat,
    purposes: Vec<VerificationRelationship>,
    controller: Option<Did>,
    expires: Option<Timestamp>,
    revoked: Option<Timestamp>,
}

impl NewMethod {
    /// A method with the fragment of its id, such as `key-1`, and its key; as `Multikey`, for no purpose yet.
    #[must_use]
    pub fn new(fragment: &str, key: &PublicKey) -> Self {
        Self {
            fragment: fragment.to_owned(),
            key: key.clone(),
            format: KeyFormat::default(),
            purposes: Vec::new(),
            controller: None,
            expires: None,
            revoked: None,
        }
    }

    /// What the key may be used for, besides what was said before.
    #[must_use]
    pub fn purposes(mut self, purposes: &[VerificationRelationship]) -> Self {
        for purpose in purposes {
            if !self.purposes.contains(purpose) {
                self.purposes.push(*purpose);
            }
        }
        self
    }

    /// Another type than `Multikey`.
    #[must_use]
    pub const fn format(mut self, format: KeyFormat) -> Self {
        self.format = format;
        self
    }

    /// Another controller than the DID of the document.
    #[must_use]
    pub fn controller(mut self, controller: &Did) -> Self {
        self.controller = Some(controller.clone());
        self
    }

    /// From when on the key counts no more by plan (Controlled Identifiers 1.0 section 2.2).
    #[must_use]
    pub const fn expires(mut self, expires: Timestamp) -> Self {
        self.expires = Some(expires);
        self
    }

    /// From when on the key counts no more because its controller says so (Controlled Identifiers 1.0 section 2.2).
    #[must_use]
    pub const fn revoked(mut self, revoked: Timestamp) -> Self {
        self.revoked = Some(revoked);
        self
    }
}

/// Builds a DID document. What comes out has been read by the same parser that reads everybody's documents, so it is
/// valid or it is an error.
///
/// ```
/// use kbtf_did::{
///     Did, DidDocument, NewMethod, PublicKey, VerificationRelationship::{AssertionMethod, Authentication},
/// };
///
/// let did = Did::parse("did:web:ministry.go.kr")?;
/// let key = PublicKey::from_multikey("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")?;
/// let document = DidDocument::builder(&did)
///     .method(NewMethod::new("key-1", &key).purposes(&[AssertionMethod, Authentication]))
///     .service("portal", "LinkedDomains", "https://www.ministry.go.kr/")
///     .build()?;
/// assert_eq!(document.listed_for(AssertionMethod).count(), 1);
/// # Ok::<(), kbtf_did::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct DidDocumentBuilder {
    id: Did,
    controllers: Vec<Did>,
    also_known_as: Vec<String>,
    methods: Vec<NewMethod>,
    services: Vec<Object<'static>>,
    service_fragments: Vec<String>,
}

impl DidDocumentBuilder {
    pub(crate) fn new(id: &Did) -> Self {
        Self {
            id: id.clone(),
            controllers: Vec::new(),
            also_known_as: Vec::new(),
            methods: Vec::new(),
            services: Vec::new(),
            service_fragments: Vec::new(),
        }
    }

    /// One more DID under `controller`.
    #[must_use]
    pub fn controller(mut self, controller: &Did) -> Self {
        self.controllers.push(controller.clone());
        self
    }

    /// One more URI under `alsoKnownAs`.
    #[must_use]
    pub fn also_known_as(mut self, uri: &str) -> Self {
        self.also_known_as.push(uri.to_owned());
        self
    }

    /// One more verification method.
    #[must_use]
    pub fn method(mut self, method: NewMethod) -> Self {
        self.methods.push(method);
        self
    }

    /// One more service: the fragment of its id, its type, and the URI of its endpoint (DID-09).
    #[must_use]
    pub fn service(self, fragment: &str, service_type: &str, endpoint: &str) -> Self {
        self.service_with(fragment, service_type, Value::from(endpoint.to_owned()))
    }

    /// One more service whose endpoint is an object, or an array of URIs and objects.
    #[must_use]
    pub fn service_with(
        mut self,
        fragment: &str,
        service_type: &str,
        endpoint: Value<'static>,
    ) -> Self {
        let mut service = Object::new();
        service.insert("id", format!("{}#{fragment}", self.id));
        service.insert("type", service_type.to_owned());
        service.insert("serviceEndpoint", endpoint);
        self.services.push(service);
        self.service_fragments.push(fragment.to_owned());
        self
    }

    /// The document.
    ///
    /// # Errors
    /// `did/invalid-document` with the place, as for [`DidDocument::parse`]; `did/wrong-key-use` for a key that cannot
    /// do what it is listed for, such as an X25519 key under `authentication`.
    pub fn build(self) -> Result<DidDocument, Error> {
        // A fragment that brings its own "#", or a query, would be another place than it says.
        let odd = |fragment: &str| fragment.contains(['#', '?', '/']);
        let place =
            |member, at: usize| invalid(&format!("{member}[{at}].id"), "a fragment without # ? /");
        if let Some(at) = self.methods.iter().position(|m| odd(&m.fragment)) {
            return Err(place("verificationMethod", at));
        }
        if let Some(at) = self.service_fragments.iter().position(|f| odd(f)) {
            return Err(place("service", at));
        }
        let mut object = Object::new();
        object.insert("@context", contexts(&self.methods));
        object.insert("id", self.id.as_str().to_string());
        let texts = |dids: &[Did]| -> Vec<String> { dids.iter().map(Did::to_string).collect() };
        if !self.controllers.is_empty() {
            object.insert("controller", texts(&self.controllers));
        }
        if !self.also_known_as.is_empty() {
            object.insert("alsoKnownAs", self.also_known_as);
        }
        if !self.methods.is_empty() {
            let methods: Vec<_> = self.methods.iter().map(|m| m.object(&self.id)).collect();
            object.insert("verificationMethod", methods);
        }
        for relationship in VerificationRelationship::ALL {
            let listed = self
                .methods
                .iter()
                .filter(|method| method.purposes.contains(&relationship));
            let mut ids = Vec::new();
            for method in listed {
                let key_type = method.key.key_type();
                if relationship != VerificationRelationship::KeyAgreement
                    && !key_type.is_for_signatures()
                {
                    return Err(Error::WrongKeyUse {
                        key_type,
                        operation: relationship.as_str(),
                    });
                }
                ids.push(format!("{}#{}", self.id, method.fragment));
            }
            if !ids.is_empty() {
                object.insert(relationship.as_str(), ids);
            }
        }
        if !self.services.is_empty() {
            object.insert("service", self.services);
        }
        let known: Vec<&PublicKey> = self.methods.iter().map(|method| &method.key).collect();
        DidDocument::built(object, &known)
    }
}

impl NewMethod {
    fn object(&self, did: &Did) -> Object<'static> {
        let (method_type, member, material) = match (self.format, base58_type(self.key.key_type()))
        {
            (KeyFormat::Multikey, _) => (
                "Multikey",
                "publicKeyMultibase",
                Value::from(self.key.to_multikey()),
            ),
            (KeyFormat::Base58, Some((method_type, _))) => (
                method_type,
                "publicKeyBase58",
                Value::from(self.key.to_base58()),
            ),
            (KeyFormat::JsonWebKey2020, _) | (KeyFormat::Base58, None) => (
                "JsonWebKey2020",
                "publicKeyJwk",
                Value::from(self.key.to_jwk()),
            ),
        };
        let mut object = Object::new();
        object.insert("id", format!("{did}#{}", self.fragment));
        object.insert("type", method_type);
        object.insert(
            "controller",
            self.controller.as_ref().unwrap_or(did).to_string(),
        );
        object.insert(member, material);
        for (member, time) in [("expires", self.expires), ("revoked", self.revoked)] {
            if let Some(time) = time {
                object.insert(member, time.to_string());
            }
        }
        object
    }
}

/// The base58 type of a kind of key and the context that defines it.
const fn base58_type(key_type: KeyType) -> Option<(&'static str, &'static str)> {
    Some(match key_type {
        KeyType::Ed25519 => (
            "Ed25519VerificationKey2018",
            "https://w3id.org/security/suites/ed25519-2018/v1",
        ),
        KeyType::X25519 => (
            "X25519KeyAgreementKey2019",
            "https://w3id.org/security/suites/x25519-2019/v1",
        ),
        KeyType::P256 => (
            "P256Key2021",
            "https://w3id.org/security/suites/multikey-2021/v1",
        ),
        KeyType::P384 => (
            "P384Key2021",
            "https://w3id.org/security/suites/multikey-2021/v1",
        ),
        KeyType::Secp256k1 => (
            "EcdsaSecp256k1VerificationKey2019",
            "https://w3id.org/security/suites/secp256k1-2019/v1",
        ),
        KeyType::Rsa => return None,
    })
}

/// The contexts that define the types of some methods, that of DID Core first.
fn contexts(methods: &[NewMethod]) -> Vec<&'static str> {
    let mut contexts = alloc::vec![FIRST_CONTEXT];
    for method in methods {
        let context = match (method.format, base58_type(method.key.key_type())) {
            (KeyFormat::Multikey, _) => "https://w3id.org/security/multikey/v1",
            (KeyFormat::Base58, Some((_, context))) => context,
            (KeyFormat::JsonWebKey2020, _) | (KeyFormat::Base58, None) => {
                "https://w3id.org/security/suites/jws-2020/v1"
            }
        };
        if !contexts.contains(&context) {
            contexts.push(context);
        }
    }
    contexts
}
