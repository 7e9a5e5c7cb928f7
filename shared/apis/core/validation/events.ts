/** Rules for events. Those of events.k8s.io/v1 are stricter than those of the core group. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, invalid, required, shownAs } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { isDNS1123Subdomain, nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import { validateObjectMeta } from '../../../meta/validation/object-meta.ts';
import type { GroupVersion } from '../../../runtime/group-version.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Event } from '../v1/types.ts';
import { invalidEach, validateKubeFinalizers, validateQualifiedName } from './helpers.ts';

const METADATA = FieldPath.of('metadata');
const MAX_LENGTH = 128;
const MAX_NOTE_LENGTH = 1024;

function isLenient({ group, version }: GroupVersion): boolean {
  return group === '' || version === 'v1beta1';
}

function validateNamespace({ metadata, involvedObject, eventTime }: Event): FieldError[] {
  const own = metadata.namespace ?? '';
  const involved = involvedObject.namespace ?? '';
  const allowed = eventTime
    ? involved !== '' || own === 'default' || own === 'kube-system'
    : involved === ''
      ? own === '' || own === 'default'
      : own === involved;
  if (allowed) return [];
  return [invalid('involvedObject.namespace', involved, 'does not match event.namespace')];
}

function limited(value: string | undefined, field: string, max: number): FieldError[] {
  if (byteLength(value ?? '') <= max) return [];
  return [invalid(field, '', `can have at most ${max} characters`)];
}

/** Events with eventTime are of the newer form, which requires the reporting controller. */
function validateNewFields(event: Event, requestVersion: GroupVersion): FieldError[] {
  const { reportingComponent = '', reportingInstance, action, reason, message } = event;
  const isCore = requestVersion.group === '' && requestVersion.version === 'v1';
  const controller = FieldPath.of(isCore ? 'reportingComponent' : 'reportingController');
  return [
    ...(reportingComponent === '' ? [required(controller, '')] : []),
    ...validateQualifiedName(reportingComponent, controller),
    ...(reportingInstance ? [] : [required('reportingInstance', '')]),
    ...limited(reportingInstance, 'reportingInstance', MAX_LENGTH),
    ...(action ? [] : [required('action', '')]),
    ...limited(action, 'action', MAX_LENGTH),
    ...(reason ? [] : [required('reason', '')]),
    ...limited(reason, 'reason', MAX_LENGTH),
    ...limited(message, 'message', MAX_NOTE_LENGTH),
  ];
}

function validateLegacy(event: Event, requestVersion: GroupVersion): FieldError[] {
  const namespace = event.metadata.namespace ?? '';
  return [
    ...validateNamespace(event),
    ...(event.eventTime ? validateNewFields(event, requestVersion) : []),
    ...invalidEach(FieldPath.of('namespace'), namespace, isDNS1123Subdomain(namespace)),
  ];
}

function validateSeries({ series }: Event): FieldError[] {
  if (!series) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [required('series.lastObservedTime', '')]),
  ];
}

/** `requestVersion` is the version of the request. */
export function validateEventCreate(event: Event, requestVersion: GroupVersion): FieldError[] {
  const errors = validateLegacy(event, requestVersion);
  if (isLenient(requestVersion)) return errors;
  appendAll(
    errors,
    validateObjectMeta(event.metadata, { namespaced: true, validateName: nameIsDNSSubdomain }, METADATA),
    validateKubeFinalizers(event.metadata, METADATA),
    validateSeries(event),
  );
  if (!event.eventTime) errors.push(required('eventTime', ''));
  const { type = '', source } = event;
  if (type !== 'Normal' && type !== 'Warning') errors.push(invalid('type', '', `has invalid value: ${type}`));
  const unset = {
    firstTimestamp: event.firstTimestamp,
    lastTimestamp: event.lastTimestamp,
    count: event.count,
    source: source?.component || source?.host,
  };
  for (const [field, value] of Object.entries(unset)) {
    if (value) errors.push(invalid(field, '', 'needs to be unset'));
  }
  return errors;
}

/** In upstream's order, with the name in the internal version if it differs. */
const IMMUTABLE: readonly (readonly [keyof Event, string?])[] = [
  ['involvedObject'],
  ['reason'],
  ['message'],
  ['source'],
  ['firstTimestamp'],
  ['lastTimestamp'],
  ['count'],
  ['reason'],
  ['type'],
  ['eventTime'],
  ['action'],
  ['related'],
  ['reportingComponent', 'reportingController'],
  ['reportingInstance'],
];

/** Missing texts are empty. */
const TEXTS: ReadonlySet<keyof Event> = new Set([
  'reason',
  'message',
  'type',
  'action',
  'reportingComponent',
  'reportingInstance',
]);

export function validateEventUpdate(event: Event, old: Event, requestVersion: GroupVersion): FieldError[] {
  const errors = validateLegacy(event, requestVersion);
  if (isLenient(requestVersion)) return errors;
  appendAll(errors, validateKubeFinalizers(event.metadata, METADATA));
  if (!semanticDeepEqual(event.series, old.series)) appendAll(errors, validateSeries(event));
  return [
    ...errors,
    ...IMMUTABLE.flatMap(([field, name = field]) => {
      const [now, before] = TEXTS.has(field)
        ? [event[field] ?? '', old[field] ?? '']
        : [event[field], old[field]];
      const errors = validateImmutableField(now, before, FieldPath.of(name));
      return field === 'source' ? shownAs('core.EventSource', errors) : errors;
    }),
  ];
}
