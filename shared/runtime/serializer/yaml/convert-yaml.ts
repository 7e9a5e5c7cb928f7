/**
 * Converts YAML to JSON, off the event loop if possible: parsing YAML takes far longer than parsing the equivalent
 * JSON.
 */

import { stringifyJSON } from '../../../util/exact-json.ts';
import { readJSONSubset } from './json-subset.ts';
import { yamlToJSON } from './yaml-to-json.ts';

export interface ConvertedText {
  /** JSON. */
  readonly text: string;
  /** Same as `ConvertedYAML.strictErrors`. */
  readonly strictErrors: readonly string[];
}

/** Rejects with `DecodingError` or `BodyBudgetError`. */
export type ConvertYAML = (yaml: string) => Promise<ConvertedText>;

/** Maximum number of characters of YAML, or of JSON sent as YAML, converted synchronously. */
const SMALL_YAML = 16 * 1024;
const SMALL_JSON = 256 * 1024;

/** Converts small texts here and others with `aside`, if given. Rejects like `ConvertYAML`. */
export async function convertYAML(yaml: string, aside: ConvertYAML | undefined): Promise<ConvertedText> {
  if (aside === undefined || yaml.length < SMALL_YAML) return convertYAMLHere(yaml);
  const json = yaml.length < SMALL_JSON ? readJSONSubset(yaml) : undefined;
  return json === undefined ? aside(yaml) : { text: stringifyJSON(json), strictErrors: [] };
}

/** Throws the errors with which `ConvertYAML` rejects. */
export function convertYAMLHere(yaml: string): ConvertedText {
  const { value, strictErrors } = yamlToJSON(yaml);
  return { text: stringifyJSON(value), strictErrors };
}
