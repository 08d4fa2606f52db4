'use strict';

// API Gateway sends the request as `event` and expects this shape back (proxy integration).
exports.helloworld = async () => ({
  statusCode: 200,
  headers: { 'content-type': 'text/plain' },
  body: 'Hello world',
});
