import { specResources } from '../../apis/core/pod-requests.ts';
import { parseResourceList } from '../../apis/core/pod-resources.ts';
import type {
  Container,
  LimitRange,
  LimitRangeItem,
  PersistentVolumeClaim,
  Pod,
} from '../../apis/core/v1/types.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { aggregateMessages } from '../../runtime/go-format.ts';
import type { AdmissionAttributes, AdmissionPluginFactory, ForeseenAttributes } from '../admission.ts';
import { isKind, isPod, isWhole, operations, PODS } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import {
  type Amounts,
  maxConstraint,
  maxRequestConstraint,
  minConstraint,
  ratioConstraint,
} from '../limits.ts';

const LIMIT_RANGES = { group: '', resource: 'limitranges' };
const ANNOTATION = 'kubernetes.io/limit-ranger';

/** Gives containers the namespace's default resources; refuses what is outside its bounds. */
export const limitRanger: AdmissionPluginFactory = ({ resources }) => ({
  name: 'LimitRanger',
  handles: operations('CREATE', 'UPDATE'),
  judges: [PODS, { group: '', resource: 'persistentvolumeclaims' }],
  reads: (attributes) =>
    isLimitedPod(attributes) || isWhole(attributes, '', 'persistentvolumeclaims') ? [LIMIT_RANGES] : [],
  async admit(attributes) {
    if (!isLimitedPod(attributes) || isGoing(attributes)) return;
    const pod = attributes.object as Pod;
    for (const range of await rangesOf(resources, attributes)) setDefaults(pod, range);
  },
  async validate(attributes) {
    const limitedPod = isLimitedPod(attributes);
    if (!limitedPod && !isWhole(attributes, '', 'persistentvolumeclaims')) return;
    if (isGoing(attributes)) return;
    for (const range of await rangesOf(resources, attributes)) {
      const violations = (range.spec.limits ?? []).flatMap((limit) =>
        limitedPod
          ? [...podViolations(limit, attributes.object as Pod)]
          : [...claimViolations(limit, attributes.object as PersistentVolumeClaim)],
      );
      if (violations.length > 0) throw forbidden(attributes, aggregateMessages([...new Set(violations)]));
    }
  },
});

/** A pod's resources don't change after its creation, but by `resize`. */
function isLimitedPod(attributes: ForeseenAttributes): boolean {
  if (!isKind(attributes, { group: '', kind: 'Pod' })) return false;
  return attributes.operation === 'UPDATE' ? attributes.subresource === 'resize' : isPod(attributes);
}

function isGoing({ oldObject }: AdmissionAttributes): boolean {
  return oldObject?.metadata.deletionTimestamp !== undefined;
}

async function rangesOf(
  resources: ResourceAccess,
  { namespace }: AdmissionAttributes,
): Promise<readonly LimitRange[]> {
  return resources.lister<LimitRange>(LIMIT_RANGES).list(namespace);
}

function setDefaults(pod: Pod, { spec }: LimitRange): void {
  const items = (spec.limits ?? []).filter(({ type }) => type === 'Container');
  const requests = Object.assign({}, ...items.map(({ defaultRequest }) => defaultRequest));
  const limits = Object.assign({}, ...items.map((item) => item.default));
  const said: string[] = [];
  const complete = (container: Container, sort: string): void => {
    for (const [field, word, defaults] of [
      ['requests', 'request', requests],
      ['limits', 'limit', limits],
    ] as const) {
      const own = container.resources?.[field] ?? {};
      const missing = Object.keys(defaults).filter((name) => !Object.hasOwn(own, name));
      if (missing.length === 0) continue;
      container.resources = { ...container.resources, [field]: { ...defaults, ...own } };
      said.push(`${missing.sort().join(', ')} ${word} for ${sort} ${container.name}`);
    }
  };
  for (const container of pod.spec.containers ?? []) complete(container, 'container');
  for (const container of pod.spec.initContainers ?? []) complete(container, 'init container');
  if (said.length === 0) return;
  const text = `LimitRanger plugin set: ${said.join('; ')}`;
  pod.metadata.annotations = { ...pod.metadata.annotations, [ANNOTATION]: text };
}

function* podViolations(limit: LimitRangeItem, { spec }: Pod): Generator<string> {
  if (limit.type === 'Container') {
    for (const { resources } of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
      const [requests, limits] = [resources?.requests, resources?.limits].map(parseResourceList);
      yield* violations(limit, requests!, limits!);
    }
  } else if (limit.type === 'Pod') {
    yield* violations(limit, specResources(spec, 'requests'), specResources(spec, 'limits'));
  }
}

function* violations(limit: LimitRangeItem, requests: Amounts, limits: Amounts): Generator<string> {
  const amounts = { type: limit.type, requests, limits };
  yield* minConstraint(amounts, limit.min);
  yield* maxConstraint(amounts, limit.max);
  yield* ratioConstraint(amounts, limit.maxLimitRequestRatio);
}

function* claimViolations(limit: LimitRangeItem, { spec }: PersistentVolumeClaim): Generator<string> {
  if (limit.type !== 'PersistentVolumeClaim') return;
  const requests = parseResourceList(spec.resources?.requests);
  const amounts = { type: limit.type, requests, limits: new Map() };
  yield* minConstraint(amounts, limit.min);
  yield* maxRequestConstraint(amounts, limit.max);
}
