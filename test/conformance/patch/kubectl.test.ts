/** Compares with kubectl, which merges patches itself in local mode: the result must be the same object. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyMergePatch } from '../../../shared/meta/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../../shared/meta/patch/strategic-merge-patch.ts';
import type { StructSchema } from '../../../shared/runtime/type-schema.ts';
import { StrategicPatchGenerator } from '../../fixtures/generate-strategic-patch.ts';
import { definitions, tables } from '../../fixtures/kind-schemas.ts';
import { kubectlPath } from '../../fixtures/kubectl.ts';
import { Random } from '../../fixtures/random.ts';

const KINDS = [
  'v1/Pod',
  'v1/Service',
  'v1/Node',
  'v1/ServiceAccount',
  'apps/v1/Deployment',
  'apps/v1/StatefulSet',
  'batch/v1/CronJob',
  'networking.k8s.io/v1/Ingress',
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration',
];
/** A field of Pods since 1.37; kubectl 1.36 has no merge keys below it. */
const UNKNOWN = 'nodeAllocatableResourceClaimStatuses';
type Status = Partial<Record<typeof UNKNOWN, unknown>>;
/** Attempts at a result of kubectl that is not deterministic. */
const KUBECTL_RUNS = 8;
/** Number of objects that one call of kubectl applies a patch to. */
const OBJECTS_PER_PATCH = 60;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zeroplane-patch-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function kubectlPatch(objects: readonly object[], patch: object, type: 'strategic' | 'merge'): unknown[] {
  const objectFile = join(folder, 'objects.json');
  const patchFile = join(folder, 'patch.json');
  writeFileSync(objectFile, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  writeFileSync(patchFile, JSON.stringify(patch));
  const output = execFileSync(
    kubectlPath(),
    [
      'patch',
      '--local',
      '-f',
      objectFile,
      '--type',
      type,
      '--patch-file',
      patchFile,
      '-o',
      'jsonpath={@}{"\\n"}',
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** Objects with the same merge keys and different values: each patch meets objects that it fits and others. */
function objectsFor(kind: string, seed: number) {
  const schema = tables.schema(definitions.get(kind)!) as StructSchema;
  const generator = new StrategicPatchGenerator(new Random(seed));
  const apiVersion = kind.slice(0, kind.lastIndexOf('/'));
  const objects = Array.from({ length: OBJECTS_PER_PATCH }, (_, index) => {
    const object = generator.object(schema);
    const metadata = { ...(object['metadata'] as object | undefined), name: `object-${index}` };
    return { ...object, apiVersion, kind: kind.slice(kind.lastIndexOf('/') + 1), metadata };
  });
  const patch = generator.patch(schema, objects[0]!);
  for (const object of [...objects, patch] as { status?: Status }[]) delete object.status?.[UNKNOWN];
  return { schema, objects, patch };
}

describe.each(KINDS)('%s', (kind) => {
  test.each([1, 2, 3, 4, 5, 6])('strategic merge patch, seed %i', async (seed) => {
    const { schema, objects, patch } = objectsFor(kind, seed);
    const bytes = Buffer.from(JSON.stringify(patch));
    const patched = objects.map((object) => applyStrategicMergePatch(structuredClone(object), bytes, schema));
    const merged = (await Promise.all(patched)).map(({ value }) => value);
    // kubectl iterates over Go maps in random order, which affects the result of some patches.
    for (let left = KUBECTL_RUNS; left > 1; left--) {
      if (isDeepStrictEqual(merged, kubectlPatch(objects, patch, 'strategic'))) return;
    }
    expect(merged).toEqual(kubectlPatch(objects, patch, 'strategic'));
  });

  test('merge patch', async () => {
    const { objects, patch } = objectsFor(kind, 7);
    const bytes = Buffer.from(JSON.stringify(patch));
    const patched = objects.map((object) => applyMergePatch(structuredClone(object), bytes));
    const merged = (await Promise.all(patched)).map(({ value }) => value);
    expect(merged).toEqual(kubectlPatch(objects, patch, 'merge'));
  });
});
