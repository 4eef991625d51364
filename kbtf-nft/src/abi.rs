//! The bytes of refusals and events on chains of the kind of Ethereum (ERC-6093; the contract ABI).

use alloc::vec::Vec;

use crate::{
    Address, TokenId,
    erc721::{Event, Refusal},
};

type Selector = [u8; 4];
type Word = [u8; 32];

const INVALID_OWNER: Selector = [0x89, 0xc6, 0x2b, 0x64];
const NONEXISTENT_TOKEN: Selector = [0x7e, 0x27, 0x32, 0x89];
const INCORRECT_OWNER: Selector = [0x64, 0x28, 0x3d, 0x7b];
const INVALID_SENDER: Selector = [0x73, 0xc6, 0xac, 0x6e];
const INVALID_RECEIVER: Selector = [0x64, 0xa0, 0xae, 0x92];
const INSUFFICIENT_APPROVAL: Selector = [0x17, 0x7e, 0x80, 0x2f];
const INVALID_APPROVER: Selector = [0xa9, 0xfb, 0xf5, 0x1f];
const INVALID_OPERATOR: Selector = [0x5b, 0x08, 0xba, 0x18];

/// `Transfer(address,address,uint256)`.
const TRANSFER: Word = [
    0xdd, 0xf2, 0x52, 0xad, 0x1b, 0xe2, 0xc8, 0x9b, 0x69, 0xc2, 0xb0, 0x68, 0xfc, 0x37, 0x8d, 0xaa,
    0x95, 0x2b, 0xa7, 0xf1, 0x63, 0xc4, 0xa1, 0x16, 0x28, 0xf5, 0x5a, 0x4d, 0xf5, 0x23, 0xb3, 0xef,
];
/// `Approval(address,address,uint256)`.
const APPROVAL: Word = [
    0x8c, 0x5b, 0xe1, 0xe5, 0xeb, 0xec, 0x7d, 0x5b, 0xd1, 0x4f, 0x71, 0x42, 0x7d, 0x1e, 0x84, 0xf3,
    0xdd, 0x03, 0x14, 0xc0, 0xf7, 0xb2, 0x29, 0x1e, 0x5b, 0x20, 0x0a, 0xc8, 0xc7, 0xc3, 0xb9, 0x25,
];
/// `ApprovalForAll(address,address,bool)`.
const APPROVAL_FOR_ALL: Word = [
    0x17, 0x30, 0x7e, 0xab, 0x39, 0xab, 0x61, 0x07, 0xe8, 0x89, 0x98, 0x45, 0xad, 0x3d, 0x59, 0xbd,
    0x96, 0x53, 0xf2, 0x00, 0xf2, 0x20, 0x92, 0x04, 0x89, 0xca, 0x2b, 0x59, 0x37, 0x69, 0x6c, 0x31,
];

/// An account as a word; of nobody zeros.
fn account(account: Option<&Address>) -> Word {
    let mut word = [0; 32];
    let (_, low) = word.split_at_mut(12);
    if let Some(account) = account {
        low.copy_from_slice(account.as_bytes());
    }
    word
}

fn call(selector: Selector, words: &[Word]) -> Vec<u8> {
    let mut data = selector.to_vec();
    words.iter().for_each(|word| data.extend(word));
    data
}

/// The data that a contract fails with.
///
/// ```
/// use kbtf_nft::{Address, TokenId, abi};
/// use kbtf_nft::erc721::Refusal;
///
/// let refusal = Refusal::<Address>::NonexistentToken(TokenId::from(7));
/// let data = abi::refusal_data(&refusal);
/// assert_eq!(data[..4], [0x7e, 0x27, 0x32, 0x89]);
/// assert_eq!(abi::read_refusal(&data), Some(refusal));
/// ```
#[must_use]
pub fn refusal_data(refusal: &Refusal<Address>) -> Vec<u8> {
    match refusal {
        Refusal::InvalidOwner(owner) => call(INVALID_OWNER, &[account(owner.as_ref())]),
        Refusal::NonexistentToken(token) => call(NONEXISTENT_TOKEN, &[*token.as_bytes()]),
        Refusal::IncorrectOwner { from, token, owner } => call(
            INCORRECT_OWNER,
            &[
                account(from.as_ref()),
                *token.as_bytes(),
                account(Some(owner)),
            ],
        ),
        Refusal::InvalidSender(sender) => call(INVALID_SENDER, &[account(sender.as_ref())]),
        Refusal::InvalidReceiver(receiver) => call(INVALID_RECEIVER, &[account(receiver.as_ref())]),
        Refusal::InsufficientApproval { operator, token } => call(
            INSUFFICIENT_APPROVAL,
            &[account(Some(operator)), *token.as_bytes()],
        ),
        Refusal::InvalidApprover(approver) => call(INVALID_APPROVER, &[account(Some(approver))]),
        Refusal::InvalidOperator(operator) => call(INVALID_OPERATOR, &[account(operator.as_ref())]),
        Refusal::Receiver(data) => data.clone(),
    }
}

/// Reads the data that a contract has failed with; `None` if it is none of ERC-6093's for ERC-721.
#[must_use]
pub fn read_refusal(data: &[u8]) -> Option<Refusal<Address>> {
    let (selector, rest) = data.split_first_chunk::<4>()?;
    let (words, []) = rest.as_chunks::<32>() else {
        return None;
    };
    let somebody = |word: &Word| read_account(word)?;
    Some(match (*selector, words) {
        (INVALID_OWNER, [owner]) => Refusal::InvalidOwner(read_account(owner)?),
        (NONEXISTENT_TOKEN, [token]) => Refusal::NonexistentToken(TokenId::from_bytes(*token)),
        (INCORRECT_OWNER, [from, token, owner]) => Refusal::IncorrectOwner {
            from: read_account(from)?,
            token: TokenId::from_bytes(*token),
            owner: somebody(owner)?,
        },
        (INVALID_SENDER, [sender]) => Refusal::InvalidSender(read_account(sender)?),
        (INVALID_RECEIVER, [receiver]) => Refusal::InvalidReceiver(read_account(receiver)?),
        (INSUFFICIENT_APPROVAL, [operator, token]) => Refusal::InsufficientApproval {
            operator: somebody(operator)?,
            token: TokenId::from_bytes(*token),
        },
        (INVALID_APPROVER, [approver]) => Refusal::InvalidApprover(somebody(approver)?),
        (INVALID_OPERATOR, [operator]) => Refusal::InvalidOperator(read_account(operator)?),
        _ => return None,
    })
}

/// An account in a word, or nobody; `None` for a word that has more than 20 bytes.
#[expect(clippy::option_option, reason = "no account and nobody are two things")]
fn read_account(word: &Word) -> Option<Option<Address>> {
    let (high, low) = word.split_last_chunk::<20>()?;
    high.iter()
        .all(|byte| *byte == 0)
        .then(|| Address::from_bytes(*low))
}

/// An event as it stands in a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// What is looked for.
    pub topics: Vec<Word>,
    /// What else it says.
    pub data: Vec<u8>,
}

/// An event as a contract writes it.
#[must_use]
pub fn log(event: &Event<Address>) -> Log {
    match event {
        Event::Transfer { from, to, token } => Log {
            topics: Vec::from([
                TRANSFER,
                account(from.as_ref()),
                account(to.as_ref()),
                *token.as_bytes(),
            ]),
            data: Vec::new(),
        },
        Event::Approval {
            owner,
            approved,
            token,
        } => Log {
            topics: Vec::from([
                APPROVAL,
                account(Some(owner)),
                account(approved.as_ref()),
                *token.as_bytes(),
            ]),
            data: Vec::new(),
        },
        Event::ApprovalForAll {
            owner,
            operator,
            approved,
        } => {
            let mut word = [0; 32];
            if let Some(last) = word.last_mut() {
                *last = u8::from(*approved);
            }
            Log {
                topics: Vec::from([
                    APPROVAL_FOR_ALL,
                    account(Some(owner)),
                    account(Some(operator)),
                ]),
                data: word.to_vec(),
            }
        }
    }
}

/// Reads an event; `None` if it is none of ERC-721's.
#[must_use]
pub fn read_log(log: &Log) -> Option<Event<Address>> {
    match (log.topics.as_slice(), log.data.as_slice()) {
        ([TRANSFER, from, to, token], []) => {
            let (from, to) = (read_account(from)?, read_account(to)?);
            // From nobody to nobody nothing passes.
            (from.is_some() || to.is_some()).then_some(Event::Transfer {
                from,
                to,
                token: TokenId::from_bytes(*token),
            })
        }
        ([APPROVAL, owner, approved, token], []) => Some(Event::Approval {
            owner: read_account(owner)??,
            approved: read_account(approved)?,
            token: TokenId::from_bytes(*token),
        }),
        ([APPROVAL_FOR_ALL, owner, operator], [high @ .., last]) => {
            let is_flag = high.len() == 31 && high.iter().all(|byte| *byte == 0) && *last <= 1;
            is_flag.then_some(Event::ApprovalForAll {
                owner: read_account(owner)??,
                operator: read_account(operator)??,
                approved: *last == 1,
            })
        }
        _ => None,
    }
}
