/**
 * Conversions common to both versions
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/events/v1/conversion.go).
 */

import { compact } from '../../util/compact.ts';
import type * as core from '../core/v1/types.ts';
import type { Event } from './v1/types.ts';

export function eventToInternal(event: Event): core.Event {
  const {
    regarding,
    note,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    reportingController,
    reportingInstance,
    ...rest
  } = event;
  return compact({
    ...rest,
    involvedObject: regarding,
    message: note,
    source: deprecatedSource,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
    reportingComponent: reportingController ?? '',
    reportingInstance: reportingInstance ?? '',
  });
}

export function eventFromInternal(hub: core.Event): Event {
  const {
    involvedObject,
    message,
    source,
    firstTimestamp,
    lastTimestamp,
    count,
    reportingComponent,
    reportingInstance,
    series,
    ...rest
  } = hub;
  return compact({
    ...rest,
    series: series && { ...series, count: series.count ?? 0 },
    reportingController: reportingComponent || undefined,
    reportingInstance: reportingInstance || undefined,
    regarding: involvedObject,
    note: message,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
  });
}
