/** The kind that an object declares, and the one as which it is decoded. */

import { formatGroupVersion, type GroupVersionKind, parseGroupVersion } from '../group-version.ts';
import { DecodingError } from './decoding-error.ts';
import type { DecodeOptions } from './serializer.ts';

const GO_TARGET =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** The type of `value` in Go's messages. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

const parseError = (found: string, target: string): DecodingError =>
  new DecodingError(
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into ${target}`,
  );

function typeField(object: object, name: 'apiVersion' | 'kind'): string {
  const value: unknown = Object.hasOwn(object, name) ? object[name as keyof object] : undefined;
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw parseError(describe(value), `Go struct field .${name} of type string`);
}

/** Reads apiVersion and kind of a parsed body; '' if missing. Throws `DecodingError`. */
export function interpret(value: unknown): GroupVersionKind {
  if (value === null) return { group: '', version: '', kind: '' };
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw parseError(describe(value), `Go value of type ${GO_TARGET}`);
  }
  const apiVersion = typeField(value, 'apiVersion');
  const kind = typeField(value, 'kind');
  const gv = parseGroupVersion(apiVersion);
  if (gv === undefined) throw new DecodingError(`unexpected GroupVersion string: ${apiVersion}`);
  return { ...gv, kind };
}

/**
 * Completes the object's kind from `defaults`. Throws `DecodingError` if kind or version remain unknown; `unstructured`
 * objects only need the kind.
 */
export function completeKind(
  actual: GroupVersionKind,
  { defaults, unstructured = false }: Pick<DecodeOptions, 'defaults' | 'unstructured'>,
  body: () => string,
): GroupVersionKind {
  const kind = actual.kind === '' ? (defaults?.kind ?? '') : actual.kind;
  let { group, version } = actual;
  if (defaults !== undefined && version === '' && (group === '' || group === defaults.group)) {
    ({ group, version } = defaults);
  }
  const gvk = { group, version, kind };
  if (kind === '') throw new DecodingError(`Object 'Kind' is missing in '${body()}'`, gvk);
  if (version === '' && !unstructured)
    throw new DecodingError(`Object 'apiVersion' is missing in '${body()}'`, gvk);
  return gvk;
}

/** Sets the kind as which an object was decoded. */
export function setKind(
  object: { apiVersion?: string | undefined; kind?: string | undefined },
  gvk: GroupVersionKind,
): void {
  object.apiVersion = formatGroupVersion(gvk);
  object.kind = gvk.kind;
}
