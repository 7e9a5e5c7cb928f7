import { headerOf } from '../../request/api-request.ts';
import { checkJSONBudget } from '../../runtime/serializer/body-budget.ts';
import type { Filter } from '../routing/handler.ts';

/** Media types whose decoders enforce the limit themselves. */
const OTHERS = /^application\/(?:cbor|vnd\.kubernetes\.protobuf)/i;
const OPEN_OBJECT = 0x7b;
const OPEN_LIST = 0x5b;

/** Rejects JSON bodies, for any endpoint, that contain more values than any storable object. */
export const withBodyBudget: Filter = (context, next) => {
  const { headers, body } = context.request;
  const first = body[0];
  const isJSON = first === OPEN_OBJECT || first === OPEN_LIST || !isYAML(headerOf(headers, 'content-type'));
  if (isJSON && !OTHERS.test(headerOf(headers, 'content-type') ?? '')) checkJSONBudget(body);
  return next(context);
};

function isYAML(contentType = ''): boolean {
  return /^application\/[^;]*yaml/i.test(contentType);
}
