//! What other tools call what a permission has.

use crate::elsewhere::Here::{Key, Way};
use crate::elsewhere::{Words, words};

pub const WORDS: Words = words! {
    "statementid" => Way("the header says it: [function.X.permission.NAME]"),
    "sid" => Way("the header says it: [function.X.permission.NAME]"),
    "functionname" => Way("the header says it: [function.X.permission.NAME]"),
    "name" => Way("the header says it: [function.X.permission.NAME]"),
    "service" => Key("principal"),
    "source" => Key("source_arn"),
    "principalorgid" => Key("org_id"),
    "qualifier" => Key("alias"),
    "sourcearn" => Key("source_arn"),
};
