//! Before anything is timed: that the libraries agree on what is good, that they refuse what was tampered with, and
//! what each says of what only some of them look at.

use crate::certificate::{
    Issuer, Kind, Outcome, Verifier, any_token, certificate, expired, of_another, proof_value,
    tampered, undefined,
};

/// The issuers and verifiers of one kind of credential.
pub(crate) struct Group<'a> {
    pub(crate) issuers: Vec<Issuer<'a>>,
    pub(crate) verifiers: Vec<Verifier<'a>>,
    /// The certificate: what all issuers are given.
    pub(crate) unsigned: String,
    /// The certificate, signed: what all verifiers are given.
    pub(crate) signed: String,
    kind: Kind,
    /// Which issuers all verifiers accept.
    accepted: Vec<usize>,
}

impl<'a> Group<'a> {
    /// Checks that every verifier refuses whatever was tampered with, that nothing issued is refused by all, and that
    /// one credential is accepted by all.
    pub(crate) fn new(
        kind: Kind,
        issuers: Vec<Issuer<'a>>,
        verifiers: Vec<Verifier<'a>>,
        unsigned: String,
    ) -> Outcome<Self> {
        let mut agreed = None;
        let mut accepted = Vec::new();
        let mut value = None;
        for (place, issuer) in issuers.iter().enumerate() {
            let signed = (issuer.run)(&unsigned)?;
            // Ed25519 is deterministic: two proofs of the same have the same value.
            let first = value.get_or_insert_with(|| proof_value(&signed).map(ToOwned::to_owned));
            assert_eq!(proof_value(&signed), first.as_deref(), "{}", issuer.name);
            let bad = tampered(kind, &signed, &(issuer.run)(&of_another(&unsigned))?)?;
            assert_ne!(signed, bad);
            for verifier in &verifiers {
                assert!(!verifier.accepts(&bad), "{}", verifier.name);
            }
            let accepting = verifiers
                .iter()
                .filter(|verifier| verifier.accepts(&signed));
            let accepting = accepting.count();
            assert_ne!(accepting, 0, "all refuse: {}", issuer.name);
            if accepting == verifiers.len() {
                accepted.push(place);
                agreed.get_or_insert(signed);
            }
        }
        Ok(Self {
            signed: agreed.ok_or("no credential is accepted by all")?,
            unsigned,
            issuers,
            verifiers,
            kind,
            accepted,
        })
    }

    /// By whichever library lets itself be asked, of those that all accept.
    fn issue(&self, unsigned: &str) -> Outcome<String> {
        if self.kind == Kind::Jwt {
            return any_token(&self.signed, unsigned);
        }
        let issuers = self.accepted.iter().map(|place| &self.issuers[*place]);
        let mut issued = issuers.map(|issuer| (issuer.run)(unsigned));
        let issued = issued.find_map(Result::ok);
        issued.ok_or_else(|| "nobody issues this".into())
    }

    /// Prints what each verifier says of three credentials whose signatures are good.
    pub(crate) fn probe(&self) -> Outcome<()> {
        let stranger = self.issue(&certificate(self.kind, "did:example:somebody-else"))?;
        let over = self.issue(&expired(&self.unsigned))?;
        let claims = undefined(&self.unsigned);
        let other = self.issue(&of_another(&claims))?;
        let changed = tampered(self.kind, &self.issue(&claims)?, &other)?;
        for verifier in &self.verifiers {
            print!("{:56}", verifier.name);
            for signed in [&stranger, &over, &changed] {
                let accepts = verifier.accepts(signed);
                print!(" {:>15}", if accepts { "accepts" } else { "refuses" });
            }
            println!();
        }
        Ok(())
    }
}

/// The columns of [`Group::probe`].
pub(crate) fn print_probes() {
    println!(
        "{:56} {:>15} {:>15} {:>15}",
        "", "other issuer", "expired", "undefined claim"
    );
}
