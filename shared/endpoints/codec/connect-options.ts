/**
 * Options of a connect subresource, as passed to admission
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/get.go, getRequestOptions).
 */

import { newBadRequest } from '../../meta/status-error.ts';
import { booleanParameter, integerParameter } from '../../request/query-parameters.ts';
import { quote } from '../../runtime/go-format.ts';
import type { StructSchema, TypeSchema } from '../../runtime/type-schema.ts';

/** Throws BadRequest with the error text of Go's strconv. */
function port(text: string): number {
  const why = !/^\d+$/.test(text)
    ? 'invalid syntax'
    : Number(text) > 65_535
      ? 'value out of range'
      : undefined;
  if (why === undefined) return Number(text);
  throw newBadRequest(`cannot convert to []int32: strconv.ParseUint: parsing ${quote(text)}: ${why}`);
}

function readOption(query: URLSearchParams, name: string, schema: TypeSchema): unknown {
  if (schema.kind === 'list') {
    const texts = query.getAll(name);
    const numbers = schema.element.kind === 'scalar' && schema.element.type === 'int32';
    return numbers ? texts.flatMap((text) => text.split(',').map(port)) : texts;
  }
  if (schema.kind !== 'scalar' || schema.type === 'string') return query.get(name);
  return schema.type === 'boolean' ? booleanParameter(query, name) : integerParameter(query, name);
}

/** The fields of `schema` that the query sets. Fields marked `omitempty` are left out when they are empty. */
export function connectOptions(query: URLSearchParams, schema: StructSchema): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const { name, schema: type, omitempty } of schema.fields.values()) {
    if (name === 'kind' || name === 'apiVersion') continue;
    const value = query.has(name) ? readOption(query, name, type) : undefined;
    const isEmpty = value === undefined || value === '' || value === false || value === 0;
    if (!isEmpty) options[name] = value;
    else if (!omitempty) options[name] = type.kind === 'list' ? null : value;
  }
  return options;
}

/**
 * A copy of the query with the proxied path as its `path` option. `parts` are the path segments after the subresource.
 */
export function withPath(query: URLSearchParams, parts: readonly string[], path: string): URLSearchParams {
  const joined = parts.length > 0 ? `/${parts.join('/')}` : '';
  const more = new URLSearchParams(query);
  more.set('path', path.endsWith('/') && !joined.endsWith('/') ? `${joined}/` : joined);
  return more;
}
