'use strict';

exports.handler = async (event, context) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    tier: process.env.TIER,
    maxItems: Number(process.env.MAX_ITEMS),
    memory: Number(context.memoryLimitInMB),
  }),
});
