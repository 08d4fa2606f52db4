//! What other tools call what a stage has.

use crate::elsewhere::Here::{Key, Way};
use crate::elsewhere::{Words, words};

pub const WORDS: Words = words! {
    "stagename" => Way("the header says it: [api.X.stage.NAME]"),
    "name" => Way("the header says it: [api.X.stage.NAME]"),
    "stagevariables" => Key("variables"),
    "xraytracingenabled" => Key("tracing"),
    "tracingenabled" => Key("tracing"),
    "xray" => Key("tracing"),
    "ratelimit" => Key("rate"),
    "throttlingratelimit" => Way("write throttle = { rate = 100, burst = 50 }"),
    "burstlimit" => Key("burst"),
    "throttlingburstlimit" => Way("write throttle = { rate = 100, burst = 50 }"),
    "throttling" => Key("throttle"),
    "methodsettings" => Way("throttle = { rate = 100, burst = 50 } is for every method together"),
    "defaultroutesettings" => Way("throttle = { rate = 100, burst = 50 } is for every method together"),
    "deploymentid" => Way("leave it out: a stage serves what the manifest says, and slp makes its deployments"),
    "deployment" => Way("leave it out: a stage serves what the manifest says, and slp makes its deployments"),
    "autodeploy" => Way("leave it out: a stage serves what the manifest says, and slp makes its deployments"),
    "restapiid" => Way("the header says it: [api.X.stage.NAME]"),
    "apiid" => Way("the header says it: [api.X.stage.NAME]"),
    "routes" => Way("routes stand in the API: [api.X.routes]"),
};
