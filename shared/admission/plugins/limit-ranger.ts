import { specResources } from '../../apis/core/pod-requests.ts';
import { parseResourceList } from '../../apis/core/pod-resources.ts';
import type {
  Container,
  LimitRange,
  LimitRangeItem,
  PersistentVolumeClaim,
  Pod,
} from '../../apis/core/v1/types.ts';
import { newRequestEntityTooLarge, type StatusError } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { aggregateMessages } from '../../runtime/go-format.ts';
import { MAX_OBJECT_BYTES } from '../../storage/object-limit.ts';
import { breathe, inPieces, type Pieces, shouldYield } from '../../util/breathe.ts';
import type { AdmissionAttributes, AdmissionPluginFactory, PrefetchAttributes } from '../admission.ts';
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

/** Applies the namespace's default resources to containers and rejects objects that violate its limits. */
export const limitRanger: AdmissionPluginFactory = ({ resources }) => ({
  name: 'LimitRanger',
  handles: operations('CREATE', 'UPDATE'),
  judges: [PODS, { group: '', resource: 'persistentvolumeclaims' }],
  reads: (attributes) =>
    isLimitedPod(attributes) || isWhole(attributes, '', 'persistentvolumeclaims') ? [LIMIT_RANGES] : [],
  async admit(attributes) {
    if (!isLimitedPod(attributes) || isGoing(attributes)) return;
    const pod = attributes.object as Pod;
    const room = { bytes: MAX_OBJECT_BYTES };
    for (const range of await rangesOf(resources, attributes)) await setDefaults(pod, range, room);
  },
  async validate(attributes) {
    const limitedPod = isLimitedPod(attributes);
    if (!limitedPod && !isWhole(attributes, '', 'persistentvolumeclaims')) return;
    if (isGoing(attributes)) return;
    const violationsOf = limitedPod
      ? podViolations(attributes.object as Pod)
      : claimViolations(attributes.object as PersistentVolumeClaim);
    for (const range of await rangesOf(resources, attributes)) {
      const violations = await inPieces(distinct(rangeViolations(range, violationsOf)));
      if (violations.length > 0) throw forbidden(attributes, aggregateMessages(violations));
      await breathe();
    }
  },
});

/** A pod's resources change only on creation and through `resize`. */
function isLimitedPod(attributes: PrefetchAttributes): boolean {
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

/** Defaults that a container lacks. */
interface Addition {
  readonly container: Container;
  readonly sort: string;
  readonly field: 'requests' | 'limits';
  readonly defaults: Readonly<Record<string, string>>;
  readonly missing: string[];
}

/** Throws RequestEntityTooLarge before the pod exceeds `room`, from which the size of the defaults is subtracted. */
async function setDefaults(pod: Pod, { spec }: LimitRange, room: { bytes: number }): Promise<void> {
  const items = (spec.limits ?? []).filter(({ type }) => type === 'Container');
  const requests: Record<string, string> = Object.assign(
    {},
    ...items.map(({ defaultRequest }) => defaultRequest),
  );
  const limits: Record<string, string> = Object.assign({}, ...items.map((item) => item.default));
  const additions: Addition[] = [];
  for (const [containers, sort] of [
    [pod.spec.containers ?? [], 'container'],
    [pod.spec.initContainers ?? [], 'init container'],
  ] as const) {
    for (const container of containers) {
      for (const [field, defaults] of [
        ['requests', requests],
        ['limits', limits],
      ] as const) {
        const own = container.resources?.[field] ?? {};
        const missing = Object.keys(defaults).filter((name) => !Object.hasOwn(own, name));
        for (const name of missing) room.bytes -= name.length + defaults[name]!.length;
        if (room.bytes < 0) throw tooLarge();
        if (missing.length > 0) additions.push({ container, sort, field, defaults, missing });
      }
      await breathe();
    }
  }
  const additionTexts: string[] = [];
  for (const { container, sort, field, defaults, missing } of additions) {
    const own = container.resources?.[field] ?? {};
    container.resources = { ...container.resources, [field]: { ...defaults, ...own } };
    additionTexts.push(`${missing.sort().join(', ')} ${field.slice(0, -1)} for ${sort} ${container.name}`);
    await breathe();
  }
  if (additionTexts.length === 0) return;
  const text = `LimitRanger plugin set: ${additionTexts.join('; ')}`;
  pod.metadata.annotations = { ...pod.metadata.annotations, [ANNOTATION]: text };
}

const tooLarge = (): StatusError =>
  newRequestEntityTooLarge(`with its namespace's defaults the pod takes more than ${MAX_OBJECT_BYTES} bytes`);

/**
 * Maximum number of distinct violations reported, and of violations examined: similar containers produce the same text.
 */
const MAX_REPORTED = 1_000;
const MAX_FOUND = 100_000;

function* distinct(texts: Iterable<string>): Pieces<string[]> {
  const messages = new Set<string>();
  let found = 0;
  for (const text of texts) {
    messages.add(text);
    if (messages.size === MAX_REPORTED || ++found === MAX_FOUND) break;
    if (shouldYield()) yield;
  }
  return [...messages];
}

type Violations = (limit: LimitRangeItem) => Iterable<string>;

function* rangeViolations({ spec }: LimitRange, violationsOf: Violations): Generator<string> {
  for (const limit of spec.limits ?? []) yield* violationsOf(limit);
}

/** Parses the pod's amounts once for all limits. */
function podViolations({ spec }: Pod): Violations {
  const requestsAndLimits = ({ resources }: Pick<Container, 'resources'>) => ({
    requests: parseResourceList(resources?.requests),
    limits: parseResourceList(resources?.limits),
  });
  let amounts: ReturnType<typeof requestsAndLimits>[] | undefined;
  const ofContainers = () => {
    amounts ??= [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(requestsAndLimits);
    return amounts;
  };
  let sums: { requests: Amounts; limits: Amounts } | undefined;
  const ofPod = () => {
    sums ??= { requests: specResources(spec, 'requests'), limits: specResources(spec, 'limits') };
    return [sums];
  };
  return function* (limit) {
    const limited = limit.type === 'Container' ? ofContainers() : limit.type === 'Pod' ? ofPod() : [];
    for (const { requests, limits } of limited) yield* violations(limit, requests, limits);
  };
}

function* violations(limit: LimitRangeItem, requests: Amounts, limits: Amounts): Generator<string> {
  const amounts = { type: limit.type, requests, limits };
  yield* minConstraint(amounts, limit.min);
  yield* maxConstraint(amounts, limit.max);
  yield* ratioConstraint(amounts, limit.maxLimitRequestRatio);
}

function claimViolations({ spec }: PersistentVolumeClaim): Violations {
  const requests = parseResourceList(spec.resources?.requests);
  return function* (limit) {
    if (limit.type !== 'PersistentVolumeClaim') return;
    const amounts = { type: limit.type, requests, limits: new Map() };
    yield* minConstraint(amounts, limit.min);
    yield* maxRequestConstraint(amounts, limit.max);
  };
}
