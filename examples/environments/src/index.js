'use strict';

exports.greet = async ({ pathParameters }) => ({
  statusCode: 200,
  headers: { 'content-type': 'text/plain' },
  body: `${process.env.GREETING}, ${pathParameters.name} (${process.env.STAGE})`,
});
