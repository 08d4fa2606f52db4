'use strict';

// One function for the whole API. `resource` is the route as the manifest writes it.
exports.handler = async ({ httpMethod, resource, pathParameters }) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json', 'access-control-allow-origin': '*' },
  body: JSON.stringify({ route: `${httpMethod} ${resource}`, parameters: pathParameters ?? {} }),
});
