//! Many futures at once, a bounded number of them under way, the answers in order.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// As many as are polled together; `Cloud::permit` bounds the calls themselves.
const TOGETHER: usize = 32;

/// Waits for all. Every wake polls all that are under way, so few are.
pub async fn all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut waiting = futures.into_iter().enumerate();
    let mut under_way: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    let mut done: Vec<(usize, F::Output)> = Vec::new();
    poll_fn(|context| {
        loop {
            let room = TOGETHER - under_way.len();
            under_way.extend(waiting.by_ref().take(room).map(|(at, f)| (at, Box::pin(f))));
            if under_way.is_empty() {
                return Poll::Ready(());
            }
            let before = done.len();
            under_way.retain_mut(|(at, future)| match future.as_mut().poll(context) {
                Poll::Ready(answer) => {
                    done.push((*at, answer));
                    false
                }
                Poll::Pending => true,
            });
            // Only what was newly taken in has not been polled yet.
            if done.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_keep_their_order_whoever_finishes_first() {
        let late = |n: usize| async move {
            for _ in 0..(200 - n) {
                tokio::task::yield_now().await;
            }
            n
        };
        let answers = all((0..100).map(late).collect()).await;
        assert_eq!(answers, (0..100).collect::<Vec<_>>());
    }
}
