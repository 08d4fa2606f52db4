//! The plan's JSON form, which is the plan itself, and its schema.

use serde_json::Value;

use crate::plan::Plan;

/// The plan as JSON, indented, ending in a line break.
pub fn plan_json(plan: &Plan) -> String {
    // A plan holds only texts as keys, so it always has a JSON form.
    let value = serde_json::to_value(plan).unwrap_or_default();
    format!("{value:#}\n")
}

/// The JSON Schema of [`plan_json`].
pub fn plan_schema() -> Value {
    schemars::schema_for!(Plan).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::plan::tests::example;
    use crate::render::rehearsal::tests::example_rehearsal;

    #[test]
    fn a_plan_survives_its_json_and_fits_its_schema() {
        let mut plan = example();
        plan.rehearsal = Some(example_rehearsal());
        let json: Value = serde_json::from_str(&plan_json(&plan)).unwrap();
        assert_eq!(json["format"], 1);
        let schema = jsonschema::validator_for(&plan_schema()).unwrap();
        let errors: Vec<String> = schema.iter_errors(&json).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        assert_eq!(serde_json::from_value::<Plan>(json).unwrap(), plan);
    }
}
