use super::*;
use crate::event::Phase;
use crate::render::Reason;
use crate::render::plan::tests::example;

fn addr() -> Addr {
    Addr::root_of("role", "x")
}

fn every_event() -> Vec<Event> {
    vec![
        Event::Started {
            addr: addr(),
            action: Action::Create,
        },
        Event::Uploading {
            addr: addr(),
            bytes: 5,
        },
        Event::Waiting {
            addr: addr(),
            why: "waiting for IAM".into(),
            waited: Duration::from_millis(1500),
            pause: Duration::ZERO,
        },
        Event::Finished {
            addr: addr(),
            action: Action::Delete,
            took: Duration::from_micros(1_234_567),
        },
        Event::Failed {
            addr: addr(),
            action: Action::Update,
            error: "no".into(),
            hint: None,
            took: Duration::ZERO,
        },
        Event::Stopped {
            addr: addr(),
            action: Action::Create,
            why: "IAM".into(),
            took: Duration::ZERO,
        },
        Event::Skipped {
            addr: addr(),
            because: addr(),
        },
        Event::Note("a\nb".into()),
    ]
}

fn lines() -> Vec<Line> {
    let slow = Slow {
        text: String::new(),
        change: Some((addr(), Action::Create)),
        took: Duration::from_secs(10),
    };
    let error = Line::Error {
        error: "no".into(),
        hint: Some("try".into()),
        problems: None,
        exit_code: 4,
    };
    let mut lines = vec![Line::plan(&example())];
    lines.extend(every_event().iter().filter_map(Line::of));
    lines.extend(Line::slow(&slow));
    lines.push(error);
    lines.push(Line::result(&Outcome::default(), "apply", 0));
    lines.push(Line::outputs(&example().outputs));
    lines.extend(of_dev());
    lines
}

/// What only `slp dev` tells.
fn of_dev() -> [Line; 5] {
    let why = Some(Reason {
        places: vec!["src/index.js:5".into()],
        ..Reason::of("TypeError", vec!["TypeError: no".into()])
    });
    let route = Route {
        method: "GET".into(),
        url: "http://x/a".into(),
        function: None,
    };
    let asked = Asked {
        method: "GET".into(),
        path: "/a".into(),
        status: 502,
        seconds: 0.1,
        function: Some("A".into()),
        start_seconds: None,
        why: why.clone(),
    };
    let ran = Ran {
        function: "A".into(),
        queued: true,
        seconds: 0.1,
        start_seconds: Some(0.05),
        why,
    };
    [
        Line::Round {},
        Line::ready("http://x", &example().outputs, &[route]),
        Line::Request(Box::new(asked)),
        Line::Ran(Box::new(ran)),
        Line::log("A", "a line\n"),
    ]
}

#[test]
fn every_line_is_one_line_that_fits_the_schema() {
    let schema = jsonschema::validator_for(&events_schema()).unwrap();
    let mut types = Vec::new();
    for one in lines() {
        let text = line(&one, Timestamp::UNIX_EPOCH);
        assert!(!text.contains('\n'), "{text}");
        let mut value: Value = serde_json::from_str(&text).unwrap();
        assert!(schema.is_valid(&value), "{text}");
        types.push(value["type"].clone());
        // Each of them is told apart by what it must have.
        value["type"] = json!("nothing");
        assert!(!schema.is_valid(&value), "{text}");
        let mut undated: Value = serde_json::from_str(&text).unwrap();
        undated.as_object_mut().map(|members| members.remove(AT));
        assert!(!schema.is_valid(&undated), "{text}");
    }
    let declared = events_schema()["oneOf"].as_array().map(Vec::len);
    assert_eq!(declared, Some(types.len()), "{types:?}");
}

#[test]
fn an_event_is_told_in_words_of_its_own() {
    let told: Vec<String> = every_event()
        .iter()
        .filter_map(Line::of)
        .map(|one| line(&one, Timestamp::UNIX_EPOCH))
        .collect();
    let at = r#""at":"1970-01-01T00:00:00Z""#;
    let expected = [
        format!(r#"{{"action":"create","address":"role.x",{at},"type":"started"}}"#),
        format!(r#"{{"address":"role.x",{at},"bytes":5,"type":"uploading"}}"#),
        format!(r#"{{"address":"role.x",{at},"seconds":1.5,"type":"waiting","why":"IAM"}}"#),
        format!(
            r#"{{"action":"delete","address":"role.x",{at},"seconds":1.235,"type":"finished"}}"#
        ),
        format!(
            r#"{{"action":"update","address":"role.x",{at},"error":"no","hint":null,"seconds":0.0,"type":"failed"}}"#
        ),
        format!(
            r#"{{"action":"create","address":"role.x",{at},"seconds":0.0,"type":"stopped","why":"IAM"}}"#
        ),
        format!(r#"{{"address":"role.x",{at},"because":"role.x","type":"skipped"}}"#),
        format!(r#"{{{at},"text":"a\nb","type":"note"}}"#),
    ];
    assert_eq!(told, expected);
    let reading = Phase::Reading { resources: 1 };
    assert!(Line::of(&Event::Began(reading)).is_none());
}
