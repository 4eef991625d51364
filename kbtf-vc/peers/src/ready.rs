//! The peers have asynchronous interfaces. Nothing here waits for anything, so one poll is all that a future needs.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

pub(crate) fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a did:key or a bundled context had to be waited for"),
    }
}
