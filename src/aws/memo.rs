//! What one refresh has read already, where several kinds ask for the same answer.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::OnceCell;

use super::cloud::Cloud;
use crate::provider::ProviderError;

type Answer = Result<Arc<dyn Any + Send + Sync>, ProviderError>;
type Cell = Arc<OnceCell<Answer>>;

/// Answers by call and argument.
#[derive(Default)]
pub struct Memo(HashMap<(&'static str, String), Cell>);

fn typed<T: Send + Sync + 'static>(
    call: &'static str,
    answer: Answer,
) -> Result<Arc<T>, ProviderError> {
    let wrong = "two kinds read the same answer as different types";
    answer?
        .downcast::<T>()
        .map_err(|_| ProviderError::new(call, wrong))
}

impl Cloud {
    /// Asks once for each (call, argument) until `forget`; whoever comes second waits for the first's answer.
    pub async fn once<T, F>(
        &self,
        call: &'static str,
        argument: &str,
        ask: impl FnOnce() -> F + Send,
    ) -> Result<Arc<T>, ProviderError>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T, ProviderError>> + Send,
    {
        let cell = {
            let mut memo = self
                .memo
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner());
            memo.0
                .entry((call, argument.to_owned()))
                .or_default()
                .clone()
        };
        let answer = cell
            .get_or_init(|| async {
                ask()
                    .await
                    .map(|value| Arc::new(value) as Arc<dyn Any + Send + Sync>)
            })
            .await;
        typed(call, answer.clone())
    }

    /// The answer to what was asked since the last `forget`.
    pub fn read_already<T: Send + Sync + 'static>(
        &self,
        call: &'static str,
        argument: &str,
    ) -> Option<Result<Arc<T>, ProviderError>> {
        let memo = self
            .memo
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let cell = memo.0.get(&(call, argument.to_owned()))?;
        Some(typed(call, cell.get()?.clone()))
    }

    /// Forgets every answer: the next refresh asks again.
    pub fn forget(&self) {
        self.memo
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .0
            .clear();
    }
}
