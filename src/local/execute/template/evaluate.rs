//! Writes a template out.

use std::collections::HashMap;

use super::syntax::{Expression, Node, Operator, Reference, Step};
use super::value::{Members, Value};
use super::{Scope, Trouble, builtin, methods, operate};

/// AWS's quota of rounds of a `#foreach`.
const MOST_ROUNDS: usize = 1000;
/// Bytes that a template may write, or make of one text: what API Gateway may answer.
pub const LARGEST: usize = 10 << 20;
/// Pieces that may be evaluated: loops within loops must not hold the cloud up.
const MOST_STEPS: usize = 1_000_000;

/// The template's text.
pub fn written(scope: &Scope, nodes: &[Node]) -> Result<String, Trouble> {
    let mut evaluator = Evaluator {
        scope,
        variables: HashMap::new(),
        steps: 0,
    };
    let mut out = String::new();
    evaluator.write(nodes, &mut out)?;
    Ok(out)
}

pub struct Evaluator<'s> {
    pub scope: &'s Scope,
    variables: HashMap<String, Value>,
    steps: usize,
}

impl Evaluator<'_> {
    fn write(&mut self, nodes: &[Node], out: &mut String) -> Result<(), Trouble> {
        for node in nodes {
            self.step()?;
            match node {
                Node::Text(text) => out.push_str(text),
                Node::Reference(reference) => out.push_str(&self.shown(reference)?),
                Node::Set(target, value) => {
                    let value = self.value(value)?;
                    self.set(target, value)?;
                }
                Node::If {
                    branches,
                    otherwise,
                } => self.choose(branches, otherwise, out)?,
                Node::Foreach { name, over, body } => self.repeat(name, over, body, out)?,
            }
            bounded(out.len())?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), Trouble> {
        self.steps += 1;
        match self.steps > MOST_STEPS {
            true => Err(Trouble::new(format!("more than {MOST_STEPS} steps"))),
            false => Ok(()),
        }
    }

    /// What is not set is written as it stands, but nothing of AWS's own is.
    fn shown(&mut self, reference: &Reference) -> Result<String, Trouble> {
        const OWN: [&str; 4] = ["input", "context", "stageVariables", "util"];
        let value = self.reference(reference)?;
        let silent = reference.quiet || OWN.contains(&reference.name.as_str());
        Ok(match value.is_null() {
            true if silent => String::new(),
            true => reference.source.clone(),
            false => value.shown(),
        })
    }

    fn choose(
        &mut self,
        branches: &[(Expression, Vec<Node>)],
        otherwise: &[Node],
        out: &mut String,
    ) -> Result<(), Trouble> {
        for (condition, nodes) in branches {
            if self.value(condition)?.truth() {
                return self.write(nodes, out);
            }
        }
        self.write(otherwise, out)
    }

    fn repeat(
        &mut self,
        name: &str,
        over: &Expression,
        body: &[Node],
        out: &mut String,
    ) -> Result<(), Trouble> {
        let items: Vec<Value> = match self.value(over)? {
            Value::List(list) => list.items.borrow().clone(),
            Value::Map(map) => map.borrow().values().cloned().collect(),
            _ => Vec::new(),
        };
        if items.len() > MOST_ROUNDS {
            return Err(Trouble::new(format!(
                "a #foreach has at most {MOST_ROUNDS} rounds on AWS"
            )));
        }
        let outer = [name, "foreach", "velocityCount"].map(|name| (name, self.take(name)));
        let parent = outer[1].1.clone();
        for (index, item) in items.iter().enumerate() {
            self.step()?;
            self.variables.insert(name.to_owned(), item.clone());
            self.count(index, items.len(), &parent);
            self.write(body, out)?;
        }
        for (name, value) in outer {
            self.assign(name, value);
        }
        Ok(())
    }

    fn count(&mut self, index: usize, length: usize, parent: &Value) {
        let count = Value::Int(index as i64 + 1);
        let members = [
            ("index", Value::Int(index as i64)),
            ("count", count.clone()),
            ("hasNext", Value::Bool(index + 1 < length)),
            ("first", Value::Bool(index == 0)),
            ("last", Value::Bool(index + 1 == length)),
            ("parent", parent.clone()),
        ];
        let members = members.map(|(name, value)| (name.to_owned(), value));
        let foreach = Value::map(members.into_iter().collect());
        self.variables.insert("foreach".into(), foreach);
        self.variables.insert("velocityCount".into(), count);
    }

    fn take(&mut self, name: &str) -> Value {
        self.variables.remove(name).unwrap_or(Value::Null)
    }

    fn assign(&mut self, name: &str, value: Value) {
        match value.is_null() {
            true => self.variables.remove(name),
            false => self.variables.insert(name.to_owned(), value),
        };
    }

    /// Sets a variable, or a member of a map.
    fn set(&mut self, target: &Reference, value: Value) -> Result<(), Trouble> {
        let Some((last, before)) = target.steps.split_last() else {
            self.assign(&target.name, value);
            return Ok(());
        };
        let mut holder = self.variable(&target.name);
        for step in before {
            holder = self.follow(holder, step)?;
        }
        match (holder, last) {
            (Value::Map(map), Step::Property(name)) => {
                map.borrow_mut().insert(name.clone(), value);
            }
            (Value::Map(map), Step::Index(index)) => {
                let name = self.value(index)?.shown();
                map.borrow_mut().insert(name, value);
            }
            (Value::List(list), Step::Index(index)) => {
                let index = self.value(index)?;
                methods::replace(&list, &index, value)?;
            }
            // As Velocity does with members of nothing.
            (Value::Null, _) => {}
            _ => return Err(Trouble::unknown(&format!("#set({} = …)", target.source))),
        }
        Ok(())
    }

    fn variable(&self, name: &str) -> Value {
        match name {
            "input" => Value::Input,
            "util" => Value::Util,
            "context" => self.scope.context.clone(),
            "stageVariables" => self.scope.stage_variables.clone(),
            _ => self.variables.get(name).cloned().unwrap_or(Value::Null),
        }
    }

    fn reference(&mut self, reference: &Reference) -> Result<Value, Trouble> {
        let mut value = self.variable(&reference.name);
        for step in &reference.steps {
            value = self.follow(value, step)?;
        }
        Ok(value)
    }

    fn follow(&mut self, value: Value, step: &Step) -> Result<Value, Trouble> {
        self.step()?;
        match step {
            Step::Property(name) => match value {
                Value::Input => builtin::property(self.scope, name),
                Value::Util => Err(Trouble::unknown(&format!("$util.{name}"))),
                other => Ok(other.member(name)),
            },
            Step::Index(index) => {
                let index = self.value(index)?;
                methods::at(&value, &index)
            }
            Step::Call(name, arguments) => {
                let arguments = self.values(arguments)?;
                let done = match value {
                    Value::Input => builtin::input(self.scope, name, &arguments),
                    Value::Util => builtin::util(name, &arguments),
                    other => methods::call(&other, name, &arguments),
                }?;
                if let Value::Text(text) = &done {
                    bounded(text.len())?;
                }
                Ok(done)
            }
        }
    }

    fn values(&mut self, all: &[Expression]) -> Result<Vec<Value>, Trouble> {
        all.iter().map(|one| self.value(one)).collect()
    }

    fn value(&mut self, expression: &Expression) -> Result<Value, Trouble> {
        self.step()?;
        Ok(match expression {
            Expression::Bool(value) => Value::Bool(*value),
            Expression::Int(value) => Value::Int(*value),
            Expression::Float(value) => Value::Float(*value),
            Expression::Plain(text) => Value::text(text),
            Expression::Filled(nodes) => {
                let mut out = String::new();
                self.write(nodes, &mut out)?;
                Value::text(out)
            }
            Expression::Reference(reference) => self.reference(reference)?,
            Expression::List(items) => Value::list(self.values(items)?),
            Expression::Range(first, last) => self.range(first, last)?,
            Expression::Map(members) => self.map(members)?,
            Expression::Not(inner) => Value::Bool(!self.value(inner)?.truth()),
            Expression::Chain(first, others) => self.chain(first, others)?,
        })
    }

    fn range(&mut self, first: &Expression, last: &Expression) -> Result<Value, Trouble> {
        let (Value::Int(first), Value::Int(last)) = (self.value(first)?, self.value(last)?) else {
            return Ok(Value::Null);
        };
        if first.abs_diff(last) >= MOST_ROUNDS as u64 {
            return Err(Trouble::new(format!(
                "the range {first}..{last} is too long"
            )));
        }
        let items = first.min(last)..=first.max(last);
        let mut items: Vec<Value> = items.map(Value::Int).collect();
        if first > last {
            items.reverse();
        }
        Ok(Value::list(items))
    }

    fn map(&mut self, members: &[(Expression, Expression)]) -> Result<Value, Trouble> {
        let mut map = Members::new();
        for (name, value) in members {
            map.insert(self.value(name)?.shown(), self.value(value)?);
        }
        Ok(Value::map(map))
    }

    fn chain(
        &mut self,
        first: &Expression,
        others: &[(Operator, Expression)],
    ) -> Result<Value, Trouble> {
        let mut left = self.value(first)?;
        for (operator, right) in others {
            left = self.binary(*operator, left, right)?;
        }
        Ok(left)
    }

    /// The right side of `&&` and `||` is looked at only where it matters.
    fn binary(
        &mut self,
        operator: Operator,
        left: Value,
        right: &Expression,
    ) -> Result<Value, Trouble> {
        match operator {
            Operator::And if !left.truth() => Ok(Value::Bool(false)),
            Operator::Or if left.truth() => Ok(Value::Bool(true)),
            Operator::And | Operator::Or => Ok(Value::Bool(self.value(right)?.truth())),
            _ => {
                let done = operate::binary(operator, &left, &self.value(right)?);
                if let Value::Text(text) = &done {
                    bounded(text.len())?;
                }
                Ok(done)
            }
        }
    }
}

fn bounded(bytes: usize) -> Result<(), Trouble> {
    match bytes > LARGEST {
        true => Err(Trouble::new("it makes a text of more than 10 MB")),
        false => Ok(()),
    }
}
