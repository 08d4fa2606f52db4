//! `CreateFunction` and `DeleteFunction`.

use super::check;
use super::errors;
use super::model::{Change, Changing, Code, Config, Function, LATEST, Version};
use super::name::{self, Form, Named};
use super::request::{Create, Source, Wanted};
use super::{code, config, publish, recursion, role, show, tags};
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

impl Change {
    pub fn begun(turn: &Turn<'_>, what: Changing) -> Change {
        Change {
            what,
            begun: turn.now,
            revision: revision(),
            undone: turn.undone.clone(),
        }
    }
}

/// A new revision id.
pub fn revision() -> String {
    uuid::Uuid::new_v4().to_string()
}

pub fn create_function(turn: &mut Turn<'_>, input: &Input) -> Answer {
    code::fits(input, "CreateFunction")?;
    let (create, wanted): (Create, Wanted) = (input.body()?, Wanted::of(input)?);
    let named = asked(turn, &create, &wanted)?;
    let image = create.package_type.as_deref() == Some("Image");
    let source = create.code.clone().unwrap_or_default();
    package(&wanted, &source, image)?;
    tags::check(create.tags.as_ref())?;
    let mut config = config::fresh(&named.name);
    if let Some([architecture]) = create.architectures.as_deref() {
        config.architecture = architecture.clone();
    }
    config::apply(turn, &mut config, &wanted)?;
    let taken = super::of(turn).is_some_and(|l| l.functions.contains(&named.name));
    if taken {
        return Err(errors::conflict(format!(
            "Function already exist: {}",
            named.name
        )));
    }
    let code = code::of_function(turn, &source, image)?;
    role::assumable(turn, &named.name, &config)?;
    begin(turn, named, create, config, code)
}

/// What the front door checks.
fn asked(turn: &Turn<'_>, create: &Create, wanted: &Wanted) -> Result<Named, AwsError> {
    let mut found = Check::default();
    let given = create.function_name.as_deref();
    if given.is_none() {
        found.missing("functionName");
    }
    if wanted.role.is_none() {
        found.missing("role");
    }
    if create.code.is_none() {
        found.missing("code");
    }
    if let Some(kind) = &create.package_type {
        found.one_of("packageType", kind, &["Image", "Zip"]);
    }
    check::wanted(&mut found, wanted);
    check::architecture(&mut found, create.architectures.as_deref());
    found.done()?;
    if create.code_signing_config_arn.is_some() {
        return Err(AwsError::not_emulated("code signing"));
    }
    let named = name::named(turn, given.unwrap_or_default(), None, Form::Made)?;
    if named.name.len() > 64 {
        return Err(errors::invalid(format!(
            "1 validation error detected: Value '{}' at 'functionName' failed to satisfy \
             constraint: Member must have length less than or equal to 64",
            named.name
        )));
    }
    Ok(named)
}

/// A zip needs a runtime and a handler, an image takes none.
fn package(wanted: &Wanted, source: &Source, image: bool) -> Result<(), AwsError> {
    let some = wanted.runtime.is_some() || wanted.handler.is_some();
    let layers = wanted.layers.as_ref().is_some_and(|list| !list.is_empty());
    let wrong = match image {
        true if some || layers => {
            "Please don't provide Handler or Runtime or Layer when the intended function \
             PackageType is Image."
        }
        true if source.image_uri.is_none() => {
            "Please provide ImageUri when creating a function with packageType Image."
        }
        false if source.image_uri.is_some() => {
            "Please don't provide ImageUri when creating a function with packageType Zip."
        }
        false if wanted.runtime.is_none() || wanted.handler.is_none() => {
            "Runtime and Handler are mandatory parameters for functions created with deployment \
             packages."
        }
        _ => return Ok(()),
    };
    Err(errors::invalid(wrong))
}

fn begin(turn: &mut Turn<'_>, named: Named, create: Create, config: Config, code: Code) -> Answer {
    if let Code::Zip(zip) = &code {
        config::together(&config, zip.unpacked)?;
    }
    let latest = Version {
        version: LATEST.to_owned(),
        config,
        code,
        modified: turn.now.as_millisecond(),
        revision: revision(),
        change: Some(Change::begun(turn, Changing::Created)),
        described: String::new(),
    };
    let mut function = Function {
        name: named.name.clone(),
        latest,
        published: Default::default(),
        aliases: Default::default(),
        policies: Default::default(),
        reserved: None,
        recursion: recursion::TERMINATE.to_owned(),
        tags: create.tags.unwrap_or_default(),
    };
    let mut shown = show::configuration(turn, &named.name, &function.latest, None);
    if create.publish == Some(true) {
        let number = publish::number(turn, &named.name);
        let version = publish::made(turn, &function.latest, number, None);
        function.published.insert(number, version);
        shown["Version"] = number.to_string().into();
    }
    turn.region().lambda.functions.insert(named.name, function);
    Ok(shown.into())
}

pub fn delete_function(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let named = name::asked(turn, input)?;
    let Some(qualifier) = named.qualifier.clone() else {
        let arn = named.arn(turn);
        let removed = turn.region().lambda.functions.remove(&named.name);
        return match removed {
            Some(_) => Ok(Reply::empty()),
            None => Err(errors::no_function(&arn)),
        };
    };
    if qualifier == LATEST {
        return Err(errors::invalid(
            "$LATEST version cannot be deleted without deleting the function.",
        ));
    }
    // `$latest` is neither a number nor the name of an alias.
    let Ok(number) = qualifier.parse::<u64>() else {
        let alias = qualifier.bytes().all(name::is_word);
        return Err(match alias {
            true => errors::invalid("Deletion of aliases is not currently supported."),
            false => errors::no_function(&name::arn(turn, &named.name, None)),
        });
    };
    delete_version(turn, &named, number)
}

/// A version that is not there is gone; one that an alias names stays.
fn delete_version(turn: &mut Turn<'_>, named: &Named, number: u64) -> Answer {
    let arn = named.arn(turn);
    let function = super::function_mut(turn, named)?;
    let version = number.to_string();
    let users: Vec<&str> = function
        .aliases
        .values()
        .filter(|alias| alias.version == version || alias.routing.contains_key(&version))
        .map(|alias| alias.name.as_str())
        .collect();
    if !users.is_empty() {
        return Err(errors::conflict(format!(
            "Version was not able to be deleted because it is referenced by the following \
             aliases: [{}] of {arn}",
            users.join(", ")
        )));
    }
    function.published.remove(&number);
    function.policies.remove(&version);
    Ok(Reply::empty())
}
