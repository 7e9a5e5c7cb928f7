/** No feature gate is silently ignored: gates read by kube-apiserver are read here, or declared to have no effect. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../infra/build/bundle-options.ts';
import { completeOptions } from '../../../shared/server/options/completed-options.ts';
import type { FeatureGate } from '../../../shared/server/options/feature-gates.ts';
import { optionWarnings } from '../../../shared/server/options/validate-options.ts';

const OPTIONS = join(root, 'shared/server/options');
const json = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

const gates = json<Record<string, FeatureGate>>(join(OPTIONS, 'feature-gates.json'));
const withoutEffect = json<Record<string, string>>(join(OPTIONS, 'gates-without-effect.json'));
const read = json<string[]>(join(root, 'test/facts/read-gates.json'));

/** Files that contain gate names because they are lists of gates, or types and their descriptions. */
const LISTS = /(?:gates?(?:-history|-without-effect)?|types|field-history)\.(?:json|ts)$/;

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(?:ts|json)$/.test(entry.name) && !LISTS.test(entry.name)) yield path;
  }
}

test('every gate that kube-apiserver reads is read, or declared to have no effect', () => {
  const paths = [...sources(join(root, 'shared'))];
  const wordsOf = (ext: string) =>
    paths
      .filter((path) => path.endsWith(ext))
      .flatMap((path) => readFileSync(path, 'utf8').match(/\b[A-Z]\w{4,}\b/g) ?? []);
  const code = new Set(wordsOf('.ts'));
  const words = new Set([...code, ...wordsOf('.json')]);
  const settable = read.filter((gate) => gates[gate]?.locked !== true);
  const known = (gate: string) => words.has(gate);
  expect(settable.filter((gate) => !known(gate) && withoutEffect[gate] === undefined)).toEqual([]);
  expect(Object.keys(withoutEffect).filter((gate) => code.has(gate) || !(gate in gates))).toEqual([]);
});

test('gates read here exist: a removed one would be off forever', () => {
  const ASKED = /(?:featureEnabled\(\s*(?:options,\s*)?|\ballows\(|\bunlessGate\(|\bgate: )'(\w+)'/g;
  const asked = [...sources(join(root, 'shared'))]
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [...readFileSync(path, 'utf8').matchAll(ASKED)].map(([, gate]) => gate!));
  expect(asked.length).toBeGreaterThan(50);
  expect([...new Set(asked)].filter((gate) => !Object.hasOwn(gates, gate)).sort()).toEqual([]);
});

test('setting a gate without effect is reported', () => {
  const featureGates = new Map([
    ['EtcdRangeStream', 'false'],
    ['WatchList', 'false'],
  ]);
  expect(optionWarnings(completeOptions({ featureGates }))).toEqual([
    'feature gate EtcdRangeStream is without effect here: the store is not etcd',
  ]);
});
