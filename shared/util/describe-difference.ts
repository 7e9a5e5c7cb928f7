/** The differences between two JSON-like values, a line per path: ` .spec.nodeName: "a" -> "b"`. */

import { stringifyJSON } from './exact-json.ts';
export function describeDifference(before: unknown, after: unknown): string {
  return differences('', before, after).join('\n');
}

const shown = (value: unknown): string => (value === undefined ? 'unset' : stringifyJSON(value));

function isNested(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function differences(path: string, before: unknown, after: unknown): string[] {
  if (isNested(before) && isNested(after) && Array.isArray(before) === Array.isArray(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) =>
      differences(Array.isArray(before) ? `${path}[${key}]` : `${path}.${key}`, before[key], after[key]),
    );
  }
  return shown(before) === shown(after) ? [] : [`  ${path || '.'}: ${shown(before)} -> ${shown(after)}`];
}
