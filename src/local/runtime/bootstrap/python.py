# What a function meets on AWS's Python runtime, made anew: the handler is found and called, logging
# is set up, and errors read as there. It speaks HTTP over one socket by itself, since importing
# http.client would cost each cold start.

import importlib
import json
import logging
import os
import site
import socket
import sys
import time
import traceback

FRAME = b"\xa5\x5a\x00\x03"


class Fault(Exception):
    """What the runtime itself finds wrong."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind = "Runtime." + kind
        self.message = message
        self.trace = trace or []


TASK = os.environ["LAMBDA_TASK_ROOT"]
OPT = os.environ.get("LAMBDA_OPT_ROOT")


def there(text):
    """A text with this machine's folders named as on AWS."""
    text = text.replace(TASK, "/var/task")
    return text.replace(OPT, "/opt") if OPT else text


# ---- the log


def event(text):
    """Writes one event, which may have several lines, in a frame."""
    sys.stdout.flush()
    body = text.encode("utf-8", "replace")
    rest = FRAME + len(body).to_bytes(4, "big") + body
    while rest:
        rest = rest[os.write(1, rest) :]


class Handler(logging.Handler):
    request_id = ""

    def emit(self, record):
        record.aws_request_id = Handler.request_id
        event(self.format(record))


JSON = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
DATE = "%Y-%m-%dT%H:%M:%SZ"
# What every record has, and no line says by itself.
RECORD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "aws_request_id", "taskName"}


class JsonFormatter(logging.Formatter):
    def format(self, record):
        line = {
            "timestamp": self.formatTime(record, DATE),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0]:
            kind, error, trace = record.exc_info
            line["stackTrace"] = [there(entry) for entry in traceback.format_tb(trace)]
            line["errorType"] = kind.__name__
            line["errorMessage"] = str(error)
        line["requestId"] = record.aws_request_id
        if record.exc_info:
            path = there(record.pathname)
            line["location"] = "%s:%s:%d" % (path, record.funcName, record.lineno)
        for name, value in vars(record).items():
            if name not in RECORD and name not in line:
                line[name] = value
        present = {name: value for name, value in line.items() if value is not None}
        return json.dumps(present, ensure_ascii=False, default=str) + "\n"


def set_up_logging():
    logging.Formatter.converter = time.gmtime
    handler = Handler()
    line = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
    text = logging.Formatter(line, "%Y-%m-%dT%H:%M:%S")
    handler.setFormatter(JsonFormatter() if JSON else text)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    level = logging.getLevelName({"TRACE": "DEBUG"}.get(level, level))
    if isinstance(level, int):
        logging.getLogger().setLevel(level)
    logging.getLogger().addHandler(handler)


def log_error(error):
    if JSON:
        now = time.strftime(DATE, time.gmtime())
        line = {"timestamp": now, "log_level": "ERROR", **error}
        return event(json.dumps(line, ensure_ascii=False) + "\n")
    lines = ["[ERROR] %s: %s" % (error["errorType"], error["errorMessage"])]
    lines.append("Traceback (most recent call last):")
    for entry in error["stackTrace"]:
        for line in entry.splitlines():
            text = line.lstrip(" ")
            # Else consoles would eat the indentation.
            lines.append("\u00a0" * (len(line) - len(text)) + text)
    event("\n".join(lines))


def described(request_id):
    """The exception that is being handled, as the caller gets it."""
    kind, error, trace = sys.exc_info()
    if isinstance(error, Fault):
        name, message, stack = error.kind, error.message, error.trace
    else:
        frames = traceback.extract_tb(trace)
        while frames and frames[0].filename == __file__:
            frames = frames[1:]
        name, message, stack = kind.__name__, str(error), traceback.format_list(frames)
    return {
        "errorMessage": there(message),
        "errorType": name,
        "requestId": request_id,
        "stackTrace": [there(entry) for entry in stack],
    }


# ---- the Runtime API


def leave():
    """Without the cloud there is nothing to do. The watcher ends this process, and finds by it what it
    started."""
    time.sleep(2)
    os._exit(1)


class Api:
    def __init__(self):
        host = os.environ["AWS_LAMBDA_RUNTIME_API"]
        self.base = "/2018-06-01/runtime/"
        version = ".".join(str(part) for part in sys.version_info[:3])
        self.common = " HTTP/1.1\r\nHost: %s\r\nUser-Agent: slp-python/%s\r\n" % (host, version)
        self.socket = socket.create_connection(("127.0.0.1", int(host.split(":")[1])))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def take(self):
        chunk = self.socket.recv(65536)
        if not chunk:
            leave()
        self.received += chunk

    def call(self, request):
        self.socket.sendall(request)
        while b"\r\n\r\n" not in self.received:
            self.take()
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        headers = {}
        for line in head.decode("utf-8").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        while len(self.received) < length:
            self.take()
        body, self.received = self.received[:length], self.received[length:]
        return headers, body

    def next(self):
        return self.call(("GET " + self.base + "invocation/next" + self.common + "\r\n").encode())

    def post(self, where, body):
        head = "POST %s%s%sContent-Length: %d\r\n\r\n" % (self.base, where, self.common, len(body))
        self.call(head.encode() + body)


# ---- the context


class Fields:
    """An object of the named fields of a dictionary; those that it lacks are None."""

    names = ()

    def __init__(self, given):
        for name in self.names:
            setattr(self, name, (given or {}).get(name))


class Client(Fields):
    names = (
        "installation_id",
        "app_title",
        "app_version_name",
        "app_version_code",
        "app_package_name",
    )


class ClientContext(Fields):
    names = ("custom", "env", "client")

    def __init__(self, given):
        super().__init__(given)
        if self.client is not None:
            self.client = Client(self.client)


class CognitoIdentity(Fields):
    names = ("cognito_identity_id", "cognito_identity_pool_id")


class LambdaContext:
    def __init__(self, headers):
        environment = os.environ.get
        client = headers.get("lambda-runtime-client-context")
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = environment("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environment("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environment("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environment("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.tenant_id = None
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = CognitoIdentity({})
        self._deadline = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


# ---- the handler


def find(name):
    module, dot, function = name.rpartition(".")
    if not dot:
        message = "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name
        raise Fault("MalformedHandlerName", message)
    if module.split(".")[0] in sys.builtin_module_names:
        message = "Cannot use built-in module %s as a handler module" % module
        raise Fault("BuiltInModuleConflict", message)
    try:
        found = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        message = "Unable to import module '%s': %s" % (module, error)
        raise Fault("ImportModuleError", message) from error
    except SyntaxError as error:
        message = "Syntax error in module '%s': %s" % (module, error)
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("UserCodeSyntaxError", message, trace) from error
    if not hasattr(found, function):
        message = "Handler '%s' missing on module '%s'" % (function, module)
        raise Fault("HandlerNotFound", message)
    return getattr(found, function)


def plain(value):
    """What JSON has no word for and AWS's runtime yet takes."""
    if type(value).__name__ == "Decimal":
        whole = value == value.to_integral_value()
        return int(value) if whole and "." not in str(value) else float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def to_bytes(result):
    if isinstance(result, bytes):
        return result
    try:
        return json.dumps(result, default=plain).encode()
    except Exception as error:
        raise Fault("MarshalError", "Unable to marshal response: %s" % error) from error


def run(api, handler, headers, body):
    request_id = Handler.request_id
    where = "invocation/%s/" % request_id
    try:
        result = to_bytes(handler(json.loads(body), LambdaContext(headers)))
    except Exception:
        error = described(request_id)
        log_error(error)
        api.post(where + "error", json.dumps(error).encode())
    else:
        sys.stdout.flush()
        api.post(where + "response", result)


def let_attach(port, folder):
    """Has debugpy, which lies in `folder`, listen for a debugger; nothing beside it is found."""
    import importlib.util

    where = {"submodule_search_locations": [folder]}
    spec = importlib.util.spec_from_file_location("debugpy", folder + "/__init__.py", **where)
    debugpy = importlib.util.module_from_spec(spec)
    sys.modules["debugpy"] = debugpy
    spec.loader.exec_module(debugpy)
    debugpy.listen(("127.0.0.1", port))


def main():
    # As if this file were not there: the function's folder is the first place to look.
    sys.path[0] = TASK
    inspected = sys.argv[1:]
    del sys.argv[1:]
    # What `site` adds beside the developer's packages (it was told not to): `exit` and the like.
    for builtins in (site.setquit, site.setcopyright, site.sethelper):
        builtins()
    api = Api()
    try:
        if inspected:
            let_attach(int(inspected[0]), inspected[1])
        set_up_logging()
        handler = find(os.environ["_HANDLER"])
    except Exception:
        error = described("")
        log_error(error)
        api.post("init/error", json.dumps(error).encode())
        sys.exit(1)
    while True:
        headers, body = api.next()
        if "lambda-runtime-aws-request-id" not in headers:
            leave()
        Handler.request_id = headers["lambda-runtime-aws-request-id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("lambda-runtime-trace-id", "")
        run(api, handler, headers, body)


if __name__ == "__main__":
    main()
