//! Certificates: every refusal by what would bring it about, the views of ERC-5192, ERC-5484 and ERC-6454, and what holds whatever is
//! called.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use kbtf_did::Timestamp;
use kbtf_nft::{
    TokenId,
    certificate::{
        BurnAuth, CertificateCall, CertificateEvent, CertificateRefusal, Certificates, Settings,
        Standing, Terms, Validity,
    },
    erc721::{Call, Event, Receiver, Refusal},
};
use proptest::prelude::*;

type Name = &'static str;
type Outcome = Result<Vec<CertificateEvent<Name>>, CertificateRefusal<Name>>;

fn day(number: i64) -> Timestamp {
    Timestamp::from_unix(1_790_000_000 + number * 86_400).unwrap()
}

fn id(number: u64) -> TokenId {
    TokenId::from(number)
}

fn settings() -> Settings {
    Settings {
        tradable: true,
        max_supply: None,
        reissue: false,
    }
}

/// A contract of `agency`, in which `school` may issue.
fn contract(settings: Settings) -> Certificates<Name> {
    let mut contract = Certificates::new("agency", settings);
    let issuer = CertificateCall::SetIssuer {
        account: "school",
        may: true,
    };
    act(&mut contract, "agency", issuer, 0).unwrap();
    contract
}

fn act(
    contract: &mut Certificates<Name>,
    sender: Name,
    call: CertificateCall<Name>,
    now: i64,
) -> Outcome {
    let events = contract.decide(&sender, &call, day(now))?;
    events.iter().for_each(|event| contract.apply(event));
    Ok(events)
}

fn issue(to: Name, token: u64, terms: Terms) -> CertificateCall<Name> {
    CertificateCall::Issue {
        to: Some(to),
        token: id(token),
        terms,
        tradable: true,
        receiver: Receiver::NoContract,
    }
}

fn transfer(from: Name, to: Name, token: u64) -> CertificateCall<Name> {
    CertificateCall::Token(Call::TransferFrom {
        from: Some(from),
        to: Some(to),
        token: id(token),
    })
}

fn burn(token: u64) -> CertificateCall<Name> {
    CertificateCall::Token(Call::Burn { token: id(token) })
}

fn forever() -> Terms {
    Terms::new(BurnAuth::Both)
}

#[test]
fn a_certificate_is_issued_with_its_events() {
    let mut contract = contract(settings());
    let events = act(&mut contract, "school", issue("hong", 1, forever()), 1).unwrap();
    let [CertificateEvent::Token(transfer), issued, lock] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(
        *transfer,
        Event::Transfer {
            from: None,
            to: Some("hong"),
            token: id(1)
        }
    );
    assert!(matches!(
        issued,
        CertificateEvent::Issued {
            issuer: "school",
            to: "hong",
            ..
        }
    ));
    assert_eq!(
        *lock,
        CertificateEvent::Lock {
            token: id(1),
            locked: false
        }
    );
    let certificate = contract.certificate(id(1)).unwrap();
    assert_eq!((certificate.issuer, certificate.issued), ("school", day(1)));
    assert_eq!(contract.locked(id(1)), Ok(false));
    assert_eq!(contract.burn_auth(id(1)).map(BurnAuth::number), Ok(2));
    for (auth, number) in [
        (BurnAuth::IssuerOnly, 0),
        (BurnAuth::OwnerOnly, 1),
        (BurnAuth::Neither, 3),
    ] {
        assert_eq!(auth.number(), number);
    }
    // Of what is not there nothing is said.
    assert_eq!(
        contract.locked(id(2)),
        Err(Refusal::NonexistentToken(id(2)))
    );
    assert_eq!(
        contract.burn_auth(id(2)),
        Err(Refusal::NonexistentToken(id(2)))
    );
    assert!(!contract.is_transferable(id(2), Some(&"hong"), Some(&"kim"), day(1)));
}

#[test]
fn only_issuers_issue_and_only_with_terms() {
    let mut contract = contract(Settings {
        max_supply: Some(2),
        ..settings()
    });
    let refused = |contract: &mut Certificates<Name>, sender, call| {
        act(contract, sender, call, 1).unwrap_err()
    };
    let stranger = refused(&mut contract, "kim", issue("kim", 1, forever()));
    assert_eq!(stranger, CertificateRefusal::NotTheIssuer("kim"));
    // The administrator names issuers; he is none himself.
    let administrator = refused(&mut contract, "agency", issue("kim", 1, forever()));
    assert_eq!(administrator, CertificateRefusal::NotTheIssuer("agency"));
    let mint = CertificateCall::Token(Call::Mint {
        to: Some("kim"),
        token: id(1),
    });
    assert_eq!(
        refused(&mut contract, "school", mint),
        CertificateRefusal::TermsMissing
    );
    let terms = Terms {
        from: Some(day(2)),
        until: Some(day(2)),
        ..forever()
    };
    assert_eq!(
        refused(&mut contract, "school", issue("kim", 1, terms)),
        CertificateRefusal::EmptyValidity
    );
    let receiver = CertificateCall::Issue {
        to: Some("vault"),
        token: id(1),
        terms: forever(),
        tradable: true,
        receiver: Receiver::DoesNotKnow,
    };
    assert_eq!(
        refused(&mut contract, "school", receiver),
        Refusal::InvalidReceiver(Some("vault")).into()
    );
    let nobody = CertificateCall::Issue {
        to: None,
        token: id(1),
        terms: forever(),
        tradable: true,
        receiver: Receiver::NoContract,
    };
    assert_eq!(
        refused(&mut contract, "school", nobody),
        Refusal::InvalidReceiver(None).into()
    );
    act(&mut contract, "school", issue("hong", 1, forever()), 1).unwrap();
    let twice = refused(&mut contract, "school", issue("hong", 1, forever()));
    assert_eq!(twice, Refusal::InvalidSender(None).into());
    act(&mut contract, "school", issue("hong", 2, forever()), 1).unwrap();
    let exhausted = refused(&mut contract, "school", issue("hong", 3, forever()));
    assert_eq!(exhausted, CertificateRefusal::SupplyExhausted(2));
    // Whoever may issue no more says nothing of what he has issued either.
    act(
        &mut contract,
        "agency",
        CertificateCall::SetIssuer {
            account: "school",
            may: false,
        },
        2,
    )
    .unwrap();
    let dismissed = refused(&mut contract, "school", CertificateCall::Revoke(id(1)));
    assert_eq!(dismissed, CertificateRefusal::NotTheIssuer("school"));
    act(&mut contract, "agency", CertificateCall::Revoke(id(1)), 2).unwrap();
}

#[test]
fn what_is_locked_does_not_pass_on() {
    let locked = Err(CertificateRefusal::Locked(id(1)));
    let passes = |contract: &Certificates<Name>, now| {
        let call = transfer("hong", "kim", 1);
        let transferable = contract.is_transferable(id(1), Some(&"hong"), Some(&"kim"), day(now));
        let decided = contract.decide(&"hong", &call, day(now)).map(|_| ());
        // The view says what would happen.
        assert_eq!(transferable, decided.is_ok());
        decided
    };
    let terms = Terms {
        from: Some(day(5)),
        until: Some(day(10)),
        ..forever()
    };
    let mut contract = contract(settings());
    act(&mut contract, "school", issue("hong", 1, terms), 1).unwrap();
    assert_eq!(passes(&contract, 4), locked, "it does not count yet");
    assert_eq!(passes(&contract, 5), Ok(()));
    assert_eq!(passes(&contract, 10), locked, "it counts no more");
    // By the certificate, by the contract, by what its issuer says.
    for (off, on) in [
        (
            CertificateCall::SetTokenTradable {
                token: id(1),
                tradable: false,
            },
            CertificateCall::SetTokenTradable {
                token: id(1),
                tradable: true,
            },
        ),
        (
            CertificateCall::SetTradable(false),
            CertificateCall::SetTradable(true),
        ),
        (
            CertificateCall::Suspend(id(1)),
            CertificateCall::Resume(id(1)),
        ),
    ] {
        act(&mut contract, "agency", off, 5).unwrap();
        assert_eq!(contract.locked(id(1)), Ok(true));
        assert_eq!(passes(&contract, 5), locked);
        act(&mut contract, "agency", on, 5).unwrap();
        assert_eq!(contract.locked(id(1)), Ok(false));
        assert_eq!(passes(&contract, 5), Ok(()));
    }
    assert!(contract.is_transferable(id(1), None, None, day(5)));
    act(
        &mut contract,
        "agency",
        CertificateCall::SetTradable(false),
        5,
    )
    .unwrap();
    assert!(!contract.is_transferable(id(1), None, None, day(5)));
    // To issue and to burn are not to pass on.
    assert!(contract.is_transferable(id(1), None, Some(&"kim"), day(5)));
    act(&mut contract, "hong", burn(1), 5).unwrap();
}

#[test]
fn who_may_burn_is_fixed() {
    for (auth, owner, issuer) in [
        (BurnAuth::IssuerOnly, false, true),
        (BurnAuth::OwnerOnly, true, false),
        (BurnAuth::Both, true, true),
        (BurnAuth::Neither, false, false),
    ] {
        let mut contract = contract(settings());
        act(
            &mut contract,
            "school",
            issue("hong", 1, Terms::new(auth)),
            1,
        )
        .unwrap();
        let approve = CertificateCall::Token(Call::Approve {
            to: Some("kim"),
            token: id(1),
        });
        act(&mut contract, "hong", approve, 1).unwrap();
        let may = |sender: Name| contract.decide(&sender, &burn(1), day(1)).is_ok();
        assert_eq!((may("hong"), may("school")), (owner, issuer), "{auth:?}");
        // Who may transfer it may not burn it, nor may who administers the contract.
        assert!(!may("kim") && !may("agency"));
        let refused = contract.decide(&"kim", &burn(1), day(1));
        assert_eq!(
            refused,
            Err(CertificateRefusal::BurnNotAllowed {
                account: "kim",
                token: id(1)
            })
        );
    }
    let mut contract = contract(settings());
    act(&mut contract, "school", issue("hong", 1, forever()), 1).unwrap();
    act(&mut contract, "hong", burn(1), 2).unwrap();
    assert_eq!(
        contract.certificate(id(1)),
        Err(Refusal::NonexistentToken(id(1)))
    );
    assert_eq!(
        act(&mut contract, "hong", burn(1), 2),
        Err(Refusal::NonexistentToken(id(1)).into())
    );
    let again = act(&mut contract, "school", issue("kim", 1, forever()), 2);
    assert_eq!(again, Err(CertificateRefusal::Burnt(id(1))));
    let mut open = self::contract(Settings {
        reissue: true,
        ..settings()
    });
    act(&mut open, "school", issue("hong", 1, forever()), 1).unwrap();
    act(&mut open, "school", CertificateCall::Revoke(id(1)), 1).unwrap();
    act(&mut open, "hong", burn(1), 2).unwrap();
    act(&mut open, "school", issue("kim", 1, forever()), 2).unwrap();
    // The new one is new.
    assert_eq!(open.certificate(id(1)).unwrap().standing, Standing::Issued);
}

#[test]
fn standing_and_validity() {
    let mut contract = contract(settings());
    let terms = Terms {
        from: Some(day(5)),
        until: Some(day(10)),
        ..forever()
    };
    act(&mut contract, "school", issue("hong", 1, terms), 1).unwrap();
    let validity = |contract: &Certificates<Name>, now| {
        contract.certificate(id(1)).unwrap().validity(day(now))
    };
    assert_eq!(validity(&contract, 4), Validity::NotYetValid);
    assert_eq!(validity(&contract, 5), Validity::Valid);
    assert_eq!(validity(&contract, 10), Validity::Expired);
    let unchanged = Err(CertificateRefusal::StandingUnchanged(id(1)));
    assert_eq!(
        act(&mut contract, "school", CertificateCall::Resume(id(1)), 6),
        unchanged
    );
    for sender in ["hong", "kim"] {
        let refused = act(&mut contract, sender, CertificateCall::Suspend(id(1)), 6);
        assert_eq!(refused, Err(CertificateRefusal::NotTheIssuer(sender)));
    }
    act(&mut contract, "school", CertificateCall::Suspend(id(1)), 6).unwrap();
    assert_eq!(validity(&contract, 6), Validity::Suspended);
    assert_eq!(
        act(&mut contract, "school", CertificateCall::Suspend(id(1)), 6),
        unchanged
    );
    act(&mut contract, "school", CertificateCall::Resume(id(1)), 6).unwrap();
    act(&mut contract, "school", CertificateCall::Revoke(id(1)), 7).unwrap();
    assert_eq!(validity(&contract, 7), Validity::Revoked);
    // For good, whoever asks.
    for call in [
        CertificateCall::Resume(id(1)),
        CertificateCall::Suspend(id(1)),
        CertificateCall::Revoke(id(1)),
    ] {
        assert_eq!(act(&mut contract, "agency", call, 8), unchanged);
    }
    assert_eq!(
        contract.tokens().owner_of(id(1)),
        Ok(&"hong"),
        "it is still there"
    );
    let gone = act(&mut contract, "school", CertificateCall::Revoke(id(2)), 8);
    assert_eq!(gone, Err(Refusal::NonexistentToken(id(2)).into()));
}

#[test]
fn administration_passes_in_two_steps_and_pauses() {
    let mut contract = contract(settings());
    act(&mut contract, "school", issue("hong", 1, forever()), 1).unwrap();
    for call in [
        CertificateCall::SetTradable(false),
        CertificateCall::SetPaused(true),
        CertificateCall::SetIssuer {
            account: "kim",
            may: true,
        },
        CertificateCall::OfferAdministration(Some("kim")),
        CertificateCall::AcceptAdministration,
    ] {
        let refused = act(&mut contract, "kim", call, 1);
        assert_eq!(refused, Err(CertificateRefusal::NotTheAdministrator("kim")));
    }
    act(&mut contract, "agency", CertificateCall::SetPaused(true), 1).unwrap();
    for (sender, call) in [
        ("hong", transfer("hong", "kim", 1)),
        ("hong", burn(1)),
        ("school", issue("kim", 2, forever())),
    ] {
        assert_eq!(
            act(&mut contract, sender, call, 1),
            Err(CertificateRefusal::Paused)
        );
    }
    assert!(!contract.is_transferable(id(1), Some(&"hong"), Some(&"kim"), day(1)));
    act(&mut contract, "school", CertificateCall::Revoke(id(1)), 1).unwrap();
    act(
        &mut contract,
        "agency",
        CertificateCall::SetPaused(false),
        1,
    )
    .unwrap();
    act(
        &mut contract,
        "agency",
        CertificateCall::OfferAdministration(Some("office")),
        1,
    )
    .unwrap();
    assert_eq!(contract.administrator(), &"agency");
    act(
        &mut contract,
        "agency",
        CertificateCall::OfferAdministration(None),
        1,
    )
    .unwrap();
    assert!(
        act(
            &mut contract,
            "office",
            CertificateCall::AcceptAdministration,
            1
        )
        .is_err()
    );
    act(
        &mut contract,
        "agency",
        CertificateCall::OfferAdministration(Some("office")),
        1,
    )
    .unwrap();
    act(
        &mut contract,
        "office",
        CertificateCall::AcceptAdministration,
        1,
    )
    .unwrap();
    assert!(act(&mut contract, "agency", CertificateCall::SetPaused(true), 1).is_err());
    assert!(
        act(
            &mut contract,
            "office",
            CertificateCall::AcceptAdministration,
            1
        )
        .is_err()
    );
}

fn calls() -> impl Strategy<Value = Vec<(Name, CertificateCall<Name>, i64)>> {
    let name = || prop::sample::select(vec!["agency", "school", "hong", "kim"]);
    let token = || (0_u64..3).prop_map(id);
    let auth = prop::sample::select(vec![
        BurnAuth::IssuerOnly,
        BurnAuth::OwnerOnly,
        BurnAuth::Both,
        BurnAuth::Neither,
    ]);
    let call = prop_oneof![
        4 => (name(), token(), auth, any::<bool>(), prop::option::of(0_i64..20)).prop_map(|(to, token, burn_auth, tradable, until)| {
            let terms = Terms { until: until.map(day), ..Terms::new(burn_auth) };
            CertificateCall::Issue { to: Some(to), token, terms, tradable, receiver: Receiver::NoContract }
        }),
        6 => (name(), name(), token()).prop_map(|(from, to, token)| {
            CertificateCall::Token(Call::TransferFrom { from: Some(from), to: Some(to), token })
        }),
        2 => (name(), token()).prop_map(|(to, token)| CertificateCall::Token(Call::Approve { to: Some(to), token })),
        2 => token().prop_map(|token| CertificateCall::Token(Call::Burn { token })),
        1 => token().prop_map(CertificateCall::Suspend),
        1 => token().prop_map(CertificateCall::Resume),
        1 => token().prop_map(CertificateCall::Revoke),
        1 => (token(), any::<bool>()).prop_map(|(token, tradable)| CertificateCall::SetTokenTradable { token, tradable }),
        1 => any::<bool>().prop_map(CertificateCall::SetTradable),
        1 => any::<bool>().prop_map(CertificateCall::SetPaused),
        1 => (name(), any::<bool>()).prop_map(|(account, may)| CertificateCall::SetIssuer { account, may }),
    ];
    prop::collection::vec((name(), call, 0_i64..2), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is called: what is locked does not pass on, what is revoked stays so, terms never change, a certificate is there if its
    /// token is, and the events alone make the same contract.
    #[test]
    fn what_always_holds(calls in calls()) {
        let mut contract = contract(settings());
        let mut all: Vec<CertificateEvent<Name>> = Vec::new();
        let mut now = 0;
        for (sender, call, later) in calls {
            now += later;
            // Half of the senders are those who can do something.
            let owner = match &call {
                CertificateCall::Token(Call::TransferFrom { token, .. } | Call::Approve { token, .. } | Call::Burn { token }) => {
                    contract.tokens().owner_of(*token).ok().copied()
                }
                CertificateCall::Issue { .. } => Some("school"),
                _ => Some("agency"),
            };
            let sender = owner.filter(|_| sender != "kim").unwrap_or(sender);
            let call = match call {
                CertificateCall::Token(Call::TransferFrom { to, token, .. }) => {
                    CertificateCall::Token(Call::TransferFrom { from: owner, to, token })
                }
                call => call,
            };
            let before = contract.clone();
            let Ok(events) = contract.decide(&sender, &call, day(now)) else {
                continue;
            };
            events.iter().for_each(|event| contract.apply(event));
            all.extend(events);
            for n in 0..3 {
                let (was, is) = (before.certificate(id(n)).ok(), contract.certificate(id(n)).ok());
                prop_assert_eq!(is.is_some(), contract.tokens().owner_of(id(n)).is_ok());
                let (Some(was), Some(is)) = (was, is) else { continue };
                prop_assert_eq!(&was.terms, &is.terms);
                prop_assert_eq!(was.issuer, is.issuer);
                prop_assert!(was.standing != Standing::Revoked || is.standing == Standing::Revoked);
                let passed = before.tokens().owner_of(id(n)) != contract.tokens().owner_of(id(n));
                if passed {
                    prop_assert_eq!(before.locked(id(n)), Ok(false));
                    prop_assert_eq!(was.validity(day(now)), Validity::Valid);
                }
            }
        }
        let mut again = Certificates::new("agency", settings());
        again.apply(&CertificateEvent::Issuer { account: "school", may: true });
        all.iter().for_each(|event| again.apply(event));
        prop_assert_eq!(again.settings(), contract.settings());
        for n in 0..3 {
            prop_assert_eq!(again.certificate(id(n)), contract.certificate(id(n)));
            prop_assert_eq!(again.tokens().owner_of(id(n)), contract.tokens().owner_of(id(n)));
        }
    }
}
