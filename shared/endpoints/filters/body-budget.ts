import { headerOf } from '../../request/api-request.ts';
import { checkJSONBudget } from '../../runtime/serializer/body-budget.ts';
import type { Filter } from '../routing/handler.ts';

/** Media types whose decoders count for themselves. */
const OTHERS = /^application\/(?:cbor|vnd\.kubernetes\.protobuf)/i;
const OPEN_OBJECT = 0x7b;
const OPEN_LIST = 0x5b;

/** Refuses bodies of JSON, whichever endpoint they are for, that hold more than any object that can be stored. */
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
