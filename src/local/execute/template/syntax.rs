//! What a template consists of.

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Text(String),
    Reference(Reference),
    Set(Reference, Expression),
    If {
        /// Tried in order.
        branches: Vec<(Expression, Vec<Node>)>,
        otherwise: Vec<Node>,
    },
    Foreach {
        name: String,
        over: Expression,
        body: Vec<Node>,
    },
}

/// `$x`, `${x.y}`, `$!x.get("y")[0]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// As it stands in the template: what is not set is written so.
    pub source: String,
    /// `$!x`: what is not set is written as nothing.
    pub quiet: bool,
    pub name: String,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Property(String),
    Call(String, Vec<Expression>),
    Index(Expression),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Bool(bool),
    Int(i64),
    Float(f64),
    /// In single quotes.
    Plain(String),
    /// In double quotes: a template of its own.
    Filled(Vec<Node>),
    Reference(Reference),
    List(Vec<Expression>),
    /// `[1..3]`.
    Range(Box<Expression>, Box<Expression>),
    Map(Vec<(Expression, Expression)>),
    Not(Box<Expression>),
    /// What follows the first is done from left to right. A list, not a tree: as long as a
    /// template is, neither doing nor dropping it goes deep.
    Chain(Box<Expression>, Vec<(Operator, Expression)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Plus,
    Minus,
    Times,
    Divided,
    Remainder,
}
