/** Reads `--allow-metric-labels-manifest`, whose members are those of `--allow-metric-labels`. */

import { parseYAML } from '../../util/parse-yaml.ts';
import { labelKeysError } from './metrics-rules.ts';

/** Throws Error for content that isn't a mapping of texts, or whose keys aren't `family,label`. */
export function parseMetricLabelsManifest(text: string): ReadonlyMap<string, string> {
  const parsed = parseYAML(text, { version: '1.1', schema: 'failsafe' }) ?? {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw new Error('failed to parse allow list manifest: it is not a mapping');
  }
  const labels = new Map(Object.entries(parsed).map(([key, values]) => [key, textOf(key, values)]));
  const error = labelKeysError(labels);
  if (error !== undefined) throw new Error(`invalid allow list mapping in manifest: ${error}`);
  return labels;
}

function textOf(key: string, values: unknown): string {
  if (typeof values === 'string') return values;
  throw new Error(`failed to parse allow list manifest: the value of ${JSON.stringify(key)} is not a string`);
}
