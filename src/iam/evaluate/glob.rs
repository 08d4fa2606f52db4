//! Wildcards of policies: `*` for any characters, `?` for one.

/// Does the whole text fit the pattern?
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where to go on when a later part does not fit: the last star may take one more.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// The same, whatever the case: so actions are compared.
pub fn matches_any_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// ARNs part by part: a star does not reach over a colon of the first five.
pub fn arn(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<_>, Vec<_>) = (
        pattern.splitn(6, ':').collect(),
        text.splitn(6, ':').collect(),
    );
    pattern.len() == text.len() && pattern.iter().zip(&text).all(|(p, t)| matches(p, t))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("s3:Get*", "s3:GetObject", true),
            ("s3:Get*", "s3:PutObject", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-d", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            (
                "arn:aws:lambda:*:*:function:x",
                "arn:aws:lambda:r:1:function:x",
                true,
            ),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
        assert!(matches_any_case("lambda:invoke*", "lambda:InvokeFunction"));
    }

    #[test]
    fn an_arns_parts_are_compared_one_by_one() {
        let text = "arn:aws:execute-api:us-east-1:123456789012:a1/test/GET/x";
        assert!(arn("arn:aws:execute-api:*:*:a1/*/GET/*", text));
        assert!(!arn("arn:*:a1/test/GET/x", text));
        assert!(!arn("*", text));
    }
}
