//! What is sealed opens with its key only, whole or not at all.

use super::*;
use crate::manifest::Secret;
use crate::provider::Boxed;

fn phrase(text: &str) -> Source {
    Source::Passphrase(Secret::new(text))
}

fn file(byte: u8) -> Source {
    Source::File(vec![byte; 32].into())
}

/// Wraps by turning every bit around.
struct Turner;

impl Keeper for Turner {
    fn generate(&self) -> Boxed<'_, Result<Wrapped, String>> {
        let key = vec![7; 32];
        let wrapped = key.iter().map(|byte| !byte).collect();
        Box::pin(async { Ok(Wrapped { key, wrapped }) })
    }

    fn unwrap<'a>(&'a self, wrapped: &'a [u8]) -> Boxed<'a, Result<Vec<u8>, String>> {
        Box::pin(async { Ok(wrapped.iter().map(|byte| !byte).collect()) })
    }
}

async fn opened(seal: &Seal, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    seal.prepare(&[bytes]).await?;
    seal.open(bytes.to_vec())
}

async fn closed(seal: &Seal, bytes: &[u8]) -> Vec<u8> {
    seal.prepare(&[]).await.unwrap();
    seal.close(bytes).unwrap()
}

#[tokio::test]
async fn each_kind_of_key_opens_what_it_sealed_and_nothing_shows() {
    let sources = [
        phrase("correct horse"),
        file(1),
        Source::Kms(Arc::new(Turner)),
    ];
    for source in sources {
        let seal = Seal::new(Some(source.clone()), vec![]);
        let text = closed(&seal, b"role.secret-name").await;
        assert!(!String::from_utf8_lossy(&text).contains("secret-name"));
        assert_eq!(opened(&seal, &text).await.unwrap(), b"role.secret-name");
        // As another process: nothing is remembered.
        let other = Seal::new(Some(source), vec![]);
        assert_eq!(opened(&other, &text).await.unwrap(), b"role.secret-name");
    }
}

#[tokio::test]
async fn what_was_written_is_read_by_who_wrote_it() {
    let seal = Seal::new(Some(file(1)), vec![]);
    let text = closed(&seal, b"x").await;
    assert_eq!(
        seal.open(text).unwrap(),
        b"x",
        "without another look for its key"
    );
}

#[tokio::test]
async fn the_same_text_is_never_sealed_twice_alike() {
    let seal = Seal::new(Some(file(1)), vec![]);
    let (one, two) = (closed(&seal, b"x").await, closed(&seal, b"x").await);
    assert_ne!(one, two);
}

#[tokio::test]
async fn another_key_is_told_from_none() {
    let text = closed(&Seal::new(Some(phrase("one")), vec![]), b"x").await;
    let told = |seal: Seal| {
        let text = text.clone();
        async move { opened(&seal, &text).await.unwrap_err() }
    };
    let other = told(Seal::new(Some(phrase("two")), vec![])).await;
    assert_eq!(other, SealError::Wrong("a passphrase"));
    let none = told(Seal::new(Some(file(1)), vec![])).await;
    assert_eq!(none, SealError::NoKey("a passphrase"));
    assert_eq!(
        told(Seal::default()).await,
        SealError::NoKey("a passphrase")
    );
}

#[tokio::test]
async fn what_is_not_sealed_is_refused_once_sealing_is_on() {
    let on = Seal::new(Some(file(1)), vec![]);
    assert_eq!(opened(&on, b"{}").await, Err(SealError::Plain));
    assert_eq!(opened(&on.lenient(), b"{}").await.unwrap(), b"{}");
    assert_eq!(opened(&Seal::default(), b"{}").await.unwrap(), b"{}");
}

#[tokio::test]
async fn an_earlier_key_opens_and_seals_nothing_new() {
    let old = closed(&Seal::new(Some(phrase("old")), vec![]), b"x").await;
    let both = Seal::new(Some(phrase("new")), vec![phrase("older"), phrase("old")]);
    assert_eq!(opened(&both, &old).await.unwrap(), b"x");
    let new = both.close(b"x").unwrap();
    let only = Seal::new(Some(phrase("new")), vec![]);
    assert_eq!(opened(&only, &new).await.unwrap(), b"x");
    // Turned off: the old key opens, nothing is sealed.
    let off = Seal::new(None, vec![phrase("old")]);
    assert_eq!(opened(&off, &old).await.unwrap(), b"x");
    assert_eq!(off.close(b"x").unwrap(), b"x");
    assert_eq!(opened(&off, b"x").await.unwrap(), b"x");
}

#[tokio::test]
async fn a_text_grows_and_a_torn_last_line_is_left_out() {
    let seal = Seal::new(Some(file(1)), vec![]);
    let mut text = closed(&seal, b"one ").await;
    let whole = text.len();
    text.extend(seal.more(b"two").unwrap());
    assert_eq!(opened(&seal, &text).await.unwrap(), b"one two");
    for cut in whole..text.len() {
        assert_eq!(opened(&seal, &text[..cut]).await.unwrap(), b"one ");
    }
}

#[tokio::test]
async fn no_byte_can_be_changed_or_cut_off_unseen() {
    let seal = Seal::new(Some(file(1)), vec![]);
    let text = closed(&seal, b"whole").await;
    for at in 0..text.len() {
        let mut changed = text.clone();
        changed[at] ^= 1;
        let read = opened(&seal, &changed).await;
        assert_ne!(read, Ok(b"whole".to_vec()), "byte {at}");
        assert_ne!(
            opened(&seal, &text[..at]).await,
            Ok(b"whole".to_vec()),
            "cut at {at}"
        );
    }
}

#[tokio::test]
async fn a_first_line_that_asks_for_too_much_work_is_refused() {
    let line = r#"{"slp_sealed":1,"by":{"passphrase":{"salt":"00112233","memory_kib":4294967295,"passes":2}}}"#;
    let seal = Seal::new(Some(phrase("one")), vec![]);
    let refused = opened(&seal, format!("{line}\nAAAA\n").as_bytes()).await;
    assert!(matches!(refused, Err(SealError::Damaged(_))), "{refused:?}");
}
