/**
 * Validates the status of an eviction, whose responders act in turn
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/lifecycle/validation/validation.go).
 */

import { type FieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import type { EvictionStatus, TargetResponder } from '../v1alpha1/types.ts';
import { sortResponders } from './sort-responders.ts';
import { MAX_RESPONDERS, validateStatusResponders } from './status-responders.ts';
import { validateTargetResponder } from './target-responder.ts';

const STATUS = FieldPath.of('status');
const CONDITIONS = STATUS.child('conditions');
const TARGETS = STATUS.child('targetResponders');
const FINAL_CONDITIONS = ['TargetEvicted', 'Failed'];
const FINAL_STATES = ['Canceled', 'Completed', 'Interrupted'];

/** `now` is in milliseconds since the epoch. */
export function validateEvictionStatus(
  status: EvictionStatus,
  old: EvictionStatus,
  now: number,
): FieldError[] {
  const reverted = revertedConditions(status, old);
  const isFinal = FINAL_CONDITIONS.some(
    (type) =>
      reverted.includes(type) ||
      (status.conditions ?? []).some((one) => one.type === type && one.status === 'True'),
  );
  return [
    ...validateConditions(status.conditions, CONDITIONS),
    ...reverted.map((type) =>
      invalid(CONDITIONS, status.conditions ?? null, `${type} condition status cannot be reverted`),
    ),
    ...validateTargets(status, old, isFinal, now),
    ...validateStatusResponders(status, old.responders ?? [], now),
  ];
}

function revertedConditions({ conditions }: EvictionStatus, old: EvictionStatus): string[] {
  return (old.conditions ?? [])
    .filter(({ type, status }) => FINAL_CONDITIONS.includes(type) && status === 'True')
    .filter(({ type, reason }) => {
      const now = (conditions ?? []).find((condition) => condition.type === type);
      return now === undefined || now.status === 'False' || now.reason !== reason;
    })
    .map(({ type }) => type);
}

function validateTargets(
  status: EvictionStatus,
  old: EvictionStatus,
  isFinal: boolean,
  now: number,
): FieldError[] {
  const [targets, before] = [status.targetResponders ?? [], old.targetResponders ?? []];
  const names = new Set(targets.map(({ name }) => name));
  if (before.length > 0 && targets.length !== before.length) {
    return [invalid(TARGETS, targets, 'must preserve the same length and the same keys')];
  }
  if (before.some(({ name }) => !names.has(name))) {
    return [invalid(TARGETS, targets, 'must preserve the same keys')];
  }
  // Declared rules report duplicates and too many targets.
  if (targets.length > MAX_RESPONDERS || names.size < targets.length) return [];
  const expected = expectations(sortResponders(targets), sortResponders(before), isFinal);
  return [...expected].flatMap(([target, expectation]) =>
    validateTargetResponder(target, TARGETS.index(targets.indexOf(target)), {
      ...expectation,
      responder: (status.responders ?? []).findLast(({ name }) => name === target.name),
      isFinal,
      now,
    }),
  );
}

interface Expectation {
  /** In the expected order. */
  readonly states: readonly string[];
  readonly reason: string;
}

/** The states permitted for each responder, in the order of their turns. */
function expectations(
  targets: readonly TargetResponder[],
  before: readonly TargetResponder[],
  isFinal: boolean,
): Map<TargetResponder, Expectation> {
  const active = before.findIndex(({ state }) => state === 'Active');
  const hasMoved = active !== -1 && targets[active]!.state !== 'Active';
  const isOver = isFinal || FINAL_STATES.includes(before.at(-1)?.state ?? '');
  const finished = 'the eviction request has finished processing';
  const expectation = (index: number): Expectation => {
    if (index < active || (before.length > 0 && active === -1 && isOver)) {
      return { states: [before[index]!.state], reason: 'final state is immutable' };
    }
    if (active !== -1 && index === active) {
      if (hasMoved) return { states: FINAL_STATES, reason: 'this responder must reach a final state' };
      if (isFinal) return { states: FINAL_STATES, reason: finished };
      return { states: ['Active'], reason: 'the eviction request stays active' };
    }
    if ((index === 0 && before.length === 0) || (index === active + 1 && hasMoved)) {
      if (isFinal) return { states: ['Inactive'], reason: finished };
      return { states: ['Active'], reason: 'this responder is next in line' };
    }
    return { states: ['Inactive'], reason: 'the previously active has not finished processing' };
  };
  return new Map(targets.map((target, index) => [target, expectation(index)]));
}
