//! What other tools call what an alias has.

use crate::elsewhere::Here::{Key, Way};
use crate::elsewhere::{Words, words};

pub const WORDS: Words = words! {
    "functionversion" => Key("version"),
    "routingconfig" => Key("weights"),
    "additionalversionweights" => Key("weights"),
    "name" => Way("the header says it: [function.X.alias.NAME]"),
    "functionname" => Way("the header says it: [function.X.alias.NAME]"),
    "provisionedconcurrency" => Way("it is not supported by this version of slp"),
    "provisionedconcurrentexecutions" => Way("it is not supported by this version of slp"),
};
