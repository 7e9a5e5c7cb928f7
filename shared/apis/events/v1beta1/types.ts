// Generated from types.json by `npm run generate`. Do not edit.

import type { EventSource, ObjectReference } from '../../core/v1/types.ts';
import type { ListMeta, ObjectMeta } from '../../../meta/v1/types.ts';

export interface Event {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  eventTime?: string | undefined;
  series?: EventSeries | undefined;
  reportingController?: string | undefined;
  reportingInstance?: string | undefined;
  action?: string | undefined;
  reason?: string | undefined;
  regarding: ObjectReference;
  related?: ObjectReference | undefined;
  note?: string | undefined;
  type?: string | undefined;
  deprecatedSource: EventSource;
  deprecatedFirstTimestamp?: string | undefined;
  deprecatedLastTimestamp?: string | undefined;
  deprecatedCount?: number | undefined;
}

export interface EventList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: Event[] | null | undefined;
}

export interface EventSeries {
  count: number;
  lastObservedTime?: string | undefined;
}
