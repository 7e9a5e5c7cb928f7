/** Decodes the answer of a webhook like upstream's client: by the types of reviews, in JSON or YAML. */

import { quote } from '../../runtime/go-format.ts';
import { formatGroupVersion, type GroupVersionKind, gvkOf } from '../../runtime/group-version.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import { decodeJSON, type ParsedJSON, parseBytes } from '../../runtime/serializer/json/decode-json.ts';
import { JSONSyntaxError } from '../../runtime/serializer/json/syntax-error.ts';
import { completeKind, interpret } from '../../runtime/serializer/object-kind.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import type { AdmissionReview } from './admission-review.ts';

const VERSIONS: readonly string[] = ['v1', 'v1beta1'];
const MAX_YAML_BYTES = 16 * 1024;

/** The answer to `review`, by its own kind and version. Throws Error with Go's text. */
export async function readAnswer(
  bytes: Uint8Array,
  review: AdmissionReview,
  scheme: Pick<Scheme, 'schema'>,
): Promise<unknown> {
  const parsed = await parsedAnswer(bytes);
  const asked = gvkOf(review);
  const said = interpret(parsed.value);
  const kind = completeKind(said, { defaults: asked }, () => parsed.text);
  if (kind.group !== asked.group || kind.kind !== asked.kind || !VERSIONS.includes(kind.version)) {
    throw notRegistered(kind);
  }
  const { value } = decodeJSON(parsed.text, scheme.schema(kind));
  if (kind.version !== asked.version) throw cannotConvert(kind, asked);
  return { ...(value as object), apiVersion: formatGroupVersion(said), kind: said.kind };
}

async function parsedAnswer(bytes: Uint8Array): Promise<ParsedJSON> {
  try {
    return parseBytes(bytes);
  } catch (error) {
    if (!(error instanceof JSONSyntaxError)) throw error;
    // YAML takes far longer to parse, and no webhook is known to send it.
    if (bytes.length > MAX_YAML_BYTES) throw error;
    const { yamlToJSON } = await import('../../runtime/serializer/yaml/yaml-to-json.ts');
    const { value } = yamlToJSON(Buffer.from(bytes).toString());
    return { text: stringifyJSON(value), value };
  }
}

function notRegistered(gvk: GroupVersionKind): Error {
  const version = formatGroupVersion(gvk);
  return new Error(
    `no kind ${quote(gvk.kind)} is registered for version ${quote(version)} in scheme "pkg/runtime/scheme.go:111"`,
  );
}

function cannotConvert({ version, kind }: GroupVersionKind, to: GroupVersionKind): Error {
  return new Error(`converting (${version}.${kind}) to (${to.version}.${to.kind}): unknown conversion`);
}
