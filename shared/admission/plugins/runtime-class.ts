import type { Pod } from '../../apis/core/v1/types.ts';
import type { RuntimeClass } from '../../apis/node/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { newPlainError } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { quote } from '../../runtime/go-format.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { isPod, operations, PODS } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import { mergeTolerations } from '../tolerations.ts';

/** Sets overhead and scheduling constraints of new pods from their runtime class. */
export const runtimeClass: AdmissionPluginFactory = ({ resources }) => ({
  name: 'RuntimeClass',
  handles: operations('CREATE'),
  judges: [PODS],
  async admit(attributes) {
    if (!isPod(attributes)) return;
    const { spec } = attributes.object as Pod;
    const found = await findRuntimeClass(resources, attributes);
    if (found?.overhead !== undefined) {
      if (spec.overhead !== undefined && !semanticDeepEqual(spec.overhead, found.overhead.podFixed)) {
        throw overheadMismatch(attributes);
      }
      spec.overhead = found.overhead.podFixed && { ...found.overhead.podFixed };
    }
    if (found?.scheduling !== undefined) {
      const { nodeSelector = {}, tolerations } = found.scheduling;
      for (const [key, value] of Object.entries(nodeSelector)) {
        const own = Object.hasOwn(spec.nodeSelector ?? {}, key) ? spec.nodeSelector![key] : undefined;
        if (own === undefined || own === value) continue;
        throw forbidden(
          attributes,
          `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
        );
      }
      const merged = { ...spec.nodeSelector, ...nodeSelector };
      if (Object.keys(merged).length > 0) spec.nodeSelector = merged;
      const all = mergeTolerations(spec.tolerations ?? [], tolerations ?? []);
      if (all.length > 0) spec.tolerations = all;
    }
  },
  async validate(attributes) {
    if (!isPod(attributes)) return;
    const { overhead } = (attributes.object as Pod).spec;
    const expected = (await findRuntimeClass(resources, attributes))?.overhead;
    if (expected !== undefined) {
      if (!semanticDeepEqual(overhead, expected.podFixed)) throw overheadMismatch(attributes);
    } else if (overhead !== undefined) {
      throw forbidden(
        attributes,
        'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
      );
    }
  },
});

async function findRuntimeClass(
  resources: ResourceAccess,
  attributes: AdmissionAttributes,
): Promise<RuntimeClass | undefined> {
  const name = (attributes.object as Pod).spec.runtimeClassName;
  if (name === undefined) return undefined;
  if (name === '') throw newPlainError('resource name may not be empty');
  const lister = resources.lister<RuntimeClass>({ group: 'node.k8s.io', resource: 'runtimeclasses' });
  const found = (await lister.get('', name)) ?? (await lister.get('', name, 0));
  if (found === undefined) {
    throw forbidden(attributes, `pod rejected: RuntimeClass ${quote(name)} not found`);
  }
  return found;
}

function overheadMismatch(attributes: AdmissionAttributes): Error {
  return forbidden(attributes, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
}
