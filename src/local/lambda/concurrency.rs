//! Reserved concurrency, and what the account has in all.

use serde_json::{Value, json};

use super::errors;
use super::model::{Code, Function, LATEST};
use super::name::{self, Named};
use super::{Lambda, code};
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

/// What an account may run at once, and what of it must stay for functions without a reserve.
const ACCOUNT_CONCURRENCY: u32 = 1000;
const LEAST_UNRESERVED: u32 = 100;
/// Bytes of all functions and layers.
const ACCOUNT_CODE: u64 = 75 << 30;
const LARGEST_ZIP: u64 = 52_428_800;

pub fn put_function_concurrency(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let wanted = input.body["ReservedConcurrentExecutions"].as_i64();
    let mut check = Check::default();
    match wanted {
        None => check.missing("reservedConcurrentExecutions"),
        Some(number) => check.between("reservedConcurrentExecutions", number, 0, i64::MAX),
    }
    check.done()?;
    let named = name::asked(turn, input)?;
    unqualified(&named)?;
    let missing = || errors::no_function(&name::arn(turn, &named.name, Some(LATEST)));
    super::function(turn, &named).map_err(|_| missing())?;
    let others = super::of(turn).map_or(0, |lambda| reserved(lambda, &named.name));
    let wanted = u32::try_from(wanted.unwrap_or_default()).unwrap_or(u32::MAX);
    if others.saturating_add(wanted) > ACCOUNT_CONCURRENCY - LEAST_UNRESERVED {
        let why = format!(
            "Specified ReservedConcurrentExecutions for function decreases account's \
             UnreservedConcurrentExecution below its minimum value of [{LEAST_UNRESERVED}]."
        );
        // AWS answers this one without a type.
        return Err(errors::invalid(why).with("Type", Value::Null));
    }
    super::function_mut(turn, &named)?.reserved = Some(wanted);
    Ok(json!({ "ReservedConcurrentExecutions": wanted }).into())
}

pub fn get_function_concurrency(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    let answer = match super::function(turn, &named)?.reserved {
        Some(reserved) => json!({ "ReservedConcurrentExecutions": reserved }),
        None => json!({}),
    };
    Ok(answer.into())
}

pub fn delete_function_concurrency(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    unqualified(&named)?;
    super::function_mut(turn, &named)?.reserved = None;
    Ok(Reply::empty())
}

pub fn get_account_settings(turn: &mut Turn<'_>, _: &Input) -> Answer {
    let lambda = &turn.region().lambda;
    let functions = lambda.functions.values();
    let of_functions: u64 = functions.flat_map(zips).sum();
    let layers = lambda
        .layers
        .values()
        .flat_map(|layer| layer.versions.values());
    let of_layers: u64 = layers.map(|version| version.zip.size).sum();
    Ok(json!({
        "AccountLimit": {
            "TotalCodeSize": ACCOUNT_CODE,
            "CodeSizeUnzipped": code::LARGEST_UNPACKED,
            "CodeSizeZipped": LARGEST_ZIP,
            "ConcurrentExecutions": ACCOUNT_CONCURRENCY,
            "UnreservedConcurrentExecutions": ACCOUNT_CONCURRENCY - reserved(lambda, ""),
        },
        "AccountUsage": {
            "TotalCodeSize": of_functions + of_layers,
            "FunctionCount": lambda.functions.len(),
        },
    })
    .into())
}

/// The size of each version's zip: AWS counts every copy.
fn zips(function: &Function) -> impl Iterator<Item = u64> {
    let versions = std::iter::once(&function.latest).chain(function.published.values());
    versions.filter_map(|version| match &version.code {
        Code::Zip(zip) => Some(zip.size),
        Code::Image { .. } => None,
    })
}

/// What all functions but one have reserved.
fn reserved(lambda: &Lambda, but: &str) -> u32 {
    let functions = lambda.functions.values();
    let others = functions.filter(|function| function.name != but);
    others.filter_map(|function| function.reserved).sum()
}

fn unqualified(named: &Named) -> Result<(), AwsError> {
    match named.qualifier {
        None => Ok(()),
        Some(_) => Err(errors::invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not \
             support this operation. Please specify either a function name or an unqualified \
             function ARN.",
        )),
    }
}
