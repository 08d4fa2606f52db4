//! Comparison and arithmetic, as Velocity does them: what has no meaning is null.

use std::cmp::Ordering;

use super::syntax::Operator;
use super::value::Value;

/// `left operator right`, of operators that look at both.
pub fn binary(operator: Operator, left: &Value, right: &Value) -> Value {
    let compared = |fits: fn(Ordering) -> bool| {
        let order = numbers(left, right).and_then(|(a, b)| a.partial_cmp(&b));
        Value::Bool(order.is_some_and(fits))
    };
    match operator {
        Operator::Equal => Value::Bool(equal(left, right)),
        Operator::Unequal => Value::Bool(!equal(left, right)),
        Operator::Less => compared(Ordering::is_lt),
        Operator::AtMost => compared(Ordering::is_le),
        Operator::Greater => compared(Ordering::is_gt),
        Operator::AtLeast => compared(Ordering::is_ge),
        Operator::Plus if is_text(left) || is_text(right) => {
            Value::text(left.shown() + &right.shown())
        }
        _ => arithmetic(operator, left, right),
    }
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::Text(_))
}

/// Of different types, as they are written.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, other) | (other, Value::Null) => other.is_null(),
        (Value::Int(a), Value::Int(b)) => a == b,
        _ => match numbers(left, right) {
            Some((a, b)) => a == b,
            None => left.shown() == right.shown(),
        },
    }
}

fn numbers(left: &Value, right: &Value) -> Option<(f64, f64)> {
    let number = |value: &Value| match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    };
    Some((number(left)?, number(right)?))
}

fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Value {
    if let (Value::Int(a), Value::Int(b)) = (left, right) {
        let done = match operator {
            Operator::Plus => Some(a.wrapping_add(*b)),
            Operator::Minus => Some(a.wrapping_sub(*b)),
            Operator::Times => Some(a.wrapping_mul(*b)),
            Operator::Divided => a.checked_div(*b),
            _ => a.checked_rem(*b),
        };
        return done.map_or(Value::Null, Value::Int);
    }
    let Some((a, b)) = numbers(left, right) else {
        return Value::Null;
    };
    let done = match operator {
        Operator::Plus => a + b,
        Operator::Minus => a - b,
        Operator::Times => a * b,
        Operator::Divided => a / b,
        _ => a % b,
    };
    match done.is_finite() {
        true => Value::Float(done),
        false => Value::Null,
    }
}
