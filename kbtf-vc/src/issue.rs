use kbtf_did::{
    CryptoProvider, DidUrl, KeyType, Signer, VerificationRelationship, did_key,
    json::{Limits, Object, Value},
};

use crate::{
    Credential, Cryptosuite, Error, PreparedProof, Presentation, ProofOptions,
    context::foreign_context, credential::is_url, error::malformed, received::is_envelope,
};

/// Signs a credential as its issuer (VC-01, VC-02).
///
/// The cryptosuite follows from the signer's key: `eddsa-jcs-2022` for Ed25519, `ecdsa-jcs-2019` for P-256 and P-384; with
/// `ProofOptions::rdf` (feature `rdfc`) those that sign RDF.
///
/// # Errors
/// `vc/already-signed`; `vc/not-the-signer` if the issuer is not the DID of the verification method, or that DID
/// is a `did:key` of another key;
/// `vc/malformed` if the purpose is not `assertionMethod`; what the signer or provider reports. Nothing is
/// left half done: what comes back is a signed credential or an error.
///
/// ```
/// use kbtf_did::{KeyType, SecretKey, Signer, SoftwareSigner, did_key};
/// use kbtf_vc::{Credential, Evidence, Policy, ProofOptions, Trust, issue_credential, verify_credential};
///
/// let signer = SoftwareSigner::new(SecretKey::from_bytes(KeyType::Ed25519, &[7; 32])?);
/// let issuer = did_key::from_public_key(signer.public_key());
/// let text = format!(r#"{{
///   "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
///   "issuer": "{issuer}", "credentialSubject": {{"id": "did:example:student", "name": "홍길동"}}
/// }}"#);
/// let now = "2026-11-22T00:00:00Z".parse()?;
/// let options = ProofOptions::assertion(did_key::verification_method_id(&issuer)?, now);
/// let signed = issue_credential(Credential::parse(&text)?, &options, &signer)?.to_json();
///
/// let policy = Policy::new(Trust::issuers([issuer]));
/// let verified = verify_credential(signed.as_bytes(), &Evidence::new(), &policy, now).into_verified().unwrap();
/// assert_eq!(verified.get().subjects().next().unwrap().get_str("name"), Some("홍길동"));
/// # Ok::<(), kbtf_vc::Error>(())
/// ```
pub fn issue_credential<'a>(
    mut credential: Credential<'a>,
    options: &ProofOptions,
    signer: &dyn Signer,
) -> Result<Credential<'a>, Error> {
    check_credential(&credential, options)?;
    check_did_key(options, signer)?;
    let key_type = signer.public_key().key_type();
    if credential.is_signed() {
        return Err(Error::AlreadySigned);
    }
    let prepared = prepare(
        credential.take_object(),
        options,
        key_type,
        signer.provider(),
    )?;
    let signature = signer.sign(prepared.signing_input())?;
    credential.put_object(prepared.complete(&signature)?);
    Ok(credential)
}

/// Adds a proof to a credential that is signed already: another signer's into the set of its proofs, or one upon those
/// that the options name (a chain). All proofs of a document must verify, and one of them must be the issuer's.
///
/// # Errors
/// `vc/malformed` if the purpose is not `assertionMethod`, a previous proof is not there, the id of the new one is taken,
/// or there are [`MAX_PROOFS`](crate::MAX_PROOFS) already; `vc/not-the-signer` for a `did:key` of another key; what the
/// signer or provider reports.
pub fn add_proof<'a>(
    credential: Credential<'a>,
    options: &ProofOptions,
    signer: &dyn Signer,
) -> Result<Credential<'a>, Error> {
    check_contents(&credential, options)?;
    check_signer(
        "issuer",
        options.verification_method().did_str(),
        options.verification_method(),
    )?;
    check_did_key(options, signer)?;
    let key_type = signer.public_key().key_type();
    let prepared = PreparedProof::adding(
        credential.into_object(),
        options,
        suite_of(options, key_type)?,
        key_type,
        signer.provider(),
    )?;
    let signature = signer.sign(prepared.signing_input())?;
    Credential::from_object(prepared.complete(&signature)?)
}

/// The first step of signing a credential with a signer that is not at hand: the bytes to sign are in the result.
///
/// # Errors
/// As for [`issue_credential`], but that the key is that of a `did:key` is for the caller to know.
pub fn prepare_credential<'a>(
    credential: Credential<'a>,
    options: &ProofOptions,
    key_type: KeyType,
    provider: &dyn CryptoProvider,
) -> Result<PreparedProof<'a>, Error> {
    check_credential(&credential, options)?;
    prepare(credential.into_object(), options, key_type, provider)
}

/// Signs a presentation as its holder, for one verifier (VC-03).
///
/// # Errors
/// `vc/already-signed`; `vc/not-the-signer` if the presentation names another holder than the DID of the
/// verification method; `vc/malformed` if the purpose is not `authentication`; what the signer or provider reports.
pub fn issue_presentation<'a>(
    mut presentation: Presentation<'a>,
    options: &ProofOptions,
    signer: &dyn Signer,
) -> Result<Presentation<'a>, Error> {
    check_presentation(&presentation, options)?;
    check_did_key(options, signer)?;
    let key_type = signer.public_key().key_type();
    let prepared = prepare(
        presentation.take_object(),
        options,
        key_type,
        signer.provider(),
    )?;
    let signature = signer.sign(prepared.signing_input())?;
    presentation.put_object(prepared.complete(&signature)?);
    Ok(presentation)
}

/// The first step of signing a presentation with a signer that is not at hand.
///
/// # Errors
/// As for [`issue_presentation`], but that the key is that of a `did:key` is for the caller to know.
pub fn prepare_presentation<'a>(
    presentation: Presentation<'a>,
    options: &ProofOptions,
    key_type: KeyType,
    provider: &dyn CryptoProvider,
) -> Result<PreparedProof<'a>, Error> {
    check_presentation(&presentation, options)?;
    prepare(presentation.into_object(), options, key_type, provider)
}

fn check_credential(credential: &Credential<'_>, options: &ProofOptions) -> Result<(), Error> {
    check_contents(credential, options)?;
    check_signer("issuer", credential.issuer(), options.verification_method())
}

fn check_contents(credential: &Credential<'_>, options: &ProofOptions) -> Result<(), Error> {
    if options.purpose() != VerificationRelationship::AssertionMethod {
        return Err(malformed("proofPurpose", "assertionMethod"));
    }
    check_document(credential)
}

/// That a credential can be verified once it is signed, in whatever form.
pub(crate) fn check_document(credential: &Credential<'_>) -> Result<(), Error> {
    // What every verifier of ours would refuse is not signed: contexts that are no URLs or of the other version,
    // and nesting that leaves no room for the presentation around it.
    let document = credential.as_object();
    let foreign = document
        .iter()
        .find_map(|(name, value)| foreign_context(name, value, credential.version(), &is_url));
    if foreign.is_some() {
        return Err(malformed(
            "@context",
            "URLs, none of them of the other version",
        ));
    }
    if document.depth() + 2 > Limits::default().max_depth {
        return Err(Error::TooLarge);
    }
    Ok(())
}

fn check_presentation(
    presentation: &Presentation<'_>,
    options: &ProofOptions,
) -> Result<(), Error> {
    if options.purpose() != VerificationRelationship::Authentication {
        return Err(malformed("proofPurpose", "authentication"));
    }
    if !presentation.credentials().all(is_secured) {
        return Err(malformed("verifiableCredential", "signed credentials"));
    }
    match presentation.holder() {
        Some(holder) => check_signer("holder", holder, options.verification_method()),
        None => Ok(()),
    }
}

pub(crate) fn check_signer(place: &'static str, named: &str, method: &DidUrl) -> Result<(), Error> {
    // What any verifier of ours asks of the id of a key.
    if !method.path().is_empty()
        || method.query().is_some()
        || method.fragment().is_none_or(str::is_empty)
    {
        return Err(malformed(
            "verificationMethod",
            "a DID with a fragment, without path and query",
        ));
    }
    let expected = method.did_str();
    if named == expected {
        return Ok(());
    }
    Err(Error::NotTheSigner {
        place,
        expected: expected.into(),
    })
}

/// Whether a credential in a presentation has a proof, or is a token.
fn is_secured(credential: &Value<'_>) -> bool {
    match credential {
        Value::Object(object) => object.contains("proof") || is_envelope(object),
        Value::String(_) => true,
        _ => false,
    }
}

/// A `did:key` says itself which key signs for it; signing with another would make waste paper.
fn check_did_key(options: &ProofOptions, signer: &dyn Signer) -> Result<(), Error> {
    check_did_key_of(options.verification_method(), signer)
}

pub(crate) fn check_did_key_of(method: &DidUrl, signer: &dyn Signer) -> Result<(), Error> {
    let of_signer = did_key::from_public_key(signer.public_key());
    let fits = method.did_str() == of_signer.as_str()
        && method.fragment() == Some(of_signer.method_specific_id());
    if method.did_str().starts_with("did:key:") && !fits {
        return Err(Error::NotTheSigner {
            place: "verificationMethod",
            expected: of_signer.as_str().into(),
        });
    }
    Ok(())
}

fn prepare<'a>(
    document: Object<'a>,
    options: &ProofOptions,
    key_type: KeyType,
    provider: &dyn CryptoProvider,
) -> Result<PreparedProof<'a>, Error> {
    let suite = suite_of(options, key_type)?;
    PreparedProof::new(document, options, suite, key_type, provider)
}

fn suite_of(options: &ProofOptions, key_type: KeyType) -> Result<Cryptosuite, Error> {
    let suite = options.suite_for(key_type);
    Ok(suite.ok_or(kbtf_did::Error::WrongKeyUse {
        key_type,
        operation: "sign",
    })?)
}
