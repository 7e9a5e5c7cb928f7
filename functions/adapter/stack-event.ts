/** CloudFormation custom resource requests, and responses to them. */

import { createHash } from 'node:crypto';
import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { isJSONObject } from '../../shared/util/json.ts';

export function isStackEvent(event: unknown): event is CloudFormationCustomResourceEvent {
  return isJSONObject(event) && typeof event['RequestType'] === 'string' && 'ResponseURL' in event;
}

/** Maximum length of a reason that CloudFormation shows. */
const MAX_REASON = 1_000;

/**
 * Calls `make` for a stack's resource, and reports the result to CloudFormation. A deletion does nothing, since the
 * table is kept too. Rejects if CloudFormation can't be reached. The resource's attribute `Configuration` changes with
 * its properties, so that a function version that refers to it is published anew.
 */
export async function answerStack(
  event: CloudFormationCustomResourceEvent,
  make: () => Promise<void>,
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const PhysicalResourceId = 'PhysicalResourceId' in event ? event.PhysicalResourceId : LogicalResourceId;
  const ids = { StackId, RequestId, LogicalResourceId, PhysicalResourceId };
  try {
    if (event.RequestType !== 'Delete') await make();
    const Data = { Configuration: digest(event.ResourceProperties) };
    await respond(event.ResponseURL, { ...ids, Status: 'SUCCESS', Data });
  } catch (error) {
    const Reason = (error instanceof Error ? error.message : String(error)).slice(0, MAX_REASON);
    await respond(event.ResponseURL, { ...ids, Status: 'FAILED', Reason });
  }
}

/** Independent of the order of properties. */
function digest(properties: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

async function respond(url: string, answer: CloudFormationCustomResourceResponse): Promise<void> {
  const body = JSON.stringify(answer);
  const { ok, status } = await fetch(url, { method: 'PUT', body, headers: { 'content-type': '' } });
  if (!ok) throw new Error(`CloudFormation's response URL answered ${status}`);
}
