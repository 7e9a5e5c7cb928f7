import { podQOS } from '../../apis/core/pod-qos.ts';
import type { Namespace, Pod, Toleration } from '../../apis/core/v1/types.ts';
import { newNotFound } from '../../meta/status-error.ts';
import { isJSONObject } from '../../util/json.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { isPod, NAMESPACES, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import { findNamespace } from '../namespaces.ts';
import { areAllowed, mergeTolerations } from '../tolerations.ts';

const DEFAULT_ANNOTATION = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const ALLOWED_ANNOTATION = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
const MEMORY_PRESSURE: Toleration = {
  key: 'node.kubernetes.io/memory-pressure',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** Adds the namespace's tolerations to pods and rejects those it doesn't allow. */
export const podTolerationRestriction: AdmissionPluginFactory = ({
  resources,
  configuration,
  featureEnabled,
}) => {
  const configured = isJSONObject(configuration) ? configuration : {};
  const byCluster = (field: string): Toleration[] => (configured[field] as Toleration[] | undefined) ?? [];

  async function namespaceOf({ namespace }: AdmissionAttributes): Promise<Namespace> {
    const found = await findNamespace(resources, namespace);
    if (found === undefined) throw newNotFound(NAMESPACES, namespace);
    return found;
  }

  async function validate(attributes: AdmissionAttributes): Promise<void> {
    if (!isPod(attributes)) return;
    const tolerations = (attributes.object as Pod).spec.tolerations ?? [];
    if (tolerations.length === 0) return;
    const own = tolerationsOf(attributes, await namespaceOf(attributes), ALLOWED_ANNOTATION);
    if (areAllowed(tolerations, own ?? byCluster('whitelist'))) return;
    throw forbidden(
      attributes,
      `pod tolerations (possibly merged with namespace default tolerations) conflict with its ${own ? 'namespace' : 'cluster'} whitelist`,
    );
  }

  return {
    name: 'PodTolerationRestriction',
    handles: operations('CREATE', 'UPDATE'),
    async admit(attributes) {
      if (!isPod(attributes)) return;
      const pod = attributes.object as Pod;
      const own = pod.spec.tolerations ?? [];
      const defaults =
        attributes.operation === 'CREATE'
          ? (tolerationsOf(attributes, await namespaceOf(attributes), DEFAULT_ANNOTATION) ??
            byCluster('default'))
          : [];
      const pressure = podQOS(pod, { featureEnabled }) === 'BestEffort' ? [] : [MEMORY_PRESSURE];
      const more = [...defaults, ...pressure];
      if (more.length > 0) pod.spec.tolerations = mergeTolerations(own, more);
      await validate(attributes);
    },
    validate,
  };
};

/** Undefined without the annotation; an empty annotation is an empty list. */
function tolerationsOf(
  attributes: AdmissionAttributes,
  { metadata: { annotations = {} } }: Namespace,
  key: string,
): Toleration[] | undefined {
  if (!Object.hasOwn(annotations, key)) return undefined;
  if (annotations[key] === '') return [];
  try {
    const parsed: unknown = JSON.parse(annotations[key]!);
    if (!Array.isArray(parsed) || !parsed.every(isJSONObject)) throw new TypeError('expected a list');
    return parsed as Toleration[];
  } catch (error) {
    throw forbidden(attributes, `annotation ${key}: ${(error as Error).message}`);
  }
}
