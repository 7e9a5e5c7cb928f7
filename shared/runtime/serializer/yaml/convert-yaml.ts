/** YAML made JSON away from who asks: parsing it takes far longer than parsing the JSON that it stands for. */

import { stringifyJSON } from '../../../util/exact-json.ts';
import { readJSONSubset } from './json-subset.ts';
import { yamlToJSON } from './yaml-to-json.ts';

export interface ConvertedText {
  /** JSON. */
  readonly text: string;
  /** As `ConvertedYAML`'s. */
  readonly strictErrors: readonly string[];
}

/** Rejects with `DecodingError` or `BodyBudgetError`. */
export type ConvertYAML = (yaml: string) => Promise<ConvertedText>;

/** Characters up to which YAML, or JSON in its place, is read at once. */
const SMALL_YAML = 16 * 1024;
const SMALL_JSON = 256 * 1024;

/** Reads what is small here, and the rest by `aside`, where there is such a place. Rejects as `ConvertYAML` does. */
export async function convertYAML(yaml: string, aside: ConvertYAML | undefined): Promise<ConvertedText> {
  if (aside === undefined || yaml.length < SMALL_YAML) return convertYAMLHere(yaml);
  const json = yaml.length < SMALL_JSON ? readJSONSubset(yaml) : undefined;
  return json === undefined ? aside(yaml) : { text: stringifyJSON(json), strictErrors: [] };
}

/** Throws as `ConvertYAML` rejects. */
export function convertYAMLHere(yaml: string): ConvertedText {
  const { value, strictErrors } = yamlToJSON(yaml);
  return { text: stringifyJSON(value), strictErrors };
}
