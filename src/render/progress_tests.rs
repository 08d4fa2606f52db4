use super::*;

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn addr(name: &str) -> Addr {
    Addr::root_of("function", name)
}

fn started(name: &str) -> Event {
    Event::Started {
        addr: addr(name),
        action: Action::Create,
    }
}

fn waiting(name: &str, why: &str, pause: u64) -> Event {
    Event::Waiting {
        addr: addr(name),
        why: why.into(),
        waited: at(2.0),
        pause: Duration::from_secs(pause),
    }
}

fn finished(name: &str) -> Event {
    Event::Finished {
        addr: addr(name),
        action: Action::Create,
        took: at(1.0),
    }
}

/// An apply of six tasks, all events at once.
fn applying(events: &[Event]) -> Progress {
    let mut progress = Progress::default();
    progress.hear(&Event::Began(Phase::Applying { tasks: 6 }), at(0.0));
    for event in events {
        progress.hear(event, at(0.0));
    }
    progress
}

/// The lines of a log until then, each with its second.
fn log(progress: &mut Progress, until: f64) -> Vec<String> {
    let mut told = Vec::new();
    while let Some(next) = progress.next().filter(|next| *next <= at(until)) {
        let due = progress.due(next);
        told.extend(
            due.iter()
                .map(|slow| format!("{}: {}", next.as_secs(), slow.text)),
        );
    }
    told
}

#[test]
fn a_terminal_shows_the_oldest_and_how_many_more() {
    let progress = applying(&[finished("a"), started("b"), started("c"), started("d")]);
    let line = |seconds: f64, width| progress.line(at(seconds), width);
    assert_eq!(line(0.4, 80), None);
    let now = "1 of 6 done · function.b being created · +2 more";
    assert_eq!(line(0.5, 80).as_deref(), Some(now));
    let later = "1 of 6 done · function.b being created, 1 min 5 s · +2 more";
    assert_eq!(line(65.9, 80).as_deref(), Some(later));
    let narrow = "1 of 6 done · functio…, 12 s · +2 more";
    assert_eq!(line(12.0, 40).as_deref(), Some(narrow));
}

#[test]
fn what_is_over_is_not_shown() {
    let mut progress = applying(&[started("b")]);
    progress.hear(&finished("b"), at(3.0));
    assert_eq!(
        progress.line(at(3.0), 80).as_deref(),
        Some("1 of 6 done, 3 s")
    );
    progress.hear(&Event::Ended(Phase::Applying { tasks: 6 }), at(3.0));
    assert_eq!(
        (progress.line(at(3.0), 80), progress.is_idle()),
        (None, true)
    );
    // Half a second is counted anew.
    let reading = Phase::Reading { resources: 1 };
    progress.hear(&Event::Began(reading), at(4.0));
    assert_eq!(progress.line(at(4.4), 80), None);
    assert_eq!(
        progress.line(at(4.5), 80).as_deref(),
        Some("reading 1 resource")
    );
}

#[test]
fn a_log_tells_a_resource_at_ten_seconds_and_every_thirty() {
    let mut progress = applying(&[started("b")]);
    let expected = [
        "10:   function.b  still being created, 10 s",
        "40:   function.b  still being created, 40 s",
        "70:   function.b  still being created, 1 min 10 s",
    ];
    assert_eq!(log(&mut progress, 99.0), expected);
    progress.hear(&finished("b"), at(99.0));
    assert_eq!(log(&mut progress, 999.0), Vec::<String>::new());
}

#[test]
fn a_log_tells_what_aws_is_asked_after_a_second() {
    let mut progress = Progress::default();
    let asking = Phase::Named("asking AWS who we are".into());
    progress.hear(&Event::Began(asking), at(0.0));
    let expected = [
        "1: asking AWS who we are",
        "10: still asking AWS who we are, 10 s",
        "40: still asking AWS who we are, 40 s",
    ];
    assert_eq!(log(&mut progress, 69.0), expected);
}

#[test]
fn a_wait_is_told_once_and_then_as_what_takes_so_long() {
    let mut progress = applying(&[started("b")]);
    assert!(progress.hear(&waiting("b", "waiting for IAM", 3), at(2.0)));
    assert!(!progress.hear(&waiting("b", "waiting for IAM", 3), at(5.0)));
    assert!(progress.hear(&waiting("b", "Lambda", 3), at(7.0)));
    let line = progress.line(at(8.0), 80).unwrap();
    assert_eq!(line, "0 of 6 done · function.b waiting for Lambda, 8 s");
    let expected = [
        "10:   function.b  still waiting for Lambda, 10 s",
        "40:   function.b  still being created, 40 s",
    ];
    assert_eq!(log(&mut progress, 41.0), expected);
}

#[test]
fn a_wait_of_no_change_is_over_when_it_is_not_told_again() {
    let mut progress = Progress::default();
    progress.hear(&waiting("b", "what was sent", 1), at(0.0));
    let line = progress.line(at(1.0), 80).unwrap();
    assert_eq!(line, "function.b waiting for what was sent, 1 s");
    progress.hear(&Event::Note("x".into()), at(3.1));
    assert!(progress.is_idle());
}

#[test]
fn an_upload_says_how_large_it_is() {
    let mut progress = applying(&[started("b")]);
    let bytes = 50 << 20;
    progress.hear(
        &Event::Uploading {
            addr: addr("b"),
            bytes,
        },
        at(0.0),
    );
    let expected = ["10:   function.b  still uploading 50.0 MB, 10 s"];
    assert_eq!(log(&mut progress, 11.0), expected);
}
