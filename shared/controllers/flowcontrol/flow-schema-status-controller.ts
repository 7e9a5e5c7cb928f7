/**
 * Reports in each FlowSchema's status whether its priority level exists
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/util/flowcontrol/apf_controller.go).
 */

import type {
  FlowSchema,
  FlowSchemaCondition,
  PriorityLevelConfiguration,
} from '../../apis/flowcontrol/v1/types.ts';
import { formatTime } from '../../meta/time.ts';
import { type ResourceAccess, UnknownResourceError } from '../../rest/resource-access.ts';
import { equalJSON } from '../../util/json-equal.ts';
import { applyStatus } from '../apply-status.ts';
import type { Change, Controller } from '../controller.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
const SCHEMAS = { group: GROUP, version: 'v1', resource: 'flowschemas' };
const LEVELS = { group: GROUP, resource: 'prioritylevelconfigurations' };
const DANGLING = 'Dangling';
const MANAGER = 'api-priority-and-fairness-config-consumer-v1';
/** Schemas and levels are processed together, like upstream. */
const ALL = 'all';

type Finding = Pick<FlowSchemaCondition, 'type' | 'status' | 'reason' | 'message'>;

export class FlowSchemaStatusController implements Controller {
  readonly name = 'priority-and-fairness-config-consumer';
  readonly #resources: ResourceAccess;

  constructor(resources: ResourceAccess) {
    this.#resources = resources;
  }

  keysFor({ resource }: Change): string[] {
    return resource.group === GROUP ? [ALL] : [];
  }

  async allKeys(): Promise<string[]> {
    return [ALL];
  }

  async reconcile(): Promise<undefined> {
    const known = await this.#known();
    if (known === undefined) return;
    const levels = new Set(known.levels.map(({ metadata }) => metadata.name));
    // Concurrent writes are grouped by the store.
    await Promise.all(
      known.schemas.map(async ({ metadata, spec, status }) => {
        const level = spec.priorityLevelConfiguration.name;
        const finding = findingOf(level, levels.has(level));
        const old = status.conditions?.find(({ type }) => type === DANGLING);
        const { lastTransitionTime: _, ...applied } = old ?? {};
        if (!equalJSON(applied, finding)) await this.#write(metadata.name!, finding);
      }),
    );
  }

  /** Undefined if the API is disabled. */
  async #known() {
    try {
      const [schemas, levels] = await Promise.all([
        this.#resources.lister<FlowSchema>(SCHEMAS).snapshot(0),
        this.#resources.lister<PriorityLevelConfiguration>(LEVELS).snapshot(0),
      ]);
      return { schemas: schemas.items, levels: levels.items };
    } catch (error) {
      if (error instanceof UnknownResourceError) return undefined;
      throw error;
    }
  }

  async #write(name: string, finding: Finding): Promise<void> {
    const lastTransitionTime = formatTime(Date.now());
    const status = { conditions: [{ ...finding, lastTransitionTime }] };
    const applied = { kind: 'FlowSchema', metadata: { name }, status };
    await applyStatus(this.#resources.client, SCHEMAS, applied, MANAGER);
  }
}

function findingOf(level: string, isThere: boolean): Finding {
  const reference = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
  return isThere
    ? { type: DANGLING, status: 'False', reason: 'Found', message: `${reference} and it exists` }
    : {
        type: DANGLING,
        status: 'True',
        reason: 'NotFound',
        message: `${reference} but there is no such object`,
      };
}
