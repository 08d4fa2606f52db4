"""Which AWS operation an HTTP request is, and whether it changes anything.

Query services (IAM, STS) name the operation in the body, JSON services (Logs) in a header.
REST services (Lambda, API Gateway, S3) do not name it: there the method and path decide.
"""
import re
from functools import lru_cache

# `*` is one segment of a path. Lambda's paths start with the date of the API's version,
# which is left out here: an operation is the same under each.
LAMBDA = """
GET /functions ListFunctions
POST /functions CreateFunction
GET /functions/* GetFunction
DELETE /functions/* DeleteFunction
PUT /functions/*/code UpdateFunctionCode
GET /functions/*/configuration GetFunctionConfiguration
PUT /functions/*/configuration UpdateFunctionConfiguration
POST /functions/*/invocations Invoke
GET /functions/*/versions ListVersionsByFunction
POST /functions/*/versions PublishVersion
GET /functions/*/aliases ListAliases
POST /functions/*/aliases CreateAlias
GET /functions/*/aliases/* GetAlias
PUT /functions/*/aliases/* UpdateAlias
DELETE /functions/*/aliases/* DeleteAlias
GET /functions/*/policy GetPolicy
POST /functions/*/policy AddPermission
DELETE /functions/*/policy/* RemovePermission
GET /functions/*/concurrency GetFunctionConcurrency
PUT /functions/*/concurrency PutFunctionConcurrency
DELETE /functions/*/concurrency DeleteFunctionConcurrency
GET /functions/*/provisioned-concurrency GetProvisionedConcurrencyConfig
PUT /functions/*/provisioned-concurrency PutProvisionedConcurrencyConfig
DELETE /functions/*/provisioned-concurrency DeleteProvisionedConcurrencyConfig
GET /functions/*/event-invoke-config GetFunctionEventInvokeConfig
PUT /functions/*/event-invoke-config PutFunctionEventInvokeConfig
POST /functions/*/event-invoke-config UpdateFunctionEventInvokeConfig
DELETE /functions/*/event-invoke-config DeleteFunctionEventInvokeConfig
GET /functions/*/event-invoke-config/list ListFunctionEventInvokeConfigs
GET /functions/*/url GetFunctionUrlConfig
POST /functions/*/url CreateFunctionUrlConfig
PUT /functions/*/url UpdateFunctionUrlConfig
DELETE /functions/*/url DeleteFunctionUrlConfig
GET /functions/*/urls ListFunctionUrlConfigs
GET /functions/*/code-signing-config GetFunctionCodeSigningConfig
PUT /functions/*/code-signing-config PutFunctionCodeSigningConfig
DELETE /functions/*/code-signing-config DeleteFunctionCodeSigningConfig
GET /functions/*/runtime-management-config GetRuntimeManagementConfig
PUT /functions/*/runtime-management-config PutRuntimeManagementConfig
GET /functions/*/recursion-config GetFunctionRecursionConfig
PUT /functions/*/recursion-config PutFunctionRecursionConfig
GET /event-source-mappings ListEventSourceMappings
POST /event-source-mappings CreateEventSourceMapping
GET /event-source-mappings/* GetEventSourceMapping
PUT /event-source-mappings/* UpdateEventSourceMapping
DELETE /event-source-mappings/* DeleteEventSourceMapping
GET /layers ListLayers
GET /layers/*/versions ListLayerVersions
POST /layers/*/versions PublishLayerVersion
GET /layers/*/versions/* GetLayerVersion
DELETE /layers/*/versions/* DeleteLayerVersion
GET /account-settings GetAccountSettings
GET /tags/* ListTags
POST /tags/* TagResource
DELETE /tags/* UntagResource
"""
API_GATEWAY = """
GET /account GetAccount
PATCH /account UpdateAccount
GET /tags/* GetTags
PUT /tags/* TagResource
DELETE /tags/* UntagResource
PUT /restapis/* PutRestApi
PUT /restapis/*/gatewayresponses/* PutGatewayResponse
GET /restapis/*/stages/*/exports/* GetExport
POST /restapis/*/resources/* CreateResource
PUT /restapis/*/resources/*/methods/* PutMethod
PUT /restapis/*/resources/*/methods/*/responses/* PutMethodResponse
PUT /restapis/*/resources/*/methods/*/integration PutIntegration
GET /restapis/*/resources/*/methods/*/integration GetIntegration
PATCH /restapis/*/resources/*/methods/*/integration UpdateIntegration
DELETE /restapis/*/resources/*/methods/*/integration DeleteIntegration
PUT /restapis/*/resources/*/methods/*/integration/responses/* PutIntegrationResponse
DELETE /restapis/*/stages/*/cache/data FlushStageCache
"""
# Most of API Gateway is regular: GET and POST on a collection, GET, PATCH and DELETE on a
# member. Path, name of one, name of many.
COLLECTIONS = """
/restapis RestApi RestApis
/restapis/*/resources Resource Resources
/restapis/*/deployments Deployment Deployments
/restapis/*/stages Stage Stages
/restapis/*/authorizers Authorizer Authorizers
/restapis/*/models Model Models
/restapis/*/requestvalidators RequestValidator RequestValidators
/restapis/*/gatewayresponses GatewayResponse GatewayResponses
/restapis/*/resources/*/methods Method Methods
/restapis/*/resources/*/methods/*/responses MethodResponse MethodResponses
/restapis/*/resources/*/methods/*/integration/responses IntegrationResponse IntegrationResponses
/apikeys ApiKey ApiKeys
/usageplans UsagePlan UsagePlans
/usageplans/*/keys UsagePlanKey UsagePlanKeys
/domainnames DomainName DomainNames
/domainnames/*/basepathmappings BasePathMapping BasePathMappings
/vpclinks VpcLink VpcLinks
/clientcertificates ClientCertificate ClientCertificates
"""


def table():
    """{(method, number of segments): [(segments, operation)]}"""
    rows = {}

    def add(method, path, operation):
        segments = path.strip("/").split("/")
        rows.setdefault((method, len(segments)), []).append((segments, operation))

    for line in LAMBDA.strip().split("\n"):
        method, path, operation = line.split()
        add(method, "/lambda" + path, operation)  # stands where the path has the date
    for line in API_GATEWAY.strip().split("\n"):
        add(*line.split())
    for line in COLLECTIONS.strip().split("\n"):
        path, one, many = line.split()
        add("GET", path, "Get" + many)
        add("POST", path, "Create" + one)
        for method, verb in (("GET", "Get"), ("PATCH", "Update"), ("DELETE", "Delete")):
            add(method, path + "/*", verb + one)
    return rows


TABLE = table()
DATED = re.compile(r"/20\d\d-\d\d-\d\d/")
ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
TARGET = re.compile(rb"\r\nx-amz-target:[^\r\n]*?(\w+)[ \t]*\r\n", re.I)
S3 = {
    "GET": ("ListBuckets", "ListObjectsV2", "GetObject"),
    "HEAD": ("HeadBucket", "HeadBucket", "HeadObject"),
    "PUT": ("CreateBucket", "CreateBucket", "PutObject"),
    "POST": ("PostBucket", "PostBucket", "CreateMultipartUpload"),
    "DELETE": ("DeleteBucket", "DeleteBucket", "DeleteObject"),
}
READS = ("Get", "List", "Describe", "Head", "Filter", "BatchGet", "Simulate", "Invoke")


def operation(method, path, head, body):
    """The operation's name as AWS writes it; "METHOD /path" where no rule knows it."""
    target = TARGET.search(head)
    if target:
        return target.group(1).decode()
    bare = path.partition("?")[0]
    if method == "POST" and bare == "/":
        action = ACTION.search(body[:8192]) or ACTION.search(body)
        if action:
            return action.group(1).decode()
    return rest(method, bare, b"/s3/aws4_request" in head)


@lru_cache(maxsize=65536)  # the same few paths come again and again
def rest(method, path, s3):
    segments = [s for s in path.split("/") if s]
    if s3:
        return S3.get(method, (method,) * 3)[min(len(segments), 2)]
    if DATED.match(path):
        segments[0] = "lambda"
    for pattern, name in TABLE.get((method, len(segments)), ()):
        if all(p == "*" or p == s for p, s in zip(pattern, segments)):
            return name
    return f"{method} {path}"


def changes(name):
    """Whether a call may leave AWS different. Invoking is left to the function's own doing."""
    return not name.startswith(READS)
