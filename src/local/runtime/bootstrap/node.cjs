'use strict';
// What a function meets on AWS's Node.js runtime, made anew: the handler is found and called, the
// console writes, and errors read as there. It speaks HTTP over one socket by itself, since
// loading `http` would cost each cold start.

const fs = require('node:fs');
const Module = require('node:module');
const net = require('node:net');
const path = require('node:path');
const util = require('node:util');
const { pathToFileURL } = require('node:url');

const env = process.env;
// The declared runtime decides what handlers may do, not the Node.js that is at hand.
const declared = Number(/nodejs(\d+)/.exec(env.AWS_EXECUTION_ENV ?? '')?.[1] ?? 0);
const callbacks = declared < 24;

// ---- where it runs

const task = env.LAMBDA_TASK_ROOT;
const opt = env.LAMBDA_OPT_ROOT;
const within = (folder, file) => file === folder || file.startsWith(`${folder}/`);
const ours = (file) => [task, opt, env.TMPDIR].some((folder) => folder && within(folder, file));

// Node.js also looks where the developer's packages may be: in every folder above, and beside
// itself. On AWS nothing is there.
const { _resolveLookupPaths: lookup, _resolveFilename: resolve } = Module;
Module._resolveLookupPaths = function (request, parent) {
  const paths = lookup.call(this, request, parent);
  return request[0] === '.' ? paths : paths && paths.filter(ours);
};
// Code may name itself and its layers as AWS does.
Module._resolveFilename = function (request, ...rest) {
  return resolve.call(this, here(request), ...rest);
};

function here(file) {
  if (within('/var/task', file)) return task + file.slice('/var/task'.length);
  if (opt && within('/opt', file)) return opt + file.slice('/opt'.length);
  return file;
}

/** A text with this machine's folders named as on AWS. */
function there(text) {
  const named = text.replaceAll(task, '/var/task');
  return opt ? named.replaceAll(opt, '/opt') : named;
}

// ---- the log

const FRAME = Buffer.from([0xa5, 0x5a, 0x00, 0x03]);
let requestId;

/** Writes one event, which may have several lines, in a frame. */
function event(text) {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(8);
  FRAME.copy(head);
  head.writeUInt32BE(bytes.length, 4);
  let rest = Buffer.concat([head, bytes]);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(fs.writeSync(1, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      // The reader is behind: let it catch up.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

// Node.js makes these streams when they are first asked for, which takes its time; those that
// were made may hold back what the pipe had no room for.
const streams = [];
for (const name of ['stdout', 'stderr']) {
  const { get } = Object.getOwnPropertyDescriptor(process, name);
  let stream;
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get() {
      if (!stream) streams.push(stream = get.call(process));
      return stream;
    },
  });
}

async function written() {
  for (const stream of streams) {
    if (stream.writableLength > 0) await new Promise((resolve) => stream.write('', resolve));
  }
}

const json = env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const least = LEVELS.indexOf(env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());

function logger(level) {
  if (LEVELS.indexOf(level) < least) return () => {};
  return (...values) => {
    const time = new Date().toISOString();
    event(json ? `${line(time, level, values)}\n` : `${time}\t${requestId}\t${level}\t${util.format(...values)}\n`);
  };
}

/** A line of a log in JSON. */
function line(timestamp, level, values) {
  const fields = { timestamp, level, requestId };
  if (values.length === 1) {
    try {
      return JSON.stringify({ ...fields, message: values[0] }, (_, value) => shown(value, 'stackTrace'));
    } catch {
      return JSON.stringify({ ...fields, message: util.format(values[0]) });
    }
  }
  const error = values.find((value) => value instanceof Error);
  return JSON.stringify({ ...fields, message: util.format(...values), ...(error && described(error, 'stackTrace')) });
}

/** An error's fields; only its trace has another name in each format. */
function described(error, trace) {
  const { message: errorMessage, code, stack } = error;
  const errorType = trace === 'stack' ? error.name : (error.constructor?.name ?? 'UnknownError');
  const known = trace === 'stack' ? { errorType, errorMessage, code } : { errorType, errorMessage };
  return typeof stack === 'string' ? { ...known, [trace]: there(stack).split('\n') } : known;
}

function shown(value, trace) {
  if (!(value instanceof Error)) return value;
  const { [trace]: stack, ...known } = described(value, trace);
  return trace === 'stack' ? { ...known, ...value, stack } : { ...known, stackTrace: stack, ...value };
}

console.trace = logger('TRACE');
console.debug = logger('DEBUG');
console.log = console.info = logger('INFO');
console.warn = logger('WARN');
console.error = logger('ERROR');
console.fatal = logger('FATAL');

function logError(title, error) {
  const whole = error instanceof Error ? error : new Error(error);
  if (json) return console.error(whole);
  let text;
  try {
    text = JSON.stringify(whole, (_, value) => shown(value, 'stack'));
  } catch {
    text = JSON.stringify(answered(whole));
  }
  console.error(title, `\t${there(text)}`);
}

/** An error as the caller gets it. */
function answered(error) {
  if (util.types.isNativeError(error) || (error?.name && error?.message && error?.stack)) {
    const { name, message, stack } = error;
    const trace = there(String(stack)).split('\n');
    return { errorType: name, errorMessage: there(String(message)), trace };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function failure(kind, message) {
  const error = new Error(message);
  error.name = `Runtime.${kind}`;
  return error;
}

// ---- the Runtime API

const host = env.AWS_LAMBDA_RUNTIME_API;
const base = '/2018-06-01/runtime/';
const common = ` HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: slp-node/${process.versions.node}\r\n`;
const socket = net.connect({ host: '127.0.0.1', port: Number(host.split(':')[1]), noDelay: true });
let received = Buffer.alloc(0);
let waiting;

socket.on('data', (chunk) => {
  received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return;
  const headers = {};
  for (const line of received.toString('utf8', 0, end).split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const from = end + 4;
  const to = from + Number(headers['content-length'] ?? 0);
  if (received.length < to) return;
  const body = received.toString('utf8', from, to);
  received = received.subarray(to);
  const answer = waiting;
  waiting = undefined;
  answer({ headers, body });
});
/** Without the cloud there is nothing to do. The watcher ends this process, and finds by it what it started. */
function leave() {
  setTimeout(() => process.exit(1), 2000);
}
socket.on('error', leave);
socket.on('close', leave);

function call(request) {
  return new Promise((resolve) => {
    waiting = resolve;
    socket.ref();
    socket.write(request);
  });
}

function post(where, body) {
  const length = Buffer.byteLength(body);
  return call(`POST ${base}${where}${common}Content-Length: ${length}\r\n\r\n${body}`);
}

// ---- the handler

function isModule(folder) {
  for (;;) {
    if (folder.endsWith('/node_modules')) return false;
    const file = path.join(folder, 'package.json');
    if (fs.existsSync(file)) {
      try {
        return JSON.parse(fs.readFileSync(file, 'utf8'))?.type === 'module';
      } catch (error) {
        console.warn(`${file} cannot be read, it will be ignored for ES module detection purposes.`, error);
        return false;
      }
    }
    const up = path.dirname(folder);
    if (up === folder) return false;
    folder = up;
  }
}

async function load(root, folder, name) {
  const file = path.resolve(root, folder, name);
  const module = isModule(path.dirname(file));
  const ways = [['', false], ['.js', module], ['.mjs', true], ['.cjs', false]];
  if (declared >= 24) ways.push(['.ts', module], ['.mts', true], ['.cts', false]);
  for (const [end, imported] of ways) {
    const found = file + end;
    if (!fs.statSync(found, { throwIfNoEntry: false })?.isFile()) continue;
    return imported ? await import(pathToFileURL(found).href) : require(found);
  }
  return require(require.resolve(name, { paths: [root, path.resolve(root, folder)] }));
}

/** The trace of code that cannot be read, with its place, which Node.js leaves out of a module's. */
function located(error, file) {
  if (error.stack.includes(task)) return error.stack;
  const ends = ['', '.js', '.mjs'].map((end) => file + end);
  const first = ends.find((found) => fs.statSync(found, { throwIfNoEntry: false })?.isFile());
  const files = [first].filter(Boolean);
  const { spawnSync } = require('node:child_process');
  // Each file is read alone, and what it imports after it.
  for (const one of files) {
    const text = fs.readFileSync(one, 'utf8');
    const check = (options, input) => {
      const how = { encoding: 'utf8', env: {}, timeout: 2000, input };
      const { status, stderr } = spawnSync(process.execPath, [...options, '--check', input ? '-' : one], how);
      const place = stderr?.split('\n\n')[0].replace('[stdin]', one) ?? '';
      return status === 1 && place.includes(one) ? `${place}\n\n${error.stack}` : undefined;
    };
    // A file that is a module by what it holds is read as one.
    const found = check([]) ?? (/^\s*(?:import|export)\b/m.test(text) ? check(['--input-type=module'], text) : undefined);
    if (found) return found;
    for (const [, name] of text.matchAll(/\b(?:from|import)[\s(]*['"](\.[^'"\n]+\.[cm]?js)['"]/g)) {
      const next = path.resolve(path.dirname(one), name);
      if (!files.includes(next) && fs.existsSync(next) && files.length < 20) files.push(next);
    }
  }
  return error.stack;
}

async function handler(root, whole) {
  if (whole.includes('..')) {
    throw failure(
      'MalformedHandlerName',
      `'${whole}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const base = path.basename(whole);
  const match = /^([^.]*)\.(.*)$/.exec(base);
  if (!match) throw failure('MalformedHandlerName', 'Bad handler');
  let module;
  try {
    module = await load(root, whole.slice(0, whole.indexOf(base)), match[1]);
  } catch (error) {
    const kind =
      error instanceof SyntaxError ? 'UserCodeSyntaxError'
      : error?.code === 'MODULE_NOT_FOUND' ? 'ImportModuleError'
      : undefined;
    if (!kind) throw error;
    const told = failure(kind, String(error));
    if (kind === 'UserCodeSyntaxError') told.stack = located(error, path.resolve(root, whole.slice(0, whole.indexOf(base)), match[1]));
    throw told;
  }
  const found = match[2].split('.').reduce((nested, key) => nested?.[key], module);
  if (!found) throw failure('HandlerNotFound', `${whole} is undefined or not exported`);
  if (typeof found !== 'function') throw failure('HandlerNotFound', `${whole} is not a function`);
  if (!callbacks && found.length >= 3) {
    throw failure(
      'CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
    );
  }
  return found;
}

// ---- an invocation

/** Ends the invocation that is under way with a result or an error; only the first time counts. */
let finish;

function context(headers, wait) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const client = headers['lambda-runtime-client-context'];
  const older = !callbacks ? {} : {
    get callbackWaitsForEmptyEventLoop() { return wait.forEmptyLoop; },
    set callbackWaitsForEmptyEventLoop(value) { wait.forEmptyLoop = value; },
    succeed: (result) => finish(undefined, result),
    fail: (error) => finish(error ?? 'handled'),
    done: (error, result) => finish(error, result),
  };
  // Not spread into a new object: the accessor must stay one.
  return Object.assign(older, {
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: client ? JSON.parse(client) : undefined,
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    tenantId: undefined,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  });
}

/** Calls the handler; resolves when its answer is there. */
function run(handle, headers, body) {
  return new Promise((resolve) => {
    const wait = { forEmptyLoop: true, then: undefined };
    let over = false;
    finish = (error, result) => {
      if (over) return;
      over = true;
      resolve(error === undefined || error === null ? { result } : { error });
    };
    // A loop that runs empty ends the invocation (see `beforeExit`), so the socket must not hold it.
    finish.atEmptyLoop = () => {
      if (wait.then) wait.then();
      else if (handle.constructor.name === 'AsyncFunction' || !callbacks) finish(exited());
      else finish(undefined, null);
    };
    socket.unref();
    let called = false;
    const callback = (error, result) => {
      if (called) return;
      called = true;
      const failed = error !== undefined && error !== null;
      if (failed || !wait.forEmptyLoop) finish(error, result);
      else wait.then = () => finish(undefined, result);
    };
    try {
      const made = context(headers, wait);
      const value = callbacks
        ? handle(JSON.parse(body), made, callback)
        : handle(JSON.parse(body), made);
      if (typeof value?.then === 'function') {
        value.then((result) => finish(undefined, result), (error) => finish(error ?? 'handled'));
      } else if (!callbacks) {
        finish(undefined, value);
      }
    } catch (error) {
      finish(error ?? 'handled');
    }
  });
}

function exited() {
  return failure(
    'NodeJsExit',
    'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
  );
}

async function answer(id, { result, error }) {
  await written();
  if (error === undefined) {
    let text;
    try {
      text = JSON.stringify(result === undefined ? null : result);
      // A function or a symbol has no JSON.
      if (text === undefined) text = 'null';
    } catch {
      error = callbacks
        ? new Error('Unable to stringify response body')
        : failure('JSONStringifyError', 'Unable to stringify response body');
    }
    if (text !== undefined) return post(`invocation/${id}/response`, text);
  }
  logError('Invoke Error', error);
  return post(`invocation/${id}/error`, JSON.stringify(answered(error)));
}

async function fatal(title, error, code) {
  logError(title, error);
  // Between two invocations there is nobody to tell.
  if (waiting) process.exit(code);
  const where = requestId === undefined ? 'init/error' : `invocation/${requestId}/error`;
  await post(where, JSON.stringify(answered(error)));
  process.exit(code);
}

process.on('uncaughtException', (error) => fatal('Uncaught Exception', error, 129));
process.on('unhandledRejection', (reason) => {
  const error = failure('UnhandledPromiseRejection', String(reason));
  error.reason = reason;
  fatal('Unhandled Promise Rejection', error, 128);
});
process.on('beforeExit', () => finish?.atEmptyLoop());

globalThis.awslambda = {
  streamifyResponse() {
    throw failure('NotEmulated', 'awslambda.streamifyResponse is not emulated by the embedded cloud of slp');
  },
};

(async () => {
  let handle;
  try {
    handle = await handler(task, env._HANDLER);
  } catch (error) {
    return fatal('Uncaught Exception', error, 1);
  }
  for (;;) {
    const { headers, body } = await call(`GET ${base}invocation/next${common}\r\n`);
    requestId = headers['lambda-runtime-aws-request-id'];
    if (requestId === undefined) return leave();
    env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
    const ended = await run(handle, headers, body);
    finish = undefined;
    await answer(requestId, ended);
  }
})();
