//! What other tools call what a policy has.

use crate::elsewhere::Here::{Key, Way};
use crate::elsewhere::{Words, words};

pub const WORDS: Words = words! {
    "policyname" => Key("name"),
    "managedpolicyname" => Key("name"),
    "policy" => Key("document"),
    "policydocument" => Key("document"),
    "statement" => Way("write [[policy.X.allow]] with `actions` and `resources`, or the whole as `document`"),
    "statements" => Way("write [[policy.X.allow]] with `actions` and `resources`, or the whole as `document`"),
    "version" => Way("it stands in `document`; with [[policy.X.allow]] leave it out"),
    "effect" => Way("the header says it: [[policy.X.allow]] or [[policy.X.deny]]"),
    "notaction" => Way("write the policy in AWS's grammar, as `document`"),
    "notresource" => Way("write the policy in AWS's grammar, as `document`"),
    "conditions" => Key("when"),
    "condition" => Key("when"),
    "roles" => Way("roles name their policies: `attach` in [role.NAME]"),
    "users" => Way("slp has roles only: attach it to users elsewhere"),
    "groups" => Way("slp has roles only: attach it to groups elsewhere"),
};
