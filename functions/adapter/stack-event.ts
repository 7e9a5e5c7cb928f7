/** What CloudFormation asks of a custom resource, and how it is told. */

import { createHash } from 'node:crypto';
import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { isJSONObject } from '../../shared/util/json.ts';

export function isStackEvent(event: unknown): event is CloudFormationCustomResourceEvent {
  return isJSONObject(event) && typeof event['RequestType'] === 'string' && 'ResponseURL' in event;
}

/** Longest reason that CloudFormation shows. */
const MAX_REASON = 1_000;

/**
 * Makes what the stack's resource stands for and tells CloudFormation how that went. A deletion leaves it, as it
 * leaves the table. Rejects when CloudFormation can't be told. The resource's attribute `Configuration` is another text
 * when its properties are others: a version of a function that has it is published anew.
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
    await tell(event.ResponseURL, { ...ids, Status: 'SUCCESS', Data });
  } catch (error) {
    const Reason = (error instanceof Error ? error.message : String(error)).slice(0, MAX_REASON);
    await tell(event.ResponseURL, { ...ids, Status: 'FAILED', Reason });
  }
}

/** Whatever order the properties come in. */
function digest(properties: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

async function tell(url: string, answer: CloudFormationCustomResourceResponse): Promise<void> {
  const body = JSON.stringify(answer);
  const { ok, status } = await fetch(url, { method: 'PUT', body, headers: { 'content-type': '' } });
  if (!ok) throw new Error(`CloudFormation's address for answers says ${status}`);
}
