/**
 * Server-side apply: merges the configuration of a request into the current object by field manager
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/patch.go, `applyPatcher`).
 */

import { newBadRequest } from '../../meta/status-error.ts';
import { DecodingError, strictDecodingWarnings } from '../../runtime/serializer/decoding-error.ts';
import { parseInPieces } from '../../runtime/serializer/json/untyped-decoders.ts';
import { inPieces } from '../../util/breathe.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import { isJSONObject, type JSONObject, type JSONValue } from '../../util/json.ts';
import type { PatchMechanism } from '../handlers/patch.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import { keepHidden } from './keep-hidden.ts';
import type { RequestScope } from './request-scope.ts';
import { fieldValidationOf, type WriteOptions } from './write-options.ts';

/** Parses the configuration once. Throws BadRequest if it isn't an object in YAML. */
export async function applyConfiguration(
  context: ServingContext,
  scope: RequestScope,
  options: WriteOptions,
): Promise<PatchMechanism> {
  const { fieldManager } = scope;
  if (fieldManager === undefined) throw new Error(`${scope.kind.kind} has no field manager`);
  const { configuration, duplicates } = await readConfiguration(context);
  await context.audit.logRequestObject(() => configuration);
  const applyOptions = { manager: options.fieldManager!, force: options.force ?? false };
  let isReported = false;
  return async (current) => {
    const live = current ?? scope.convertor.newObject();
    const applied = await fieldManager.apply(live, await deepCopyInPieces(configuration), applyOptions);
    // Errors in fields take precedence over duplicates, and a retried write must not repeat the warnings.
    if (!isReported) reportDuplicates(context, options, duplicates);
    isReported = true;
    return keepHidden(scope, applied, current);
  };
}

function reportDuplicates(
  context: ServingContext,
  options: WriteOptions,
  duplicates: readonly string[],
): void {
  const validation = fieldValidationOf(options);
  if (validation === 'Ignore' || duplicates.length === 0) return;
  if (validation === 'Strict') {
    throw newBadRequest(`error strict decoding patch: error converting YAML to JSON: ${duplicates[0]}`);
  }
  for (const warning of strictDecodingWarnings(duplicates)) context.addWarning(warning);
}

interface Configuration {
  readonly configuration: JSONObject;
  /** Duplicate keys, as one error of Go's YAML parser; empty if there are none. */
  readonly duplicates: readonly string[];
}

async function readConfiguration({ request }: ServingContext): Promise<Configuration> {
  const { convertYAML } = await import('../../runtime/serializer/yaml/convert-yaml.ts');
  const { textOfYAML } = await import('../../runtime/serializer/yaml/yaml-text.ts');
  try {
    const { text, strictErrors } = await convertYAML(textOfYAML(request.body), request.convertYAML);
    const value = (await inPieces(parseInPieces(text))) as JSONValue;
    if (value !== null && !isJSONObject(value)) throw newBadRequest(notAnObject(value));
    return { configuration: value ?? {}, duplicates: strictErrors };
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    // Text that looks like JSON skips the conversion to JSON, which changes the error's prefix.
    const failure = /^\s*\{/.test(Buffer.from(request.body).toString('latin1'))
      ? 'error decoding patch: error converting YAML to JSON'
      : 'error encoding patch';
    throw newBadRequest(`${failure}: ${error.message}`);
  }
}

function notAnObject(value: unknown): string {
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${found} into Go value of type map[string]interface {}`;
}
