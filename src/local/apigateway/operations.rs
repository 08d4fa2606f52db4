//! The operations and the ways to them, as AWS's model has them.

use super::{
    account, apis, deployments, integration_responses, integrations, method_responses, methods,
    models, resources, stages, tags,
};
use crate::local::wire::Operation;

/// First what this cloud does, then what AWS does beyond it, to be refused by name.
macro_rules! operations {
    ($($name:literal $verb:literal $path:literal $status:literal $run:path;)*
     refused: $($other:literal $its_verb:literal $its_path:literal;)*) => {
        &[
            $(Operation::rest($name, $verb, $path, $status, $run),)*
            $(Operation::refused($other, $its_verb, $its_path),)*
        ]
    };
}

pub const OPERATIONS: &[Operation] = operations! {
    "CreateRestApi" "POST" "/restapis" 201 apis::create_rest_api;
    "GetRestApis" "GET" "/restapis" 200 apis::get_rest_apis;
    "GetRestApi" "GET" "/restapis/{restapi_id}" 200 apis::get_rest_api;
    "UpdateRestApi" "PATCH" "/restapis/{restapi_id}" 200 apis::update_rest_api;
    "DeleteRestApi" "DELETE" "/restapis/{restapi_id}" 202 apis::delete_rest_api;
    "GetResources" "GET" "/restapis/{restapi_id}/resources" 200 resources::get_resources;
    "GetResource" "GET" "/restapis/{restapi_id}/resources/{resource_id}" 200 resources::get_resource;
    "CreateResource" "POST" "/restapis/{restapi_id}/resources/{parent_id}" 201 resources::create_resource;
    "UpdateResource" "PATCH" "/restapis/{restapi_id}/resources/{resource_id}" 200 resources::update_resource;
    "DeleteResource" "DELETE" "/restapis/{restapi_id}/resources/{resource_id}" 202 resources::delete_resource;
    "PutMethod" "PUT" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}" 201 methods::put_method;
    "GetMethod" "GET" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}" 200 methods::get_method;
    "UpdateMethod" "PATCH" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}" 200 methods::update_method;
    "DeleteMethod" "DELETE" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}" 204 methods::delete_method;
    "PutMethodResponse" "PUT" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}" 201 method_responses::put_method_response;
    "GetMethodResponse" "GET" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}" 200 method_responses::get_method_response;
    "UpdateMethodResponse" "PATCH" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}" 201 method_responses::update_method_response;
    "DeleteMethodResponse" "DELETE" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}" 204 method_responses::delete_method_response;
    "PutIntegration" "PUT" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration" 201 integrations::put_integration;
    "GetIntegration" "GET" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration" 200 integrations::get_integration;
    "UpdateIntegration" "PATCH" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration" 200 integrations::update_integration;
    "DeleteIntegration" "DELETE" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration" 204 integrations::delete_integration;
    "PutIntegrationResponse" "PUT" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}" 201 integration_responses::put_integration_response;
    "GetIntegrationResponse" "GET" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}" 200 integration_responses::get_integration_response;
    "UpdateIntegrationResponse" "PATCH" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}" 200 integration_responses::update_integration_response;
    "DeleteIntegrationResponse" "DELETE" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}" 204 integration_responses::delete_integration_response;
    "CreateDeployment" "POST" "/restapis/{restapi_id}/deployments" 201 deployments::create_deployment;
    "GetDeployments" "GET" "/restapis/{restapi_id}/deployments" 200 deployments::get_deployments;
    "GetDeployment" "GET" "/restapis/{restapi_id}/deployments/{deployment_id}" 200 deployments::get_deployment;
    "UpdateDeployment" "PATCH" "/restapis/{restapi_id}/deployments/{deployment_id}" 200 deployments::update_deployment;
    "DeleteDeployment" "DELETE" "/restapis/{restapi_id}/deployments/{deployment_id}" 202 deployments::delete_deployment;
    "CreateStage" "POST" "/restapis/{restapi_id}/stages" 201 stages::create_stage;
    "GetStages" "GET" "/restapis/{restapi_id}/stages" 200 stages::get_stages;
    "GetStage" "GET" "/restapis/{restapi_id}/stages/{stage_name}" 200 stages::get_stage;
    "UpdateStage" "PATCH" "/restapis/{restapi_id}/stages/{stage_name}" 200 stages::update_stage;
    "DeleteStage" "DELETE" "/restapis/{restapi_id}/stages/{stage_name}" 202 stages::delete_stage;
    "CreateModel" "POST" "/restapis/{restapi_id}/models" 201 models::create_model;
    "GetModels" "GET" "/restapis/{restapi_id}/models" 200 models::get_models;
    "GetModel" "GET" "/restapis/{restapi_id}/models/{model_name}" 200 models::get_model;
    "UpdateModel" "PATCH" "/restapis/{restapi_id}/models/{model_name}" 200 models::update_model;
    "DeleteModel" "DELETE" "/restapis/{restapi_id}/models/{model_name}" 202 models::delete_model;
    "GetAccount" "GET" "/account" 200 account::get_account;
    "UpdateAccount" "PATCH" "/account" 200 account::update_account;
    "GetTags" "GET" "/tags/{resource_arn+}" 200 tags::get_tags;
    "TagResource" "PUT" "/tags/{resource_arn+}" 204 tags::tag_resource;
    "UntagResource" "DELETE" "/tags/{resource_arn+}" 204 tags::untag_resource;

    refused:
    "ImportRestApi" "POST" "/restapis?mode";
    "PutRestApi" "PUT" "/restapis/{restapi_id}";
    "GetModelTemplate" "GET" "/restapis/{restapi_id}/models/{model_name}/default_template";
    "TestInvokeMethod" "POST" "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}";
    "GetExport" "GET" "/restapis/{restapi_id}/stages/{stage_name}/exports/{export_type}";
    "GetSdk" "GET" "/restapis/{restapi_id}/stages/{stage_name}/sdks/{sdk_type}";
    "FlushStageCache" "DELETE" "/restapis/{restapi_id}/stages/{stage_name}/cache/data";
    "FlushStageAuthorizersCache" "DELETE" "/restapis/{restapi_id}/stages/{stage_name}/cache/authorizers";
    "CreateAuthorizer" "POST" "/restapis/{restapi_id}/authorizers";
    "GetAuthorizers" "GET" "/restapis/{restapi_id}/authorizers";
    "GetAuthorizer" "GET" "/restapis/{restapi_id}/authorizers/{authorizer_id}";
    "UpdateAuthorizer" "PATCH" "/restapis/{restapi_id}/authorizers/{authorizer_id}";
    "DeleteAuthorizer" "DELETE" "/restapis/{restapi_id}/authorizers/{authorizer_id}";
    "TestInvokeAuthorizer" "POST" "/restapis/{restapi_id}/authorizers/{authorizer_id}";
    "CreateRequestValidator" "POST" "/restapis/{restapi_id}/requestvalidators";
    "GetRequestValidators" "GET" "/restapis/{restapi_id}/requestvalidators";
    "GetRequestValidator" "GET" "/restapis/{restapi_id}/requestvalidators/{requestvalidator_id}";
    "UpdateRequestValidator" "PATCH" "/restapis/{restapi_id}/requestvalidators/{requestvalidator_id}";
    "DeleteRequestValidator" "DELETE" "/restapis/{restapi_id}/requestvalidators/{requestvalidator_id}";
    "GetGatewayResponses" "GET" "/restapis/{restapi_id}/gatewayresponses";
    "PutGatewayResponse" "PUT" "/restapis/{restapi_id}/gatewayresponses/{response_type}";
    "GetGatewayResponse" "GET" "/restapis/{restapi_id}/gatewayresponses/{response_type}";
    "UpdateGatewayResponse" "PATCH" "/restapis/{restapi_id}/gatewayresponses/{response_type}";
    "DeleteGatewayResponse" "DELETE" "/restapis/{restapi_id}/gatewayresponses/{response_type}";
    "CreateDocumentationPart" "POST" "/restapis/{restapi_id}/documentation/parts";
    "GetDocumentationParts" "GET" "/restapis/{restapi_id}/documentation/parts";
    "GetDocumentationPart" "GET" "/restapis/{restapi_id}/documentation/parts/{part_id}";
    "UpdateDocumentationPart" "PATCH" "/restapis/{restapi_id}/documentation/parts/{part_id}";
    "DeleteDocumentationPart" "DELETE" "/restapis/{restapi_id}/documentation/parts/{part_id}";
    "ImportDocumentationParts" "PUT" "/restapis/{restapi_id}/documentation/parts";
    "CreateDocumentationVersion" "POST" "/restapis/{restapi_id}/documentation/versions";
    "GetDocumentationVersions" "GET" "/restapis/{restapi_id}/documentation/versions";
    "GetDocumentationVersion" "GET" "/restapis/{restapi_id}/documentation/versions/{doc_version}";
    "UpdateDocumentationVersion" "PATCH" "/restapis/{restapi_id}/documentation/versions/{doc_version}";
    "DeleteDocumentationVersion" "DELETE" "/restapis/{restapi_id}/documentation/versions/{doc_version}";
    "CreateApiKey" "POST" "/apikeys";
    "GetApiKeys" "GET" "/apikeys";
    "GetApiKey" "GET" "/apikeys/{api_Key}";
    "UpdateApiKey" "PATCH" "/apikeys/{api_Key}";
    "DeleteApiKey" "DELETE" "/apikeys/{api_Key}";
    "ImportApiKeys" "POST" "/apikeys?mode";
    "CreateUsagePlan" "POST" "/usageplans";
    "GetUsagePlans" "GET" "/usageplans";
    "GetUsagePlan" "GET" "/usageplans/{usageplanId}";
    "UpdateUsagePlan" "PATCH" "/usageplans/{usageplanId}";
    "DeleteUsagePlan" "DELETE" "/usageplans/{usageplanId}";
    "CreateUsagePlanKey" "POST" "/usageplans/{usageplanId}/keys";
    "GetUsagePlanKeys" "GET" "/usageplans/{usageplanId}/keys";
    "GetUsagePlanKey" "GET" "/usageplans/{usageplanId}/keys/{keyId}";
    "DeleteUsagePlanKey" "DELETE" "/usageplans/{usageplanId}/keys/{keyId}";
    "GetUsage" "GET" "/usageplans/{usageplanId}/usage";
    "UpdateUsage" "PATCH" "/usageplans/{usageplanId}/keys/{keyId}/usage";
    "CreateDomainName" "POST" "/domainnames";
    "GetDomainNames" "GET" "/domainnames";
    "GetDomainName" "GET" "/domainnames/{domain_name}";
    "UpdateDomainName" "PATCH" "/domainnames/{domain_name}";
    "DeleteDomainName" "DELETE" "/domainnames/{domain_name}";
    "CreateBasePathMapping" "POST" "/domainnames/{domain_name}/basepathmappings";
    "GetBasePathMappings" "GET" "/domainnames/{domain_name}/basepathmappings";
    "GetBasePathMapping" "GET" "/domainnames/{domain_name}/basepathmappings/{base_path}";
    "UpdateBasePathMapping" "PATCH" "/domainnames/{domain_name}/basepathmappings/{base_path}";
    "DeleteBasePathMapping" "DELETE" "/domainnames/{domain_name}/basepathmappings/{base_path}";
    "CreateVpcLink" "POST" "/vpclinks";
    "GetVpcLinks" "GET" "/vpclinks";
    "GetVpcLink" "GET" "/vpclinks/{vpclink_id}";
    "UpdateVpcLink" "PATCH" "/vpclinks/{vpclink_id}";
    "DeleteVpcLink" "DELETE" "/vpclinks/{vpclink_id}";
    "GenerateClientCertificate" "POST" "/clientcertificates";
    "GetClientCertificates" "GET" "/clientcertificates";
    "GetClientCertificate" "GET" "/clientcertificates/{clientcertificate_id}";
    "UpdateClientCertificate" "PATCH" "/clientcertificates/{clientcertificate_id}";
    "DeleteClientCertificate" "DELETE" "/clientcertificates/{clientcertificate_id}";
};
