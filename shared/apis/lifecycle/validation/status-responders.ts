import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, invalid, required, shownAs } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { FIELD_IMMUTABLE } from '../../../meta/validation/object-meta.ts';
import type { EvictionStatus, ResponderStatus } from '../v1alpha1/types.ts';

const RESPONDERS = FieldPath.of('status', 'responders');
const FORM = 'lifecycle.ResponderStatus';
export const MAX_RESPONDERS = 11;
/** Tolerated clock skew in milliseconds. */
export const ALLOWED_TIME_SKEW = 30_000;
const TEN_YEARS = 10 * 365 * 24 * 60 * 60_000;
const PRESENT = 'must be set to the present time';

/** `old` are the stored responders; `now` is in milliseconds since the epoch. */
export function validateStatusResponders(
  status: EvictionStatus,
  old: readonly ResponderStatus[],
  now: number,
): FieldError[] {
  const [responders, targets] = [status.responders ?? [], status.targetResponders ?? []];
  const names = new Set(responders.map(({ name }) => name));
  if (targets.length !== responders.length) {
    const detail = 'must be the same length as status.targetResponders and contain the same keys';
    return shownAs(FORM, [invalid(RESPONDERS, status.responders, detail)]);
  }
  if (targets.some(({ name }) => !names.has(name))) {
    const detail = 'must contain the same keys as status.targetResponders';
    return shownAs(FORM, [invalid(RESPONDERS, status.responders, detail)]);
  }
  if (responders.length > MAX_RESPONDERS || names.size < responders.length) return [];
  return responders.flatMap((responder, index) => {
    const state = targets.find(({ name }) => name === responder.name)!.state;
    const before = old.find(({ name }) => name === responder.name);
    return validateResponder(responder, before, state, RESPONDERS.index(index), now);
  });
}

/** Whether Go considers the times equal. */
const isSame = (a: string | undefined, b: string | undefined): boolean =>
  a && b ? Date.parse(a) === Date.parse(b) : !a === !b;
const isNear = (time: string, now: number): boolean => Math.abs(Date.parse(time) - now) < ALLOWED_TIME_SKEW;
const isBefore = (a: string, b: string | undefined): boolean =>
  b !== undefined && Date.parse(a) < Date.parse(b);

function validateResponder(
  responder: ResponderStatus,
  before: ResponderStatus | undefined,
  state: string,
  path: FieldPath,
  now: number,
): FieldError[] {
  if (before !== undefined && state !== 'Active' && !semanticDeepEqual(responder, before)) {
    return shownAs(FORM, [invalid(path, responder, FIELD_IMMUTABLE)]);
  }
  const times = { responder, before: before ?? { name: '' }, path, now };
  return [
    ...startErrors(times, state),
    ...heartbeatErrors(times),
    ...expectationErrors(times),
    ...completionErrors(times),
  ];
}

interface Times {
  readonly responder: ResponderStatus;
  readonly before: ResponderStatus;
  readonly path: FieldPath;
  readonly now: number;
}

function startErrors({ responder: { startTime }, before, path, now }: Times, state: string): FieldError[] {
  const at = path.child('startTime');
  if (before.startTime && !isSame(before.startTime, startTime)) return [];
  if (!startTime) return state === 'Active' ? [required(at, 'is required for an active responder')] : [];
  return isSame(before.startTime, startTime) || isNear(startTime, now)
    ? []
    : [invalid(at, startTime, PRESENT)];
}

/** The error for a time without a start or before it, if any. */
function startDetail(time: string, { responder: { startTime }, path }: Times): string | undefined {
  const start = path.child('startTime').toString();
  if (!startTime) return `cannot be set before ${start} is set`;
  return isBefore(time, startTime) ? `must occur after ${start}` : undefined;
}

function heartbeatErrors(times: Times): FieldError[] {
  const { responder, before, path, now } = times;
  const { heartbeatTime } = responder;
  const at = path.child('heartbeatTime');
  if (!heartbeatTime) return before.heartbeatTime ? [required(at, 'is required once set')] : [];
  if (isSame(before.heartbeatTime, heartbeatTime)) return [];
  const cannot = startDetail(heartbeatTime, times);
  const detail =
    (responder.startTime && isBefore(heartbeatTime, before.heartbeatTime) ? 'cannot be decreased' : cannot) ??
    (isNear(heartbeatTime, now) ? undefined : PRESENT);
  return detail === undefined ? [] : [invalid(at, heartbeatTime, detail)];
}

function expectationErrors(times: Times): FieldError[] {
  const { responder, before, path, now } = times;
  const { expectedCompletionTime: time } = responder;
  if (!time || isSame(before.expectedCompletionTime, time)) return [];
  const at = Date.parse(time);
  const detail =
    startDetail(time, times) ??
    (at < now - ALLOWED_TIME_SKEW
      ? 'cannot be set to the past time'
      : at > now + TEN_YEARS
        ? 'must complete within 10 years'
        : undefined);
  return detail === undefined ? [] : [invalid(path.child('expectedCompletionTime'), time, detail)];
}

function completionErrors(times: Times): FieldError[] {
  const { responder, before, path, now } = times;
  const { completionTime: time } = responder;
  if (!time || (before.completionTime && !isSame(before.completionTime, time))) return [];
  const isNew = !isSame(before.completionTime, time);
  const detail = startDetail(time, times) ?? (isNew && !isNear(time, now) ? PRESENT : undefined);
  return detail === undefined ? [] : [invalid(path.child('completionTime'), time, detail)];
}
