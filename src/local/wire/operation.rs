//! One operation of a service: its name, the way to it, what does it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::input::Input;
use super::reply::Reply;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::{Cloud, Place};

/// What an operation answers.
pub type Answer = Result<Reply, AwsError>;

/// An answer that takes its time.
pub type Lasting = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// One step of the world.
pub type Step = fn(&mut Turn<'_>, &Input) -> Answer;

/// What carries an operation out.
#[derive(Clone, Copy)]
pub enum Run {
    /// One step of the world.
    Step(Step),
    /// What lasts, such as an invocation; it takes its own steps.
    Task(fn(Arc<Cloud>, Input, Place) -> Lasting),
    /// What AWS has and this cloud has not: refused by its name.
    Refused,
}

/// An operation as AWS's model has it.
#[derive(Clone, Copy)]
pub struct Operation {
    /// `CreateRole`.
    pub name: &'static str,
    /// For a REST protocol: `POST`, and `/functions/{FunctionName}?flag`. A last `{Key+}` takes
    /// all that is left; `?flag` asks for a query parameter of that name.
    pub route: Option<(&'static str, &'static str)>,
    /// The HTTP status of success.
    pub status: u16,
    pub run: Run,
}

impl Operation {
    /// One of the query or JSON protocols, which have one path for all.
    pub const fn action(
        name: &'static str,
        step: fn(&mut Turn<'_>, &Input) -> Answer,
    ) -> Operation {
        Operation {
            name,
            route: None,
            status: 200,
            run: Run::Step(step),
        }
    }

    pub const fn rest(
        name: &'static str,
        method: &'static str,
        path: &'static str,
        status: u16,
        step: fn(&mut Turn<'_>, &Input) -> Answer,
    ) -> Operation {
        Operation {
            name,
            route: Some((method, path)),
            status,
            run: Run::Step(step),
        }
    }

    /// One that AWS has and this cloud has not.
    pub const fn refused(
        name: &'static str,
        method: &'static str,
        path: &'static str,
    ) -> Operation {
        Operation {
            name,
            route: Some((method, path)),
            status: 501,
            run: Run::Refused,
        }
    }

    /// An invocation takes any bytes.
    pub fn takes_json(&self) -> bool {
        matches!(self.run, Run::Step(_))
    }

    /// Does it change what the cloud holds? AWS's names tell.
    pub fn changes(&self) -> bool {
        const READS: [&str; 6] = ["Get", "List", "Describe", "Head", "Filter", "Invoke"];
        !READS.iter().any(|verb| self.name.starts_with(verb))
    }
}
