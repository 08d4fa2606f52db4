//! "1 validation error detected": what the front door of many services finds wrong with a
//! request by itself, before it looks at anything that is there.

use std::fmt::Display;

use super::error::AwsError;

/// What AWS's front door finds wrong with a request, all of it at once.
#[derive(Default)]
pub struct Check(Vec<String>);

impl Check {
    /// `Value 'x' at 'name' failed to satisfy constraint: …`
    pub fn value(&mut self, at: &str, value: impl Display, constraint: impl Display) {
        self.0.push(format!(
            "Value '{value}' at '{at}' failed to satisfy constraint: {constraint}"
        ));
    }

    /// As `value`, without the value.
    pub fn secret(&mut self, at: &str, constraint: &str) {
        self.0.push(format!(
            "Value at '{at}' failed to satisfy constraint: {constraint}"
        ));
    }

    /// A member that must be there and is not.
    pub fn missing(&mut self, at: &str) {
        self.0.push(format!(
            "Value null at '{at}' failed to satisfy constraint: Member must not be null"
        ));
    }

    pub fn pattern(&mut self, at: &str, value: impl Display, pattern: &str) {
        let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
        self.value(at, value, constraint);
    }

    /// At most so many characters.
    pub fn longest(&mut self, at: &str, value: &str, longest: usize) {
        if value.chars().count() > longest {
            let constraint = format!("Member must have length less than or equal to {longest}");
            self.value(at, value, constraint);
        }
    }

    pub fn between(&mut self, at: &str, value: i64, least: i64, most: i64) {
        if value < least {
            let constraint = format!("Member must have value greater than or equal to {least}");
            self.value(at, value, constraint);
        }
        if value > most {
            let constraint = format!("Member must have value less than or equal to {most}");
            self.value(at, value, constraint);
        }
    }

    /// One of AWS's words.
    pub fn one_of(&mut self, at: &str, value: &str, words: &[&str]) {
        if !words.contains(&value) {
            let words = words.join(", ");
            let constraint = format!("Member must satisfy enum value set: [{words}]");
            self.value(at, value, constraint);
        }
    }

    /// Refuses what was found, as most services do.
    pub fn done(self) -> Result<(), AwsError> {
        self.done_as("ValidationException")
    }

    pub fn done_as(self, code: &'static str) -> Result<(), AwsError> {
        match self.0.as_slice() {
            [] => Ok(()),
            found => {
                let count = found.len();
                let errors = if count == 1 { "error" } else { "errors" };
                let message = format!("{count} validation {errors} detected: {}", found.join("; "));
                Err(AwsError::new(400, code, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let mut check = Check::default();
        check.missing("role");
        check.between("timeout", 901, 1, 900);
        check.between("memorySize", 128, 128, 10_240);
        assert_eq!(
            check.done().unwrap_err(),
            AwsError::new(
                400,
                "ValidationException",
                "2 validation errors detected: Value null at 'role' failed to satisfy \
                 constraint: Member must not be null; Value '901' at 'timeout' failed to satisfy \
                 constraint: Member must have value less than or equal to 900"
            )
        );
        assert_eq!(Check::default().done(), Ok(()));
    }
}
