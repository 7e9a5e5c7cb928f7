import type { Pod } from '../../apis/core/v1/types.ts';
import type { PriorityClass } from '../../apis/scheduling/v1/types.ts';
import type { CompositePodGroup } from '../../apis/scheduling/v1alpha3/types.ts';
import type { PodGroup } from '../../apis/scheduling/v1beta1/types.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { isPod, isWhole, operations, PODS } from '../attributes.ts';
import { forbidden } from '../errors.ts';

const PRIORITY_CLASSES: GroupResource = { group: 'scheduling.k8s.io', resource: 'priorityclasses' };

type Resolved = Pick<PriorityClass, 'value' | 'preemptionPolicy'>;

/** Used without a default class. */
const NO_DEFAULT: Resolved = { value: 0, preemptionPolicy: 'PreemptLowerPriority' };

/** Sets the priority of new pods from their priority class, and ensures that there is only one default class. */
/** Pod groups that have a priority. */
const POD_GROUPS = [
  { resource: 'podgroups', gate: 'GenericWorkload', what: 'pod group' },
  { resource: 'compositepodgroups', gate: 'CompositePodGroup', what: 'composite pod group' },
] as const;

export const priority: AdmissionPluginFactory = ({ resources, featureEnabled }) => {
  async function defaultClass(): Promise<PriorityClass | undefined> {
    const { items } = await resources.lister<PriorityClass>(PRIORITY_CLASSES).snapshot();
    // Two defaults may have been created concurrently; the lower one is safer.
    const defaults = items.filter(({ globalDefault }) => globalDefault === true);
    return defaults.toSorted((a, b) => a.value - b.value)[0];
  }

  /** Resolves the priority class. Sets the name of the default class if none is given. */
  async function resolve(
    attributes: AdmissionAttributes,
    spec: { priorityClassName?: string | undefined },
  ): Promise<Resolved> {
    const name = spec.priorityClassName ?? '';
    if (name === '') {
      const found = await defaultClass();
      if (found !== undefined) spec.priorityClassName = found.metadata.name;
      return found ?? NO_DEFAULT;
    }
    const lister = resources.lister<PriorityClass>(PRIORITY_CLASSES);
    const found = (await lister.get('', name)) ?? (await lister.get('', name, 0));
    if (found === undefined) throw forbidden(attributes, `no PriorityClass with name ${name} was found`);
    return found;
  }

  /** `what` is the term for messages. */
  async function admitPodGroup(attributes: AdmissionAttributes, what: string): Promise<void> {
    const { spec } = attributes.object as PodGroup | CompositePodGroup;
    const { value, preemptionPolicy } = await resolve(attributes, spec);
    if (spec.priority !== undefined && spec.priority !== value) {
      throw forbidden(
        attributes,
        `priority set in the ${what} (${spec.priority}) must match the priority computed (${value}) based on the priority class set in the spec`,
      );
    }
    spec.priority = value;
    if (preemptionPolicy === undefined || !featureEnabled('PodGroupPreemptionPolicy')) return;
    if (spec.preemptionPolicy && spec.preemptionPolicy !== preemptionPolicy) {
      throw forbidden(
        attributes,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in ${what} spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
      );
    }
    spec.preemptionPolicy = preemptionPolicy as NonNullable<typeof spec.preemptionPolicy>;
  }

  return {
    name: 'Priority',
    handles: operations('CREATE', 'UPDATE', 'DELETE'),
    judges: [
      PODS,
      PRIORITY_CLASSES,
      ...POD_GROUPS.map(({ resource }) => ({ group: PRIORITY_CLASSES.group, resource })),
    ],
    reads: (attributes) => (isPod(attributes) && attributes.operation === 'CREATE' ? [PRIORITY_CLASSES] : []),
    async admit(attributes) {
      if (attributes.operation === 'CREATE') {
        for (const { resource, gate, what } of POD_GROUPS) {
          if (!isWhole(attributes, PRIORITY_CLASSES.group, resource) || !featureEnabled(gate)) continue;
          await admitPodGroup(attributes, what);
        }
      }
      if (!isPod(attributes) || attributes.operation === 'DELETE') return;
      const pod = attributes.object as Pod;
      if (attributes.operation === 'UPDATE') {
        // Clients that don't know the field must not appear to change it.
        const old = (attributes.oldObject as Pod).spec;
        for (const field of ['priority', 'preemptionPolicy'] as const) {
          if (pod.spec[field] === undefined && old[field] !== undefined) {
            Object.assign(pod.spec, { [field]: old[field] });
          }
        }
        return;
      }
      const { value, preemptionPolicy } = await resolve(attributes, pod.spec);
      if (pod.spec.priority !== undefined && pod.spec.priority !== value) {
        throw forbidden(
          attributes,
          `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
        );
      }
      pod.spec.priority = value;
      if (preemptionPolicy === undefined) return;
      if (pod.spec.preemptionPolicy !== undefined && pod.spec.preemptionPolicy !== preemptionPolicy) {
        throw forbidden(
          attributes,
          `the string value of PreemptionPolicy (${pod.spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
        );
      }
      pod.spec.preemptionPolicy = preemptionPolicy;
    },
    async validate(attributes) {
      if (!isWhole(attributes, PRIORITY_CLASSES.group, PRIORITY_CLASSES.resource)) return;
      if (attributes.operation === 'DELETE') return;
      const { globalDefault, metadata } = attributes.object as PriorityClass;
      if (globalDefault !== true) return;
      const current = await defaultClass();
      if (current === undefined) return;
      if (attributes.operation === 'UPDATE' && current.metadata.name === metadata.name) return;
      throw forbidden(
        attributes,
        `PriorityClass ${current.metadata.name} is already marked as default. Only one default can exist`,
      );
    },
  };
};
