//! The calls that make, change and remove a function, and the waits between them.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Architecture, FunctionCode, PackageType, Runtime, State};

use super::status::{get, note, settled, wait};
use super::{Function, Spec, Step, config};
use crate::aws::calls::gone;
use crate::aws::cloud::Cloud;
use crate::aws::passing::Need;
use crate::aws::permission;
use crate::aws::resource::Work;
use crate::aws::retry::Nature::{Create, Put};
use crate::aws::tags;
use crate::event::Event;
use crate::package::Packed;
use crate::provider::ProviderError;
use crate::text::Text;

const NONE: &[&str] = &["ResourceNotFoundException"];
pub async fn run(
    cloud: &Cloud,
    step: Step,
    work: &mut Work<'_, Function>,
) -> Result<(), ProviderError> {
    match step {
        Step::Upload => upload(cloud, work).await,
        Step::Create => create(cloud, work).await,
        Step::Configure => configure(cloud, work).await,
        Step::Code => code(cloud, work).await,
        Step::Publish => publish(cloud, work).await,
        step => settle(cloud, step, work).await,
    }
}

async fn create(cloud: &Cloud, work: &mut Work<'_, Function>) -> Result<(), ProviderError> {
    let spec = work.wanted()?.clone();
    let code = function_code(cloud, &spec)?;
    tell_upload(code.zip_file.as_ref().map(|zip| zip.as_ref().len()), work);
    let all = tags::at_create(&spec.tags, cloud.scope(), work.addr.as_str(), work.op);
    let image = spec.code.image.is_some();
    let send = || {
        let create = cloud
            .lambda()
            .create_function()
            .function_name(&spec.name)
            .role(spec.role.to_string());
        create
            .code(code.clone())
            .package_type(PackageType::from(spec.package_type.as_str()))
            .set_runtime(spec.runtime.as_deref().map(Runtime::from))
            .set_handler(spec.handler.clone())
            .description(spec.description.to_string())
            .timeout(spec.timeout)
            .memory_size(spec.memory)
            .architectures(Architecture::from(spec.architecture.as_str()))
            .set_environment(has_environment(&spec).then(|| config::environment(&spec)))
            .tracing_config(config::tracing(&spec))
            .set_ephemeral_storage(config::storage(&spec))
            .logging_config(config::logging(&spec))
            .set_vpc_config(spec.vpc.is_some().then(|| config::vpc(&spec)))
            .set_dead_letter_config(
                spec.dead_letter
                    .is_some()
                    .then(|| config::dead_letter(&spec)),
            )
            .set_kms_key_arn(spec.kms_key.as_ref().map(Text::to_string))
            .set_layers(Some(config::layers(&spec)).filter(|layers| !layers.is_empty()))
            .set_image_config(image.then(|| config::image(&spec)))
            .set_tags(Some(all.clone().into_iter().collect()))
            .send()
    };
    let role = spec.role.to_string();
    let needs = [assumed(&role)];
    let who = work.who().needing(&needs);
    let answer = cloud.call("CreateFunction", Create, who, send).await?;
    cloud.passes_on("function", &spec.name);
    work.id = spec.name.clone();
    note(work, answer.code_sha256, answer.revision_id);
    if answer.state.is_none_or(|state| state == State::Active) {
        return Ok(());
    }
    wait(cloud, work, "the function to become active").await
}

/// Lambda must be able to assume the role.
fn assumed(arn: &str) -> Need<'_> {
    Need::Role {
        arn,
        service: "lambda.amazonaws.com",
    }
}

/// AWS shows an empty environment that was given otherwise than none, and so would a function of
/// ours differ from everybody else's.
fn has_environment(spec: &Spec) -> bool {
    !spec.environment.is_empty()
}

async fn configure(cloud: &Cloud, work: &mut Work<'_, Function>) -> Result<(), ProviderError> {
    let spec = work.wanted()?.clone();
    let before = work.before.as_ref();
    let had = |has: fn(&Spec) -> bool| has(&spec) || before.is_some_and(has);
    let environment = had(has_environment);
    let (vpc, dead_letter) = (had(|s| s.vpc.is_some()), had(|s| s.dead_letter.is_some()));
    let (kms, image) = (
        had(|s| s.kms_key.is_some()),
        had(|s| s.image_config.is_some()),
    );
    let send = || {
        let update = cloud
            .lambda()
            .update_function_configuration()
            .function_name(&spec.name);
        update
            .role(spec.role.to_string())
            .set_runtime(spec.runtime.as_deref().map(Runtime::from))
            .set_handler(spec.handler.clone())
            .description(spec.description.to_string())
            .timeout(spec.timeout)
            .memory_size(spec.memory)
            .set_environment(environment.then(|| config::environment(&spec)))
            .tracing_config(config::tracing(&spec))
            .set_ephemeral_storage(config::storage(&spec))
            .logging_config(config::logging(&spec))
            .set_layers(Some(config::layers(&spec)))
            .set_vpc_config(vpc.then(|| config::vpc(&spec)))
            .set_dead_letter_config(dead_letter.then(|| config::dead_letter(&spec)))
            .set_kms_key_arn(kms.then(|| {
                spec.kms_key
                    .as_ref()
                    .map(Text::to_string)
                    .unwrap_or_default()
            }))
            .set_image_config(image.then(|| config::image(&spec)))
            .send()
    };
    let role = spec.role.to_string();
    let needs = [assumed(&role)];
    let who = work.who().needing(&needs);
    let answer = cloud
        .call("UpdateFunctionConfiguration", Put, who, send)
        .await?;
    note(work, answer.code_sha256, answer.revision_id);
    // No published version is what $LATEST is now: were publishing to fail, the next run must know.
    work.facts.version = None;
    settled(
        cloud,
        work,
        answer.last_update_status,
        "the new configuration to take effect",
    )
    .await
}

async fn code(cloud: &Cloud, work: &mut Work<'_, Function>) -> Result<(), ProviderError> {
    let spec = work.wanted()?.clone();
    let code = function_code(cloud, &spec)?;
    tell_upload(code.zip_file.as_ref().map(|zip| zip.as_ref().len()), work);
    let send = || {
        let update = cloud
            .lambda()
            .update_function_code()
            .function_name(&spec.name);
        update
            .architectures(Architecture::from(spec.architecture.as_str()))
            .set_zip_file(code.zip_file.clone())
            .set_s3_bucket(code.s3_bucket.clone())
            .set_s3_key(code.s3_key.clone())
            .set_s3_object_version(code.s3_object_version.clone())
            .set_image_uri(code.image_uri.clone())
            .send()
    };
    let answer = cloud
        .call("UpdateFunctionCode", Put, work.who(), send)
        .await?;
    note(work, answer.code_sha256, answer.revision_id);
    // No published version is what $LATEST is now: were publishing to fail, the next run must know.
    work.facts.version = None;
    settled(
        cloud,
        work,
        answer.last_update_status,
        "the new code to take effect",
    )
    .await
}

/// AWS gives the same version again when nothing changed since the last one.
async fn publish(cloud: &Cloud, work: &mut Work<'_, Function>) -> Result<(), ProviderError> {
    let send = || {
        cloud
            .lambda()
            .publish_version()
            .function_name(&work.id)
            .send()
    };
    let answer = cloud.call("PublishVersion", Put, work.who(), send).await?;
    work.facts.version = answer.version;
    // Publishing moves the revision of $LATEST too.
    let configuration = get(cloud, &work.id, work.who()).await?;
    note(work, configuration.code_sha256, configuration.revision_id);
    Ok(())
}

async fn settle(
    cloud: &Cloud,
    step: Step,
    work: &mut Work<'_, Function>,
) -> Result<(), ProviderError> {
    let (lambda, name, who) = (cloud.lambda(), work.id.as_str(), work.who());
    let arn = cloud.scope().arn("lambda", &format!("function:{name}"));
    match step {
        Step::PutConcurrency => {
            let reserved = work.wanted()?.reserved_concurrency;
            let put = || {
                let put = lambda.put_function_concurrency().function_name(name);
                put.set_reserved_concurrent_executions(reserved).send()
            };
            cloud
                .call("PutFunctionConcurrency", Put, who, put)
                .await
                .map(drop)
        }
        Step::DropConcurrency => {
            let delete = || {
                lambda
                    .delete_function_concurrency()
                    .function_name(name)
                    .send()
            };
            gone(
                cloud
                    .call("DeleteFunctionConcurrency", Put, who, delete)
                    .await,
                NONE,
            )
        }
        Step::DropPermission(sid) => permission::remove(cloud, name, None, &sid, who).await,
        Step::Untag(keys) => {
            let untag = || {
                lambda
                    .untag_resource()
                    .resource(&arn)
                    .set_tag_keys(Some(keys.clone()))
                    .send()
            };
            cloud.call("UntagResource", Put, who, untag).await.map(drop)
        }
        Step::Tag { own } => {
            let set = tags::to_write(own, work, |spec| &spec.tags, cloud.scope())?;
            let tag = || {
                lambda
                    .tag_resource()
                    .resource(&arn)
                    .set_tags(Some(set.clone().into_iter().collect()))
                    .send()
            };
            cloud.call("TagResource", Put, who, tag).await.map(drop)
        }
        Step::Delete => {
            let delete = || lambda.delete_function().function_name(name).send();
            gone(cloud.call("DeleteFunction", Put, who, delete).await, NONE)
        }
        Step::Upload | Step::Create | Step::Configure | Step::Code | Step::Publish => Ok(()),
    }
}

fn function_code(cloud: &Cloud, spec: &Spec) -> Result<FunctionCode, ProviderError> {
    let code = FunctionCode::builder();
    if let Some(object) = &spec.code.s3 {
        let code = code.s3_bucket(&object.bucket).s3_key(&object.key);
        return Ok(code.set_s3_object_version(object.version.clone()).build());
    }
    if let Some(image) = &spec.code.image {
        return Ok(code.image_uri(image.to_string()).build());
    }
    let packed = packed(cloud, spec)?;
    match (spec.code.through_s3, artifact(cloud, &packed)) {
        (true, Some((bucket, key))) => Ok(code.s3_bucket(bucket).s3_key(key).build()),
        _ => Ok(code.zip_file(Blob::new(packed.bytes.clone())).build()),
    }
}

/// Says that a package goes out that takes its time on a usual line.
fn tell_upload(bytes: Option<usize>, work: &Work<'_, Function>) {
    const WORTH_TELLING: usize = 1 << 20;
    if let Some(bytes) = bytes.filter(|bytes| *bytes >= WORTH_TELLING) {
        let addr = work.addr.clone();
        work.events.tell(Event::Uploading { addr, bytes });
    }
}

fn packed(cloud: &Cloud, spec: &Spec) -> Result<std::sync::Arc<Packed>, ProviderError> {
    let wrong =
        |message: String| ProviderError::new("package", message).hint("run `slp plan` again");
    let digest = spec
        .code
        .package
        .as_deref()
        .ok_or_else(|| wrong("the code of this function is not known".into()))?;
    let packed = cloud
        .shelf()
        .packed(digest)
        .ok_or_else(|| wrong("its package is not at hand".into()))?;
    packed.map_err(|error| wrong(error.to_string()))
}

/// Bucket and key of a package under `artifacts`: its own digest names it.
fn artifact(cloud: &Cloud, packed: &Packed) -> Option<(String, String)> {
    let place = cloud.scope().artifacts.as_deref()?.strip_prefix("s3://")?;
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let name = packed.sha256.replace('/', "_").replace('+', "-");
    let key = format!(
        "{}/{}.zip",
        prefix.trim_end_matches('/'),
        name.trim_end_matches('=')
    );
    Some((bucket.to_owned(), key.trim_start_matches('/').to_owned()))
}

async fn upload(cloud: &Cloud, work: &Work<'_, Function>) -> Result<(), ProviderError> {
    let packed = packed(cloud, work.wanted()?)?;
    let (bucket, key) = artifact(cloud, &packed).ok_or_else(|| {
        ProviderError::new("PutObject", "`artifacts` in [project] names no bucket")
            .hint("such as \"s3://bucket/prefix\"")
    })?;
    tell_upload(Some(packed.bytes.len()), work);
    let put = || {
        cloud
            .s3()
            .put_object()
            .bucket(&bucket)
            .key(&key)
            .body(packed.bytes.clone().into())
            .send()
    };
    cloud
        .call("PutObject", Put, work.who(), put)
        .await
        .map(drop)
}
