//! A function's code: a package of ours, an object in S3, or an image.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

use super::handler;
use crate::package::{Folder, Listing, PackageError};
use crate::problem::Problem;
use crate::resolve::Ctx;
use crate::text::Text;

/// The code as a spec holds it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Code {
    /// The digest of what is in the package, not of the zip: a new compressor deploys nothing again.
    /// Of code that slp did not send only AWS's own digest is known: `sha256:…`.
    #[schemars(extend("x-package" = true))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3: Option<S3Object>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Text>,
    /// The zip is too large to be sent directly.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub through_s3: bool,
}

/// An object in S3, in the function's region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3Object {
    pub bucket: String,
    pub key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// `code = "dir"` or `code = { path, include, exclude }`.
#[derive(Debug)]
pub struct FolderDecl {
    pub path: String,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    pub build: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Long {
    path: String,
    /// Patterns as in a `.gitignore`: with any, only what matches is packed.
    #[serde(default)]
    include: Vec<String>,
    /// Patterns as in a `.gitignore` of what is left out.
    #[serde(default)]
    exclude: Vec<String>,
    #[schemars(skip)]
    build: Option<String>,
}

impl<'de> Deserialize<'de> for FolderDecl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FolderDecl, D::Error> {
        deserializer.deserialize_any(FolderVisitor)
    }
}

struct FolderVisitor;

impl<'de> Visitor<'de> for FolderVisitor {
    type Value = FolderDecl;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a folder, or a table with `path`, `include` and `exclude`")
    }

    fn visit_str<E>(self, path: &str) -> Result<FolderDecl, E> {
        Ok(FolderDecl {
            path: path.to_owned(),
            include: Vec::new(),
            exclude: Vec::new(),
            build: None,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FolderDecl, A::Error> {
        let Long {
            path,
            include,
            exclude,
            build,
        } = Long::deserialize(MapAccessDeserializer::new(map))?;
        Ok(FolderDecl {
            path,
            include,
            exclude,
            build,
        })
    }
}

impl JsonSchema for FolderDecl {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CodeFolder".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let long = Long::json_schema(generator);
        schemars::json_schema!({ "oneOf": [{ "type": "string" }, long] })
    }
}

/// The code that a block asks for, and its listing where slp packs or reads it.
pub fn lower(decl: &super::decl::Decl, ctx: &Ctx) -> Option<Code> {
    let given: Vec<&str> = [
        ("code", decl.code.is_some()),
        ("zip", decl.zip.is_some()),
        ("s3", decl.s3.is_some()),
        ("image", decl.image.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, given)| given.then_some(name))
    .collect();
    if given.len() != 1 {
        let problem = match given.last() {
            Some(last) => Problem::at(
                &[last],
                format!("more than one code: `{}`", given.join("`, `")),
            ),
            None => Problem::at(&[], "this function has no code"),
        };
        ctx.problem(problem.help(
            "write one of `code = \"folder\"`, `zip = \"x.zip\"`, `s3 = {…}` or `image = \"uri\"`",
        ));
        return None;
    }
    if let Some(object) = &decl.s3 {
        return Some(Code {
            s3: Some(object.clone()),
            ..Code::default()
        });
    }
    if let Some(image) = &decl.image {
        return Some(Code {
            image: Some(ctx.text(&["image"], image)),
            ..Code::default()
        });
    }
    let (key, listed) = match (&decl.code, &decl.zip) {
        (Some(folder), _) => ("code", of_folder(folder, ctx)?),
        (_, Some(zip)) => (
            "zip",
            ctx.shelf
                .zip(&ctx.scope.root.join(ctx.plain(&["zip"], zip))),
        ),
        _ => return None,
    };
    let listing = listed.map_err(|errors| report(key, errors, ctx)).ok()?;
    handler::check(decl, &listing, ctx);
    Some(Code {
        package: Some(listing.digest.clone()),
        through_s3: through_s3(key, &listing, ctx),
        ..Code::default()
    })
}

type Listed = Result<std::sync::Arc<Listing>, Vec<PackageError>>;

fn of_folder(folder: &FolderDecl, ctx: &Ctx) -> Option<Listed> {
    if folder.build.is_some() {
        ctx.problem(
            Problem::at(
                &["code", "build"],
                "`build` is not supported by this version of slp",
            )
            .help("build before `slp plan`, and let `path` name the result"),
        );
        return None;
    }
    Some(ctx.shelf.folder(&Folder {
        root: ctx.scope.root.join(ctx.plain(&["code"], &folder.path)),
        include: folder.include.clone(),
        exclude: folder.exclude.clone(),
        ..Folder::default()
    }))
}

fn report(key: &str, errors: Vec<PackageError>, ctx: &Ctx) {
    for error in errors {
        ctx.problem(Problem::at(&[key], error));
    }
}

/// Over 50 MB a zip goes through S3. Only a package that could be that large is packed to see.
fn through_s3(key: &str, listing: &Listing, ctx: &Ctx) -> bool {
    if listing.unpacked() <= crate::package::MAX_DIRECT as u64 {
        return false;
    }
    match ctx.shelf.packed(&listing.digest) {
        Some(Ok(packed)) if !packed.fits_direct() => {
            if ctx.scope.artifacts.is_none() {
                let size = packed.bytes.len() / 1_048_576;
                let message = format!("the zip has {size} MB; AWS takes 50 MB directly");
                ctx.problem(
                    Problem::at(&[key], message)
                        .help("write `artifacts = \"s3://bucket/prefix\"` in [project]"),
                );
            }
            true
        }
        Some(Err(error)) => {
            report(key, vec![error], ctx);
            false
        }
        _ => false,
    }
}
