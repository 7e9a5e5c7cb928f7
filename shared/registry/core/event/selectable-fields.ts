import type { Event } from '../../../apis/core/v1/types.ts';
import type { SelectableFields } from '../../generic/selectable-fields.ts';

/** The source of an event is the reporting component, from whichever field has it. */
export const eventFields: SelectableFields<Event> = (event) => {
  const { metadata, involvedObject, source } = event;
  return {
    'metadata.name': metadata.name ?? '',
    'metadata.namespace': metadata.namespace ?? '',
    'involvedObject.kind': involvedObject?.kind ?? '',
    'involvedObject.namespace': involvedObject?.namespace ?? '',
    'involvedObject.name': involvedObject?.name ?? '',
    'involvedObject.uid': involvedObject?.uid ?? '',
    'involvedObject.apiVersion': involvedObject?.apiVersion ?? '',
    'involvedObject.resourceVersion': involvedObject?.resourceVersion ?? '',
    'involvedObject.fieldPath': involvedObject?.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent ?? '',
    source: source?.component || (event.reportingComponent ?? ''),
    type: event.type ?? '',
  };
};
